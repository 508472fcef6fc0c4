"""Payments on the books: statement lines, entries, matches and reconciliation of many payments at once.

``open_items`` says what the accounts owe (and keeps others from paying it meanwhile), ``write`` books rows,
``settle`` reconciles payments that stand on the books already.
"""

from .clash import ClashError
from .facts import payees
from .items import open_items
from .mass import write
from .orm import settle
from .rows import BookingResult, Row

__all__ = ["BookingResult", "ClashError", "Row", "open_items", "payees", "settle", "write"]
