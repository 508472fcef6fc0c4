"""Invoices of one page drawn without a typesetter: valid files, the words of the typeset ones, none where one is needed."""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest
from tests.benchmarks.billing_pdf import contents

from document_core import qr_svg, with_codes
from document_core.qr import qr_matrix
from page_core import Picture, canvas, invoice_pdf
from page_core.colours import is_light, lighter, parse
from page_core.fonts import CORE, WIDE, MissingCharacterError, face

REPORT = Path(__file__).resolve().parents[2] / "addons" / "bss_contracts" / "report"
FONTS = REPORT / "fonts"
DAY = date(2026, 11, 1)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(REPORT))
    import typst_engine

    return typst_engine


@pytest.fixture
def content() -> dict[str, Any]:
    return with_codes(contents(1)[0])


def drawn(engine: Any, data: dict[str, Any], **more: Any) -> bytes | None:
    return invoice_pdf({**data, **more}, engine.labels()[data["lang"]], FONTS, DAY)


def words_of(pdf: bytes) -> Counter[str]:
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return Counter(re.findall(r"[\w,.–@−%/:-]+", text.replace("\u00a0", " ").upper()))


def test_every_object_is_where_the_table_says(engine: Any, content: dict[str, Any]) -> None:
    pdf = drawn(engine, content)
    assert pdf
    reader = pypdf.PdfReader(io.BytesIO(pdf), strict=True)
    for number in range(1, reader.trailer["/Size"]):
        assert reader.get_object(number) is not None, number
    assert reader.metadata
    assert (reader.metadata.title, reader.metadata.author) == ("Faktura VAT FV/2026/000000", "Demo Telekom Sp. z o.o.")
    xmp = reader.xmp_metadata
    assert xmp
    assert xmp.dc_title == {"x-default": reader.metadata.title}
    assert b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B" in pdf
    assert reader.trailer["/Root"]["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert len(pdf) < 60_000


def test_the_same_content_of_the_same_day_gives_the_same_bytes(engine: Any, content: dict[str, Any]) -> None:
    first = drawn(engine, content)
    assert first == drawn(engine, content)
    assert first != drawn(engine, content, number="FV/2026/000001")
    assert first != invoice_pdf(content, engine.labels()["pl"], FONTS, date(2026, 11, 2))


def test_glyphs_of_the_page_are_those_of_the_embedded_fonts(engine: Any, content: dict[str, Any]) -> None:
    pdf = drawn(engine, content)
    assert pdf
    for font in pypdf.PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values():
        inner = font.get_object()["/DescendantFonts"][0].get_object()
        descriptor = inner["/FontDescriptor"]
        assert inner["/BaseFont"] == descriptor["/FontName"] == font.get_object()["/BaseFont"]
        assert re.fullmatch(r"/[A-Z]{6}\+Roboto-\w+", inner["/BaseFont"])
        program = descriptor["/FontFile2"].get_object()
        assert len(program.get_data()) == program["/Length1"]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"payment": None},
        {"ksef": None},
        {"payment": None, "ksef": None},
        {"history": [], "balance": [["Zaległość", "12,00 zł"], ["Razem do zapłaty", "114,09 zł"]]},
        {"balance": [["Nadpłata", "−20,00 zł"]]},
        {"usage": []},
        {"message": "Nowe ceny od maja. " * 12, "notes": ["Odwrotne obciążenie", "Mechanizm podzielonej płatności"]},
        {
            "totals": {
                "net": "1,00",
                "vat": "0,23",
                "gross": "1,23",
                "due": "0,00 zł",
                "words": "zero",
                "negative": False,
            }
        },
        {"references": [["Sprzedawca na rzecz", "Bardzo Długa Nazwa Sprzedawcy Usług Telekomunikacyjnych " * 3]]},
    ],
)
def test_the_words_are_those_of_the_typeset_invoice(
    engine: Any, content: dict[str, Any], change: dict[str, Any]
) -> None:
    data = {**content, **change}
    own = drawn(engine, data)
    assert own
    typeset = engine.render(REPORT / "typst" / "invoice.typ", data, {}, DAY)
    assert words_of(own) == words_of(typeset)


