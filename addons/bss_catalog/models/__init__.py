from . import (
    bss_bundle_line,
    bss_demo,
    bss_location,
    bss_offering_allowance,
    bss_rate,
    bss_rate_plan,
    bss_rate_prefix,
    bss_rate_zone,
    product_template,
    res_company,
    res_partner,
)
