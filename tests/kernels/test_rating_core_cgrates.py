"""Public tariff plans, taken over and rated: prices worked out by hand, and the oracle beside the kernel.

Sets of the CGRateS project and a price list of SigScale (``tests/data/cdr``).
All instants are wall clock in Warsaw in the winter or summer of 2026; 14 October is a Wednesday.
"""

from __future__ import annotations

from datetime import date, datetime

import pytest
from tests.kernels.rating_checks import differences, rated
from tests.kernels.rating_stories import utc
from tests.kernels.rating_world import Band, Event, Plan, Rate, World
from tests.kernels.tariff_samples import tariff_sample

from catalog_core import DAY_TYPES
from catalog_core.cgrates import ImportedTariff, convert
from catalog_core.period_prices import read_period_prices

SETS = (
    "cgr_tester", "hundredrates", "loader_unit_test", "oldtutorial", "osips_training", "reratecdrs", "test_a1", "testit",
    "testtp", "tp_destination_with_any", "tutorial", "tutorial2",
)  # fmt: skip
INDEPENDENCE_DAY = date(2026, 11, 11)


def imported(name: str) -> ImportedTariff:
    folder = tariff_sample("cgrates_tariffplans", name)
    return convert({file.name: file.read_bytes() for file in sorted(folder.glob("*.csv"))})


def world(tariff: ImportedTariff, events: tuple[Event, ...]) -> World:
    """Codes of the set numbered in their order; usage without a number is of the zone of every number."""
    zones = {zone.code: number for number, zone in enumerate(tariff.zones, 1)}
    plans = {plan.code: number for number, plan in enumerate(tariff.plans, 1)}
    bands = {band.code: number for number, band in enumerate(tariff.bands, 1)}
    named = [(plan.code, rate) for plan in tariff.plans for rate in plan.rates]
    return World(
        events=events,
        rates=tuple(
            Rate(
                number,
                plans[plan],
                zones[rate.zone],
                rate.usage_kind,
                rate.price_micro,
                rate.connect_fee_micro,
                max_charge_micro=rate.max_charge_micro,
                chain=rate.chain,
                unit_size=rate.unit_size,
                band_id=bands.get(rate.band),
                decimals=rate.decimals,
            )
            for number, (plan, rate) in enumerate(named, 1)
        ),
        plans=tuple(map(Plan, plans.values())),
        prefixes={prefix: zones[zone.code] for zone in tariff.zones for prefix in zone.prefixes},
        codes={"data": zones["*any"]} if "*any" in zones else {},
        bands=tuple(
            Band(
                bands[band.code],
                frozenset(map(DAY_TYPES.index, band.days)),
                band.start_min,
                band.end_min,
                band.weight,
                band.months,
                band.date_start,
                band.date_end,
            )
            for band in tariff.bands
        ),
        holidays=frozenset({INDEPENDENCE_DAY}),
    )


def warsaw(text: str) -> datetime:
    """ "14 17:59:30" is that time of 14 October 2026, "11-11 12:00:00" of 11 November."""
    day, clock = text.split(" ")
    month, _dash, number = day.rpartition("-")
    hour, minute, second = map(int, clock.split(":"))
    return utc(date(2026, int(month or 10), int(number)), hour * 60 + minute, second)


def costs(tariff: ImportedTariff, plan: str, calls: list[tuple[str, str | None, int]], kind: str) -> list[str]:
    """Amounts of (instant, number, units) as the kernel finds them, the oracle agreeing."""
    number = [one.code for one in tariff.plans].index(plan) + 1
    events = tuple(
        Event(index, warsaw(at), units, b_number, plan_id=number, usage_kind=kind)
        for index, (at, b_number, units) in enumerate(calls)
    )
    told = world(tariff, events)
    assert differences(told) == []
    rows = rated(told).events.sort("id").iter_rows(named=True)
    return [row["reason"] or f"{row['amount_e4'] / 10_000:.4f}" for row in rows]


NOON = "14 12:00:00"


