from . import (
    test_case,
    test_interest,
    test_law_records,
    test_law_texts,
    test_letters,
    test_polish_day,
    test_run,
    test_security,
    test_service_chain,
    test_sms_gateway,
    test_sms_report,
    test_sms_step,
)
