from datetime import date

from odoo.addons.bss_catalog.catalog_core import nip_is_valid
from odoo.tests import TransactionCase, tagged

from .. import demo_data


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    def test_demo_operator_and_its_first_bill(self):
        demo = self.env["bss.demo"]
        if demo._bss_demo_exists():
            self.skipTest("the demo operator is in this database already")
        as_of = date(2026, 10, 1)
        steps = demo._bss_demo_steps()
        ctx = demo.load(as_of)
        accounts, services = ctx["accounts"], ctx["services"]
        self.assertGreaterEqual(len(accounts), 60)
        self.assertEqual(set(accounts.mapped("customer_kind")), {"consumer", "sole_trader", "company", "public"})
        self.assertTrue({"internet", "tv", "mobile", "voip"} <= set(services.mapped("service_type")))
        self.assertEqual(set(services.mapped("state")), {"active"})
        self.assertTrue(
            all(service.identifier_ids for service in services if service.service_type in ("mobile", "voip"))
        )
        for partner in accounts.partner_id.filtered("vat"):
            self.assertTrue(nip_is_valid(partner.vat.removeprefix("PL")), partner.name)
        self.assertFalse(any(partner.vat for partner in accounts.partner_id if partner.bss_customer_kind == "consumer"))
        self.assertGreaterEqual(len(ctx["devices"]), 100)
        self.assertGreater(len(steps), 3)
        offer, deposit = ctx["offer"], ctx["deposit"]
        self.assertEqual((offer.state, offer.currency_id.name, offer.bss_changes or ""), ("sent", "PLN", ""))
        self.assertLessEqual({"NET600", "TVBASIC"}, set(offer.order_line.mapped("product_id.default_code")))
        self.assertTrue(offer.order_line.bss_promotion_ids)
        self.assertEqual((deposit.state, deposit.amount_held, deposit.account_id.amount_due), ("held", 200.0, 0.0))

        run = self.env["bss.bill.run"].create(
            {
                "cycle_id": ctx["cycle"].id,
                "date_start": as_of,
                "date_end": date(2026, 10, 31),
                "date_invoice": as_of,
            }
        )
        run = run.with_context(queue_job__no_delay=True)
        calls = []
        run._bss_collect(progress=lambda done, total: calls.append((done, total)))
        run._bss_issue(progress=lambda done, total: calls.append((done, total)))
        self.assertEqual(calls[-1], (len(accounts), len(accounts)))
        self.assertEqual((run.state, run.issued_count), ("done", len(accounts)))
        newcomers = accounts.filtered(lambda account: any(charge.kind == "one_off" for charge in account.charge_ids))
        self.assertEqual(len(newcomers), len(accounts) // demo_data.NEWCOMER_EVERY)
        for account in newcomers:
            self.assertTrue(
                any(charge.date_start < as_of for charge in account.charge_ids if charge.kind == "recurring")
            )
