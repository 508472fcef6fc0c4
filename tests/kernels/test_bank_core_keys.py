"""Recognising transactions seen before; the writer read back."""

from __future__ import annotations

import io
import random
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bank_core import formats, nrb
from bank_core.formats import mt940
from bank_core.formats.report_profile import Column, Profile
from bank_core.keys import KeyMaker, dedupe_keys, unreadable_key
from bank_core.model import BankFile, Unreadable

sys.path.insert(0, str(Path(__file__).parents[1]))

from simulators.bank.mt940_writer import Payment, closing_balance, write_statement

DATA = Path(__file__).parent.parent / "data" / "bank"
MAIN = "34102055580000111122223333"
PAYER = "38109010140000071219812900"
DAY = date(2026, 11, 21)


def sample(name: str) -> BankFile:
    return mt940.parse((DATA / name).read_bytes())


def keys(found: BankFile) -> list[str]:
    return [key for statement in found.statements for key in dedupe_keys(statement, found.dialect)]


def test_two_equal_payments_on_one_day_are_two() -> None:
    found = keys(sample("synthetic/pko_bp_2026-10-03.sta"))
    assert len(set(found)) == len(found) == 3


def test_daily_and_monthly_file_give_the_same_keys() -> None:
    def payment(n: int) -> Payment:
        return Payment(DAY, Decimal("49.99"), "FV 1", "ANNA", PAYER, reference=f"R{n}")

    day = mt940.parse(write_statement([payment(2)], opening=Decimal(0), account_nrb=MAIN, number=2))
    month = mt940.parse(write_statement([payment(1), payment(2)], opening=Decimal(0), account_nrb=MAIN, number=11))
    assert set(keys(day)) <= set(keys(month))
    assert len(set(keys(month))) == 2


def test_the_bank_id_makes_the_key_in_both_message_types() -> None:
    assert set(keys(sample("mbank/wolph_mt940.sta"))[:1]) <= set(keys(sample("mbank/wolph_mt942.sta")))


def test_without_a_reference_position_and_text_count() -> None:
    text = (
        ":20:1\n:25:/PL20124012551111000011112222\n:28C:{}\n:60F:C261002PLN0,00\n"
        + ":61:2610021002CN1,00N641NONREF\n:86:641^00A^20B\n" * 2
        + ":62F:C261002PLN2,00\n-"
    )
    first, again, other = (keys(mt940.parse(text.format(n).encode())) for n in ("1", "1", "2"))
    assert first == again
    assert len(set(first)) == 2
    assert not set(first) & set(other)


def test_unreadable_rows_have_keys_too() -> None:
    (statement,) = sample("synthetic/pko_bp_2026-10-03.sta").statements
    assert unreadable_key(statement, "a", 1) == unreadable_key(statement, "a", 1) != unreadable_key(statement, "a", 2)


def test_a_return_that_bears_the_id_of_its_payment_is_no_repetition() -> None:
    (statement,) = sample("synthetic/pko_bp_2026-10-02.sta").statements
    paid = statement.transactions[0]._replace(bank_id="T1")
    back = paid._replace(amount=-paid.amount, mark="RC")
    fee = paid._replace(amount=Decimal("-0.50"), mark="D")
    # each stands on the statement of its own day
    assert len({KeyMaker(statement.head).key(tx) for tx in (paid, back, fee)}) == 3


_TITLES = st.text(alphabet="ABCŻÓŁĆĄĘŚ 0123456789/-.,:", min_size=1, max_size=162).map(str.strip).filter(bool)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.decimals(Decimal("-5000"), Decimal("99999"), places=2).filter(bool),
            _TITLES,
            st.integers(1, 10**12 - 1),
        ),
        max_size=12,
    ),
    opening=st.decimals(Decimal("-1000"), Decimal("100000"), places=2),
)
def test_what_the_bank_writes_is_what_we_read(rows: list[tuple[Decimal, str, int]], opening: Decimal) -> None:
    payments = [
        Payment(DAY, amount, title, "ŁUCJA ŻÓŁĆ", PAYER, nrb.virtual_nrb("102055614444", payer).nrb)
        for amount, title, payer in rows
    ]
    found = mt940.parse(write_statement(payments, opening=opening, account_nrb=MAIN, number=12))
    (statement,) = found.statements
    assert not found.all_problems
    assert (statement.opening, statement.closing) == (opening, closing_balance(payments, opening))
    assert statement.account == MAIN
    for tx, payment in zip(found.transactions, payments, strict=True):
        assert (tx.amount, tx.title, tx.entry_date) == (payment.amount, payment.title, payment.booked)
        assert tx.party_account == PAYER
        assert nrb.from_payer_key("102055614444", tx.payer_key) == payment.virtual_nrb
    assert len(set(keys(found))) == len(rows)


