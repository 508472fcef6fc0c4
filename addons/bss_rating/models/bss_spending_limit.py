from odoo import api, fields, models
from odoo.addons.bss_catalog.models.bss_rate import USAGE_KINDS
from odoo.addons.bss_catalog.models.bss_rate_zone import ZONE_KINDS


class BssSpendingLimit(models.Model):
    """What a customer may spend on usage in a month before he is told or stopped: roaming, premium services, all of it."""

    _name = "bss.spending.limit"
    _description = "Spending Limit"
    _order = "company_id, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    active = fields.Boolean(default=True)
    amount = fields.Monetary(required=True, help="Net amount of usage in one period; the thresholds are parts of it.")
    scope = fields.Selection(
        [("service", "Each service"), ("account", "Billing account")],
        string="Counted For",
        required=True,
        default="service",
    )
    period = fields.Selection(
        [("month", "Calendar month"), ("cycle", "Month of the bill cycle")], required=True, default="month"
    )
    zone_kind = fields.Selection(ZONE_KINDS, string="Zones of the Kind", help="Empty: of every kind.")
    zone_ids = fields.Many2many(
        "bss.rate.zone", string="Zones", check_company=True, help="Empty: every zone of the kind."
    )
    usage_kind = fields.Selection(USAGE_KINDS, string="Usage", help="Empty: usage of every kind.")
    threshold_ids = fields.One2many("bss.usage.threshold", "limit_id", string="Thresholds", copy=True)

    _positive = models.Constraint("CHECK(amount > 0)", "A spending limit is more than nothing.")

    @api.model
    def _bss_watched_zones(self, company):
        """Ids of the zones whose usage some limit of the company counts; empty without limits."""
        zones = self.env["bss.rate.zone"].with_context(active_test=False)
        every = zones.search([("company_id", "in", [False, company.id])])
        found = zones.browse()
        for spending in self.search([("company_id", "=", company.id)]):
            own = spending.zone_ids or every
            found |= own.filtered(lambda zone, kind=spending.zone_kind: not kind or zone.kind == kind)
        return found.ids
