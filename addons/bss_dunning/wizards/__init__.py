from . import (
    bss_dunning_call_result,
    bss_dunning_dialer_key,
    bss_dunning_dialer_upload,
    bss_dunning_hold,
    bss_dunning_next,
    bss_dunning_note_cancel,
    bss_dunning_preview,
    bss_dunning_preview_xlsx,
    bss_dunning_promise,
    bss_dunning_skip,
    bss_dunning_strategy_move,
    bss_sms_test,
)
