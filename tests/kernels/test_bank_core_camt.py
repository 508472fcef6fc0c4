"""camt.052/053/054: every sample, batches, returns, pages, hostile XML, flat memory."""

from __future__ import annotations

import ast
import io
import os
import subprocess
import sys
import textwrap
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from camt_samples import EXPECTED, Row, Sheet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank_core import formats
from bank_core.formats import camt, camt_machine, camt_xml
from bank_core.keys import dedupe_keys
from bank_core.model import BankFile, Severity, Statement, Transaction, Unreadable

DATA = Path(__file__).parent.parent / "data" / "bank"
#: files whose licence keeps them out of this repository, where they are at hand
BESIDE = Path(__file__).parents[3] / "shared" / "data" / "bank" / "camt"

PAYER = "38109010140000071219812900"
VIRTUAL = "61103000191234000000000101"
OWN = "71103000190000111122223333"


def read(content: bytes | str, **options: str) -> BankFile:
    data = content.encode() if isinstance(content, str) else content
    return formats.read("camt", data, **options)


def balance(code: str, amount: str, day: str = "2026-10-02", mark: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='PLN'>{amount}</Amt>"
        f"<CdtDbtInd>{mark}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def detail(amount: str = "", mark: str = "", inner: str = "", currency: str = "PLN") -> str:
    told = f"<Amt Ccy='{currency}'>{amount}</Amt>" if amount else ""
    return f"<TxDtls>{told}{f'<CdtDbtInd>{mark}</CdtDbtInd>' if mark else ''}{inner}</TxDtls>"


def entry(amount: str = "10.00", mark: str = "CRDT", details: str = "", before: str = "", day: str = "") -> str:
    booked = day or "<BookgDt><Dt>2026-10-02</Dt></BookgDt>"
    return (
        f"<Ntry><Amt Ccy='PLN'>{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>{before}<Sts>BOOK</Sts>{booked}"
        f"<AcctSvcrRef>E1</AcctSvcrRef><NtryDtls>{details}</NtryDtls></Ntry>"
    )


def message(*parts: str, before: str = "", kind: str = "Stmt", head: str = "") -> str:
    container = {"Stmt": "BkToCstmrStmt", "Rpt": "BkToCstmrAcctRpt", "Ntfctn": "BkToCstmrDbtCdtNtfctn"}[kind]
    return (
        f"<?xml version='1.0'?>\n{before}<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'>\n<{container}>{head}"
        f"<{kind}><Id>S1</Id><Acct><Id><IBAN>PL{OWN}</IBAN></Id><Ccy>PLN</Ccy></Acct>{''.join(parts)}</{kind}>"
        f"</{container}></Document>"
    )


def codes(found: BankFile) -> list[str]:
    return [problem.code for problem in found.all_problems]


def only(*parts: str) -> Transaction:
    (row,) = read(message(*parts)).transactions
    return row


# --- samples


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


# --- entries and details


def test_batch_gives_one_line_per_detail() -> None:
    parts = "".join(detail(f"{n}.00", inner=f"<Refs><EndToEndId>X{n}</EndToEndId></Refs>") for n in (1, 2, 3))
    found = read(message(entry("6.00", "DBIT", parts)))
    assert [(tx.amount, tx.mark, tx.end_to_end) for tx in found.transactions] == [
        (Decimal("-1.00"), "D", "X1"),
        (Decimal("-2.00"), "D", "X2"),
        (Decimal("-3.00"), "D", "X3"),
    ]
    assert [tx.position for tx in found.transactions] == [1, 2, 3]
    assert {tx.batch_ref for tx in found.transactions} == {"E1"}
    assert len(set(dedupe_keys(found.statements[0], "camt"))) == 3


def test_batch_of_credits_and_debits_nets() -> None:
    found = read(message(entry("7.00", "CRDT", detail("10.00", "CRDT") + detail("3.00", "DBIT"))))
    assert [(tx.amount, tx.mark) for tx in found.transactions] == [(Decimal("10.00"), "C"), (Decimal("-3.00"), "D")]


@pytest.mark.parametrize(
    "parts",
    [
        detail("4.00") + detail("5.00"),
        detail("4.00") + detail(),
        detail("5.00") + detail("5.00", currency="EUR"),
        detail("5.00") + detail("5.001"),
        detail("10.00", "DBIT") + detail("20.00", "DBIT"),
    ],
)
def test_details_that_do_not_add_up_are_not_believed(parts: str) -> None:
    (tx,) = read(message(entry("10.00", "CRDT", parts))).transactions
    assert (tx.amount, tx.party_name, tx.payer_key) == (Decimal("10.00"), "", "")
    (problem,) = tx.problems
    assert (problem.code, problem.params["amount"], problem.line) == ("DETAILS_SUM", "10.00", 3)


def test_single_detail_is_described_and_the_entry_counts() -> None:
    inner = "<RltdPties><Dbtr><Pty><Nm>JAN</Nm></Pty></Dbtr></RltdPties>"
    tx = only(entry("10.00", details=detail("9.50", inner=inner)))
    assert (tx.amount, tx.party_name, [p.code for p in tx.problems]) == (Decimal("10.00"), "JAN", ["DETAILS_SUM"])
    tx = only(entry("10.00", details=detail("0", inner=inner, currency="SEK")))
    assert (tx.amount, tx.party_name, tx.problems) == (Decimal("10.00"), "JAN", ())


def test_parties_virtual_account_and_title() -> None:
    inner = f"""<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties>
      <Dbtr><Nm>ŁUCJA ŻÓŁĆ</Nm><PstlAdr><StrtNm>Długa</StrtNm><BldgNb>5</BldgNb><PstCd>00-238</PstCd>
      <TwnNm>Warszawa</TwnNm></PstlAdr></Dbtr><DbtrAcct><Id><IBAN>PL{PAYER}</IBAN></Id></DbtrAcct>
      <CdtrAcct><Id><IBAN>PL{VIRTUAL}</IBAN></Id></CdtrAcct></RltdPties>
      <RmtInf><Ustrd>FAKTURY ZA WRZESIEN NR FV/2026/09/00</Ustrd><Ustrd>0101 I 102</Ustrd><Ustrd>DZIEKUJE</Ustrd>
      <Strd><RfrdDocInf><Nb>FV/2026/09/000102</Nb></RfrdDocInf><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd></RmtInf>"""
    tx = only(entry(details=detail("10.00", inner=inner.replace("ZA WRZESIEN", "ZA WRZESI"))))
    # a piece of 35 characters goes on without a blank
    assert tx.title == "FAKTURY ZA WRZESI NR FV/2026/09/00 0101 I 102 DZIEKUJE RF18 FV/2026/09/000102"
    full = "FAKTURY ZA WRZESIEN FV/2026/09/0000"
    assert len(full) == 35
    tx = only(entry(details=detail(inner=inner.replace("FAKTURY ZA WRZESIEN NR FV/2026/09/00", full))))
    assert tx.title.startswith("FAKTURY ZA WRZESIEN FV/2026/09/00000101 I 102 DZIEKUJE")
    assert (tx.party_name, tx.party_account, tx.payer_key) == ("ŁUCJA ŻÓŁĆ", PAYER, VIRTUAL)
    assert (tx.party_address, tx.end_to_end) == ("Długa 5, 00-238 Warszawa", "")


def test_own_account_is_no_payer_key_and_a_damaged_number_is_told() -> None:
    creditor = "<RltdPties><CdtrAcct><Id><IBAN>PL{}</IBAN></Id></CdtrAcct></RltdPties>"
    assert only(entry(details=detail(inner=creditor.format(OWN)))).payer_key == ""
    tx = only(entry(details=detail(inner=creditor.format(VIRTUAL[:-1] + "2"))))
    assert (tx.payer_key, [p.code for p in tx.problems]) == ("", ["NRB_CHECK_DIGITS"])


def test_returned_payment() -> None:
    inner = f"""<Refs><EndToEndId>DD-7</EndToEndId><Prtry><Tp>ORIGINAL</Tp><Ref>SC77</Ref></Prtry></Refs>
      <RltdPties><Dbtr><Nm>JAN</Nm></Dbtr><DbtrAcct><Id><IBAN>PL{PAYER}</IBAN></Id></DbtrAcct>
      <CdtrAcct><Id><IBAN>PL{OWN}</IBAN></Id></CdtrAcct></RltdPties>
      <RtrInf><Rsn><Cd>MD06</Cd></Rsn><AddtlInf>Zwrot na żądanie</AddtlInf></RtrInf>"""
    tx = only(entry("49.99", "DBIT", detail("49.99", inner=inner), before="<RvslInd>true</RvslInd>"))
    assert (tx.amount, tx.mark, tx.is_reversal, tx.is_customer_credit) == (Decimal("-49.99"), "RC", True, False)
    assert (tx.end_to_end, tx.original_ref, tx.return_reason) == ("DD-7", "SC77", "MD06")
    assert (tx.party_name, tx.party_account) == ("JAN", PAYER)  # parties stand as in the original
    # a return says so even where the bank leaves the indicator out; what we sent comes back as RD
    back = only(entry("5.00", "CRDT", detail("5.00", inner="<RtrInf><AddtlInf>konto zamknięte</AddtlInf></RtrInf>")))
    assert (back.mark, back.return_reason, back.is_customer_credit) == ("RD", "konto zamknięte", False)


def test_reversal_indicator_says_nothing_about_the_direction() -> None:
    assert only(entry("5.00", "CRDT", before="<RvslInd>true</RvslInd>")).mark == "RD"
    assert only(entry("5.00", "DBIT", before="<RvslInd>1</RvslInd>")).mark == "RC"
    assert only(entry("5.00", "DBIT", before="<RvslInd>false</RvslInd>")).mark == "D"


def test_day_is_the_one_the_bank_wrote() -> None:
    late = (
        "<BookgDt><DtTm>2026-10-02T23:59:59.999+02:00</DtTm></BookgDt><ValDt><DtTm>2026-10-03T00:30:00Z</DtTm></ValDt>"
    )
    tx = only(entry(day=late))
    assert (tx.entry_date, tx.value_date) == (date(2026, 10, 2), date(2026, 10, 3))


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (("10.00</Amt>", "10.005</Amt>"), "AMOUNT_DECIMALS", "Amt"),
        (("10.00</Amt>", "-10.00</Amt>"), "AMOUNT_UNREADABLE", "Amt"),
        (("10.00</Amt>", "10,00</Amt>"), "AMOUNT_UNREADABLE", "Amt"),
        (("10.00</Amt>", "</Amt>"), "AMOUNT_UNREADABLE", "Amt"),
        (("CRDT", "CREDIT"), "MARK_UNREADABLE", "CdtDbtInd"),
        (("2026-10-02", "2026-02-30"), "DATE_UNREADABLE", "BookgDt"),
        (("'PLN'", "'EUR'"), "CURRENCY_DIFFERS", "Amt"),
        (("'PLN'", "'zł'"), "CURRENCY_UNREADABLE", "Amt"),
    ],
)
def test_bad_entry_does_not_lose_its_neighbours(change: tuple[str, str], code: str, field: str) -> None:
    found = read(message(entry("1.00"), entry().replace(*change), entry("2.00")))
    assert [tx.amount for tx in found.transactions] == [Decimal("1.00"), Decimal("2.00")]
    (row,) = found.unreadable
    assert (row.problem.code, row.problem.field, row.position) == (code, field, 2)
    assert row.raw.startswith("<Ntry>") and row.raw.endswith("</Ntry>")
    assert [tx.position for tx in found.transactions] == [1, 3]


