from . import (
    account_move,
    account_move_send,
    account_tax,
    bss_ksef_access,
    bss_ksef_document,
    bss_ksef_session,
    ir_ui_menu,
    res_company,
    res_config_settings,
)
