from odoo import api, fields, models
from odoo.tools import SQL


class AccountMove(models.Model):
    _inherit = "account.move"

    bss_settlement_kind = fields.Selection(
        help="What the settlement ledger calls this entry. Empty: invoices, payments, deposits, write-offs and opening "
        "items are told by the entry itself. An interest note whose reference is the number of an invoice of the same "
        "billing account belongs to that debt: who pays the debt pays its interest, in the order that the settings say.",
    )

    @api.model
    def _bss_bulk_compatible_modules(self):
        return super()._bss_bulk_compatible_modules() | {"bss_payments_pl"}

    def _bss_bulk_after_post(self):
        """An earlier overpayment settles the new invoice at once."""
        result = super()._bss_bulk_after_post()
        self.flush_recordset(["bss_account_id"])
        # fetching thousands of invoices only for their accounts would cost more than all the rest here
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT bss_account_id FROM account_move WHERE id = ANY(%s) AND bss_account_id IS NOT NULL",
                list(self.ids),
            )
        )
        accounts = self.env["bss.account"].browse([row[0] for row in rows])._bss_with_open_credit()
        if accounts:
            accounts._bss_reconcile_open_items()
        return result


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # open credits are few among many lines of an account: bill runs look for them at every invoice
    _bss_open_credit = models.Index(
        "(bss_account_id) WHERE amount_residual < 0 AND parent_state = 'posted' AND reconciled IS NOT TRUE"
    )
