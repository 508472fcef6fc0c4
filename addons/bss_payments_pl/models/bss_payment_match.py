from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

REASONS = [
    ("VIRTUAL_ACCOUNT", "Virtual account"),
    ("KSEF_NUMBER", "KSeF number in the title"),
    ("INVOICE_NUMBER", "Invoice number in the title"),
    ("INVOICE_NUMBER_NEAR", "Invoice number with a slip"),
    ("RULE", "Matching rule"),
    ("ACCOUNT_NUMBER", "Billing account number in the title"),
    ("PAYER_ACCOUNT", "Payer's bank account used before"),
    ("NAME_AND_AMOUNT", "Name and amount"),
    ("MANUAL", "Decided by hand"),
    ("NO_KEY", "Nothing to recognise it by"),
    ("AMBIGUOUS", "Several accounts are possible"),
    ("UNKNOWN_VIRTUAL_ACCOUNT", "Unknown virtual account"),
    ("DAMAGED_ACCOUNT_NUMBER", "Damaged account number"),
    ("DAMAGED_ACCOUNT_IN_TITLE", "Account number in the title has a wrong check digit"),
    ("UNREADABLE", "Line cannot be read"),
    ("REVERSAL_OF_CREDIT", "Reversal of a credit"),
    ("REVERSAL_OF_DEBIT", "Reversal of a debit"),
    ("UNDONE", "Booking undone"),
    ("REPORT_SUM", "Daily sum of a mass-payment report"),
]
CHANNELS = [
    ("virtual", "Virtual account"),
    ("transfer", "Transfer"),
    ("report", "Mass-payment report"),
]
DOCUMENT_REASONS = [
    ("NAMED", "Named in the title"),
    ("PERIOD", "Month named in the title"),
    ("AMOUNT", "Amount of the debt"),
]


#: what people may write themselves; the rest is written by the actions
EDITABLE = frozenset({"account_id", "note", "raw"})