@pytest.mark.parametrize(
    ("name", "plan", "kind", "at", "number", "units", "expected"),
    [
        # 0.05 for the call and a grosz a second, the first minute whole
        ("osips_training", "RP_TRAINING1", "voice", NOON, "48501234567", 30, "0.6500"),
        ("osips_training", "RP_TRAINING1", "voice", NOON, "1001", 61, "0.6600"),
        # peak: 0.20 + 1.20 a minute 60/1; off peak 0.10 + 0.01 a second
        ("tutorial2", "RP_STANDARD", "voice", NOON, "1003", 61, "1.4200"),
        ("tutorial2", "RP_STANDARD", "voice", "14 19:00:00", "1003", 61, "0.7100"),
        ("tutorial2", "RP_STANDARD", "voice", "17 12:00:00", "1003", 10, "0.2000"),
        # over the end of the peak: 60 s at 1.20 a minute, then 30 single seconds at 0.01
        ("tutorial2", "RP_STANDARD", "voice", "14 18:59:30", "1003", 90, "1.7000"),
        # over its beginning: 30 s at 0.01 and 30 s at 0.02, the fee of the answer
        ("tutorial2", "RP_STANDARD", "voice", "14 07:59:30", "1003", 60, "1.0000"),
        ("tutorial2", "RP_STANDARD", "voice", "14 03:00:00", "3012", 45, "1.4000"),
        # the set knows no holidays: nobody said which price 11 November has
        ("tutorial2", "RP_STANDARD", "voice", "11-11 12:00:00", "1003", 10, "NO_BAND_RATE"),
        # two destinations claim the prefix 20
        ("tutorial2", "RP_STANDARD", "voice", NOON, "2001", 10, "NO_RATE"),
        ("tutorial2", "RP_1001", "voice", NOON, "1002", 10, "0.2000"),
        ("tutorial2", "RP_1001", "voice", NOON, "1003", 10, "NO_RATE"),
        ("tutorial2", "RP_SPECIAL_BLC", "voice", NOON, "48223344556", 999, "0.1000"),
        ("tutorial2", "RP_DATA", "data", NOON, None, 1025, "2.0000"),
        ("tutorial2", "RP_SMS", "sms", NOON, "1002", 1, "0.1000"),
        ("tutorial2", "RP_SMS", "sms", NOON, "1003", 1, "0.2000"),
        # a grosz a second up to 0.62, then free
        ("oldtutorial", "RP_RETAIL2", "voice", NOON, "1007", 61, "0.6100"),
        ("oldtutorial", "RP_RETAIL2", "voice", NOON, "1007", 70, "0.6200"),
        ("oldtutorial", "RP_RETAIL2", "voice", NOON, "1002", 70, "NO_RATE"),
        ("oldtutorial", "RP_SPECIAL_1002", "voice", NOON, "1002", 61, "0.0200"),
        ("testtp", "RP_RETAIL", "voice", NOON, "4915123456", 10, "10.0000"),
        ("testtp", "RP_RETAIL", "voice", NOON, "48501234567", 10, "NO_RATE"),
        # 103 blocks of 10,240 bytes at 0.1 for 1,048,576: 0.10058…
        ("testtp", "RP_DATAr", "data", NOON, "222", 1_048_576, "0.1006"),
        ("testtp", "RP_SMS1", "sms", NOON, "7", 3, "0.0150"),
        # 1 for the call and 1 a second up to 18:00, then 0.5 a second
        ("loader_unit_test", "EVENING", "voice", "14 17:59:50", "49301234", 20, "16.0000"),
        ("loader_unit_test", "EVENING", "voice", "17 12:00:00", "4971123", 10, "5.0000"),
        ("loader_unit_test", "DEFAULT", "voice", NOON, "4179", 60, "0.1000"),
        ("loader_unit_test", "DEFAULT", "voice", "17 12:00:00", "4179", 60, "NO_BAND_RATE"),
        ("loader_unit_test", "RP_UK", "voice", NOON, "447956123", 7, "0.7100"),
        ("loader_unit_test", "RP_UK_Mobile_BIG5_PKG", "voice", NOON, "447956123", 21, "0.0100"),
        ("loader_unit_test", "DY_PLAN", "voice", NOON, "4441234", 100, "1.1200"),
        # 0.13 + 3 x 0.3689; 0.57 + 2 x 0.9269
        ("hundredrates", "RP_ANY", "voice", NOON, "10612", 3, "1.2367"),
        ("hundredrates", "RP_ANY", "voice", NOON, "105", 61, "2.4238"),
        ("hundredrates", "RP_ANY", "voice", NOON, "100", 61, "NO_RATE"),
        ("testit", "RP_SPECIAL_1002", "voice", NOON, "1002", 60, "0.0100"),
        ("testit", "RP_ANY2CNT", "voice", NOON, "4915112345", 90, "0.0300"),
        ("reratecdrs", "RP_ANY", "voice", NOON, "1002", 61, "0.6100"),
        ("cgr_tester", "RP_ANY", "voice", NOON, "1002", 3, "3.0000"),
        ("tp_destination_with_any", "RP_1001", "voice", NOON, "1002", 61, "0.0200"),
        ("tp_destination_with_any", "RP_1001", "voice", NOON, "1003", 61, "NO_RATE"),
        ("tutorial", "RP_SMS", "sms", NOON, "1002", 1, "0.0100"),
    ],
)  # fmt: skip
def test_prices_worked_out_by_hand(
    name: str, plan: str, kind: str, at: str, number: str | None, units: int, expected: str
) -> None:
    assert costs(imported(name), plan, [(at, number, units)], kind) == [expected]


