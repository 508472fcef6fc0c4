"""The same rules record by record through the ORM, as one writes them without thinking of 200,000 accounts.

Each account is searched, weighed, given a case and planned by itself; the kernel that decides is the same.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dunning_core.law.limitation import limitation_bar
from dunning_core.policy.arrears import OpenItem, arrears
from dunning_core.policy.gate_facts import NO_FACTS, gate_check
from dunning_core.policy.ladder import CaseState, PastAction, plan


class Loop:
    """Everything that is the same for all accounts is read once, as in any sensible program."""

    def __init__(self, env: Any, as_of: Any) -> None:
        from odoo.addons.bss_dunning import adapters

        self.env, self.as_of, self.adapters = env, as_of, adapters
        self.calendar = adapters.free_days(env)
        self.limitation = adapters.limitation_terms(env)
        self.chain = adapters.chain_terms(env, as_of)
        self.cutoff = self.calendar.last_working_day_before(as_of)
        self.ladders: dict[Any, Any] = {}

    def work(self, accounts: Any) -> None:
        for account in accounts:
            self.account(account)
        self.env.flush_all()

    def account(self, account: Any) -> None:
        lines = self.env["account.move.line"].search(
            [
                ("bss_account_id", "=", account.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("amount_residual", "!=", 0),
            ],
            order="date_maturity, id",
        )
        credit = -sum(self.money(line.amount_residual) for line in lines if line.amount_residual < 0)
        overdue = [line for line in lines if line.amount_residual > 0 and line.date_maturity <= self.cutoff]
        debt = arrears([self.item(account, line) for line in overdue], Decimal(credit))
        if debt.overdue > 0:
            self.plan(self.case(account), overdue, debt, Decimal(credit))

    def item(self, account: Any, line: Any) -> OpenItem:
        bar = (
            limitation_bar(line.date_maturity, self.as_of, self.limitation)
            if account.customer_kind == "consumer"
            else ""
        )
        withheld = bar or ("DISPUTED" if line.no_followup else "")
        return OpenItem(line.id, self.calendar.shift(line.date_maturity), self.money(line.amount_residual), withheld)

    def case(self, account: Any) -> Any:
        cases = self.env["bss.dunning.case"]
        found = cases.search([("account_id", "=", account.id), ("state", "!=", "closed")], limit=1)
        if found:
            return found
        strategy = account.dunning_strategy_id or self.strategy(account)
        return cases.create(
            {
                "account_id": account.id,
                "strategy_id": strategy.id,
                "stage_id": strategy.stage_ids[:1].id,
                "date_opened": self.as_of,
            }
        )

    def strategy(self, account: Any) -> Any:
        """The first active one for his kind of customer whose own condition the account meets."""
        kind = f"for_{account.customer_kind}"
        found = self.env["bss.dunning.strategy"].search([(kind, "=", True), ("state", "=", "active")])
        return next((one for one in found if account.filtered_domain(one._bss_domain())), found.browse())

    def plan(self, case: Any, lines: list[Any], debt: Any, credit: Decimal) -> None:
        if case.strategy_id not in self.ladders:
            self.ladders[case.strategy_id] = self.adapters.strategy_data(case.strategy_id)
        past = tuple(
            PastAction(
                action.step_id.id,
                action.date_done or action.date,
                self.adapters.OUTCOMES[action.state],
                action.channel in ("email", "letter", "sms", "call"),
                action.round,
            )
            for action in case.action_ids
            if action.state != "cancelled"
        )
        answer = plan(
            CaseState(case.id, past, case.hold_until or None, case.state == "hold"),
            debt,
            self.ladders[case.strategy_id],
            self.as_of,
            self.calendar,
            gate_check(NO_FACTS, debt, self.as_of, self.calendar, self.chain),
        )
        since = self.calendar.shift(lines[0].date_maturity)
        case.write(
            {
                "amount_overdue": float(debt.overdue),
                "amount_demanded": float(debt.demanded),
                "amount_credit": float(credit),
                "oldest_due": lines[0].date_maturity,
                "days_overdue": (self.as_of - since).days,
                "as_of": self.as_of,
                "next_step_id": answer.step.key if answer.step else False,
                "date_next": answer.date_next,
                "next_code": answer.code,
                "next_params": {key: str(value) for key, value in answer.params.items() if value is not None} or False,
            }
        )
        if answer.acts and answer.step is not None:
            self.env["bss.dunning.action"].create(
                {
                    "case_id": case.id,
                    "step_id": answer.step.key,
                    "round": answer.round,
                    "date": self.as_of,
                    "channel": case.next_step_id.channel,
                    "by_hand": not case.next_step_id.auto,
                    "amount": float(debt.demanded),
                    "line_ids": [(6, 0, debt.demanded_keys)],
                }
            )

    def money(self, value: float) -> Decimal:
        found: Decimal = self.adapters.to_money(value)
        return found
