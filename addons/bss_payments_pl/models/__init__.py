from . import (
    account_bank_statement,
    account_journal,
    account_move,
    bss_account,
    bss_bank_import,
    bss_bank_import_problem,
    bss_demo,
    bss_payment_match,
    bss_payment_match_candidate,
    bss_virtual_account,
    bss_virtual_account_pool,
)
