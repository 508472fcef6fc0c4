"""What letters say, read for a whole batch at once: a few queries however many letters there are."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo.addons.bss_contracts.document_core import format_date, format_money, format_nrb
from odoo.addons.bss_contracts.report import invoice_data
from odoo.tools import SQL

from . import adapters, adapters_law
from .adapters_note import RateBook, Receivable, load_receivables, note_terms, receivable_interest
from .dunning_core.law.compensation import Compensation, Performance, compensation, compensation_rate_day

ZERO = Decimal("0.00")
NUMBER_BLOCK = 20


@dataclass(frozen=True)
class Item:
    """One open receivable with its interest to the day of the letter, as far as no note has charged it."""

    line_id: int
    document: str
    issued: date
    due: date
    total: Decimal
    left: Decimal
    days: int
    interest: Decimal
    per_day: Decimal
    #: what bears interest and compensation; None for notes and what else bears none
    bearing: Receivable | None = None


class LetterDesk:
    """Facts of letters as of a day; asked for one letter it reads those of all that it was made for."""

    def __init__(self, env, as_of, actions=None, accounts=None):
        self.env = env(su=True)
        self.as_of = as_of
        self.actions = (actions if actions is not None else env["bss.dunning.action"]).with_env(self.env)
        self.accounts = (accounts if accounts is not None else env["bss.account"]).with_env(self.env)
        self.accounts |= self.actions.account_id
        self.calendar = adapters.free_days(self.env)
        self.book = RateBook(self.env)
        self._terms = {}
        self.chain = adapters.chain_terms(self.env, as_of)
        self._items = {}
        self._balances = None
        self._nrb = {}
        self._texts = {}
        self._sellers = {}
        self._numbers = defaultdict(list)
        self._barcodes = []
        self._barred = {}
        self._law = None
        self._rates = {}
        self._prices = {}

    # Documents

    def items(self, action):
        """Documents demanded, oldest first."""
        own = action.with_env(self.env)
        return self.items_of(own.line_ids.ids, (self.actions | own).line_ids.ids)

    def items_of(self, wanted, all_ids=()):
        """Items of these receivables; when one is new, those of the whole batch are read."""
        if any(line_id not in self._items for line_id in wanted):
            self._load_items({*wanted, *all_ids} - self._items.keys())
        found = [self._items[line_id] for line_id in wanted if line_id in self._items]
        return sorted(found, key=lambda item: (item.due, item.line_id))

    def _load_items(self, line_ids):
        ids = sorted(line_ids)
        self.env["account.move.line"].flush_model()
        self.env["bss.dunning.note"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id, COALESCE(note.name, move.name, ''), COALESCE(move.invoice_date, line.date),
                       COALESCE(line.date_maturity, line.date), line.balance, line.amount_residual, move.bss_account_id
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                  LEFT JOIN bss_dunning_note note ON note.move_id = move.id
                 WHERE line.id = ANY(%s)
                """,
                ids,
            )
        )
        accounts = self.env["bss.account"].browse({row[-1] for row in rows if row[-1]})
        own = {account.id: account for account in accounts}
        bearing = self._bearing(accounts.ids)
        for line_id, name, issued, due, total, left, account_id in rows:
            amount, per_day = ZERO, ZERO
            receivable = bearing.get(line_id)
            if receivable:
                amount, per_day = self._interest(own[account_id], receivable)
            self._items[line_id] = Item(
                line_id,
                name,
                issued,
                due,
                adapters.to_money(total),
                adapters.to_money(left),
                max((self.as_of - self.calendar.shift(due)).days, 0),
                amount,
                per_day,
                receivable,
            )

    def _bearing(self, account_ids):
        """{line id: receivable} of what bears interest: no notes, no deposits, nothing that was moved between accounts."""
        found = load_receivables(self.env, account_ids, self.as_of, late_paid=False)
        return {one.line_id: one for receivables in found.values() for one in receivables}

    def _interest(self, account, receivable):
        """(what no note and no invoice has charged yet, interest of the next day)"""
        company, table = account.company_id, self.book.of(account)
        if company not in self._terms:
            self._terms[company] = note_terms(self.env, company, self.as_of)
        if table is None:
            return ZERO, ZERO
        result, due = receivable_interest(receivable, table, self.as_of, self.calendar, self._terms[company])
        return (due.amount, result.per_day) if due is not None else (ZERO, ZERO)

    def balance(self, account):
        """[(document, issued, due, open amount)] of everything open on an account; credits below zero."""
        if self._balances is None:
            self._load_balances()
        return self._balances[account.id]

    def _load_balances(self):
        self._balances = defaultdict(list)
        self.env["account.move.line"].flush_model()
        self.env["bss.dunning.note"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.bss_account_id, COALESCE(note.name, move.name, ''),
                       COALESCE(move.invoice_date, line.date), line.date_maturity, line.amount_residual
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                  LEFT JOIN bss_dunning_note note ON note.move_id = move.id
                  JOIN account_account ledger ON ledger.id = line.account_id
                 WHERE move.bss_account_id = ANY(%s) AND ledger.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted' AND line.reconciled IS NOT TRUE AND line.amount_residual != 0
                 ORDER BY move.bss_account_id, 3, line.id
                """,
                self.accounts.ids,
            )
        )
        for account_id, name, issued, due, left in rows:
            self._balances[account_id].append((name, issued, due, adapters.to_money(left)))

    def facts(self, account, case, items=(), deadline=None):
        """{placeholder: text} of what is no money of the letter itself."""
        company = account.company_id
        oldest = min((item.due for item in items), default=case.oldest_due or None)
        balance = sum((left for *_rest, left in self.balance(account)), ZERO)
        return {
            "deadline": format_date(deadline or None),
            "oldest_due": format_date(oldest),
            "days_overdue": str(max((item.days for item in items), default=0)),
            "documents": str(len(items)),
            "account": account.name or "",
            "case": case.name or "",
            "customer": account.partner_id.name or "",
            "date": format_date(self.as_of),
            "nrb": format_nrb(self.nrb(account)),
            "company": company.name or "",
            "company_phone": company.phone or "",
            "company_email": company.email or "",
            "balance": format_money(balance),
            "bureau": company.bss_dunning_bureau or "",
        }

    # Compensation

    def compensation(self, account, items):
        """[(document, kernel result)] for a business, when the company claims it; once for a document."""
        company = account.company_id
        if not company.bss_letter_compensation or not account._bss_between_businesses():
            return []
        items = [item for item in items if item.bearing and not item.bearing.compensated and _value(item) > 0]
        if self._law is None:
            self._law = adapters_law.bands(self.env, "compensation"), adapters_law.due_reading(self.env, self.as_of)
        bands, reading = self._law
        rates = self._mid_rates(company, items, reading)
        concluded = account.interest_contract_date or None
        return [
            (
                item.document,
                compensation(
                    Performance(_value(item), item.due, concluded=concluded),
                    self.as_of,
                    bands,
                    rates,
                    self.calendar,
                    reading,
                ),
            )
            for item in items
        ]

    def _mid_rates(self, company, items, reading):
        """NBP mid rates of the euro for these documents; a day without a rate stays out."""
        known = self._rates.setdefault(company, {})
        days = {compensation_rate_day(item.due, self.calendar, reading) for item in items} - known.keys()
        if days:
            known.update(dict.fromkeys(days))
            known.update(self.env["res.currency"]._bss_nbp_mid_rates(company, "EUR", days))
        return {day: rate for day, rate in known.items() if rate}

    @staticmethod
    def is_compensation(result):
        return isinstance(result, Compensation)

    # Who writes, where to pay, which words

    def nrb(self, account):
        if account.id not in self._nrb:
            self._nrb.update((self.accounts | account.with_env(self.env))._bss_payment_bank_account())
        return self._nrb.get(account.id) or ""

    def seller(self, company):
        """(seller block, files beside the template)"""
        if company.id not in self._sellers:
            own = company.with_env(self.env)
            self._sellers[company.id] = invoice_data.seller(own, "pl"), invoice_data.assets(own)
        return self._sellers[company.id]

    def text(self, action):
        """``LetterText`` of an action."""
        if not action.step_id:
            return action._bss_own_text()
        key = action.step_id.id, action.case_id.customer_kind, action.company_id.id
        if key not in self._texts:
            step = action.step_id.with_env(self.env)
            self._texts[key] = step._bss_letter_text(action.case_id.customer_kind, action.company_id)
        return self._texts[key]

    def prices(self, company):
        """Postage prices of a company."""
        if company.id not in self._prices:
            self._prices[company.id] = self.env["bss.dunning.postage"]._bss_prices(company)
        return self._prices[company.id]

    def number(self, company):
        """Next number of a letter; taken from the sequence by blocks."""
        if not self._numbers[company.id]:
            taken = self.env["bss.dunning.action"]._bss_letter_numbers(company, self.as_of, self._block())
            self._numbers[company.id] = taken[::-1]
        return self._numbers[company.id].pop()

    def barcode(self):
        """``{text, svg}`` of a letter about to be printed; taken by blocks like the numbers."""
        if not self._barcodes:
            self._barcodes = self.env["bss.document"]._bss_new_barcodes(self._block())[::-1]
        return self._barcodes.pop()

    def _block(self):
        return min(max(len(self.actions), len(self.accounts), 1), NUMBER_BLOCK)

    # Whom nothing is demanded of

    def barred(self, account):
        """Why no payment may be demanded of the customer of an account, or an empty text."""
        own = account.with_env(self.env)
        if own not in self._barred:
            self._barred.update((self.accounts | own)._bss_demands_barred())
        return self._barred[own]


def _value(item):
    """What the invoice came to after its corrections: the measure of compensation."""
    return item.bearing.value - item.bearing.reduced
