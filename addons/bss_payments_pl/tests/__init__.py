from . import (
    test_access,
    test_bank_file_trouble,
    test_bank_import,
    test_demo,
    test_payment_match,
    test_virtual_account,
)
