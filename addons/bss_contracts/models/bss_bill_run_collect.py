"""First stage of a bill run: what every account of the cycle owes."""

from collections import defaultdict

from odoo import fields, models
from odoo.addons.queue_job.delay import group
from odoo.tools import SQL

from .. import adapters, store
from ..billing_core import Period, charge_all
from .bss_bill_run import CHANNEL

COLLECT_BATCH = 2000


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_collect(self, progress=None):
        """Make the recurring charges of the cycle and claim everything due; repeating adds what is new.

        Jobs of 2000 accounts, each one transaction, and a last one that opens the preview. With
        ``queue_job__no_delay`` in the context the batches run here, one after another.

        :param progress: callable(done accounts, all accounts), called after each batch that runs here.
        """
        self.ensure_one()
        self._bss_refuse_cancelled()
        self.write({"state": "running", "stage": "collect", "started_at": self.started_at or fields.Datetime.now()})
        self._bss_make_items()
        accounts = self._bss_open_account_ids()
        batches = [accounts[start : start + COLLECT_BATCH] for start in range(0, len(accounts), COLLECT_BATCH)]
        if batches and not self.env.context.get("queue_job__no_delay"):
            self._bss_queue_collect(batches, len(accounts))
            return True
        done = 0
        for batch in batches:
            self._bss_collect_batch(batch)
            done += len(batch)
            if progress:
                progress(done, len(accounts))
        self._bss_collect_done()
        return True

    def _bss_queue_collect(self, batches, total):
        jobs = [
            self.delayable(
                channel=CHANNEL,
                identity_key=self._bss_job_key("collect", batch),
                description=self.env._(
                    "%(run)s: charges of accounts %(first)s-%(last)s of %(all)s",
                    run=self.name,
                    first=index * COLLECT_BATCH + 1,
                    last=index * COLLECT_BATCH + len(batch),
                    all=total,
                ),
            )._bss_collect_batch(batch)
            for index, batch in enumerate(batches)
        ]
        preview = self.delayable(
            channel=CHANNEL,
            identity_key=self._bss_job_key("preview", []),
            description=self.env._("%(run)s: preview", run=self.name),
        )._bss_collect_done()
        group(*jobs).on_done(preview).delay()

    def _bss_collect_batch(self, account_ids):
        """Job: charges of these accounts, in one transaction; nothing when the run was given up or goes on already."""
        self.ensure_one()
        if self.state == "running" and self.stage == "collect":
            self._bss_collect_accounts(account_ids)

    def _bss_collect_done(self):
        """Job: everything is collected, the run can be looked at."""
        self.ensure_one()
        if self.state == "running" and self.stage == "collect":
            self.stage = "preview"

    def _bss_open_account_ids(self, item_ids=None):
        """Accounts of the items that are not issued, in order of the item."""
        domain = [("run_id", "=", self.id), ("state", "!=", "issued")]
        if item_ids is not None:
            domain.append(("id", "in", item_ids))
        items = self.env["bss.bill.run.item"].search_fetch(domain, ["account_id"], order="id")
        return [item.account_id.id for item in items]

    def _bss_make_items(self):
        """One item for each account of the cycle; accounts already in the run stay."""
        self.env["bss.account"].flush_model()
        self.env["bss.bill.run.item"].flush_model()
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO bss_bill_run_item
                       (run_id, account_id, company_id, state, create_uid, write_uid, create_date, write_date,
                        charge_count, amount_charges, amount_untaxed, amount_tax, amount_total)
                SELECT %(run)s, account.id, account.company_id, 'pending', %(uid)s, %(uid)s,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', 0, 0, 0, 0, 0
                  FROM bss_account account
                 WHERE account.bill_cycle_id = %(cycle)s
                   AND account.company_id = %(company)s
                   AND account.active
                   AND (account.state = 'active'
                        OR EXISTS (SELECT 1 FROM bss_charge charge
                                    WHERE charge.account_id = account.id AND charge.state = 'pending'))
              ORDER BY account.name
           ON CONFLICT (run_id, account_id) DO NOTHING
                """,
                run=self.id,
                cycle=self.cycle_id.id,
                company=self.company_id.id,
                uid=self.env.uid,
            )
        )
        self.env["bss.bill.run.item"].invalidate_model()
        self.invalidate_recordset(["item_ids"])

    def _bss_collect_accounts(self, account_ids):
        """Charges of these accounts: make the recurring ones, claim all that are due, refresh the items."""
        problems = self._bss_make_recurring(account_ids)
        self._bss_claim_charges(account_ids)
        self._bss_refresh_items(account_ids, problems)

    def _bss_make_recurring(self, account_ids):
        """Settle what changed, insert the recurring charges; return {account id: [problem text]}.

        The services are locked: whoever charges or changes one of them at the same time waits or starts again.
        """
        self.env.flush_all()
        services = self.env["bss.service"]
        open_ids, due_ids = store.lock_services(self.env.cr, account_ids, self.date_end)
        _corrections, problems = services.browse(due_ids)._bss_settle()
        batch = adapters.fetch_batch(self.env, open_ids)
        problems |= batch.unpriced
        bill = Period(self.date_start, self.date_end)
        collected = charge_all(batch.timelines, bill, batch.charged_through())
        problems |= {one.service_id: services._bss_problem_text(one) for one in collected.problems}
        self.env["bss.charge"]._bss_insert_recurring(batch, collected.charges, self.company_id, self)
        days = collected.charged_through()
        if days:
            store.set_charged_through(self.env.cr, days)
            services.invalidate_model(["charged_through"])
        by_account = defaultdict(list)
        for service in services.browse(problems):
            by_account[service.account_id.id].append(problems[service.id])
        return by_account

    def _bss_claim_charges(self, account_ids):
        """Pending charges that begin in or before the period belong to this run.

        Charges left over by a run that is over move on to this one.
        """
        self.env["bss.charge"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_charge charge SET bill_run_id = %(run)s
                 WHERE charge.account_id IN %(accounts)s
                   AND charge.state = 'pending'
                   AND COALESCE(charge.date_start, charge.date_end, %(end)s) <= %(end)s
                   AND charge.bill_run_id IS DISTINCT FROM %(run)s
                   AND NOT EXISTS (
                       SELECT 1 FROM bss_bill_run other
                         JOIN bss_bill_run_item item ON item.run_id = other.id
                        WHERE other.id = charge.bill_run_id
                          AND other.state = 'running'
                          AND item.account_id = charge.account_id
                          AND item.state = 'pending')
                """,
                run=self.id,
                accounts=tuple(account_ids),
                end=self.date_end,
            )
        )
        self.env["bss.charge"].invalidate_model(["bill_run_id"])

    def _bss_refresh_items(self, account_ids, problems):
        """Counts, sums and states of the items after collecting."""
        items = self.env["bss.bill.run.item"]
        items.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_bill_run_item item
                   SET charge_count = found.charges,
                       amount_charges = found.amount,
                       error = NULL,
                       state = CASE WHEN found.charges = 0 THEN 'empty' ELSE 'pending' END
                  FROM (SELECT account.id, COUNT(charge.id) AS charges, COALESCE(SUM(charge.amount), 0) AS amount
                          FROM bss_account account
                     LEFT JOIN bss_charge charge
                            ON charge.account_id = account.id
                           AND charge.bill_run_id = %(run)s
                           AND charge.state = 'pending'
                         WHERE account.id IN %(accounts)s
                      GROUP BY account.id) found
                 WHERE item.run_id = %(run)s
                   AND item.account_id = found.id
                   AND item.state != 'issued'
                """,
                run=self.id,
                accounts=tuple(account_ids),
            )
        )
        items.invalidate_model()
        self.invalidate_recordset()
        if not problems:
            return
        failed = items.search(
            [("run_id", "=", self.id), ("account_id", "in", list(problems)), ("state", "!=", "issued")]
        )
        for item in failed:
            item.write({"state": "error", "error": "\n".join(problems[item.account_id.id])})
