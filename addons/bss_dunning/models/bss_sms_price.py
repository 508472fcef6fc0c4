from odoo import fields, models
from odoo.addons.bss_catalog import polish_day


class BssSmsPrice(models.Model):
    """Price of one part of a message at an operator, from a day on."""

    _name = "bss.sms.price"
    _description = "SMS Price"
    _order = "gateway_id, date_start desc, id desc"

    gateway_id = fields.Many2one("bss.sms.gateway", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="gateway_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_start = fields.Date(string="Valid From", required=True, default=polish_day.today)
    price = fields.Float(digits=(16, 4), required=True, help="Net price of one part.")

    _day_unique = models.Constraint("UNIQUE(gateway_id, date_start)", "There is a price from this day already.")
    _price_positive = models.Constraint("CHECK(price >= 0)", "The price of a part is not negative.")
