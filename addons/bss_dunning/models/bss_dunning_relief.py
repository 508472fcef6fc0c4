"""Reliefs for bad debts: candidates with their reasons, and what a write-off would spoil. Nothing is posted."""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL

from .. import adapters, adapters_law
from ..dunning_core.law.income_relief import BusinessClaim, income_relief
from ..dunning_core.law.vat_relief import DebtorKind, Receivable, relief
from ..dunning_core.money import round_half_up
from ..dunning_core.result import Reason

STATUSES = [
    ("possible", "Possible now"),
    ("later", "Not yet"),
    ("fact_missing", "A fact is missing"),
    ("taken", "Taken"),
    ("expired", "Expired"),
    ("paid", "Paid"),
    ("no_vat", "Without VAT"),
]
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
    date_first = fields.Date(string="From", readonly=True, help="First day on which the tax may be corrected.")
    date_last = fields.Date(string="Until", readonly=True, help="Last day on which the tax may be corrected.")
    reason = fields.Text(readonly=True)
    income_possible = fields.Boolean(string="Income Tax Relief", readonly=True)
    income_reason = fields.Text(readonly=True)
    as_of = fields.Date(readonly=True)
    taken_on = fields.Date(string="Relief Taken On", help="Day of the return in which the tax was corrected.")
    enforced_on = fields.Date(string="Sent to Enforcement", help="Final judgment sent to enforcement.")
    listed_on = fields.Date(string="In a Debt Register", help="Entry in a national register of debts.")
    bankrupt_on = fields.Date(string="Consumer Bankruptcy")
    related = fields.Boolean(string="Related Party", help="Related parties bar the relief in income tax.")

    _move_once = models.UniqueIndex("(move_id)", "This invoice is on the list already.")

    def write(self, vals):
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
        self.env["account.move"].flush_model()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.id
                  FROM account_move move
                 WHERE move.company_id = %s AND move.move_type = 'out_invoice' AND move.state = 'posted'
                   AND move.bss_account_id IS NOT NULL AND move.payment_state IN ('not_paid', 'partial')
                   AND move.invoice_date_due < %s AND move.amount_tax_signed > 0
                   AND NOT EXISTS (SELECT 1 FROM bss_dunning_relief known WHERE known.move_id = move.id)
                """,
                company.id,
                as_of,
            )
        )
        self.sudo().create([{"move_id": row[0]} for row in rows])
        self.sudo().search([("company_id", "=", company.id)])._bss_judge(as_of)

    def _bss_judge(self, as_of):
        """Status and reasons of each row; moves are read with one query."""
        judge = ReliefJudge(self.env, as_of)
        for row in self:
            row.write(judge.values(row.move_id, row))


class ReliefJudge:
    """Kernel answers about invoices as of a day, with the law read once."""

    def __init__(self, env, as_of):
        self.env, self.as_of = env, as_of
        self.terms = adapters_law.relief_terms(env, as_of)
        self.income_terms = adapters_law.income_relief_terms(env, as_of)
        self.texts = env["bss.legal.text"]

    def vat(self, move, facts=None):
        """Kernel answer about the VAT of an invoice, None without the numbers of the law for the day."""
        if self.terms is None or not move.invoice_date or not move.invoice_date_due:
            return None
        receivable = Receivable(
            issued=move.invoice_date,
            due=move.invoice_date_due,
            gross=adapters.to_money(move.amount_total_signed),
            vat=adapters.to_money(move.amount_tax_signed),
            residual=adapters.to_money(move.amount_residual_signed),
            debtor=self._debtor(move),
            relief_taken=bool(facts and facts.taken_on),
            enforced_on=(facts and facts.enforced_on) or None,
            listed_on=(facts and facts.listed_on) or None,
            bankrupt_on=(facts and facts.bankrupt_on) or None,
        )
        return relief(receivable, self.as_of, self.terms)

    def _debtor(self, move):
        """A business with a tax number counts as an active payer of VAT; check it before the return."""
        partner = move.commercial_partner_id
        is_payer = partner.bss_customer_kind != "consumer" and partner.vat and partner.vat != "/"
        return DebtorKind.PAYER if is_payer else DebtorKind.OTHER

    def income(self, move, residual_net, facts=None):
        if self.income_terms is None or not move.invoice_date or not move.invoice_date_due:
            return None
        terms, since = self.income_terms
        account = move.bss_account_id
        claim = BusinessClaim(
            issued=move.invoice_date,
            due=move.invoice_date_due,
            residual=residual_net,
            concluded=account.interest_contract_date or None,
            between_businesses=bool(account) and account._bss_between_businesses(),
            insolvent=bool(facts and facts.bankrupt_on),
            related=bool(facts and facts.related),
        )
        return income_relief(claim, self.as_of, since, terms)

    def values(self, move, facts):
        """Values of a row of the list."""
        residual = adapters.to_money(move.amount_residual_signed)
        answer = self.vat(move, facts)
        if answer is None:
            text = self.env._("The numbers of the law are not recorded for this day.")
            return {"as_of": self.as_of, "status": False, "amount_residual": float(residual), "reason": text}
        net = round_half_up(residual - answer.vat_open)
        income = self.income(move, net, facts)
        return {
            "as_of": self.as_of,
            "amount_residual": float(residual),
            "amount_vat": float(answer.vat_open),
            "amount_net": float(net),
            "status": answer.status.value,
            "date_first": answer.first,
            "date_last": answer.last,
            "reason": "\n".join(self._sentences(answer)),
            "income_possible": bool(income and income.possible),
            "income_reason": "\n".join(self.texts._bss_sentences(income.explain)) if income else False,
        }

    def _sentences(self, answer):
        reasons = list(answer.explain)
        if answer.warning:
            reasons.append(Reason(answer.warning))
        return self.texts._bss_sentences(reasons)

    def warning(self, move, facts):
        """What a write-off of the invoice spoils, as sentences."""
        answer = self.vat(move, facts)
        if answer is None or not answer.warning:
            return []
        return self.texts._bss_sentences([Reason(answer.warning)])