def test_five_decimals_that_are_zero_are_no_fault() -> None:
    assert only(entry("10.15000")).amount == Decimal("10.15")
    assert str(only(entry("10")).amount) == "10.00"


def test_corrected_entry_is_read_again() -> None:
    found = read(message(entry("1.00"), entry("10,00", details=detail("10.00"))))
    (row,) = found.unreadable
    (tx,) = camt.read_entry(row.raw.replace("10,00", "10.00"), "PLN", OWN)
    assert isinstance(tx, Transaction) and tx.amount == Decimal("10.00")
    prefixed = '<n:Ntry xmlns:n="urn:x"><n:Amt Ccy="PLN">3</n:Amt><n:CdtDbtInd>DBIT</n:CdtDbtInd></n:Ntry>'
    (tx,) = camt.read_entry(prefixed, "PLN")
    assert isinstance(tx, Transaction) and tx.amount == Decimal("-3.00")
    (bad,) = camt.read_entry("<Ntry><Amt", "PLN", line=7)
    assert isinstance(bad, Unreadable) and bad.problem.code == "XML_BROKEN"


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


def test_a_batch_is_not_read_as_one_payment() -> None:
    batch = entry("3.00", details=detail("1.00") + detail("2.00"))
    row = formats.read_entry("camt", batch, formats.Options(), 7, 2)
    assert isinstance(row, Unreadable)
    assert (row.problem.code, row.line, row.position) == ("ENTRY_IS_BATCH", 7, 2)


