from datetime import date
from unittest.mock import patch

from odoo.addons.bss_dunning.models import bss_dunning_case_balance
from odoo.tests import freeze_time, tagged

from .common import DunningCommon

REMINDED = date(2026, 10, 8)
PAID = date(2026, 10, 12)


@tagged("post_install", "-at_install")
class TestMassPayment(DunningCommon):
    """Payments of many accounts in one transaction: their cases follow batch by batch."""

    def setUp(self):
        super().setUp()
        self.accounts = self.env["bss.account"].union(*(self.debtor(f"Klient {number}") for number in range(5)))
        self.run_on(REMINDED)

    def pay_all(self, size):
        """Everything is paid in one transaction.

        :return: accounts of each look at their money
        """
        scopes = []
        review = type(self.Case)._bss_review

        def spied(cases, company, scope, *args, **kwargs):
            scopes.append(scope.account_ids)
            return review(cases, company, scope, *args, **kwargs)

        for account in self.accounts:
            move = account.invoice_ids
            (self.receivable(move) | self.make_payment(account, 123.0, PAID)).reconcile()
        with (
            freeze_time(f"{PAID} 12:00:00"),
            patch.object(bss_dunning_case_balance, "RANGE", size),
            patch.object(type(self.Case), "_bss_review", spied),
        ):
            self.end_transaction()
        return scopes

    def check_closed(self):
        cases = self.Case.search([("account_id", "in", self.accounts.ids)])
        self.assertEqual(len(cases), 5)
        self.assertEqual(set(cases.mapped("state")), {"closed"})
        self.assertEqual(set(cases.mapped("date_closed")), {PAID})
        self.assertFalse(self.env.cr.precommit.data.get(bss_dunning_case_balance.PENDING))

    def test_so_many_accounts_at_a_time(self):
        scopes = self.pay_all(2)
        self.assertEqual([len(scope) for scope in scopes], [2, 2, 1])
        self.assertEqual(sorted(sum(scopes, ())), sorted(self.accounts.ids))
        self.check_closed()

    def test_few_are_looked_at_once(self):
        self.assertEqual([len(scope) for scope in self.pay_all(5000)], [5])
        self.check_closed()

    def test_promises_of_every_batch_are_kept(self):
        with freeze_time(f"{REMINDED} 12:00:00"):
            promises = [self.case_of(account)._bss_promise(100.0, date(2026, 10, 15)) for account in self.accounts]
        self.pay_all(2)
        self.check_closed()
        self.assertEqual({promise.state for promise in promises}, {"kept"})

    def test_the_day_of_the_case_that_is_open_or_was_closed_last(self):
        first, second = self.accounts[:2]
        old = self.case_of(second)
        self.pay(second.invoice_ids)
        self.assertEqual(old.state, "closed")
        self.make_invoice(second, 50.0)
        self.run_on(date(2026, 10, 20))
        self.case_of(second).as_of = date(2026, 10, 21)
        found = {ids: day for _company, day, (ids,) in self.Case._bss_looked_at(first | second)}
        self.assertEqual(found, {first.id: date(2026, 10, 20), second.id: date(2026, 10, 21)})
