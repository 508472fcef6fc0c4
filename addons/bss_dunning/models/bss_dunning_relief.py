"""Reliefs for bad debts: candidates with their reasons, and what a write-off would spoil. Nothing is posted."""

from itertools import islice

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL

from .. import adapters_law, adapters_relief
from ..dunning_core.law.income_relief import income_relief
from ..dunning_core.law.vat_relief import relief
from ..dunning_core.money import round_half_up
from ..dunning_core.result import Reason
from ..planning.arrays import table

STATUSES = [
    ("possible", "Possible now"),
    ("later", "Not yet"),
    ("fact_missing", "A fact is missing"),
    ("taken", "Taken"),
    ("expired", "Expired"),
    ("paid", "Paid"),
    ("no_vat", "Without VAT"),
]
# rows that are read, judged and written at a time
BATCH = 5000
# what judging writes, with the types of the columns
JUDGED = {
    "amount_residual": "numeric",
    "amount_vat": "numeric",
    "amount_net": "numeric",
    "status": "text",
    "date_first": "date",
    "date_last": "date",
    "reason": "text",
    "income_possible": "bool",
    "income_reason": "text",
}
FACTS = ("taken_on", "enforced_on", "listed_on", "bankrupt_on", "related")


class BssDunningRelief(models.Model):
    _name = "bss.dunning.relief"
    _description = "Candidate for Bad-Debt Relief"
    _order = "date_last, id"
    _rec_name = "move_id"
    _check_company_auto = True

    move_id = fields.Many2one(
        "account.move", string="Invoice", required=True, readonly=True, index=True, ondelete="cascade"
    )
    account_id = fields.Many2one(related="move_id.bss_account_id", store=True, index=True, string="Billing Account")
    partner_id = fields.Many2one(related="move_id.commercial_partner_id", store=True, string="Customer")
    company_id = fields.Many2one(related="move_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_due = fields.Date(related="move_id.invoice_date_due", store=True, string="Due")
    date_invoice = fields.Date(related="move_id.invoice_date", store=True, string="Issued")
    amount_residual = fields.Monetary(string="Open", readonly=True)
    amount_vat = fields.Monetary(string="VAT of the Open Part", readonly=True)
    amount_net = fields.Monetary(string="Net of the Open Part", readonly=True)
    status = fields.Selection(STATUSES, string="VAT Relief", readonly=True, index=True)
    date_first = fields.Date(string="Possible From", readonly=True, help="First day on which the tax may be corrected.")
    date_last = fields.Date(string="Until", readonly=True, help="Last day on which the tax may be corrected.")
    reason = fields.Text(readonly=True)
    income_possible = fields.Boolean(string="Income Tax Relief", readonly=True)
    income_reason = fields.Text(readonly=True)
    as_of = fields.Date(readonly=True)
    taken_on = fields.Date(string="Relief Taken On", help="Day of the return in which the tax was corrected.")
    taken_vat = fields.Monetary(
        string="VAT Corrected", help="Taken off the tax in that return, as it was calculated on the list then."
    )
    vat_to_return = fields.Monetary(
        string="VAT to Pay Back",
        compute="_compute_vat_to_return",
        search="_search_vat_to_return",
        help="Of what was paid or credited since the relief: the tax of the period of the payment grows by it.",
    )
    enforced_on = fields.Date(string="Sent to Enforcement", help="Final judgment sent to enforcement.")
    listed_on = fields.Date(string="In a Debt Register", help="Entry in a national register of debts.")
    bankrupt_on = fields.Date(string="Consumer Bankruptcy")
    related = fields.Boolean(string="Related Party", help="Related parties bar the relief in income tax.")

    _move_once = models.UniqueIndex("(move_id)", "This invoice is on the list already.")

    @api.depends("taken_on", "taken_vat", "amount_vat")
    def _compute_vat_to_return(self):
        for row in self:
            row.vat_to_return = max(row.taken_vat - row.amount_vat, 0.0) if row.taken_on else 0.0

    def _search_vat_to_return(self, operator, value):
        if (operator, value) != (">", 0):
            return NotImplemented
        self.flush_model(["taken_on", "taken_vat", "amount_vat"])
        less = SQL(
            "SELECT id FROM bss_dunning_relief WHERE taken_on IS NOT NULL AND taken_vat > COALESCE(amount_vat, 0)"
        )
        return [("id", "in", less)]

    def write(self, vals):
        if "taken_on" in vals and "taken_vat" not in vals:
            for row in self:
                # only once: what is left of the claim later says what has to be paid back
                if not vals["taken_on"]:
                    row.taken_vat = 0.0
                elif not row.taken_on:
                    row.taken_vat = row.amount_vat
        result = super().write(vals)
        if set(FACTS) & set(vals):
            for day, rows in self.sudo().grouped("as_of").items():
                rows._bss_judge(day or polish_day.today())
        return result

    def action_refresh_today(self):
        """The list as of today, of the companies on the screen."""
        self.check_access("write")
        for company in self.env.companies:
            self._bss_refresh(company, polish_day.today())

    @api.model
    def _bss_refresh(self, company, as_of):
        """Put overdue unpaid invoices with VAT on the list, judge all that is on it; facts people entered stay."""
        self.sudo()._bss_put_on_list(company, as_of)
        self.sudo()._bss_take_off_list(company)
        rows = self.env.execute_query(
            SQL("SELECT id FROM bss_dunning_relief WHERE company_id = %s ORDER BY id", company.id)
        )
        self.sudo().browse(row[0] for row in rows)._bss_judge(as_of)

    def _bss_put_on_list(self, company, as_of):
        """A row for each overdue unpaid invoice with VAT that has none yet."""
        self.env["account.move"].flush_model()
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO bss_dunning_relief (
                    move_id, account_id, partner_id, company_id, date_due, date_invoice, related, income_possible,
                    create_uid, write_uid, create_date, write_date)
                SELECT move.id, move.bss_account_id, move.commercial_partner_id, move.company_id, move.invoice_date_due,
                       move.invoice_date, false, false,
                       %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM account_move move
                 WHERE move.company_id = %(company)s AND move.move_type = 'out_invoice' AND move.state = 'posted'
                   AND move.bss_account_id IS NOT NULL AND move.payment_state IN ('not_paid', 'partial')
                   AND move.invoice_date_due < %(as_of)s AND move.amount_tax_signed > 0
                ON CONFLICT (move_id) DO NOTHING
                """,
                uid=self.env.uid,
                company=company.id,
                as_of=as_of,
            )
        )
        self.invalidate_model()

    def _bss_take_off_list(self, company):
        """An invoice that was taken back is no claim; one whose tax was corrected stays, the correction is undone."""
        domain = [("company_id", "=", company.id), ("move_id.state", "!=", "posted"), ("taken_on", "=", False)]
        self.search(domain).unlink()

    def _bss_judge(self, as_of):
        """Status and reasons of the rows: so many at a time are read, judged and written by one query each."""
        judge = ReliefJudge(self.env, as_of)
        for start in range(0, len(self), BATCH):
            batch = self[start : start + BATCH]
            self.flush_model()
            moves = self.env.execute_query(
                SQL("SELECT move_id FROM bss_dunning_relief WHERE id = ANY(%s)", list(batch.ids))
            )
            candidates = adapters_relief.load_candidates(self.env, [row[0] for row in moves])
            batch._bss_store(judge.rows(candidates), as_of)
        self.invalidate_model()

    def _bss_store(self, rows, as_of):
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_dunning_relief listed
                   SET (%(names)s) = (%(values)s), as_of = %(as_of)s,
                       write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
                  FROM %(rows)s
                 WHERE listed.id = judged.id
                   AND (%(known)s, listed.as_of) IS DISTINCT FROM (%(values)s, %(as_of)s::date)
                """,
                names=_columns(),
                values=_columns("judged"),
                known=_columns("listed"),
                rows=table(rows, "judged", id="int", **JUDGED),
                as_of=as_of,
                uid=self.env.uid,
            )
        )


