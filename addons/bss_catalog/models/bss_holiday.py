from odoo import fields, models


class BssHoliday(models.Model):
    _name = "bss.holiday"
    _description = "Holiday"
    _order = "date, id"
    _check_company_auto = True

    calendar_id = fields.Many2one(
        "bss.holiday.calendar", required=True, ondelete="cascade", index=True, check_company=True
    )
    date = fields.Date(required=True, index=True)
    name = fields.Char(required=True)
    is_statutory = fields.Boolean(string="By law", help="A day off by law; the others are the operator's own.")
    company_id = fields.Many2one("res.company", index=True, help="Empty: a holiday of all companies.")

    _day_uniq = models.UniqueIndex(
        "(calendar_id, date, COALESCE(company_id, 0))", "The calendar has a holiday on this day already."
    )
