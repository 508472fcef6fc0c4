import base64

from odoo import models
from odoo.addons.bss_contracts.document_core import TransferQr, format_nrb, qr_svg, transfer_qr

from .. import money


class AccountMove(models.Model):
    _inherit = "account.move"

    def _generate_qr_code(self, silent_errors=False):
        """The payment code of Odoo's invoice asks for the money on the customer's own number."""
        number = (
            self.bss_account_id._bss_payment_bank_account().get(self.bss_account_id.id) if self.bss_account_id else ""
        )
        return super(AccountMove, self.with_context(bss_payment_nrb=number))._generate_qr_code(
            silent_errors=silent_errors
        )

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


class BssAccount(models.Model):
    _inherit = "bss.account"

    def _bss_pay_to(self, amount, title, currency=None):
        """Number, receiver and transfer code for the portal.

        :param amount: of ``currency`` (of the company when empty); 0 leaves it to the payer
        :return: {"nrb", "nrb_pretty", "recipient", "title", "qr_svg", "qr_base64"}; empty without a Polish account number
        """
        self.ensure_one()
        account = self.sudo()
        number = account._bss_payment_bank_account().get(account.id)
        if not number:
            return {}
        company = account.company_id
        zloty = (currency or company.currency_id).name == "PLN"
        code = transfer_qr(
            number, money.grosze(max(amount, 0)), company.name or "", title, company.partner_id.vat or ""
        )
        svg = qr_svg(code.payload, "L", 2) if zloty and isinstance(code, TransferQr) else ""
        return {
            "nrb": number,
            "nrb_pretty": format_nrb(number),
            "recipient": company.name,
            "title": title,
            "qr_svg": svg,
            "qr_base64": base64.b64encode(svg.encode()).decode(),
        }
