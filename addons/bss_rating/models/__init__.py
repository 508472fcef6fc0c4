from . import (
    bss_allowance,
    bss_charge,
    bss_offering_allowance,
    bss_promotion,
    bss_rate_plan,
    bss_rating_run,
    bss_service,
    bss_usage_event,
    product_template,
    res_company,
)
