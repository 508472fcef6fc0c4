"""PDFs of invoices in a mass run, beside Debian's wkhtmltopdf printing them one by one; called by the billing benchmark.

Measured is all that a PDF costs after posting: codes, typesetting, hash. The content is made by the kernel from rows.
"""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from bss_cli import wkhtmltopdf

from .figures import Figure

COUNT = 200
WKHTMLTOPDF_COUNT = 5
ROUNDS = 3
GOAL_RATIO = 15
ISSUED = date(2026, 11, 1)
ADDON = Path(__file__).resolve().parents[2] / "addons" / "bss_contracts"
NRB = "61109010140000071219812874"


def contents(count: int) -> list[dict[str, Any]]:
    """Contents of ordinary invoices: two fees, usage of two directions, half a year of amounts, both codes."""
    from document_core import Invoice, InvoiceLine, Party, Seller, Usage, invoice_content

    seller_block = {
        "street": "ul. Światłowodowa 7", "zip": "99-300", "city": "Kutno", "country": "", "name": "Demo Telekom Sp. z o.o.",
        "vat": "1234563218", "regon": "123456785", "email": "biuro@demotelekom.example", "phone": "+48 24 770 00 00",
        "website": "demotelekom.example", "color": "", "logo": "",
    }  # fmt: skip
    seller = Seller(seller_block, "Demo Telekom Sp. z o.o.", "1234563218", {"1090": "Santander"})

    def line(name: str, net: Decimal, kind: str = "recurring", usage: Usage | None = None) -> InvoiceLine:
        return InvoiceLine(
            name, Decimal(1), net, net, False, "23%", False, ISSUED, date(2026, 11, 30), kind, 0, "", "", "UM/1", usage
        )

    found = []
    for number in range(count):
        party = Party(f"Klient Numer {number}", f"ul. Lipowa {number}", "", "99-300", "Kutno")
        lines = [line("Internet światłowodowy 300 Mb/s", Decimal(59)), line("Telefon", Decimal(20 + number % 9))]
        for zone, net in zip(("Komórkowe", "SMS"), (3, number % 5 + 1), strict=True):
            amount = Decimal(net)
            lines.append(line(zone, amount, "usage", Usage("48600100200", zone, 12, 4500, amount)))
        net = sum((one.net for one in lines), Decimal(0))
        vat = (net * Decimal("0.23")).quantize(Decimal("0.01"))
        invoice = Invoice(
            lang="pl", refund=False, posted=True, number=f"FV/2026/{number:06d}", issued=ISSUED, accounting_date=ISSUED,
            supplied=ISSUED, due=date(2026, 11, 15), date_start=ISSUED, date_end=date(2026, 11, 30), ref="", net=net,
            vat=vat, total=net + vat, currency="PLN", seller=seller, recipient=party, buyer=party,
            account=f"1{number:08d}", nrb=NRB, lines=lines, vat_by_rate={"23%": vat},
            history={(2026, month): Decimal(80 + month) for month in range(6, 11)},
        )  # fmt: skip
        ksef = {
            "number": f"1234563218-20261101-{number:012d}-E4",
            "url": f"https://qr.ksef.mf.gov.pl/invoice/1234563218/01-11-2026/{number:043d}",
        }
        found.append({**invoice_content(invoice), "ksef": ksef})
    return found


def mass_pdfs_per_cpu_second(count: int = COUNT) -> float:
    """Median of some rounds, all threads counted."""
    sys.path.insert(0, str(ADDON / "report"))
    try:
        import typst_engine
    finally:
        sys.path.remove(str(ADDON / "report"))
    from document_core import with_codes
    from page_core import invoice_pdf

    words = typst_engine.labels()["pl"]

    def pdf(content: dict[str, Any]) -> bytes:
        found = invoice_pdf(with_codes(content), words, typst_engine.FONTS, ISSUED)
        assert found, "an ordinary invoice"
        return found

    wanted = contents(count)
    pdf(wanted[0])  # fonts are read once a process
    speeds = []
    for _round in range(ROUNDS):
        hashes = set()
        start = time.process_time()
        for content in wanted:
            hashes.add(hashlib.sha256(pdf(content)).hexdigest())
        speeds.append(count / (time.process_time() - start))
        assert len(hashes) == count, "every customer has his own document"
    return sorted(speeds)[ROUNDS // 2]


def wkhtmltopdf_per_cpu_second(count: int = WKHTMLTOPDF_COUNT) -> float | None:
    """Debian's program, a process for each document, styles on the disk; without the making of its HTML, as a bound
    in its favour. None where it cannot be had."""
    program = wkhtmltopdf.path()
    if not program:
        return None
    with tempfile.TemporaryDirectory(prefix="bss-wkhtmltopdf-") as folder:
        pages = []
        for number, content in enumerate(contents(count)):
            page = Path(folder) / f"{number}.html"
            page.write_text(plain_html(content), encoding="utf-8")
            pages.append(page)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for page in pages:
            subprocess.run(
                [program, "--quiet", "--disable-javascript", str(page), str(page.with_suffix(".pdf"))],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return count / (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def plain_html(content: dict[str, Any]) -> str:
    """The same words as plain tables."""

    def rows(found: list[list[str]]) -> str:
        cells = ("".join(f"<td>{text}</td>" for text in row) for row in found)
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"

    lines = [[str(value) for value in line.values()] for line in content["lines"]]
    usage = [[str(value) for value in row.values()] for row in content["usage"]]
    return (
        "<html><head><meta charset='utf-8'><style>body {font-family: sans-serif} td {border-bottom: 1px solid}</style></head>"
        f"<body><h1>{content['title']} {content['number']}</h1>{rows(content['references'])}{rows(lines)}"
        f"<p>{content['totals']['words']}</p>{rows(usage)}</body></html>"
    )


def figures(count: int = COUNT) -> list[Figure]:
    """``pdf_per_cpu_s``, with the ratio to wkhtmltopdf; without the program the figure stands alone and its name says so."""
    speed = mass_pdfs_per_cpu_second(count)
    slow = wkhtmltopdf_per_cpu_second()
    if slow is None:
        return [
            Figure("pdf_per_cpu_s", speed, "PDF/s"),
            Figure("pdf_vs_wkhtmltopdf (not measurable: no wkhtmltopdf here)", 0.0, "x"),
        ]
    return [
        Figure.against("pdf_per_cpu_s", speed, "PDF/s", slow),
        Figure("pdf_vs_wkhtmltopdf", speed / slow, "x", GOAL_RATIO),
    ]
