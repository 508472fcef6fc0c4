"""What the print house says about a letter, written where it belongs: on the line, the document, the case."""

from datetime import UTC, datetime, time

from odoo import models
from odoo.addons.bss_catalog import polish_day

from ..dunning_core.printing.ack import AckError, AckRow

# the address led nowhere: nothing more goes there until somebody finds another one
ADDRESS_REASONS = ("unknown", "moved", "bad_address")
PROOFS = {"receipt": "receipt", "registered": "other"}


def noon(day):
    """Noon of a Polish day, as instants are stored."""
    return datetime.combine(day, time(12), polish_day.POLAND).astimezone(UTC).replace(tzinfo=None)


class BssDunningPrintLineAck(models.Model):
    _inherit = "bss.dunning.print.line"  # pylint: disable=consider-merging-classes-inherited

    # Checks

    def _bss_ack_problem(self, row: AckRow):
        """Why a row of an acknowledgement cannot be taken, or None."""
        if not self:
            return AckError(row.line, "doc_id", "UNKNOWN_DOCUMENT", str(row.doc_id))
        if self.batch_id.state == "draft":
            return AckError(row.line, "doc_id", "NOT_HANDED_OVER", str(row.doc_id))
        if self.state == "left_out":
            return AckError(row.line, "doc_id", "LEFT_OUT", str(row.doc_id))
        return self._bss_ack_days(row) or self._bss_ack_contradiction(row)

    def _bss_ack_days(self, row):
        issued = polish_day.day_of(self.document_id.issued_at)
        for name, day in (("sent_date", row.sent), ("delivered_date", row.delivered), ("return_date", row.returned)):
            if day and day < issued:
                return AckError(row.line, name, "BEFORE_ISSUED", day.isoformat())
            if name != "sent_date" and day and self.sent_on and day < self.sent_on:
                return AckError(row.line, name, "BEFORE_SENT", day.isoformat())
        return None

    def _bss_ack_contradiction(self, row):
        if row.sent and self.sent_on and row.sent != self.sent_on:
            return AckError(row.line, "sent_date", "SENT_OTHERWISE", row.sent.isoformat())
        if row.delivered and self.franking == "plain":
            return AckError(row.line, "delivered_date", "PLAIN_PROVES_NOTHING", row.delivered.isoformat())
        if (row.delivered or row.reason) and self.state in ("delivered", "returned"):
            same = (row.delivered or None, row.reason or False) == (self.delivered_on or None, self.return_reason)
            if row.reason == "refused":
                same = self.return_reason == "refused" and self.delivered_on == row.returned
            if not same:
                name = "delivered_date" if row.delivered else "return_reason"
                return AckError(row.line, name, "DELIVERED_OTHERWISE", str(row.delivered or row.reason))
        return None

    # Taking

    def _bss_acknowledge(self, row, source):
        """Write what is new. :return: names of what happened"""
        self.ensure_one()
        happened = []
        if row.tracking and row.tracking != self.tracking_no:
            self.tracking_no = row.tracking
            self.document_id.tracking_no = row.tracking
        if row.sent and not self.sent_on:
            self.write({"sent_on": row.sent, "state": "sent" if self.state == "ready" else self.state})
            self.document_id._bss_sent_on(max(noon(row.sent), self.document_id.issued_at))
            happened.append("sent")
        if row.delivered and not self.delivered_on:
            self._bss_delivered(row, row.delivered, PROOFS[self.franking], source)
            happened.append("delivered")
        elif row.reason == "refused" and not self.delivered_on:
            self._bss_delivered(row, row.returned, "refused", source)
            happened.append("delivered")
        elif row.reason and row.reason != "refused" and not self.return_reason:
            self._bss_returned(row)
            happened.append("returned")
        return happened or ["unchanged"]

    def _bss_delivered(self, row, day, proof, source):
        """Proven delivery: the statutory terms begin with it."""
        note = " · ".join(filter(None, [row.tracking or self.tracking_no, self.batch_id.name, source.filename]))
        self.document_id._bss_register_delivery(day, proof, note)
        self.write({"state": "delivered", "delivered_on": day, "return_reason": row.reason or False})

    def _bss_returned(self, row):
        reason = dict(self._fields["return_reason"]._description_selection(self.env))[row.reason]
        document = self.document_id
        document.write({"state": "returned", "delivery_error": self.env._("Came back: %(reason)s", reason=reason)})
        document._message_log(body=document.delivery_error)
        self.write({"state": "returned", "returned_on": row.returned, "return_reason": row.reason})
        self._bss_signal(row.reason, reason)

    def _bss_signal(self, code, reason):
        """Nobody lives there: the case waits until a person finds the address or the heirs."""
        cases = self.document_id.dunning_action_ids.case_id.filtered(lambda case: case.state != "closed")
        if not cases or code not in (*ADDRESS_REASONS, "deceased"):
            return
        text = self.env._("Letter %(number)s came back: %(reason)s", number=self.document_id.name, reason=reason)
        for case in cases:
            case._bss_hold(False, text, kind="deceased" if code == "deceased" else "address")
            case.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=text,
                user_id=(case.user_id or case.strategy_id.user_id or self.env.user).id,
            )
