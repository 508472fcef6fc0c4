from . import (
    test_event_frames,
    test_rating_allowance,
    test_rating_billing,
    test_rating_charges,
    test_rating_codes,
    test_rating_guard,
    test_rating_promotion,
    test_rating_run,
    test_rating_screens,
    test_rating_simulation,
    test_rating_tariff,
    test_rerating,
)
