from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError, ValidationError

from .. import adapters
from ..enact import enact
from ..private_context import is_without_parts
from .bss_charge_recurring import NetAmounts

WITH_NUMBER = ("mobile", "voip")


class BssService(models.Model):
    _name = "bss.service"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Service"
    _order = "contract_id, sequence, id"
    _check_company_auto = True
    _rec_names_search = ["name", "identifier_ids.value", "account_id.name"]

    name = fields.Char(compute="_compute_name", store=True, index="trigram")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    contract_id = fields.Many2one("bss.contract", required=True, index=True, check_company=True, ondelete="restrict")
    account_id = fields.Many2one(related="contract_id.account_id", store=True, index=True, string="Billing Account")
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
    product_id = fields.Many2one(
        "product.product",
        string="Offering",
        required=True,
        check_company=True,
        index=True,
        ondelete="restrict",
        domain="[('bss_is_offering', '=', True), ('bss_offering_kind', '=', 'recurring')]",
        tracking=True,
    )
    service_type = fields.Selection(related="product_id.bss_service_type", store=True, string="Service Type")
    offering_kind = fields.Selection(related="product_id.bss_offering_kind", string="Offering Kind")
    rate_plan_id = fields.Many2one(
        "bss.rate.plan",
        compute="_compute_rate_plan_id",
        store=True,
        readonly=False,
        check_company=True,
    )
    invoice_group = fields.Char(
        index="btree_not_null",
        tracking=True,
        help="Services of the same group share an invoice where the account wants one for each group, for example "
        "a cost centre of the customer.",
    )
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("active", "Active"),
            ("suspended", "Suspended"),
            ("terminated", "Terminated"),
        ],
        required=True,
        default="pending",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    is_restricted = fields.Boolean(
        string="Restricted",
        copy=False,
        readonly=True,
        help="The network serves it with restrictions, e.g. lower speed.",
    )
    date_start = fields.Date(string="Charged From", copy=False, tracking=True)
    date_end = fields.Date(string="Charged To", copy=False, tracking=True, help="Last day, included.")
    price_unit = fields.Float(
        string="Price",
        digits=(16, 6),
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        tracking=True,
        aggregator=None,
        help="Price of a unit per charging period of the offering, net or gross as the price is.",
    )
    quantity = fields.Float(default=1.0, digits=(16, 6))
    location_id = fields.Many2one("bss.location", check_company=True, index="btree_not_null")
    identifier_ids = fields.One2many("bss.service.identifier", "service_id", string="Identifiers", copy=False)
    main_identifier = fields.Char(compute="_compute_name", store=True, index="btree_not_null")
    new_identifier = fields.Char(
        string="Number or Login",
        compute="_compute_new_identifier",
        inverse="_inverse_new_identifier",
        help="Phone number of a telephone service, login of another one. It is valid from the start of the service.",
    )
    is_bundle = fields.Boolean(related="product_id.bss_is_bundle", string="Bundle")
    device_ids = fields.One2many("bss.device", "service_id", string="Devices")
    charge_ids = fields.One2many("bss.charge", "service_id", string="Charges")
    order_ids = fields.One2many("bss.service.order", "service_id", string="Service Orders")
    charged_through = fields.Date(copy=False, readonly=True, help="Last day covered by recurring charges.")
    parent_id = fields.Many2one(
        "bss.service", string="Part of Bundle", check_company=True, index="btree_not_null", ondelete="restrict"
    )
    child_ids = fields.One2many("bss.service", "parent_id", string="Bundle Parts")
    charge_count = fields.Integer(compute="_compute_counts", string="Number of Charges")
    order_count = fields.Integer(compute="_compute_counts", string="Number of Orders")

    _dates_check = models.Constraint(
        "CHECK(date_end IS NULL OR date_start IS NULL OR date_end >= date_start - 1)",
        "The service ends before it starts.",
    )
    _quantity_check = models.Constraint("CHECK(quantity > 0)", "The quantity must be positive.")
    _billing = models.Index("(account_id, state) WHERE date_start IS NOT NULL")

    @api.depends(
        "product_id",
        "product_id.name",
        "identifier_ids.value",
        "identifier_ids.date_start",
        "identifier_ids.date_end",
    )
    def _compute_name(self):
        """The number of today; of a service that has none today, the one that is open."""
        today = polish_day.today()
        for service in self:
            numbers = service.identifier_ids
            current = numbers._bss_valid_on(today) or numbers.filtered(lambda one: not one.date_end) or numbers
            main = current._bss_main()
            # numbers of lists of services: one spelling whatever the user's language
            lang = service.company_id.partner_id.lang or self.env.lang
            offering = service.product_id.with_context(lang=lang).name or ""
            service.main_identifier = main.value or False
            service.name = f"{offering} {main.value}" if main.value else offering

    @api.depends("main_identifier")
    def _compute_new_identifier(self):
        for service in self:
            service.new_identifier = service.main_identifier

    def _inverse_new_identifier(self):
        """Number or login written beside the service, before it runs."""
        for service in self:
            value = (service.new_identifier or "").strip()
            main = service.identifier_ids.filtered(
                lambda one, service=service: one.value == service.main_identifier and not one.date_end
            )[:1]
            if value == (main.value or ""):
                continue
            if service.state != "pending":
                raise ValidationError(
                    self.env._(
                        "Service %(name)s was ordered already: change its numbers in the service itself.",
                        name=service.name,
                    )
                )
            if not value:
                main.unlink()
            elif main:
                main.value = value
            else:
                service.identifier_ids.create(
                    {
                        "service_id": service.id,
                        "kind": "msisdn" if service.service_type in WITH_NUMBER else "login",
                        "value": value,
                        "date_start": service._bss_first_day(),
                    }
                )

    def _bss_facts_written(self):
        """Hook: offering, price, quantity or place were written directly, and the versions say so by now."""

    def _bss_first_day(self):
        """Day from which the service is wanted."""
        self.ensure_one()
        return self.date_start or self.contract_id.date_start or polish_day.today()

    def _bss_without_number(self, day):
        """Telephone services of these that have no number valid on ``day``."""

        def lacks(service):
            return service.service_type in WITH_NUMBER and not service.identifier_ids.filtered(
                lambda one: one.kind == "msisdn" and one.date_start <= day and (not one.date_end or one.date_end >= day)
            )

        return self._bss_without_heads().filtered(lacks)

    @api.depends("product_id")
    def _compute_rate_plan_id(self):
        for service in self:
            service.rate_plan_id = service.product_id.bss_rate_plan_id

    @api.depends("product_id")
    def _compute_price_unit(self):
        """Price of the first day in the price list of the account; of a bundle the parts carry it."""
        for service in self:
            bundle = service.product_id.bss_is_bundle
            service.price_unit = 0.0 if bundle else float(service._bss_list_price()[0])

    @api.depends("charge_ids", "order_ids")
    def _compute_counts(self):
        charges = dict(
            self.env["bss.charge"]._read_group([("service_id", "in", self.ids)], ["service_id"], ["__count"])
        )
        orders = dict(
            self.env["bss.service.order"]._read_group([("service_id", "in", self.ids)], ["service_id"], ["__count"])
        )
        for service in self:
            service.charge_count = charges.get(service, 0)
            service.order_count = orders.get(service, 0)

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A service cannot be a part of itself."))
        for service in self:
            if service.parent_id and service.parent_id.account_id != service.account_id:
                raise ValidationError(self.env._("Bundle parts belong to the account of the bundle."))

    @api.constrains("price_unit")
    def _check_price(self):
        if any(service.price_unit < 0 for service in self):
            raise ValidationError(self.env._("The price of a service must not be negative."))

    @api.model_create_multi
    def create(self, vals_list):
        services = super().create(vals_list)
        heads = services.filtered(lambda service: service.product_id.bss_is_bundle)
        if heads and not is_without_parts(self.env):
            heads._bss_add_parts()
        return services

    def _bss_without_heads(self):
        """These services with every bundle replaced by its parts."""
        heads = self.filtered(lambda service: service.product_id.bss_is_bundle)
        return (self - heads) | heads.child_ids

    def _bss_follow_parts(self):
        """A bundle is what its parts are."""
        for head in self.parent_id:
            states = set(head.child_ids.mapped("state"))
            state = next(one for one in ("active", "suspended", "pending", "terminated") if one in states)
            starts = [day for day in head.child_ids.mapped("date_start") if day]
            vals = {"state": state, "date_start": min(starts, default=head.date_start)}
            if state == "terminated":
                vals["date_end"] = max((day for day in head.child_ids.mapped("date_end") if day), default=False)
            enact(head, vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_pending(self):
        if any(service.state != "pending" or service.charge_ids for service in self):
            raise UserError(self.env._("Only a pending service without charges can be deleted."))

    # -- what the network confirms ------------------------------------------------------------------

    def _bss_promised_promotions(self):
        """Hook: promotions that are granted even when they are sold no more."""
        return self.env["bss.promotion"]

    def _bss_apply_order(self, action, day, cause=None):
        """Effect of a done service order; ``day`` is the date on which the network did it.

        :param cause: why it is suspended: request (the default), debt or technical; of a resumption, the cause
            that is over (default: all of them). What another cause blocks stays suspended.
        """
        self.ensure_one()
        if self.state == "terminated":
            return  # a late answer of the network does not bring it back
        if action == "activate":
            # what was ordered for an earlier day did not exist before this one
            enact(self, {"state": "active", "date_start": day, "is_restricted": False})
        elif action == "suspend":
            enact(self, {"state": "suspended"})
            self._bss_block(day, cause or "request")
        elif action == "restrict":
            enact(self, {"is_restricted": True})
        elif action == "resume":
            self._bss_resume_from(day, cause=cause)
            if self._bss_state_on(max(day, polish_day.today())) != "suspended":
                enact(self, {"state": "active", "is_restricted": False})
        elif action == "terminate":
            last = self.date_end or max(day, self.date_start or day) - timedelta(days=1)
            agreed = bool(self.date_end)
            enact(self, {"state": "terminated", "date_end": last})
            self._bss_close_identifiers(last)
            if not agreed:
                self._bss_recalculate()
        self._bss_follow_parts()

    def _bss_close_identifiers(self, last):
        for identifier in self.identifier_ids:
            if not identifier.date_end or identifier.date_end > last:
                enact(identifier, {"date_end": max(last, identifier.date_start)})

    # -- end and corrections ------------------------------------------------------------------------

    def _bss_end(self, last, reason, extend=False):
        """Charge up to ``last`` only, correct what was charged beyond, order switching off.

        :param extend: a later day than the one agreed already is meant (the notice was withdrawn, the contract
            renewed); otherwise the earlier end stays, with its order
        """
        services = self._bss_without_heads().filtered(lambda service: service.state != "terminated")
        running = services._bss_will_run()
        never = services - running
        if never:
            never.order_ids.filtered(lambda order: order.state in ("draft", "queued", "sent")).action_cancel()
            enact(never, {"state": "terminated", "date_start": False})
            never._bss_close_identifiers(last)
            never._bss_follow_parts()
        if not extend:
            running = running._bss_not_ended(last)
        for service in running:
            start = service.date_start or last
            enact(service, {"date_end": max(last, start - timedelta(days=1))})
        running._bss_recalculate()
        self.env["bss.service.order"]._bss_request(running, "terminate", reason, valid_from=last + timedelta(days=1))

    # -- charges ------------------------------------------------------------------------------------

    def _bss_charge_once(self, product, day, price=None, quantity=1.0, name=None, reference=None, price_kind="net"):
        """One-off charge (activation, equipment, visit); the same reference charges once.

        :param price_kind: net, or gross: then the invoice line is exactly price x quantity with VAT in it.
        """
        self.ensure_one()
        price = product.lst_price if price is None else price
        currency = self.currency_id
        key = reference or f"{product.id}:{fields.Date.to_string(day)}"
        lang = self.account_id.partner_id.lang or self.env.lang
        amount = gross = currency.round(price * quantity)
        if price_kind == "gross":
            amount = float(NetAmounts(self.env, self.company_id).of_gross(product.id, adapters.decimal(gross)))
            price = amount / quantity
        return self.env["bss.charge"]._bss_add(
            [
                {
                    "account_id": self.account_id.id,
                    "contract_id": self.contract_id.id,
                    "service_id": self.id,
                    "product_id": product.id,
                    "kind": "one_off",
                    "name": name or product.with_context(lang=lang).name,
                    "date_start": day,
                    "date_end": day,
                    "quantity": quantity,
                    "price_unit": price,
                    "amount": amount,
                    "price_kind": price_kind,
                    "amount_gross": gross if price_kind == "gross" else False,
                    "identity_key": f"one:{self.id}:{key}",
                }
            ]
        )

    # -- buttons ------------------------------------------------------------------------------------

    def _bss_order(self, action):
        self.env["bss.service.order"]._bss_request(
            self, action, self.env._("Requested by %(user)s", user=self.env.user.name)
        )

    def action_request_activate(self):
        for service in self:
            if service.state != "pending":
                raise UserError(self.env._("Service %(name)s is not pending.", name=service.display_name))
        for start, services in self.grouped("date_start").items():
            self.env["bss.service.order"]._bss_request(
                services,
                "activate",
                self.env._("Requested by %(user)s", user=self.env.user.name),
                valid_from=start or None,
            )

    def action_request_suspend(self):
        self.filtered(lambda service: service.state == "active")._bss_order("suspend")

    def action_request_resume(self):
        self.filtered(lambda service: service.state == "suspended" or service.is_restricted)._bss_order("resume")

    def action_view_charges(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_charge_action")
        action["domain"] = [("service_id", "=", self.id)]
        action["context"] = {
            "default_account_id": self.account_id.id,
            "default_contract_id": self.contract_id.id,
            "default_service_id": self.id,
        }
        return action

    def action_view_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_service_order_action")
        action["domain"] = [("service_id", "=", self.id)]
        action["context"] = {"default_service_id": self.id}
        return action
