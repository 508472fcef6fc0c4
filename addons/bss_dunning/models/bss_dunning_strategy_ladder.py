"""The ladder as its designer reads it: each step in words, its lawful calendar, and what is wrong with it."""

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import format_date

from .. import adapters, adapters_strategy
from ..dunning_core.strategy.review import Fault, review
from ..dunning_core.strategy.timeline import timeline
from .bss_dunning_step import SERVICE_CHANNELS

LADDER = (
    "step_ids.sequence",
    "step_ids.stage_sequence",
    "step_ids.name",
    "step_ids.channel",
    "step_ids.legal_notice",
    "step_ids.days_after_due",
    "step_ids.days_after_previous",
    "step_ids.repeat_count",
    "step_ids.repeat_days",
    "step_ids.working_days_only",
    "step_ids.letter_text",
)
ROW = Markup(
    "<tr class='%(style)s'><td>%(number)s</td><td>%(day)s</td><td><b>%(name)s</b><br/>"
    "<span class='text-muted'>%(how)s</span></td><td>%(why)s</td></tr>"
)
TABLE = Markup(
    "<table class='table table-sm'><thead><tr><th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr></thead>"
    "<tbody>%s</tbody></table>"
)


class BssDunningStrategyLadder(models.Model):
    _inherit = "bss.dunning.strategy"  # pylint: disable=consider-merging-classes-inherited

    preview_due = fields.Date(
        string="Example Due Date",
        store=False,
        default=lambda self: polish_day.today(),
        help="Due date of the example debtor whose calendar is shown.",
    )
    timeline_html = fields.Html(compute="_compute_timeline_html", string="Calendar")
    warning_html = fields.Html(compute="_compute_warning_html")
    kinds_text = fields.Char(compute="_compute_kinds_text", string="For")

    @api.depends("for_consumer", "for_sole_trader", "for_company", "for_public")
    @api.depends_context("lang")
    def _compute_kinds_text(self):
        for strategy in self:
            words = {
                strategy.env._("consumers"): strategy.for_consumer,
                strategy.env._("sole traders"): strategy.for_sole_trader,
                strategy.env._("companies"): strategy.for_company,
                strategy.env._("public bodies"): strategy.for_public,
            }
            strategy.kinds_text = ", ".join(word for word, chosen in words.items() if chosen)

    @api.depends(*LADDER, "preview_due")
    @api.depends_context("lang")
    def _compute_timeline_html(self):
        """One debtor who never pays, letters delivered and orders done the same day: the shortest lawful days."""
        calendar = adapters.free_days(self.env)
        channels = self.env["bss.dunning.step"]._bss_channel_names()
        for strategy in self:
            due = strategy.preview_due or polish_day.today()
            terms = adapters.chain_terms(self.env, due)
            steps = strategy._bss_ordered_steps()
            if terms is None:
                strategy.timeline_html = self.env["bss.dunning.case"]._bss_gate_text("NO_LEGAL_TERMS")
                continue
            moments = timeline(adapters_strategy.rungs(steps), due, calendar, terms)
            rows = [strategy._bss_moment_row(moment, steps[moment.rung.key], due, channels) for moment in moments]
            strategy.timeline_html = TABLE % (
                self.env._("Day"),
                self.env._("Date"),
                self.env._("Step"),
                self.env._("Why then"),
                Markup("").join(rows),
            )

    def _bss_moment_row(self, moment, step, due, channels):
        name = f"{step.name} ({moment.round})" if moment.rung.repeat_count > 1 else step.name
        return ROW % {
            "style": "table-danger" if moment.day is None else "table-warning" if moment.law_waits else "",
            "number": "" if moment.day is None else (moment.day - due).days,
            "day": self.env._("never") if moment.day is None else format_date(self.env, moment.day),
            "name": name or "",
            "how": step._bss_how(channels),
            "why": self._bss_moment_why(moment),
        }

    def _bss_moment_why(self, moment):
        if moment.blocked == "ONLY_AFTER":
            return self.env._("Never reached: a step before it never comes.")
        if moment.blocked:
            return self.env._("Never lawful: %(why)s", why=self.env["bss.dunning.case"]._bss_gate_text(moment.blocked))
        if not moment.law_waits:
            return self.env._("as the ladder says")
        law = " ".join(self.env["bss.legal.text"]._bss_sentences(moment.explain))
        return self.env._("The law makes it wait %(days)s days. %(law)s", days=moment.law_waits, law=law)

    @api.depends(*LADDER)
    @api.depends_context("lang")
    def _compute_warning_html(self):
        terms = adapters.chain_terms(self.env, polish_day.today())
        for strategy in self:
            steps = strategy._bss_ordered_steps()
            found = review(adapters_strategy.rungs(steps), terms)
            lines = [
                Markup("<li><b>%s</b>: %s</li>") % (steps[one.rung.key].name or "", strategy._bss_caution_text(one))
                for one in found
            ]
            strategy.warning_html = Markup("<ul class='mb-0'>%s</ul>") % Markup("").join(lines) if lines else False

    def _bss_caution_text(self, caution):
        texts = {
            Fault.RESTRICT_WITHOUT_N1: self.env._("no notice of restriction stands before it."),
            Fault.SUSPEND_WITHOUT_NOTICE: self.env._(
                "neither the notice of suspension nor the single notice to a persistent late payer stands before it."
            ),
            Fault.TERMINATE_WITHOUT_N3: self.env._("no notice of termination stands before it."),
            Fault.N2_WITHOUT_RESTRICT: self.env._("the services are not restricted before this notice."),
            Fault.N3_WITHOUT_SUSPEND: self.env._("the services are not suspended before this notice."),
            Fault.WORDING: self.env._(
                "its letter lacks the statutory wording: %(words)s.", words=", ".join(f"„{w}”" for w in caution.missing)
            ),
            Fault.DAY_BEFORE: self.env._("its day is before that of the step above; it comes after it all the same."),
        }
        return texts[caution.fault]