def _columns(alias=None):
    return SQL(", ").join(SQL.identifier(alias, name) if alias else SQL.identifier(name) for name in JUDGED)


class ReliefJudge:
    """Kernel answers about invoices as of a day, with the law read once."""

    def __init__(self, env, as_of):
        self.env, self.as_of = env, as_of
        self.terms = adapters_law.relief_terms(env, as_of)
        self.income_terms = adapters_law.income_relief_terms(env, as_of)
        self.texts = env["bss.legal.text"]

    def vat(self, candidate):
        """Kernel answer about the VAT of an invoice, None without the numbers of the law for the day."""
        if self.terms is None or not candidate.issued or not candidate.due:
            return None
        return relief(candidate.receivable(), self.as_of, self.terms)

    def income(self, candidate, residual_net):
        if self.income_terms is None or not candidate.issued or not candidate.due:
            return None
        terms, since = self.income_terms
        account = self.env["bss.account"].sudo().browse(candidate.account_id or ())
        return income_relief(candidate.claim(residual_net, account), self.as_of, since, terms)

    def rows(self, candidates):
        """Values of rows of the list, in the order of ``JUDGED`` after their ids."""
        accounts = [candidate.account_id for candidate in candidates if candidate.account_id]
        self.env["bss.account"].sudo().browse(set(accounts)).fetch(
            ["interest_contract_date", "customer_kind", "interest_regime", "interest_professional"]
        )
        judged = [(candidate, self.vat(candidate)) for candidate in candidates]
        incomes = [self._income_of(candidate, answer) for candidate, answer in judged]
        reasons = self._sentences([self._reasons(answer) for _candidate, answer in judged])
        income_reasons = self._sentences([income.explain if income else () for income in incomes])
        return [
            self._row(candidate, answer, income, reason, income_reason)
            for (candidate, answer), income, reason, income_reason in zip(
                judged, incomes, reasons, income_reasons, strict=True
            )
        ]

    def _row(self, candidate, answer, income, reason, income_reason):
        if answer is None:
            text = self.env._("The numbers of the law are not recorded for this day.")
            return (candidate.id, candidate.residual, 0, 0, None, None, None, text, False, None)
        return (
            candidate.id,
            candidate.residual,
            answer.vat_open,
            round_half_up(candidate.residual - answer.vat_open),
            answer.status.value,
            answer.first,
            answer.last,
            reason,
            bool(income and income.possible),
            income_reason or None,
        )

    def _income_of(self, candidate, answer):
        return self.income(candidate, round_half_up(candidate.residual - answer.vat_open)) if answer else None

    def _reasons(self, answer):
        if answer is None:
            return ()
        return (*answer.explain, Reason(answer.warning)) if answer.warning else answer.explain

    def _sentences(self, groups):
        """Text of each group of reasons; the words are looked up once for all."""
        found = iter(self.texts._bss_sentences([reason for group in groups for reason in group]))
        return ["\n".join(islice(found, len(group))) for group in groups]

    def warnings(self, move_ids):
        """{invoice id: what a write-off of it spoils, as a sentence}"""
        found = {}
        for candidate in adapters_relief.load_candidates(self.env, move_ids):
            answer = self.vat(candidate)
            if answer is not None and answer.warning:
                found[candidate.move_id] = self.texts._bss_sentence(Reason(answer.warning))
        return found
