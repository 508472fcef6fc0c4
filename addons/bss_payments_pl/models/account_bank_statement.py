from odoo import fields, models


class AccountBankStatement(models.Model):
    _inherit = "account.bank.statement"

    bss_import_id = fields.Many2one(
        "bss.bank.import", string="Bank File", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    bss_number = fields.Char(string="Number at the Bank", readonly=True, copy=False)


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    bss_dedupe_key = fields.Char(string="Bank Key", readonly=True, copy=False)
    bss_match_ids = fields.One2many("bss.payment.match", "statement_line_id", string="Payment Match")

    _bss_dedupe_unique = models.UniqueIndex(
        "(journal_id, bss_dedupe_key) WHERE bss_dedupe_key IS NOT NULL",
        "This bank transaction was imported before.",
    )

    def action_undo_reconciliation(self):
        """Undoing in accounting puts the payment back on the list "to decide" too."""
        matches = self.env["bss.payment.match"]
        if not self.env.context.get("bss_skip_match"):
            matches = self.sudo().bss_match_ids.filtered(lambda match: match.state == "booked")
            matches.statement_line_id.line_ids.remove_move_reconcile()
            matches.statement_line_id._bss_clear_customer()
        result = super().action_undo_reconciliation()
        matches._bss_reopen()
        return result

    def _bss_clear_customer(self):
        """The entry is nobody's payment any more: its new items are to name no customer."""
        lines = self.with_context(skip_account_move_synchronization=True, skip_readonly_check=True)
        lines.write({"partner_id": False})
        lines.move_id.write({"bss_account_id": False, "partner_id": False})
