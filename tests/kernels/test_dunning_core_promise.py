from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.calendar import NO_FREE_DAYS, FreeDays
from dunning_core.policy.promise import (
    NO_PROMISES,
    Paid,
    PastPromises,
    Promise,
    PromiseRules,
    PromiseStatus,
    closed,
    decide,
    last_day,
    latest,
    refusal,
    reminder_day,
    smallest,
    stands,
)

MADE = date(2026, 10, 5)
RULES = PromiseRules(percent_kept=Decimal(80), grace_days=2, max_days=14, max_open=2, remind_days=1)
CALENDAR = FreeDays([date(2026, 11, 11)])


def promise(days=7, amount="100.00", **facts):
    return Promise(MADE, MADE + timedelta(days=days), Decimal(amount), **facts)


def paid(*pairs):
    return [Paid(MADE + timedelta(days=days), Decimal(amount)) for days, amount in pairs]


@pytest.mark.parametrize(
    ("payments", "on_day", "status", "reached"),
    [
        ((), 7, PromiseStatus.OPEN, "0.00"),
        ((), 9, PromiseStatus.OPEN, "0.00"),
        ((), 10, PromiseStatus.BROKEN, "0.00"),
        (((0, "80.00"),), 0, PromiseStatus.KEPT, "80.00"),
        (((3, "79.99"),), 9, PromiseStatus.OPEN, "79.99"),
        (((3, "79.99"),), 10, PromiseStatus.BROKEN, "79.99"),
        (((3, "50.00"), (9, "30.00")), 9, PromiseStatus.KEPT, "80.00"),
        (((3, "50.00"), (10, "30.00")), 10, PromiseStatus.BROKEN, "50.00"),
        (((-1, "100.00"),), 10, PromiseStatus.BROKEN, "0.00"),
        (((3, "100.00"),), 2, PromiseStatus.OPEN, "0.00"),
        (((2, "50.00"), (3, "-50.00"), (4, "40.00")), 10, PromiseStatus.BROKEN, "40.00"),
    ],
)
def test_judged_by_what_was_paid_in_time(payments, on_day, status, reached):
    answer = decide(promise(), paid(*payments), MADE + timedelta(days=on_day), RULES, CALENDAR)
    assert (answer.status, answer.paid, answer.needed) == (status, Decimal(reached), Decimal("80.00"))


def test_last_day_moves_off_free_days():
    assert last_day(promise(days=4), RULES, CALENDAR) == date(2026, 10, 12), (
        "Friday and two days of grace end on Sunday"
    )
    assert last_day(Promise(MADE, date(2026, 11, 9), Decimal(1)), RULES, CALENDAR) == date(2026, 11, 12)


def test_money_of_the_day_that_was_there_before_does_not_count():
    known = promise(paid_before=Decimal("100.00"))
    assert decide(known, paid((0, "100.00")), MADE, RULES, CALENDAR).status is PromiseStatus.OPEN
    answer = decide(known, paid((0, "100.00"), (2, "80.00")), MADE + timedelta(days=2), RULES, CALENDAR)
    assert (answer.status, answer.kept_on) == (PromiseStatus.KEPT, date(2026, 10, 7))


def test_reminder_only_when_there_is_time_for_one():
    assert reminder_day(promise(), RULES) == date(2026, 10, 11)
    assert reminder_day(promise(days=1), RULES) is None
    assert reminder_day(promise(), PromiseRules()) is None


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ({"amount": "0.00"}, "PROMISE_NO_AMOUNT"),
        ({"amount": "200.01"}, "PROMISE_ABOVE_DEBT"),
        ({"days": -1}, "PROMISE_DAY_OVER"),
        ({"days": 15}, "PROMISE_TOO_LATE"),
        ({"days": 14}, None),
        ({"days": 0}, None),
    ],
)
def test_limits(case, code):
    answer = refusal(promise(**case), PastPromises(open=1), Decimal(200), RULES)
    assert (answer.code if answer else None) == code