def test_interim_and_statement_give_one_key_per_transaction() -> None:
    assert keys(sample("mbank/wolph_mt940.sta")) == keys(sample("mbank/wolph_mt942.sta"))


def test_keys_of_a_stream_are_those_of_the_file() -> None:
    found = sample("synthetic/pko_bp_2026-10-03.sta")
    maker = KeyMaker(found.statements[0].head, found.dialect)
    assert [maker.key(tx) for tx in found.transactions] == keys(found)


def test_the_same_reference_in_another_format_is_the_same_payment() -> None:
    """camt has no dialect; ``AcctSvcrRef`` stands in ``bank_ref``, an end-to-end id only where there is one."""
    (statement,) = sample("synthetic/pko_bp_2026-10-02.sta").statements
    tx = statement.transactions[0]
    maker = KeyMaker(statement.head)
    camt = tx._replace(owner_ref="", end_to_end="NOTPROVIDED", raw="<Ntry/>", position=9, supplement="")
    assert maker.key(camt) == KeyMaker(statement.head, "pko_bp").key(tx)
    other = camt._replace(end_to_end="E2E-1")
    assert KeyMaker(statement.head).key(other) != KeyMaker(statement.head).key(camt)


def test_details_of_one_batch_with_nothing_of_their_own_are_told_apart() -> None:
    (statement,) = sample("synthetic/pko_bp_2026-10-02.sta").statements
    detail = statement.transactions[0]._replace(batch_ref="B1")
    maker, again = KeyMaker(statement.head), KeyMaker(statement.head)
    first = [maker.key(detail), maker.key(detail)]
    assert len(set(first)) == 2
    assert [again.key(detail), again.key(detail)] == first


# --- rows of a report without numbers of their own

COUNTED = Profile(
    "counted",
    "rows begin with their place in the file",
    (Column(2, field="date"), Column(3, field="amount"), Column(4, field="payer_key"), Column(5, field="title")),
    separator=";",
    quote="",
    encoding="cp1250",
)


def report_keys(*rows: str, own_account: str = MAIN) -> list[str]:
    """Keys of a report of such rows, numbered as the bank does."""
    text = "\n".join(f"{place};{row}" for place, row in enumerate(rows, 1))
    options = formats.Options(profile=COUNTED, own_account=own_account)
    stream = formats.open_file(io.BytesIO(text.encode("cp1250")), "r.csv", "report", options)
    (statement,) = formats.collect(stream).statements
    assert not statement.problems
    maker = KeyMaker(statement.head, "counted")
    events = sorted((*statement.transactions, *statement.unreadable), key=lambda event: event.position)
    return [maker.unreadable(event) if isinstance(event, Unreadable) else maker.key(event) for event in events]


EQUAL = f"20261121;4999;{PAYER};FV 1"
OTHER = f"20261121;4999;{PAYER};FV 2"
LATER = f"20261122;4999;{PAYER};FV 1"
BAD = f"20261121;49,99;{PAYER};FV 1"


def test_equal_rows_of_a_report_are_as_many_payments() -> None:
    assert len(set(report_keys(EQUAL, EQUAL, OTHER, LATER, EQUAL))) == 5


def test_the_same_report_or_a_longer_one_brings_each_row_once() -> None:
    day = report_keys(EQUAL, OTHER, EQUAL)
    assert report_keys(EQUAL, OTHER, EQUAL) == day
    # of the month, in another order, with one more of the equal ones
    month = report_keys(LATER, OTHER, EQUAL, BAD, EQUAL, EQUAL)
    assert set(day) < set(month) and len(set(month)) == 6


def test_rows_of_another_account_are_other_payments() -> None:
    assert not set(report_keys(EQUAL)) & set(report_keys(EQUAL, own_account=PAYER))


def test_rows_that_cannot_be_read_are_recognised_by_their_text() -> None:
    first = report_keys(BAD, EQUAL, BAD)
    assert len(set(first)) == 3
    # rows of another text before it do not matter, the row's own text does
    assert report_keys(BAD, OTHER, BAD)[0] == first[0]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.sampled_from([EQUAL, OTHER, LATER]), min_size=1, max_size=12),
    more=st.lists(st.sampled_from([EQUAL, OTHER, LATER]), max_size=6),
    order=st.randoms(use_true_random=False),
)
def test_a_longer_report_in_any_order_adds_what_is_new_to_it(
    rows: list[str], more: list[str], order: random.Random
) -> None:
    longer = [*rows, *more]
    order.shuffle(longer)
    known, found = report_keys(*rows), report_keys(*longer)
    assert len(set(found)) == len(longer)
    assert len(set(found) - set(known)) == len(more)
