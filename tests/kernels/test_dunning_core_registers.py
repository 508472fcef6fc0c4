"""Preconditions of a report to a debt register, each condition with its first day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from dunning_data import register_terms
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.registers import (
    Debtor,
    Demand,
    DemandForm,
    Ground,
    RegisterCheck,
    RegisterItem,
    Title,
    check,
    listing_flags,
    update_deadline,
)

TERMS = register_terms()
CONSUMER = Debtor(Ground.CONSUMER, bureau_contract=True)
BUSINESS = Debtor(Ground.BUSINESS, bureau_contract=True)
ITEMS = (
    RegisterItem(1, date(2026, 6, 15), Decimal("120.00")),
    RegisterItem(2, date(2026, 7, 14), Decimal("120.00")),
    RegisterItem(3, date(2026, 8, 14), Decimal("300.00")),
)
DEMAND = Demand(date(2026, 8, 31), DemandForm.REGISTERED_LETTER, frozenset({1, 2, 3}), True, True)


def ask(as_of: str, debtor: Debtor = CONSUMER, items=ITEMS, demand: Demand | None = DEMAND) -> RegisterCheck:
    return check(debtor, items, demand, date.fromisoformat(as_of), TERMS)


def failing(result: RegisterCheck) -> dict[str, date | None]:
    return {condition.code: condition.earliest for condition in result.failing}


class TestConsumer:
    def test_all_conditions_met(self):
        result = ask("2026-10-01")
        assert (result.allowed, result.keys, result.amount) == (True, (1, 2, 3), Decimal("540.00"))
        assert [condition.code for condition in result.conditions] == [
            "BIG_BUREAU_CONTRACT",
            "BIG_AMOUNT",
            "BIG_DEMAND_FORM",
            "BIG_DEMAND_BUREAU",
            "BIG_DEMAND_OBJECTION",
            "BIG_DEMAND_MONTH",
        ]

    def test_the_month_ends_with_september(self):
        """Sent on 31 August: the month ends on 30 September, 1 October is the first day."""
        result = ask("2026-09-30")
        assert failing(result) == {"BIG_DEMAND_MONTH": date(2026, 10, 1)}
        assert result.earliest == date(2026, 10, 1)

    def test_the_amount_grows_old_enough(self):
        """240.00 are 30 days overdue when the second one is: 14 July and 30 days, then the day after."""
        result = ask("2026-08-13", demand=replace(DEMAND, sent=date(2026, 7, 1)))
        assert failing(result) == {"BIG_AMOUNT": date(2026, 8, 14)}
        assert result.failing[0].reason.params["total"] == Decimal("120.00")
        assert ask("2026-08-14", demand=replace(DEMAND, sent=date(2026, 7, 1))).keys == (1, 2)

    def test_too_little_money_never_gets_there_by_itself(self):
        result = ask("2026-10-01", items=ITEMS[:1])
        assert failing(result) == {"BIG_AMOUNT": None}
        assert result.earliest is None

    def test_no_demand(self):
        assert failing(ask("2026-10-01", demand=None)) == {"BIG_DEMAND": None}

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"form": DemandForm.EMAIL}, "BIG_DEMAND_FORM"),
            ({"form": DemandForm.OTHER}, "BIG_DEMAND_FORM"),
            ({"names_bureau": False}, "BIG_DEMAND_BUREAU"),
            ({"informs_of_objection": False}, "BIG_DEMAND_OBJECTION"),
        ],
    )
    def test_what_the_demand_must_be(self, change, code):
        assert list(failing(ask("2026-10-01", demand=replace(DEMAND, **change)))) == [code]

    def test_no_contract_with_the_bureau(self):
        assert list(failing(ask("2026-10-01", replace(CONSUMER, bureau_contract=False)))) == ["BIG_BUREAU_CONTRACT"]

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"withheld": Decimal("300.00")}, "BIG_ITEM_DISPUTED"),
            ({"lapsed": True}, "BIG_ITEM_LAPSED"),
            ({"due": date(2020, 9, 30)}, "BIG_ITEM_TOO_OLD"),
            ({"key": 4}, "BIG_ITEM_NOT_DEMANDED"),
        ],
    )
    def test_receivables_that_stay_out_are_named(self, change, code):
        result = ask("2026-10-01", items=(*ITEMS[:2], replace(ITEMS[2], **change)))
        assert [reason.code for reason in result.left_out] == [code]
        assert (result.allowed, result.keys, result.amount) == (True, (1, 2), Decimal("240.00"))

    def test_only_the_undisputed_part_is_reported(self):
        result = ask("2026-10-01", items=(*ITEMS[:2], replace(ITEMS[2], withheld=Decimal("299.00"))))
        assert result.amount == Decimal("241.00")

    def test_six_years_from_the_due_date_or_the_judgment(self):
        old = replace(ITEMS[2], due=date(2020, 10, 1))
        assert ask("2026-10-01", items=(*ITEMS, old)).left_out == ()
        judged = replace(ITEMS[2], due=date(2018, 1, 10), judged=date(2021, 3, 1))
        assert ask("2026-10-01", items=(*ITEMS, judged)).left_out == ()

    def test_age_and_days_of_older_law(self):
        assert register_terms(date(2017, 11, 12)).due_days == 60
        assert register_terms(date(2017, 11, 12)).age_years is None
        assert register_terms(date(2018, 9, 8)).age_years == 10
        assert register_terms(date(2018, 9, 9)).age_years == 6


class TestPeriodic:
    LATER = RegisterItem(9, date(2026, 9, 14), Decimal("250.00"), periodic=True)

    def test_no_new_letter_when_the_first_said_so(self):
        listed = replace(CONSUMER, listed=True)
        said = replace(DEMAND, sent=date(2026, 10, 10), covers_periodic=True)
        result = ask("2026-10-15", listed, (self.LATER,), said)
        assert (result.allowed, result.keys) == (True, (9,))
        assert "BIG_DEMAND_MONTH" not in [condition.code for condition in result.conditions]

    @pytest.mark.parametrize(("listed", "covers"), [(False, True), (True, False)])
    def test_else_it_needs_its_own(self, listed, covers):
        debtor = replace(CONSUMER, listed=listed)
        result = ask("2026-12-15", debtor, (self.LATER,), replace(DEMAND, covers_periodic=covers))
        assert not result.allowed and result.left_out[0].code == "BIG_ITEM_NOT_DEMANDED"


class TestBusiness:
    def test_five_hundred(self):
        assert failing(ask("2026-10-01", BUSINESS, ITEMS[:2])) == {"BIG_AMOUNT": None}
        assert ask("2026-10-01", BUSINESS).allowed

    def test_email_when_the_contract_says_so(self):
        mailed = replace(DEMAND, form=DemandForm.EMAIL)
        assert list(failing(ask("2026-10-01", BUSINESS, demand=mailed))) == ["BIG_DEMAND_FORM"]
        assert ask("2026-10-01", replace(BUSINESS, email_agreed=True), demand=mailed).allowed
        assert not ask("2026-10-01", replace(CONSUMER, email_agreed=True), demand=mailed).allowed

    def test_lapsed_debt_may_be_reported_with_its_mark(self):
        lapsed = tuple(replace(item, lapsed=True) for item in ITEMS)
        assert ask("2026-10-01", BUSINESS, lapsed).allowed
        assert listing_flags(None, True) == ("BIG_LAPSED",)
        assert listing_flags(False, True) == ("BIG_DISPUTED", "BIG_LAPSED")
        assert listing_flags(True, False) == ()


class TestTitle:
    TITLE = Title(date(2026, 5, 5), "SR Lublin-Zachód w Lublinie", "VI Nc-e 1/26")

    def ask(self, as_of="2026-09-15", items=ITEMS[:1], demand=DEMAND, **facts):
        debtor = Debtor(Ground.TITLE, bureau_contract=True, **{"title": self.TITLE, **facts})
        return ask(as_of, debtor, items, demand)

    def test_fourteen_days_and_no_least_amount(self):
        assert failing(self.ask("2026-09-14")) == {"BIG_LETTER_DAYS": date(2026, 9, 15)}
        assert self.ask().allowed

    def test_data_of_the_title(self):
        assert list(failing(self.ask(title=None))) == ["BIG_TITLE"]
        assert list(failing(self.ask(title=Title(date(2026, 5, 5), "", "x")))) == ["BIG_TITLE"]

    def test_six_years_of_the_title(self):
        assert self.ask("2032-05-05").allowed
        assert list(failing(self.ask("2032-05-06"))) == ["BIG_TITLE_AGE"]

    def test_consumers_lapsed_claim_and_nothing_left(self):
        lapsed = (replace(ITEMS[0], lapsed=True),)
        assert list(failing(self.ask(items=lapsed, consumer=True))) == ["BIG_ITEMS"]
        assert self.ask(items=lapsed).allowed


def test_fourteen_days_to_report_a_payment():
    assert update_deadline(date(2026, 11, 20), TERMS) == date(2026, 12, 4)


@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 1)),
    st.lists(st.tuples(st.integers(-200, 60), st.integers(1, 30000)), max_size=5),
)
def test_the_first_day_is_the_first_day(sent, rows):
    """Walk forward: the first day on which the check allows is the one it announced on any day before."""
    items = [
        RegisterItem(key, sent + timedelta(days=days), Decimal(cents) / 100) for key, (days, cents) in enumerate(rows)
    ]
    demand = replace(DEMAND, sent=sent, keys=frozenset(item.key for item in items))
    announced = check(CONSUMER, items, demand, sent, TERMS).earliest
    walked = next(
        (
            sent + timedelta(days=number)
            for number in range(160)
            if check(CONSUMER, items, demand, sent + timedelta(days=number), TERMS).allowed
        ),
        None,
    )
    assert announced == walked
    if walked is not None:
        ripe = [item for item in items if (walked - item.due).days > 30]
        assert sum(item.amount for item in ripe) >= 200
        assert walked >= sent + timedelta(days=29)
