from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _hook_if_success(self, moves_data, from_cron=False):
        """The archive knows which documents left by e-mail."""
        result = super()._hook_if_success(moves_data, from_cron=from_cron)
        mailed = [
            move.id
            for move, move_data in moves_data.items()
            if move.bss_account_id
            and "email" in move_data["sending_methods"]
            and self._is_applicable_to_move("email", move, **move_data)
        ]
        documents = self.env["bss.document"].sudo()
        if mailed:
            documents.search(
                [("res_model", "=", "account.move"), ("res_id", "in", mailed), ("state", "=", "issued")]
            ).action_mark_sent()
        return result
