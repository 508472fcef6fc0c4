"""Versions of a strategy: drafted, activated, retired; the steps of one that cases follow stand still."""

from odoo import api, models
from odoo.exceptions import RedirectWarning, UserError

# Corrected in place: what was sent is archived with its letter, and a slip of the pen needs no new ladder
WORDING = frozenset(
    {"name", "letter_title", "letter_text", "sms_text", "mail_template_id", "with_letter", "tone", "cost"}
)


class BssDunningStrategyVersion(models.Model):
    _inherit = "bss.dunning.strategy"  # pylint: disable=consider-merging-classes-inherited

    @api.depends("name", "version", "state", "previous_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        for strategy in self:
            parts = [strategy.name or ""]
            if strategy.version > 1 or strategy.state == "retired":
                parts.append(self.env._("version %(number)s", number=strategy.version))
            if strategy.state in ("draft", "retired"):
                parts.append(states[strategy.state].lower())
            strategy.display_name = ", ".join(parts)

    def _bss_family(self):
        """All versions of this strategy."""
        self.ensure_one()
        return (
            self.sudo()
            .with_context(active_test=False)
            .search([("code", "=", self.code), ("company_id", "=", self.company_id.id)], order="version desc")
        )

    def _bss_current(self):
        """The version of this strategy that takes new cases, if there is one."""
        self.ensure_one()
        return self._bss_family().filtered(lambda one: one.state == "active" and one.active)

    def _bss_in_use(self):
        """Those of these strategies that open cases follow."""
        groups = (
            self.env["bss.dunning.case"]
            .sudo()
            ._read_group([("strategy_id", "in", self.ids), ("state", "!=", "closed")], ["strategy_id"])
        )
        return self.browse(strategy.id for (strategy,) in groups)

    def _bss_refuse_in_use(self):
        """A ladder with people on it is not rebuilt under them; a new release of the addon may lengthen a shipped one."""
        if self.env.context.get("install_mode"):
            return
        used = self._bss_in_use()[:1]
        if not used:
            return
        raise RedirectWarning(
            self.env._(
                "Strategy %(name)s is followed by %(count)s open cases, so its steps stand still. Make a new version, "
                "change that, activate it and move the cases.",
                name=used.display_name,
                count=used.sudo().case_count,
            ),
            self.env.ref("bss_dunning.bss_dunning_strategy_new_version_action").id,
            self.env._("New version"),
            {"active_model": self._name, "active_id": used.id, "active_ids": used.ids},
        )

    def copy(self, default=None):
        copies = super().copy(default)
        copies.invalidate_recordset(["step_ids"])  # the stages brought them in, and the cache has them twice
        return copies

    def action_new_version(self):
        """Open the draft of the next version; made by copying this one when there is none yet."""
        self.ensure_one()
        self.check_access("write")
        draft = self._bss_family().filtered(lambda one: one.state == "draft")[:1]
        if not draft:
            number = max(self._bss_family().mapped("version")) + 1
            draft = self.copy({"name": self.name, "code": self.code, "version": number, "previous_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "view_mode": "form",
        }

    def action_view_versions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_strategy_action")
        action["domain"] = [("id", "in", self._bss_family().ids)]
        action["context"] = {"active_test": False}
        return action

    def action_activate(self):
        """From now on new cases follow this version; the one before retires and keeps its running cases."""
        self.check_access("write")
        for strategy in self:
            if strategy.state != "draft":
                raise UserError(self.env._("%(name)s is no draft.", name=strategy.display_name))
            if not strategy.step_ids:
                raise UserError(self.env._("Strategy %(name)s has no steps.", name=strategy.name))
            strategy._bss_family().filtered(lambda one: one.state == "active").state = "retired"
            self.flush_model(["state"])
            strategy.state = "active"

    def action_retire(self):
        """No new cases any more; running ones go on."""
        self.check_access("write")
        self.filtered(lambda strategy: strategy.state == "active").state = "retired"

    # Cases that go over

    def _bss_check_move(self, target):
        """Refuse a ladder that cases of this one cannot go over to."""
        if target.state != "active" or target == self:
            raise UserError(self.env._("Choose another, active strategy to move the cases to."))
        old = {step.code: step for step in self.step_ids}
        changed = [
            step.name
            for step in target.step_ids
            if step.code in old and step.legal_notice != old[step.code].legal_notice
        ]
        if changed:
            raise UserError(
                self.env._(
                    "These steps are another notice of the law than before, so what was delivered would count for "
                    "something it was not: %(steps)s. Give them other codes.",
                    steps=", ".join(changed),
                )
            )

    def _bss_place_words(self, target, place):
        """A landing in ``target`` in the names of the steps."""
        names = {step.code: step.name for step in self.step_ids | target.step_ids}
        return {
            "level": names.get(place.level) or self.env._("at the beginning"),
            "next_step": names.get(place.next) or self.env._("end of the ladder"),
            "passed": ", ".join(names[code] for code in place.passed),
            "lost": ", ".join(names.get(code, code) for code in place.lost),
        }


class BssDunningStage(models.Model):
    _inherit = "bss.dunning.stage"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        if "strategy_id" in vals or any(stage.sequence != vals.get("sequence", stage.sequence) for stage in self):
            self.strategy_id._bss_refuse_in_use()
        return super().write(vals)

    def copy(self, default=None):
        copies = super(BssDunningStage, self.with_context(bss_fresh_codes=True)).copy(default)
        copies.strategy_id.invalidate_recordset(["step_ids"])
        return copies

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        self.strategy_id._bss_refuse_in_use()


class BssDunningStep(models.Model):
    _inherit = "bss.dunning.step"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps.strategy_id._bss_refuse_in_use()
        return steps

    def write(self, vals):
        if any(step._bss_changes(vals) for step in self):
            (
                self.strategy_id | self.env["bss.dunning.stage"].browse(vals.get("stage_id")).strategy_id
            )._bss_refuse_in_use()
        return super().write(vals)

    def _bss_changes(self, vals):
        """Whether the values change what the step does, not only its words."""
        self.ensure_one()
        for name in set(vals) - WORDING:
            field = self._fields.get(name)
            if field is None or not field.store and not field.inverse:
                continue
            old = self[name].id if field.type == "many2one" else self[name]
            if (old or False) != (vals[name] or False):
                return True
        return False

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        self.strategy_id._bss_refuse_in_use()
