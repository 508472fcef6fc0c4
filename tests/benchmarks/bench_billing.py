"""Bill runs at scale: rows against the ORM and raw COPY, whole runs, workers, and the PDFs of a night."""

from __future__ import annotations

import os

from . import billing_e2e, billing_kernel, billing_pdf
from .figures import Figure


def run() -> list[Figure]:
    """Runs grow from 5,000 to 20,000 invoices, or to 100,000 with ``./bss bench billing --full``."""
    full = bool(os.environ.get("BSS_BENCH_FULL"))
    return [*billing_kernel.figures(), *billing_e2e.figures(full), *billing_pdf.figures()]
