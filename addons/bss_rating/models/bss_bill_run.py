"""Bill runs charge usage themselves: they rate what waits and make the charges of the time that they bill."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .. import charge_store, store
from .bss_rating_run import RATE_AT_ONCE_EVENTS
from .bss_rating_run_charge import CHARGE_AT_ONCE_EVENTS

# So few accounts are found by an index, in the midst of any number of events.
FEW_ACCOUNTS = 2_000


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"

    rating_run_id = fields.Many2one(
        "bss.rating.run", readonly=True, copy=False, help="It rated the usage that still waited."
    )
    usage_gathered_at = fields.Datetime(string="Usage Charged", readonly=True, copy=False)
    usage_charge_count = fields.Integer(string="Usage Charges", compute="_compute_usage")
    amount_usage = fields.Monetary(string="Usage Net", compute="_compute_usage")
    count_unrated = fields.Integer(
        string="Usage without a Price",
        readonly=True,
        copy=False,
        help="Events of the time that is billed, of the accounts of this run, that were not rated when charges were collected.",
    )
    unrated_accepted_by_id = fields.Many2one(
        "res.users", string="Billed without It by", readonly=True, copy=False, tracking=True
    )
    refuses_unrated = fields.Boolean(compute="_compute_refuses_unrated")

    @api.depends("item_ids.charge_count")
    def _compute_usage(self):
        rows = self.env["bss.charge"]._read_group(
            [("bill_run_id", "in", self.ids), ("kind", "=", "usage"), ("state", "!=", "cancelled")],
            ["bill_run_id"],
            ["__count", "amount:sum"],
        )
        found = {run.id: (count, amount) for run, count, amount in rows}
        for run in self:
            run.usage_charge_count, run.amount_usage = found.get(run._origin.id, (0, 0.0))

    @api.depends("count_unrated", "unrated_accepted_by_id", "stage", "company_id.bss_bill_unrated_usage")
    def _compute_refuses_unrated(self):
        for run in self:
            run.refuses_unrated = (
                run.company_id.bss_bill_unrated_usage == "refuse"
                and run.stage in ("collect", "preview")
                and bool(run.count_unrated)
                and not run.unrated_accepted_by_id
            )

    # -- collect ------------------------------------------------------------------------------------

    def _bss_gather(self):
        """Rate the usage that waits and make the charges of the time that the run bills."""
        super()._bss_gather()
        company = self.company_id
        if self.is_test or not company.bss_bill_gathers_usage:
            return
        # whoever may collect charges need not see rating
        run = self.sudo().with_company(company)
        run._bss_rate_waiting()
        services = run._bss_usage_services()
        for rating in run._bss_runs_to_charge():
            rating._bss_make_charges(
                until_day=run._bss_usage_until(),
                accounts=None if services is not None else run._bss_usage_accounts(),
                services=services,
                with_cancelled=True,
            )
        run.write({"usage_gathered_at": fields.Datetime.now(), "count_unrated": run._bss_count_unrated()})

    def _bss_gathers_long(self):
        if self.is_test or not self.company_id.bss_bill_gathers_usage:
            return super()._bss_gathers_long()
        run = self.sudo()
        to_charge = sum(run._bss_runs_to_charge().mapped("count_events"))
        return (
            super()._bss_gathers_long()
            or to_charge > CHARGE_AT_ONCE_EVENTS
            or store.count_unrated(self.env.cr, self.company_id.id, run._bss_usage_end()) > RATE_AT_ONCE_EVENTS
        )

    def _bss_gather_in_job(self):
        """The job waits while usage is rated, instead of failing."""
        run = self.sudo()
        if run.company_id.bss_bill_gathers_usage and not store.try_lock(self.env.cr, run.company_id.id):
            raise RetryableJobError(
                self.env._(
                    "Another rating run of %(company)s is at work; billing goes on when it is through.",
                    company=run.company_id.name,
                ),
                seconds=60,
                ignore_retry=True,
            )
        return super()._bss_gather_in_job()

    def _bss_usage_until(self):
        """First day of which usage is not billed: a cycle bills what ended before its period, other bills all to their day."""
        if self.kind == "cycle":
            return self.date_start
        return (max(self.date_end, polish_day.today()) if self.kind == "final" else self.date_end) + timedelta(days=1)

    def _bss_usage_end(self):
        return charge_store.utc_start(self._bss_usage_until())

    def _bss_usage_accounts(self):
        """SELECT of the accounts that the run bills; None for all of a company with one cycle."""
        others = self.env["bss.account"].search_count(
            [("company_id", "=", self.company_id.id), ("bill_cycle_id", "!=", self.cycle_id.id)], limit=1
        )
        if self.is_whole_cycle and not others:
            return None
        return SQL("SELECT id FROM (%s) billed", self._bss_select_for_usage())

    def _bss_select_for_usage(self):
        """Accounts of the run, those too that nothing but usage is to be billed of."""
        if self.account_ids or self.kind != "cycle":
            return SQL("SELECT unnest(%s::int4[]) AS id", self.account_ids.ids)
        if self.is_whole_cycle:
            return SQL("SELECT id FROM bss_account WHERE bill_cycle_id = %s", self.cycle_id.id)
        return self._bss_select_accounts()

    def _bss_usage_services(self):
        """Ids of the services where the run bills few accounts, else None."""
        accounts = self._bss_usage_accounts()
        if accounts is None:
            return None
        rows = self.env.execute_query(SQL("%s LIMIT %s", accounts, FEW_ACCOUNTS + 1))
        if len(rows) > FEW_ACCOUNTS:
            return None
        domain = [("account_id", "in", [account_id for (account_id,) in rows])]
        return self.env["bss.service"].with_context(active_test=False).search(domain).ids

    def _bss_rate_waiting(self):
        """Rate what waits of the time that is billed, in a rating run of this bill run; what was suspended is tried again."""
        cr, end = self.env.cr, self._bss_usage_end()
        services = self._bss_usage_services()
        self.env["bss.rating.run"]._bss_take_up_suspended(self.company_id, end, services)
        event_ids = None if services is None else store.events_of(cr, services, end)
        if not store.count_guided(cr, self.company_id.id, end, event_ids):
            return
        if not self.rating_run_id:
            last = self._bss_usage_until() - timedelta(days=1)
            self.rating_run_id = self.env["bss.rating.run"].create(
                {
                    "company_id": self.company_id.id,
                    "date_start": last.replace(day=1),
                    "date_end": last,
                    "by_month": True,
                    "note": self.env._("Usage that waited for bill run %(name)s", name=self.name),
                }
            )
        self.rating_run_id._bss_rate(event_ids=event_ids)

    def _bss_runs_to_charge(self):
        """Rating runs that have, or may have, usage without a charge."""
        return self.env["bss.rating.run"].search(
            [
                ("company_id", "=", self.company_id.id),
                "|",
                "|",
                ("state", "=", "running"),
                ("count_uncharged", ">", 0),
                *self.env["bss.rating.run"]._bss_domain_uncounted(),
            ],
            order="id",
        )

    def _bss_count_unrated(self):
        return store.count_unrated(
            self.env.cr,
            self.company_id.id,
            self._bss_usage_end(),
            self._bss_usage_accounts(),
        )

    # -- test runs ----------------------------------------------------------------------------------

    def _bss_collect_accounts(self, account_ids):
        """A test run, too, says what usage comes to; of its charges nothing stays."""
        if self.is_test and self.company_id.bss_bill_gathers_usage:
            run = self.sudo().with_company(self.company_id)
            services = self.env["bss.service"].sudo().with_context(active_test=False)
            services = services.search([("account_id", "in", list(account_ids))]).ids
            for rating in run._bss_runs_to_charge():
                # batches of a test work side by side, each on accounts of its own
                rating.with_context(bss_no_rating_lock=True)._bss_make_charges(
                    until_day=run._bss_usage_until(), services=services, with_cancelled=True
                )
        return super()._bss_collect_accounts(account_ids)

    # -- issue --------------------------------------------------------------------------------------

    def _bss_issue(self, progress=None):
        if not self.is_test and self.stage == "preview" and self.count_unrated:
            self.sudo().count_unrated = self.sudo()._bss_count_unrated()
            if self.refuses_unrated:
                raise UserError(
                    self.env._(
                        "Usage without a price: %(count)s events. Rate it and collect again, or bill without it.",
                        count=self.count_unrated,
                    )
                )
        return super()._bss_issue(progress=progress)

    def action_bill_without_unrated(self):
        """Somebody takes it on himself that usage without a price is left for later bills."""
        if not self.env.user.has_group("bss_catalog.group_bss_billing_manager"):
            raise AccessError(self.env._("Billing without some usage is up to the billing manager."))
        for run in self:
            run.sudo().unrated_accepted_by_id = self.env.user
            run.message_post(
                body=self.env._(
                    "Billed without the usage that has no price: %(count)s events.", count=run.count_unrated
                )
            )

    def _bss_usage_domain(self):
        """Domain of the usage of the accounts that the run bills, as a client can keep it."""
        if self._bss_usage_accounts() is None:
            return []
        services = self._bss_usage_services()
        if services is None:
            return [("account_id.bill_cycle_id", "=", self.cycle_id.id)]
        return [("service_id", "in", services)]

    def action_view_unrated(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_event")
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            ("state", "in", ("guided", "suspended")),
            ("started_at", "<", self._bss_usage_end()),
            *self._bss_usage_domain(),
        ]
        action["context"] = {"search_default_group_reason": 1}
        return action

    def action_view_usage_charges(self):
        self.ensure_one()
        action = self.action_view_charges()
        action["domain"] = [("bill_run_id", "=", self.id), ("kind", "=", "usage")]
        return action
