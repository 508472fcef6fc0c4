"""One line on the invoice: where it is on its way to KSeF, and what happens next."""

from odoo import api, fields, models
from odoo.tools import format_date, format_datetime

SETTLED = ("not_applicable", "accepted")  # what is corrected in them may be corrected in KSeF, too


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    bss_ksef_line = fields.Text(compute="_compute_bss_ksef_line", string="KSeF: What Happens Next")

    @api.depends("state", "bss_ksef_state", "bss_ksef_number", "invoice_date", "bss_ksef_document_ids.error_text")
    def _compute_bss_ksef_line(self):
        for move in self:
            maker = getattr(move, f"_bss_ksef_line_{move.bss_ksef_state or 'not_applicable'}")
            move.bss_ksef_line = maker() if move.state == "posted" else False

    def _bss_ksef_line_not_applicable(self):
        """Sales documents of a company that sends: why this one does not go."""
        if self.move_type not in ("out_invoice", "out_refund") or not self.company_id.sudo().bss_ksef_enabled:
            return False
        if self.sudo()._bss_ksef_applies():
            return self.env._("Not sent to KSeF: it was posted before the sending was switched on.")
        return self.env._("Stays outside KSeF: the customer has no tax number (NIP).")

    def _bss_ksef_line_to_send(self):
        unsettled = self.sudo()._bss_ksef_originals().filtered(lambda m: m.bss_ksef_state not in SETTLED)
        if unsettled:
            return self.env._(
                "Waits until the invoice that it corrects has its number in KSeF: %(originals)s. Then it goes.",
                originals=", ".join(unsettled.mapped("name")),
            )
        returned = self.sudo()._bss_ksef_documents()[:1].filtered(lambda d: d.state == "returned" and not d.superseded)
        how = (
            self.env._("It goes by itself with the next sending.")
            if self.company_id.sudo().bss_ksef_auto_send
            else self.env._("Nothing is sent by itself here: use “Send to KSeF”.")
        )
        if returned:
            reason = " ".join((returned.error_text or "").split())
            return self.env._("KSeF did not take it yet: %(reason)s %(how)s", reason=reason, how=how)
        return self.env._("Waits to be sent to KSeF. %(how)s", how=how)

    def _bss_ksef_line_late(self):
        return self.bss_ksef_error

    def _bss_ksef_line_queued(self):
        document = self.sudo()._bss_ksef_documents()[:1]
        if document.error_text:
            return self.env._("Ready for KSeF, but waits: %(reason)s It goes by itself.", reason=document.error_text)
        return self.env._("Ready: its XML is frozen and goes to KSeF with the next package. It can no longer change.")

    def _bss_ksef_line_sent(self):
        session = self.sudo()._bss_ksef_documents()[:1].session_id
        when = session.closed_at or session.uploaded_at or session.opened_at
        if not when:
            return self.env._("Sent to KSeF, which is processing it. The number comes by itself.")
        return self.env._(
            "Sent to KSeF on %(when)s, which is processing it. The number comes by itself.",
            when=self._bss_ksef_clock(when),
        )

    def _bss_ksef_line_accepted(self):
        document = self.sudo()._bss_ksef_accepted_document()
        when = self._bss_ksef_clock(document.accepted_at) if document.accepted_at else ""
        if self.bss_ksef_mode == "offline":
            return self.env._(
                "In KSeF%(when)s, but marked Offline, because it came after its day of issue (%(date)s). What the customer got "
                "outside KSeF should carry both QR codes.",
                when=f" ({when})" if when else "",
                date=format_date(self.env, self.invoice_date),
            )
        if when:
            return self.env._("In KSeF since %(when)s. Only a corrective invoice can change it now.", when=when)
        return self.env._("In KSeF. Only a corrective invoice can change it now.")

    def _bss_ksef_line_rejected(self):
        document = self.sudo()._bss_ksef_documents()[:1]
        reason = document.error_text or ""
        if document.state == "rejected":
            return self.env._(
                "KSeF refused it: %(reason)s\nIt is not issued in KSeF. %(advice)s",
                reason=reason,
                advice=self._bss_ksef_advice(document),
            )
        return self.env._(
            "Not sent, our check refused it: %(reason)s\n%(advice)s",
            reason=reason,
            advice=self._bss_ksef_advice(document),
        )

    @api.model
    def _bss_ksef_clock(self, moment):
        """Date and time of the user, else of KSeF."""
        return format_datetime(self.env, moment, tz=self.env.user.tz or "Europe/Warsaw", dt_format="short")

    def action_bss_ksef_open_link(self):
        """The page of the Ministry that says what it knows about this invoice."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.bss_ksef_qr_url, "target": "new"}

    @api.model
    def _bss_ksef_advice(self, document):
        return self.env["bss.ksef.reason"]._advice(
            document.state, document.error_code or "", document.error_element or ""
        )

    def _bss_ksef_line_unknown(self):
        return self.env._(
            "Sent, but the answer of KSeF was lost. The server keeps asking until the fate is known and never sends it twice: "
            "there is nothing to do."
        )
