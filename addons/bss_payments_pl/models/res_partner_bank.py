"""The Polish bank transfer code (ZBP 2D) on Odoo's own invoices and wherever Odoo prints a payment code."""

import base64

from odoo import api, models
from odoo.addons.bss_contracts.document_core import TransferQr, qr_svg, transfer_qr

from .. import money
from ..bank_core import nrb

METHOD = "pl_zbp"


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    @api.model
    def _get_available_qr_methods(self):
        return [*super()._get_available_qr_methods(), (METHOD, self.env._("Polish transfer code (ZBP)"), 15)]

    def _get_error_messages_for_qr(self, qr_method, debtor_partner, currency):
        if qr_method != METHOD:
            return super()._get_error_messages_for_qr(qr_method, debtor_partner, currency)
        problems = []
        if currency.name != "PLN":
            problems.append(
                self.env._("The Polish transfer code is for zlotys, not for %(currency)s.", currency=currency.name)
            )
        if not nrb.is_valid(self._bss_payment_nrb()):
            problems.append(self.env._("The Polish transfer code needs a Polish account number of 26 digits."))
        return "\r\n".join(problems) or None

    def _check_for_qr_code_errors(
        self, qr_method, amount, currency, debtor_partner, free_communication, structured_communication
    ):
        if qr_method == METHOD:
            code = self._bss_transfer_code(amount, free_communication, structured_communication)
            if isinstance(code, TransferQr):
                return None
            return {
                "BAD_ACCOUNT": self.env._("The account number is wrong."),
                "BAD_NIP": self.env._("The tax number of the receiver is no NIP."),
                "NEGATIVE_AMOUNT": self.env._("There is nothing to pay."),
                "NO_NAME": self.env._("The receiver has no name."),
            }.get(code.code, self.env._("The text of the code is too long."))
        return super()._check_for_qr_code_errors(
            qr_method, amount, currency, debtor_partner, free_communication, structured_communication
        )

    def _get_qr_vals(self, qr_method, amount, currency, debtor_partner, free_communication, structured_communication):
        if qr_method == METHOD:
            return self._bss_transfer_code(amount, free_communication, structured_communication).payload
        return super()._get_qr_vals(
            qr_method, amount, currency, debtor_partner, free_communication, structured_communication
        )

    def _get_qr_code_generation_params(
        self, qr_method, amount, currency, debtor_partner, free_communication, structured_communication
    ):
        if qr_method == METHOD:
            return {
                "barcode_type": "QR",
                "quiet": 0,
                "width": 128,
                "height": 128,
                "humanreadable": 1,
                # the standard wants level L; a higher one would make the code too dense for phones
                "barLevel": "L",
                "value": self._get_qr_vals(
                    qr_method, amount, currency, debtor_partner, free_communication, structured_communication
                ),
            }
        return super()._get_qr_code_generation_params(
            qr_method, amount, currency, debtor_partner, free_communication, structured_communication
        )

    def _get_qr_code_base64(
        self, qr_method, amount, currency, debtor_partner, free_communication, structured_communication
    ):
        if qr_method == METHOD:
            # drawn by our own kernel: Odoo's needs a renderer of bitmaps that a bare server has not
            payload = self._get_qr_vals(
                qr_method, amount, currency, debtor_partner, free_communication, structured_communication
            )
            return f"data:image/svg+xml;base64,{base64.b64encode(qr_svg(payload, 'L', 0).encode()).decode()}"
        return super()._get_qr_code_base64(
            qr_method, amount, currency, debtor_partner, free_communication, structured_communication
        )

    def _bss_payment_nrb(self):
        """The virtual account of the customer who is asked to pay, else this account."""
        return nrb.normalise(self.env.context.get("bss_payment_nrb") or self.acc_number or "")

    def _bss_transfer_code(self, amount, free_communication, structured_communication):
        holder = self.partner_id.commercial_partner_id
        return transfer_qr(
            self._bss_payment_nrb(),
            money.grosze(amount),
            self.acc_holder_name or holder.name or "",
            free_communication or structured_communication or "",
            holder.vat or "",
        )
