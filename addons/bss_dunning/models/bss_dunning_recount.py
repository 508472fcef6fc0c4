"""Histories follow payments within minutes: accounts that changed are marked, and only these are counted again."""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .bss_dunning_kpi_part import BUSY_SECONDS
from .bss_dunning_run import CHANNEL

BATCH = 2_000  # accounts counted in one transaction of a job
AT_ONCE = 5_000  # accounts counted while somebody waits; the rest is left to a job


class BssDunningRecount(models.Model):
    """One row per account and transaction that changed its payments or steps.

    Rows are only added and taken away, never changed: two payments of one account do not wait for each other. Who
    counts takes the rows away in the same transaction, so an account is counted for all that was booked before, and
    what is booked meanwhile leaves a row for the next time.
    """

    _name = "bss.dunning.recount"
    _description = "Account to Count Again"
    _log_access = False
    _order = "id"
    _rec_name = "account_id"

    account_id = fields.Many2one(
        "bss.account", string="Billing Account", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)

    _company_account_idx = models.Index("(company_id, account_id)")
    _account_idx = models.Index("(account_id)")

    # Marking

    @api.model
    def _bss_mark(self, account_ids):
        """Payments or steps of these accounts changed in this transaction."""
        self.env["bss.account"].flush_model(["company_id"])
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO bss_dunning_recount (account_id, company_id)
                SELECT id, company_id FROM bss_account WHERE id = ANY(%s)
                """,
                list(account_ids),
            )
        )
        self.invalidate_model()

    @api.model
    def _bss_waiting(self, company):
        """Number of accounts of a company that changed since they were counted."""
        query = SQL("SELECT COUNT(DISTINCT account_id) FROM bss_dunning_recount WHERE company_id = %s", company.id)
        return self.env.execute_query(query)[0][0]

    # Counting

    @api.model
    def _bss_count(self, company, limit):
        """Count so many of the changed accounts; when none is left the figures are those of this moment.

        :return: number of accounts that are left, None when somebody else counts just now
        """
        self = self.sudo()
        if not self.env["bss.dunning.pattern"]._bss_may_count(company, alone=True):
            return None
        account_ids = self._bss_take(company, limit)
        if account_ids:
            self.env["bss.dunning.effect.report"]._bss_refresh_accounts(company, account_ids)
            self.env["bss.dunning.pattern"]._bss_refresh_accounts(company, polish_day.today(), account_ids)
            self.env["bss.dunning.pattern"].invalidate_model()
        left = self._bss_waiting(company)
        if not left:
            company.sudo()._bss_measured_until(self.env.cr.now())
        return left

    @api.model
    def _bss_take(self, company, limit):
        """Ids of accounts that changed; their rows are gone when this transaction ends."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM bss_dunning_recount
                 WHERE company_id = %(company)s AND account_id IN (
                       SELECT DISTINCT account_id FROM bss_dunning_recount
                        WHERE company_id = %(company)s ORDER BY account_id LIMIT %(limit)s)
                RETURNING account_id
                """,
                company=company.id,
                limit=limit,
            )
        )
        self.invalidate_model()
        return sorted({account_id for (account_id,) in rows})

    # Jobs

    @api.model
    def _cron_count(self):
        """A few times an hour, every company whose histories were counted once since changes are marked."""
        for company in self.env["res.company"].sudo().search([("bss_dunning_measured_at", "!=", False)]):
            if self._bss_waiting(company):
                self._bss_count_later(company)
            elif self.env["bss.dunning.pattern"]._bss_may_count(company, alone=True):
                # who counts just now moves the moment on himself: two who write it would stop each other
                company._bss_measured_until(self.env.cr.now())

    @api.model
    def _bss_count_later(self, company):
        self.sudo().with_delay(
            channel=CHANNEL,
            identity_key=f"bss_dunning_recount:{company.id}",
            description=self.env._("Effect of steps and payment patterns: changed accounts"),
        )._job_count(company)

    @api.model
    def _job_count(self, company):
        """One batch, and a job for the next; while somebody else counts the marks stay and the job waits."""
        left = self._bss_count(company, BATCH)
        if left is None:
            raise RetryableJobError("Somebody else counts just now", BUSY_SECONDS, ignore_retry=True)
        if left:
            self._bss_count_later(company)

    # Screens

    @api.model
    def get_as_of(self):
        """Until when payments are counted, in words for the screens of the companies that the user works in."""
        self.check_access("read")
        companies = self.env.companies.sudo()
        counted = companies.filtered("bss_dunning_measured_on")
        if not counted:
            return self.env._("Not counted yet")
        oldest = min(counted, key=lambda company: company._bss_measured_order())
        waiting = sum(self._bss_waiting(company) for company in counted)
        if waiting:
            return self.env._(
                "As of %(time)s; accounts changed since: %(count)s", time=oldest._bss_measured_words(), count=waiting
            )
        return self.env._("As of %(time)s", time=oldest._bss_measured_words())

    @api.model
    def count_now(self):
        """Count what changed, while the user waits; more than a moment's work is left to jobs.

        :return: dict of the message and its kind (as of notifications)
        """
        if not self.env.user.has_group("bss_catalog.group_bss_collector"):
            raise AccessError(self.env._("Key figures are taken by collectors."))
        later = self.env["res.company"]
        for company in self.env.companies:
            if not company.sudo().bss_dunning_measured_at:
                self.env["bss.dunning.kpi"]._bss_refresh_later(company, polish_day.today())
                later |= company
                continue
            left = self._bss_count(company, AT_ONCE)
            if left is None or left:
                self._bss_count_later(company)
                later |= company
        if later:
            return {"message": self.env._("The rest is counted in the background: look again soon."), "type": "warning"}
        return {"message": self.get_as_of(), "type": "success"}

    @api.model
    def _bss_count_now_action(self):
        """``count_now`` for buttons of lists."""
        told = self.count_now()
        following = {"type": "ir.actions.client", "tag": "soft_reload"}
        return {"type": "ir.actions.client", "tag": "display_notification", "params": {**told, "next": following}}
