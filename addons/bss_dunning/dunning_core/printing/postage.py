"""What posting a letter costs, by the price list of its day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Price:
    """Price of one letter up to a number of sheets, from a day on."""

    date_start: date
    franking: str
    max_sheets: int
    amount: Decimal


def sheets_of(pages: int, duplex: bool) -> int:
    """Sheets of paper; two pages on each when printed on both sides."""
    return (pages + 1) // 2 if duplex else pages


def price_of(franking: str, sheets: int, day: date, prices: Iterable[Price]) -> Decimal | None:
    """Of the price list in force on the day, the smallest step that the letter fits in; None when there is none."""
    known = [price for price in prices if price.franking == franking and price.date_start <= day]
    if not known:
        return None
    newest = max(price.date_start for price in known)
    fitting = [price for price in known if price.date_start == newest and price.max_sheets >= sheets]
    return min(fitting, key=lambda price: price.max_sheets).amount if fitting else None
