from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo import api, fields
from odoo.tests import tagged

from .. import bulk
from ..bulk import eligibility, writer
from .bulk_common import DAY, BulkCommon


@tagged("post_install", "-at_install")
class TestBulkEligibility(BulkCommon):
    """What rows would get wrong goes another way, with the reason in words."""

    def tiers(self, requests=None):
        return bulk.prepare(self.env, self.bulk_run, requests or self.simple_requests())

    def assertAll(self, tier, part, requests=None):
        prepared = self.tiers(requests)
        self.assertEqual({found for found, _reason in prepared.tiers.values()}, {tier}, prepared.tiers)
        for found, reason in prepared.tiers.values():
            self.assertIn(part, reason)
            self.assertEqual(bool(reason), found != "copy")
        return prepared

    def assertOne(self, tier, part, request):
        """The odd one goes its own way; the others stay."""
        prepared = self.tiers([*self.simple_requests(), replace(request, item_id=900)])
        found, reason = prepared.tiers.pop(900)
        self.assertEqual(found, tier)
        self.assertIn(part, reason)
        self.assertEqual({one for one, _reason in prepared.tiers.values()}, {"copy"})

    def assertProblem(self, part, request):
        prepared = self.tiers([*self.simple_requests(), replace(request, item_id=900)])
        self.assertEqual(list(prepared.problems), [900])
        self.assertIn(part, prepared.problems[900])
        self.assertEqual(len(prepared.ready), 12)

    def test_nothing_is_written(self):
        counts = {model: self.env[model].search_count([]) for model in ("account.move", "mail.message")}
        ranks = self.accounts.partner_id.mapped("customer_rank")
        self.assertAll("copy", "")
        self.assertEqual({model: self.env[model].search_count([]) for model in counts}, counts)
        self.assertEqual(self.accounts.partner_id.mapped("customer_rank"), ranks)

    # -- of the whole run

    def test_foreign_override(self):
        moves = self.env.registry["account.move"]
        original = moves._post
        with patch.object(moves, "_post", lambda self, soft=True: original(self, soft=soft)):
            self.assertAll("stock", "account.move._post")

    def test_override_of_an_unknown_module(self):
        class Known:
            _module = "account"

            def _post(self):
                """As it was."""

        class Stranger(Known):
            _module = "stranger"

            def _post(self):
                """Otherwise."""

        class Guard(Known):
            _module = "guard"

            @api.constrains("name")
            def _check_name(self):
                """Refuses some."""

        def found(*bases):
            return eligibility.foreign_override(type("Model", bases, {}), ("_post",), {"account"})

        self.assertIsNone(found(Known))
        self.assertEqual(found(Stranger), ("stranger", "_post"))
        self.assertEqual(found(Guard), ("guard", "_check_name"))
        self.assertIsNone(
            eligibility.foreign_override(type("Model", (Stranger,), {}), ("_post",), {"account", "stranger"})
        )

    def test_field_of_an_unknown_module(self):
        known = self.env["account.move"]._bss_bulk_compatible_modules()
        self.assertIsNone(eligibility.foreign_compute(self.env.registry, known))
        module, field = eligibility.foreign_compute(self.env.registry, known - {"sale"})
        self.assertEqual(module, "sale")
        self.assertIn("sale.order", field)

    def test_varying_column(self):
        self.env.cr.execute("ALTER TABLE account_move ADD COLUMN x_dummy text DEFAULT gen_random_uuid()::text")
        self.assertAll("stock", "x_dummy")

    def test_varying_column_of_lines(self):
        self.env.cr.execute("ALTER TABLE account_move_line ADD COLUMN x_dummy text DEFAULT gen_random_uuid()::text")
        self.assertAll("stock", "product x_dummy")

    def test_traces_in_another_table(self):
        self.env.cr.execute(
            """
            CREATE TABLE x_trace (move_id int REFERENCES account_move ON DELETE CASCADE);
            CREATE FUNCTION x_trace_add() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN INSERT INTO x_trace VALUES (NEW.id); RETURN NEW; END';
            CREATE TRIGGER x_trace AFTER INSERT ON account_move FOR EACH ROW EXECUTE FUNCTION x_trace_add();
            """
        )
        self.assertAll("stock", "x_trace")
        self.env.cr.execute("SELECT count(*) FROM x_trace")
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_hashed_journal(self):
        self.billing_journal.restrict_mode_hash_table = True
        self.assertAll("stock", "hashes")

    def test_other_payment_references(self):
        self.billing_journal.invoice_reference_type = "partner"
        self.assertAll("stock", "payment references")

    def test_closed_books(self):
        self.company.fiscalyear_lock_date = DAY
        self.assertAll("stock", "closed")
        self.company.fiscalyear_lock_date = DAY - timedelta(days=4)
        self.assertAll("copy", "")

    def test_future(self):
        self.bulk_run.date_invoice = fields.Date.context_today(self.bulk_run) + timedelta(days=1)
        self.assertAll("stock", "future")

    def test_pattern_that_fails(self):
        moves = self.env.registry["account.move"]
        with (
            patch.object(eligibility, "CRITICAL", ()),
            patch.object(moves, "_post", side_effect=ValueError("no way")),
        ):
            self.assertAll("stock", "no way")

    # -- of single requests

    def test_several_instalments(self):
        self.assertOne("stock", "instalments", self.bulk_request(1, payment_term_id=self.in_two.id, date_due=None))

    def test_foreign_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        account = self.make_account("Euro", currency_id=euro.id)
        self.assertOne("stock", "currency", self.bulk_request(1, account))

    def test_analytic_distribution(self):
        plan = self.env["account.analytic.plan"].create({"name": "Regions"})
        region = self.env["account.analytic.account"].create({"name": "North", "plan_id": plan.id})
        model = self.env["account.analytic.distribution.model"].create(
            {"product_id": self.products[3].id, "analytic_distribution": {str(region.id): 100}}
        )
        self.assertOne("stock", "analytic", self.bulk_request(1, lines=[self.bulk_line(5, product=3)]))
        model.write({"product_id": False, "partner_id": self.accounts[-1].partner_id.id})
        self.assertOne("stock", "analytic", self.bulk_request(1, self.accounts[-1]))
        model.partner_id = False
        self.assertAll("stock", "analytic")

    def test_tax_split_between_accounts(self):
        tax = self.taxes["23"].copy({"name": "Split"})
        part = tax.invoice_repartition_line_ids.filtered(lambda one: one.repartition_type == "tax")
        refund = tax.refund_repartition_line_ids.filtered(lambda one: one.repartition_type == "tax")
        for line in part | refund:
            line.factor_percent = 60
            line.copy({"factor_percent": 40})
        self.assertOne("stock", "split", self.bulk_request(1, lines=[self.bulk_line(5, tax_ids=(tax.id,))]))

    def test_zero_and_negative_tax(self):
        lines = [self.bulk_line(100), self.bulk_line(-100)]
        self.assertOne("stock", "0.00", self.bulk_request(1, lines=lines))
        lines = [self.bulk_line(100), self.bulk_line(-10, "8")]
        self.assertOne("stock", "tax is negative", self.bulk_request(1, lines=lines))

    def test_too_many_decimals(self):
        lines = [self.bulk_line(100, quantity=Decimal("0.123"))]
        self.assertOne("stock", "decimals", self.bulk_request(1, lines=lines))

    def test_few_of_a_kind(self):
        self.assertOne("tuned", "Only 1 invoices", self.bulk_request(1, date_due=date(2025, 12, 24)))

    def test_one_customer_alone(self):
        requests = [self.bulk_request(number, self.accounts[0]) for number in range(1, 9)]
        self.assertAll("tuned", "second customer", requests)

    # -- problems

    def test_archived_customer(self):
        account = self.accounts[-1]
        account.partner_id.active = False
        self.assertProblem(account.partner_id.name, self.bulk_request(1, account))

    def test_no_tax(self):
        self.assertProblem("no sales tax", self.bulk_request(1, lines=[self.bulk_line(5, tax_ids=())]))

    def test_no_income_account(self):
        self.company.income_account_id = False
        self.products[3].categ_id = self.env["product.category"].create({"name": "Odd"})
        self.products[3].categ_id.property_account_income_categ_id = False
        self.billing_journal.default_account_id = False
        income = self.env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", self.company.ids)], limit=1
        )
        for product in self.products[:3]:
            product.property_account_income_id = income
        self.assertProblem("income account", self.bulk_request(1, lines=[self.bulk_line(5, product=3)]))

    def test_negative_invoice(self):
        self.assertProblem("negative", self.bulk_request(1, lines=[self.bulk_line(-5)]))

    def test_nothing_to_invoice(self):
        self.assertProblem("nothing", replace(self.bulk_request(1), lines=()))

    def test_archived_journal(self):
        self.billing_journal.active = False
        prepared = self.tiers()
        self.assertEqual(len(prepared.problems), 12)
        self.assertIn("archived", prepared.problems[1])

    def test_explain(self):
        self.assertEqual(bulk.explain(self.env, self.bulk_run, self.bulk_request(1)), ("copy", ""))
        tier, reason = bulk.explain(
            self.env, self.bulk_run, self.bulk_request(1, payment_term_id=self.in_two.id, date_due=None)
        )
        self.assertEqual(tier, "stock")
        self.assertIn("instalments", reason)
        tier, reason = bulk.explain(self.env, self.bulk_run, replace(self.bulk_request(1), lines=()))
        self.assertEqual(tier, "")
        self.assertTrue(reason)

    # -- canary

    def test_canary(self):
        part = self.tiers()
        first = bulk.Number("BSSB/2025/", 1)
        honest = writer.tax_values

        def false(line_id, common, tax):
            values = honest(line_id, common, tax)
            return (*values[:6], values[6].lstrip("-"), *values[7:])

        before = self.env["account.move"].search_count([])
        with (
            patch.object(writer, "tax_values", false),
            self.assertRaises(bulk.CanaryDifference) as caught,
            self.env.cr.savepoint(),
        ):
            bulk.write_copy(self.env, part, first)
        self.assertIn("tax_base_amount", str(caught.exception))
        self.assertEqual(self.env["account.move"].search_count([]), before)
        self.assertEqual(len(bulk.write_copy(self.env, part, first)), 12)

    def test_amounts_that_do_not_add_up(self):
        part = self.tiers()
        wrong = part.ready[0]._replace(amounts=replace(part.ready[0].amounts, total=1))
        part.ready[0] = wrong
        with self.assertRaises(AssertionError):
            bulk.write_copy(self.env, part, bulk.Number("BSSB/2025/", 1), canaries=0)
