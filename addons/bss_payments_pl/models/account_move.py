from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _bss_bulk_compatible_modules(self):
        return super()._bss_bulk_compatible_modules() | {"bss_payments_pl"}

    def _bss_bulk_after_post(self):
        """An earlier overpayment settles the new invoice at once."""
        result = super()._bss_bulk_after_post()
        accounts = self.bss_account_id._bss_with_open_credit()
        if accounts:
            accounts._bss_reconcile_open_items()
        return result
