"""A run that only tells what it would issue.

Each batch is collected inside a savepoint that is rolled back, and its invoices are worked out without being written; its
figures are kept as text beside the run. So neither charges nor numbers nor invoices are left, and a batch holds its
locks for a short time only.
"""

import base64
import json
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.queue_job.delay import group
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..document_core.figures_xlsx import write_figures
from .bss_bill_run import CHANNEL
from .bss_bill_run_test_figures import FIGURES

TRIAL_BATCH = 2000
PART = "bss.bill.run.trial"
COUNTS = {
    "issued": "issued_count",
    "held": "held_count",
    "carried": "carried_count",
    "empty": "empty_count",
    "error": "error_count",
}
TOTALS = ("item_count", "progress", *COUNTS.values(), *FIGURES)


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    is_test = fields.Boolean(
        string="Test Run",
        copy=False,
        readonly=True,
        index=True,
        help="The run collects and works out the invoices to see the figures: no charge, no invoice and no number is "
        "left, only a report.",
    )
    trial_report = fields.Json(
        string="What It Would Issue", readonly=True, copy=False, help="Figures by the state of the items."
    )
    trial_account_count = fields.Integer(readonly=True, copy=False, string="Accounts to Test")
    trial_html = fields.Html(string="Figures", compute="_compute_trial_html", sanitize=False)
    trial_file = fields.Binary(string="Report of the Test", readonly=True, copy=False, attachment=True)
    trial_file_name = fields.Char(compute="_compute_trial_file_name", string="File Name")

    def _compute_trial_file_name(self):
        for run in self:
            run.trial_file_name = f"{run.name.replace('/', '-')}.xlsx"

    @api.depends("trial_report")
    def _compute_trial_html(self):
        labels = self._bss_state_labels()
        for run in self:
            report = run.trial_report or {}
            rows = [(labels[state], report[state]) for state in labels if state in report]
            run.trial_html = rows and run._bss_render_trial(rows)

    def _bss_render_trial(self, rows):
        total = {name: sum(Decimal(one[name]) for _label, one in rows) for name in ("count", *FIGURES)}
        currency = self.currency_id
        return self.env["ir.qweb"]._render(
            "bss_contracts.bill_run_trial_figures",
            {
                "rows": [*rows, (self.env._("Together"), total)],
                "number": lambda value: int(Decimal(value)),
                "money": lambda value: formatLang(self.env, float(value), currency_obj=currency),
            },
        )

    @api.depends("is_test", "state", "trial_report")
    def _compute_totals(self):  # pylint: disable=missing-return
        """Of a test run the figures of its report, while it goes on those of the batches that are through."""
        super()._compute_totals()
        for run in self.filtered("is_test"):
            through, states = run._bss_trial_so_far()
            total = {name: sum(Decimal(one[name]) for one in states.values()) for name in ("count", *FIGURES)}
            run.item_count = total["count"]
            run.charge_count = total["charge_count"]
            for state, name in COUNTS.items():
                run[name] = int(states[state]["count"]) if state in states else 0
            for name in FIGURES[1:]:
                run[name] = float(total[name])
            run.progress = 100.0 * through / run.trial_account_count if run.trial_account_count else 0.0

    def _bss_trial_so_far(self):
        """(accounts that are through, {state: figures as text})"""
        if self.trial_report:
            return self.trial_account_count, self.trial_report
        totals, through = {}, 0
        for part in self._bss_trial_parts():
            accounts, states, _key = json.loads(part.description)
            through += accounts
            for state, one in states.items():
                sums = totals.setdefault(state, dict.fromkeys(one, Decimal(0)))
                for name, value in one.items():
                    sums[name] += Decimal(value)
        return through, totals

    def action_test(self):
        """Try out what this run would issue: a test run with the same dates and the same accounts."""
        self.ensure_one()
        self._bss_refuse_cancelled()
        if self.state != "planned":
            # it would find nothing: this run has claimed the charges
            raise UserError(
                self.env._(
                    "Bill run %(name)s has collected its charges: its preview shows the figures.", name=self.name
                )
            )
        trial = self.copy({"is_test": True})
        trial.action_collect()
        return trial._bss_open_form()

    def _bss_collect(self, progress=None):
        if self.is_test:
            self._bss_refuse_cancelled()
            return self._bss_trial(progress)
        return super()._bss_collect(progress=progress)

    def _bss_go_on_collecting(self):
        return self._bss_trial(go_on=True) if self.is_test else super()._bss_go_on_collecting()

    def _bss_issue(self, progress=None):
        if self.is_test:
            raise UserError(self.env._("Bill run %(name)s is a test: it issues nothing.", name=self.name))
        return super()._bss_issue(progress=progress)

    # -- batches ------------------------------------------------------------------------------------

    def _bss_trial(self, progress=None, go_on=False):
        """Batches of 2000 accounts that are undone; jobs, or here with ``queue_job__no_delay``.

        :param go_on: batches that are through stay, unless other accounts belong to them now
        """
        self.ensure_one()
        self.write(
            {
                "state": "running",
                "stage": "collect",
                "is_paused": False,
                "started_at": (go_on and self.started_at) or fields.Datetime.now(),
                "finished_at": False,
                "trial_report": False,
                "trial_file": False,
            }
        )
        rows = self.env.execute_query(SQL("SELECT id FROM (%s) chosen ORDER BY name", self._bss_select_accounts()))
        ids = [row[0] for row in rows]
        self.trial_account_count = len(ids)
        batches = {
            number: ids[start : start + TRIAL_BATCH] for number, start in enumerate(range(0, len(ids), TRIAL_BATCH))
        }
        through = self._bss_keep_trial_parts(batches if go_on else {})
        left = {number: batch for number, batch in batches.items() if number not in through}
        if left and not self.env.context.get("queue_job__no_delay"):
            self._bss_queue_trial(left, len(ids))
            return True
        done = sum(len(batches[number]) for number in through)
        for number, batch in left.items():
            self._bss_trial_batch(number, batch)
            done += len(batch)
            if progress:
                progress(done, len(ids))
        self._bss_trial_done()
        return True

    def _bss_keep_trial_parts(self, batches):
        """Numbers of the batches whose figures are kept already; figures of other accounts go."""
        wanted = {f"{number:06}.json": (number, self._bss_job_key("trial", ids)) for number, ids in batches.items()}
        parts = self._bss_trial_parts()
        kept = parts.filtered(
            lambda part: part.name in wanted and json.loads(part.description)[-1] == wanted[part.name][1]
        )
        (parts - kept).unlink()
        return {wanted[part.name][0] for part in kept}

    def _bss_queue_trial(self, batches, total):
        jobs = [
            self.delayable(
                channel=CHANNEL,
                identity_key=self._bss_job_key("trial", batch),
                description=self.env._(
                    "%(run)s: test of accounts %(first)s-%(last)s of %(all)s",
                    run=self.name,
                    first=number * TRIAL_BATCH + 1,
                    last=number * TRIAL_BATCH + len(batch),
                    all=total,
                ),
            )._bss_trial_batch(number, batch)
            for number, batch in batches.items()
        ]
        done = self.delayable(
            channel=CHANNEL,
            identity_key=self._bss_job_key("trial_done", []),
            description=self.env._("%(run)s: report of the test", run=self.name),
        )._bss_trial_done()
        group(*jobs).on_done(done).delay()

    def _bss_trial_batch(self, number, account_ids):
        """Job: figures of these accounts, kept under the number of the batch; nothing else is left."""
        self.ensure_one()
        if self.state != "running" or self.is_paused:
            return
        rows = self._bss_trial_rows(account_ids)
        name = f"{number:06}.json"
        parts = self._bss_trial_parts()
        parts.filtered(lambda part: part.name == name).unlink()
        totals = {}
        for row in rows:
            self._bss_add_up(totals, row)
        parts.create(
            {
                "name": name,
                "res_model": PART,
                "res_id": self.id,
                "raw": json.dumps(rows).encode(),
                "type": "binary",
                # how many accounts the batch had and its sums, for the progress; and which accounts, for going on
                "description": json.dumps(
                    [len(account_ids), self._bss_as_text(totals), self._bss_job_key("trial", account_ids)]
                ),
            }
        )
        self.invalidate_recordset(TOTALS)

    def _bss_trial_parts(self):
        """Figures of batches kept so far, in order."""
        parts = self.env["ir.attachment"].sudo()
        return parts.search([("res_model", "=", PART), ("res_id", "in", self.ids)], order="res_id, name")

    # -- report -------------------------------------------------------------------------------------

    def _bss_trial_done(self):
        """Job: sums of all batches, and their rows as a workbook."""
        self.ensure_one()
        if self.state != "running" or self.is_paused:
            return
        if self._bss_trial_so_far()[0] != self.trial_account_count:
            # the job of before a pause: some batches came to nothing then and are made by later jobs
            return
        totals = {}

        def rows():
            for part in self._bss_trial_parts():
                for row in json.loads(part.raw):
                    self._bss_add_up(totals, row)
                    yield row

        book = write_figures(self._bss_trial_titles(), rows(), self._bss_state_labels())
        self._bss_trial_parts().unlink()
        self.write(
            {
                "trial_report": self._bss_as_text(totals),
                "trial_file": base64.b64encode(book),
                "state": "done",
                "stage": "finished",
                "finished_at": fields.Datetime.now(),
            }
        )

    @staticmethod
    def _bss_as_text(totals):
        return {state: {name: str(value) for name, value in one.items()} for state, one in totals.items()}

    @staticmethod
    def _bss_add_up(totals, row):
        sums = totals.setdefault(row["state"], dict.fromkeys(("count", *FIGURES), Decimal(0)))
        sums["count"] += 1
        for name in FIGURES:
            sums[name] += Decimal(row[name])

    def _bss_state_labels(self):
        return dict(self.env["bss.bill.run.item"]._fields["state"]._description_selection(self.env))

    def _bss_trial_titles(self):
        """{key of a row: heading}"""
        return {
            "account": self.env._("Account"),
            "customer": self.env._("Customer"),
            "group": self.env._("Invoice for"),
            "state": self.env._("State"),
            "reason": self.env._("Reason"),
            "charge_count": self.env._("Charges"),
            "amount_charges": self.env._("Charges net"),
            "amount_untaxed": self.env._("Net"),
            "amount_tax": self.env._("VAT"),
            "amount_total": self.env._("Gross"),
        }

    def _bss_cancel(self):
        if self.is_test:
            self._bss_trial_parts().unlink()
        return super()._bss_cancel()

    def unlink(self):
        self.filtered("is_test")._bss_trial_parts().unlink()
        return super().unlink()
