import hashlib
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

CHANNEL = "root.bss.billing"
IDLE = timedelta(minutes=1)


class BssBillRun(models.Model):
    """One mass execution: collect the charges of a cycle, look at them, issue the invoices.

    Every account is one item with a row of its own. An invoice is made only under a lock on that row
    while it is pending, so that a repeat, a second worker or a restart cannot make a second invoice.
    """

    _name = "bss.bill.run"
    _inherit = ["bss.numbered.mixin", "mail.thread"]
    _description = "Bill Run"
    _order = "date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    cycle_id = fields.Many2one(
        "bss.bill.cycle",
        string="Bill Cycle",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="cycle_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_start = fields.Date(
        string="Period From", required=True, help="First day of the period charged in advance; usually the bill day."
    )
    date_end = fields.Date(string="Period To", required=True)
    date_invoice = fields.Date(string="Invoice Date", required=True, default=polish_day.today, tracking=True)
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("running", "Running"),
            ("done", "Done"),
            ("done_errors", "Done with errors"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="planned",
        copy=False,
        readonly=True,
        index=True,
        tracking=True,
        group_expand=True,
    )
    stage = fields.Selection(
        [("collect", "Collect"), ("preview", "Preview"), ("issue", "Issue"), ("finished", "Finished")],
        required=True,
        default="collect",
        copy=False,
        readonly=True,
        tracking=True,
    )
    item_ids = fields.One2many("bss.bill.run.item", "run_id", string="Items", readonly=True)
    error_item_ids = fields.One2many(
        "bss.bill.run.item", "run_id", string="Errors", domain=[("state", "=", "error")], readonly=True
    )
    is_paused = fields.Boolean(
        string="Paused", readonly=True, copy=False, tracking=True, help="Jobs of the run stop at the next opportunity."
    )
    charge_ids = fields.One2many("bss.charge", "bill_run_id", string="Charges", readonly=True)
    item_count = fields.Integer(compute="_compute_totals", string="Accounts")
    pending_count = fields.Integer(compute="_compute_totals", string="To Issue")
    issued_count = fields.Integer(compute="_compute_totals", string="Issued")
    held_count = fields.Integer(compute="_compute_totals", string="Held")
    carried_count = fields.Integer(compute="_compute_totals", string="Carried Over")
    cancelled_count = fields.Integer(compute="_compute_totals", string="Cancelled")
    refund_count = fields.Integer(compute="_compute_totals", string="Corrective Invoices")
    empty_count = fields.Integer(compute="_compute_totals", string="Nothing to Bill")
    error_count = fields.Integer(compute="_compute_totals", string="With Errors")
    charge_count = fields.Integer(compute="_compute_totals", string="Number of Charges")
    amount_charges = fields.Monetary(compute="_compute_totals", string="Charges Net")
    amount_untaxed = fields.Monetary(compute="_compute_totals", string="Invoiced Net")
    amount_tax = fields.Monetary(compute="_compute_totals", string="Invoiced VAT")
    amount_total = fields.Monetary(compute="_compute_totals", string="Invoiced Gross")
    progress = fields.Float(compute="_compute_totals", help="Share of the accounts that are through, in percent.")
    waiting_job_count = fields.Integer(compute="_compute_jobs", string="Waiting Jobs")
    is_job_runner_idle = fields.Boolean(compute="_compute_jobs", string="Job Runner Idle")
    is_period_ahead = fields.Boolean(
        string="Period Ahead",
        compute="_compute_is_period_ahead",
        help="The period begins in the future, after the next one.",
    )
    started_at = fields.Datetime(readonly=True, copy=False)
    finished_at = fields.Datetime(readonly=True, copy=False)
    note = fields.Text()

    _period_check = models.Constraint("CHECK(date_end >= date_start)", "The period ends before it starts.")

    @api.depends("item_ids.state", "item_ids.amount_total", "item_ids.charge_count")
    def _compute_totals(self):
        rows = self.env["bss.bill.run.item"]._read_group(
            [("run_id", "in", self.ids)],
            ["run_id", "state"],
            [
                "__count",
                "charge_count:sum",
                "amount_charges:sum",
                "amount_untaxed:sum",
                "amount_tax:sum",
                "amount_total:sum",
            ],
        )
        by_run = defaultdict(dict)
        for run, state, *figures in rows:
            by_run[run.id][state] = figures
        refunds = dict(
            self.env["account.move"]
            .sudo()
            ._read_group(
                [("bss_bill_run_id", "in", self.ids), ("move_type", "=", "out_refund"), ("state", "=", "posted")],
                ["bss_bill_run_id"],
                ["__count"],
            )
        )
        for run in self:
            states = by_run.get(run.id, {})
            counts = {state: figures[0] for state, figures in states.items()}
            totals = [sum(values) for values in zip(*states.values(), strict=True)] or [0] * 6
            currency = run.currency_id or self.env.company.currency_id
            run.item_count = totals[0]
            run.pending_count = counts.get("pending", 0)
            run.issued_count = counts.get("issued", 0)
            run.refund_count = refunds.get(run._origin, 0)
            run.held_count = counts.get("held", 0)
            run.carried_count = counts.get("carried", 0)
            run.cancelled_count = counts.get("cancelled", 0)
            run.empty_count = counts.get("empty", 0)
            run.error_count = counts.get("error", 0)
            run.charge_count = totals[1]
            run.amount_charges = currency.round(totals[2])
            run.amount_untaxed = currency.round(totals[3])
            run.amount_tax = currency.round(totals[4])
            run.amount_total = currency.round(totals[5])
            through = totals[0] - run.pending_count if run.stage in ("issue", "finished") else 0
            run.progress = 100.0 * through / totals[0] if totals[0] else 0.0

    @api.depends("cycle_id", "date_start", "state", "stage")
    def _compute_is_period_ahead(self):
        """The next period is billed in advance; one after it is more likely a slip of the date."""
        today = polish_day.today()
        for run in self:
            begun = run.state == "cancelled" or run.stage not in ("collect", "preview")
            if begun or not run.cycle_id or not run.date_start:
                run.is_period_ahead = False
            else:
                run.is_period_ahead = run.date_start > run.cycle_id._bss_period_after(today)[0]

    @api.onchange("cycle_id")
    def _onchange_cycle_id(self):
        if self.cycle_id:
            day = self.date_invoice or polish_day.today()
            self.date_start, self.date_end = self.cycle_id._bss_next_period(day)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            cycle = self.env["bss.bill.cycle"].browse(vals.get("cycle_id"))
            if cycle and not (vals.get("date_start") and vals.get("date_end")):
                day = fields.Date.to_date(vals.get("date_start") or vals.get("date_invoice"))
                start, end = cycle._bss_period(day or polish_day.today())
                vals.setdefault("date_start", start)
                vals.setdefault("date_end", end)
        return super().create(vals_list)

    @api.model
    def _bss_sequence_code(self, vals):
        return "bss.bill.run.test" if vals.get("is_test") else super()._bss_sequence_code(vals)

    @api.model
    def _bss_number_company(self, vals):
        cycle = self.env["bss.bill.cycle"].browse(vals.get("cycle_id"))
        return cycle.company_id or super()._bss_number_company(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_planned(self):
        if any(run.state not in ("planned", "cancelled") or run.item_ids.move_id for run in self):
            raise UserError(self.env._("Only a planned or cancelled bill run without invoices can be deleted."))

    # -- buttons ------------------------------------------------------------------------------------

    def action_collect(self):
        """Collect the charges of the period in jobs; nothing is issued yet."""
        for run in self:
            run._bss_collect()

    def action_issue(self):
        """Issue the invoices of the pending items, in jobs of a chunk each."""
        for run in self:
            run._bss_issue()

    def _bss_refuse_cancelled(self):
        if self.state == "cancelled":
            raise UserError(self.env._("Bill run %(name)s is cancelled.", name=self.name))

    def action_view_items(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_bill_run_item_action")
        action["domain"] = [("run_id", "=", self.id)]
        return action

    def action_view_errors(self):
        action = self.action_view_items()
        action["context"] = {"search_default_errors": 1, "bss_errors": True}
        return action

    def action_view_charges(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_charge_action")
        action["domain"] = [("bill_run_id", "=", self.id)]
        return action

    def action_view_invoices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.account_move_bss_action")
        action["domain"] = [("bss_bill_run_id", "=", self.id)]
        return action

    # -- jobs ---------------------------------------------------------------------------------------

    def _bss_job_key(self, stage, batch):
        digest = hashlib.sha256(repr(batch).encode()).hexdigest()[:16]
        return f"bss.bill.run:{self.id}:{stage}:{digest}"

    def _bss_job_domain(self, states, stage="%"):
        key = f"bss.bill.run:{self._origin.id}:{stage}"
        return [("identity_key", "=like", key), ("state", "in", states)]

    def _bss_has_live_jobs(self, stage="%"):
        """Whether a job works or is to: those that wait for one that was given up never begin."""
        domain = self._bss_job_domain(("pending", "enqueued", "started"), stage)
        return bool(self.env["queue.job"].sudo().search_count(domain, limit=1))

    def _compute_jobs(self):
        """Waiting jobs of a run, and whether nobody seems to work on them.

        A worker shows itself by jobs, of whatever kind, that it began or finished lately.
        """
        jobs = self.env["queue.job"].sudo()
        now = fields.Datetime.now()
        lately = now - IDLE
        signs = ("date_started", "date_done")
        worker_seen = any(jobs.search_count([(name, ">=", lately)], limit=1) for name in signs) or jobs.search_count(
            [("state", "=", "started")], limit=1
        )
        for run in self:
            domain = run._bss_job_domain(("wait_dependencies", "pending", "enqueued"))
            run.waiting_job_count = jobs.search_count(domain) if run._bss_has_live_jobs() else 0
            stale = [("date_created", "<", lately), "|", ("eta", "=", False), ("eta", "<", lately)]
            run.is_job_runner_idle = bool(
                run.waiting_job_count
                and not worker_seen
                and jobs.search_count([*domain, ("state", "!=", "wait_dependencies"), *stale], limit=1)
            )
