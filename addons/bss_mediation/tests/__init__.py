from . import (
    test_usage_load,
    test_usage_mapping,
    test_usage_options,
    test_usage_pairs,
    test_usage_pickup,
    test_usage_push,
    test_usage_screens,
    test_usage_sequence,
    test_usage_store,
    test_usage_suspense,
    test_usage_suspense_bulk,
    test_usage_watch,
)
