from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..billing_core import normalise
from ..enact import enact


class BssDevice(models.Model):
    _name = "bss.device"
    _inherit = ["mail.thread"]
    _description = "Device"
    _order = "name, serial, id"
    _check_company_auto = True
    _rec_names_search = ["name", "serial", "mac"]

    name = fields.Char(compute="_compute_name", store=True, readonly=False, required=True, precompute=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    product_id = fields.Many2one(
        "product.product",
        string="Device Type",
        required=True,
        check_company=True,
        domain="[('bss_offering_kind', '=', 'device')]",
        index=True,
    )
    serial = fields.Char(string="Serial Number", required=True, copy=False, index="trigram")
    mac = fields.Char(string="MAC Address", copy=False)
    ownership = fields.Selection([("sold", "Sold"), ("lent", "Lent")], required=True, default="lent", tracking=True)
    state = fields.Selection(
        [
            ("in_stock", "In stock"),
            ("at_customer", "At customer"),
            ("returned", "Returned"),
            ("lost", "Lost"),
        ],
        required=True,
        default="in_stock",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    service_id = fields.Many2one(
        "bss.service", check_company=True, index="btree_not_null", copy=False, tracking=True, ondelete="restrict"
    )
    contract_id = fields.Many2one(related="service_id.contract_id", string="Contract")
    account_id = fields.Many2one(
        "bss.account",
        string="Billing Account",
        compute="_compute_account_id",
        store=True,
        readonly=False,
        check_company=True,
        index="btree_not_null",
        copy=False,
    )
    location_id = fields.Many2one(
        "bss.location",
        compute="_compute_account_id",
        store=True,
        readonly=False,
        check_company=True,
        copy=False,
    )

    _serial_unique = models.Constraint("UNIQUE(company_id, serial)", "A device with this serial number exists already.")

    @api.depends("product_id")
    def _compute_name(self):
        for device in self:
            device.name = device.name or device.product_id.name or "/"

    @api.depends("service_id")
    def _compute_account_id(self):
        for device in self:
            if device.service_id:
                device.account_id = device.service_id.account_id
                device.location_id = device.service_id.location_id
            else:
                device.account_id = device.account_id
                device.location_id = device.location_id

    @api.depends("name", "serial")
    def _compute_display_name(self):
        for device in self:
            device.display_name = f"{device.name} [{device.serial}]" if device.serial else device.name

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._normalise_mac(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._normalise_mac(vals)
        return super().write(vals)

    def _normalise_mac(self, vals):
        if vals.get("mac"):
            mac = normalise("mac", vals["mac"])
            if mac is None:
                raise ValidationError(self.env._("“%(mac)s” is not a MAC address.", mac=vals["mac"]))
            vals["mac"] = mac

    @api.constrains("state", "account_id")
    def _check_holder(self):
        for device in self:
            if device.state == "at_customer" and not device.account_id:
                raise ValidationError(
                    self.env._(
                        "Device %(name)s is at a customer: choose the service or account.", name=device.display_name
                    )
                )

    def action_hand_over(self):
        for device in self:
            if not (device.service_id or device.account_id):
                raise UserError(self.env._("Choose the service of device %(name)s first.", name=device.display_name))
        enact(self, {"state": "at_customer"})

    def action_return(self):
        enact(self, {"state": "returned"})

    def action_to_stock(self):
        enact(self, {"state": "in_stock", "service_id": False, "account_id": False, "location_id": False})

    def action_lost(self):
        enact(self, {"state": "lost"})
