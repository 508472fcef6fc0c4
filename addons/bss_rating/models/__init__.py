from . import (
    bss_allowance,
    bss_charge,
    bss_promotion,
    bss_rate_plan,
    bss_rating_counter,
    bss_rating_run,
    bss_rerating,
    bss_service,
    bss_usage_event,
    bss_usage_event_words,
    res_company,
)
