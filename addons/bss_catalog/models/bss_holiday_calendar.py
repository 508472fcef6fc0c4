from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from .. import polish_day
from ..catalog_core import polish_holidays

YEARS_AHEAD = 5


class BssHolidayCalendar(models.Model):
    _name = "bss.holiday.calendar"
    _description = "Holiday calendar"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: the calendar is shared by all companies.")
    active = fields.Boolean(default=True)
    is_polish = fields.Boolean(string="Days off by Polish law", help="Years are filled with the statutory holidays.")
    holiday_ids = fields.One2many("bss.holiday", "calendar_id", string="Holidays")
    last_year = fields.Integer(string="Filled to", compute="_compute_last_year", aggregator=None)

    @api.depends("holiday_ids.date", "holiday_ids.is_statutory")
    def _compute_last_year(self):
        for calendar in self:
            days = calendar.holiday_ids.filtered(lambda day: day.is_statutory and day.date).mapped("date")
            calendar.last_year = max(days).year if days else 0

    @api.private
    def _bss_days(self, company, first, last):
        """Dates off from ``first`` to ``last`` for ``company``: those of everybody and its own."""
        days = self.env["bss.holiday"].search(
            [
                ("calendar_id", "in", self.ids),
                ("company_id", "in", [False, company.id]),
                ("date", ">=", first),
                ("date", "<=", last),
            ]
        )
        return frozenset(days.mapped("date"))

    @api.model
    @tools.ormcache()
    def _bss_statutory_days(self):
        """Dates off by Polish law of all years on record, as the shipped calendar has them.

        The law holds for every company, whichever calendar its rate plans follow and whoever asks.
        """
        calendar = self.sudo().env.ref("bss_catalog.holiday_calendar_pl")
        days = self.env["bss.holiday"].sudo().search([("calendar_id", "=", calendar.id), ("is_statutory", "=", True)])
        return frozenset(days.mapped("date"))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_law(self):
        if self.env.ref("bss_catalog.holiday_calendar_pl") in self:
            raise UserError(self.env._("Terms by law are counted with this calendar: it cannot be deleted."))

    def _bss_fill(self, first_year, last_year):
        """Add the statutory holidays of the years that the calendar does not have yet."""
        for calendar in self.filtered("is_polish"):
            known = set(calendar.holiday_ids.filtered(lambda day: not day.company_id).mapped("date"))
            self.env["bss.holiday"].create(
                [
                    {"calendar_id": calendar.id, "date": day.day, "name": day.name, "is_statutory": True}
                    for year in range(first_year, last_year + 1)
                    for day in polish_holidays(year)
                    if day.day not in known
                ]
            )

    def action_fill(self):
        """Statutory holidays of the next five years after the last filled one."""
        for calendar in self:
            start = max(calendar.last_year + 1, polish_day.today().year)
            calendar._bss_fill(start, start + YEARS_AHEAD - 1)
