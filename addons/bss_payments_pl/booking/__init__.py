"""Payments on the books: statement lines, entries, matches and reconciliation of many payments at once.

``open_items`` says what the accounts owe (and keeps others from paying it meanwhile), ``write`` books rows.
"""

from .items import ledgers, open_items
from .rows import BookingResult, Row
from .write import write

__all__ = ["BookingResult", "Row", "ledgers", "open_items", "write"]
