"""Where a device is, what it costs when it is sold or not given back, and since when."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

from ..adapters import decimal
from ..enact import enact

STATES = [("in_stock", "In stock"), ("at_customer", "At customer"), ("returned", "Returned"), ("lost", "Lost")]


class ProductTemplate(models.Model):
    _inherit = "product.template"  # pylint: disable=consider-merging-classes-inherited

    bss_replacement_price = fields.Float(
        string="Replacement price",
        digits=(16, 6),
        help="Net price charged when a lent device is not given back; 0 = its sale price.",
    )

    _bss_replacement_check = models.Constraint(
        "CHECK(bss_replacement_price >= 0)", "The replacement price must not be negative."
    )


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_device_return_days = fields.Integer(
        string="Days to return devices",
        default=14,
        help="Days after the end of a service in which a lent device is to be given back.",
    )

    _bss_device_return_check = models.Constraint(
        "CHECK(bss_device_return_days >= 0)", "The days to return devices must not be negative."
    )


class BssDeviceEvent(models.Model):
    """One line of the life of a device: written by the device itself, never edited."""

    _name = "bss.device.event"
    _description = "Device History"
    _order = "date desc, id desc"
    _rec_name = "device_id"
    _check_company_auto = True

    device_id = fields.Many2one("bss.device", required=True, index=True, ondelete="cascade", check_company=True)
    company_id = fields.Many2one(related="device_id.company_id", store=True, index=True, precompute=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    state = fields.Selection(STATES, required=True)
    account_id = fields.Many2one("bss.account", string="Billing Account", index="btree_not_null", ondelete="restrict")
    service_id = fields.Many2one("bss.service", index="btree_not_null", ondelete="restrict")
    user_id = fields.Many2one("res.users", required=True, default=lambda self: self.env.user)


class BssDevice(models.Model):
    _name = "bss.device"
    _inherit = ["bss.device", "mail.activity.mixin"]

    date_handed_over = fields.Date(string="Handed Over On", readonly=True, copy=False)
    date_return = fields.Date(
        string="Return By",
        compute="_compute_date_return",
        store=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        tracking=True,
        help="Last day on which a lent device can be given back without being charged.",
    )
    replaced_by_id = fields.Many2one("bss.device", readonly=True, copy=False, check_company=True, ondelete="restrict")
    sale_charge_id = fields.Many2one("bss.charge", readonly=True, copy=False, ondelete="restrict")
    replacement_charge_id = fields.Many2one(
        "bss.charge", string="Charge for Not Returning", readonly=True, copy=False, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_not_returned = fields.Monetary(
        string="Net Price If Not Returned",
        compute="_compute_amount_not_returned",
        help="Charged when the device is lost by the customer or not given back in time.",
    )
    event_ids = fields.One2many("bss.device.event", "device_id", string="History", readonly=True)

    # -- history ------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        devices = super().create(vals_list)
        devices._bss_note_event()
        return devices

    def write(self, vals):
        before = {device: device._bss_whereabouts() for device in self}
        result = super().write(vals)
        self.filtered(lambda device: device._bss_whereabouts() != before[device])._bss_note_event()
        return result

    def _bss_whereabouts(self):
        return self.state, self.account_id, self.service_id

    def _bss_note_event(self):
        self.env["bss.device.event"].sudo().create(
            [
                {
                    "device_id": device.id,
                    "state": device.state,
                    "account_id": device.account_id.id,
                    "service_id": device.service_id.id,
                    "user_id": self.env.uid,
                }
                for device in self
            ]
        )

    # -- to be returned -----------------------------------------------------------------------------

    @api.depends(
        "ownership",
        "state",
        "service_id.state",
        "service_id.date_end",
        "service_id.successor_ids",
        "company_id.bss_device_return_days",
    )
    def _compute_date_return(self):
        """A day once told to the customer stays while the service is ended and the device with him.

        The last day of the service ends it, whether or not the network has answered; of an end entered late the days
        count from its entry.
        """
        yesterday = polish_day.today() - timedelta(days=1)
        for device in self:
            service = device.service_id
            lent = device.ownership == "lent" and device.state == "at_customer"
            last = service.date_end
            over = last and (service.state == "terminated" or last <= yesterday)
            if not lent or not over or service.successor_ids:
                device.date_return = False
            elif not device.date_return or device._bss_end_changed():
                days = timedelta(days=device.company_id.bss_device_return_days)
                device.date_return = max(last, yesterday) + days

    def _bss_end_changed(self):
        """Is the day to return before the end of the service? Then the end was moved."""
        return self.date_return < self.service_id.date_end

    @api.depends("product_id.bss_replacement_price", "product_id.lst_price")
    def _compute_amount_not_returned(self):
        for device in self:
            device.amount_not_returned = float(device._bss_replacement_price())

    # -- handing over, returning --------------------------------------------------------------------

    def action_hand_over(self):
        """At the customer from today; a sold device is charged, once however often it is handed over again to him."""
        day = polish_day.today()
        for device in self:
            if device.state == "lost":
                raise UserError(self.env._("Device %(name)s is lost: put it to stock first.", name=device.display_name))
        result = super().action_hand_over()
        for device in self:
            enact(device, {"date_handed_over": day})
            if device.ownership == "sold":
                enact(device, {"sale_charge_id": device._bss_charge_sale(day).id})
        return result

    def action_return(self):
        """Given back; a charge for not giving it back is cancelled or corrected."""
        for device in self:
            if device.state not in ("at_customer", "lost"):
                raise UserError(self.env._("Device %(name)s is not at a customer.", name=device.display_name))
        result = super().action_return()
        self._bss_take_back_replacement()
        self.filtered("date_return").date_return = False
        self.activity_ids.sudo().action_feedback()
        return result

    def action_lost(self):
        """Lost: one lent to a customer is charged to him as if he had not given it back."""
        day = polish_day.today()
        for device in self.filtered(lambda one: one.state == "at_customer" and one.ownership == "lent"):
            device._bss_charge_not_returned(day)
        return super().action_lost()

    def action_swap(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Replace the device"),
            "res_model": "bss.device.swap.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_device_id": self.id},
        }

    def action_to_stock(self):
        enact(self, {"date_handed_over": False, "sale_charge_id": False, "replacement_charge_id": False})
        return super().action_to_stock()

    def _bss_swap(self, new, day=None):
        """``new`` takes the place of this device; this one comes back. Nothing is charged: it is a replacement."""
        self.ensure_one()
        if self.state != "at_customer":
            raise UserError(self.env._("Device %(name)s is not at a customer.", name=self.display_name))
        if new == self or new.state != "in_stock":
            raise UserError(self.env._("Device %(name)s is not in stock.", name=new.display_name))
        if new.company_id != self.company_id:
            raise UserError(self.env._("Device %(name)s belongs to another company.", name=new.display_name))
        enact(
            new,
            {
                "ownership": self.ownership,
                "service_id": self.service_id.id,
                "account_id": self.account_id.id,
                "location_id": self.location_id.id,
                "state": "at_customer",
                "date_handed_over": day or polish_day.today(),
                "sale_charge_id": self.sale_charge_id.id,
            },
        )
        self.action_return()
        enact(self, {"replaced_by_id": new.id})

    # -- charges ------------------------------------------------------------------------------------

    def _bss_charge_sale(self, day):
        """One charge for selling the device: at the price of the accepted offer when it has one."""
        self.ensure_one()
        if self.sale_charge_id.account_id == self.account_id:
            return self.sale_charge_id
        line = self._bss_offer_line()
        if line:
            amount, kind = line._bss_price(), line.bss_price_kind
        else:
            amount, kind = self.product_id._bss_price_on(day)
        amount = decimal(self.company_id.currency_id.round(float(amount)))
        if not amount:
            return self.env["bss.charge"]
        sales = self.event_ids.filtered(lambda event: event.state == "in_stock")
        key = f"device-sale:{self.id}:{self.account_id.id}:{len(sales)}"
        return self._bss_charge(key, day, amount, kind, line.order_id.name)

    def _bss_offer_line(self):
        """A line of the accepted offer that sells this type of device and is not used up."""
        lines = self.service_id.contract_id.sale_order_id.sudo().order_line.filtered(
            lambda line: line.product_id == self.product_id
        )
        for line in lines:
            sold = self.sudo().search(
                [
                    ("id", "!=", self.id),
                    ("product_id", "=", self.product_id.id),
                    ("service_id.contract_id", "=", self.service_id.contract_id.id),
                    ("sale_charge_id.source_ref", "=", line.order_id.name),
                ]
            )
            if len(sold.sale_charge_id) < sum(lines.mapped("product_uom_qty")):
                return line
        return lines[:0]

    def _bss_charge(self, key, day, amount, kind, source, name=None):
        charges = self.env["bss.charge"].with_company(self.company_id)
        lang = self.account_id.partner_id.lang or self.env.lang
        product = self.product_id.with_context(lang=lang)
        text = f"{name or product.name} {self.serial}"
        return charges.sudo()._bss_add(
            [
                {
                    "account_id": self.account_id.id,
                    "contract_id": self.service_id.contract_id.id,
                    "service_id": self.service_id.id,
                    "product_id": self.product_id.id,
                    "kind": "one_off",
                    "name": text,
                    "date_start": day,
                    "date_end": day,
                    "identity_key": key,
                    "source_ref": source,
                    **charges._bss_price_vals(self.product_id, amount, kind, self.account_id.company_id),
                }
            ]
        )

    def _bss_replacement_price(self):
        """Net price of a lent device that is not given back (Decimal)."""
        return decimal(self.product_id.bss_replacement_price) or decimal(self.product_id.lst_price)

    def _bss_charge_not_returned(self, day):
        """Charge the replacement price of a lent device whose day to return has passed."""
        self.ensure_one()
        if self.replacement_charge_id:
            return
        price = self._bss_replacement_price()
        if not price:
            return
        lang = self.account_id.partner_id.lang or self.env.lang
        env = self.with_context(lang=lang).env
        name = env._("Device not returned: %(name)s", name=self.product_id.with_env(env).name)
        # one charge for each stay: what was noted last before the device came to the customer
        before = self.event_ids.filtered(lambda event: event.state != "at_customer")
        key = f"device-lost:{self.id}:{self.account_id.id}:{max(before.ids, default=0)}"
        charge = self._bss_charge(key, day, price, "net", self.serial, name)
        enact(self, {"replacement_charge_id": charge.id})
        self._message_log(body=self.env._("Not returned in time: charged."))

    def _bss_take_back_replacement(self):
        """What was charged for not returning is cancelled, or corrected when it is on an invoice already."""
        for device in self.sudo().filtered("replacement_charge_id"):
            charge = device.replacement_charge_id
            if charge.state == "pending":
                charge.action_cancel()
            elif charge.state == "billed" and any(charge._bss_still_standing()):
                # less what a corrective invoice made by hand has given back already
                net, gross = charge._bss_still_standing()
                charge._bss_add(
                    [
                        {
                            "account_id": charge.account_id.id,
                            "contract_id": charge.contract_id.id,
                            "service_id": charge.service_id.id,
                            "product_id": charge.product_id.id,
                            "kind": "correction",
                            "name": self.env._("Correction: %(name)s", name=charge.name),
                            "date_start": charge.date_start,
                            "date_end": charge.date_end,
                            "quantity": 1.0,
                            "price_unit": -net,
                            "amount": -net,
                            "price_kind": charge.price_kind,
                            "amount_gross": -gross if charge.price_kind == "gross" else 0.0,
                            "tax_ids": [(6, 0, charge.tax_ids.ids)],
                            "origin_charge_id": charge.id,
                            "identity_key": f"{charge.identity_key}:back",
                            "source_ref": device.serial,
                        }
                    ]
                )
            device.replacement_charge_id = False

    # -- every day ----------------------------------------------------------------------------------

    @api.model
    def _cron_returns(self):
        """Remind of devices to be returned and charge those that were not."""
        today = polish_day.today()
        self._bss_ended_unanswered(today)._compute_date_return()
        waiting = self.search([("date_return", "!=", False), ("state", "=", "at_customer"), ("ownership", "=", "lent")])
        late = waiting.filtered(lambda device: device.date_return < today and not device.replacement_charge_id)
        (waiting - late).filtered(lambda device: not device.activity_ids)._bss_remind()
        for device in late:
            try:
                with self.env.cr.savepoint():
                    device._bss_charge_not_returned(today)
            except UserError as error:
                # one device that cannot be charged does not keep the others from it
                device._message_log(body=self.env._("Not returned, and not charged: %(error)s", error=error))

    def _bss_ended_unanswered(self, today):
        """Lent devices whose service had its last day, though the network has not switched it off."""
        return self.search(
            [
                ("date_return", "=", False),
                ("state", "=", "at_customer"),
                ("ownership", "=", "lent"),
                ("service_id.date_end", "<", today),
                ("service_id.state", "!=", "terminated"),
            ]
        )

    def _bss_remind(self):
        """An activity for the clerk of the customer, due on the day to return."""
        for device in self:
            device.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=device.date_return,
                summary=self.env._("Get the device back: %(name)s", name=device.display_name),
                user_id=(device.account_id.partner_id.user_id or device.create_uid)._bss_or_admin().id,
            )
