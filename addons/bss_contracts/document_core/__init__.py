"""Pure parts of issued documents: transfer QR, QR as SVG, amounts in words, Polish formats."""

from .formats import (
    NBSP,
    decimal_from_float,
    format_amount,
    format_date,
    format_duration,
    format_money,
    format_nip,
    format_nrb,
    format_period,
    format_quantity,
)
from .html import html_nodes, plain_text, take_title
from .invoice import invoice_content, month_before, with_codes, with_late
from .invoice_rows import Balance, CorrectedLine, Correction, Invoice, LineSide, Original, Party, Seller, Usage
from .invoice_rows import Line as InvoiceLine
from .invoice_words import document_language
from .qr import qr_matrix, qr_svg
from .transfer_qr import QrProblem, TransferQr, transfer_qr
from .words import amount_in_words, integer_in_words

__all__ = [
    "NBSP",
    "Balance",
    "CorrectedLine",
    "Correction",
    "Invoice",
    "InvoiceLine",
    "LineSide",
    "Original",
    "Party",
    "QrProblem",
    "Seller",
    "TransferQr",
    "Usage",
    "amount_in_words",
    "decimal_from_float",
    "document_language",
    "format_amount",
    "format_date",
    "format_duration",
    "format_money",
    "format_nip",
    "format_nrb",
    "format_period",
    "format_quantity",
    "html_nodes",
    "integer_in_words",
    "invoice_content",
    "month_before",
    "plain_text",
    "qr_matrix",
    "qr_svg",
    "take_title",
    "transfer_qr",
    "with_codes",
    "with_late",
]
