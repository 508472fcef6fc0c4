from . import test_bill_run
