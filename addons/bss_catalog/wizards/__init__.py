from . import bss_availability, bss_availability_line
