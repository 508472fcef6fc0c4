"""Whose payment is it, and which documents does it pay?

``needs`` → fetch → ``more_needs`` → fetch → ``Matcher(facts).match(tx)``. Nothing here touches a database.
A wrong automatic match is worse than ten misses: what is ambiguous or contradicted never books.
"""

from .batches import no_cycles
from .facts import document_index, ksef_index
from .matcher import Matcher
from .model import (
    AMOUNT,
    BOOK,
    BOOKING_CONFIDENCE,
    CONFIDENCE,
    IGNORE,
    NAMED,
    PERIOD,
    PROPOSE,
    UNKNOWN,
    Candidate,
    Document,
    Evidence,
    Facts,
    Match,
    MoreNeeds,
    Needs,
    PayerUse,
    Rule,
    Settings,
)
from .needs import more_needs, needs
from .shapes import Part, Shape, shape_of, shapes_of
from .text import match_key, name_key, normalise

__all__ = [
    "AMOUNT",
    "BOOK",
    "BOOKING_CONFIDENCE",
    "CONFIDENCE",
    "IGNORE",
    "NAMED",
    "PERIOD",
    "PROPOSE",
    "UNKNOWN",
    "Candidate",
    "Document",
    "Evidence",
    "Facts",
    "Match",
    "Matcher",
    "MoreNeeds",
    "Needs",
    "Part",
    "PayerUse",
    "Rule",
    "Settings",
    "Shape",
    "document_index",
    "ksef_index",
    "match_key",
    "more_needs",
    "name_key",
    "needs",
    "no_cycles",
    "normalise",
    "shape_of",
    "shapes_of",
]
