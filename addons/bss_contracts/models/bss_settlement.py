from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from . import bss_settlement_query as query

# What an accountant may say about an entry of his own; the other kinds are known from the documents.
ENTRY_KINDS = [
    ("interest_note", "Interest note"),
    ("debit_note", "Debit note"),
    ("write_off", "Write-off"),
    ("opening", "Opening item"),
    ("refund", "Refund"),
    ("payment", "Payment"),
    ("entry", "Other entry"),
]
KINDS = [
    ("opening_balance", "Opening balance"),
    ("invoice", "Invoice"),
    ("correction", "Corrective invoice"),
    ("deposit", "Deposit asked for"),
    ("deposit_set_off", "Deposit set off"),
    ("deposit_return", "Deposit returned"),
    ("reversal", "Reversal"),
    ("exchange", "Exchange difference"),
    ("transfer", "Settled with another account"),
    *ENTRY_KINDS,
]
SCOPE_KEYS = (
    "settlement_account_ids",
    "settlement_partner_ids",
    "settlement_move_ids",
    "settlement_date_from",
    "settlement_date_to",
)
DEPENDS = {
    "account.move": [
        "name",
        "date",
        "invoice_date",
        "state",
        "move_type",
        "bss_correction_id",
        "bss_settlement_kind",
        "reversed_entry_id",
        "statement_line_id",
        "origin_payment_id",
        "journal_id",
    ],
    "account.move.line": [
        "account_id",
        "amount_currency",
        "balance",
        "bss_account_id",
        "bss_deposit_part",
        "company_id",
        "currency_id",
        "date",
        "date_maturity",
        "move_id",
        "name",
        "parent_state",
        "partner_id",
    ],
    "account.partial.reconcile": ["amount", "credit_move_id", "debit_move_id", "max_date"],
    "account.account": ["account_type"],
    "bss.account": ["partner_id"],
    "res.company": ["account_opening_move_id", "currency_exchange_journal_id", "currency_id"],
}


