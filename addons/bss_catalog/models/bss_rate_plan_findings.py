from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import format_date

from ..adapters import plan_facts
from ..catalog_core import validate_plan

OPEN = "…"  # the validator's word for no first or no last day


class BssRatePlan(models.Model):
    """What the validator says, in words with the place."""

    _inherit = "bss.rate.plan"  # pylint: disable=consider-merging-classes-inherited

    problem_text = fields.Text(string="Problems", compute="_compute_problem_text")
    findings_html = fields.Html(string="Findings", compute="_compute_problem_text", sanitize=False)
    finding_count = fields.Integer(compute="_compute_problem_text")
    has_errors = fields.Boolean(compute="_compute_problem_text")

    @api.depends(
        "code",
        "company_id",
        "date_start",
        "date_end",
        "rate_ids.zone_id",
        "rate_ids.usage_kind",
        "rate_ids.band_id",
        "rate_ids.charge_basis",
        "rate_ids.price_micro",
        "rate_ids.connect_fee_micro",
        "rate_ids.min_charge_micro",
        "rate_ids.max_charge_micro",
        "rate_ids.decimals",
        "rate_ids.chain",
        "rate_ids.tier_model",
        "rate_ids.multiplier_micro",
        "rate_ids.rounding",
        "rate_ids.step_bytes",
        "rate_ids.tier_ids.quantity_from",
        "rate_ids.tier_ids.quantity_to",
        "rate_ids.tier_ids.price_micro",
    )
    @api.depends_context("lang")
    def _compute_problem_text(self):
        for plan in self:
            problems = plan._bss_problems() if plan.code else []
            plan.problem_text = "\n".join(self._bss_problem_message(p) for p in problems)
            plan.has_errors = any(problem.is_error for problem in problems)
            plan.finding_count = len(problems)
            plan.findings_html = self._bss_findings_table(problems)

    def _bss_problems(self):
        """Findings of the validator (kernel values, errors first)."""
        self.ensure_one()
        return validate_plan(plan_facts(self))

    @api.model
    def _bss_findings_table(self, problems):
        if not problems:
            text = self.env._("Nothing found: the plan can be activated.")
            return Markup('<div class="alert alert-success mb-0">%s</div>') % text
        badge = Markup('<span class="badge text-bg-%s">%s</span>')
        levels = {
            True: badge % ("danger", self.env._("Error")),
            False: badge % ("warning", self.env._("Check")),
        }
        rows = Markup().join(
            Markup("<tr><td>%s</td><td>%s</td><td>%s</td></tr>")
            % (levels[problem.is_error], self._bss_problem_place(problem), self._bss_problem_message(problem))
            for problem in problems
        )
        heads = (self.env._("Severity"), self.env._("Place"), self.env._("Finding"))
        return Markup(
            '<table class="table table-sm o_bss_findings"><thead><tr><th>%s</th><th>%s</th><th>%s</th></tr></thead>'
            "<tbody>%s</tbody></table>"
        ) % (*heads, rows)

    @api.model
    def _bss_problem_place(self, problem):
        params = problem.params
        kind = self._bss_usage_kind_name(params.get("usage_kind", ""))
        parts = (params.get("zone") or params.get("zones"), kind, params.get("band"), params.get("prefix"))
        return " / ".join(filter(None, parts))

    @api.model
    def _bss_usage_kind_name(self, kind):
        kinds = dict(self.env["bss.rate"]._fields["usage_kind"]._description_selection(self.env))
        return kinds.get(kind, kind)

    @api.model
    def _bss_problem_message(self, problem):
        params = dict(problem.params)
        if "usage_kind" in params:
            params["usage_kind"] = self._bss_usage_kind_name(params["usage_kind"])
        for name in ("start", "end"):
            if params.get(name, OPEN) != OPEN:
                params[name] = format_date(self.env, params[name])
        if "days" in params:
            params["when"] = self.env["bss.time.band"]._bss_when(
                params["days"].split(),
                params["from"],
                params["to"],
                [int(month) for month in params["months"].split()],
                fields.Date.to_date(params["first"]),
                fields.Date.to_date(params["last"]),
            )
        return self._bss_problem_templates()[problem.code] % params

    @api.model
    def _bss_problem_templates(self):
        return {
            "DATES_REVERSED": self.env._("The plan ends before it begins."),
            "VERSION_OVERLAP": self.env._(
                "Another active version with the same code is valid %(start)s – %(end)s: end it first."
            ),
            "VERSION_ENDS": self.env._(
                "At activation the version valid from %(start)s, which has no end yet, will end on %(end)s."
            ),
            "VERSION_GAP": self.env._(
                "No version of the plan is valid %(start)s – %(end)s: usage of these days would be suspended."
            ),
            "NO_RATES": self.env._("The plan has no rates."),
            "DUPLICATE_RATE": self.env._("Zone %(zone)s is priced twice for %(usage_kind)s."),
            "NEGATIVE_PRICE": self.env._("Zone %(zone)s (%(usage_kind)s): a price is below zero."),
            "MIN_ABOVE_MAX": self.env._(
                "Zone %(zone)s (%(usage_kind)s): the minimum charge is higher than the maximum charge."
            ),
            "BAD_INCREMENT": self.env._("Zone %(zone)s: charging increments must be at least one second."),
            "ROUNDING_OF_CALLS": self.env._(
                "Zone %(zone)s (%(usage_kind)s): calls are rounded one by one, not as the sum of a session or period."
            ),
            "STEP_WITHOUT_SIZE": self.env._("Zone %(zone)s (%(usage_kind)s): only MMS have size steps."),
            "PRICE_BESIDE_COST": self.env._(
                "Check: zone %(zone)s (%(usage_kind)s) is charged by its cost, the price beside it is not used."
            ),
            "FREE_ZONE_PAID": self.env._("Zone %(zone)s is free by its kind but carries a price (%(usage_kind)s)."),
            "PAID_ZONE_FREE": self.env._("Check: zone %(zone)s (%(usage_kind)s) costs nothing."),
            "PREFIX_CONFLICT": self.env._("Prefix %(prefix)s belongs to several zones: %(zones)s."),
            "PREFIX_UNREACHABLE": self.env._(
                "No number reaches prefix %(prefix)s of zone %(zone)s: longer prefixes take them all (%(zones)s)."
            ),
            "PREFIX_NOT_DIALLED": self.env._(
                "Check: no number of the numbering plan begins with prefix %(prefix)s of zone %(zone)s."
            ),
            "BAD_PREFIX": self.env._("Zone %(zone)s: “%(prefix)s” is no number prefix."),
            "NO_EMERGENCY_RATE": self.env._("No emergency zone is rated: calls to 112 would be suspended."),
            "ZONE_WITHOUT_PREFIX": self.env._(
                "Zone %(zone)s is priced but has no prefix and no code: nothing reaches it."
            ),
            "ZONE_NOT_RATED": self.env._(
                "Check: zone %(zone)s has prefixes but no voice rate, calls there are suspended."
            ),
            "BAND_GAP": self.env._("%(when)s: no price for zone %(zone)s; its bands %(band)s leave a hole."),
            "BAND_OVERLAP": self.env._(
                "%(when)s: bands %(band)s hold it with the same weight, the price for zone %(zone)s is doubtful."
            ),
            "BAND_EMPTY": self.env._("Time band %(band)s holds no minute: %(from)s–%(to)s."),
            "BAND_NO_DAYS": self.env._("Time band %(band)s has no day."),
            **self._bss_tier_templates(),
        }

    @api.model
    def _bss_tier_templates(self):
        return {
            "TIER_MISSING": self.env._("Zone %(zone)s (%(usage_kind)s): the price model needs tiers."),
            "TIER_UNUSED": self.env._(
                "Zone %(zone)s (%(usage_kind)s): one price needs no tiers, choose a price model."
            ),
            "TIER_NEGATIVE": self.env._("Zone %(zone)s (%(usage_kind)s): tier %(from)s–%(to)s is below zero."),
            "TIER_EMPTY": self.env._("Zone %(zone)s (%(usage_kind)s): tier %(from)s–%(to)s holds nothing."),
            "TIER_HOLE": self.env._("Zone %(zone)s (%(usage_kind)s): no tier prices the quantity %(from)s–%(to)s."),
            "TIER_OVERLAP": self.env._(
                "Zone %(zone)s (%(usage_kind)s): several tiers price the quantity %(from)s–%(to)s."
            ),
            "TIER_NO_END": self.env._("Zone %(zone)s (%(usage_kind)s): no tier prices more than %(from)s."),
            "TIER_PACKAGE": self.env._("Zone %(zone)s (%(usage_kind)s): tier %(from)s–%(to)s has no size of package."),
        }
