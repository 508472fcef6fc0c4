from . import res_company
from . import bss_allowance
from . import bss_rating_run
from . import bss_usage_event
from . import bss_charge
from . import bss_service
