"""Work on complaints: confirm, answer, pay, send again; what is to be done and why, in words."""

from odoo import api, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

CONFIRMATION = "bss_dunning.document_complaint_confirmation"
ANSWER = "bss_dunning.document_complaint_answer"


class BssComplaintWork(models.Model):
    _inherit = "bss.complaint"  # pylint: disable=consider-merging-classes-inherited

    @api.depends(
        "state", "confirmed_on", "answer_sent_on", "paid_on", "copy_asked_on", "copy_sent_on", "corrected", "answer_due"
    )
    @api.depends_context("lang")
    def _compute_texts(self):
        words = self.env["bss.legal.text"]
        today = polish_day.today()
        saved = self.filtered(lambda complaint: complaint.id and complaint.received_on)
        clocks = saved.sudo()._bss_clocks(today)
        for complaint in self:
            clock = clocks.get(complaint.sudo())
            complaint.clock_text = "\n".join(words._bss_sentences(clock.explain)) if clock else ""
            complaint.task_text = "\n".join(words._bss_sentences(clock.alarms)) if clock else ""
            if complaint in saved and not clock:
                complaint.task_text = complaint._bss_no_terms_text()
            complaint.suggestion = complaint._bss_suggestion()

    def _bss_suggestion(self):
        """What an accepted complaint asks for; nothing is booked by itself."""
        if self.corrected or self.state not in ("accepted", "deemed", "partly") or not self.line_ids:
            return ""
        amount = self.granted_amount if self.state == "partly" else self.disputed_amount
        if not amount:
            return ""
        return self.env._(
            "Correct %(documents)s by %(amount)s.",
            documents=", ".join(self.line_ids.mapped("document")),
            amount=self.currency_id.format(amount),
        )

    # Buttons

    def action_confirm(self):
        """Confirm the receipt with a letter to the customer."""
        self.check_access("write")
        for complaint in self.sudo():
            if complaint.confirmed_on:
                raise UserError(self.env._("Complaint %(name)s was confirmed already.", name=complaint.name))
            complaint.confirmation_id = complaint._bss_letter(CONFIRMATION)
            complaint.confirmed_on = polish_day.today()
            complaint.activity_feedback(["bss_dunning.mail_activity_complaint_confirm"])
            complaint._bss_refresh(polish_day.today())

    def action_answer(self):
        """Send the decision; too late it changes nothing, the complaint is deemed accepted then."""
        self.check_access("write")
        for complaint in self.sudo():
            complaint._check_answer()
            today = polish_day.today()
            complaint._bss_refresh(today)
            if complaint.state not in ("new", "open"):
                states = dict(complaint._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "Complaint %(name)s cannot be answered any more: %(state)s.",
                        name=complaint.name,
                        state=states[complaint.state],
                    )
                )
            complaint.answer_sent_on = today
            complaint._bss_refresh(today)
            complaint.answer_id = complaint._bss_letter(ANSWER)
            complaint.activity_feedback(["bss_dunning.mail_activity_complaint_answer"])
            complaint._bss_suggest()

    def _check_answer(self):
        if self.answer_sent_on:
            raise UserError(self.env._("Complaint %(name)s was answered already.", name=self.name))
        if not self.decision:
            raise UserError(self.env._("Complaint %(name)s: choose the decision first.", name=self.name))
        if self.decision != "accepted" and not (self.decision_text or "").strip():
            raise UserError(self.env._("Complaint %(name)s: an answer that refuses gives its reasons.", name=self.name))
        if self.currency_id.compare_amounts(self.granted_amount, self.disputed_amount) > 0:
            raise UserError(self.env._("Complaint %(name)s: more was granted than is disputed.", name=self.name))
        if self.currency_id.compare_amounts(self.awarded_amount, self.requested_amount) > 0:
            raise UserError(self.env._("Complaint %(name)s: more was awarded than is requested.", name=self.name))
        if self.decision == "partly" and not (self.granted_amount or self.awarded_amount):
            raise UserError(self.env._("Complaint %(name)s: say what was granted.", name=self.name))

    def action_record_payment(self):
        """What was granted has been paid."""
        self._bss_record("paid_on")

    def action_copy_asked(self):
        """The customer asks for the answer once more."""
        self._bss_record("copy_asked_on")

    def action_copy_sent(self):
        self._bss_record("copy_sent_on")

    def _bss_record(self, name):
        self.check_access("write")
        today = polish_day.today()
        self.sudo().write({name: today})
        self.sudo()._bss_refresh(today)

    def action_corrected(self):
        """The documents were corrected: what is left of them is demanded again."""
        self.check_access("write")
        self.sudo().write({"corrected": True})
        self.sudo()._bss_refresh(polish_day.today())

    def action_correct_invoice(self):
        """Open the correction of the first disputed invoice; the person who corrects books it."""
        self.ensure_one()
        invoice = self.line_ids.move_line_id.move_id[:1]
        if not invoice:
            raise UserError(self.env._("Complaint %(name)s disputes no document.", name=self.name))
        return invoice.action_bss_correct()

    def action_view_case(self):
        self.ensure_one()
        case = self._bss_case().with_env(self.env)
        case.check_access("read")
        if not case:
            raise UserError(self.env._("%(account)s has no open case.", account=self.account_id.name))
        return {
            "type": "ir.actions.act_window",
            "res_model": case._name,
            "res_id": case.id,
            "view_mode": "form",
        }

    # Letters and activities

    def _bss_letter(self, template):
        number = self.env["ir.sequence"].with_company(self.company_id).next_by_code("bss.complaint.letter")
        return self.env["bss.document"]._bss_issue_letter(
            template, "complaint", number, self, self.account_id, {"complaint": self}
        )

    def _bss_schedule(self):
        """What the person in charge has to do, by the last days of the law."""
        for complaint in self:
            user = (complaint.user_id or self.env.user)._bss_or_admin()
            for kind, day in (("confirm", complaint.confirm_due), ("answer", complaint.answer_due)):
                if day and complaint.state in ("new", "open"):
                    complaint.activity_schedule(
                        f"bss_dunning.mail_activity_complaint_{kind}", date_deadline=day, user_id=user.id
                    )

    def _bss_suggest(self):
        """An accepted complaint asks the billing department for a correction; nothing is booked by itself."""
        if self.suggestion:
            user = (self.user_id or self.env.user)._bss_or_admin()
            self.activity_schedule(
                "bss_dunning.mail_activity_complaint_billing", summary=self.suggestion, user_id=user.id
            )
