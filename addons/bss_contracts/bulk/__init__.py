"""Posted invoices by the thousand: rows copied from real ones, and the slower ways where that is not safe.

``prepare`` sorts requests into tiers and gives reasons; ``write_copy`` and ``write_tuned`` write a part of them;
the last tier, "stock", is ``account.move.create(move_vals(run, request, name))`` and ``_post``.
"""

from ..bulk_core import Amounts, InvoiceRequest, LineRequest, Number, TaxAmount, TaxRule, closed_form
from .prepare import COPY, STOCK, TUNED, Prepared, Ready, explain, prepare
from .tuned import write_tuned
from .vals import QUIET, line_vals, move_vals
from .verify import CanaryDifferenceError, canonical, differences
from .writer import copy_rows, format_rows, reserve_ids, write_copy

CanaryDifference = CanaryDifferenceError

__all__ = [
    "COPY",
    "QUIET",
    "STOCK",
    "TUNED",
    "Amounts",
    "CanaryDifference",
    "CanaryDifferenceError",
    "InvoiceRequest",
    "LineRequest",
    "Number",
    "Prepared",
    "Ready",
    "TaxAmount",
    "TaxRule",
    "canonical",
    "closed_form",
    "copy_rows",
    "differences",
    "explain",
    "format_rows",
    "line_vals",
    "move_vals",
    "prepare",
    "reserve_ids",
    "write_copy",
    "write_tuned",
]
