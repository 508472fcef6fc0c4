from odoo import api, fields, models
from odoo.exceptions import UserError

from ..bank_core import formats
from ..bank_core.formats.dialects import DIALECTS

#: of files and of the statements in them
KINDS = [
    ("statement", "Statement"),
    ("interim", "Interim Report"),
    ("notice", "Notice"),
    ("report", "Mass-Payment Report"),
]
#: longer files are booked by a background job
DIRECT_LIMIT = 500


class BssBankImport(models.Model):
    _name = "bss.bank.import"
    _description = "Bank File"
    _inherit = ["bss.numbered.mixin", "mail.thread", "bss.payment.steps"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, default="/", copy=False)
    file_name = fields.Char(readonly=True)
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank Journal",
        required=True,
        readonly=True,
        check_company=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(related="journal_id.company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", store=True, precompute=True)
    sha256 = fields.Char(string="SHA-256", readonly=True, copy=False)
    size = fields.Integer(string="Size (bytes)", readonly=True)
    attachment_id = fields.Many2one("ir.attachment", string="File", readonly=True, ondelete="restrict", copy=False)
    format = fields.Char(readonly=True)
    kind = fields.Selection(KINDS, readonly=True, default="statement", help="What the file tells of the account.")
    dialect = fields.Char(readonly=True)
    format_name = fields.Char(string="Kind of File", compute="_compute_format_name")
    encoding = fields.Char(string="Code Page", readonly=True)
    state = fields.Selection(
        [
            ("received", "Received"),
            ("blocked", "Held Back"),
            ("waiting", "Waiting for the Statement"),
            ("imported", "Imported"),
            ("shown", "Only Shown"),
            ("rejected", "Rejected"),
        ],
        default="received",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    is_queued = fields.Boolean(string="Waiting for the Job", readonly=True, copy=False)
    progress_done = fields.Integer(string="Entries Done", readonly=True, copy=False)
    progress_total = fields.Integer(string="Entries in All", readonly=True, copy=False)
    progress = fields.Float(string="Progress (%)", compute="_compute_percent", digits=(5, 1))
    error = fields.Text(readonly=True, copy=False, help="Why the last try to import it was given up.")
    received_at = fields.Datetime(readonly=True, copy=False)
    imported_at = fields.Datetime(readonly=True, copy=False)
    date_start = fields.Date(string="From", readonly=True)
    date_end = fields.Date(string="To", readonly=True)
    balance_start = fields.Monetary(string="Opening Balance", readonly=True)
    balance_end = fields.Monetary(string="Closing Balance", readonly=True)
    has_opening = fields.Boolean(string="Opening Balance Known", readonly=True)
    has_closing = fields.Boolean(string="Closing Balance Known", readonly=True)
    part_ids = fields.One2many("bss.bank.import.statement", "import_id", string="Statements in the File")
    statement_ids = fields.One2many("account.bank.statement", "bss_import_id", string="Statements")
    statement_id = fields.Many2one("account.bank.statement", compute="_compute_statement_id")
    problem_ids = fields.One2many("bss.bank.import.problem", "import_id", string="Problems")
    match_ids = fields.One2many("bss.payment.match", "import_id", string="Payments")
    # audit: entries = new + known before + debits + zero + unreadable
    count_entries = fields.Integer(string="Entries in the File", readonly=True)
    count_credits = fields.Integer(string="New Credits", readonly=True)
    count_debits = fields.Integer(string="New Debits", readonly=True, help="Fees, refunds; left in suspense.")
    count_known = fields.Integer(string="Imported Before", readonly=True)
    count_zero = fields.Integer(string="Without Amount", readonly=True)
    count_unreadable = fields.Integer(string="Unreadable", readonly=True)
    amount_credits = fields.Monetary(string="Credits of the File", readonly=True)
    amount_debits = fields.Monetary(string="Debits of the File", readonly=True)
    count_booked = fields.Integer(string="Booked Payments", compute="_compute_progress")
    count_to_decide = fields.Integer(string="Payments to Decide", compute="_compute_progress")
    amount_booked = fields.Monetary(string="Booked Amount", compute="_compute_progress")
    count_returns = fields.Integer(
        string="Returns to Decide", compute="_compute_progress", help="Among the payments to decide; no money came in."
    )
    amount_to_decide = fields.Monetary(string="Amount to Decide", compute="_compute_progress")
    amount_rejected = fields.Monetary(string="Not a Payment", compute="_compute_progress")
    amount_difference = fields.Monetary(
        string="Difference",
        compute="_compute_progress",
        help="Credits of the file less booked, to decide and set aside as no payment. Must be zero.",
    )
    count_problems = fields.Integer(compute="_compute_progress", string="Problems Found")

    _sha256_unique = models.Constraint(
        "UNIQUE(journal_id, sha256)", "This file was received for this bank journal before."
    )

    @api.depends("journal_id")
    def _compute_currency_id(self):
        for record in self:
            record.currency_id = record.journal_id.currency_id or record.journal_id.company_id.currency_id

    @api.depends("format", "dialect")
    def _compute_format_name(self):
        for record in self:
            known = formats.formats().get(record.format or "")
            dialect = DIALECTS.get(record.dialect or "")
            words = [known.name if known else record.format, dialect.name if dialect else record.dialect]
            record.format_name = " · ".join(word for word in words if word)

    @api.depends("progress_done", "progress_total", "state")
    def _compute_percent(self):
        for record in self:
            if record.progress_total:
                record.progress = 100 * record.progress_done / record.progress_total
            else:
                record.progress = 100 if record.state == "imported" else 0

    @api.depends("statement_ids")
    def _compute_statement_id(self):
        for record in self:
            record.statement_id = record.statement_ids[:1]

    @api.depends("match_ids.state", "match_ids.amount", "amount_credits", "problem_ids")
    def _compute_progress(self):
        groups = self.env["bss.payment.match"]._read_group(
            [("import_id", "in", self.ids), ("amount", ">=", 0)],
            ["import_id", "state"],
            ["__count", "amount:sum"],
        )
        totals = {(record.id, state): (count, amount) for record, state, count, amount in groups}
        reversals = dict(
            self.env["bss.payment.match"]._read_group(
                [("import_id", "in", self.ids), ("amount", "<", 0), ("state", "in", ("proposed", "unallocated"))],
                ["import_id"],
                ["__count"],
            )
        )
        for record in self:

            def total(state, record_id=record._origin.id):
                return totals.get((record_id, state), (0, 0.0))

            record.count_booked, record.amount_booked = total("booked")
            decide = [total("proposed"), total("unallocated")]
            record.count_returns = reversals.get(record._origin, 0)
            record.count_to_decide = sum(count for count, _amount in decide) + record.count_returns
            record.amount_to_decide = sum(amount for _count, amount in decide)
            record.amount_rejected = total("rejected")[1]
            record.amount_difference = record.currency_id.round(
                record.amount_credits - record.amount_booked - record.amount_to_decide - record.amount_rejected
            )
            record.count_problems = len(record.problem_ids)

    def _bss_line_journal(self):
        """The journal that the payments of the file are booked in."""
        self.ensure_one()
        return self.journal_id

    @api.ondelete(at_uninstall=False)
    def _unlink_except_imported(self):
        if any(record.state == "imported" for record in self):
            raise UserError(self.env._("An imported bank file is an accounting document and stays."))

    # --- buttons

    def action_import(self):
        """Book the files; long ones in a background job."""
        self.check_access("write")
        for record in self:
            if record.state not in ("received", "blocked", "waiting"):
                raise UserError(self.env._("File %(name)s is not waiting to be imported.", name=record.name))
            direct = record.count_entries <= DIRECT_LIMIT or self.env.context.get("queue_job__no_delay")
            if direct:
                record._bss_import()
            else:
                record.is_queued = True
                record._bss_delay_import()
        return True

    def _bss_delay_import(self):
        self.with_delay(
            identity_key=f"bss_bank_import:{self.id}",
            channel="root.bss.payments",
            description=self.env._("Import bank file %(name)s", name=self.name),
        )._bss_import()

    def _job_prepare_context_before_enqueue_keys(self):
        """The job of a long file imports it in spite of a gap too, when its user said so."""
        return (*super()._job_prepare_context_before_enqueue_keys(), "bss_import_anyway")

    def action_import_anyway(self):
        """Book files that are held back for a gap before them."""
        self.check_access("write")
        for record in self:
            if record.state != "blocked":
                raise UserError(self.env._("File %(name)s is not held back.", name=record.name))
            record._bss_forget({"GAP_BLOCKS"})
            record.message_post(body=self.env._("Imported in spite of what is missing before it."))
        return self.with_context(bss_import_anyway=True).action_import()

    def action_read_again(self):
        """After the journal's bank account, dialect or code page was corrected."""
        self.check_access("write")
        for record in self:
            if record.state == "imported":
                raise UserError(self.env._("File %(name)s is imported already.", name=record.name))
            record._bss_read()
        return True

    def _bss_match_action(self, domain):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_payments_pl.bss_payment_match_action")
        action["domain"] = [("import_id", "=", self.id), *domain]
        action["context"] = {}
        return action

    def action_view_booked(self):
        return self._bss_match_action([("state", "=", "booked")])

    def action_view_to_decide(self):
        return self._bss_match_action([("state", "in", ("proposed", "unallocated"))])

    def action_view_statement_lines(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bank Transactions"),
            "res_model": "account.bank.statement.line",
            "view_mode": "list,form",
            "domain": [["statement_id", "in", self.statement_ids.ids]],
        }
