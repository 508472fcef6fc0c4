from odoo import fields, models


class BssRatingCounter(models.Model):
    """Units of a service so far in a period or session, from which the next event goes on; kept by the rating run."""

    _name = "bss.rating.counter"
    _description = "Running Total of Usage"
    _order = "period desc, service_id, rate_id, id"
    _check_company_auto = True

    scope = fields.Selection(
        [("tier", "Tiers of a period"), ("session", "Rounding of a session"), ("period", "Rounding of a period")],
        required=True,
        readonly=True,
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    service_id = fields.Many2one("bss.service", required=True, readonly=True, ondelete="cascade", check_company=True)
    rate_id = fields.Many2one(
        "bss.rate", string="Rate Entry", required=True, readonly=True, ondelete="restrict", index=True
    )
    key = fields.Char(string="Session", readonly=True, help="Identity of the session; empty in the totals of a period.")
    period = fields.Date(readonly=True, help="First day of the period; a session has none.")
    units = fields.Float(digits=(20, 0), required=True, readonly=True)

    _one_total = models.UniqueIndex(
        "(scope, service_id, rate_id, key, COALESCE(period, '-infinity'::date))", "This total is kept already."
    )
    _of_service = models.Index("(service_id, period)")
