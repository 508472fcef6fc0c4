"""A converted set of CGRateS as zones, bands and plans of this catalogue, beside the zones that are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ..cgrates import ImportedRate, convert
from ..cgrates.rows import read
from ..rate_sheet import RateRow
from .carrier import problem_of, with_destinations
from .draft import ImportProblem, TariffDraft, TariffPlan, TariffZone, kind_of, priced
from .fit import Existing, fit

# units of which the catalogue's prices are
UNIT_SIZE = {"voice": 60, "premium": 60, "sms": 1, "mms": 1, "data": 1_000_000}
TIMED = frozenset({"voice", "premium"})
MAX_MICRO = 2**31 - 1
MAX_BLOCK = 2**31 - 1
DESTINATIONS, RATES = "Destinations.csv", "Rates.csv"


def draft_of_cgrates(files: Mapping[str, bytes], head: str, existing: Callable[[list[str]], Existing]) -> TariffDraft:
    """:param head: stands before the codes of zones, bands and plans, so that sets of several operators do not meet

    :param existing: what is there, by the codes of the plans of the set
    """
    tariff = convert(files)
    there = existing([head + plan.code for plan in tariff.plans])
    destination_of = {prefix: head + zone.code for zone in tariff.zones for prefix in zone.prefixes}
    names = {head + zone.code: ", ".join(zone.destinations) for zone in tariff.zones}
    fitted = fit(destination_of, there)
    problems = list(tariff.problems)
    plans = []
    for plan in tariff.plans:
        rates: list[RateRow] = []
        for rate in plan.rates:
            row = _rate(rate, head)
            if isinstance(row, str):
                problems.append(ImportProblem(RATES, 0, "Rate", row, f"{plan.code} {rate.zone} {rate.usage_kind}"))
            else:
                rates += priced(row, fitted.zones.get(head + rate.zone, ()))
        plans.append(TariffPlan(head + plan.code, None, tuple(rates)))
    zones = tuple(
        TariffZone(code, names[destination], kind_of(prefixes), prefixes, destination)
        for destination, (code, prefixes) in fitted.new.items()
    )
    lines = with_destinations({row.prefix: row.line for row in read(files).destinations}, destination_of)
    problems += [problem_of(DESTINATIONS, one, lines) for one in fitted.misfits]
    bands = tuple(replace(band, code=head + band.code) for band in tariff.bands)
    return TariffDraft(zones, bands, tuple(plans), tuple(problems))


def _rate(rate: ImportedRate, head: str) -> RateRow | str:
    """The rate per unit of the catalogue, or the code of why it cannot be said so."""
    size = UNIT_SIZE.get(rate.usage_kind)
    if size is None:
        return "UNKNOWN_USAGE"
    price, rest = divmod(rate.price_micro * size, rate.unit_size)
    if rest:
        return "PRICE_PER_OTHER_UNIT"
    if max(price, rate.connect_fee_micro, rate.max_charge_micro) > MAX_MICRO:
        return "PRICE_TOO_LARGE"
    timed = rate.usage_kind in TIMED
    if not timed and (len(set(rate.chain)) > 1 or (rate.usage_kind != "data" and rate.chain[0] != 1)):
        return "CHAIN_OF_OTHER_USAGE"
    return RateRow(
        head + rate.zone,
        rate.usage_kind,
        price,
        band=head + rate.band if rate.band else "",
        connect_fee_micro=rate.connect_fee_micro,
        chain=rate.chain if timed else (1, 1),
        data_block_bytes=min(rate.chain[0], MAX_BLOCK) if rate.usage_kind == "data" else 102_400,
        max_charge_micro=rate.max_charge_micro,
        decimals=rate.decimals,
    )
