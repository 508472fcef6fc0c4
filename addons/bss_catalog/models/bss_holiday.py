from odoo import api, fields, models


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
    is_statutory = fields.Boolean(
        string="By law",
        help="A day off by law: no term by law ends on it. The others are the operator's own.",
    )
    company_id = fields.Many2one("res.company", index=True, help="Empty: a holiday of all companies.")

    _day_uniq = models.UniqueIndex(
        "(calendar_id, date, COALESCE(company_id, 0))", "The calendar has a holiday on this day already."
    )
    _law_of_all = models.Constraint(
        "CHECK(NOT is_statutory OR company_id IS NULL)", "A day off by law is one of all companies."
    )

    @api.model_create_multi
    def create(self, vals_list):
        holidays = super().create(vals_list)
        self.env.registry.clear_cache()
        return holidays

    def write(self, vals):
        done = super().write(vals)
        self.env.registry.clear_cache()
        return done

    def unlink(self):
        done = super().unlink()
        self.env.registry.clear_cache()
        return done
