"""Number prefixes: longest match and checks of a prefix set."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

MAX_PREFIX_LENGTH = 15


def prefix_is_valid(prefix: str) -> bool:
    """Digits only, E.164 without plus, 1 to 15 of them, first not zero."""
    return (
        1 <= len(prefix) <= MAX_PREFIX_LENGTH and prefix.isascii() and prefix.isdigit() and not prefix.startswith("0")
    )


@dataclass(frozen=True, slots=True)
class PrefixConflict:
    """One prefix claimed by several zones."""

    prefix: str
    zones: tuple[str, ...]


def find_conflicts(pairs: Iterable[tuple[str, str]]) -> list[PrefixConflict]:
    """Prefixes that stand in more than one zone; input pairs are (prefix, zone code)."""
    zones_of: dict[str, set[str]] = {}
    for prefix, zone in pairs:
        zones_of.setdefault(prefix, set()).add(zone)
    return [
        PrefixConflict(prefix, tuple(sorted(zones))) for prefix, zones in sorted(zones_of.items()) if len(zones) > 1
    ]


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A prefix that no number meets: longer ones take every number that begins with it."""

    prefix: str
    zone: str
    covered_by: tuple[str, ...]


def find_unreachable(pairs: Iterable[tuple[str, str]]) -> list[Unreachable]:
    """Prefixes all of whose ten continuations are taken, at any depth; input pairs are (prefix, zone code)."""
    zone_of = dict(pairs)
    inner = {prefix[:length] for prefix in zone_of for length in range(1, len(prefix))}
    covers: dict[str, frozenset[str]] = {}

    def zones_below(head: str) -> frozenset[str]:
        """Zones that take every number beginning with ``head`` by longer prefixes; empty when some number is left."""
        if head not in covers:
            found: frozenset[str] = frozenset()
            for digit in "0123456789":
                child = head + digit
                below = zones_below(child) if child in inner else frozenset()
                own = frozenset({zone_of[child]}) if child in zone_of and not below else below
                if not own:
                    found = frozenset()
                    break
                found |= own
            covers[head] = found
        return covers[head]

    return [
        Unreachable(prefix, zone, tuple(sorted(zones_below(prefix))))
        for prefix, zone in sorted(zone_of.items())
        if prefix in inner and zones_below(prefix)
    ]


@dataclass(frozen=True, slots=True)
class RangeProblem:
    """Why a text is no range of prefixes: RANGE_BAD_PREFIX, RANGE_LENGTHS, RANGE_REVERSED."""

    code: str
    params: dict[str, str] = field(default_factory=dict)


def expand_range(text: str) -> tuple[str, ...] | RangeProblem:
    """ "48600-48609" is ("4860",): the fewest prefixes that hold the numbers of the range; a single prefix stands for itself."""
    first, dash, last = (part.strip() for part in text.replace("–", "-").partition("-"))
    last = last if dash else first
    for end in (first, last):
        if not prefix_is_valid(end):
            return RangeProblem("RANGE_BAD_PREFIX", {"prefix": end})
    if len(first) != len(last):
        return RangeProblem("RANGE_LENGTHS", {"from": first, "to": last})
    if first > last:
        return RangeProblem("RANGE_REVERSED", {"from": first, "to": last})
    return tuple(_cover(int(first), int(last), len(first)))


def _cover(low: int, high: int, length: int) -> Iterator[str]:
    """Blocks of a power of ten, the largest that begin at ``low`` and do not pass ``high``; never the empty prefix."""
    while low <= high:
        size, digits = 1, length
        while digits > 1 and low % (size * 10) == 0 and low + size * 10 - 1 <= high:
            size, digits = size * 10, digits - 1
        yield str(low // size)
        low += size


class PrefixTable:
    """Longest-prefix lookup of single numbers; whole files are matched by the rating kernel."""

    def __init__(self, zone_of_prefix: Mapping[str, str]) -> None:
        self._zone_of = dict(zone_of_prefix)
        self._lengths = sorted({len(prefix) for prefix in self._zone_of}, reverse=True)

    def match(self, number: str) -> tuple[str, str] | None:
        """(prefix, zone) of the longest prefix that begins ``number``, None when there is none."""
        for length in self._lengths:
            head = number[:length]
            if len(head) == length and head in self._zone_of:
                return head, self._zone_of[head]
        return None