def test_pending_entry_is_told_and_not_given_out() -> None:
    found = read(message(entry().replace("BOOK", "PDNG"), entry("1.00").replace("BOOK", "<Cd>BOOK</Cd>")))
    assert [tx.amount for tx in found.transactions] == [Decimal("1.00")]
    (told,) = [problem for problem in found.all_problems if problem.code == "ENTRY_NOT_BOOKED"]
    assert told.params == {"status": "PDNG", "amount": "10.00", "currency": "PLN"}


# --- statements


def test_pages_and_interim_balances() -> None:
    def page(number: int, last: str, *parts: str) -> Statement:
        told = f"<StmtPgntn><PgNb>{number}</PgNb><LastPgInd>{last}</LastPgInd></StmtPgntn>"
        (statement,) = read(message(told, "<ElctrncSeqNb>190</ElctrncSeqNb>", *parts)).statements
        return statement

    first = page(1, "false", balance("OPBD", "5"), balance("ITBD", "15"), entry("10.00"))
    second = page(2, "false", balance("ITBD", "15"), balance("ITBD", "25"), entry("10.00"))
    third = page(3, "true", balance("ITBD", "25"), balance("CLBD", "35"), entry("10.00"))
    told = [
        (s.number, s.head.page, s.opening, s.closing, s.head.opening.intermediate, s.foot.closing.intermediate)
        for s in (first, second, third)
        if s.head.opening and s.foot.closing
    ]
    assert told == [
        ("190", "1", Decimal(5), Decimal(15), False, True),
        ("190", "2", Decimal(15), Decimal(25), True, True),
        ("190", "3", Decimal(25), Decimal(35), True, False),
    ]
    assert not first.problems and not second.problems and not third.problems
    assert page(1, "true", balance("OPBD", "5"), balance("CLBD", "5")).head.page == ""


