"""Itemised bill: every event in its group, sums of groups, and how they come to what was charged. Nothing of Odoo."""

from .numbers import is_unlisted, shown_number
from .sums import Charged, ChargeGroup, Group, Settlement, Sums, Use, grouped, settle
from .words import KINDS, words

__all__ = [
    "KINDS",
    "ChargeGroup",
    "Charged",
    "Group",
    "Settlement",
    "Sums",
    "Use",
    "grouped",
    "is_unlisted",
    "settle",
    "shown_number",
    "words",
]
