"""Up to what amount somebody decides: what was given up of the same debt before counts, whoever decided it."""

from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class BssDunningWriteoffLimit(models.Model):
    _inherit = "bss.dunning.writeoff"  # pylint: disable=consider-merging-classes-inherited

    def _bss_limit(self, user):
        """Up to what amount a person decides; None: without limit."""
        if user.has_group("bss_catalog.group_bss_admin") or user.has_group("account.group_account_manager"):
            return None
        company = self.company_id or self.env.company
        if user.has_group("bss_catalog.group_bss_billing_manager"):
            return company.bss_writeoff_limit_manager
        if user.has_group("bss_catalog.group_bss_collector"):
            return company.bss_writeoff_limit_collector
        return 0.0

    def _bss_ceiling(self, user, alone=False):
        """The limit of a person; of one who decides ``alone`` that of managers at most, where the company wants two."""
        limit = self._bss_limit(user)
        company = self.company_id or self.env.company
        if limit is None and alone and company.bss_writeoff_two_people:
            return company.bss_writeoff_limit_manager
        return limit

    def _bss_within_limit(self, user, alone=False):
        """Whether a person may decide the amount, or decide it ``alone``, without a second pair of eyes."""
        limit = self._bss_ceiling(user, alone)
        return limit is None or self._bss_fits(self.amount_total + self._bss_decided_before(limit), limit)

    def _bss_fits(self, amount, limit):
        company = self.company_id or self.env.company
        return company.currency_id.compare_amounts(amount, limit) <= 0

    def _bss_decided_before(self, limit):
        """What people with no higher limit have given up of the debt of this account, whoever of them it was.

        A debt cut into small write-offs, by one person or by several, stays under the limit together: those of the same
        case, and those of the account decided within the days of the company. What somebody with a higher limit decided
        leaves the limits below alone.
        """
        company = self.company_id or self.env.company
        counted = Domain("approved_at", ">=", fields.Datetime.now() - timedelta(days=company.bss_writeoff_limit_days))
        if case := self.sudo().case_id:
            counted |= Domain("case_id", "=", case.id)
        done = Domain("account_id", "=", self.account_id.id) & Domain("state", "=", "done")
        others = self.sudo().search(done & counted & Domain("id", "not in", self._origin.ids))
        return sum(
            sum(writeoffs.mapped("amount_total"))
            for (user, alone), writeoffs in others.grouped(
                lambda one: (one.approver_id, one.approver_id == one.requester_id)
            ).items()
            if (own := self._bss_ceiling(user, alone)) is not None and own <= limit
        )

    def _bss_may_approve(self, user):
        """Somebody else than who asked, whose own limit covers the amount."""
        return user != self.requester_id and self._bss_within_limit(user)

    def _bss_may_undo(self, user):
        """Taking back gives nothing up: only the amount itself is measured."""
        limit = self._bss_limit(user)
        return limit is None or self._bss_fits(self.amount_total, limit)

    def _bss_one_at_a_time(self):
        """Two people who decide about the same account at once do not see each other's write-off.

        Writing on the row of the account is the lock: who comes second begins again, and counts the first.
        """
        accounts = self.sudo().account_id
        accounts.flush_recordset()
        self.env.cr.execute(
            SQL("UPDATE bss_account SET write_date = write_date WHERE id = ANY(%s)", sorted(accounts.ids))
        )
