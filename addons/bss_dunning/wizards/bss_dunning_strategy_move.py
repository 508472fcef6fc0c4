"""Cases go over to another version of their strategy, each behind the level it has reached."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from .. import adapters_strategy
from ..dunning_core.strategy.move import landing


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
        self.env["bss.dunning.case"].flush_model()
        self.env["bss.dunning.action"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH taken AS (
                    SELECT action.case_id, step.code
                      FROM bss_dunning_action action
                      JOIN bss_dunning_step step ON step.id = action.step_id
                     WHERE step.strategy_id = %(source)s AND action.state IN ('done', 'skipped')
                     GROUP BY action.case_id, step.id
                    HAVING COUNT(DISTINCT action.round) >= step.repeat_count
                ), held AS (
                    SELECT dunning.id, array_remove(array_agg(taken.code ORDER BY taken.code), NULL) AS codes
                      FROM bss_dunning_case dunning LEFT JOIN taken ON taken.case_id = dunning.id
                     WHERE dunning.strategy_id = %(source)s AND dunning.state != 'closed'
                       AND dunning.company_id = ANY(%(companies)s)
                     GROUP BY dunning.id
                )
                SELECT codes, array_agg(id ORDER BY id) FROM held GROUP BY codes ORDER BY cardinality(codes), codes
                """,
                source=self.source_id._origin.id or self.source_id.id,
                companies=self.env.companies.ids,
            )
        )
        rungs = adapters_strategy.rungs(self.target_id._bss_ordered_steps())
        return [(landing(codes, rungs), codes, ids) for codes, ids in rows]

    def _bss_line_vals(self, place, case_ids):
        names = {step.code: step.name for step in self.source_id.step_ids | self.target_id.step_ids}
        return {
            "level": names.get(place.level) or self.env._("at the beginning"),
            "next_step": names.get(place.next) or self.env._("end of the ladder"),
            "passed": ", ".join(names[code] for code in place.passed),
            "lost": ", ".join(names.get(code, code) for code in place.lost),
            "case_count": len(case_ids),
        }

    def action_move(self):
        """Each case keeps its history under the steps of the same code; nothing goes out now."""
        self.ensure_one()
        self.source_id.check_access("write")
        self._bss_check()
        cases = self.env["bss.dunning.case"].sudo()
        for place, taken, ids in self.sudo()._bss_groups():
            group = cases.browse(ids)
            self.sudo()._bss_move_group(group, place, set(taken) | set(place.passed))
        return {"type": "ir.actions.act_window_close"}

    def _bss_check(self):
        if self.target_id.state != "active" or self.target_id == self.source_id:
            raise UserError(self.env._("Choose another, active strategy to move the cases to."))
        old = {step.code: step for step in self.source_id.step_ids}
        changed = [
            step.name
            for step in self.target_id.step_ids
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
        lost = sum(len(ids) for place, _taken, ids in self._bss_groups() if place.unmapped)
        if lost and not self.accept_lost:
            raise UserError(
                self.env._(
                    "Cases that took steps unknown to %(target)s: %(count)s. See where they land and confirm it.",
                    count=lost,
                    target=self.target_id.display_name,
                )
            )

    def _bss_move_group(self, cases, place, behind):
        cases.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM bss_dunning_case WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", cases.ids)
        )
        self._bss_rename_actions(cases)
        self._bss_cancel_unknown(cases)
        self._bss_pass_over(cases, behind)
        level = self.target_id.step_ids.filtered(lambda step: step.code == place.level)[:1]
        stage = level.stage_id or self.target_id.stage_ids.sorted("sequence")[:1]
        self.env.cr.execute(
            SQL(
                "UPDATE bss_dunning_case SET strategy_id = %s, step_id = %s, stage_id = %s, next_step_id = NULL"
                " WHERE id = ANY(%s)",
                self.target_id.id,
                level.id or None,
                stage.id or None,
                cases.ids,
            )
        )
        self.env.invalidate_all()
        body = self.env._(
            "Moved from %(old)s to %(new)s.", old=self.source_id.display_name, new=self.target_id.display_name
        )
        cases._message_log_batch(bodies=dict.fromkeys(cases.ids, body))
        cases._bss_replan()

    def _bss_rename_actions(self, cases):
        """What was taken or waits under a step stands under the step of the same code."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_dunning_action action
                   SET step_id = fresh.id
                  FROM bss_dunning_step old
                  JOIN bss_dunning_step fresh ON fresh.code = old.code
                 WHERE action.step_id = old.id AND old.strategy_id = %s AND fresh.strategy_id = %s
                   AND action.case_id = ANY(%s)
                """,
                self.source_id.id,
                self.target_id.id,
                cases.ids,
            )
        )
        self.env["bss.dunning.action"].invalidate_model()

    def _bss_cancel_unknown(self, cases):
        """Steps that the new ladder does not have are not carried out any more."""
        waiting = self.env["bss.dunning.action"].search(
            [
                ("case_id", "in", cases.ids),
                ("state", "in", ("planned", "failed")),
                ("step_id.strategy_id", "=", self.source_id.id),
            ]
        )
        waiting._bss_cancel(self.env._("The case went over to %(new)s.", new=self.target_id.display_name))
        self.env["bss.dunning.action"].flush_model()

    def _bss_pass_over(self, cases, behind):
        """Every round of the steps behind the level is finished for the planner; the reason says why."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO bss_dunning_action (
                    case_id, step_id, round, origin, account_id, company_id, date, date_done, channel, state, by_hand,
                    amount, reason, create_uid, write_uid, create_date, write_date)
                SELECT dunning.id, step.id, number, 'hand', dunning.account_id, dunning.company_id, last.day, last.day,
                       step.channel, 'skipped', false, 0, %(reason)s, %(uid)s, %(uid)s,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM bss_dunning_case dunning
                  JOIN bss_dunning_step step ON step.strategy_id = %(target)s AND step.code = ANY(%(codes)s)
                 CROSS JOIN LATERAL generate_series(1, step.repeat_count) AS number
                 CROSS JOIN LATERAL (
                       SELECT COALESCE(MAX(COALESCE(past.date_done, past.date)),
                                       dunning.date_opened, dunning.create_date::date) AS day
                         FROM bss_dunning_action past
                        WHERE past.case_id = dunning.id AND past.state IN ('done', 'skipped')
                       ) last
                 WHERE dunning.id = ANY(%(cases)s)
                ON CONFLICT (case_id, step_id, round) DO UPDATE
                   SET state = 'skipped', date_done = EXCLUDED.date_done, reason = EXCLUDED.reason
                 WHERE bss_dunning_action.state = 'cancelled'
                """,
                reason=self.env._("Passed over: the case had reached a later level when it went over."),
                uid=self.env.uid,
                target=self.target_id.id,
                codes=sorted(behind),
                cases=cases.ids,
            )
        )
        self.env["bss.dunning.action"].invalidate_model()
        self.env["bss.dunning.case"].invalidate_model(["action_ids"])


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
