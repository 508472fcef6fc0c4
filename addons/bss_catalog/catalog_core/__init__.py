"""Pure rules of the catalogue: money, identifiers, prefixes, rate plans, promotions, availability.

No database, no clock, no framework: plain data in, plain data out.
"""

from .availability import Candidate, Offer, PartCandidate, SaleRequest, offers
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
from .promotion import (
    Applied,
    Choice,
    Lost,
    MonthPrice,
    MonthRelief,
    PromotionFacts,
    PromotionRequest,
    Refused,
    StepFacts,
    choose,
    price_by_month,
    price_runs,
    relief_by_month,
    units_by_month,
    why_not_granted,
)
from .promotion_check import PromotionSurroundings, validate_promotion
from .rate_plan import PlanFacts, Problem, RateFacts, ZoneFacts, validate_plan

__all__ = [
    "Applied",
    "Candidate",
    "Choice",
    "Ineligibility",
    "LocationFacts",
    "Lost",
    "MonthPrice",
    "MonthRelief",
    "Offer",
    "OfferingFacts",
    "PartCandidate",
    "PlanFacts",
    "PrefixConflict",
    "PrefixTable",
    "Problem",
    "PromotionFacts",
    "PromotionRequest",
    "PromotionSurroundings",
    "RateFacts",
    "Refused",
    "SaleRequest",
    "StepFacts",
    "ZoneFacts",
    "choose",
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
    "offers",
    "pesel_is_valid",
    "prefix_is_valid",
    "price_by_month",
    "price_runs",
    "relief_by_month",
    "round_half_up",
    "units_by_month",
    "validate_plan",
    "validate_promotion",
    "why_not_available",
    "why_not_granted",
]
