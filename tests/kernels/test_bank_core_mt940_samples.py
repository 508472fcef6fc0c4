"""Every MT940 and MT942 sample: the values read off it by eye, and the opinion of two other programs."""

from __future__ import annotations

import io
import re
import sys
from decimal import Decimal
from pathlib import Path

import mt940 as package
import pytest

from bank_core.formats import mt940
from bank_core.model import Transaction

sys.path.insert(0, str(Path(__file__).parent))

from bank_samples import SAMPLES, SHIPPED, everything

FILES = everything()
PUBLIC = sorted(name for name in FILES if not name.startswith("synthetic/"))


def sample(name: str) -> tuple[Transaction, ...]:
    return mt940.parse(FILES[name].read_bytes()).transactions


def test_every_sample_has_an_expectation() -> None:
    assert set(PUBLIC) <= set(SAMPLES)
    assert {name for name in SAMPLES if (SHIPPED / name).exists()} <= set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_sample_says_what_stands_in_it(name: str) -> None:
    dialect, problems, statements = SAMPLES[name]
    found = mt940.parse(FILES[name].read_bytes())
    assert found.dialect == dialect
    assert [problem.code for problem in found.all_problems] == problems
    assert len(found.statements) == len(statements)
    for have, (account, number, page, opening, closing, amounts) in zip(found.statements, statements, strict=True):
        assert (have.account, have.number, have.head.page) == (account, number, page)
        assert have.opening == (None if opening is None else Decimal(opening))
        assert have.closing == (None if closing is None else Decimal(closing))
        if isinstance(amounts, int):
            assert (len(have.transactions), have.difference) == (amounts, 0)
        else:
            assert [tx.amount for tx in have.transactions] == [Decimal(amount) for amount in amounts]


@pytest.mark.parametrize("name", sorted(FILES))
def test_both_paths_read_every_sample_alike(name: str) -> None:
    content = FILES[name].read_bytes()
    assert mt940.parse(content) == mt940.parse(content, fast=False)


def test_titles_and_parties_of_mbank() -> None:
    rows = sample("mbank/ksdev_MT940_IPH.txt")
    assert rows[22].title == "ZAPL.FV-210F1033,210F0995 MINUS FV. KORYG.210FK24"
    assert (rows[22].payer_key, rows[22].bank_id) == ("000000000279", "154961063751435.090001")
    assert rows[14].title == "110F01010  72  75  76  KOREKTA 110F  K043"
    assert (rows[2].payer_key, rows[2].business_code, rows[2].party_account) == (
        "",
        "770",
        "34103012890000000008440201",
    )
    assert (rows[23].mark, rows[23].type_code, rows[23].title) == ("D", "NCHG", "OPŁATY GRUPOWE")
    other = sample("mbank/ksdev_MT940_multiple_accounts.txt")
    foreign = next(tx for tx in other if tx.title == "FVAT 115/260/2/2007")
    assert (foreign.party_account, foreign.owner_ref) == ("DE422658007008009491000", "R259773")
    cash = next(tx for tx in other if tx.amount == 500)
    assert (cash.business_code, cash.party_name) == ("65", "JAN KOWALSKI")


def test_full_names_of_ex_bph() -> None:
    second, last = sample("bph/bph_sta.txt")[1::2]
    assert second.party_name == "ELEKTRONIKA SP. Z. O.O. PODZESPOŁY ELEKTRONICZNE KILIŃSKIEGO 27"
    assert second.party_address == "30-308 KRAKÓW"
    assert (last.party_name, last.party_address) == ("SPEDYTOR SP. Z O.O. WYNALAZEK 6", "02-787 WARSZAWA")


def test_citi_leaves_blanks_for_the_entry_date() -> None:
    first = sample("swift_generic/wolph_citi_mt940.txt")[0]
    assert (first.value_date, first.entry_date) == (first.value_date, first.value_date)
    assert (first.funds_code, first.type_code, first.owner_ref) == ("D", "NMSC", "NONREF")
    assert first.title.startswith("SOMETHING FOO BAR")


def test_sub_fields_torn_by_the_end_of_a_line() -> None:
    (tx,) = sample("swift_generic/jejik_deutschebank.txt")
    assert (tx.type_code, tx.business_code, tx.party_name) == ("NRTI", "109", "TESTER EL")
    assert tx.party_account == "DE50712345600200691329"
    assert "SVWZ+SONSTIGE GRUENDE ENDABRECHNUNG NR. 500106875 ZU" in tx.title


@pytest.mark.parametrize("name", ["mbank/wolph_mt940", "mbank/wolph_mt942"])
def test_the_dump_of_the_other_library(name: str) -> None:
    """Its ``.yml`` holds what wolph/mt940 read: amounts, references, TNR."""
    dump = FILES[f"{name}.sta"].with_suffix(".yml").read_text()
    theirs = re.findall(
        r"- '(-?[0-9.]+)'\n      currency: (\w+)\n    bank_reference: (\w+).*?customer_reference: (\w+).*?"
        r"TNR: ([0-9.]+)",
        dump,
        re.DOTALL,
    )
    found = mt940.parse(FILES[f"{name}.sta"].read_bytes())
    own = [
        (str(tx.amount), found.statements[0].currency, tx.bank_ref, tx.owner_ref, tx.bank_id)
        for tx in found.transactions
    ]
    # the first transaction of a dump stands inside of the second object
    assert len(theirs) == 3
    assert own == theirs


#: where the package fails, changes money or merges: the reason beside each
_NOT_FOR_THE_PACKAGE = {
    "synthetic/bnp_paribas_caret.sta": "stops at the number with letters",
    "synthetic/nest_mixed_cr.sta": "does not know CR alone",
    "swift_generic/wolph_self-provided_sparkassen.sta": "a bit of a file",
    "swift_generic/oca_test-ing.940": "lines torn by hand",
    "bph/bph_sta.txt": "double-encoded",
    "swift_generic/oca_test-sns.940": "does not know the end of a message with an envelope",
}


@pytest.mark.parametrize(
    "name", sorted(name for name in FILES if name not in _NOT_FOR_THE_PACKAGE and "betterplace_" not in name)
)
def test_second_opinion_of_the_package(name: str) -> None:
    """Amounts, dates, references and balances agree wherever the mt-940 package reads an entry at all."""
    content = FILES[name].read_bytes()
    found = mt940.parse(content)
    text = content.decode(found.encoding).replace("\r\n", "\n").replace("\x01", "").replace("\x03", "").strip("-\n")
    try:
        theirs = list(package.parse(io.StringIO(text)))
    except (RuntimeError, ValueError, AttributeError) as error:
        pytest.fail(f"name it among the exceptions: {error}")
    own = list(found.transactions)
    if "ENTRY_HELD_BACK" in {problem.code for problem in found.all_problems}:
        theirs = theirs[: len(own)]
    if name == "swift_generic/wolph_self-provided_multiline.sta":
        theirs = theirs[:1]  # an entry stands behind the end of the statement
    assert len(theirs) == len(own)
    for other, tx in zip(theirs, own, strict=True):
        data = other.data
        assert abs(data["amount"].amount) == abs(tx.amount)
        if tx.mark != "RC":  # the package takes it for money in
            assert data["amount"].amount == tx.amount
        assert data["date"] == tx.value_date
        assert (data.get("entry_date") or data["date"]) == tx.entry_date or abs(
            (data["date"] - tx.entry_date).days
        ) < 60
        if found.dialect != "generic":  # there it takes the references out of the title
            assert (data["customer_reference"] or "").strip() == tx.owner_ref
            assert (data["bank_reference"] or "").strip() == tx.bank_ref