def test_only_so_many_at_a_time():
    answer = refusal(promise(), PastPromises(open=2), Decimal(200), RULES)
    assert answer is not None
    assert (answer.code, answer.params["limit"]) == ("PROMISE_TOO_MANY", 2)
    assert refusal(promise(days=400), PastPromises(open=9, broken=9), Decimal(200), PromiseRules()) is None, (
        "no limits are set"
    )


STRICT = PromiseRules(min_percent=Decimal(50), broken_days=14, max_broken=2, max_days=14, remind_days=1)


@pytest.mark.parametrize(("amount", "code"), [("100.01", "PROMISE_TOO_SMALL"), ("100.02", None), ("200.03", None)])
def test_a_promise_is_a_part_of_the_debt_worth_waiting_for(amount, code):
    owed = Decimal("200.03")
    assert smallest(owed, STRICT) == Decimal("100.02")
    answer = refusal(promise(amount=amount), NO_PROMISES, owed, STRICT)
    assert (answer.code if answer else None) == code


@pytest.mark.parametrize(
    ("before", "code"),
    [
        (NO_PROMISES, None),
        (PastPromises(broken=1, last_broken=MADE - timedelta(days=14)), "PROMISE_BROKEN_LATELY"),
        (PastPromises(broken=1, last_broken=MADE - timedelta(days=15)), None),
        (PastPromises(broken=0, last_broken=MADE), "PROMISE_BROKEN_LATELY"),
        (PastPromises(broken=2, last_broken=MADE - timedelta(days=400)), "PROMISE_BROKEN_TOO_OFTEN"),
    ],
)
def test_after_broken_promises(before, code):
    for answer in (closed(MADE, before, STRICT), refusal(promise(), before, Decimal(100), STRICT)):
        assert (answer.code if answer else None) == code


def test_a_manager_takes_it_in_spite_of_the_limits():
    rules = STRICT.without_limits()
    before = PastPromises(open=3, broken=9, last_broken=MADE)
    assert refusal(promise(days=90, amount="0.01"), before, Decimal(100), rules) is None
    assert refusal(promise(amount="0.00"), before, Decimal(100), rules) is not None, "what makes no sense stays refused"
    assert (rules.percent_kept, rules.grace_days, rules.remind_days) == (Decimal(100), 0, 1)
    assert (latest(MADE, STRICT), latest(MADE, rules)) == (MADE + timedelta(days=14), None)


@pytest.mark.parametrize(
    ("payments", "answer"),
    [
        (((3, "80.00"),), True),
        (((3, "79.99"),), False),
        (((3, "100.00"), (4, "-20.01")), False),
        (((3, "100.00"), (4, "-20.00")), True),
        (((3, "79.99"), (30, "50.00")), False),
    ],
)
def test_a_kept_promise_stands_while_its_money_does(payments, answer):
    assert stands(promise(), paid(*payments), RULES, CALENDAR) is answer
    assert stands(promise(paid_before=Decimal("0.01")), paid((3, "80.00")), RULES, CALENDAR) is False


AMOUNTS = st.decimals(min_value=1, max_value=9999, places=2)


@given(
    amount=AMOUNTS,
    payments=st.lists(st.tuples(st.integers(-5, 30), AMOUNTS), max_size=8),
    percent=st.integers(1, 100),
    days=st.integers(0, 20),
)
def test_decided_once_and_for_all(amount, payments, percent, days):
    """A decision never changes when more days pass, and agrees with plain adding up."""
    rules = PromiseRules(percent_kept=Decimal(percent))
    made = promise(days, str(amount))
    money = paid(*payments)
    answers = [decide(made, money, MADE + timedelta(days=day), rules, NO_FREE_DAYS) for day in range(40)]
    decided = [one for one in answers if one.status is not PromiseStatus.OPEN]
    assert len({one.status for one in decided}) == 1
    assert [one.status for one in answers[-len(decided) :]] == [one.status for one in decided]
    total = sum((value for day, value in payments if 0 <= day <= days), Decimal(0))
    assert (decided[0].status is PromiseStatus.KEPT) == (total >= decided[0].needed)
