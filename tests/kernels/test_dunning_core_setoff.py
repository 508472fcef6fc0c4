"""Set-off: who says what is paid, what comes first, and that no grosz is lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.setoff import Debt, Instruction, PartKind, SetOff, set_off
from dunning_core.result import Failure

DAY = date(2026, 11, 23)
COSTS, INTEREST, PRINCIPAL = PartKind.COSTS, PartKind.INTEREST, PartKind.PRINCIPAL
SEPTEMBER = Debt(1, date(2026, 9, 14), Decimal("100.00"), Decimal("1.77"), Decimal("5.00"))
OCTOBER = Debt(2, date(2026, 10, 14), Decimal("80.00"), Decimal("0.81"))
DECEMBER = Debt(3, date(2026, 12, 14), Decimal("60.00"))
DEBTS = (DECEMBER, OCTOBER, SEPTEMBER)


def parts(amount: str, **said) -> list[tuple[int, PartKind, str, str]]:
    result = set_off(Decimal(amount), DAY, DEBTS, Instruction(**said))
    assert isinstance(result, SetOff)
    return [(part.key, part.kind, str(part.amount), part.reason.code) for part in result.parts]


def test_oldest_due_first_and_principal_before_interest():
    assert parts("150.00") == [
        (1, PRINCIPAL, "100.00", "SETOFF_OLDEST"),
        (1, INTEREST, "1.77", "SETOFF_OLDEST"),
        (1, COSTS, "5.00", "SETOFF_OLDEST"),
        (2, PRINCIPAL, "43.23", "SETOFF_OLDEST"),
    ]


def test_creditor_may_take_overdue_costs_and_interest_first():
    assert parts("50.00", accessory_first=True) == [
        (1, COSTS, "5.00", "SETOFF_OLDEST"),
        (1, INTEREST, "1.77", "SETOFF_OLDEST"),
        (1, PRINCIPAL, "43.23", "SETOFF_OLDEST"),
    ]


def test_the_debtor_names_the_debt():
    assert parts("85.00", indicated=(2,)) == [
        (2, PRINCIPAL, "80.00", "SETOFF_INDICATED"),
        (2, INTEREST, "0.81", "SETOFF_INDICATED"),
        (1, PRINCIPAL, "4.19", "SETOFF_OLDEST"),
    ]


def test_interest_first_reaches_only_the_debt_that_was_named():
    """What is overdue beside another debt must not be taken from this payment (art. 451 § 1, second sentence)."""
    assert parts("40.00", indicated=(2,), accessory_first=True) == [
        (2, INTEREST, "0.81", "SETOFF_INDICATED"),
        (2, PRINCIPAL, "39.19", "SETOFF_INDICATED"),
    ]


def test_a_debt_that_is_not_due_may_be_named():
    assert parts("60.00", indicated=(3,))[0] == (3, PRINCIPAL, "60.00", "SETOFF_INDICATED")


def test_receipt_counts_only_without_an_indication():
    assert parts("10.00", receipt=(2,)) == [(2, PRINCIPAL, "10.00", "SETOFF_RECEIPT")]
    assert parts("10.00", receipt=(2,), indicated=(1,)) == [(1, PRINCIPAL, "10.00", "SETOFF_INDICATED")]


def test_not_due_comes_last_and_the_rest_is_returned():
    result = set_off(Decimal("300.00"), DAY, DEBTS)
    assert isinstance(result, SetOff)
    assert (result.parts[-1].key, result.parts[-1].reason.code) == (3, "SETOFF_NOT_DUE")
    assert result.surplus == Decimal("52.42")
    assert result.explain[0].params == {
        "key": 1,
        "due": SEPTEMBER.due,
        "kind": "principal",
        "amount": Decimal("100.00"),
    }


def test_a_debt_is_not_overdue_on_its_due_date():
    today = Debt(9, DAY, Decimal("10.00"))
    result = set_off(Decimal("5.00"), DAY, (today,))
    assert isinstance(result, SetOff) and result.parts[0].reason.code == "SETOFF_NOT_DUE"


@pytest.mark.parametrize(
    ("amount", "said", "code"),
    [
        ("0", {}, "BAD_AMOUNT"),
        ("-1", {}, "BAD_AMOUNT"),
        ("1", {"indicated": (7,)}, "UNKNOWN_DEBT"),
        ("1", {"receipt": (8,)}, "UNKNOWN_DEBT"),
    ],
)
def test_nonsense_is_a_value(amount, said, code):
    result = set_off(Decimal(amount), DAY, DEBTS, Instruction(**said))
    assert isinstance(result, Failure) and result.code == code


money = st.integers(0, 500_00).map(lambda cents: Decimal(cents) / 100)
debts = st.lists(
    st.builds(Debt, st.integers(1, 10**6), st.dates(date(2026, 1, 1), date(2027, 1, 1)), money, money, money),
    max_size=6,
    unique_by=lambda debt: debt.key,
)


@given(debts, money.filter(bool), st.booleans(), st.randoms())
def test_grosz_by_grosz(owed, amount, accessory_first, random):
    """Against an oracle that puts one amount after another into a queue built by the words of the article."""
    keys = [debt.key for debt in owed]
    indicated = tuple(random.sample(keys, random.randint(0, len(keys))))
    said = Instruction(indicated=indicated, accessory_first=accessory_first)
    result = set_off(amount, DAY, owed, said)
    assert isinstance(result, SetOff)
    assert sum((part.amount for part in result.parts), Decimal(0)) + result.surplus == amount
    by_key = {debt.key: debt for debt in owed}
    overdue = sorted((d for d in owed if d.due < DAY and d.key not in indicated), key=lambda d: (d.due, d.key))
    later = sorted((d for d in owed if d.due >= DAY and d.key not in indicated), key=lambda d: (d.due, d.key))
    queue = []
    for debt in [by_key[key] for key in indicated] + overdue + later:
        three = [
            (debt.key, COSTS, debt.costs),
            (debt.key, INTEREST, debt.interest),
            (debt.key, PRINCIPAL, debt.principal),
        ]
        queue += three if accessory_first else three[::-1]
    wanted, left = [], amount
    for key, kind, owed_part in queue:
        if owed_part and left:
            wanted.append((key, kind, min(owed_part, left)))
            left -= min(owed_part, left)
    assert [(part.key, part.kind, part.amount) for part in result.parts] == wanted
