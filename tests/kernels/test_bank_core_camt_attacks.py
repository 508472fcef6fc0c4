"""camt: hostile XML is refused, and memory stays flat."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from decimal import Decimal

import pytest
from camt_writer import codes, detail, entry, message, read

from bank_core.formats import camt_xml
from bank_core.model import Severity

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
