"""What the print house says about a letter, written where it belongs: on the line, the document, the case."""

from dataclasses import replace

from odoo import models

from ..dunning_core.printing.ack import AckError, AckRow
from ..dunning_core.printing.ack_check import is_known, problem
from .bss_document_returned import PROOFS, noon


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
        return problem(row, self._bss_posted())

    def _bss_posted(self):
        """What is known of the letter; its day of posting only as acknowledgements told it."""
        return replace(self.document_id._bss_posted(), sent=self.sent_on or None)

    # Taking

    def _bss_acknowledge(self, row, origin):
        """Write what is new.

        :param origin: where the news come from, in words
        :return: names of what happened
        """
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
            self._bss_delivered(row, row.delivered, PROOFS[self.franking], origin)
            happened.append("delivered")
        elif row.reason == "refused" and not self.delivered_on:
            self._bss_delivered(row, row.returned, "refused", origin)
            happened.append("delivered")
        elif row.reason and row.reason != "refused" and not self.return_reason:
            self._bss_returned(row)
            happened.append("returned")
        return happened or ["unchanged"]

    def _bss_delivered(self, row, day, proof, origin):
        """Proven delivery: the statutory terms begin with it."""
        note = " · ".join(filter(None, [row.tracking or self.tracking_no, self.batch_id.name, origin]))
        if not is_known(row, self.document_id._bss_posted()):  # a person may have recorded it before
            self.document_id._bss_delivered(row, day, proof, note)
        self.write({"state": "delivered", "delivered_on": day, "return_reason": row.reason or False})

    def _bss_returned(self, row):
        if not is_known(row, self.document_id._bss_posted()):
            self.document_id._bss_came_back(row)
        self.write({"state": "returned", "returned_on": row.returned, "return_reason": row.reason})
