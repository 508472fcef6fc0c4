"""Ordinary invoices of one page as PDF/A, drawn without a typesetter: for the hundred thousands of a night.

Pure: plain data in, bytes out. ``invoice_pdf`` says None to whatever is not an ordinary page; that one is typeset.
"""

from .invoice_page import invoice_pdf
from .pdf_file import Picture

__all__ = ["Picture", "invoice_pdf"]
