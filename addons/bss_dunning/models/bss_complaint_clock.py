"""Clocks of complaints: the law kernel says where each stands, deadlines and the protection of its debt follow."""

from odoo import api, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

from .. import adapters, adapters_agreement, adapters_law
from ..dunning_core.law.complaint import Status, clocks

#: complaints that are followed together, in one transaction of the night
BATCH = 200
STATES = {
    Status.ACCEPTED: "accepted",
    Status.PARTLY: "partly",
    Status.REJECTED: "rejected",
    Status.DEEMED_ACCEPTED: "deemed",
    Status.NOT_CONSIDERED: "not_considered",
}


class BssComplaintClock(models.Model):
    _inherit = "bss.complaint"  # pylint: disable=consider-merging-classes-inherited

    def _bss_clocks(self, as_of):
        """{complaint: kernel clocks} at the end of a day; those whose terms the books of law lack are left out."""
        calendar = adapters.free_days(self.env)
        terms = {day: adapters_law.complaint_terms(self.env, day) for day in set(self.mapped("received_on"))}
        return {
            complaint: clocks(adapters_agreement.complaint_data(complaint), as_of, calendar, known)
            for complaint in self
            if (known := terms[complaint.received_on])
        }

    def _bss_refresh(self, as_of):
        """What somebody works on now: a complaint without recorded terms is refused, nothing of its change stays."""
        unknown = self - self.browse(complaint.id for complaint in self._bss_clocks(as_of))
        if unknown:
            raise UserError(unknown[0]._bss_no_terms_text())
        return self._bss_follow(as_of)

    def _bss_follow(self, as_of):
        """Write where the complaints stand on a day; withhold what must not be demanded; harmless when repeated."""
        found = self._bss_clocks(as_of)
        self.sudo().hold_id.line_ids.fetch(["move_line_id", "amount"])  # read for all what each of them compares
        for complaint in self:
            clock = found.get(complaint)
            if clock:
                complaint._bss_follow_clock(clock)
            else:
                complaint._bss_stop_clock()
        self.filtered(found.get)._bss_tell_going()
        self._bss_protect_cases()

    def _bss_follow_clock(self, clock):
        values = self._bss_clock_values(clock)
        changed = {name: value for name, value in values.items() if self[name] != value}
        if changed:
            self.sudo().write(changed)
        self._bss_withhold(clock.withheld)
        if changed.get("state") == "deemed":
            self._bss_tell_deemed()

    def _bss_clock_values(self, clock):
        state = STATES.get(clock.status, "open" if self.confirmed_on or not clock.confirm_by else "new")
        alarms = [alarm.params["day"] for alarm in clock.alarms]
        corrected = self.corrected or not clock.withheld or all(line.amount_residual <= 0 for line in self.line_ids)
        return {
            "state": state,
            "lodge_due": clock.lodge_by,
            "confirm_due": clock.confirm_by or False,
            "answer_due": clock.answer_by,
            "pay_due": clock.pay_by or False,
            "to_pay": float(clock.to_pay),
            "resend_due": clock.resend_by or False,
            "exhausted_on": clock.exhausted or False,
            "next_deadline": min(alarms, default=False),
            "protects": clock.protects and self.disputed_amount > 0,
            "is_running": clock.status is Status.OPEN or bool(alarms) or not corrected,
        }

    # The disputed amount

    def _bss_withhold(self, amount):
        """One dispute hold with what the law withholds now; a case that is not there yet gets it when it opens."""
        complaint = self.sudo()
        wanted = complaint._bss_withheld_lines(adapters.to_money(0) if complaint.corrected else amount)
        hold = complaint.hold_id.filtered(lambda hold: hold.state == "active")
        held = {line.move_line_id: adapters.to_money(line.amount) for line in hold.line_ids}
        if held == wanted:
            return
        hold._bss_end("released")
        case = complaint._bss_case()
        if wanted and case:
            words = self.env._("Complaint %(name)s", name=complaint.name)
            complaint.hold_id = case._bss_hold(False, words, "dispute", wanted)

    def _bss_withheld_lines(self, amount):
        """{receivable: amount} of the disputed documents up to an amount and to what is left of them."""
        lines = {}
        for line in self.line_ids:
            left = adapters.to_money(line.amount_residual)
            part = min(adapters.to_money(line.amount), left, amount)
            if part > 0:
                lines[line.move_line_id] = part
                amount -= part
        return lines

    def _bss_case(self):
        return (
            self.env["bss.dunning.case"]
            .sudo()
            .search([("account_id", "=", self.account_id.id), ("state", "!=", "closed")], limit=1)
        )

    def _bss_protect_cases(self):
        """Tell the open cases of the accounts whether a complaint stands in the way of a suspension."""
        cases = (
            self.env["bss.dunning.case"]
            .sudo()
            .search([("account_id", "in", self.account_id.ids), ("state", "!=", "closed")])
        )
        about_money = self.sudo().search([("account_id", "in", cases.account_id.ids), ("disputed_amount", ">", 0)])
        by_account = about_money.grouped("account_id")
        for case in cases:
            complaints = by_account.get(case.account_id, about_money.browse())
            values = {
                "complaint_open": any(complaints.mapped("protects")),
                "complaint_exhausted_on": max(filter(None, complaints.mapped("exhausted_on")), default=False),
            }
            if complaints and any(case[name] != value for name, value in values.items()):
                case.write(values)

    # Nights

    @api.model
    def _cron_clocks(self):
        """Every night: what was not answered in time is deemed accepted; each batch is kept at once."""
        today = polish_day.today()
        running = self._bss_running(today)
        for start in range(0, len(running), BATCH):
            batch = running[start : start + BATCH].exists()
            batch._bss_follow_apart(today)
            self.env["ir.cron"]._commit_progress(len(batch), remaining=max(len(running) - start - BATCH, 0))

    @api.model
    def _bss_running(self, as_of):
        return self.sudo().search([("is_running", "=", True), ("received_on", "<=", as_of)], order="id")

    @api.model
    def _bss_nightly(self, as_of):
        """All of them in place, for scripts and tests.

        :return: the complaints that were looked at
        """
        running = self._bss_running(as_of)
        running._bss_follow_apart(as_of)
        return running

    def _bss_tell_deemed(self):
        """Somebody has to correct and pay what nobody answered."""
        user = (self.user_id or self.env.user)._bss_or_admin()
        self.sudo().activity_schedule(
            "mail.mail_activity_data_warning",
            date_deadline=self.pay_due or self.answer_due,
            summary=self.env._("Deemed accepted: correct and pay"),
            note=self.suggestion or "",
            user_id=user.id,
        )

    # Limitation

    def _bss_limitation_pauses(self, as_of):
        """{receivable id: [kernel event]}: the term of a disputed claim stands still (art. 381)."""
        pauses = {}
        for complaint, clock in self._bss_clocks(as_of).items():
            event = adapters_agreement.complaint_pause(complaint, clock)
            for line in complaint.line_ids if event else ():
                pauses.setdefault(line.move_line_id.id, []).append(event)
        return pauses
