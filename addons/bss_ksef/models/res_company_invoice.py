"""What a company tells KSeF beyond what the law asks for."""

from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import payment_link
from ..ksef_core.transport.result import Failure
from .bss_ksef_document import utc_naive


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_ksef_line_notes = fields.Boolean(
        string="Services on the E-invoice",
        help="Invoices for businesses say the phone number or identifier and the place of each line's service.",
    )
    bss_ksef_settlement = fields.Boolean(
        string="Balance on the E-invoice",
        help="Invoices say what is overdue or overpaid from before, as their document does. It is outside VAT and does "
        "not change the total of the invoice.",
    )
    bss_ksef_provider_code = fields.Char(
        string="Code of the Payment Provider",
        size=3,
        help="Three digits that identifiers of payments (IPKSeF) begin with. Only for a provider with whom the company "
        "numbers the payments itself.",
    )
    bss_ksef_payment_address = fields.Char(
        string="Payment Page",
        help="Address of the page where an invoice is paid, for example https://pay.example.com/invoice. The identifier "
        "of the payment is added to it.",
    )
    bss_ksef_attachment = fields.Boolean(
        string="Usage Breakdown as Attachment",
        help="Invoices for businesses carry usage by service and zone in their structured attachment. The consent must "
        "be declared in the e-Tax Office before; without it the breakdown stays outside KSeF.",
    )
    bss_ksef_attachment_consent = fields.Boolean(
        string="Attachments Allowed by KSeF",
        compute="_compute_bss_ksef_attachment_consent",
        store=True,
        copy=False,
        help="What KSeF answered when it was asked last.",
    )
    bss_ksef_attachment_until = fields.Datetime(
        string="Attachments Allowed Until", compute="_compute_bss_ksef_attachment_consent", store=True, copy=False
    )

    @api.depends("bss_ksef_environment", "vat")
    def _compute_bss_ksef_attachment_consent(self):
        """The answer was for one taxpayer in one environment: of another nobody knows until it is asked."""
        self.bss_ksef_attachment_consent = False
        self.bss_ksef_attachment_until = False

    @api.constrains("bss_ksef_provider_code", "bss_ksef_payment_address")
    def _check_bss_ksef_payment(self):
        for company in self:
            code, address = company.bss_ksef_provider_code, company.bss_ksef_payment_address
            if code and not payment_link.is_provider_code(code):
                raise ValidationError(self.env._("The code of the payment provider has three digits."))
            if address and not payment_link.is_address(address):
                raise ValidationError(
                    self.env._(
                        "“%(address)s” cannot be the address of a payment page on an e-invoice.", address=address
                    )
                )

    def _bss_ksef_may_attach(self):
        """Whether invoices may carry an attachment now: KSeF refuses every invoice that does without consent (415)."""
        self.ensure_one()
        until = self.bss_ksef_attachment_until
        allowed = self.bss_ksef_attachment_consent and (not until or until > fields.Datetime.now())
        return self.bss_ksef_attachment and allowed

    def _bss_ksef_ask_attachments(self):
        """Asks KSeF whether the company may send attachments; None when it answered, else the Failure."""
        self.ensure_one()
        with self._bss_ksef_gate(attempts=1) as gate:
            token = self.env["bss.ksef.access"]._bss_token(gate, self)
            answer = (
                token if isinstance(token, Failure) else gate.ask("GET", "/permissions/attachments/status", token=token)
            )
        if isinstance(answer, Failure):
            return answer
        allowed = bool(answer.json.get("isAttachmentAllowed"))
        revoked = answer.json.get("revokedDate")
        self.sudo().write(
            {
                "bss_ksef_attachment_consent": allowed,
                "bss_ksef_attachment_until": utc_naive(datetime.fromisoformat(revoked)) if revoked else False,
            }
        )
        return None

    def action_bss_ksef_ask_attachments(self):
        self.ensure_one()
        if not self.env.user.has_group("account.group_account_manager"):
            raise UserError(self.env._("Only accounting administrators ask KSeF about attachments."))
        failure = self._bss_ksef_ask_attachments()
        if failure:
            kind, message = "danger", self._bss_ksef_describe(failure)
        elif self.bss_ksef_attachment_consent:
            kind, message = "success", self.env._("KSeF takes attachments of this company.")
        else:
            kind, message = (
                "warning",
                self.env._(
                    "KSeF takes no attachments of this company: declare the intention in the e-Tax Office first."
                ),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"message": message, "type": kind, "next": {"type": "ir.actions.act_window_close"}},
        }