def test_pages_of_the_message_count_where_the_statement_has_none() -> None:
    head = "<GrpHdr><MsgId>M</MsgId><MsgPgntn><PgNb>2</PgNb><LastPgInd>false</LastPgInd></MsgPgntn></GrpHdr>"
    (statement,) = read(message(balance("ITBD", "1"), balance("ITBD", "11"), entry("10.00"), head=head)).statements
    assert (statement.head.page, statement.opening, statement.closing) == ("2", Decimal(1), Decimal(11))


def test_previous_closing_balance_opens_and_overdraft_is_negative() -> None:
    (statement,) = read(message(balance("PRCD", "5", mark="DBIT"), balance("CLBD", "5"), entry("10.00"))).statements
    assert (statement.opening, statement.closing, statement.problems) == (Decimal(-5), Decimal(5), ())


def test_balance_mismatch_and_missing_parts_are_told() -> None:
    found = read(message(balance("OPBD", "5"), balance("CLBD", "16"), entry("10.00")))
    (problem,) = found.statements[0].problems
    assert (problem.code, problem.params["difference"]) == ("BALANCE_MISMATCH", "1.00")
    bare = read("<Document><BkToCstmrStmt><Stmt/></BkToCstmrStmt></Document>")
    assert codes(bare) == ["ACCOUNT_MISSING", "OPENING_MISSING", "CLOSING_MISSING"]
    odd = read(message(balance("OPBD", "x"), entry()))
    assert "BALANCE_UNREADABLE" in codes(odd)


