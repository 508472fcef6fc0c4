import base64

from odoo import models
from odoo.addons.bss_contracts.document_core import TransferQr, format_nrb, qr_svg, transfer_qr

from .. import money


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    def _bss_pay_to_account(self, amount, currency=None):
        """Where to pay what is due on the account as a whole; parameters and answer as of ``_bss_pay_to``."""
        return self._bss_pay_to(amount, self.env._("Account %(name)s", name=self.name), currency)

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
