from . import bss_usage_source
from . import bss_usage_file
from . import bss_usage_event
from . import bss_usage_suspense
from . import bss_service
from . import bss_demo
