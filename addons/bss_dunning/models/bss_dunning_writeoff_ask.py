"""Whoever may approve a write-off is told by an activity, which ends when somebody has decided."""

from odoo import models
from odoo.addons.bss_catalog import polish_day

APPROVE = "bss_dunning.mail_activity_writeoff_approve"
APPROVERS = (
    "bss_catalog.group_bss_billing_manager",
    "bss_catalog.group_bss_admin",
    "account.group_account_manager",
)


class BssDunningWriteoffAsk(models.Model):
    _inherit = "bss.dunning.writeoff"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        before = {writeoff: writeoff.state for writeoff in self} if "state" in vals else {}
        result = super().write(vals)
        for writeoff, state in before.items():
            if writeoff.state != state:
                writeoff._bss_tell_approvers()
        return result

    def _bss_tell_approvers(self):
        """Activities follow the state: one for each person who may decide, none once it is decided."""
        own = self.sudo()
        if own.state != "to_approve":
            own._bss_end_asking()
            return
        if own.activity_search([APPROVE]):
            return
        for user in own._bss_approvers() or own._bss_nobody_approves():
            own.activity_schedule(
                APPROVE,
                date_deadline=polish_day.today(),
                user_id=user.id,
                summary=own.env._(
                    "Write-off of %(amount)s on account %(account)s",
                    amount=own.currency_id.format(own.amount_total),
                    account=own.account_id.name,
                ),
                note=own.note or "",
            )

    def _bss_approvers(self):
        """Users of the company who may decide this amount and see the document."""
        users = self.env["res.users"].sudo()
        for xmlid in APPROVERS:
            users |= self.env.ref(xmlid).all_user_ids
        return users.filtered(
            lambda user: (
                user.active
                and not user.share
                and not user._is_superuser()
                and self.company_id in user.company_ids
                and self._bss_may_approve(user)
                and self.with_user(user).with_context(allowed_company_ids=self.company_id.ids).has_access("write")
            )
        )

    def _bss_nobody_approves(self):
        """Nobody's limit covers it: whoever asked is told, and the administrator can raise a limit."""
        self._message_log(body=self.env._("Nobody of the company may approve this amount."))
        return self.requester_id._bss_or_admin()

    def _bss_end_asking(self):
        """The decider's own activity is done, those of the others are not needed any more."""
        asked = self.activity_search([APPROVE])
        mine = asked.filtered(lambda activity: activity.user_id.id == self.env.uid)
        (asked - mine).unlink()
        if mine:
            states = dict(self._fields["state"]._description_selection(self.env))
            mine.action_feedback(feedback=states[self.state])
