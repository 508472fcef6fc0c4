"""Tariffs of others taken over: sets of CGRateS, price lists by prefix with periods, rate sheets that carriers send."""

from .carrier import FIELDS, Columns, guess_columns, read_carrier
from .draft import ImportProblem, TariffDraft, TariffPlan, TariffZone
from .fit import Existing
from .package import Packed, headers_of, unpack
from .periods import read_periods
from .taken import draft_of_cgrates

__all__ = [
    "FIELDS",
    "Columns",
    "Existing",
    "ImportProblem",
    "Packed",
    "TariffDraft",
    "TariffPlan",
    "TariffZone",
    "draft_of_cgrates",
    "guess_columns",
    "headers_of",
    "read_carrier",
    "read_periods",
    "unpack",
]
