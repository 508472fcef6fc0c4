"""Payments on the books: statement lines, entries, matches and reconciliation of many payments at once.

``open_items`` says what the accounts owe (and keeps others from paying it meanwhile), ``write`` books rows.
"""

from .facts import payees
from .items import open_items
from .rows import BookingResult, Row
from .mass import write

__all__ = ["BookingResult", "Row", "open_items", "payees", "write"]
