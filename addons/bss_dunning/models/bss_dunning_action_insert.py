"""Actions made of the kernel's plans, each step of a case once, with the documents they demand."""

from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .. import adapters


class BssDunningActionInsert(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_insert(self, plans, as_of, run=None):
        """Action rows of kernel plans; a row whose step failed or was called off is taken up again."""
        if not plans:
            return self.browse()
        self.flush_model()
        cases = self.env["bss.dunning.case"].browse(case_id for case_id, _plan in plans)
        cases.fetch(["company_id", "account_id", "amount_demanded"])
        steps = self.env["bss.dunning.step"].browse({plan.step.key for _case_id, plan in plans})
        steps.fetch(["auto", "channel", "deadline_days"])
        values = []
        for case, (_case_id, plan) in zip(cases, plans, strict=True):
            step = steps.browse(plan.step.key)
            values.append(
                SQL(
                    "(%s, %s, %s, %s, %s, %s, %s, %s, %s, 'planned', %s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC',"
                    " now() AT TIME ZONE 'UTC')",
                    case.id,
                    step.id,
                    plan.round,
                    "run" if run else "hand",
                    case.account_id.id,
                    case.company_id.id,
                    run.id if run else None,
                    as_of,
                    step.channel,
                    not step.auto,
                    case.amount_demanded,
                    as_of + timedelta(days=step.deadline_days),
                    self.env.uid,
                    self.env.uid,
                )
            )
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO bss_dunning_action (
                    case_id, step_id, round, origin, account_id, company_id, run_id, date, channel, state, by_hand, amount, deadline,
                    create_uid, write_uid, create_date, write_date)
                VALUES %s
                ON CONFLICT (case_id, step_id, round) DO UPDATE
                   SET state = 'planned', run_id = EXCLUDED.run_id, amount = EXCLUDED.amount,
                       deadline = EXCLUDED.deadline, write_date = EXCLUDED.write_date,
                       date = CASE bss_dunning_action.state WHEN 'cancelled' THEN EXCLUDED.date
                                   ELSE bss_dunning_action.date END
                 WHERE bss_dunning_action.state IN ('failed', 'cancelled')
                RETURNING id
                """,
                SQL(", ").join(values),
            )
        )
        actions = self.browse(row[0] for row in rows)
        self.invalidate_model()
        self.env["bss.dunning.case"].invalidate_model(["action_ids"])
        actions._bss_fill_lines(as_of)
        return actions

    def _bss_fill_lines(self, as_of):
        """Remember which documents are demanded; one query for all."""
        if not self:
            return
        calendar = adapters.free_days(self.env)
        limitation = adapters.limitation_terms(self.env)
        debts = self.case_id._bss_debts(as_of, calendar, limitation)
        self.flush_model(["line_ids"])
        self.env.cr.execute(
            SQL("DELETE FROM bss_dunning_action_move_line_rel WHERE action_id = ANY(%s)", self.ids),
        )
        pairs = [(action.id, key) for action in self for key in debts[action.case_id].demanded_keys]
        if pairs:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO bss_dunning_action_move_line_rel (action_id, line_id) VALUES %s"
                    " ON CONFLICT DO NOTHING",
                    SQL(", ").join(SQL("(%s, %s)", *pair) for pair in pairs),
                )
            )
        self.invalidate_recordset(["line_ids", "notice_stands", "documents_html"])
