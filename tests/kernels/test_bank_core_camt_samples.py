"""camt.052/053/054: every sample, and what another parser made of some of them."""

from __future__ import annotations

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from camt_samples import EXPECTED, Row, Sheet
from camt_writer import read

from bank_core import formats
from bank_core.model import Statement, Transaction

DATA = Path(__file__).parent.parent / "data" / "bank"

#: files whose licence keeps them out of this repository, where they are at hand
BESIDE = Path(__file__).parents[3] / "shared" / "data" / "bank" / "camt"


def as_row(tx: Transaction) -> Row:
    return Row(
        str(tx.amount),
        tx.entry_date.isoformat(),
        tx.mark,
        tx.title,
        tx.party_name,
        tx.party_account,
        tx.payer_key,
        tx.bank_ref,
        tx.end_to_end,
        tx.type_code,
        tuple(problem.code for problem in tx.problems),
        tx.batch_ref,
        tx.return_reason,
    )


def as_sheet(statement: Statement) -> Sheet:
    opening, closing = statement.head.opening, statement.foot.closing
    return Sheet(
        statement.account,
        statement.number,
        statement.head.page,
        f"{opening.amount} {opening.day}" if opening else "",
        f"{closing.amount} {closing.day}" if closing else "",
        tuple(map(as_row, statement.transactions)),
        tuple(problem.code for problem in statement.problems),
        tuple(row.problem.code for row in statement.unreadable),
    )


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_sample_is_read_as_expected(name: str) -> None:
    kind, version, sheets, problems = EXPECTED[name]
    with (DATA / name).open("rb") as stream:
        found = formats.collect(formats.open_file(stream, name))
    assert (found.format, found.dialect, found.encoding) == ("camt", version, "utf-8")
    assert tuple(map(as_sheet, found.statements)) == sheets
    assert tuple(problem.code for problem in found.problems) == problems
    assert {statement.head.kind for statement in found.statements} <= {kind}


def test_no_sample_is_left_out() -> None:
    here = {f"camt/{path.name}" for path in (DATA / "camt").iterdir()}
    assert here == {name for name in EXPECTED if name.startswith("camt/")}


#: OCA's golden results -> the sample they belong to; found only beside the repository
GOLDEN = {
    path: path.with_name(path.name.replace("oca_golden-", "oca_test-").removesuffix(".pydata"))
    for path in sorted(BESIDE.glob("oca_golden-*.pydata"))
}


@pytest.mark.parametrize("golden", sorted(GOLDEN), ids=lambda path: path.name)
def test_agrees_with_the_results_of_another_parser(golden: Path) -> None:
    """OCA's parser. Deviations, all wanted: its title is what the bank adds (AddtlTxInf, AddtlNtryInf) or the
    instruction's number, ours what the payer wrote; its reference is the end-to-end or structured one."""
    currency, account, statements = ast.literal_eval(golden.read_text())
    found = read(GOLDEN[golden].read_bytes())
    assert len(found.statements) == len(statements)
    for mine, theirs in zip(found.statements, statements, strict=True):
        assert (mine.currency, mine.account, mine.head.reference) == (currency, account, theirs["name"])
        if mine.head.kind == "statement":
            assert mine.opening == Decimal(str(theirs["balance_start"]))
            assert mine.closing == Decimal(str(theirs["balance_end_real"]))
        assert len(mine.transactions) == len(theirs["transactions"])
        for tx, row in zip(mine.transactions, theirs["transactions"], strict=True):
            assert tx.amount == Decimal(str(row["amount"]))
            assert tx.entry_date.isoformat() == row["date"]
            assert (tx.party_name, tx.party_account) == (row["partner_name"], row["account_number"])
            assert tx.type_code == row["transaction_type"]
            assert row["ref"] in (tx.end_to_end, tx.title.partition(" ")[0])
            assert row["payment_ref"] in f"{tx.title}\n{tx.details}\n{tx.raw}"
            assert tx.is_reversal == ("Reversal Indicator (RvslInd): true" in row["narration"])


@pytest.mark.parametrize("path", sorted(BESIDE.glob("oca_test-camt053-no-ntry")), ids=lambda path: path.name)
def test_statement_without_entries(path: Path) -> None:
    (statement,) = read(path.read_bytes()).statements
    assert (statement.opening, statement.closing, statement.transactions) == (
        Decimal("1520.76"),
        Decimal("1520.76"),
        (),
    )
    assert not statement.problems


@pytest.mark.parametrize("name", sorted(name for name in EXPECTED if EXPECTED[name][2]))
def test_every_payment_is_read_again_from_its_kept_text(name: str) -> None:
    for statement in read((DATA / name).read_bytes()).statements:
        options = formats.Options(currency=statement.currency, own_account=statement.account)
        for tx in statement.transactions:
            twin = formats.read_entry("camt", tx.raw, options, tx.line, tx.position)
            assert isinstance(twin, Transaction)
            same = {"batch_ref": "", "business_code": "", "problems": ()}
            if "DATE_MISSING" in [problem.code for problem in tx.problems]:
                same |= {"value_date": date.min, "entry_date": date.min}
            assert twin._replace(**same) == tx._replace(**same)