@pytest.mark.parametrize("name", SETS)
def test_every_set_is_taken_over_with_its_doubts_named(name: str) -> None:
    tariff = imported(name)
    assert all(one.file.endswith(".csv") and one.line and one.field and one.code for one in tariff.problems)
    zones = {zone.code for zone in tariff.zones}
    assert {rate.zone for plan in tariff.plans for rate in plan.rates} <= zones
    prefixes = [prefix for zone in tariff.zones for prefix in zone.prefixes]
    assert len(prefixes) == len(set(prefixes))


def test_what_is_told_of_the_unit_test_of_the_loader() -> None:
    told = {(one.file, one.line, one.code, one.value) for one in imported("loader_unit_test").problems}
    assert told >= {
        ("Destinations.csv", 8, "BAD_PREFIX", "0256"),
        ("DestinationRates.csv", 19, "MAX_COST_STRATEGY", "*disconnect"),
        ("Rates.csv", 6, "UNIT_OF_OTHER_USAGE", "1"),
        ("RatingProfiles.csv", 1, "UNKNOWN_CATEGORY", "0"),
        ("RatingPlans.csv", 18, "NOT_PRICED", "*any"),
    }


def test_prices_that_change_within_a_call_are_all_told() -> None:
    """Whose price is another one from the second minute on, counted in the file."""
    rows = tariff_sample("cgrates_tariffplans", "hundredrates", "Rates.csv").read_text().splitlines()
    first = {row.split(",")[0]: row.split(",")[2:4] for row in reversed(rows) if row and not row.startswith("#")}
    other = [row for row in rows if row.endswith(",60s") and row.split(",")[2:4] != first[row.split(",")[0]]]
    tariff = imported("hundredrates")
    told = [one for one in tariff.problems if one.code == "PRICE_CHANGES_IN_CALL"]
    assert len(told) == len(other) > 20
    assert len(tariff.plans[0].rates) == 100 - len(other)


def test_price_list_with_periods() -> None:
    prices, problems = read_period_prices(tariff_sample("sigscale", "tariff-periods.csv").read_text())
    assert [(one.prefix, one.price_micro, one.chain) for one in prices] == [
        ("1416", 12_300, (60, 6)),
        ("1212", 11_000, (60, 6)),
        ("1800", 0, (60, 60)),
        ("44", 50_000, (60, 30)),
    ]
    assert [(one.line, one.field, one.code, one.value) for one in problems] == [
        (5, "next_price", "BAD_PRICE", "015"),
        (6, "next_price", "PRICE_CHANGES_IN_CALL", "0.12"),
    ]
    rates = tuple(
        Rate(number, 1, number, price_micro=one.price_micro, unit_size=one.unit_size, chain=one.chain)
        for number, one in enumerate(prices)
    )
    # Toronto 61 s: 66 s at 0.0123 a minute; London 61 s: 90 s at 0.05
    events = tuple(
        Event(index, warsaw(NOON), 61, number)
        for index, number in enumerate(("14165550000", "442071234567", "1800555"))
    )
    told = World(events, rates, prefixes={one.prefix: number for number, one in enumerate(prices)})
    assert differences(told) == []
    assert rated(told).events.sort("id")["amount_e4"].to_list() == [135, 750, 0]
