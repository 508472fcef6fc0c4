"""Cases go over to another strategy, each behind the level it has reached; nothing it had is repeated."""

from markupsafe import Markup
from odoo import api, models
from odoo.tools import SQL

from .. import adapters_strategy
from ..dunning_core.strategy.move import landing


class BssDunningCaseMove(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    def action_change_strategy(self):
        """Ask where this one case goes over to, and why."""
        self.ensure_one()
        self.check_access("write")
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_strategy_change_action")
        return {**action, "context": {"default_case_id": self.id}}

    def _bss_strategies_to_change_to(self):
        """Active strategies, the company's own and shared ones, for this kind of customer, but the present one."""
        self.ensure_one()
        found = self.env["bss.dunning.strategy"]._bss_taking_cases(self.company_id)
        return found.filtered(f"for_{self.customer_kind}") - self.strategy_id

    @api.model
    def _bss_landings(self, source, target, which):
        """Where cases of ``source`` land in ``target``.

        :param which: condition in SQL on ``dunning``
        :return: [(landing, codes taken, case ids)]: cases that have taken the same steps land in the same place
        """
        self.flush_model()
        self.env["bss.dunning.action"].flush_model()
        self.env["bss.dunning.step"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH taken AS (
                    SELECT action.case_id, step.code
                      FROM bss_dunning_action action
                      JOIN bss_dunning_step step ON step.id = action.step_id
                      JOIN bss_dunning_case dunning ON dunning.id = action.case_id
                     WHERE step.strategy_id = ANY(%(ladders)s) AND action.state IN ('done', 'skipped') AND %(which)s
                     GROUP BY action.case_id, step.id
                    HAVING COUNT(DISTINCT action.round) >= step.repeat_count
                ), held AS (
                    SELECT dunning.id, array_remove(array_agg(DISTINCT taken.code ORDER BY taken.code), NULL) AS codes
                      FROM bss_dunning_case dunning LEFT JOIN taken ON taken.case_id = dunning.id
                     WHERE dunning.state != 'closed' AND %(which)s
                     GROUP BY dunning.id
                )
                SELECT codes, array_agg(id ORDER BY id) FROM held GROUP BY codes ORDER BY cardinality(codes), codes
                """,
                ladders=(source | target).ids,
                which=which,
            )
        )
        rungs = adapters_strategy.rungs(target._bss_ordered_steps())
        return [(landing(codes, rungs), codes, ids) for codes, ids in rows]

    def _bss_go_over(self, source, target, place, taken, reason=""):
        """These cases, all on the same level of ``source``, go on behind ``place`` of ``target``."""
        self.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM bss_dunning_case WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", self.ids)
        )
        self._bss_rename_actions(source, target)
        self._bss_cancel_unknown(source, target)
        self._bss_pass_over(target, set(taken) | set(place.passed))
        level = target.step_ids.filtered(lambda step: step.code == place.level)[:1]
        stage = level.stage_id or target.stage_ids.sorted("sequence")[:1]
        self.env.cr.execute(
            SQL(
                "UPDATE bss_dunning_case SET strategy_id = %s, step_id = %s, stage_id = %s, next_step_id = NULL"
                " WHERE id = ANY(%s)",
                target.id,
                level.id or None,
                stage.id or None,
                self.ids,
            )
        )
        self.env.invalidate_all()
        self._bss_log_move(source, target, reason)
        self._bss_replan()

    def _bss_log_move(self, source, target, reason):
        """In the history of the cases, told apart from what else stands there: the timeline shows it."""
        words = self.env._("Moved from %(old)s to %(new)s.", old=source.display_name or "–", new=target.display_name)
        body = Markup("%s<br/>%s") % (words, reason) if reason else words
        messages = self._message_log_batch(bodies=dict.fromkeys(self.ids, body))
        messages.subtype_id = self.env.ref("bss_dunning.mt_case_moved")

    def _bss_rename_actions(self, source, target):
        """What was taken or waits under a step stands under the step of the same code."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_dunning_action action
                   SET step_id = fresh.id
                  FROM bss_dunning_step old
                  JOIN bss_dunning_step fresh ON fresh.code = old.code
                 WHERE action.step_id = old.id AND old.strategy_id = ANY(%s) AND fresh.strategy_id = %s
                   AND action.case_id = ANY(%s)
                """,
                source.ids,
                target.id,
                self.ids,
            )
        )
        self.env["bss.dunning.action"].invalidate_model()

    def _bss_cancel_unknown(self, source, target):
        """Steps that the new ladder does not have are not carried out any more."""
        waiting = self.env["bss.dunning.action"].search(
            [
                ("case_id", "in", self.ids),
                ("state", "in", ("planned", "failed")),
                ("step_id.strategy_id", "in", source.ids),
            ]
        )
        waiting._bss_cancel(self.env._("The case went over to %(new)s.", new=target.display_name))
        self.env["bss.dunning.action"].flush_model()

    def _bss_pass_over(self, target, behind):
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
                target=target.id,
                codes=sorted(behind),
                cases=self.ids,
            )
        )
        self.env["bss.dunning.action"].invalidate_model()
        self.invalidate_model(["action_ids"])
