"""One case goes over to another strategy, because somebody who knows the customer says so."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class BssDunningStrategyChange(models.TransientModel):
    """For collectors: they may hold a case and skip its steps anyhow, and the gates of the law stand in every ladder.

    The reason is kept with the name of who gave it. Ladders for another kind of customer are refused.
    """

    _name = "bss.dunning.strategy.change"
    _description = "Change the Strategy of a Case"

    case_id = fields.Many2one("bss.dunning.case", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="case_id.company_id")
    source_id = fields.Many2one(related="case_id.strategy_id", string="From")
    allowed_ids = fields.Many2many("bss.dunning.strategy", compute="_compute_allowed_ids")
    target_id = fields.Many2one(
        "bss.dunning.strategy",
        string="To",
        required=True,
        ondelete="cascade",
        domain="[('id', 'in', allowed_ids)]",
    )
    reason = fields.Char(required=True)
    level = fields.Char(string="Goes On Behind", compute="_compute_place")
    next_step = fields.Char(compute="_compute_place")
    passed = fields.Char(string="Passed Over", compute="_compute_place")
    lost = fields.Char(string="Unknown to the New Ladder", compute="_compute_place")

    @api.depends("case_id")
    def _compute_allowed_ids(self):
        for wizard in self:
            case = wizard.case_id
            wizard.allowed_ids = case and case._bss_strategies_to_change_to().with_env(self.env)

    @api.depends("case_id", "target_id")
    def _compute_place(self):
        for wizard in self:
            source, target = wizard.source_id, wizard.target_id
            words = dict.fromkeys(("level", "next_step", "passed", "lost"), False)
            if wizard.case_id and target and target != source:
                place, _taken = wizard._bss_place()
                words = source._bss_place_words(target, place)
            wizard.update(words)

    def _bss_place(self):
        """(landing, codes taken) of the case, None when it is closed."""
        self.case_id._origin.check_access("read")
        which = SQL("dunning.id = ANY(%s)", self.case_id.ids)
        found = self.env["bss.dunning.case"].sudo()._bss_landings(self.source_id.sudo(), self.target_id.sudo(), which)
        return found[0][:2] if found else (None, [])

    def action_change(self):
        """The case keeps its history and is planned anew; nothing goes out now."""
        self.ensure_one()
        self.case_id.check_access("write")
        case = self.case_id.sudo()
        if case.state == "closed":
            raise UserError(self.env._("Case %(name)s is closed.", name=case.name))
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why the strategy is changed: the reason stays with the case."))
        if self.target_id not in case._bss_strategies_to_change_to():
            raise UserError(
                self.env._(
                    "%(strategy)s is not for case %(name)s: choose another active strategy for this kind of customer.",
                    strategy=self.target_id.display_name,
                    name=case.name,
                )
            )
        source, target = case.strategy_id, self.target_id.sudo()
        source._bss_check_move(target)
        place, taken = self._bss_place()
        case._bss_go_over(source, target, place, taken, self.reason.strip())
        return {"type": "ir.actions.act_window_close"}
