from . import (
    test_access,
    test_availability,
    test_demo,
    test_location,
    test_location_import,
    test_offering,
    test_partner,
    test_promotion,
    test_rate_plan,
    test_tariff,
)
