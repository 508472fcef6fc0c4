"""Complaints, plans, notes, write-offs, calls and what people wrote, among the events of a case; one query for each."""

from odoo import models
from odoo.addons.bss_catalog import polish_day
from odoo.fields import Domain
from odoo.tools import html2plaintext

LONGEST_TEXT = 500


class BssDunningCaseTimelineMore(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    def _bss_timeline(self):
        events = super()._bss_timeline()
        for model, tell in (
            ("bss.complaint", self._bss_timeline_complaints),
            ("bss.dunning.instalment.plan", self._bss_timeline_plans),
            ("bss.dunning.note", self._bss_timeline_notes),
            ("bss.dunning.writeoff", self._bss_timeline_writeoffs),
            ("bss.dunning.call.attempt", self._bss_timeline_calls),
        ):
            if self.env[model].has_access("read"):
                events += tell()
        return events + self._bss_timeline_words() + self._bss_timeline_moves()

    def _bss_in_life(self, field):
        """Domain of what happened to the account between the first and the last day of the case."""
        domain = Domain("account_id", "=", self.account_id.id)
        if self.date_opened:
            domain &= Domain(field, ">=", self.date_opened)
        if self.date_closed:
            domain &= Domain(field, "<=", self.date_closed)
        return domain

    def _bss_states(self, record):
        return dict(record._fields["state"]._description_selection(self.env))

    def _bss_timeline_complaints(self):
        """Lodged, and answered or deemed accepted; also those that were lodged before the case and protect its debt."""
        mine = self._bss_in_life("received_on") | Domain("hold_id.case_id", "=", self.id)
        complaints = self.env["bss.complaint"].search(mine)
        states, events = self._bss_states(complaints), []
        for complaint in complaints:
            lodged = self.env._("Complaint %(name)s lodged", name=complaint.name)
            events.append(
                self._bss_event(
                    complaint.received_on,
                    lodged,
                    complaint,
                    text=complaint.subject,
                    icon="fa-exclamation-circle",
                    colour="warning",
                    amount=complaint.disputed_amount,
                )
            )
            if complaint.state in ("new", "open"):
                continue
            decided = self.env._("Complaint %(name)s: %(state)s", name=complaint.name, state=states[complaint.state])
            events.append(
                self._bss_event(
                    complaint.answer_sent_on or complaint.answer_due or complaint.received_on,
                    decided,
                    complaint,
                    text=complaint.decision_text or "",
                    icon="fa-gavel",
                    colour="success" if complaint.state == "rejected" else "danger",
                )
            )
        return events

    def _bss_timeline_plans(self):
        events, states = [], self._bss_states(self.plan_ids)
        colours = {"kept": "success", "broken": "danger"}
        for plan in self.plan_ids:
            common = {"record": plan, "icon": "fa-calendar"}
            parts = self.env._("%(count)s instalments", count=len(plan.line_ids))
            made = self.env._("Instalment plan %(name)s agreed", name=plan.name)
            events.append(self._bss_event(plan.date_made, made, text=parts, amount=plan.amount_total, **common))
            signed = self.env._("Instalment plan %(name)s signed", name=plan.name)
            events.append(self._bss_event(plan.date_acknowledged, signed, colour="success", **common))
            over = self.env._("Instalment plan %(name)s: %(state)s", name=plan.name, state=states[plan.state])
            colour = colours.get(plan.state, "muted")
            events.append(self._bss_event(plan.date_decided, over, colour=colour, amount=plan.amount_paid, **common))
        return events

    def _bss_timeline_notes(self):
        """Interest and compensation that were charged."""
        issued = Domain("state", "!=", "draft") & Domain("way", "!=", "waived")
        notes = self.env["bss.dunning.note"].search(
            issued & (self._bss_in_life("date") | Domain("case_id", "=", self.id))
        )
        kinds = dict(notes._fields["kind"]._description_selection(self.env))
        states = self._bss_states(notes)
        return [
            self._bss_event(
                note.date,
                f"{kinds[note.kind]} {note.name}: {states[note.state]}",
                note,
                icon="fa-percent",
                colour="muted" if note.state == "cancelled" else "info",
                amount=note.amount_total,
            )
            for note in notes
        ]

    def _bss_timeline_writeoffs(self):
        asked = Domain("state", "!=", "draft")
        mine = self._bss_in_life("date") | Domain("case_id", "=", self.id)
        writeoffs = self.env["bss.dunning.writeoff"].search(asked & mine)
        states = self._bss_states(writeoffs)
        return [
            self._bss_event(
                writeoff.date,
                self.env._("Write-off %(name)s: %(state)s", name=writeoff.name, state=states[writeoff.state]),
                writeoff,
                text=writeoff.reason_id.name,
                icon="fa-eraser",
                colour={"done": "danger", "to_approve": "warning"}.get(writeoff.state, "muted"),
                amount=writeoff.amount_total,
            )
            for writeoff in writeoffs
        ]

    def _bss_timeline_calls(self):
        """Each time the telephone rang; a click opens the call."""
        attempts = self.env["bss.dunning.call.attempt"].search([("case_id", "=", self.id)])
        words = dict(attempts._fields["result"]._description_selection(self.env))
        return [
            self._bss_event(
                attempt.day,
                self.env._("Call to %(phone)s: %(result)s", phone=attempt.phone or "", result=words[attempt.result]),
                attempt.call_id,
                text=attempt.note or "",
                icon="fa-phone",
                colour="success" if attempt.reached else "muted",
                cost=attempt.cost,
                moment=attempt.called_at,
            )
            for attempt in attempts
        ]

    def _bss_timeline_words(self):
        """What people wrote in the history of the case; what the system wrote stands there as its own event."""
        messages = self.env["mail.message"].search(
            [("model", "=", self._name), ("res_id", "=", self.id), ("message_type", "in", ("comment", "email"))]
        )
        return [
            self._bss_event(
                polish_day.day_of(message.date),
                self.env._("%(person)s wrote", person=message.author_id.name or message.email_from or ""),
                text=html2plaintext(message.body or "")[:LONGEST_TEXT],
                icon="fa-pencil",
                colour="muted",
                moment=message.date,
            )
            for message in messages
        ]

    def _bss_timeline_moves(self):
        """When the case went over to another strategy, by whom and why."""
        moved = self.env.ref("bss_dunning.mt_case_moved")
        messages = self.env["mail.message"].search(
            [("model", "=", self._name), ("res_id", "=", self.id), ("subtype_id", "=", moved.id)]
        )
        return [
            self._bss_event(
                polish_day.day_of(message.date),
                self.env._("%(person)s changed the strategy", person=message.author_id.name or ""),
                text=html2plaintext(message.body or ""),
                icon="fa-random",
                colour="warning",
                moment=message.date,
            )
            for message in messages
        ]