class BssSettlement(models.Model):
    """Movements of receivables of a billing account, or of a customer over his accounts, in order of time.

    A query, nothing stored. Whose and up to when stands in the context (see ``bss_settlement_query.scope_of``):
    ``settlement_account_ids``, ``settlement_partner_ids``, ``settlement_move_ids``, ``settlement_date_from`` and
    ``settlement_date_to``. Amounts are in the currency of the company. The cache does not know these keys: code that asks for another scope in one
    transaction takes ``_bss_rows``.
    """

    _name = "bss.settlement"
    _description = "Settlement"
    _auto = False
    _log_access = False
    _order = "date, id"
    _rec_name = "number"
    _depends = DEPENDS

    line_id = fields.Many2one("account.move.line", string="Journal Item", readonly=True)
    partial_id = fields.Many2one("account.partial.reconcile", string="Matching", readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True)
    number = fields.Char(string="Document", readonly=True)
    label = fields.Char(readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    account_id = fields.Many2one("bss.account", string="Billing Account", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date(readonly=True)
    date_issue = fields.Date(string="Issued", readonly=True)
    date_due = fields.Date(string="Due", readonly=True)
    debit = fields.Monetary(readonly=True)
    credit = fields.Monetary(readonly=True)
    balance = fields.Monetary(
        readonly=True, aggregator=None, help="What the customer owes after this movement; negative: his credit."
    )
    amount_open = fields.Monetary(
        string="Open Amount", readonly=True, help="What is not settled yet; negative: a credit."
    )
    overdue_days = fields.Integer(string="Days Overdue", readonly=True, aggregator="max")
    amount_currency = fields.Monetary(
        string="Amount in Currency", currency_field="foreign_currency_id", readonly=True, aggregator=None
    )
    foreign_currency_id = fields.Many2one("res.currency", readonly=True)
    state = fields.Selection(
        [("open", "Not settled"), ("partial", "Partly settled"), ("settled", "Settled")], readonly=True
    )
    settled_with = fields.Char(
        compute="_compute_settled_with", help="Documents that this one was settled with, and for how much."
    )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        # a day has an order of its own, which turns round with it: a click on "Date" asks for "date desc, id"
        order = super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        return SQL("%s, %s %s", order, SQL.identifier(alias, "id"), direction) if field_name == "date" else order

    @property
    def _table_query(self):
        return query.movements(query.scope_of(self.env), self._bss_kind_case("line", "move", "journal"))

    @api.model
    def _bss_kind_case(self, line, move, journal):
        names = SQL.identifier(line), SQL.identifier(move), SQL.identifier(journal)
        return query.kind_case(line, move, journal, self._bss_kinds(*names))

    @api.model
    def _bss_kinds(self, line, move, journal):
        """Hook of higher addons: pairs of (SQL condition, kind) over these tables, before an entry is guessed."""
        return []

    @api.model
    def _bss_rows(self, model="bss.settlement"):
        """All rows of the scope of the context as dictionaries, amounts as text (the cursor would give floats)."""
        source = self.env[model]
        source.check_access("read")
        money = [name for name, field in source._fields.items() if field.store and field.type == "monetary"]
        texts = SQL(", ").join(SQL("source.%s::text AS %s", SQL.identifier(n), SQL.identifier(n)) for n in money)
        others = [n for n, field in source._fields.items() if field.store and n not in money]
        columns = SQL(", ").join(SQL("source.%s", SQL.identifier(name)) for name in others)
        return self.env.execute_query_dict(
            SQL("SELECT %s, %s FROM %s AS source ORDER BY source.date, source.id", columns, texts, source._table_sql)
        )

    @api.depends_context(*SCOPE_KEYS)
    def _compute_settled_with(self):
        found = {}
        lines = self.line_id.ids
        links = self.env["bss.settlement.link"].with_context(settlement_line_ids=lines) if lines else ()
        for link in links._bss_rows() if lines else ():
            text = self._bss_link_text(link)
            found.setdefault(link["line_id"], []).append(text)
        for row in self:
            row.settled_with = ", ".join(found.get(row.line_id.id, ())) if not row.partial_id else False

    def _bss_link_text(self, link):
        currency = self.env["res.currency"].browse(link["currency_id"])
        return f"{link['other_number']} ({formatLang(self.env, float(link['amount']), currency_obj=currency)})"

    # -- actions --------------------------------------------------------------------------------------

    def action_open_document(self):
        """The document behind the movement: the entry, or what is archived for those who may not see entries."""
        self.ensure_one()
        if not self.line_id:
            raise UserError(self.env._("The opening balance sums up earlier movements; it is no document."))
        return self._bss_open_move(self.sudo().move_id.id)

    @api.model
    def _bss_open_move(self, move_id):
        moves = self.env["account.move"]
        if moves.has_access("read"):
            return {
                "type": "ir.actions.act_window",
                "res_model": moves._name,
                "res_id": move_id,
                "view_mode": "form",
                "views": [(False, "form")],
                "context": {"create": False},
            }
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.action_bss_document")
        return {**action, "domain": [("res_model", "=", moves._name), ("res_id", "=", move_id)], "context": {}}

    def action_view_links(self):
        """What settled the movement, or what it settled."""
        lines = self.filtered(lambda row: not row.partial_id).line_id
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_settlement_link_action")
        action["context"] = {**self._bss_scope_context(), "settlement_line_ids": lines.ids}
        # without its id the web client keeps the whole action, also over a reload
        del action["id"]
        if len(self) == 1:
            name = self.env._("Settlements of %(name)s", name=self.number or "")
            action.update(name=name, display_name=name)
        return action

    @api.model
    def _bss_scope_context(self):
        return {key: self.env.context[key] for key in SCOPE_KEYS if key in self.env.context}

    def action_statement(self):
        """The wizard of periods and statements, for the customer or account of the list."""
        context = self.env.context
        moves = self.env["account.move"].sudo().browse(context.get("settlement_move_ids") or ())
        accounts = [*(context.get("settlement_account_ids") or ()), *moves.bss_account_id.ids]
        partners = [*(context.get("settlement_partner_ids") or ()), *moves.commercial_partner_id.ids]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Statement of settlements"),
            "res_model": "bss.settlement.statement",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_account_id": accounts[0] if accounts else False,
                "default_partner_id": partners[0] if partners and not accounts else False,
                "default_date_from": context.get("settlement_date_from", False),
                "default_date_to": context.get("settlement_date_to", False),
            },
        }
