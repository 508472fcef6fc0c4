from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._bss_mark_dunning()
        return partials

    def unlink(self):
        self._bss_mark_dunning()
        return super().unlink()

    def _bss_mark_dunning(self):
        lines = self.sudo().debit_move_id | self.sudo().credit_move_id
        self.env["bss.dunning.case"]._bss_mark_accounts(lines.bss_account_id)
