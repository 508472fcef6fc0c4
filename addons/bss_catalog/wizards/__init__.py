from . import bss_availability, bss_availability_line, bss_availability_warning
