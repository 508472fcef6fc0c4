from . import bss_demo, bss_service, bss_usage_event, bss_usage_file, bss_usage_source, bss_usage_suspense
