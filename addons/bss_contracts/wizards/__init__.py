from . import bss_end_wizard, bss_order_done_wizard