@pytest.mark.parametrize(("kind", "told"), [("Stmt", "statement"), ("Rpt", "interim"), ("Ntfctn", "notice")])
def test_kind_of_message(kind: str, told: str) -> None:
    (statement,) = read(message(entry(), kind=kind)).statements
    assert statement.head.kind == told
    assert bool(statement.problems) == (told == "statement")


def test_envelope_prefix_comment_and_cdata() -> None:
    inner = "<RmtInf><Ustrd><![CDATA[A & B]]><!-- x --> C&#x105;</Ustrd></RmtInf>"
    text = message(entry(details=detail(inner=inner))).removeprefix("<?xml version='1.0'?>\n")
    wrapped = f"\n\n<Envelope><AppHdr><Id>1</Id></AppHdr><Body>{text}</Body></Envelope>"
    (tx,) = read(wrapped).transactions
    assert (tx.title, tx.line) == ("A & B Cą", 4)
    prefixed = text.replace("</", "</c:").replace("xmlns=", "xmlns:c=")
    prefixed = prefixed.replace("<c:", "<").replace("<", "<c:").replace("<c:/", "</").replace("<c:!", "<!")
    (tx,) = read(prefixed).transactions
    assert tx.title == "A & B Cą"


@pytest.mark.parametrize("encoding", ["iso-8859-2", "cp1250", "utf-16", "utf-8-sig"])
def test_code_pages(encoding: str) -> None:
    inner = "<RltdPties><Dbtr><Nm>ŻÓŁĆ ĄŚŹ</Nm></Dbtr></RltdPties>"
    declared = {"cp1250": "windows-1250", "utf-8-sig": "utf-8"}.get(encoding, encoding)
    text = message(entry(details=detail(inner=inner))).replace("?>", f" encoding='{declared}'?>", 1)
    found = formats.collect(formats.open_file(io.BytesIO(text.encode(encoding))))
    (tx,) = found.transactions
    assert (tx.party_name, found.encoding) == ("ŻÓŁĆ ĄŚŹ", declared)
    assert "<Nm>ŻÓŁĆ ĄŚŹ</Nm>" in tx.raw


# --- hostile and broken


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>\n"
FETCH = "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>\n"
NETWORK = "<!DOCTYPE x SYSTEM 'http://localhost:1/x.dtd'>\n"


@pytest.mark.parametrize("doctype", [BOMB, FETCH, NETWORK, "\n<!DOCTYPE x>\n"])
def test_document_type_is_refused(doctype: str) -> None:
    text = message(entry(details=detail(inner="<RmtInf><Ustrd>&b;&e;</Ustrd></RmtInf>")), before=doctype)
    found = read(text)
    (problem,) = found.problems
    assert (problem.code, problem.severity, problem.line) == ("XML_DOCTYPE", Severity.ERROR, 2 + (doctype[0] == "\n"))
    assert not found.statements


def test_deep_nesting_is_refused() -> None:
    found = read(message(entry("1.00"), entry(details="<a>" * 5000 + "</a>" * 5000)))
    assert [problem.code for problem in found.all_problems if problem.severity is Severity.ERROR] == ["XML_TOO_DEEP"]
    assert [tx.amount for tx in found.transactions] == [Decimal("1.00")]


def test_endless_names_are_refused() -> None:
    for text in ("".join(f"<n{n}/>" for n in range(4000)), "".join(f"<n a{n}=''/>" for n in range(4000))):
        assert "XML_TOO_MANY_NAMES" in codes(read(message(entry(details=text))))
    spaces = "".join(f"<n xmlns:p{n}='u'/>" for n in range(300))
    assert "XML_TOO_MANY_NAMES" in codes(read(message(spaces)))


def test_huge_text_is_cut() -> None:
    inner = f"<RmtInf><Ustrd>{'X' * 3_000_000}</Ustrd></RmtInf>"
    (tx, after) = read(message(entry(details=detail(inner=inner)), entry("2.00"))).transactions
    assert len(tx.title) <= camt_xml.MAX_TEXT
    assert [problem.code for problem in tx.problems] == ["TEXT_CUT"]
    assert len(tx.raw) <= camt_xml.MAX_RAW + 1
    assert after.amount == Decimal("2.00")


