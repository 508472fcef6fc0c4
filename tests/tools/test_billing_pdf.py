"""The measure of PDFs: what it prints, and what it says without the program that it compares with."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pypdf
import pytest

from bss_cli import wkhtmltopdf
from tests.benchmarks import billing_pdf


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(billing_pdf.ADDON))
    monkeypatch.syspath_prepend(str(billing_pdf.ADDON / "report"))
    import typst_engine

    return typst_engine


def test_the_invoice_measured_is_one_complete_page(engine: Any) -> None:
    from document_core import with_codes

    template = Path(billing_pdf.ADDON) / "report" / "typst" / "invoice.typ"
    content = with_codes(billing_pdf.contents(1)[0])
    pdf = engine.render_short(template, content, {}, billing_pdf.ISSUED)
    assert pdf == engine.render(template, content, {}, billing_pdf.ISSUED), "trying one page first changes nothing"
    from page_core import invoice_pdf

    drawn = invoice_pdf(content, engine.labels()["pl"], engine.FONTS, billing_pdf.ISSUED)
    for one in (pdf, drawn):
        [page] = pypdf.PdfReader(io.BytesIO(one)).pages
        text = page.extract_text()
        for part in ("FV/2026/000000", "Zeskanuj", "Sprawdź fakturę w KSeF", "06.2026", "Zestawienie", "Strona 1 z 1"):
            assert part in text


def test_more_pages_than_expected_are_numbered(engine: Any) -> None:
    from document_core import with_codes

    template = Path(billing_pdf.ADDON) / "report" / "typst" / "invoice.typ"
    content = with_codes(billing_pdf.contents(1)[0])
    pdf = engine.render_short(template, {**content, "lines": content["lines"] * 15}, {}, billing_pdf.ISSUED)
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == engine.page_count(pdf) > 1
    for number, page in enumerate(pages, 1):
        assert f"Strona {number} z {len(pages)}" in page.extract_text()


def test_without_wkhtmltopdf_the_ratio_is_named_as_not_measurable(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wkhtmltopdf, "path", lambda: None)
    speed, ratio = billing_pdf.figures(3)
    assert speed.name == "pdf_per_cpu_s"
    assert speed.value > 0
    assert "not measurable" in ratio.name
    assert ratio.ratio is None
    assert sys.path.count(str(billing_pdf.ADDON / "report")) <= 1
