"""Called numbers as an itemised bill shows them: without their last digits, some of them not at all."""

from __future__ import annotations

# free of charge by their nature: who calls them is nobody's business, not even of the one who pays
UNLISTED_ZONES = frozenset({"free", "emergency"})
# 116xxx, numbers of social value (helplines); 6 digits after the country code
HELPLINES = "48116"
HELPLINE_DIGITS = 8
MASK = "*"


def is_unlisted(number: str | None, zone_kind: str | None, amount_e4: int) -> bool:
    """Whether a call is left out where free numbers are; nothing that costs ever is, or the sums would not be those of the bill.

    :param zone_kind: kind of the zone of the number
    """
    if amount_e4:
        return False
    helpline = bool(number) and str(number).startswith(HELPLINES) and len(str(number)) == HELPLINE_DIGITS
    return helpline or zone_kind in UNLISTED_ZONES


def shown_number(number: str | None, masked_digits: int) -> str:
    """Number with its last digits hidden; one no longer than that is hidden whole."""
    if not number or masked_digits <= 0:
        return number or ""
    return number[:-masked_digits] + MASK * min(masked_digits, len(number))
