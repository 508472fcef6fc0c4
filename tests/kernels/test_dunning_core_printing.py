import csv
import io
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from dunning_core.printing import ack
from dunning_core.printing.manifest import NAMESPACE, Entry, File, Totals, barcode, csv_lines, xml_lines
from dunning_core.printing.postage import Price, price_of, sheets_of

TODAY = date(2026, 11, 23)


def entry(doc_id=7, pages=3, **vals):
    base = {
        "doc_id": doc_id,
        "number": f"WZ/2026/{doc_id:06d}",
        "file": "DR-1-001.pdf",
        "page_from": 1,
        "pages": pages,
        "sheets": sheets_of(pages, True),
        "duplex": True,
        "envelope": "DL",
        "franking": "plain",
        "name": "Jan <Kowalski> & syn",
        "name2": "",
        "street": "ul. Lipowa 1",
        "post_code": "00-001",
        "city": "Łódź",
        "country": "",
        "inserts": "",
        "barcode": barcode(doc_id),
        "postage": Decimal("4.90"),
        "sha256": "ab" * 32,
    }
    return Entry(**{**base, **vals})


@given(st.lists(st.integers(1, 40), max_size=12))
def test_sums_of_both_manifests_are_the_sums_of_their_letters(pages):
    entries = [entry(number, count) for number, count in enumerate(pages, start=1)]
    totals, again = Totals(), Totals()
    rows = list(csv.DictReader(io.StringIO("".join(csv_lines(entries, totals))), delimiter=";"))
    tree = ElementTree.fromstring("".join(xml_lines("DR/1", "2026-11-23", [], entries, again)))
    assert totals == again
    assert (totals.letters, totals.pages) == (len(pages), sum(pages))
    assert totals.postage == Decimal("4.90") * len(pages)
    assert rows[-1]["doc_id"] == "TOTAL"
    assert int(rows[-1]["sheets"]) == sum(int(row["sheets"]) for row in rows[:-1]) == totals.sheets
    letters = tree.findall(f".//{{{NAMESPACE}}}letter")
    assert [letter.get("doc_id") for letter in letters] == [row["doc_id"] for row in rows[:-1]]


def test_xml_keeps_every_character_of_a_name():
    files = [File("a.pdf", 1, 3, "00")]
    tree = ElementTree.fromstring("".join(xml_lines('DR/"1"', "2026-11-23", files, [entry()], Totals())))
    assert tree.findtext(f".//{{{NAMESPACE}}}name") == "Jan <Kowalski> & syn"
    assert tree.get("number") == 'DR/"1"'


def test_a_name_is_no_formula():
    text = "".join(csv_lines([entry(name="=cmd|calc")], Totals()))
    assert "'=cmd|calc" in text


def test_barcode_tells_one_wrong_digit():
    codes = {barcode(number)[-1] for number in range(10)}
    assert len(codes) == 10
    assert barcode(123) == "BSS0000000123" + barcode(123)[-1]


def test_sheets():
    assert [sheets_of(pages, True) for pages in (1, 2, 3, 4)] == [1, 1, 2, 2]
    assert sheets_of(3, False) == 3


def test_postage_of_the_newest_list_by_the_smallest_step():
    prices = [
        Price(date(2026, 1, 1), "plain", 4, Decimal("4.90")),
        Price(date(2026, 1, 1), "plain", 20, Decimal("6.10")),
        Price(date(2026, 6, 1), "plain", 4, Decimal("5.20")),
        Price(date(2026, 1, 1), "receipt", 4, Decimal("14.00")),
    ]
    assert price_of("plain", 1, date(2026, 5, 31), prices) == Decimal("4.90")
    assert price_of("plain", 5, date(2026, 5, 31), prices) == Decimal("6.10")
    assert price_of("plain", 1, TODAY, prices) == Decimal("5.20")
    assert price_of("plain", 5, TODAY, prices) is None, "a list holds as a whole"
    assert price_of("registered", 1, TODAY, prices) is None
    assert price_of("plain", 1, date(2025, 1, 1), prices) is None


HEAD = "doc_id;sent_date;tracking_no;delivered_date;return_reason;return_date\n"


def parse(text, encoding="utf-8"):
    return ack.parse((HEAD + text).encode(encoding), TODAY)


def test_good_lines():
    found = parse("5;2026-11-02;0075;05.11.2026;;\n6;2026-11-02;;;Adresat  nieznany;2026-11-09\n")
    assert found.errors == ()
    assert found.rows[0] == ack.AckRow(2, 5, date(2026, 11, 2), "0075", date(2026, 11, 5), "", None)
    assert (found.rows[1].reason, found.rows[1].returned) == ("unknown", date(2026, 11, 9))


def test_each_bad_line_is_told_and_the_rest_goes_on():
    found = parse(
        "x;2026-11-02;;;;\n"
        "7;2026-13-02;;;;\n"
        "8;;;2026-11-24;;\n"
        "9;2026-11-05;;2026-11-04;;\n"
        "10;2026-11-05;;2026-11-06;odmowa;\n"
        "11;;;;;\n"
        "12;2026-11-01;;;bo tak;\n"
        "13;2026-11-01;;;odmowa;\n"
        "14;2026-11-01;;;;2026-11-02\n"
        "15;2026-11-01;;;;;;\n"
        "16;2026-11-01;;;;\n"
        "16;2026-11-01;;;;\n"
    )
    assert [(error.line, error.field, error.code) for error in found.errors] == [
        (2, "doc_id", "BAD_NUMBER"),
        (3, "sent_date", "BAD_DATE"),
        (4, "delivered_date", "FUTURE"),
        (5, "delivered_date", "BEFORE_SENT"),
        (6, "return_reason", "DELIVERED_AND_RETURNED"),
        (7, "sent_date", "NOTHING_SAID"),
        (8, "return_reason", "UNKNOWN_REASON"),
        (9, "return_date", "NO_DAY_OF_REFUSAL"),
        (10, "return_reason", "NO_REASON"),
        (11, "", "TOO_MANY_FIELDS"),
        (13, "doc_id", "TWICE"),
    ]
    assert [row.doc_id for row in found.rows] == [16]


def test_files_that_are_none():
    assert ack.parse(b"", TODAY).errors[0].code == "EMPTY_FILE"
    assert ack.parse(b"a;b\n1;2\n", TODAY).errors[0].code == "NO_COLUMN"
    for content in (bytes(range(256)), b"doc_id;sent_date\n5;\0\n"):
        assert ack.parse(content, TODAY) == ack.Ack((), (ack.AckError(1, "", "NO_TEXT"),))


def test_a_number_without_end_is_one_bad_line():
    found = ack.parse(b"doc_id,sent_date\n" + b"9" * 5000 + b",2026-11-02\n5,2026-11-02\n", TODAY)
    assert [error.code for error in found.errors] == ["BAD_NUMBER"]
    assert [row.doc_id for row in found.rows] == [5]


def test_other_separator_and_code_page():
    found = ack.parse("doc_id,return_reason,return_date\n5,Zmarł,2026-11-02\n".encode("cp1250"), TODAY)
    assert found.rows[0].reason == "deceased"


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content):
    found = ack.parse(b"doc_id;sent_date\n" + content, TODAY)
    assert all(row.sent is not None for row in found.rows)
