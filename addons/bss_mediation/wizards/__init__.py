from . import bss_usage_upload
from . import bss_usage_write_off
