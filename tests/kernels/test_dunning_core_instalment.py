from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.calendar import NO_FREE_DAYS, FreeDays
from dunning_core.policy.instalment import (
    Paid,
    PartStatus,
    PlanRules,
    PlanStatus,
    PlanWish,
    judge,
    refusal,
    split,
)

MADE = date(2026, 10, 8)
CALENDAR = FreeDays([date(2026, 11, 11)])


def wish(total="100.00", count=3, **facts):
    first = facts.pop("first", date(2026, 10, 31))
    return PlanWish(MADE, Decimal(total), count, first, facts.pop("monthly_day", 31), **facts)


def paid(*pairs):
    return [Paid(date(2026, *day), Decimal(amount)) for day, amount in pairs]


def test_equal_parts_the_last_takes_the_rest():
    parts = split(wish())
    assert [(one.number, one.due, str(one.amount)) for one in parts] == [
        (1, date(2026, 10, 31), "33.33"),
        (2, date(2026, 11, 30), "33.33"),
        (3, date(2026, 12, 31), "33.34"),
    ]


def test_down_payment_comes_first():
    parts = split(wish(down=Decimal("40.00"), down_day=date(2026, 10, 12), count=2, monthly_day=15))
    assert [(one.number, one.due, str(one.amount)) for one in parts] == [
        (0, date(2026, 10, 12), "40.00"),
        (1, date(2026, 10, 31), "30.00"),
        (2, date(2026, 11, 15), "30.00"),
    ]


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ({"total": "0.00"}, "PLAN_NOTHING_OWED"),
        ({"count": 0}, "PLAN_NO_PARTS"),
        ({"down": Decimal(100)}, "PLAN_BAD_DOWN_PAYMENT"),
        ({"down": Decimal(-1)}, "PLAN_BAD_DOWN_PAYMENT"),
        ({"first": date(2026, 10, 7)}, "PLAN_BAD_DAYS"),
        ({"down": Decimal(10), "down_day": date(2026, 11, 1)}, "PLAN_BAD_DAYS"),
        ({"monthly_day": 32}, "PLAN_BAD_MONTHLY_DAY"),
        ({"count": 5}, "PLAN_TOO_LONG"),
        ({"total": "90.00", "count": 4}, "PLAN_PARTS_TOO_SMALL"),
        ({"first": date(2027, 2, 1), "count": 3}, "PLAN_ENDS_TOO_LATE"),
        ({"first": date(2099, 1, 31), "count": 1}, "PLAN_ENDS_TOO_LATE"),
        ({"first": date(2027, 1, 1), "count": 3}, None),
        ({}, None),
        ({"count": 4}, None),
    ],
)
def test_limits(case, code):
    """A plan of four instalments ends within four months, however late its first one is."""
    answer = refusal(wish(**case), PlanRules(max_count=4, min_amount=Decimal(25)))
    assert (answer.code if answer else None) == code


@pytest.mark.parametrize("first", [date(2100, 1, 1), date(9999, 12, 31)])
def test_no_plan_ends_beyond_all_time(first):
    assert refusal(wish(first=first), PlanRules()).code == "PLAN_ENDS_TOO_LATE"
    assert refusal(wish(total="100000.00", count=10_000_000), PlanRules()).code == "PLAN_ENDS_TOO_LATE"


@pytest.mark.parametrize(
    ("payments", "as_of", "status", "parts"),
    [
        ((), (10, 31), PlanStatus.ACTIVE, ("open", "open", "open")),
        # 31 October and three days of grace end on Tuesday 3 November
        ((), (11, 3), PlanStatus.ACTIVE, ("late", "open", "open")),
        ((), (11, 4), PlanStatus.BROKEN, ("missed", "open", "open")),
        ((((11, 4), "33.33"),), (11, 4), PlanStatus.ACTIVE, ("paid", "open", "open")),
        ((((10, 20), "33.32"),), (11, 4), PlanStatus.BROKEN, ("missed", "open", "open")),
        ((((10, 20), "50.00"),), (11, 4), PlanStatus.ACTIVE, ("paid", "open", "open")),
        ((((10, 20), "100.00"),), (10, 20), PlanStatus.KEPT, ("paid", "paid", "paid")),
        ((((10, 20), "100.00"), ((10, 25), "-70.00")), (11, 4), PlanStatus.BROKEN, ("missed", "open", "open")),
        ((((10, 20), "66.66"),), (12, 3), PlanStatus.ACTIVE, ("paid", "paid", "open")),
    ],
)
def test_judged_in_the_order_of_the_instalments(payments, as_of, status, parts):
    answer = judge(split(wish()), paid(*payments), date(2026, *as_of), 3, CALENDAR)
    assert answer.status is status
    assert tuple(part.status.value for part in answer.parts) == parts


def test_day_on_which_a_part_was_complete():
    answer = judge(split(wish()), paid(((10, 20), "20.00"), ((10, 25), "20.00")), date(2026, 10, 26), 0, CALENDAR)
    assert [(str(part.paid), part.paid_on) for part in answer.parts[:2]] == [
        ("33.33", date(2026, 10, 25)),
        ("6.67", None),
    ]


def test_documents_settled_in_another_way_keep_the_plan():
    assert judge(split(wish()), (), date(2027, 1, 1), 0, CALENDAR, settled=True).status is PlanStatus.KEPT


AMOUNTS = st.decimals(min_value=1, max_value=99999, places=2)


@given(total=AMOUNTS, count=st.integers(1, 36), day=st.integers(1, 31))
def test_parts_add_up_exactly_and_fall_due_in_order(total, count, day):
    one = PlanWish(MADE, total, count, MADE + timedelta(days=3), day)
    if refusal(one, PlanRules()) is not None:
        assert total < Decimal("0.01") * count
        return
    parts = split(one)
    assert sum(part.amount for part in parts) == total
    assert len({part.amount for part in parts[:-1]}) <= 1
    assert 0 <= parts[-1].amount - parts[0].amount < Decimal("0.01") * count
    months = [part.due.year * 12 + part.due.month for part in parts]
    assert months == list(range(months[0], months[0] + count))


@given(
    total=AMOUNTS,
    count=st.integers(1, 12),
    payments=st.lists(st.tuples(st.integers(0, 400), AMOUNTS), max_size=10),
    day=st.integers(0, 400),
)
def test_paid_parts_are_the_payments_and_the_first_ones(total, count, payments, day):
    parts = split(PlanWish(MADE, total, count, MADE, 8))
    money = [Paid(MADE + timedelta(days=one), amount) for one, amount in payments]
    answer = judge(parts, money, MADE + timedelta(days=day), 0, NO_FREE_DAYS)
    received = sum((one.amount for one in money if one.day <= MADE + timedelta(days=day)), Decimal(0))
    assert sum(part.paid for part in answer.parts) == min(received, total)
    complete = [part.status is PartStatus.PAID for part in answer.parts]
    assert complete == sorted(complete, reverse=True)
