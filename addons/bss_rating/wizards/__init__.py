from . import bss_itemised_bill, bss_rating_simulation
