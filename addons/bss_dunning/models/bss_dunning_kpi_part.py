"""Parts of the histories behind the figures of a day: each is counted in a transaction of its own, done once."""

import logging

from odoo import api, fields, models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

RANGE = 50_000  # records counted in one transaction
# Of a part: what failed by chance (a full disk, a statement cut off) mostly passes the next time
ATTEMPTS = 3
BUSY_SECONDS = 20
LIVE = ("wait_dependencies", "pending", "enqueued", "started")  # states of jobs that are going to work
MODELS = {"effect": "bss.dunning.effect.report", "pattern": "bss.dunning.pattern"}
TABLES = {"effect": "bss_dunning_action", "pattern": "bss_account"}


class BssDunningKpiPart(models.Model):
    _name = "bss.dunning.kpi.part"
    _description = "Part of the Histories Behind Key Figures"
    _order = "kpi_id desc, kind, first_id"
    _rec_name = "first_id"
    _check_company_auto = True

    kpi_id = fields.Many2one(
        "bss.dunning.kpi", string="Key Figures", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="kpi_id.company_id", store=True, index=True, precompute=True)
    kind = fields.Selection(
        [("effect", "Effect of steps"), ("pattern", "Payment patterns")], string="Counts", required=True, readonly=True
    )
    first_id = fields.Integer(string="From Record", required=True, readonly=True, aggregator=None)
    last_id = fields.Integer(string="To Record", required=True, readonly=True, aggregator=None)
    state = fields.Selection(
        [("planned", "Waiting"), ("done", "Counted"), ("failed", "Failed")],
        required=True,
        default="planned",
        readonly=True,
        index=True,
    )
    failures = fields.Integer(string="Failed Attempts", readonly=True, aggregator=None)
    error = fields.Text(readonly=True)

    _range_unique = models.Constraint("UNIQUE(kpi_id, kind, first_id)", "A range of records is counted only once.")

    @api.model
    def _bss_make(self, kpi):
        """Parts of all that a company has; what was counted for other days is not needed any more."""
        self.search([("company_id", "=", kpi.company_id.id)]).unlink()
        self.create(
            [
                {"kpi_id": kpi.id, "kind": kind, "first_id": first, "last_id": last}
                for kind in MODELS
                for first, last in self._bss_id_ranges(TABLES[kind], kpi.company_id)
            ]
        )
        kpi.invalidate_recordset(["part_ids"])

    @api.model
    def _bss_id_ranges(self, table, company):
        """First and last ids of ranges that hold the records of a company."""
        self.env.flush_all()
        found = self.env.execute_query(
            SQL("SELECT MIN(id), MAX(id) FROM %s WHERE company_id = %s", SQL.identifier(table), company.id)
        )
        first, last = found[0]
        if first is None:
            return []
        return [(start, start + RANGE - 1) for start in range(first, last + 1, RANGE)]

    def _bss_job_key(self):
        return f"bss_dunning_part:{self.id}"

    def _bss_without_job(self):
        """Those that no job counts or is going to count; a job that was cancelled or failed counts nothing."""
        keys = {part._bss_job_key(): part for part in self}
        # "started" too: a job that died while it worked is put back by the runner
        live = self.env["queue.job"].sudo().search([("identity_key", "in", list(keys)), ("state", "in", LIVE)])
        return self - self.browse(keys[job.identity_key].id for job in live)

    def _job_count(self):
        """A part that another job has counted meanwhile is not counted again."""
        part = self.sudo().exists()
        if not part or part.state == "done":
            return
        if not self.env["bss.dunning.pattern"]._bss_may_count(part.company_id):
            raise RetryableJobError("Somebody counts chosen accounts just now", BUSY_SECONDS, ignore_retry=True)
        part._bss_work()

    def _bss_work(self):
        """Count; an error is kept, the other parts go on. Nothing of a failed attempt stays."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                counted = self.env[MODELS[self.kind]].sudo()
                counted._bss_refresh_range(self.company_id, self.kpi_id.date, self.first_id, self.last_id)
                counted.invalidate_model()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise  # a lost race: the whole job is repeated
        except Exception as error:
            _logger.exception("Part %s of the histories of company %s failed", self.id, self.company_id.id)
            self.env.invalidate_all()
            text = str(error) or type(error).__name__
            self.write({"state": "failed", "error": text, "failures": self.failures + 1})
        else:
            self.write({"state": "done", "error": False})

    def _bss_to_try_again(self):
        """Those that failed, but not too often yet."""
        return self.filtered(lambda part: part.state == "failed" and part.failures < ATTEMPTS)

    def _bss_start_anew(self):
        """Attempts are counted from the beginning: somebody goes on."""
        failed = self.filtered(lambda part: part.state == "failed")
        failed.write({"state": "planned", "failures": 0, "error": False})
