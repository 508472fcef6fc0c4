"""Ordinary invoices of one page and long statements as PDF/A, drawn without a typesetter.

Pure: plain data in, bytes out. ``invoice_pdf`` says None to whatever is not an ordinary page; that one is typeset.
"""

from .invoice_page import invoice_pdf
from .pdf_file import Picture
from .statement_pages import statement_pdf

__all__ = ["Picture", "invoice_pdf", "statement_pdf"]
