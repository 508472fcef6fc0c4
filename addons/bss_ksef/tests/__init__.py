from . import (
    test_batch,
    test_corrections,
    test_frozen_xml,
    test_invoice_data,
    test_late,
    test_lost_answers,
    test_settings,
)
