"""Codes of FA(3): rates with the sums they belong to, kinds of invoices, margin procedures."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Rate(StrEnum):
    """P_12; values are those of the schema. OSS and MARGIN are none of them: such lines have no P_12."""

    R23 = "23"
    R22 = "22"
    R8 = "8"
    R7 = "7"
    R5 = "5"
    R4 = "4"
    R3 = "3"
    ZERO = "0 KR"
    ZERO_EU = "0 WDT"
    ZERO_EXPORT = "0 EX"
    EXEMPT = "zw"
    REVERSE = "oo"
    OUTSIDE = "np I"
    OUTSIDE_EU_SERVICE = "np II"
    OSS = "OSS"  # taxed in another country of the EU: P_12_XII says how much, sums in P_13_5
    MARGIN = "margin"  # margin procedure: no tax is shown, sums in P_13_11


# element of the net sum and, where the rate has tax, of the tax sum; in the order of the schema
TOTAL_ELEMENTS: Final[dict[Rate, tuple[str, str | None]]] = {
    Rate.R23: ("P_13_1", "P_14_1"),
    Rate.R22: ("P_13_1", "P_14_1"),
    Rate.R8: ("P_13_2", "P_14_2"),
    Rate.R7: ("P_13_2", "P_14_2"),
    Rate.R5: ("P_13_3", "P_14_3"),
    Rate.R4: ("P_13_4", "P_14_4"),
    Rate.R3: ("P_13_4", "P_14_4"),
    Rate.OSS: ("P_13_5", "P_14_5"),
    Rate.ZERO: ("P_13_6_1", None),
    Rate.ZERO_EU: ("P_13_6_2", None),
    Rate.ZERO_EXPORT: ("P_13_6_3", None),
    Rate.EXEMPT: ("P_13_7", None),
    Rate.OUTSIDE: ("P_13_8", None),
    Rate.OUTSIDE_EU_SERVICE: ("P_13_9", None),
    Rate.REVERSE: ("P_13_10", None),
    Rate.MARGIN: ("P_13_11", None),
}


class Kind(StrEnum):
    """RodzajFaktury."""

    INVOICE = "VAT"
    CORRECTION = "KOR"
    ADVANCE = "ZAL"
    SETTLEMENT = "ROZ"  # final invoice after advance invoices, art. 106f(3)
    SIMPLIFIED = "UPR"  # art. 106e(5)(3), up to 450 PLN or 100 EUR
    CORRECTED_ADVANCE = "KOR_ZAL"
    CORRECTED_SETTLEMENT = "KOR_ROZ"

    @property
    def corrects(self) -> bool:
        return self in _CORRECTIONS

    @property
    def of_advance(self) -> bool:
        """Goods and services stand in the order (Zamowienie), not in lines."""
        return self in (Kind.ADVANCE, Kind.CORRECTED_ADVANCE)


_CORRECTIONS: Final = frozenset({Kind.CORRECTION, Kind.CORRECTED_ADVANCE, Kind.CORRECTED_SETTLEMENT})


class Margin(StrEnum):
    """Which margin procedure; values are the elements of PMarzy."""

    TRAVEL = "P_PMarzy_2"
    USED_GOODS = "P_PMarzy_3_1"
    ART = "P_PMarzy_3_2"
    ANTIQUES = "P_PMarzy_3_3"
