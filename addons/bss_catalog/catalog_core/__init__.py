"""Pure rules of the catalogue: money, identifiers, prefixes, rate plans, availability.

No database, no clock, no framework: plain data in, plain data out.
"""

from .eligibility import Ineligibility, LocationFacts, OfferingFacts, why_not_available
from .identifiers import (
    nip_is_valid,
    nip_normalise,
    nrb_check_digits,
    nrb_format,
    nrb_is_valid,
    nrb_make,
    nrb_normalise,
    pesel_is_valid,
)
from .money import e4_to_decimal, grosz_from_e4, micro_from_decimal, micro_to_decimal, round_half_up
from .prefixes import PrefixConflict, PrefixTable, find_conflicts, prefix_is_valid
from .rate_plan import PlanFacts, Problem, RateFacts, ZoneFacts, validate_plan

__all__ = [
    "Ineligibility",
    "LocationFacts",
    "OfferingFacts",
    "PlanFacts",
    "PrefixConflict",
    "PrefixTable",
    "Problem",
    "RateFacts",
    "ZoneFacts",
    "e4_to_decimal",
    "find_conflicts",
    "grosz_from_e4",
    "micro_from_decimal",
    "micro_to_decimal",
    "nip_is_valid",
    "nip_normalise",
    "nrb_check_digits",
    "nrb_format",
    "nrb_is_valid",
    "nrb_make",
    "nrb_normalise",
    "pesel_is_valid",
    "prefix_is_valid",
    "round_half_up",
    "validate_plan",
    "why_not_available",
]
