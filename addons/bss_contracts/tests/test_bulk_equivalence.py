import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal

from odoo.tests import tagged

from .. import bulk
from ..bulk.prepare import Setting
from .bulk_common import BulkCommon


@tagged("post_install", "-at_install")
class TestBulkEquivalence(BulkCommon):
    """Rows that were copied are those that the ORM writes: every stored column, no exception."""

    def assertSameAsOrm(self, requests, write, tiers):
        prepared = bulk.prepare(self.env, self.bulk_run, requests)
        self.assertFalse(prepared.problems)
        part = prepared.tier(*tiers)
        asked = [one.request for one in part.ready]
        expected = self.orm_pictures(asked)
        first = bulk.Number(f"{self.billing_journal.code}/2025/", 1)
        self.assertEqual([name for name, _picture in expected], [first.text(place) for place in range(len(asked))])
        found = write(self.env, part, first)
        ids = found if isinstance(found, list) else found.ids
        self.env.flush_all()
        self.assertEqual(len(ids), len(asked))
        for move_id, request, (_name, theirs) in zip(ids, asked, expected, strict=True):
            self.assertEqual(bulk.differences(bulk.canonical(self.env, move_id), theirs), [], request)
        return prepared, self.env["account.move"].browse(ids)

    def test_copied_rows(self):
        requests = self.varied_requests(240)
        prepared, moves = self.assertSameAsOrm(requests, bulk.write_copy, ("copy",))
        tiers = Counter(tier for tier, _reason in prepared.tiers.values())
        self.assertGreaterEqual(tiers["copy"], 200, prepared.tiers)
        self.assertGreaterEqual(len({one.shape for one in prepared.ready}), 6)
        self.assertTrue(any(len(one.request.lines) == 40 for one in prepared.tier("copy").ready))
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        self.assertFalse(moves.filtered(lambda move: move.line_ids.filtered("analytic_distribution")))
        self.assertFalse(moves._get_unbalanced_moves({"records": moves}))

    def test_closed_form_is_the_engine(self):
        """Amounts of the closed form, net and gross prices, halves of a grosz included, are those of Odoo's engine."""
        for method in ("round_globally", "round_per_line"):
            self.company.tax_calculation_rounding_method = method
            setting = Setting(self.env, self.bulk_run)
            requests = self.varied_requests(300, seed=99) + self._halves(150)
            setting.learn(requests)
            counts = Counter()
            for request in requests:
                found = bulk.closed_form(request.lines, setting.rules, setting.engine.per_line)
                if found:
                    self.assertEqual(found, setting.engine.ask(request.lines).amounts, request)
                    counts[setting.rules[request.lines[0].tax_ids[0]].price_include] += 1
            self.assertGreater(counts[False], 150)
            self.assertGreater(counts[True], 50)

    def _halves(self, count):
        """Sums whose tax is half a grosz, put together of many lines."""
        dice = random.Random(5)
        requests = []
        for number in range(1000, 1000 + count):
            prices = [Decimal(dice.randrange(1, 9_999)) / 100 for _line in range(dice.randrange(1, 30))]
            prices[0] += (Decimal("0.50") - sum(prices)) % 1
            discounted = [self.bulk_line(price) for price in prices]
            if number % 3 == 0:
                discounted = [
                    replace(line, price_unit=line.price_unit * 4, discount=Decimal(75)) for line in discounted
                ]
            requests.append(self.bulk_request(number, lines=discounted))
        return requests

    def test_tuned_invoices(self):
        self.assertSameAsOrm(self.varied_requests(45, seed=7), bulk.write_tuned, ("copy", "tuned"))

    def test_tax_rounded_on_every_line(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        requests = [
            self.bulk_request(
                number,
                self.accounts[number % 2 * 2],
                lines=[
                    self.bulk_line(f"0.1{number % 10}", gross=bool(number % 2)),
                    self.bulk_line("0.10", "8", gross=bool(number % 2)),
                    self.bulk_line("49.50", "5", gross=bool(number % 2)),
                ],
            )
            for number in range(1, 13)
        ]
        prepared, _moves = self.assertSameAsOrm(requests, bulk.write_copy, ("copy",))
        self.assertEqual(len(prepared.tier("copy").ready), len(requests), prepared.tiers)

    def test_branch_of_a_company(self):
        branch = self.env["res.company"].create({"name": "Oddział Północ", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        env = self.env(context={**self.env.context, "allowed_company_ids": [branch.id, self.company.id]})
        journal = env["account.journal"].create(
            {"name": "Branch", "code": "BRNC", "type": "sale", "company_id": branch.id}
        )
        cycle = env["bss.bill.cycle"].create({"name": "Branch", "company_id": branch.id, "journal_id": journal.id})
        receivable = self.env["account.account"].search(
            [("account_type", "=", "asset_receivable"), ("company_ids", "in", self.company.ids)], limit=2
        )[-1:]
        partners = self.env["res.partner"].create([{"name": f"Oddziałowy {number}"} for number in range(3)])
        partners.with_company(branch).property_account_receivable_id = receivable
        accounts = env["bss.account"].create(
            [{"partner_id": one.id, "bill_cycle_id": cycle.id, "company_id": branch.id} for one in partners]
        )
        products = self.products[0].product_tmpl_id
        products.company_id = self.company
        self.billing_journal, self.env = journal, env
        self.bulk_run = self.bulk_run.with_env(env).copy({"cycle_id": cycle.id})
        requests = [self.bulk_request(number, accounts[number % 3]) for number in range(1, 10)]
        prepared, moves = self.assertSameAsOrm(requests, bulk.write_copy, ("copy",))
        self.assertEqual(len(moves), 9, prepared.tiers)
        self.assertEqual(moves.company_id, branch)
        term = moves.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual(term.account_id, receivable)

    def test_ksef_state_follows_the_customer(self):
        if "bss_ksef_enabled" not in self.company._fields:
            self.skipTest("the e-invoice addon is not installed")
        self.company.bss_ksef_enabled = True
        for everyone in (False, True):
            self.company.bss_ksef_include_consumers = everyone
            run = self.make_run(date_invoice=self.bulk_run.date_invoice, date_start=self.bulk_run.date_start)
            self.billing_journal = self.billing_journal.copy({"code": f"KS{int(everyone)}"})
            self.cycle.journal_id = self.billing_journal
            self.bulk_run = run
            requests = [self.bulk_request(number) for number in range(1, 60)]
            _prepared, moves = self.assertSameAsOrm(requests, bulk.write_copy, ("copy",))
            states = {bool(move.commercial_partner_id.vat): move.bss_ksef_state for move in moves}
            self.assertEqual(states, {True: "to_send", False: "to_send" if everyone else "not_applicable"})