def test_sections_wide_letters_and_long_words_stay_on_the_page(engine: Any, content: dict[str, Any]) -> None:
    long = "Niekończący" * 20
    lines = [
        {"section": True, "name": "Internet ğ Šárka"},
        {**content["lines"][0], "name": f"{long} opłata\ndruga linia"},
    ]
    pdf = drawn(engine, content, lines=lines)
    assert pdf
    [page] = pypdf.PdfReader(io.BytesIO(pdf)).pages
    text = page.extract_text()
    assert "Internet ğ Šárka" in text
    assert "Niekończący" * 20 in "".join(text.split())
    assert len(pdf) < 60_000


@pytest.mark.parametrize(
    "change",
    [
        {"watermark": "PROJEKT"},
        {"corrected": {"number": "FV/1"}},
        {"states": [{}]},
        {"buyer_before": {"name": "X"}},
        {"message": "uśmiech 😀"},
    ],
)
def test_what_is_no_ordinary_page_is_left_to_the_typesetter(
    engine: Any, content: dict[str, Any], change: dict[str, Any]
) -> None:
    assert drawn(engine, content, **change) is None


def test_more_than_a_page_is_left_to_the_typesetter(engine: Any, content: dict[str, Any]) -> None:
    fitting = [count for count in range(1, 40) if drawn(engine, content, lines=content["lines"][:1] * count)]
    assert fitting == list(range(1, len(fitting) + 1))
    assert 8 < len(fitting) < 25


def test_screen_readers_find_tables_and_codes(engine: Any, content: dict[str, Any]) -> None:
    pdf = drawn(engine, content)
    assert pdf
    root = pypdf.PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    kinds: Counter[str] = Counter()
    marks = []

    def visit(element: Any, parent: Any) -> None:
        found = element.get_object()
        kinds[found["/S"]] += 1
        assert found["/P"].get_object() == parent
        if found["/S"] == "/Figure":
            assert found["/Alt"]
        for kid in found["/K"]:
            if isinstance(kid, int):
                marks.append(int(kid))
            else:
                visit(kid, found)

    tree = root["/StructTreeRoot"]
    [whole] = tree["/K"]
    visit(whole, tree)
    assert (kinds["/Table"], kinds["/Figure"], kinds["/H1"]) == (3, 2, 1)
    assert kinds["/TR"] == 1 + 4 + 1 + 2 + 1 + 2
    parents = tree["/ParentTree"]["/Nums"][1]
    assert sorted(marks) == list(range(len(parents)))


def test_a_code_is_drawn_module_by_module() -> None:
    text = "https://qr.ksef.mf.gov.pl/invoice/1234563218/01-11-2026/abc"
    size, digits = canvas._bitmap(qr_svg(text, "M", 2))
    width = len(digits) // size
    rows = [f"{int(digits[start : start + width], 16):0{width * 4}b}"[:size] for start in range(0, len(digits), width)]
    drawn_modules = [[bit == "1" for bit in row[2:-2]] for row in rows[2:-2]]
    assert drawn_modules == qr_matrix(text, "M")
    assert not any("1" in row for row in (*rows[:2], *rows[-2:]))


def test_a_logo_stands_for_the_name(engine: Any, content: dict[str, Any]) -> None:
    logo = Picture("Logo", "/Width 2/Height 1/ColorSpace/DeviceRGB/BitsPerComponent 8", b"\xff\0\0\0\xff\0", (2, 1))
    pdf = invoice_pdf(content, engine.labels()["pl"], FONTS, DAY, logo)
    assert pdf
    [page] = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert page["/Resources"]["/XObject"]["/Logo"].get_object()["/Width"] == 2
    assert b"/Logo Do" in page.get_contents().get_data()
    assert logo.size(100, 20) == (40, 20)


def test_subsets_say_what_they_lack() -> None:
    small, wide = face(FONTS / "Roboto-Regular.ttf", CORE), face(FONTS / "Roboto-Regular.ttf", WIDE)
    assert small.width("ĄŻ") == wide.width("ĄŻ") > 0
    for call in (small.width, small.hex):
        with pytest.raises(MissingCharacterError):
            call("ß")
    assert wide.hex("ß")


def test_colours() -> None:
    assert parse("#0b5f7d") == (11 / 255, 95 / 255, 125 / 255)
    assert parse("#fff") == (1, 1, 1)
    assert lighter((0.0, 0.5, 1.0), 0.5) == (0.5, 0.75, 1.0)
    assert (is_light((1, 1, 0)), is_light((0, 0, 1))) == (True, False)
