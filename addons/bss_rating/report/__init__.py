from . import itemised_bill
