"""Ranges of accounts of a run: each is looked at, planned and written in a transaction of its own."""

import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools.gc import disabling_gc

from ..planning.scope import Scope, ranges
from ..planning.terms import Terms

_logger = logging.getLogger(__name__)

# Of a part in one run: what failed by chance (a full disk, a statement cut off) mostly passes the next time
ATTEMPTS = 3


class BssDunningRunPart(models.Model):
    _name = "bss.dunning.run.part"
    _description = "Part of a Dunning Run"
    _order = "first_account_id, id"

    run_id = fields.Many2one("bss.dunning.run", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    first_account_id = fields.Integer(string="From Account", required=True, readonly=True, aggregator=None)
    last_account_id = fields.Integer(string="To Account", required=True, readonly=True, aggregator=None)
    state = fields.Selection(
        [("planned", "Waiting"), ("done", "Planned"), ("failed", "Failed")],
        required=True,
        default="planned",
        readonly=True,
        index=True,
    )
    opened_count = fields.Integer(string="Cases Opened", readonly=True)
    closed_count = fields.Integer(string="Cases Closed", readonly=True)
    updated_count = fields.Integer(string="Cases Looked At", readonly=True)
    case_count = fields.Integer(string="Open Cases", readonly=True)
    action_count = fields.Integer(string="Actions Planned", readonly=True)
    amount_overdue = fields.Monetary(string="Overdue", readonly=True)
    failures = fields.Integer(
        string="Failed Attempts",
        readonly=True,
        help="A part that fails is tried again a few times before the run stops.",
    )
    error = fields.Text(readonly=True)

    _range_unique = models.Constraint("UNIQUE(run_id, first_account_id)", "A part of a run exists only once.")

    @api.model
    def _bss_make(self, run):
        """The parts of a run; those that are there already stay, new accounts are added behind the last."""
        known = run.part_ids
        last = max(known.mapped("last_account_id"), default=0)
        self.create(
            [
                {"run_id": run.id, "first_account_id": max(scope.first, last + 1), "last_account_id": scope.last}
                for scope in ranges(self.env, run.company_id.id)
                if scope.last > last
            ]
        )
        run.invalidate_recordset(["part_ids"])

    def _job_plan(self):
        self.with_env(self.run_id._bss_in_company_language().env).sudo()._bss_work()

    def _bss_work(self):
        """Cases of the part settled and planned, its actions written; an error is kept, the other parts go on.

        Nothing of a failed attempt stays, so that the next one may follow.
        """
        self.ensure_one()
        try:
            # thousands of small objects that live until the part is done: nothing of them is garbage to look for
            with self.env.cr.savepoint(), disabling_gc():
                self._bss_plan_accounts()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise  # a lost race: the whole job is repeated
        except Exception as error:
            _logger.exception("Part %s of dunning run %s failed", self.id, self.run_id.id)
            self.env.invalidate_all()
            text = str(error) or type(error).__name__
            self.write({"state": "failed", "error": text, "failures": self.failures + 1})

    def _bss_to_try_again(self):
        """Those that failed, but not too often yet."""
        return self.filtered(lambda part: part.state == "failed" and part.failures < ATTEMPTS)

    def _bss_start_anew(self):
        """Attempts are counted from the beginning: somebody has looked at the error and goes on."""
        failed = self.filtered(lambda part: part.state == "failed")
        failed.write({"state": "planned", "failures": 0, "error": False})

    def _bss_plan_accounts(self):
        run = self.run_id
        scope = Scope(run.company_id.id, self.first_account_id, self.last_account_id)
        cases = self.env["bss.dunning.case"]
        opened, closed, decisions = cases._bss_review(run.company_id, scope, Terms(self.env, run.as_of), lock=True)
        due = [(decision.case.id, decision) for decision in decisions if decision.acts]
        actions = self.env["bss.dunning.action"]._bss_insert(due, run.as_of, run)
        self.write(
            {
                "state": "done",
                "error": False,
                "opened_count": self.opened_count + len(opened),
                "closed_count": self.closed_count + len(closed),
                "updated_count": len(decisions) - len(opened),
                "case_count": len(decisions),
                "action_count": self.action_count + len(actions),
                "amount_overdue": float(sum(decision.account.book.overdue for decision in decisions)),
            }
        )
