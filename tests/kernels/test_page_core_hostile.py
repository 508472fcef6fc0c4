"""Invoices with odd content: nothing is drawn over the edge of the page or of its neighbour, nothing hangs."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.benchmarks.billing_pdf import contents

from document_core import with_codes
from page_core import canvas, invoice_pdf

REPORT = Path(__file__).resolve().parents[2] / "addons" / "bss_contracts" / "report"
DAY = date(2026, 11, 1)
LEFT, RIGHT = 56.6, 550.0


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(REPORT))
    import typst_engine

    return typst_engine


@pytest.fixture
def content() -> dict[str, Any]:
    return with_codes(contents(1)[0])


@pytest.fixture
def drawn(engine: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """(file or None, [(left, right, text)]) of a content."""
    places: list[tuple[float, float, str]] = []
    write = canvas.Canvas.text

    def seen(self: Any, x: float, y: float, lines: Any, style: Any, *more: Any, **named: Any) -> None:
        align = named.get("align", more[1] if len(more) > 1 else 0)
        for line in [lines] if isinstance(lines, str) else lines:
            width = self.width(line, style)
            places.append((x - align * width, x - align * width + width, line))
        write(self, x, y, lines, style, *more, **named)

    monkeypatch.setattr(canvas.Canvas, "text", seen)

    def draw(data: dict[str, Any]) -> tuple[bytes | None, list[tuple[float, float, str]]]:
        places.clear()
        return invoice_pdf(data, engine.labels()[data["lang"]], engine.FONTS, DAY), list(places)

    return draw


def changed(content: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    first, _dot, rest = path.partition(".")
    return {**content, first: changed(content.get(first) or {}, rest, value) if rest else value}


LONG = "Przedsiębiorstwo Usługowo-Handlowe Telekomunikacji Bezprzewodowej " * 3
USAGE = {"service": "x", "zone": "Polska", "count": "1", "duration": "00:01:00", "amount": "1,00", "share": 50}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("totals.due", "1 234 567 890,12 PLN"),
        ("number", "FV/2026/11/ODDZIAŁ-ZACHODNI/000000000123456789"),
        ("seller.name", LONG),
        ("seller.email", "bardzo.dlugi.adres" * 12 + "@example.com"),
        ("seller.street", LONG),
        ("buyer.name", LONG),
        ("buyer.name", "Ż" * 200),
        ("usage", [{**USAGE, "service": LONG}]),
        ("usage", [{**USAGE, "service": "4" * 120}]),
        ("usage", [{**USAGE, "zone": "Z" * 200}]),
        ("payment.title", "T" * 200),
        ("payment.bank", LONG),
        ("notes", ["mechanizm podzielonej płatności " * 12]),
        ("title", "Faktura VAT z bardzo długim tytułem, którego nikt nie skrócił w tłumaczeniu"),
        ("message", "W" * 500),
        ("balance", [[LONG, "1,00 zł"]]),
        ("totals.words", "W" * 300),
        ("totals.net", "123 456 789 012,34"),
        ("customer", "K" * 90),
    ],
)
def test_nothing_is_drawn_over_an_edge(content: dict[str, Any], drawn: Any, path: str, value: Any) -> None:
    pdf, places = drawn(changed(content, path, value))
    over = [place for place in places if place[0] < LEFT or place[1] > RIGHT]
    assert pdf is None or not over, over


def test_empty_parts(content: dict[str, Any], drawn: Any) -> None:
    bare = {
        **content,
        "lines": [],
        "taxes": [],
        "usage": [],
        "notes": [],
        "payment": None,
        "ksef": None,
        "history": [],
        "balance": [],
        "seller": {"name": "Sieć"},
        "buyer": {"name": "Jan"},
    }
    pdf, _places = drawn(bare)
    assert pdf
