"""The settlement ledger over generated histories."""

import random
from datetime import date, timedelta
from decimal import Decimal

from odoo.tests import tagged
from odoo.tools import SQL

from .settlement_common import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementHistories(SettlementCommon):
    """Generated histories: the ledger is the journal items, to the grosz, on every day."""

    def test_ledger_ties_to_the_journal_items(self):
        for seed in range(6):
            with self.subTest(seed=seed):
                self._check_history(random.Random(seed))

    def _check_history(self, rng):
        partner = self.make_account(f"Klient {rng.random()}").partner_id
        accounts = [self.env["bss.account"].create({"partner_id": partner.id}) for _number in range(2)]
        stranger = self.make_account("Obcy")
        days = self._make_history(rng, accounts, stranger)
        for account in accounts:
            self._check_scope(self._sum_of(account_ids=account.ids), days, settlement_account_ids=account.ids)
            self.assertEqual(
                Decimal(str(round(account.amount_due, 2))),
                sum((Decimal(row["amount_open"]) for row in self.rows(account)), Decimal("0")),
            )
        self._check_scope(self._sum_of(partner_id=partner.id), days, settlement_partner_ids=partner.ids)

    def _make_history(self, rng, accounts, stranger):
        """Some thirty postings, reconciled at random; the days on which something happened."""
        start, made = date(2026, 1, 1), self.env["account.move.line"]
        for step in range(30):
            day = start + timedelta(days=5 * step + rng.randrange(5))
            account = rng.choice([*accounts, *accounts, stranger])
            amount = rng.randrange(1, 30000) / 100
            what = rng.choice(("invoice", "invoice", "payment", "payment", "loose", "correction", "refund", "off"))
            if what == "invoice":
                made |= self.invoice(amount, day, account)
            elif what == "correction":
                made |= self.invoice(amount / 4 + 0.01, day, account, move_type="out_refund")
            elif what == "payment":
                made |= self.payment(amount, day, account)
            elif what == "loose":
                made |= self.payment(amount, day, account=False, partner=account.partner_id)
            elif what == "refund":
                made |= self.payment(-amount / 5 - 0.01, day, account)
            else:
                made |= self.entry(-amount / 9 - 0.01, day, self.expense, account)
            if rng.random() < 0.6:
                still = made.filtered(lambda line: not line.reconciled)
                some = still.browse(rng.sample(still.ids, min(len(still), rng.randrange(2, 5))))
                if any(some.mapped(lambda line: line.balance > 0)) and any(some.mapped(lambda line: line.balance < 0)):
                    some.reconcile()
        return sorted({*made.mapped("date"), start - timedelta(days=1), date(2027, 1, 1)})

    def _sum_of(self, account_ids=(), partner_id=None):
        """{day or None: what is owed} by its own formula: open by today's residuals, or items and matchings of the day."""
        where = (
            SQL("line.bss_account_id = ANY(%s)", list(account_ids))
            if account_ids
            else SQL("line.partner_id = %s", partner_id)
        )
        base = SQL("%s AND line.account_id = %s AND line.parent_state = 'posted'", where, self.receivable.id)

        def owed(day):
            if day is None:
                query = SQL(
                    "SELECT COALESCE(SUM(line.amount_residual), 0)::text FROM account_move_line line WHERE %s", base
                )
            else:
                query = SQL(
                    """
                    SELECT COALESCE(SUM(line.balance
                         - COALESCE((SELECT SUM(amount) FROM account_partial_reconcile part
                                      WHERE part.debit_move_id = line.id AND part.max_date <= %(day)s), 0)
                         + COALESCE((SELECT SUM(amount) FROM account_partial_reconcile part
                                      WHERE part.credit_move_id = line.id AND part.max_date <= %(day)s), 0)), 0)::text
                      FROM account_move_line line
                     WHERE %(base)s AND line.date <= %(day)s
                    """,
                    base=base,
                    day=day,
                )
            return Decimal(self.env.execute_query(query)[0][0])

        return owed

    def _check_scope(self, owed, days, **scope):
        self.env.flush_all()
        rows = self.rows(**scope)
        zero = Decimal("0")
        self.assertTrue(rows)
        self.assertEqual(Decimal(rows[-1]["balance"]), owed(None))
        self.assertEqual(sum((Decimal(row["amount_open"]) for row in rows), zero), owed(None))
        for day in days:
            on_day = self.rows(**scope, settlement_date_to=day.isoformat())
            self.assertEqual(sum((Decimal(row["debit"]) - Decimal(row["credit"]) for row in on_day), zero), owed(day))
            self.assertEqual(sum((Decimal(row["amount_open"]) for row in on_day), zero), owed(day))
            later = self.rows(**scope, settlement_date_from=(day + timedelta(days=1)).isoformat())
            opening = [row for row in later if row["kind"] == "opening_balance"]
            self.assertEqual(sum((Decimal(row["balance"]) for row in opening), zero), owed(day))
            self.assertEqual(Decimal(later[-1]["balance"]), owed(None))
            self.assertEqual(sum((Decimal(row["amount_open"]) for row in later), zero), owed(None))
