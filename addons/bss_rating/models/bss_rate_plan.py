from odoo import api, fields, models
from odoo.addons.bss_catalog.catalog_core import Problem

from ..adapters import unratable

CODES = {
    "tier_limits": "UNRATABLE_TIER_LIMITS",
    "tier_event": "UNRATABLE_TIER_EVENT",
    "basis": "UNRATABLE_BASIS",
}


class BssRatePlan(models.Model):
    _inherit = "bss.rate.plan"

    has_rated = fields.Boolean(
        string="Priced Usage", readonly=True, copy=False, help="Events were rated with it: its prices stay as they are."
    )

    consumption = fields.Selection(
        [("increment", "Whole increments"), ("unit", "Single seconds")],
        string="Free Units Are Taken By",
        required=True,
        default="increment",
        tracking=True,
        help="Whole increments: an increment is free or paid. Single seconds: free units end inside an increment.",
    )
    zero_length = fields.Selection(
        [("free", "Free of charge"), ("second", "As one second")],
        string="Answered Calls of 0 s",
        required=True,
        default="free",
        tracking=True,
    )
    free_pays_connect = fields.Boolean(
        string="Connection Fee of Free Calls",
        tracking=True,
        help="A call that is wholly covered by free units still pays the connection fee.",
    )

    tier_period = fields.Selection(
        [("month", "Calendar month"), ("cycle", "Month of the bill cycle")],
        string="Quantities Begin Anew Each",
        required=True,
        default="month",
        tracking=True,
        help="The period of tiers and of rounding by period: the calendar month, or the month from the day of the account's bill cycle.",
    )

    @api.model
    def _bss_tariff_fields(self):
        return super()._bss_tariff_fields() | {"consumption", "zero_length", "free_pays_connect", "tier_period"}

    def _bss_in_use(self):
        """Also plans that services have or had, and those that priced events."""
        plans = self.sudo()
        domain = [("rate_plan_id", "in", plans.ids)]
        services = self.env["bss.service"].sudo().with_context(active_test=False)._read_group(domain, ["rate_plan_id"])
        earlier = self.env["bss.service.rate.plan"].sudo()._read_group([("plan_id", "in", plans.ids)], ["plan_id"])
        used = plans.filtered("has_rated").union(*(plan for (plan,) in [*services, *earlier]))
        return super()._bss_in_use() | self.browse(used.ids)

    # --- what the engine cannot price does not become active: usage never costs less than the plan says

    def _bss_problems(self):
        stuck = unratable(self.rate_ids)
        refused = [
            Problem(CODES[feature], "error", self._bss_unratable_params(stuck[feature]))
            for feature in CODES
            if feature in stuck
        ]
        return refused + super()._bss_problems()

    @api.model
    def _bss_unratable_params(self, rates):
        """Where the rates stand: one finding names all of them."""

        def listed(values):
            return ", ".join(dict.fromkeys(value for value in values if value))

        names = (self._bss_usage_kind_name(kind) for kind in rates.mapped("usage_kind"))
        return {
            "zones": listed(rates.zone_id.mapped("code")),
            "kinds": listed(names),
            "band": listed(rates.band_id.mapped("code")),
        }

    @api.model
    def _bss_problem_templates(self):
        return {
            **super()._bss_problem_templates(),
            "UNRATABLE_TIER_LIMITS": self.env._(
                "Tiers price the quantity of a period, so a single event has no minimum or maximum charge. Remove them. Zones: %(zones)s."
            ),
            "UNRATABLE_TIER_EVENT": self.env._(
                "Tiers count units, not events or costs. Charge per unit, or choose one price. Zones: %(zones)s."
            ),
            "UNRATABLE_BASIS": self.env._(
                "Charge a zone in the same way in all of its time bands (%(band)s): per unit, per event or by the cost. Zones: %(zones)s."
            ),
        }
