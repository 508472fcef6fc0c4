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
        stuck = {}
        for rate in self.rate_ids:
            for feature in unratable_features(rate):
                stuck.setdefault(feature, self.env["bss.rate"])
                stuck[feature] |= rate
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
            "chain": listed(rates.mapped("chain")),
        }

    @api.model
    def _bss_problem_templates(self):
        return {
            **super()._bss_problem_templates(),
            "UNRATABLE_BAND": self.env._(
                "This version does not price usage by time bands yet. Give each of these zones one rate without a band and remove those with a band (%(band)s): %(zones)s."
            ),
            "UNRATABLE_KIND": self.env._(
                "This version does not price usage of these kinds yet: %(kinds)s. Remove their rates; their usage then waits among the suspended usage. Zones: %(zones)s."
            ),
            "UNRATABLE_EVENT": self.env._(
                "This version does not price single events yet. Charge by the unit, or use a connection fee. Zones: %(zones)s."
            ),
            "UNRATABLE_CHAIN": self.env._(
                "This version prices increments of at most two steps, such as 60/1, and not yet %(chain)s. Shorten them. Zones: %(zones)s."
            ),
            "UNRATABLE_DECIMALS": self.env._(
                "This version rounds each event to 4 decimals and not otherwise yet. Set the decimals to 4. Zones: %(zones)s."
            ),
            "UNRATABLE_TIERS": self.env._(
                "This version does not price usage in tiers yet. Choose one price and remove the tiers. Zones: %(zones)s."
            ),
        }
