from . import bss_end_wizard
