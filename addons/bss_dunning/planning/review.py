"""The kernel's decision for every account of a scope, from loaded rows; nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..dunning_core.policy.arrears import Arrears
from ..dunning_core.policy.gate_facts import NO_FACTS, GateFacts, gate_check
from ..dunning_core.policy.ladder import CaseState, Plan, Verdict, plan
from ..dunning_core.policy.review import Book, Fate, case_arrears, fate
from .load import Account, Case
from .load_facts import load_gate_facts, load_past

NO_STRATEGY = Plan(Verdict.WAIT, "NO_STRATEGY")
EMPTY = Book()


class Decision(NamedTuple):
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


class Known(NamedTuple):
    """What is asked of the books about a case before it is planned."""

    debt: Arrears
    facts: GateFacts


def last_due(case, terms):
    """Last agreed due date of the documents that belong to a case; None when it takes newer ones in, too."""
    if not (case.strategy_id and case.date_opened) or terms.strategies[case.strategy_id].absorb != "own":
        return None
    return terms.overdue_by[case.date_opened]


def debt_of(case, accounts, terms):
    """Kernel arrears of a case."""
    account = accounts.get(case.account_id)
    return case_arrears(account.book if account else EMPTY, last_due(case, terms))


def look(env, accounts, cases, terms, *, fresh=False) -> dict[Case, Known]:
    """What decides about open cases; kept by their rows, so that a case that did not change is looked at once."""
    cases = list(cases)
    facts = load_gate_facts(env, cases, terms, fresh=fresh)
    return {
        case: Known(debt_of(case, accounts, terms), facts.get(case.id or -case.account_id, NO_FACTS)) for case in cases
    }


def fates(known: dict[Case, Known]) -> dict[Fate, list[Case]]:
    """{fate: cases} of open cases that were looked at."""
    found: dict[Fate, list[Case]] = {one: [] for one in Fate}
    for case, (debt, facts) in known.items():
        found[fate(debt, facts)].append(case)
    return found


def review(env, accounts: dict[int, Account], cases: Iterable[Case], terms, known=None) -> list[Decision]:
    """Plan cases that stay open, and those that would be opened (``id`` 0).

    :param known: what ``look`` found of some of them
    """
    cases = list(cases)
    known = known or {}
    known = known | look(env, accounts, [case for case in cases if case not in known], terms)
    past = load_past(env, [case.id for case in cases if case.id])
    return _decisions(accounts, cases, known, past, terms)


def review_fresh(env, accounts: dict[int, Account], cases: Iterable[Case], terms) -> list[Decision]:
    """Plan cases that are about to be opened: nothing was done in them, whatever ids they are going to have."""
    cases = list(cases)
    return _decisions(accounts, cases, look(env, accounts, cases, terms, fresh=True), {}, terms)


def _decisions(accounts, cases, known, past, terms) -> list[Decision]:
    return [
        _decide(
            case,
            accounts.get(case.account_id) or Account(case.account_id, 0, "", EMPTY),
            past.get(case.id, ()),
            *known[case],
            terms,
        )
        for case in cases
    ]


def _decide(case: Case, account: Account, past, debt: Arrears, facts: GateFacts, terms) -> Decision:
    if not case.strategy_id:
        return Decision(case, account, debt, NO_STRATEGY)
    answer = plan(
        CaseState(case.id, past, case.hold_until, case.on_hold),
        debt,
        terms.strategies[case.strategy_id],
        terms.as_of,
        terms.calendar,
        gate_check(facts, debt, terms.as_of, terms.calendar, terms.chain),
    )
    return Decision(case, account, debt, answer)
