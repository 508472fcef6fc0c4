from . import bss_usage_mapping_import, bss_usage_upload, bss_usage_write_off
