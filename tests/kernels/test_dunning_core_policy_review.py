"""What becomes of a case when money moves, and the gate answered from loaded facts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from dunning_data import legal_values
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.calendar import NO_FREE_DAYS
from dunning_core.law.service_chain import ChainTerms
from dunning_core.policy.arrears import OpenItem
from dunning_core.policy.gate_facts import NO_FACTS, GateFacts, SentNotice, gate_answer, gate_check
from dunning_core.policy.ladder import Step
from dunning_core.policy.review import Book, Fate, case_arrears, fate

TODAY = date(2026, 11, 22)
DUE = date(2026, 10, 5)
VALUES = legal_values(TODAY)
TERMS = ChainTerms(**{name: VALUES[f"chain_{name}"] for name in ChainTerms.__dataclass_fields__})


def book(*rows: tuple[int, int, str], credit: str = "0.00", **more) -> Book:
    """Rows of (key, days after the first due date, amount)."""
    items = tuple(OpenItem(key, DUE + timedelta(days=late), Decimal(amount), **more) for key, late, amount in rows)
    return Book(items, tuple(item.due for item in items), Decimal(credit))


class TestFate:
    def test_paid(self):
        assert fate(case_arrears(Book()), NO_FACTS) is Fate.PAID
        assert fate(case_arrears(book((1, 0, "5.00"), credit="5.00")), NO_FACTS) is Fate.PAID

    def test_kept(self):
        assert fate(case_arrears(book((1, 0, "5.00"), credit="4.99")), NO_FACTS) is Fate.KEEP

    def test_payment_of_the_noticed_documents_ends_the_chain(self):
        facts = GateFacts(notices=(SentNotice("n1", frozenset({1})),))
        assert fate(case_arrears(book((1, 0, "5.00"), (2, 9, "7.00"))), facts) is Fate.KEEP
        assert fate(case_arrears(book((2, 9, "7.00"))), facts) is Fate.NOTICED_PAID
        assert fate(case_arrears(book((1, 0, "5.00"), (2, 9, "7.00"), credit="5.00")), facts) is Fate.NOTICED_PAID

    def test_a_dispute_of_the_noticed_document_is_no_payment(self):
        facts = GateFacts(notices=(SentNotice("n1", frozenset({1})),))
        disputed = OpenItem(1, DUE, Decimal(5), "DISPUTED")
        newer = OpenItem(2, TODAY, Decimal(7))
        debt = case_arrears(Book((disputed, newer), (DUE, TODAY)))
        assert fate(debt, facts) is Fate.KEEP
        assert not gate_answer("restrict", facts, debt, TODAY, NO_FREE_DAYS, TERMS).allowed

    def test_a_case_of_its_own_documents_leaves_newer_ones_to_the_next(self):
        last = DUE + timedelta(days=3)
        both = book((1, 0, "5.00"), (2, 9, "7.00"))
        debt = case_arrears(both, last)
        assert (debt.overdue, debt.demanded, debt.demanded_keys) == (12, 5, (1,))
        assert fate(debt, NO_FACTS) is Fate.KEEP
        assert fate(case_arrears(book((2, 9, "7.00")), last), NO_FACTS) is Fate.OWN_PAID
        assert fate(case_arrears(book((2, 9, "7.00"))), NO_FACTS) is Fate.KEEP, "this one joins newer documents"

    amounts = st.integers(1, 50_000).map(lambda cents: Decimal(cents) / 100)

    @given(st.lists(st.tuples(amounts, st.integers(0, 90)), max_size=6), st.integers(0, 200_000), st.integers(0, 90))
    def test_book_and_arrears_tell_the_same_debt(self, rows, credit, last):
        ordered = sorted(rows, key=lambda row: row[1])
        one = book(*((key, late, str(amount)) for key, (amount, late) in enumerate(ordered)), credit=str(credit / 100))
        debt = case_arrears(one, DUE + timedelta(days=last))
        assert debt.overdue == one.overdue
        assert (one.oldest() is None) == (one.overdue == 0)
        oldest = one.oldest()
        if oldest is not None:
            covered = sum((item.residual for item in one.items if item.due < oldest[1]), Decimal(0))
            assert covered <= one.credit


class TestGate:
    DEBT = case_arrears(book((1, 0, "5.00")))

    def ask(self, name, number, **facts):
        day = DUE + timedelta(days=number)
        return gate_answer(name, GateFacts(**facts), self.DEBT, day, NO_FREE_DAYS, TERMS)

    def notice(self, kind, number, flaw="", documents=(1,)):
        return SentNotice(kind, frozenset(documents), DUE + timedelta(days=number), flaw)

    @pytest.mark.parametrize(
        ("notices", "code"),
        [
            ((), "N1_NOT_DELIVERED"),
            ((("n1", 10, "NOT_FREE"),), "N1_FLAWED"),
            ((("n1", 10, "OTHER_ADDRESS"),), "N1_FLAWED"),
            ((("n1", 10, "", (9,)),), "N1_NOT_DELIVERED"),
            ((("n1", 10, "NOT_DURABLE"), ("n1", 20)), "ALLOWED"),
        ],
    )
    def test_only_a_delivered_notice_without_flaw_about_open_documents_counts(self, notices, code):
        assert self.ask("restrict", 60, notices=tuple(self.notice(*row) for row in notices)).code == code

    def test_unfit_services_are_suspended_without_restriction(self):
        facts = {"notices": (self.notice("n1", 10),), "restriction_unfit": True}
        assert self.ask("restrict", 60, **facts).code == "RESTRICTION_UNFIT"
        assert self.ask("n2", 60, **facts).allowed

    def test_persistent_payer_gets_the_single_notice(self):
        assert not self.ask("persistent", 60).allowed
        assert self.ask("persistent", 60, persistent_payer=True).allowed

    def test_open_complaint(self):
        facts = {"notices": (self.notice("persistent", 10),), "persistent_payer": True}
        assert self.ask("suspend", 60, **facts).allowed
        assert self.ask("suspend", 60, complaint_open=True, **facts).code == "COMPLAINT_OPEN"

    def test_without_terms_nothing_is_lawful(self):
        check = gate_check(GateFacts(notices=(self.notice("n1", 1),)), self.DEBT, TODAY, NO_FREE_DAYS, None)
        assert check(Step(1, "x", 1, gate="restrict")).code == "NO_LEGAL_TERMS"
