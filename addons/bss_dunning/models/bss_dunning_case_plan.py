"""Next step of cases: planned by the kernel, told in words."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL, format_date, formatLang

from .. import adapters
from ..dunning_core.law.limitation import limitation_bar
from ..dunning_core.policy.arrears import OpenItem, arrears
from ..dunning_core.policy.ladder import CaseState, PastAction, plan
from .bss_dunning_step import CONTACT_CHANNELS

PLAN_BATCH = 1000
WATCHED = ("BELOW_MIN_AMOUNT", "BELOW_MIN_DOCUMENTS", "BELOW_MIN_DAYS", "NOTHING_TO_DEMAND")


class BssDunningCasePlan(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    # Planning: the kernel decides, one batch of cases at a time

    def _bss_plan(self, as_of):
        """Plan every case; write what comes next and why.

        :return: [(case id, kernel plan)] of the cases whose step is to be taken today
        """
        due = []
        calendar = adapters.free_days(self.env)
        limitation = adapters.limitation_terms(self.env)
        for start in range(0, len(self), PLAN_BATCH):
            due += self[start : start + PLAN_BATCH]._bss_plan_batch(as_of, calendar, limitation)
        return due

    def _bss_plan_batch(self, as_of, calendar, limitation):
        debts = self._bss_debts(as_of, calendar, limitation)
        actions = self._bss_past_actions()
        strategies = {s: adapters.strategy_data(s) for s in self.strategy_id.sudo()}
        rows, due = [], []
        for case in self:
            debt = debts[case]
            if not case.strategy_id:
                rows.append((case.id, None, None, "NO_STRATEGY", None, debt.demanded, True))
                continue
            state = CaseState(case.id, actions.get(case.id, ()), case.hold_until or None, case.state == "hold")
            answer = plan(
                state,
                debt,
                strategies[case.strategy_id],
                as_of,
                calendar,
                lambda step, case=case, debt=debt: case._bss_gate(step.gate, as_of, calendar, debt),
            )
            rows.append(self._bss_plan_row(case, debt, answer))
            if answer.acts:
                due.append((case.id, answer))
        self._bss_write_plans(rows)
        return due

    def _bss_plan_row(self, case, debt, answer):
        params = {key: str(value) for key, value in answer.params.items() if value is not None}
        watched = answer.code in WATCHED and not case.step_id
        step = answer.step.key if answer.step else None
        return (case.id, step, answer.date_next, answer.code, params or None, debt.demanded, watched)

    def _bss_write_plans(self, rows):
        if not rows:
            return
        self.env["bss.dunning.case"].flush_model()
        for start in range(0, len(rows), PLAN_BATCH):
            values = SQL(", ").join(
                SQL(
                    "(%s::int, %s::int, %s::date, %s, %s::jsonb, %s::numeric, %s::bool)",
                    case_id,
                    step,
                    day,
                    code,
                    fields.Json().convert_to_column(params, self) if params else None,
                    demanded,
                    watched,
                )
                for case_id, step, day, code, params, demanded, watched in rows[start : start + PLAN_BATCH]
            )
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE bss_dunning_case dunning
                       SET next_step_id = plan.step_id, date_next = plan.day, next_code = plan.code,
                           next_params = plan.params, amount_demanded = plan.demanded, watched = plan.watched
                      FROM (VALUES %s) AS plan(id, step_id, day, code, params, demanded, watched)
                     WHERE dunning.id = plan.id
                    """,
                    values,
                )
            )
        self.invalidate_model()

    def _bss_debts(self, as_of, calendar=None, limitation=None):
        """{case: kernel arrears}: what may be demanded, open credits set against the oldest documents first."""
        calendar = calendar or adapters.free_days(self.env)
        limitation = limitation or adapters.limitation_terms(self.env)
        items = self._bss_open_items(as_of, calendar, limitation)
        return {
            case: arrears(items.get(case.account_id.id, ()), adapters.to_money(case.amount_credit)) for case in self
        }

    def _bss_open_items(self, as_of, calendar, limitation):
        """{account id: [kernel open item]}; one query."""
        if not self:
            return {}
        self.env["account.move.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.bss_account_id, line.id, line.date_maturity, line.amount_residual,
                       COALESCE(line.no_followup, false), account.customer_kind
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                  JOIN account_account ledger ON ledger.id = line.account_id
                  JOIN bss_account account ON account.id = move.bss_account_id
                 WHERE move.bss_account_id = ANY(%s)
                   AND ledger.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted'
                   AND line.reconciled IS NOT TRUE
                   AND line.amount_residual > 0
                   AND line.date_maturity <= %s
                """,
                self.account_id.ids,
                calendar.last_working_day_before(as_of),
            )
        )
        items = defaultdict(list)
        for account_id, line_id, due, residual, disputed, kind in rows:
            withheld = "DISPUTED" if disputed else ""
            if kind == "consumer":
                withheld = limitation_bar(due, as_of, limitation) or withheld
            items[account_id].append(OpenItem(line_id, calendar.shift(due), adapters.to_money(residual), withheld))
        return items

    def _bss_past_actions(self):
        self.env["bss.dunning.action"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT case_id, step_id, COALESCE(date_done, date), state, channel, round
                  FROM bss_dunning_action WHERE case_id = ANY(%s) AND state != 'cancelled' ORDER BY id
                """,
                self.ids,
            )
        )
        actions = defaultdict(list)
        for case_id, step_id, day, state, channel, number in rows:
            contact = channel in CONTACT_CHANNELS
            actions[case_id].append(PastAction(step_id or 0, day, adapters.OUTCOMES[state], contact, number))
        return {case_id: tuple(past) for case_id, past in actions.items()}

    def _bss_lock_and_recheck(self, as_of):
        """Hold the cases still until the transaction ends and look at their money once more."""
        cases = self.sudo()
        cases.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM bss_dunning_case WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", cases.ids)
        )
        cases.invalidate_recordset()
        for company, group in cases.filtered(lambda case: case.state != "closed").grouped("company_id").items():
            cases._bss_refresh(company, as_of, group.account_id.ids)
        cases.filtered(lambda case: case.state != "closed")._bss_plan(as_of)

    def _bss_replan(self):
        for day, cases in self.filtered(lambda case: case.state != "closed").grouped("as_of").items():
            cases._bss_plan(day or polish_day.today())

    # What next and why, in words

    @api.depends("next_code", "next_params", "next_step_id", "date_next", "state")
    @api.depends_context("lang")
    def _compute_next_reason(self):
        for case in self:
            case.next_reason = case._bss_next_reason()

    def _bss_next_reason(self):
        params = dict(self.next_params or {})
        values = {
            "step": self.next_step_id.name or "",
            "day": format_date(self.env, self.date_next) if self.date_next else self.env._("no date"),
            "until": params.get("until") and format_date(self.env, params["until"]) or self.env._("released"),
            "amount": self._bss_text_amount(params.get("amount")),
            "min_amount": self._bss_text_amount(params.get("min_amount")),
            "overdue": self._bss_text_amount(params.get("overdue")),
            "min_days": params.get("min_days", 0),
            "documents": params.get("documents", 0),
            "min_documents": params.get("min_documents", 0),
            "since": params.get("since") and format_date(self.env, params["since"]) or "",
            "why": self._bss_gate_text(params.get("why")),
            "reason": self.hold_reason or "",
            "withheld": self._bss_withheld_text(params.get("withheld")),
        }
        texts = {
            "PAID": lambda: self.env._("Everything is paid."),
            "NOTHING_TO_DEMAND": lambda: self.env._(
                "%(overdue)s is overdue, but nothing may be demanded: %(withheld)s.", **values
            ),
            "ON_HOLD": lambda: self.env._("On hold until %(until)s. %(reason)s", **values),
            "BELOW_MIN_AMOUNT": lambda: self.env._(
                "Watched: %(amount)s is below %(min_amount)s of the strategy.", **values
            ),
            "BELOW_MIN_DOCUMENTS": lambda: self.env._(
                "Watched: %(documents)s documents, the strategy begins with %(min_documents)s.", **values
            ),
            "BELOW_STEP_DOCUMENTS": lambda: self.env._(
                "%(step)s waits: %(documents)s documents, it needs %(min_documents)s.", **values
            ),
            "BELOW_MIN_DAYS": lambda: self.env._(
                "Watched until %(day)s: the strategy begins %(min_days)s days overdue.", **values
            ),
            "LADDER_ENDED": lambda: self.env._("All steps of the strategy were taken."),
            "STEP_IN_WORK": lambda: self.env._("%(step)s waits since %(since)s to be carried out.", **values),
            "TOO_EARLY": lambda: self.env._("%(step)s on %(day)s.", **values),
            "BELOW_STEP_AMOUNT": lambda: self.env._(
                "%(step)s waits: %(amount)s is below its %(min_amount)s.", **values
            ),
            "TOO_MANY_CONTACTS": lambda: self.env._(
                "%(step)s waits until %(day)s: enough contacts this week.", **values
            ),
            "GATE_CLOSED": lambda: self.env._("%(step)s is not lawful yet: %(why)s Earliest: %(day)s.", **values),
            "RETRY": lambda: self.env._("%(step)s failed and is tried again.", **values),
            "DUE": lambda: self.env._("%(step)s is due.", **values),
            "NO_STRATEGY": lambda: self.env._("No strategy fits this kind of customer."),
        }
        text = texts.get(self.next_code)
        return text().strip() if text else ""

    def _bss_text_amount(self, value):
        return formatLang(self.env, float(value or 0), currency_obj=self.currency_id)

    def _bss_withheld_text(self, codes):
        """Why documents are not demanded; ``codes`` of the kernel, comma separated."""
        texts = {
            "LAPSED": self.env._("lapsed by limitation"),
            "LIMITATION_UNKNOWN": self.env._("limitation is not recorded for its due date"),
            "DISPUTED": self.env._("disputed"),
            "INSTALMENT": self.env._("paid by instalments"),
            "NEXT_CASE": self.env._("newer than this case, for a case of their own"),
        }
        return ", ".join(texts.get(code, code) for code in (codes or "").split(",") if code)
