from odoo import models

THEIR_EDI = "pl_ksef"


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    def _get_default_extra_edis(self, move):
        """Odoo's own KSeF connector (l10n_pl_edi) steps aside for companies that send through batch sessions.

        Its `_get_all_extra_edis` may run before or after ours, so its result is filtered here, where it is used.
        """
        edis = super()._get_default_extra_edis(move)
        return edis - {THEIR_EDI} if move.company_id.bss_ksef_enabled else edis

    def _get_default_sending_settings(self, move, from_cron=False, **custom_settings):
        settings = super()._get_default_sending_settings(move, from_cron=from_cron, **custom_settings)
        if move.company_id.bss_ksef_enabled and THEIR_EDI in settings["extra_edis"]:
            settings["extra_edis"] = {edi for edi in settings["extra_edis"] if edi != THEIR_EDI}
        return settings
