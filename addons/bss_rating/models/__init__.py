from . import (
    bss_allowance,
    bss_charge,
    bss_rate_plan,
    bss_rating_run,
    bss_service,
    bss_usage_event,
    res_company,
)
