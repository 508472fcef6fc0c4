from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BssFreeDay(models.Model):
    _name = "bss.free.day"
    _description = "Free Day"
    _order = "kind, month, day, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("weekday", "Day of the week"),
            ("fixed", "Day of the year"),
            ("easter", "Days from Easter"),
            ("once", "One day only"),
        ],
        required=True,
        default="fixed",
    )
    weekday = fields.Integer(help="0 is Monday, 6 is Sunday.")
    month = fields.Integer()
    day = fields.Integer()
    easter_offset = fields.Integer(string="Days after Easter Sunday")
    date_once = fields.Date(string="Only On")
    date_start = fields.Date(string="Valid From")
    date_end = fields.Date(string="Valid To")

    @api.constrains("kind", "weekday", "month", "day", "date_once")
    def _check_parts(self):
        for rule in self:
            complete = {
                "weekday": 0 <= rule.weekday <= 6,
                "fixed": 1 <= rule.month <= 12 and 1 <= rule.day <= 31,
                "easter": True,
                "once": bool(rule.date_once),
            }
            if not complete[rule.kind]:
                raise ValidationError(self.env._("Free day %(name)s: its day is missing.", name=rule.name))
