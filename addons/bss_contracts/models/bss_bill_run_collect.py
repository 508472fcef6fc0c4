"""First stage of a bill run: what every account of the cycle owes."""

from collections import defaultdict
from datetime import date, timedelta

from odoo import fields, models
from odoo.addons.queue_job.delay import group

from .. import adapters, store
from ..billing_core import Period, charge_all
from .bss_bill_run import CHANNEL
from .bss_bill_run_claim import CLOSED

COLLECT_BATCH = 2000


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_collect(self, progress=None):
        """Make the charges of the cycle and claim everything due; repeating adds what is new.

        First whatever becomes charges by the mass (see ``_bss_gather``), in a job of its own where it takes long. Then jobs of 2000 accounts, each one transaction, and a last one that opens the preview. With
        ``queue_job__no_delay`` in the context the batches run here, one after another.

        :param progress: callable(done accounts, all accounts), called after each batch that runs here.
        """
        self.ensure_one()
        self._bss_refuse_cancelled()
        self.write(
            {
                "state": "running",
                "stage": "collect",
                "is_paused": False,
                "started_at": self.started_at or fields.Datetime.now(),
            }
        )
        if self._bss_gathers_long() and not self.env.context.get("queue_job__no_delay"):
            return self._bss_queue_gathering()
        self._bss_gather()
        self._bss_make_items()
        return self._bss_collect_in_batches(self._bss_open_account_ids(), progress)

    def _bss_go_on_collecting(self):
        """Collect what a pause has left; accounts that are through stay as they are."""
        self.ensure_one()
        if self._bss_gathers_long():
            return self._bss_queue_gathering()
        self._bss_gather()
        self._bss_make_items()
        return self._bss_collect_in_batches(self._bss_uncollected_account_ids())

    # -- what becomes charges by the mass -----------------------------------------------------------

    def _bss_gather(self):
        """Make charges of what higher addons keep by the mass, as of usage. Repeating adds what is new."""

    def _bss_gathers_long(self):
        """Whether ``_bss_gather`` would keep the user waiting."""
        return False

    def _bss_queue_gathering(self):
        self.delayable(
            channel=CHANNEL,
            identity_key=self._bss_job_key("gather", []),
            description=self.env._("%(run)s: charges of usage", run=self.name),
        )._bss_gather_in_job().delay()
        return True

    def _bss_gather_in_job(self):
        """Job: gather, then go on with the accounts; nothing when the run was given up, paused or goes on already."""
        self.ensure_one()
        if self.state == "running" and self.stage == "collect" and not self.is_paused:
            self._bss_gather()
            self._bss_make_items()
            self._bss_collect_in_batches(self._bss_uncollected_account_ids())

    def _bss_collect_in_batches(self, accounts, progress=None):
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
        if self.state == "running" and self.stage == "collect" and not self.is_paused:
            self._bss_collect_accounts(account_ids)

    def _bss_collect_done(self):
        """Job: everything is collected, the run can be looked at.

        Batches that came to nothing while the run was paused are collected first: this job may be the one of before
        the pause.
        """
        self.ensure_one()
        if self.state != "running" or self.stage != "collect" or self.is_paused:
            return
        left = self._bss_uncollected_account_ids()
        if left:
            self._bss_collect_in_batches(left)
        else:
            self.stage = "preview"

    def _bss_uncollected_account_ids(self):
        """Accounts with an open item that this collection has not looked at."""
        items = self.env["bss.bill.run.item"].search(
            [
                ("run_id", "=", self.id),
                ("state", "not in", CLOSED),
                "|",
                ("previewed_at", "=", False),
                ("previewed_at", "<", self.collect_started_at or self.started_at),
            ]
        )
        return self._bss_open_account_ids(items.ids) if items else []

    def _bss_open_account_ids(self, item_ids=None):
        """Accounts of the items that are neither issued nor given up, in order of the item, each once."""
        domain = [("run_id", "=", self.id), ("state", "not in", CLOSED)]
        if item_ids is not None:
            domain.append(("id", "in", item_ids))
        items = self.env["bss.bill.run.item"].search_fetch(domain, ["account_id"], order="id")
        return list(dict.fromkeys(item.account_id.id for item in items))

    def _bss_collect_accounts(self, account_ids):
        """Charges of these accounts: make the recurring ones, claim all that are due, refresh the items."""
        problems = self._bss_make_recurring(account_ids)
        self._bss_claim_charges(account_ids)
        self._bss_refresh_items(account_ids, problems)
        self._bss_carry_over(account_ids)
        self._bss_tell_other_runs(account_ids)

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
        collected = charge_all(batch.timelines, self._bss_bill_window(), batch.charged_through())
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

    def _bss_bill_window(self):
        """Period that the charge calculus bills: what begins in it in advance, what ended before it in arrears."""
        if self.kind == "immediate":
            return Period(self.date_end, self.date_end)
        if self.kind == "final":
            after = self.date_end + timedelta(days=1)
            return Period(after, after)
        return Period(self.date_start, self.date_end)

    def _bss_claim_until(self):
        """Last day of the charges to bill; a final bill takes those of later days too."""
        return date.max if self.kind == "final" else self.date_end
