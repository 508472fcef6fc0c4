from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ContractsCommon


@tagged("post_install", "-at_install")
class TestCharge(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visit = cls.make_offering("T-VISIT", 80.0, kind="one_off")
        cls.account = cls.make_subscriber(charged_through=date(2026, 10, 31))

    def vals(self, **extra):
        return {
            "account_id": self.account.id,
            "product_id": self.visit.id,
            "date_start": date(2026, 10, 7),
            "date_end": date(2026, 10, 7),
            **extra,
        }

    def test_by_hand(self):
        form = Form(self.env["bss.charge"])
        form.account_id = self.account
        form.product_id = self.visit
        form.quantity = 1.5
        charge = form.save()
        self.assertEqual((charge.price_unit, charge.amount, charge.state), (80.0, 120.0, "pending"))
        self.assertEqual(charge.currency_id, self.company.currency_id)
        self.assertTrue(charge.identity_key.startswith("manual:"))

    def test_handing_over_twice_changes_nothing(self):
        first = self.env["bss.charge"]._bss_add([self.vals(identity_key="visit:1")])
        again = self.env["bss.charge"]._bss_add(
            [self.vals(identity_key="visit:1", price_unit=1), self.vals(identity_key="visit:2")]
        )
        self.assertEqual(len(again), 2)
        self.assertIn(first, again)
        self.assertEqual(first.amount, 80.0)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["bss.charge"].create(self.vals(identity_key="visit:1"))

    def test_sql_writers_may_repeat(self):
        """The way of rating: insert by SQL, taxes by the product."""
        for _repeat in range(2):
            self.env.cr.execute(
                """
                INSERT INTO bss_charge (account_id, company_id, currency_id, product_id, kind, name, date_start,
                                        date_end, quantity, price_unit, amount, amount_e4, state, identity_key)
                VALUES (%s, %s, %s, %s, 'usage', 'Calls', '2026-10-01', '2026-10-31', 1, 1.23, 1.23, 12345,
                        'pending', 'usage:1:1:voice')
                ON CONFLICT (company_id, identity_key) DO NOTHING
                """,
                (self.account.id, self.company.id, self.company.currency_id.id, self.visit.id),
            )
        self.env["bss.charge"].invalidate_model()
        run = self.bill()
        usage = run.charge_ids.filtered(lambda charge: charge.kind == "usage")
        self.assertEqual(usage.move_line_id.price_subtotal, 1.23)
        self.assertEqual(usage.move_line_id.tax_ids, self.tax_23)
        self.assertEqual(run.amount_untaxed, 60.23)

    def test_states_and_guards(self):
        charge = self.env["bss.charge"].create(self.vals())
        charge.action_cancel()
        run = self.bill()
        self.assertNotIn(charge, run.charge_ids)
        charge.action_restore()
        charge.unlink()
        billed = run.charge_ids
        for call in (billed.action_cancel, billed.unlink):
            with self.assertRaises(UserError):
                call()
        other = self.make_subscriber("Other")
        with self.assertRaises(ValidationError):
            self.env["bss.charge"].create(self.vals(service_id=other.service_ids.id))
        with self.assertRaises(ValidationError):
            self.env["bss.charge"].create(self.vals(date_end=date(2026, 10, 1)))

    def test_prices_finer_than_a_grosz_go_as_one_piece(self):
        charges = self.env["bss.charge"].create(
            [
                self.vals(quantity=3, price_unit=0.333, amount=1.0),
                self.vals(quantity=2, price_unit=10.5),
                self.vals(quantity=0.333, price_unit=100),
            ]
        )
        self.bill()
        lines = [(line.quantity, line.price_unit, line.price_subtotal) for line in charges.move_line_id]
        self.assertEqual(lines, [(1.0, 1.0, 1.0), (2.0, 10.5, 21.0), (1.0, 33.3, 33.3)])

    def test_line_names_carry_the_period_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("pl_PL")
        self.account.partner_id.lang = "pl_PL"
        self.bill()
        self.assertEqual(self.account.invoice_ids.invoice_line_ids.name, "Offering T-NET300 (01.11.2026 – 30.11.2026)")

    def test_own_taxes_win(self):
        tax = self.tax_23.copy({"name": "8 % test", "amount": 8.0})
        charge = self.env["bss.charge"].create(self.vals(tax_ids=[(6, 0, tax.ids)]))
        run = self.bill()
        self.assertEqual(charge.move_line_id.tax_ids, tax)
        self.assertEqual(run.amount_tax, 13.57 + 6.4)