class BssPaymentMatch(models.Model):
    _name = "bss.payment.match"
    _description = "Payment"
    _order = "date desc, id desc"
    _rec_name = "title"
    _rec_names_search = ["title", "payer_name", "nrb"]
    _check_company_auto = True

    import_id = fields.Many2one("bss.bank.import", string="Bank File", readonly=True, ondelete="cascade", index=True)
    file_statement_id = fields.Many2one(
        "bss.bank.import.statement", string="Statement in the File", readonly=True, ondelete="set null"
    )
    journal_id = fields.Many2one(related="import_id.journal_id", store=True, precompute=True, index=True)
    company_id = fields.Many2one(related="import_id.company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related="import_id.currency_id", store=True, precompute=True)
    statement_line_id = fields.Many2one(
        "account.bank.statement.line", string="Bank Transaction", readonly=True, ondelete="restrict", index=True
    )
    move_id = fields.Many2one(related="statement_line_id.move_id", string="Journal Entry")
    date = fields.Date(readonly=True, index=True)
    amount = fields.Monetary(readonly=True)
    amount_open = fields.Monetary(
        string="Unused", compute="_compute_amount_open", help="Part of the booked payment not set against a debt yet."
    )
    account_id = fields.Many2one(
        "bss.account",
        string="Billing Account",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('company_id', '=', company_id)]",
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer", store=True, index="btree_not_null")
    state = fields.Selection(
        [
            ("unallocated", "Unallocated"),
            ("proposed", "Proposed"),
            ("booked", "Booked"),
            ("rejected", "Not a payment"),
        ],
        default="unallocated",
        required=True,
        readonly=True,
        index=True,
    )
    reason = fields.Selection(REASONS, required=True, readonly=True)
    confidence = fields.Integer(string="Confidence (%)", readonly=True, aggregator=None)
    candidate_ids = fields.One2many("bss.payment.match.candidate", "match_id", string="Candidates")
    invoice_ids = fields.Many2many("account.move", string="Invoices Named in the Title", readonly=True)
    title = fields.Char(readonly=True)
    payer_name = fields.Char(readonly=True)
    payer_address = fields.Char(readonly=True)
    payer_nrb = fields.Char(string="Payer's Bank Account", readonly=True, index="btree_not_null")
    payer_key = fields.Char(string="Payer Number at the Bank", readonly=True, help="SWRK, ID IPH or the like.")
    nrb = fields.Char(string="Paid to Virtual Account", readonly=True, index="btree_not_null")
    bank_reference = fields.Char(readonly=True, index="btree_not_null", help="The bank's own number of the payment.")
    entry_reference = fields.Char(
        string="Reference of the Entry",
        readonly=True,
        index="btree_not_null",
        help="What the statement's entry is called, where the bank numbers payments besides.",
    )
    end_to_end = fields.Char(string="End-to-End Reference", readonly=True, index="btree_not_null")
    original_reference = fields.Char(
        string="Reference of the Original",
        readonly=True,
        help="Which payment this one takes back, in the bank's words.",
    )
    return_reason = fields.Char(string="Reason of the Return", readonly=True, help="Why the bank took it back.")
    channel = fields.Selection(CHANNELS, readonly=True, index=True)
    document_reason = fields.Selection(
        DOCUMENT_REASONS,
        string="Documents Known By",
        readonly=True,
        help="What says which documents are paid; empty: the allocation order of the company decided.",
    )
    raw = fields.Text(string="Text of the Bank")
    line_no = fields.Integer(string="Line", readonly=True, aggregator=None)
    position = fields.Integer(string="Position on the Statement", readonly=True, aggregator=None)
    dedupe_key = fields.Char(readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    note = fields.Char()
    reversed_id = fields.Many2one(
        "bss.payment.match",
        string="Reversed Payment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The payment that this reversal of the bank took back.",
    )

    _dedupe_unique = models.Constraint("UNIQUE(journal_id, dedupe_key)", "This bank transaction was imported before.")

    @api.depends("statement_line_id.move_id.line_ids.amount_residual", "state")
    def _compute_amount_open(self):
        for match in self:
            items = match._bss_receivable_items() if match.state == "booked" else self.env["account.move.line"]
            match.amount_open = -sum(items.mapped("amount_residual"))

    @api.depends("date", "payer_name", "title")
    def _compute_display_name(self):
        for match in self:
            parts = [str(match.date or ""), match.payer_name or "", match.title or ""]
            match.display_name = " ".join(part for part in parts if part)

    def _bss_receivable_items(self):
        """Receivable items of the payments' own entries."""
        return self.sudo().statement_line_id.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def write(self, vals):
        if not self.env.su and set(vals) - EDITABLE:
            raise AccessError(self.env._("Payments are changed by their buttons: book, undo, not a payment."))
        if "raw" in vals and any(match.reason != "UNREADABLE" or match.statement_line_id for match in self):
            raise UserError(self.env._("Only the text of a line that could not be read may be corrected."))
        decided = any(match.state in ("booked", "rejected") for match in self)
        by_action = self.env.su and self.env.context.get("bss_booking")
        if decided and "account_id" in vals and not by_action:
            raise UserError(self.env._("Undo the booking first, then choose another account."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_own(self):
        if any(match.statement_line_id for match in self):
            raise UserError(self.env._("A payment that stands on a bank statement cannot be deleted."))

    # --- booking

    def _bss_check_may_book(self):
        if not self.env.su and not (
            self.env.user.has_group("bss_catalog.group_bss_billing_manager")
            or self.env.user.has_group("account.group_account_invoice")
        ):
            raise AccessError(self.env._("Booking payments needs the rights of a billing manager or an accountant."))
        self.check_access("write")

    def action_book(self):
        """Book the payments of the chosen accounts and set them against the oldest debts."""
        self._bss_check_may_book()
        for match in self:
            if match.state not in ("proposed", "unallocated"):
                raise UserError(self.env._("Payment “%(name)s” is decided already.", name=match.display_name))
            if not match.statement_line_id:
                raise UserError(
                    self.env._("Correct the text of the unreadable line first: %(name)s.", name=match.display_name)
                )
            if match.amount <= 0 and match.reason != "REVERSAL_OF_CREDIT":
                raise UserError(
                    self.env._(
                        "“%(name)s” took money from the bank account; it is no customer's payment.",
                        name=match.display_name,
                    )
                )
            if not match.account_id:
                raise UserError(self.env._("Choose a billing account for “%(name)s”.", name=match.display_name))
        self._bss_book(manual=True)
        return True

    def action_reject(self):
        """No customer's payment: it stays in suspense for accounting (an unreadable line is dismissed)."""
        self._bss_check_may_book()
        if any(match.state == "booked" for match in self):
            raise UserError(self.env._("Undo the booking first."))
        self.sudo().with_context(bss_booking=True).write(
            {
                "state": "rejected",
                "account_id": False,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )
        return True

    def action_reopen(self):
        """Back from "not a payment" to the list."""
        self._bss_check_may_book()
        self.sudo().filtered(lambda match: match.state == "rejected").write({"state": "unallocated"})
        return True

    def action_view_move(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }
