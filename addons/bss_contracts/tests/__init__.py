from . import (
    test_account,
    test_bill_run,
    test_billing_timeline,
    test_charge,
    test_contract,
    test_contract_document,
    test_delivery,
    test_demo,
    test_document,
    test_security,
    test_timeline,
)
