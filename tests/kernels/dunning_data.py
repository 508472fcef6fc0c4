"""The legal data as shipped, read from the addon, so that the tests prove the records customers get."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

from catalog_core.holidays import polish_holidays
from dunning_core.law.calendar import FreeDays
from dunning_core.law.limitation import LimitationTerm
from dunning_core.law.rates import Rate, RateTable
from dunning_core.law.service_chain import ChainTerms

DATA = Path(__file__).resolve().parents[2] / "addons" / "bss_dunning" / "data"


def records(name: str) -> list[dict[str, str]]:
    root = ElementTree.parse(DATA / name).getroot()
    return [
        {field.get("name", ""): field.text or "" for field in record.findall("field")} for record in root.iter("record")
    ]


def rate_table(regime: str) -> RateTable:
    rows = [row for row in records("bss_interest_rate_data.xml") if row["regime"] == regime]
    return RateTable(regime, [Rate(date.fromisoformat(row["date_start"]), Decimal(row["rate"])) for row in rows])


def polish_free_days() -> FreeDays:
    """The calendar as the catalogue fills it."""
    return FreeDays(one.day for year in range(2011, 2041) for one in polish_holidays(year))


def chain_terms() -> ChainTerms:
    values = {row["code"]: int(row["value"]) for row in records("bss_legal_value_data.xml")}
    return ChainTerms(**{code[len("chain_") :]: value for code, value in values.items() if code.startswith("chain_")})


def limitation_terms() -> list[LimitationTerm]:
    values = {(row["code"], row["date_start"]): int(row["value"]) for row in records("bss_legal_value_data.xml")}
    return [
        LimitationTerm(
            date.fromisoformat(start),
            years,
            year_end=bool(values["limitation_year_end", start]),
            takes_over=bool(values.get(("limitation_takes_over", start), 0)),
        )
        for (code, start), years in values.items()
        if code == "limitation_years"
    ]
