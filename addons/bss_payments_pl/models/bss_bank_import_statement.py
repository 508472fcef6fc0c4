from odoo import api, fields, models

from .bss_bank_import import KINDS


class BssBankImportStatement(models.Model):
    """One statement (or page, notice, report) as a file holds it: what was read before anything is booked."""

    _name = "bss.bank.import.statement"
    _description = "Statement in a Bank File"
    _order = "import_id, sequence"
    _check_company_auto = True

    import_id = fields.Many2one("bss.bank.import", required=True, readonly=True, ondelete="cascade", index=True)
    journal_id = fields.Many2one(related="import_id.journal_id", store=True, precompute=True, index=True)
    company_id = fields.Many2one(related="import_id.company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related="import_id.currency_id", store=True, precompute=True)
    sequence = fields.Integer(readonly=True, help="Place in the file.")
    statement_id = fields.Many2one(
        "account.bank.statement", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True, default="statement")
    is_usable = fields.Boolean(readonly=True, help="It is of the bank account and the currency of the journal.")
    is_done = fields.Boolean(readonly=True, copy=False, help="All its entries were imported.")
    account_number = fields.Char(string="Bank Account", readonly=True)
    currency_code = fields.Char(string="Currency of the File", readonly=True)
    number = fields.Char(string="Number at the Bank", readonly=True)
    page = fields.Char(readonly=True)
    line_no = fields.Integer(string="Line", readonly=True, aggregator=None)
    number_line = fields.Integer(string="Line of the Number", readonly=True, aggregator=None)
    opening_line = fields.Integer(string="Line of the Opening Balance", readonly=True, aggregator=None)
    number_field = fields.Char(readonly=True, help="What the number of the statement is called in the file.")
    opening_field = fields.Char(readonly=True, help="What the opening balance is called in the file.")
    date_start = fields.Date(string="From", readonly=True)
    date_end = fields.Date(string="To", readonly=True, index=True)
    balance_start = fields.Monetary(string="Opening Balance", readonly=True, aggregator=None)
    balance_end = fields.Monetary(string="Closing Balance", readonly=True, aggregator=None)
    has_opening = fields.Boolean(string="Opening Balance Known", readonly=True)
    has_closing = fields.Boolean(string="Closing Balance Known", readonly=True)
    is_opening_intermediate = fields.Boolean(readonly=True, help="It goes on from an earlier page.")
    is_closing_intermediate = fields.Boolean(readonly=True, help="It goes on on another page.")
    count_entries = fields.Integer(string="Entries", readonly=True)
    count_unreadable = fields.Integer(string="Unreadable", readonly=True)
    amount_credits = fields.Monetary(string="Credits", readonly=True)
    amount_debits = fields.Monetary(string="Debits", readonly=True)
    count_known = fields.Integer(string="Imported Before", readonly=True, copy=False)
    sum_line_id = fields.Many2one(
        "account.bank.statement.line",
        string="Sum on the Statement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The credit of the statement that this report explains.",
    )

    @api.depends("number", "page", "date_end")
    def _compute_display_name(self):
        for part in self:
            name = "/".join(word for word in (part.number, part.page) if word)
            part.display_name = " ".join(word for word in (name, str(part.date_end or "")) if word) or str(
                part.sequence
            )
