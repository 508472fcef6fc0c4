"""camt.052/053/054: entries, batches, returns, statements and pages."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from camt_writer import OWN, PAYER, VIRTUAL, balance, detail, entry, message, only, read
from hypothesis import given, settings
from hypothesis import strategies as st

from bank_core import formats
from bank_core.formats import camt, camt_machine
from bank_core.keys import dedupe_keys
from bank_core.model import Statement

DATA = Path(__file__).parent.parent / "data" / "bank"


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


def test_sniff() -> None:
    assert camt.sniff(message().encode()) == 100
    assert camt.sniff(message().encode("utf-16")) == 100
    assert camt.sniff(b"<?xml version='1.0'?><html/>") == 20
    assert camt.sniff(b":20:MT940") == 0


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


@settings(max_examples=60, deadline=None)
@given(st.lists(st.decimals("0.01", "99999.99", places=2), min_size=2, max_size=8), st.booleans())
def test_batch_conserves_money(amounts: list[Decimal], is_debit: bool) -> None:
    total = sum(amounts, Decimal(0))
    found = read(message(entry(str(total), "DBIT" if is_debit else "CRDT", "".join(detail(str(a)) for a in amounts))))
    assert sum((tx.amount for tx in found.transactions), Decimal(0)) == (-total if is_debit else total)
    assert len(found.transactions) == len(amounts)
