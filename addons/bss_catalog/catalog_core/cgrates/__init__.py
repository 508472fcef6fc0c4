"""Tariff plans of CGRateS (its CSV files) taken over into zones, bands, plans and rates of the catalogue."""

from .convert import USAGE_OF_CATEGORY, convert
from .values import (
    Assignment,
    ImportedPlan,
    ImportedRate,
    ImportedTariff,
    ImportedZone,
    ImportProblem,
)

__all__ = [
    "USAGE_OF_CATEGORY",
    "Assignment",
    "ImportProblem",
    "ImportedPlan",
    "ImportedRate",
    "ImportedTariff",
    "ImportedZone",
    "convert",
]
