from dataclasses import replace
from datetime import date

import pytest

from catalog_core import LocationFacts, OfferingFacts, why_not_available

ON = date(2026, 11, 21)
FIBRE = LocationFacts(frozenset({"fibre"}))
OFFERING = OfferingFacts("on_sale", "fibre", "internet")


@pytest.mark.parametrize(
    ("offering", "location", "expected"),
    [
        (OFFERING, FIBRE, []),
        (OFFERING, None, []),
        (OFFERING, LocationFacts(frozenset({"hfc"})), ["TECHNOLOGY_MISSING"]),
        (replace(OFFERING, technology="any"), LocationFacts(frozenset()), []),
        (replace(OFFERING, technology="mobile"), LocationFacts(frozenset()), []),
        (replace(OFFERING, lifecycle="withdrawn"), FIBRE, ["NOT_ON_SALE"]),
        (replace(OFFERING, date_start=ON), FIBRE, []),
        (replace(OFFERING, date_start=date(2026, 11, 22)), FIBRE, ["NOT_YET"]),
        (replace(OFFERING, date_end=ON), FIBRE, []),
        (replace(OFFERING, date_end=date(2026, 11, 20)), FIBRE, ["NO_LONGER"]),
        (
            replace(OFFERING, lifecycle="draft", date_end=date(2026, 1, 1)),
            LocationFacts(frozenset()),
            ["NOT_ON_SALE", "NO_LONGER", "TECHNOLOGY_MISSING"],
        ),
    ],
)
def test_reasons(offering: OfferingFacts, location: LocationFacts | None, expected: list[str]) -> None:
    assert [reason.code for reason in why_not_available(offering, ON, location)] == expected