class BssDunningStepLadder(models.Model):
    _inherit = "bss.dunning.step"  # pylint: disable=consider-merging-classes-inherited

    how = fields.Char(compute="_compute_ladder_words", string="Channels")
    starts = fields.Char(compute="_compute_ladder_words")
    gate_text = fields.Char(
        compute="_compute_gate_text", string="Law", help="What the law asks before the step, checked each time."
    )

    @api.depends("channel", "fallback_channel", "by_preference", "auto", "repeat_count", "repeat_days")
    @api.depends_context("lang")
    def _compute_ladder_words(self):
        channels = self._bss_channel_names()
        for step in self:
            step.how = step._bss_how(channels)
            step.starts = self.env._("automatic") if step.auto else self.env._("with approval")

    @api.depends("channel", "legal_notice")
    @api.depends_context("lang")
    def _compute_gate_text(self):
        terms = adapters.chain_terms(self.env, polish_day.today())
        for step in self:
            step.gate_text = step._bss_gate_words(terms) if terms else False

    def _bss_gate_words(self, terms):
        return {
            "restrict": self.env._(
                "%(days)s days after delivery of the notice of restriction", days=terms.pay_after_n1
            ),
            "n2": self.env._("%(days)s days after the restriction", days=terms.wait_after_restrict),
            "suspend": self.env._(
                "%(days)s days after delivery of the notice of suspension, or %(persistent)s after the single notice",
                days=terms.pay_after_n2,
                persistent=terms.pay_after_persistent,
            ),
            "n3": self.env._("%(days)s days after the suspension", days=terms.wait_after_suspend),
            "terminate": self.env._(
                "%(days)s days after delivery of the notice of termination", days=terms.pay_after_n3
            ),
            "persistent": self.env._("persistent late payers only"),
        }.get(self.gate, False)

    @api.model
    def _bss_channel_names(self):
        return dict(self._fields["channel"]._description_selection(self.env))

    @api.onchange("channel")
    def _onchange_channel(self):
        """What touches a service waits for a person unless the designer says otherwise."""
        if self.channel in SERVICE_CHANNELS:
            self.auto = False
            self.fallback_channel = False
            self.legal_notice = False

    def action_duplicate(self):
        """The same step once more, below this one."""
        self.ensure_one()
        self.copy({"name": self.env._("%(name)s (copy)", name=self.name)})
        return {"type": "ir.actions.client", "tag": "soft_reload"}
