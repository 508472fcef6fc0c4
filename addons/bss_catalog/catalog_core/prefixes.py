"""Number prefixes: longest match and checks of a prefix set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
