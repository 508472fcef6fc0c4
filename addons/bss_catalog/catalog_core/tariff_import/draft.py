"""What an import would make: zones and prefixes that are not there yet, bands, and plans with their rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..cgrates.values import ERROR, WARNING, ImportProblem
from ..rate_sheet import RateRow
from ..time_bands import Band

__all__ = ["ERROR", "WARNING", "ImportProblem", "TariffDraft", "TariffPlan", "TariffZone", "priced"]

# by Polish numbers: what calls there are, else they are international
NATIONAL = "48"
MOBILE = tuple(
    NATIONAL + part for part in ("45", "50", "51", "53", "57", "60", "66", "69", "72", "73", "78", "79", "88")
)
PREMIUM = NATIONAL + "70"
FREE = (NATIONAL + "80", NATIONAL + "116")
EMERGENCY = tuple(NATIONAL + part for part in ("112", "997", "998", "999"))


@dataclass(frozen=True, slots=True)
class TariffZone:
    """Prefixes to add to a zone, which is made when there is none with that code; ``destination`` is what its maker calls it."""

    code: str
    name: str
    kind: str
    prefixes: tuple[str, ...]
    destination: str = ""


@dataclass(frozen=True, slots=True)
class TariffPlan:
    """A plan, or a version of one from a day on (None: from always)."""

    code: str
    date_start: date | None
    rates: tuple[RateRow, ...]


@dataclass(frozen=True, slots=True)
class TariffDraft:
    zones: tuple[TariffZone, ...] = ()
    bands: tuple[Band, ...] = ()
    plans: tuple[TariffPlan, ...] = ()
    problems: tuple[ImportProblem, ...] = ()


def kind_of(prefixes: Sequence[str]) -> str:
    """Kind of a zone by its prefixes; that of national numbers only when all of them are."""
    kinds = {_kind(prefix) for prefix in prefixes}
    return kinds.pop() if len(kinds) == 1 else "international"


def _kind(prefix: str) -> str:
    if not prefix.startswith(NATIONAL):
        return "international"
    for kind, heads in (
        ("emergency", EMERGENCY), ("free", FREE), ("premium", (PREMIUM,)), ("national_mobile", MOBILE),
    ):  # fmt: skip
        if prefix.startswith(heads):
            return kind
    return "national_fixed"


def priced(rate: RateRow, zones: Sequence[str]) -> list[RateRow]:
    """The rate for each of the zones."""
    return [replace(rate, zone=zone) for zone in zones]
