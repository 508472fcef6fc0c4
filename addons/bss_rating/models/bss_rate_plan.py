from odoo import api, fields, models
from odoo.addons.bss_catalog.catalog_core import Problem

from ..adapters import unratable_features

CODES = {
    "band": "UNRATABLE_BAND",
    "usage_kind": "UNRATABLE_KIND",
    "event": "UNRATABLE_EVENT",
    "chain": "UNRATABLE_CHAIN",
    "decimals": "UNRATABLE_DECIMALS",
    "tiers": "UNRATABLE_TIERS",
}


class BssRatePlan(models.Model):
    _inherit = "bss.rate.plan"

    has_rated = fields.Boolean(
        string="Priced Usage", readonly=True, copy=False, help="Events were rated with it: its prices stay as they are."
    )

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
        refused = [
            Problem(
                CODES[feature],
                "error",
                {
                    "zone": rate.zone_id.code or "",
                    "usage_kind": rate.usage_kind,
                    "band": rate.band_id.code or "",
                    "chain": rate.chain or "",
                    "decimals": str(rate.decimals),
                },
            )
            for rate in self.rate_ids
            for feature in unratable_features(rate)
        ]
        return refused + super()._bss_problems()

    @api.model
    def _bss_problem_templates(self):
        return {
            **super()._bss_problem_templates(),
            "UNRATABLE_BAND": self.env._(
                "Zone %(zone)s (%(usage_kind)s): usage is not rated by time bands here (band %(band)s)."
            ),
            "UNRATABLE_KIND": self.env._("Zone %(zone)s: usage of the kind %(usage_kind)s is not rated here."),
            "UNRATABLE_EVENT": self.env._("Zone %(zone)s (%(usage_kind)s): prices per event are not rated here."),
            "UNRATABLE_CHAIN": self.env._(
                "Zone %(zone)s: increments of more than two steps are not rated here (%(chain)s)."
            ),
            "UNRATABLE_DECIMALS": self.env._(
                "Zone %(zone)s (%(usage_kind)s): events are rounded to 4 decimals here, not to %(decimals)s."
            ),
            "UNRATABLE_TIERS": self.env._("Zone %(zone)s (%(usage_kind)s): prices in tiers are not rated here."),
        }
