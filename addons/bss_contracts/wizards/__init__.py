from . import (
    bss_availability,
    bss_bill_run_issue_wizard,
    bss_bundle_wizard,
    bss_device_swap_wizard,
    bss_document_delivery_wizard,
    bss_end_wizard,
    bss_order_done_wizard,
    bss_settlement_statement,
    sale_advance_payment_inv,
)
