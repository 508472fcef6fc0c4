"""The legal gate of the service chain, answered from facts that were loaded for many cases at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from ..law.calendar import FreeDays
from ..law.service_chain import ChainState, ChainStep, ChainTerms, Notice, NoticeKind, gate
from .arrears import Arrears
from .ladder import GateAnswer, GateCheck, Step


@dataclass(frozen=True)
class SentNotice:
    """A notice of the chain that went out, with the documents that it named."""

    kind: str
    documents: frozenset[int]
    delivered: date | None = None
    flaw: str = ""

    def stands(self, documents: Collection[int]) -> bool:
        """A notice holds while one of the documents that it named is among these."""
        return not self.documents.isdisjoint(documents)


@dataclass(frozen=True)
class GateFacts:
    """What the gate has to know about one case; ``restricted_on`` is None while any block is still on its way.

    A complaint protects whatever else is unpaid, which is the safe side.
    """

    notices: tuple[SentNotice, ...] = ()
    restricted_on: date | None = None
    suspended_on: date | None = None
    restriction_unfit: bool = False
    unfit_since: date | None = None
    complaint_open: bool = False
    complaint_exhausted_on: date | None = None
    persistent_payer: bool = False

    def chain_state(self, debt: Arrears) -> ChainState:
        """The facts of the present arrears: notices only about what may still be demanded."""
        keys = frozenset(debt.demanded_keys)
        return ChainState(
            unpaid=debt.demanded > 0,
            notices=tuple(
                Notice(NoticeKind(notice.kind), notice.delivered, notice.flaw)
                for notice in self.notices
                if notice.stands(keys)
            ),
            restricted_on=self.restricted_on,
            suspended_on=self.suspended_on,
            restriction_unfit=self.restriction_unfit,
            unfit_since=self.unfit_since,
            complaint_open=self.complaint_open,
            complaint_exhausted_on=self.complaint_exhausted_on,
            undisputed_paid=True,
            persistent_payer=self.persistent_payer,
        )

    def ended_by_payment(self, debt: Arrears) -> bool:
        """Tell whether notices went out and nothing that any of them named is claimed any more."""
        return bool(self.notices) and not any(notice.stands(debt.claimed_keys) for notice in self.notices)


NO_FACTS = GateFacts()


def gate_answer(
    name: str, facts: GateFacts, debt: Arrears, as_of: date, calendar: FreeDays, terms: ChainTerms | None
) -> GateAnswer:
    """Tell whether a step of the chain is lawful; without recorded terms nothing is."""
    if terms is None:
        return GateAnswer(False, "NO_LEGAL_TERMS")
    answer = gate(ChainStep(name), facts.chain_state(debt), as_of, calendar, terms)
    return GateAnswer(answer.allowed, answer.code, answer.earliest)


def gate_check(facts: GateFacts, debt: Arrears, as_of: date, calendar: FreeDays, terms: ChainTerms | None) -> GateCheck:
    """The question that the ladder asks, bound to one case and day."""

    def check(step: Step) -> GateAnswer:
        return gate_answer(step.gate, facts, debt, as_of, calendar, terms)

    return check