def test_many_values_are_cut() -> None:
    inner = f"<RmtInf>{'<Ustrd>A</Ustrd>' * 5000}</RmtInf>"
    (tx,) = read(message(entry(details=detail(inner=inner)))).transactions
    assert len(tx.title) <= 2 * camt_xml.MAX_VALUES
    assert [problem.code for problem in tx.problems] == ["TEXT_CUT"]


def test_cut_file_keeps_what_was_whole() -> None:
    text = message(balance("OPBD", "0"), entry("1.00"), entry("2.00"))
    found = read(text[: text.rindex("<AcctSvcrRef>")])
    assert [tx.amount for tx in found.transactions] == [Decimal("1.00")]
    assert {"XML_BROKEN", "CLOSING_MISSING"} <= set(codes(found))


def test_what_is_no_camt_is_told() -> None:
    assert codes(read("<html><body/></html>")) == ["NOT_CAMT"]
    assert codes(read(b"")) == ["XML_BROKEN"]
    assert codes(read(b"<?xml version='1.0' encoding='no-such-page'?><a/>")) == ["XML_BROKEN"]


def test_sniff() -> None:
    assert camt.sniff(message().encode()) == 100
    assert camt.sniff(message().encode("utf-16")) == 100
    assert camt.sniff(b"<?xml version='1.0'?><html/>") == 20
    assert camt.sniff(b":20:MT940") == 0


# --- big files


def test_big_batch_is_added_up_before_it_is_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camt_machine, "MAX_HELD", 5)
    many = "".join(detail(f"{n}.00") for n in range(1, 21))
    right, wrong = entry("210.00", details=many), entry("211.00", details=many)
    net = entry("10.00", "DBIT", "".join(detail("10.00", "CRDT") + detail("11.00", "DBIT") for _ in range(10)))
    found = read(message(right, entry("1.00"), wrong, net, right))
    amounts = [Decimal(n) for n in range(1, 21)]
    mixed = [Decimal(10), Decimal(-11)] * 10
    assert [tx.amount for tx in found.transactions] == [*amounts, Decimal(1), Decimal(211), *mixed, *amounts]
    assert [tx.position for tx in found.transactions] == list(range(1, 63))
    assert [(p.code, p.params["sum"]) for p in found.all_problems if p.code == "DETAILS_SUM"] == [
        ("DETAILS_SUM", "210.00")
    ]
    cut = message(right, right)
    broken = read(cut[: cut.rindex("<Amt")])
    assert [tx.amount for tx in broken.transactions] == amounts


