import logging
from datetime import datetime, timedelta
from uuid import UUID

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_mediation.adapters import in_test
from odoo.exceptions import UserError

from .. import adapters, allowance_store, counter_store, event_store, store
from ..plan_book import PlanBook
from ..tariff_cache import compiled

_logger = logging.getLogger(__name__)

CHUNK_EVENTS = 200_000
RATE_AT_ONCE_EVENTS = 50_000
CHANNEL = "root.bss.rating"
BEFORE_EVERYTHING = (datetime.min, str(UUID(int=0)), 0)  # noqa: DTZ901  (naive UTC, as the database stores it)


class BssRatingRun(models.Model):
    """Rates the waiting events up to the end of a period; rated ones are never touched again."""

    _name = "bss.rating.run"
    _inherit = ["bss.numbered.mixin", "mail.thread"]
    _description = "Rating Run"
    _order = "date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    # Usage is priced when its month is over, so that a new run is offered the last whole one.
    date_start = fields.Date(
        string="Period From",
        required=True,
        default=lambda self: polish_day.today().replace(day=1) - relativedelta(months=1),
    )
    date_end = fields.Date(
        string="Period To", required=True, default=lambda self: polish_day.today().replace(day=1) - timedelta(days=1)
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("running", "Running"),
            ("done", "Done"),
            ("done_errors", "Done with suspended events"),
        ],
        required=True,
        default="planned",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    count_events = fields.Integer(string="Events", readonly=True, copy=False)
    count_rated = fields.Integer(string="Rated", readonly=True, copy=False)
    count_free = fields.Integer(string="Free", readonly=True, copy=False)
    count_suspended = fields.Integer(string="Suspended", readonly=True, copy=False)
    amount_e4 = fields.Float(
        string="Rated Sum (0.0001)", digits=(20, 0), readonly=True, copy=False, help="Exact sum of the rated events."
    )
    amount = fields.Float(string="Rated Sum", digits=(16, 4), compute="_compute_amount", store=True)
    by_month = fields.Boolean(
        string="Charges by Calendar Month", readonly=True, help="Of re-ratings, which reach over several months."
    )
    count_waiting = fields.Integer(string="Waiting Events", compute="_compute_count_waiting")
    started_at = fields.Datetime(readonly=True, copy=False)
    finished_at = fields.Datetime(readonly=True, copy=False)
    note = fields.Text()

    _period_check = models.Constraint("CHECK(date_end >= date_start)", "The period ends before it starts.")

    @api.depends("amount_e4")
    def _compute_amount(self):
        for run in self:
            run.amount = run.amount_e4 / 10_000

    @api.depends("date_end", "company_id", "count_events")
    def _compute_count_waiting(self):
        cr = self.env.cr
        for run in self:
            complete = run.date_end and run.company_id
            run.count_waiting = (
                store.count_guided(cr, run.company_id.id, store.utc_end(cr, run.date_end)) if complete else 0
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_planned(self):
        if any(run.count_events for run in self):
            raise UserError(self.env._("A rating run with events is kept."))

    # --- rate

    def action_rate(self):
        """Rate now, or in the background when there is much to do."""
        for run in self:
            if run.count_waiting + run.count_stuck <= RATE_AT_ONCE_EVENTS:
                run._bss_rate()
            else:
                run.with_delay(
                    channel=CHANNEL,
                    identity_key=f"bss.rating.run:{run.id}",
                    description=self.env._("Rate usage: %(run)s", run=run.name),
                )._bss_rate()
        return True

    def _bss_rate(self, progress=None, event_ids=None):
        """Rate the guided events that started before the end of the period, earlier periods included.

        Suspended events that have a price by now are among them (``_bss_take_up_suspended``).

        Chunks in the order (start, id); each is stored with its allowances in one transaction, so that a killed run
        goes on where it was. A repeat rates only what is new.

        :param progress: called with (events done, events in all) after every chunk
        :param event_ids: rate only these events
        """
        self.ensure_one()
        self.env.flush_all()
        cr, company = self.env.cr, self.company_id
        self._bss_lock()
        end = store.utc_end(cr, self.date_end)
        if event_ids is None:
            self._bss_take_up_suspended(company, end)
        total = store.count_guided(cr, company.id, end, event_ids)
        if total:
            self._bss_rate_chunks(end, total, progress, event_ids)
        elif event_ids is None:
            self._bss_give_allowances(end)  # what nobody used is carried over all the same
        self.env["bss.usage.event"].invalidate_model()
        self.env["bss.usage.notice"]._bss_note_run(self)
        self._bss_count()
        self.write({"state": "done_errors" if self.count_suspended else "done", "finished_at": fields.Datetime.now()})
        return total

    def _bss_rate_chunks(self, end, total, progress, event_ids):
        cr, company = self.env.cr, self.company_id
        self.write({"state": "running", "started_at": self.started_at or fields.Datetime.now()})
        tariff = compiled(company)
        free = self._bss_allowances(end)
        after, done = BEFORE_EVERYTHING, 0
        while len(usage := event_store.next_events(cr, company.id, end, after, CHUNK_EVENTS, event_ids)):
            events = adapters.engine_frame(PlanBook(cr, company.id).attach(usage), tariff.reading)
            free = self._bss_rate_chunk(tariff.engine, events, free)
            after, done = usage.select("started_at", "identity", "id").row(-1), done + len(usage)
            _logger.info("Rating run %s: %s of %s events", self.name, done, total)
            if progress:
                progress(done, total)
            if len(usage) < CHUNK_EVENTS:
                break
            self._bss_keep()
        for model in ("bss.allowance", "bss.rating.counter"):
            self.env[model].invalidate_model()
        self.env["bss.rate.plan"].invalidate_model(["has_rated"])

    def _bss_allowances(self, end):
        """Allowances of the period and of waiting events, given where they are missing."""
        self._bss_give_allowances(end)
        cr, company = self.env.cr, self.company_id
        first = store.first_waiting(cr, company.id, end)
        rows, members = allowance_store.open_allowances(cr, company.id, first, end)
        return adapters.allowances(self.env, rows, members)

    def _bss_give_allowances(self, end):
        cr, company = self.env.cr, self.company_id
        months = list(adapters.months(self.date_start, self.date_end))
        allowance_store.create_allowances(cr, company.id, months, end, self.env.uid)
        allowance_store.create_promised_allowances(cr, company.id, months, end, self.env.uid)
        self.env["bss.allowance"].invalidate_model()

    def _bss_rate_chunk(self, engine, events, free):
        """Rate and store one chunk; the allowances with what it left of them."""
        cr = self.env.cr
        rated = engine.rate(events, free, self._bss_counters(engine, events))
        event_store.store_results(cr, self.id, adapters.result_frame(rated))
        allowance_store.use_allowances(cr, rated)
        self.env["bss.usage.notice"]._bss_note_allowances(rated.uses["allowance_id"].unique().to_list())
        counter_store.store_counters(cr, rated.counters, self.company_id.id, self.env.uid)
        return rated.allowances

    @api.model
    def _bss_counters(self, engine, events):
        """Running totals that the prices of these events depend on."""
        if not engine.counts:
            return None
        keys = events.select("service_id", "period", "session_key").unique().rows()
        return adapters.counter_frame(counter_store.stored_counters(self.env.cr, keys))

    def _bss_lock(self):
        self._bss_lock_company(self.company_id)

    @api.model
    def _bss_lock_company(self, company):
        if self.env.context.get("bss_no_rating_lock"):
            return
        if not store.try_lock(self.env.cr, company.id):
            raise UserError(self.env._("Another rating run of %(company)s is at work.", company=company.name))

    def _bss_keep(self):
        """Make the chunk durable and go on alone; tests stay in their transaction."""
        if in_test() or self.env.context.get("bss_one_transaction"):
            return
        self.env.flush_all()
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self.env.invalidate_all()
        self._bss_lock()

    # --- open related records

    def _bss_open_events(self, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_event")
        action["domain"] = domain
        action["context"] = {}
        return action

    def action_open_events(self):
        self.ensure_one()
        return self._bss_open_events([("rating_run_id", "=", self.id)])

    def action_open_suspended(self):
        self.ensure_one()
        return self._bss_open_events([("rating_run_id", "=", self.id), ("state", "=", "suspended")])
