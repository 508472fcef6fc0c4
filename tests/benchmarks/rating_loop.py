"""What a straightforward program does with the calls of the benchmark: one after another, prefixes by hand, money in Decimal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import polars as pl

from rating_core import Rate, Tariff

from .rating_data import FREE_SECONDS, OFF_PEAK, PEAK, PEAK_FROM, PEAK_TO, SERVICES

WARSAW = ZoneInfo("Europe/Warsaw")
GRAIN = Decimal("0.0001")


def band_and_rest(answer: datetime) -> tuple[int, int]:
    """Band of an instant (UTC) and how many seconds it goes on; weekends and days with a changed clock end at midnight."""
    local = answer.replace(tzinfo=UTC).astimezone(WARSAW)
    passed = local.hour * 3600 + local.minute * 60 + local.second
    if local.weekday() > 4:
        band, until = OFF_PEAK, 1440
    elif passed < PEAK_FROM * 60:
        band, until = OFF_PEAK, PEAK_FROM
    elif passed < PEAK_TO * 60:
        band, until = PEAK, PEAK_TO
    else:
        band, until = OFF_PEAK, 1440
    return band, until * 60 - passed


def loop_amounts(frame: pl.DataFrame, table: Tariff) -> dict[int, int]:
    """Amount of each call in 1e-4, in the order of the frame."""
    zone_of = {prefix.prefix: prefix.zone_id for prefix in table.prefixes}
    rate_of = {(entry.plan_id, entry.zone_id, entry.band_id): entry for entry in table.rates}
    left = dict.fromkeys(range(0, SERVICES, 2), FREE_SECONDS)
    amounts = {}
    columns = ("id", "started_at", "service_id", "plan_id", "b_number", "units")
    for number, start, service, plan, called, units in frame.select(columns).iter_rows():
        length = next(size for size in range(len(called), 0, -1) if called[:size] in zone_of)
        zone = zone_of[called[:length]]
        pieces = _pieces(start, units, plan, zone, rate_of)
        free = _free(left, service, sum(billed for billed, _ in pieces))
        exact = Decimal(0)
        for billed, entry in pieces:
            paid = max(0, billed - free)
            free = max(0, free - billed)
            exact += Decimal(paid) * entry.price_micro / entry.unit_size / 1_000_000
        amounts[number] = int(exact.quantize(GRAIN, ROUND_HALF_UP).scaleb(4))
    return amounts


def _pieces(
    start: datetime, units: int, plan: int, zone: int, rate_of: dict[tuple[int, int, int | None], Rate]
) -> list[tuple[int, Rate]]:
    """Charged seconds by band: a minute, then second by second, each increment in the band in which it begins."""
    band, rest = band_and_rest(start)
    billed = max(units, 60)
    pieces = []
    while billed:
        part = billed if billed <= rest else max(rest, 60) if not pieces else rest
        part = min(part, billed)
        pieces.append((part, rate_of[plan, zone, band]))
        billed -= part
        if billed:
            start += timedelta(seconds=part)
            band, rest = band_and_rest(start)
    return pieces


def _free(left: dict[int, int], service: int, billed: int) -> int:
    held = left.get(service, 0)
    if held < 60:
        return 0
    free = min(billed, held)
    left[service] = held - free
    return free