MEMORY = """
    import sys
    from pathlib import Path
    from bank_core import formats

    class Feed:
        '''A seekable file that is made while it is read.'''
        def __init__(self, head, piece, count, tail):
            self.head, self.piece, self.count, self.tail = head, piece, count, tail
            self.length = len(head) + len(piece) * count + len(tail)
            self.place = 0
        def seekable(self): return True
        def tell(self): return self.place
        def seek(self, place, whence=0): self.place = place; return place
        def read(self, size=-1):
            size = self.length - self.place if size < 0 else min(size, self.length - self.place)
            parts, at = [], self.place
            while size > 0:
                middle = at - len(self.head)
                if middle < 0: part = self.head[at:at + size]
                elif middle < len(self.piece) * self.count:
                    inside = middle % len(self.piece)
                    part = self.piece[inside:inside + size]
                else: part = self.tail[middle - len(self.piece) * self.count:][:size]
                parts.append(part); at += len(part); size -= len(part)
            self.place = at
            return b"".join(parts)

    def peak():  # of this program alone: ru_maxrss begins with the peak of whoever started it
        return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024

    def run(feed):
        seen, codes = 0, set()
        for event in formats.open_file(feed):
            seen += hasattr(event, "amount")
            codes.add(getattr(event, "code", ""))
        return seen, sorted(codes - {""})

    start = b"<?xml version='1.0'?><Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'><BkToCstmrStmt>"
    start += b"<Stmt><Acct><Id><IBAN>PL71103000190000111122223333</IBAN></Id></Acct>"
    end = b"</Stmt></BkToCstmrStmt></Document>"
    one = b"<Ntry><Amt Ccy='PLN'>1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-10-02</Dt></BookgDt>"
    tx = b"<TxDtls><AmtDtls><TxAmt><Amt Ccy='PLN'>1.00</Amt></TxAmt></AmtDtls><RmtInf><Ustrd>FV</Ustrd></RmtInf></TxDtls>"
    fill = b"<!-- %s -->" % (b"x" * 4000)
    cases = {
        "entries": (start, one + b"</Ntry>" + fill, 12_000, end),
        "batch": (start + one.replace(b"1.00", b"40000.00") + b"<NtryDtls>", tx, 40_000, b"</NtryDtls></Ntry>" + end),
        "text": (start + one + b"<NtryDtls><TxDtls><RmtInf><Ustrd>", b"x" * 65536, 1600, b"</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>" + end),
        "attribute": (start + b"<Ntry a='", b"x" * 65536, 1600, b"'/>" + end),
        "attributes": (start + b"<Ntry ", b"aaaaaaaaaaaaaaaa='b' " * 3200, 1600, b"/>" + end),
        "comment": (start + b"<!--", b"x" * 65536, 1600, b"-->" + end),
        "name": (start + b"<", b"x" * 65536, 1600, b"/>" + end),
        "nesting": (start + one, b"<a>" * 20000, 1600, end),
        "bomb": (b"<!DOCTYPE x [<!ENTITY a '" + b"a" * 1000 + b"'>", b"<!ENTITY b '&a;&a;&a;'>" * 3000, 1600, b"]>" + start + end),
    }
    run(Feed(start, one + b"</Ntry>", 100, end))
    before = peak()
    told = run(Feed(*cases[sys.argv[1]]))
    print(told[0], ",".join(told[1]), peak() - before)
"""


@pytest.mark.parametrize(
    ("case", "count", "told"),
    [
        ("entries", 12_000, {"OPENING_MISSING", "CLOSING_MISSING"}),
        ("batch", 40_000, {"OPENING_MISSING", "CLOSING_MISSING"}),
        ("text", 1, {"OPENING_MISSING", "CLOSING_MISSING"}),
        ("attribute", 0, {"XML_TAG_TOO_LONG"}),
        ("attributes", 0, {"XML_TAG_TOO_LONG"}),
        ("comment", 0, {"XML_TAG_TOO_LONG"}),
        ("name", 0, {"XML_TAG_TOO_LONG"}),
        ("nesting", 0, {"XML_TOO_DEEP"}),
        ("bomb", 0, {"XML_DOCTYPE"}),
    ],
)
def test_memory_is_flat(case: str, count: int, told: set[str]) -> None:
    """Up to 100 MB through a process that may not grow by 20 MB."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(MEMORY), case],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    seen, codes_told, grown = done.stdout.split()
    assert int(seen) == count
    assert told <= set(codes_told.split(","))
    assert int(grown) < 20


# --- fuzz


SEED = (DATA / "synthetic" / "camt053_virtual_accounts.xml").read_bytes()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 40), st.binary(max_size=12)), max_size=4))
def test_damaged_bytes_never_raise(changes: list[tuple[int, int, bytes]]) -> None:
    data = bytearray(SEED)
    for place, length, new in changes:
        data[place : place + length] = new
    found = read(bytes(data))
    for statement in found.statements:
        assert all(tx.amount == tx.amount.quantize(Decimal("0.01")) for tx in statement.transactions)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.decimals("0.01", "99999.99", places=2), min_size=2, max_size=8), st.booleans())
def test_batch_conserves_money(amounts: list[Decimal], is_debit: bool) -> None:
    total = sum(amounts, Decimal(0))
    found = read(message(entry(str(total), "DBIT" if is_debit else "CRDT", "".join(detail(str(a)) for a in amounts))))
    assert sum((tx.amount for tx in found.transactions), Decimal(0)) == (-total if is_debit else total)
    assert len(found.transactions) == len(amounts)
