"""What decides about files before anyone reads them: names, completeness, sequence numbers, usual volumes."""

from .complete import Complete, Entry, Watched, ready
from .names import NamePattern, PatternProblem, parse_pattern
from .sequence import Ahead, Behind, Follows, Place, SequenceRange, close_number, place
from .volume import Deviation, deviation

__all__ = [
    "Ahead",
    "Behind",
    "Complete",
    "Deviation",
    "Entry",
    "Follows",
    "NamePattern",
    "PatternProblem",
    "Place",
    "SequenceRange",
    "Watched",
    "close_number",
    "deviation",
    "parse_pattern",
    "place",
    "ready",
]
