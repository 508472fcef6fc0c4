"""What the acceptance of an offer makes: account, contract, services, deposits, one-off charges."""

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.fields import Command

from ..adapters import decimal
from ..billing_core import spread


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    bss_contract_id = fields.Many2one(
        "bss.contract", string="Contract", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    bss_changes = fields.Text(
        string="Changed Since the Offer", compute="_compute_bss_changes", help="What is no longer sold as offered."
    )

    def _compute_bss_changes(self):
        today = polish_day.today()
        for order in self:
            waiting = order.state in ("draft", "sent") and order.bss_is_telecom
            order.bss_changes = "\n".join(order._bss_what_changed(today)) if waiting else False

    def _bss_what_changed(self, day):
        """Why the offer could not be made on ``day`` any more, in words."""
        return [text for _record, text in self._bss_lapsed(day)]

    def _bss_lapsed(self, day):
        """What of the offer is not sold or granted on ``day`` any more: [(offering or promotion, words)]."""
        self.ensure_one()
        reasons = []
        for product in self.order_line.product_id.filtered("bss_is_offering"):
            if product.bss_lifecycle != "on_sale" or (product.bss_date_end and product.bss_date_end < day):
                reasons.append((product, self.env._("%(product)s is no longer on sale.", product=product.display_name)))
        for promotion in self.order_line.bss_promotion_ids.sudo():
            if promotion.state == "withdrawn" or (promotion.date_end and promotion.date_end < day):
                text = self.env._("Promotion %(promotion)s is no longer granted.", promotion=promotion.display_name)
                reasons.append((promotion.sudo(False), text))
        for promotion in self._bss_used_up_promotions():
            text = self.env._(
                "Promotion %(promotion)s was granted to as many customers as it may be.",
                promotion=promotion.display_name,
            )
            reasons.append((promotion.sudo(False), text))
        return reasons

    def _bss_used_up_promotions(self):
        """Promotions of the recurring lines of which no grant is left for this offer."""
        lines = self.order_line.filtered(lambda line: line.product_id.bss_offering_kind == "recurring")
        promotions = lines.bss_promotion_ids.sudo()
        return promotions._bss_used_up(
            {one: len(lines.filtered(lambda line, one=one: one in line.bss_promotion_ids)) for one in promotions}
        )

    # -- acceptance ---------------------------------------------------------------------------------

    def _confirmation_error_message(self):
        message = super()._confirmation_error_message()
        if message or not self.bss_is_telecom:
            return message
        return self._bss_why_not_accept(polish_day.today())

    def _bss_why_not_accept(self, day):
        """Reason against accepting the offer on ``day``; within its validity it is honoured whatever changed since."""
        self.order_line.bss_promotion_ids._bss_take_turn()
        if self.validity_date and self.validity_date < day:
            return self.env._(
                "Offer %(name)s was valid until %(day)s and cannot be accepted any more: make a new one.",
                name=self.name,
                day=fields.Date.to_string(self.validity_date),
            )
        changes = self._bss_what_changed(day)
        if changes and not self.validity_date:
            return self.env._(
                "Offer %(name)s says no day until which it is valid, and it no longer holds: %(changes)s",
                name=self.name,
                changes=" ".join(changes),
            )
        if self.currency_id != self.company_id.currency_id:
            return self.env._(
                "Offer %(name)s is in %(currency)s, but services are billed in %(billed)s: choose another price list.",
                name=self.name,
                currency=self.currency_id.name,
                billed=self.company_id.currency_id.name,
            )
        draft = self.order_line.bss_promotion_ids.sudo().filtered(lambda promotion: promotion.state == "draft")
        if draft:
            return self.env._("Promotion %(promotion)s is not on sale yet.", promotion=draft[0].display_name)
        accounts = self._bss_accounts()
        if len(accounts) > 1:
            return self.env._(
                "%(partner)s has several billing accounts: choose one on offer %(name)s.",
                partner=self.partner_id.display_name,
                name=self.name,
            )
        return False

    def _action_confirm(self):
        result = super()._action_confirm()
        for order in self.filtered("bss_is_telecom"):
            # the customer who signs on the portal may do this one thing and nothing else
            order.sudo().with_company(order.company_id)._bss_accept()
        return result

    def _should_be_locked(self):
        # what was accepted is changed on the contract
        return self.bss_is_telecom or super()._should_be_locked()

    def _bss_accept(self):
        self.ensure_one()
        if self.bss_contract_id:
            return
        changes = self._bss_what_changed(polish_day.today())
        if changes:
            self._message_log(
                body=self.env._("Accepted within its validity although: %(changes)s", changes=" ".join(changes))
            )
        self.bss_account_id = self._bss_accounts() or self._bss_new_account()
        lines = self.order_line.filtered(lambda line: line.product_id.bss_is_offering)
        services = lines.filtered(lambda line: line.product_id.bss_offering_kind == "recurring")
        if not services:
            lines._bss_charge_one_off(polish_day.today())
            return
        self.bss_contract_id = self._bss_make_contract()
        services._bss_make_services(self.bss_contract_id)
        lines._bss_make_deposits(self.bss_contract_id)
        self._bss_start_contract()

    def _bss_accounts(self):
        """The chosen account, else the active ones of the customer."""
        if self.bss_account_id:
            return self.bss_account_id
        return (
            self.env["bss.account"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", self.partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("state", "=", "active"),
                ]
            )
        )

    def _bss_new_account(self):
        return self.env["bss.account"].create({"partner_id": self.partner_id.id, "company_id": self.company_id.id})

    def _bss_make_contract(self):
        today = polish_day.today()
        signed = polish_day.day_of(self.signed_on) if self.signed_on else today
        return self.env["bss.contract"].create(
            {
                "account_id": self.bss_account_id.id,
                "company_id": self.company_id.id,
                "date_signed": signed,
                "date_start": max(self.bss_date_start or today, signed),
                "term_months": self.bss_term_months,
                "notice_months": self.bss_notice_months,
                "sale_order_id": self.id,
            }
        )

    def _bss_start_contract(self):
        """Order the activation; a telephone service without a number waits for the clerk."""
        contract = self.bss_contract_id
        missing = contract.service_ids._bss_without_number(contract.date_start)
        if not missing:
            contract.action_activate()
            return
        contract.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Give the numbers and activate the contract"),
            note=self.env._("Without a number: %(services)s", services=", ".join(missing.mapped("name"))),
            user_id=self.user_id._bss_or_admin().id,
        )

    def _action_cancel(self):
        for order in self:
            if order.bss_contract_id:
                raise UserError(
                    self.env._(
                        "Offer %(name)s was accepted: terminate contract %(contract)s instead of cancelling it.",
                        name=order.name,
                        contract=order.bss_contract_id.name,
                    )
                )
        return super()._action_cancel()

    def action_view_bss_contract(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.contract",
            "res_id": self.bss_contract_id.id,
            "view_mode": "form",
        }


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"  # pylint: disable=consider-merging-classes-inherited

    # -- services -----------------------------------------------------------------------------------

    def _bss_make_services(self, contract):
        """Services of the recurring lines; lines of one bundle become the parts of its head."""
        services = self.env["bss.service"]
        for bundle, lines in self.grouped("bss_bundle_product_id").items():
            if bundle:
                head = services.create(
                    {
                        **self[:1]._bss_place(contract),
                        "product_id": bundle.id,
                        "child_ids": [Command.create(line._bss_service_vals(contract)) for line in lines],
                    }
                )
                services |= head | head.child_ids
                continue
            for line in lines:
                service = services.create(line._bss_service_vals(contract))
                if service.product_id.bss_is_bundle:
                    line._bss_price_parts(service)
                services |= service | service.child_ids
        for service in services.filtered(
            lambda one: one.product_id == one.sale_line_id.product_id and not one.is_bundle
        ):
            service._bss_keep_exact_price(service.sale_line_id._bss_price())
        return services

    def _bss_place(self, contract):
        return {"contract_id": contract.id, "location_id": contract.sale_order_id.bss_location_id.id}

    def _bss_service_vals(self, contract):
        self.ensure_one()
        vals = self._bss_place(contract)
        if self.product_id.bss_service_type == "mobile":
            vals["location_id"] = False  # a SIM card has no place
        return {
            **vals,
            "product_id": self.product_id.id,
            "price_unit": float(self._bss_price()),
            "price_kind": self.bss_price_kind,
            "quantity": self.product_uom_qty,
            "sale_line_id": self.id,
            "promised_promotion_ids": [Command.set(self.bss_promotion_ids.ids)],
        }

    def _bss_price_parts(self, head):
        """A bundle sold on one line: its price is spread over the usual parts, its promotions go to all of them."""
        parts = head.child_ids
        currency = head.currency_id
        total = decimal(currency.round(float(self._bss_price())))
        weights = [decimal(part.price_unit) * decimal(part.quantity) for part in parts]
        if total and sum(weights):
            for part, price in zip(parts, spread(total * decimal(head.quantity), weights), strict=True):
                part.price_unit = float(price / decimal(part.quantity))
        parts.write(
            {
                "price_kind": self.bss_price_kind,
                "sale_line_id": self.id,
                "promised_promotion_ids": [Command.set(self.bss_promotion_ids.ids)],
            }
        )

    # -- money --------------------------------------------------------------------------------------

    def _bss_charge_one_off(self, day, contract=None):
        """Charge the one-off lines on ``day``; each once, whoever asks again. Devices are charged at hand-over."""
        charges = self.env["bss.charge"]
        vals_list = []
        for line in self.filtered(lambda one: one.product_id.bss_offering_kind == "one_off"):
            account = line.order_id.bss_account_id
            amount = line._bss_price_runs()[0]["price"]
            vals_list.append(
                {
                    "account_id": account.id,
                    "contract_id": contract.id if contract else False,
                    "service_id": line._bss_fee_service(contract).id if contract else False,
                    "product_id": line.product_id.id,
                    "kind": "one_off",
                    "name": line.product_id.with_context(lang=account.partner_id.lang or self.env.lang).name,
                    "date_start": day,
                    "date_end": day,
                    "identity_key": f"order:{line.id}",
                    "source_ref": line.order_id.name,
                    **charges._bss_price_vals(line.product_id, amount, line.bss_price_kind, account.company_id),
                }
            )
        return charges._bss_add(vals_list)

    def _bss_fee_service(self, contract):
        """The service whose activation fee this line is: the first line belongs to the first such service."""
        services = contract.service_ids.filtered(
            lambda service: service.product_id.bss_activation_product_id == self.product_id
        )
        twins = self.order_id.order_line.filtered(lambda line: line.product_id == self.product_id)
        position = twins.ids.index(self.id)
        return services.sorted("id")[position : position + 1]

    def _bss_make_deposits(self, contract):
        """Deposits that the offer asks for."""
        deposits = self.env["bss.deposit"]
        for line in self.filtered(lambda one: one.product_id.bss_offering_kind == "deposit"):
            amount = line._bss_price() * decimal(line.product_uom_qty)
            deposits |= deposits.create(
                {"contract_id": contract.id, "product_id": line.product_id.id, "amount": float(amount)}
            )
        deposits.action_due()
        return deposits
