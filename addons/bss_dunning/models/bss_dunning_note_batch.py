import logging

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.queue_job.delay import chain, group
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from psycopg2 import OperationalError

from .bss_dunning_note import KINDS

_logger = logging.getLogger(__name__)

BATCH = 100
CHANNEL = "root.bss.dunning"
EDITABLE = frozenset(
    {"kind", "way", "date", "date_to", "date_due", "scope", "min_amount", "choice", "customer_kind", "strategy_ids"}
)


class BssDunningNoteBatch(models.Model):
    """Notes for many accounts: looked at first, then issued by jobs. Starting it again goes on where it stopped."""

    _name = "bss.dunning.note.batch"
    _inherit = ["bss.dunning.guard.mixin", "bss.numbered.mixin"]
    _description = "Note Run"
    _order = "date desc, id desc"
    _check_company_auto = True
    _bss_creatable = EDITABLE | {"company_id"}
    _bss_editable = EDITABLE

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(KINDS, required=True, default="interest")
    way = fields.Selection(
        [("note", "Note of its own"), ("charge", "On the next invoice")],
        string="Charged By",
        required=True,
        default=lambda self: self.env.company.bss_interest_way,
    )
    scope = fields.Selection(
        [("late", "Open documents and those paid late"), ("open", "Open documents only")],
        string="Documents",
        required=True,
        default=lambda self: self.env.company.bss_interest_scope,
    )
    date = fields.Date(string="Issue Date", required=True, default=polish_day.today)
    date_to = fields.Date(string="Up To", required=True, default=polish_day.today)
    date_due = fields.Date(
        string="Pay By", compute="_compute_date_due", store=True, readonly=False, precompute=True, required=True
    )
    min_amount = fields.Monetary(
        string="Least Amount", default=lambda self: self.env.company.bss_note_min_amount, help="Smaller notes wait."
    )
    choice = fields.Selection(
        [("all", "All accounts with open cases not on hold"), ("cases", "Cases chosen in the list")],
        string="Accounts",
        required=True,
        default="all",
    )
    customer_kind = fields.Selection(
        [("any", "All"), ("consumer", "Consumers"), ("business", "Businesses")],
        string="Customers",
        required=True,
        default="any",
    )
    strategy_ids = fields.Many2many("bss.dunning.strategy", string="Strategies", help="Empty: all.")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("previewing", "Being looked at"),
            ("previewed", "Looked at"),
            ("running", "Running"),
            ("done", "Done"),
            ("done_errors", "Done with errors"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
    )
    item_ids = fields.One2many("bss.dunning.note.batch.item", "batch_id", string="Accounts of the Run", readonly=True)
    item_count = fields.Integer(compute="_compute_counts", string="Number of Accounts")
    ready_count = fields.Integer(compute="_compute_counts", string="To Issue")
    issued_count = fields.Integer(compute="_compute_counts", string="Issued")
    skipped_count = fields.Integer(compute="_compute_counts", string="Left Out")
    failed_count = fields.Integer(compute="_compute_counts", string="Failed")
    amount_ready = fields.Monetary(compute="_compute_counts", string="Amount to Issue")
    amount_issued = fields.Monetary(compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts")

    _days_in_order = models.Constraint("CHECK(date_due >= date)", "A note cannot be due before it is issued.")

    @api.depends("date", "company_id")
    def _compute_date_due(self):
        for batch in self:
            batch.date_due = fields.Date.add(batch.date or polish_day.today(), days=batch.company_id.bss_note_days)

    @api.depends("item_ids.state", "item_ids.amount", "state")
    def _compute_counts(self):
        rows = self.env["bss.dunning.note.batch.item"]._read_group(
            [("batch_id", "in", self.ids)], ["batch_id", "state"], ["__count", "amount:sum"]
        )
        found = {(batch, state): (count, amount) for batch, state, count, amount in rows}
        for batch in self:
            counts = {
                state: found.get((batch, state), (0, 0.0)) for state in ("new", "ready", "issued", "skipped", "failed")
            }
            batch.item_count = sum(count for count, _amount in counts.values())
            batch.ready_count, batch.amount_ready = counts["ready"]
            batch.issued_count, batch.amount_issued = counts["issued"]
            batch.skipped_count, batch.failed_count = counts["skipped"][0], counts["failed"][0]
            # looking is over an account when it is ready, issuing when it is not
            left = counts["new"][0] + (counts["ready"][0] if batch.state != "previewing" else 0)
            finished = batch.state in ("done", "done_errors")
            part = 100.0 * (batch.item_count - left) / batch.item_count if batch.item_count else 0.0
            batch.progress = 100.0 if finished else part

    @api.constrains("date", "date_to", "kind", "way")
    def _check_dates(self):
        for batch in self:
            if batch.date_to > batch.date:
                raise ValidationError(
                    self.env._("Interest is charged up to the issue date at most, not for days to come.")
                )
            if batch.kind == "compensation" and batch.way == "charge":
                raise ValidationError(self.env._("Compensation is charged by a note, not on an invoice."))

    def write(self, vals):
        self._bss_refuse_by_hand(vals)
        if not self.env.su:
            # what was looked at is not what would be issued any more
            self.sudo().filtered(lambda batch: batch.state == "previewed")._bss_forget()
        return super().write(vals)

    def _bss_is_settled(self):
        return any(batch.state not in ("draft", "previewed") for batch in self)

    def _bss_guard_words(self):
        return self.env._("Runs are changed by their buttons only.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if any(batch.state in ("running", "done", "done_errors") for batch in self):
            raise UserError(self.env._("A run that has begun is kept as evidence."))

    # Accounts

    def _bss_add_cases(self, cases):
        """Accounts of these cases, each once."""
        self._bss_insert_items(SQL("dunning.id = ANY(%s)", cases.ids))

    def _bss_add_all(self):
        # bankruptcies, promises and the like are decided by people, case by case
        condition = SQL("dunning.state = 'open'")
        if self.customer_kind == "consumer":
            condition = SQL("%s AND dunning.customer_kind = 'consumer'", condition)
        elif self.customer_kind == "business":
            condition = SQL("%s AND dunning.customer_kind != 'consumer'", condition)
        if self.strategy_ids:
            condition = SQL("%s AND dunning.strategy_id = ANY(%s)", condition, self.strategy_ids.ids)
        self._bss_insert_items(condition)

    def _bss_insert_items(self, condition):
        self.ensure_one()
        self.env["bss.dunning.case"].flush_model()
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO bss_dunning_note_batch_item (batch_id, account_id, case_id, company_id, state, amount,
                                                         document_count)
                SELECT %(batch)s, dunning.account_id, dunning.id, dunning.company_id, 'new', 0, 0
                  FROM bss_dunning_case dunning
                 WHERE dunning.company_id = %(company)s AND dunning.state != 'closed' AND %(condition)s
                    ON CONFLICT (batch_id, account_id) DO NOTHING
                """,
                batch=self.id,
                company=self.company_id.id,
                condition=condition,
            )
        )
        self.invalidate_recordset()

    # Issuing

    def action_start(self):
        """Issue by jobs; on a run that was interrupted go on with the rest."""
        self.check_access("write")
        for batch in self.sudo():
            if batch.state not in ("previewed", "running") or not batch.item_count:
                raise UserError(self.env._("Look at run %(name)s first.", name=batch.name))
            if batch.way == "charge":
                batch.company_id._bss_interest_tax()
            batch.state = "running"
            jobs = [
                batch.delayable(channel=CHANNEL, identity_key=f"bss_note_batch:{batch.id}:{part[0]}")._job_issue(part)
                for part in batch._bss_item_parts("ready", BATCH)
            ]
            finish = batch.delayable(channel=CHANNEL)._bss_finish()
            (chain(group(*jobs), finish) if jobs else finish).delay()

    def _job_issue(self, item_ids):
        """One transaction; accounts done by an earlier attempt are passed over."""
        items = self.env["bss.dunning.note.batch.item"].browse(item_ids).exists()
        items = items.try_lock_for_update().filtered(lambda item: item.state == "ready")
        try:
            with self.env.cr.savepoint():
                items._bss_issue()
        except OperationalError:
            raise  # a lost race: the whole job is repeated
        except Exception:
            # one of them fails: each on its own, so that it does not stop the others
            _logger.info("Note run %s: accounts are issued one by one", self.name, exc_info=True)
            items.invalidate_recordset()
            for item in items:
                item._bss_issue_alone()

    def _bss_finish(self):
        self.ensure_one()
        if self.ready_count:
            return  # a job was lost: the run stays open and is started again
        self.state = "done_errors" if self.failed_count else "done"

    # Buttons

    def action_view_notes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_note_action")
        return {**action, "domain": [("batch_id", "=", self.id)], "context": {}}

    def action_view_items(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Accounts of %(name)s", name=self.name),
            "res_model": "bss.dunning.note.batch.item",
            "view_mode": "list",
            "domain": [("batch_id", "=", self.id)],
        }
