from . import (
    test_access,
    test_bank_file_trouble,
    test_bank_file_upload,
    test_bank_import,
    test_bill_run_credit,
    test_demo,
    test_payment_inbox,
    test_payment_booking,
    test_payment_match,
    test_payment_rule,
    test_report_profile,
    test_virtual_account,
)
