from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _hook_if_success(self, moves_data, from_cron=False):
        """The archive knows which documents left by e-mail."""
        result = super()._hook_if_success(moves_data, from_cron=from_cron)
        for move, move_data in moves_data.items():
            mailed = "email" in move_data["sending_methods"] and self._is_applicable_to_move("email", move, **move_data)
            if not (move.bss_account_id and mailed):
                continue
            # the newest version is the one that left
            document = move.sudo().bss_document_ids.filtered(lambda one: one.kind == "invoice").sorted("id")[-1:]
            if document.state == "issued":
                document.channel = "email"
                document.action_mark_sent()
        return result
