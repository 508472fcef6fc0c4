import logging
from datetime import datetime

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_mediation.adapters import in_test
from odoo.exceptions import UserError

from .. import adapters, allowance_store, charge_store, counter_store, store
from ..rating_core import Engine

_logger = logging.getLogger(__name__)

CHUNK_EVENTS = 200_000
RATE_AT_ONCE_EVENTS = 50_000
CHANNEL = "root.bss.rating"
BEFORE_EVERYTHING = (datetime.min, 0)  # noqa: DTZ901  (naive UTC, as the database stores it)


class BssRatingRun(models.Model):
    """Rates the waiting events up to the end of a period; rated ones are never touched again."""

    _name = "bss.rating.run"
    _inherit = ["mail.thread"]
    _description = "Rating Run"
    _order = "date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_start = fields.Date(string="Period From", required=True)
    date_end = fields.Date(string="Period To", required=True)
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
    count_uncharged = fields.Integer(string="Without a Charge", readonly=True, copy=False)
    amount_e4 = fields.Float(
        string="Rated Sum (0.0001)", digits=(20, 0), readonly=True, copy=False, help="Exact sum of the rated events."
    )
    amount = fields.Float(string="Rated Sum", digits=(16, 4), compute="_compute_amount", store=True)
    by_month = fields.Boolean(
        string="Charges by Calendar Month", readonly=True, help="Of re-ratings, which reach over several months."
    )
    charge_batch = fields.Integer(readonly=True, copy=False, help="How often charges were made from this run.")
    charge_count = fields.Integer(string="Charges", compute="_compute_charges")
    amount_charges = fields.Monetary(string="Charged", compute="_compute_charges")
    count_waiting = fields.Integer(string="Waiting Events", compute="_compute_count_waiting")
    started_at = fields.Datetime(readonly=True, copy=False)
    finished_at = fields.Datetime(readonly=True, copy=False)
    note = fields.Text()

    _period_check = models.Constraint("CHECK(date_end >= date_start)", "The period ends before it starts.")

    @api.depends("amount_e4")
    def _compute_amount(self):
        for run in self:
            run.amount = run.amount_e4 / 10_000

    @api.depends("charge_batch")
    def _compute_charges(self):
        rows = self.env["bss.charge"]._read_group(
            [("kind", "=", "usage"), ("source_ref", "in", self.mapped("name")), ("state", "!=", "cancelled")],
            ["company_id", "source_ref"],
            ["__count", "amount:sum"],
        )
        found = {(company.id, reference): (count, amount) for company, reference, count, amount in rows}
        for run in self:
            run.charge_count, run.amount_charges = found.get((run.company_id.id, run.name), (0, 0.0))

    @api.depends("date_end", "company_id", "count_events")
    def _compute_count_waiting(self):
        cr = self.env.cr
        for run in self:
            complete = run.date_end and run.company_id
            run.count_waiting = (
                store.count_guided(cr, run.company_id.id, store.utc_end(cr, run.date_end)) if complete else 0
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                company = self.env["res.company"].browse(vals.get("company_id") or self.env.company.id)
                numbers = self.env["ir.sequence"].with_company(company)
                numbers = numbers.with_context(ir_sequence_date=polish_day.today())
                vals["name"] = numbers.next_by_code("bss.rating.run") or "/"
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_planned(self):
        if any(run.count_events for run in self):
            raise UserError(self.env._("A rating run with events is kept."))

    # --- rate

    def action_rate(self):
        """Rate now, or in the background when there is much to do."""
        for run in self:
            if run.count_waiting <= RATE_AT_ONCE_EVENTS:
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
        total = store.count_guided(cr, company.id, end, event_ids)
        if total:
            self._bss_rate_chunks(end, total, progress, event_ids)
        self.env["bss.usage.event"].invalidate_model()
        self._bss_count()
        self.write({"state": "done_errors" if self.count_suspended else "done", "finished_at": fields.Datetime.now()})
        return total

    def _bss_rate_chunks(self, end, total, progress, event_ids):
        cr, company = self.env.cr, self.company_id
        self.write({"state": "running", "started_at": self.started_at or fields.Datetime.now()})
        engine = Engine(adapters.tariff(company), adapters.BILLING_TZ)
        free = self._bss_allowances(end)
        after, done = BEFORE_EVERYTHING, 0
        while rows := store.next_events(cr, company.id, end, after, CHUNK_EVENTS, event_ids):
            free = self._bss_rate_chunk(engine, adapters.event_frame(rows), free)
            after, done = (rows[-1][1], rows[-1][0]), done + len(rows)
            _logger.info("Rating run %s: %s of %s events", self.name, done, total)
            if progress:
                progress(done, total)
            if len(rows) < CHUNK_EVENTS:
                break
            self._bss_keep()
        for model in ("bss.allowance", "bss.rating.counter"):
            self.env[model].invalidate_model()
        self.env["bss.rate.plan"].invalidate_model(["has_rated"])

    def _bss_allowances(self, end):
        """Allowances of the period and of waiting events, given where they are missing."""
        cr, company = self.env.cr, self.company_id
        months = list(adapters.months(self.date_start, self.date_end))
        allowance_store.create_allowances(cr, company.id, months, end, self.env.uid)
        allowance_store.create_promised_allowances(cr, company.id, months, end, self.env.uid)
        self.env["bss.allowance"].invalidate_model()
        first = store.first_waiting(cr, company.id, end)
        rows, members = allowance_store.open_allowances(cr, company.id, first, end)
        return adapters.allowances(self.env, rows, members)

    def _bss_rate_chunk(self, engine, events, free):
        """Rate and store one chunk; the allowances with what it left of them."""
        cr = self.env.cr
        counters = None
        if engine.counts:
            keys = events.select("service_id", "period").unique().with_columns(session=None).rows()
            counters = adapters.counter_frame(counter_store.stored_counters(cr, keys))
        rated = engine.rate(events, free, counters)
        store.store_results(cr, self.id, adapters.result_frame(rated))
        allowance_store.use_allowances(cr, rated)
        counter_store.store_counters(cr, rated.counters, self.company_id.id, self.env.uid)
        return rated.allowances

    def _bss_lock(self):
        if not store.try_lock(self.env.cr, self.company_id.id):
            raise UserError(self.env._("Another rating run of %(company)s is at work.", company=self.company_id.name))

    def _bss_keep(self):
        """Make the chunk durable and go on alone; tests stay in their transaction."""
        if in_test() or self.env.context.get("bss_one_transaction"):
            return
        self.env.flush_all()
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self.env.invalidate_all()
        self._bss_lock()

    def _bss_count(self):
        """Counts and totals from the stored events."""
        figures = {}
        for run_id, state, events, amount, uncharged in store.run_totals(self.env.cr, self.ids):
            figures.setdefault(run_id, {})[state] = (events, amount, uncharged)
        for run in self:
            states = figures.get(run.id, {})
            sums = [sum(values) for values in zip(*states.values(), strict=True)] or [0, 0, 0]
            run.write(
                {
                    "count_events": sums[0],
                    "amount_e4": sums[1],
                    "count_uncharged": sums[2],
                    **{f"count_{state}": states.get(state, (0,))[0] for state in ("rated", "free", "suspended")},
                }
            )

    # --- charge

    def action_make_charges(self):
        for run in self:
            run._bss_make_charges()
        return self.action_open_charges() if len(self) == 1 else True

    def _bss_make_charges(self):
        """Usage charges per service, zone, kind and period for the rated events that have none.

        :return: how many charges were made
        """
        self.ensure_one()
        self.env.flush_all()
        self._bss_lock()
        product = self.company_id._bss_get_usage_product()
        batch = self.charge_batch + 1
        made = charge_store.make_charges(self.env.cr, self, batch, product.id, self._bss_charge_labels())
        self.env["bss.usage.event"].invalidate_model()
        self.env["bss.charge"].invalidate_model()
        if made:
            self.charge_batch = batch
        self._bss_count()
        return made

    def _bss_charge_labels(self):
        """Texts of charges in the languages of the customers; "" is the company's own."""
        own = self.company_id.partner_id.lang or "en_US"
        languages = {code: code for code, _name in self.env["res.lang"].get_installed()} | {"": own}
        labels = {}
        for key, lang in languages.items():
            _ = self.with_context(lang=lang).env._
            labels[key, "voice"] = _("Calls: %(zone)s (%(count)s, %(duration)s)")
            labels[key, "sms"] = _("Messages: %(zone)s (%(count)s)")
            labels[key, "mms"] = _("MMS: %(zone)s (%(count)s)")
            labels[key, "data"] = _("Data: %(zone)s (%(count)s)")
            labels[key, "premium"] = _("Premium services: %(zone)s (%(count)s, %(duration)s)")
            labels[key, "content"] = _("Content: %(zone)s (%(count)s)")
        return labels

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

    def action_open_charges(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_charge_action")
        action["domain"] = [("kind", "=", "usage"), ("source_ref", "=", self.name)]
        action["context"] = {}
        return action
