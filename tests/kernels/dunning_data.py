"""The legal data as shipped, read from the addon, so that the tests prove the records customers get."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

from catalog_core.holidays import polish_holidays
from dunning_core.law.bands import Band
from dunning_core.law.calendar import FreeDays
from dunning_core.law.complaint import ComplaintTerms
from dunning_core.law.contract_rates import CapFactor, OlderContracts
from dunning_core.law.court_fees import EpuTerms
from dunning_core.law.income_relief import IncomeReliefTerms
from dunning_core.law.limitation import LimitationTerm
from dunning_core.law.limitation_course import LimitationRules
from dunning_core.law.rates import Rate, RateTable
from dunning_core.law.registers import RegisterTerms
from dunning_core.law.service_chain import ChainTerms, PersistenceTerms
from dunning_core.law.vat_relief import ReliefTerms

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


def legal_records() -> list[dict[str, str]]:
    return records("bss_legal_value_data.xml") + records("bss_legal_value_more_data.xml")


def legal_values(as_of: date) -> dict[str, int]:
    """Values in force on a day, by code."""
    rows = sorted(legal_records(), key=lambda row: row["date_start"])
    return {row["code"]: int(row["value"]) for row in rows if row["date_start"] <= as_of.isoformat()}


TODAY = date(2026, 11, 22)


def _picked(prefix: str, fields: tuple[str, ...], as_of: date) -> dict[str, int]:
    values = legal_values(as_of)
    return {field: values[f"{prefix}_{field}"] for field in fields if f"{prefix}_{field}" in values}


def chain_terms() -> ChainTerms:
    return ChainTerms(**_picked("chain", tuple(ChainTerms.__dataclass_fields__), TODAY))


def persistence_terms() -> PersistenceTerms:
    return PersistenceTerms(**_picked("persistent", tuple(PersistenceTerms.__dataclass_fields__), TODAY))


def complaint_terms(as_of: date = TODAY) -> ComplaintTerms:
    return ComplaintTerms(**_picked("complaint", tuple(ComplaintTerms.__dataclass_fields__), as_of))


def register_terms(as_of: date = TODAY) -> RegisterTerms:
    return RegisterTerms(**_picked("big", tuple(RegisterTerms.__dataclass_fields__), as_of))


def relief_terms() -> ReliefTerms:
    return ReliefTerms(**_picked("vat_relief", tuple(ReliefTerms.__dataclass_fields__), TODAY))


def income_relief_terms() -> IncomeReliefTerms:
    return IncomeReliefTerms(**_picked("income_relief", tuple(IncomeReliefTerms.__dataclass_fields__), TODAY))


def income_relief_since() -> date:
    return min(date.fromisoformat(row["date_start"]) for row in legal_records() if row["code"] == "income_relief_days")


def epu_terms() -> EpuTerms:
    return EpuTerms(**_picked("epu", tuple(EpuTerms.__dataclass_fields__), TODAY))


def bands(code: str) -> list[Band]:
    return [
        Band(
            date.fromisoformat(row["date_start"]),
            Decimal(row["value_from"]),
            row.get("value_from_included") == "True",
            Decimal(row.get("amount", "0")),
            Decimal(row.get("percent", "0")),
            Decimal(row["maximum"]) if "maximum" in row else None,
        )
        for row in records("bss_legal_band_data.xml")
        if row["code"] == code
    ]


def cap_factors() -> list[CapFactor]:
    rows = [row for row in legal_records() if row["code"] == "contractual_cap_factor"]
    return [CapFactor(date.fromisoformat(row["date_start"]), Decimal(row["value"])) for row in rows]


def older_contracts() -> list[OlderContracts]:
    rows = [row for row in legal_records() if row["code"] == "commercial_older_after"]
    starts = [(date.fromisoformat(row["date_start"]), int(row["value"])) for row in rows]
    return [OlderContracts(start, start + timedelta(days=after)) for start, after in starts]


def limitation_terms(prefix: str = "limitation") -> list[LimitationTerm]:
    values = {(row["code"], row["date_start"]): int(row["value"]) for row in legal_records()}
    return [
        LimitationTerm(
            date.fromisoformat(start),
            years,
            year_end=bool(values[f"{prefix}_year_end", start]),
            takes_over=bool(values.get((f"{prefix}_takes_over", start), 0)),
        )
        for (code, start), years in values.items()
        if code == f"{prefix}_years"
    ]


def limitation_rules() -> LimitationRules:
    return LimitationRules(tuple(limitation_terms()), tuple(limitation_terms("limitation_judgment")))
