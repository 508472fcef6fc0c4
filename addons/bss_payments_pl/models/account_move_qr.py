from odoo import models
from odoo.addons.bss_contracts.document_core import format_nrb


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _generate_qr_code(self, silent_errors=False):
        """The payment code of Odoo's invoice asks for the money on the customer's own number."""
        number = (
            self.bss_account_id._bss_payment_bank_account().get(self.bss_account_id.id) if self.bss_account_id else ""
        )
        return super(AccountMove, self.with_context(bss_payment_nrb=number))._generate_qr_code(
            silent_errors=silent_errors
        )

    def _bss_printed_nrb(self):
        """The number that Odoo's own invoice asks the customer to pay to, in groups of four; "" leaves the company's.

        Invoices in a foreign currency name the bank account that takes it.
        """
        self.ensure_one()
        account = self.sudo().bss_account_id
        if self.move_type != "out_invoice" or not account or self.currency_id != self.company_currency_id:
            return ""
        return format_nrb(account._bss_payment_bank_account().get(account.id) or "")

    def _bss_transfers(self):
        """How overdue invoices are paid by transfer: [(billing account, amount, where to pay)], one for each account.

        Empty when one of them is on no billing account: there would be nothing to pay it by.
        """
        transfers = []
        for account, moves in self.sudo().grouped("bss_account_id").items():
            if not account:
                return []
            amount = sum(moves.mapped("amount_residual"))
            single = moves._bss_pay_to() if len(moves) == 1 else {}
            transfers.append((account, amount, single or account._bss_pay_to_account(amount, moves.currency_id)))
        return transfers

    def _bss_pay_to(self):
        """What the portal shows of paying a posted invoice by transfer: number and code; {} when nothing is to be paid."""
        self.ensure_one()
        move = self.sudo()
        if (
            move.move_type != "out_invoice"
            or move.state != "posted"
            or not move.bss_account_id
            or not move.amount_residual
        ):
            return {}
        return move.bss_account_id._bss_pay_to(move.amount_residual, move.name, move.currency_id)
