"""Long statements drawn without a typesetter: the words of the typeset ones, on as many pages as they need."""

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

from page_core import statement_pdf
from settlement_core.words import WORDS

REPORT = Path(__file__).resolve().parents[2] / "addons" / "bss_contracts" / "report"
DAY = date(2026, 11, 22)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(REPORT))
    import typst_engine

    return typst_engine


def row(number: int, **more: str) -> dict[str, str]:
    """An invoice and, every second time, its payment."""
    paid = number % 2 == 1
    return {
        "day": f"{number % 28 + 1:02d}.{number % 12 + 1:02d}.2026",
        "kind": "Wpłata" if paid else "Faktura",
        "number": f"BNK1/2026/{number:05d}" if paid else f"FV/2026/{number:05d}",
        "account": "",
        "issued": "01.10.2026",
        "due": "" if paid else "15.10.2026",
        "debit": "" if paid else "72,57",
        "credit": "72,57" if paid else "",
        "balance": "0,00" if paid else "72,57",
        "amount_open": "",
        "overdue_days": "",
        "links": f"FV/2026/{number - 1:05d} (72,57)" if paid else "",
        **more,
    }


def statement(kind: str, rows: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    whole = kind == "movements"
    return {
        "title": WORDS["pl"]["title_" + kind],
        "kind": kind,
        "words": WORDS["pl"],
        "currency": "PLN",
        "period": "01.10.2026 – 22.11.2026" if whole else "",
        "as_of": "22.11.2026",
        "opening": "10,00",
        "opening_day": "30.09.2026" if whole else "",
        "opening_open": "10,00",
        "debit": "72 570,00",
        "credit": "72 570,00",
        "closing": "10,00",
        "closing_money": "10,00 zł",
        "amount_open": "10,00",
        "overdue": "10,00 zł",
        "verdict": "Do zapłaty",
        "favour": "na naszą korzyść",
        "in_words": "dziesięć złotych zero groszy",
        "rows": rows,
        "lang": "pl",
        "number": "ZR/2026/1",
        "place_date": "Kutno, 22.11.2026",
        "seller": contents(1)[0]["seller"],
        "recipient": {
            "name": "Jan Klient",
            "street": "ul. Lipowa 1",
            "zip": "99-300",
            "city": "Kutno",
            "country": "",
            "lines": [],
        },
        "references": [["Konto abonenta", "100000001"], ["NIP", "123-456-32-18"]],
        "nrb": "61 1090 1014 0000 0712 1981 2874",
        **more,
    }


def drawn(engine: Any, data: dict[str, Any]) -> bytes | None:
    return statement_pdf(data, engine.labels()["pl"], REPORT / "fonts", DAY)


def words_of(pdf: bytes, *, heads: bool = True) -> Counter[str]:
    """Without the headings of tables, which stand on every page, when the pages are not the same."""
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    found = Counter(re.findall(r"[\w,.–@−%/-]+", text.replace("\u00a0", " ").upper()))
    return found if heads else Counter({word: 1 for word in found if "/" in word})


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("movements", [row(number) for number in range(9)]),
        ("movements", [row(number, account="AC-1") for number in range(60)]),
        ("movements", []),
        ("open", [row(number * 2, amount_open="72,57") for number in range(9)]),
        ("overdue", [row(number * 2, amount_open="72,57", overdue_days="38") for number in range(12)]),
    ],
)
def test_the_words_are_those_of_the_typeset_statement(engine: Any, kind: str, rows: list[dict[str, str]]) -> None:
    data = statement(kind, rows)
    own = drawn(engine, data)
    assert own
    typeset = engine.render(REPORT / "typst" / "settlement.typ", data, {}, DAY)
    assert words_of(own) == words_of(typeset)
    assert own == drawn(engine, data)


def test_every_page_has_its_head_its_foot_and_its_rows(engine: Any) -> None:
    pdf = drawn(engine, statement("movements", [row(number) for number in range(500)]))
    assert pdf
    pages = pypdf.PdfReader(io.BytesIO(pdf), strict=True).pages
    assert len(pages) > 12
    texts = [page.extract_text() for page in pages]
    for number, text in enumerate(texts, 1):
        assert f"Strona {number} z {len(pages)}" in text
        assert "Pozostaje" in text
        assert ("Zestawienie rozrachunków ZR/2026/1" in text) or number == 1
    found = Counter(re.findall(r"(?:FV|BNK1)/2026/\d{5}(?! \()", " ".join(texts)))
    assert len(found) == 500
    lengths = {round(float(page.mediabox.height)) for page in pages}
    assert lengths == {842}


def test_a_payment_of_hundreds_of_invoices_goes_over_pages(engine: Any) -> None:
    links = ", ".join(f"FV/2025/{number:05d} (1,00)" for number in range(900))
    data = statement("movements", [row(1, links=links), row(2)])
    pdf = drawn(engine, data)
    assert pdf
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) > 3
    assert words_of(pdf, heads=False).keys() >= {f"FV/2025/{number:05d}" for number in range(900)}


def test_a_confirmation_is_a_letter(engine: Any) -> None:
    assert drawn(engine, statement("confirmation", [])) is None


def test_letters_that_no_subset_has_are_left_to_the_typesetter(engine: Any) -> None:
    assert drawn(engine, statement("open", [{**row(1), "number": "FV/😀"}])) is None
