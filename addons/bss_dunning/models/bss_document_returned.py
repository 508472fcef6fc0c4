"""What became of a posted letter, written on the letter and on its case: it was proven to arrive, or it came back."""

from datetime import UTC, datetime, time

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

from ..dunning_core.printing.ack_check import PLAIN, REFUSED, Posted
from .bss_account import COLLECTOR

RETURN_REASONS = [
    ("unknown", "Addressee unknown"),
    ("moved", "Moved away"),
    ("bad_address", "Incomplete address"),
    ("unclaimed", "Not collected in time"),
    ("refused", "Receipt refused"),
    ("deceased", "Addressee deceased"),
    ("other", "Other reason"),
]
# the address led nowhere: nothing more goes there until somebody finds another one
ADDRESS_REASONS = ("unknown", "moved", "bad_address")
PROOFS = {"receipt": "receipt", "registered": "other"}
# of deliveries that have nothing to do with the letter that was posted
OTHER_WAYS = ("courier", "electronic", "hand")
GUARDED = frozenset({"return_reason", "returned_on", "tracking_no"})


def noon(day):
    """Noon of a Polish day, as instants are stored."""
    return datetime.combine(day, time(12), polish_day.POLAND).astimezone(UTC).replace(tzinfo=None)


class BssDocumentReturned(models.Model):
    _inherit = "bss.document"  # pylint: disable=consider-merging-classes-inherited

    return_reason = fields.Selection(RETURN_REASONS, readonly=True, copy=False)
    returned_on = fields.Date(readonly=True, copy=False)

    def write(self, vals):
        if GUARDED & vals.keys() and not self.env.su:
            raise UserError(self.env._("Posting and returns of a document are recorded by scans and acknowledgements."))
        return super().write(vals)

    def _bss_posted(self):
        """What is known of this letter, by its batch and by itself."""
        line = self.sudo().print_line_ids
        arrived = self.state == "delivered"
        delivered = polish_day.day_of(self.delivered_at) if arrived and self.delivered_at else None
        reason = line.return_reason or self.return_reason or (REFUSED if self._bss_refused() else "")
        sent = polish_day.day_of(self.sent_at) if self.state == "sent" and self.sent_at else None
        return Posted(
            issued=polish_day.day_of(self.issued_at),
            sent=line.sent_on or sent,
            franking=line.franking or self._bss_franking(),
            settled=self.state in ("delivered", "returned"),
            delivered=delivered,
            by_post=self.delivery_proof not in OTHER_WAYS,
            reason=reason if self.state in ("delivered", "returned") else "",
        )

    def _bss_refused(self):
        return self.state == "delivered" and self.delivery_proof == "refused"

    def _bss_franking(self):
        """A letter that the post took under a number was registered, whatever its template says."""
        franking = self.print_franking or PLAIN
        return "registered" if franking == PLAIN and self.tracking_no else franking

    # Writing what happened

    def _bss_acknowledge(self, row, origin):
        """Write what is new of a letter of no batch; like the line of a batch. :return: names of what happened"""
        self.ensure_one()
        happened = []
        if row.tracking and row.tracking != self.tracking_no:
            self.tracking_no = row.tracking
        if row.sent and self.state == "issued":
            self._bss_sent_on(max(noon(row.sent), self.issued_at))
            happened.append("sent")
        note = " · ".join(filter(None, [self.tracking_no, origin]))
        if row.delivered:
            self._bss_delivered(row, row.delivered, PROOFS[self._bss_franking()], note)
            happened.append("delivered")
        elif row.reason == REFUSED:
            self._bss_delivered(row, row.returned, "refused", note)
            happened.append("delivered")
        elif row.reason:
            self._bss_came_back(row)
            happened.append("returned")
        return happened or ["unchanged"]

    def _bss_delivered(self, row, day, proof, note):
        self._bss_register_delivery(day, proof, note)
        self.write({"return_reason": row.reason or False, "returned_on": row.returned})

    def _bss_came_back(self, row):
        reason = dict(self._fields["return_reason"]._description_selection(self.env))[row.reason]
        problem = self.env._("Came back: %(reason)s", reason=reason)
        self.write(
            {
                "state": "returned",
                "delivery_error": problem,
                "return_reason": row.reason,
                "returned_on": row.returned,
            }
        )
        self._message_log(body=problem)
        self._bss_signal(row.reason, reason)

    def _bss_signal(self, code, reason):
        """Nobody lives there: the case waits until a person finds the address or the heirs."""
        cases = self.dunning_action_ids.case_id.filtered(lambda case: case.state != "closed")
        if not cases or code not in (*ADDRESS_REASONS, "deceased"):
            return
        text = self.env._("Letter %(number)s came back: %(reason)s", number=self.name, reason=reason)
        for case in cases:
            case._bss_hold(False, text, kind="deceased" if code == "deceased" else "address")
            case.activity_schedule("mail.mail_activity_data_todo", summary=text, user_id=self._bss_finder(case).id)

    def _bss_finder(self, case):
        """Who looks for the address: a clerk who scans returned letters could not even open the case."""
        asked = case.user_id or case.strategy_id.user_id or self.env.user
        admin = self.env.ref("base.user_admin")
        for user in (asked, admin):
            if user.active and case.company_id in user.company_ids and user.has_group(COLLECTOR):
                return user
        # the administrator of several operators need not be one of this operator's people
        collectors = self.env.ref(COLLECTOR).all_user_ids & case.company_id.user_ids
        return collectors.filtered("active").sorted("id")[:1] or admin
