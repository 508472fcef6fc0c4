"""The kernel's decision for every account of a scope, from loaded rows; nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..dunning_core.policy.arrears import Arrears
from ..dunning_core.policy.gate_facts import NO_FACTS, GateFacts, gate_check
from ..dunning_core.policy.ladder import CaseState, Plan, Verdict, plan
from ..dunning_core.policy.review import Book, Fate, case_arrears, fate
from .load import Account, Case
from .load_facts import load_gate_facts, load_past

NO_STRATEGY = Plan(Verdict.WAIT, "NO_STRATEGY")
EMPTY = Book()


@dataclass(frozen=True)
class Decision:
    """What is to be written of a case and why."""

    case: Case
    account: Account
    debt: Arrears
    plan: Plan

    @property
    def acts(self) -> bool:
        return self.plan.acts

    @property
    def step(self):
        return self.plan.step

    @property
    def round(self) -> int:
        return self.plan.round


def last_due(case, terms):
    """Last agreed due date of the documents that belong to a case; None when it takes newer ones in, too."""
    if not (case.strategy_id and case.date_opened) or terms.strategy(case.strategy_id).absorb != "own":
        return None
    return terms.overdue_by(case.date_opened)


def debt_of(case, accounts, terms):
    """Kernel arrears of a case."""
    account = accounts.get(case.account_id)
    return case_arrears(account.book if account else EMPTY, last_due(case, terms))


def fates(env, accounts, cases, terms):
    """{fate: cases} of open cases."""
    facts = load_gate_facts(env, list(cases), terms)
    found = {one: [] for one in Fate}
    for case in cases:
        found[fate(debt_of(case, accounts, terms), facts.get(case.id, NO_FACTS))].append(case)
    return found


def review(env, accounts: dict[int, Account], cases: Iterable[Case], terms) -> list[Decision]:
    """Plan cases that stay open, and those that would be opened (``id`` 0)."""
    cases = list(cases)
    past = load_past(env, [case.id for case in cases if case.id])
    facts = load_gate_facts(env, cases, terms)
    return [
        _decide(
            case,
            accounts.get(case.account_id) or Account(case.account_id, 0, "", EMPTY),
            past.get(case.id, ()),
            facts.get(case.id or -case.account_id, NO_FACTS),
            terms,
        )
        for case in cases
    ]


def _decide(case: Case, account: Account, past, facts: GateFacts, terms) -> Decision:
    debt = case_arrears(account.book, last_due(case, terms))
    if not case.strategy_id:
        return Decision(case, account, debt, NO_STRATEGY)
    answer = plan(
        CaseState(case.id, past, case.hold_until, case.on_hold),
        debt,
        terms.strategy(case.strategy_id),
        terms.as_of,
        terms.calendar,
        gate_check(facts, debt, terms.as_of, terms.calendar, terms.chain),
    )
    return Decision(case, account, debt, answer)
