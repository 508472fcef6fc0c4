"""Cases go over to another version of their strategy, each behind the level it has reached."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL


class BssDunningStrategyMove(models.TransientModel):
    _name = "bss.dunning.strategy.move"
    _description = "Move Cases to Another Strategy"

    source_id = fields.Many2one("bss.dunning.strategy", string="From", required=True, ondelete="cascade")
    target_id = fields.Many2one(
        "bss.dunning.strategy",
        string="To",
        required=True,
        ondelete="cascade",
        compute="_compute_target_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('state', '=', 'active'), ('id', '!=', source_id)]",
    )
    line_ids = fields.One2many(
        "bss.dunning.strategy.move.line", "wizard_id", compute="_compute_line_ids", store=True, string="Where They Land"
    )
    case_count = fields.Integer(compute="_compute_counts", string="Cases")
    lost_count = fields.Integer(compute="_compute_counts", string="Cases on Unknown Steps")
    accept_lost = fields.Boolean(
        string="Move these cases, too", help="They go on behind the last step that the new ladder knows."
    )

    @api.depends("source_id")
    def _compute_target_id(self):
        for wizard in self:
            wizard.target_id = (wizard.source_id and wizard.source_id._bss_current()) - wizard.source_id

    @api.depends("source_id", "target_id")
    def _compute_line_ids(self):
        for wizard in self:
            groups = wizard._bss_groups() if wizard.source_id and wizard.target_id else []
            wizard.line_ids = [Command.clear()] + [
                Command.create(wizard._bss_line_vals(place, ids)) for place, _taken, ids in groups
            ]

    @api.depends("line_ids.case_count", "line_ids.lost")
    def _compute_counts(self):
        for wizard in self:
            wizard.case_count = sum(wizard.line_ids.mapped("case_count"))
            wizard.lost_count = sum(wizard.line_ids.filtered("lost").mapped("case_count"))

    def _bss_groups(self):
        """[(landing, codes taken, case ids)]: cases that have taken the same steps land in the same place."""
        mine = SQL(
            "dunning.strategy_id = ANY(%s) AND dunning.company_id = ANY(%s)", self.source_id.ids, self.env.companies.ids
        )
        return self.env["bss.dunning.case"]._bss_landings(self.source_id, self.target_id, mine)

    def _bss_line_vals(self, place, case_ids):
        return {**self.source_id._bss_place_words(self.target_id, place), "case_count": len(case_ids)}

    def action_move(self):
        """Each case keeps its history under the steps of the same code; nothing goes out now."""
        self.ensure_one()
        self.source_id.check_access("write")
        self.source_id._bss_check_move(self.target_id)
        self._bss_check_lost()
        cases = self.env["bss.dunning.case"].sudo()
        for place, taken, ids in self.sudo()._bss_groups():
            cases.browse(ids)._bss_go_over(self.source_id.sudo(), self.target_id.sudo(), place, taken)
        return {"type": "ir.actions.act_window_close"}

    def _bss_check_lost(self):
        lost = sum(len(ids) for place, _taken, ids in self._bss_groups() if place.unmapped)
        if lost and not self.accept_lost:
            raise UserError(
                self.env._(
                    "Cases that took steps unknown to %(target)s: %(count)s. See where they land and confirm it.",
                    count=lost,
                    target=self.target_id.display_name,
                )
            )


class BssDunningStrategyMoveLine(models.TransientModel):
    _name = "bss.dunning.strategy.move.line"
    _description = "Where Moved Cases Land"

    wizard_id = fields.Many2one("bss.dunning.strategy.move", required=True, ondelete="cascade", index=True)
    level = fields.Char(string="Goes On Behind", readonly=True)
    next_step = fields.Char(readonly=True)
    passed = fields.Char(string="Passed Over", readonly=True, help="New steps before the level of these cases.")
    lost = fields.Char(
        string="Unknown to the New Ladder", readonly=True, help="Taken steps whose code the new ladder does not have."
    )
    case_count = fields.Integer(string="Cases", readonly=True)
