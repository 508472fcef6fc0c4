from datetime import date
from decimal import Decimal

from lxml import html
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools.misc import format_date

from .test_billing_timeline import TimelineCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-21 12:00:00")
class TestNextBill(TimelineCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visit = cls.make_offering("T-VISIT", 80.0, kind="one_off")
        cls.faster = cls.make_offering("T-NET600", 69.0, service="internet")
        cls.account = cls.make_subscriber("Jan Kowalski", products=[cls.fibre] * 2, date_start=date(2026, 10, 1))
        cls.contract = cls.account.contract_ids
        cls.first, cls.second = cls.account.service_ids
        cls.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        cls.bill(date_start=date(2026, 11, 1), date_end=date(2026, 11, 30))

    def test_says_what_the_bill_run_then_bills(self):
        """Whatever happened to the services: the preview and the bill are the same to the grosz."""
        self.first._bss_set_version(date(2026, 11, 16), {"product_id": self.faster, "price_unit": 69})
        self.first._bss_grant(self.make_promotion("T-HALF", [(1, 2, "percent", 50)]), date(2026, 12, 10))
        self.second.price_kind = "gross"
        self.second._bss_suspend(date(2026, 11, 21), date(2026, 12, 5), "request")
        self.env["bss.charge"].create(
            {"account_id": self.account.id, "product_id": self.visit.id, "date_start": date(2026, 11, 12)}
        )
        before = self.env["bss.charge"].search_count([])
        bill = self.account._bss_next_bill()
        self.assertEqual(self.env["bss.charge"].search_count([]), before, "nothing is stored")
        self.assertEqual((bill["date_start"], bill["date_end"]), (date(2026, 12, 1), date(2026, 12, 31)))
        self.assertFalse(bill["problems"])
        run = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(run.state, "done")
        said = sorted((line["kind"], line["service_id"], line["date_start"], line["amount"]) for line in bill["lines"])
        billed = sorted(
            (one.kind, one.service_id.id, one.date_start, Decimal(repr(one.amount)).quantize(Decimal("0.01")))
            for one in run.charge_ids
        )
        self.assertEqual(said, billed)
        self.assertEqual(bill["net"], Decimal(repr(run.amount_untaxed)))
        self.assertEqual(bill["gross"], Decimal(repr(run.amount_total)))
        self.assertEqual(bill["vat"], bill["gross"] - bill["net"])

    def test_a_price_changed_within_the_period_is_explained_by_both(self):
        self.first._bss_set_version(date(2026, 12, 11), {"price_unit": 89})
        lines = self.account._bss_next_bill()["lines"]
        (text,) = [one["explanation"] for one in lines if one["service_id"] == self.first.id]
        days = [format_date(self.env, date(2026, 12, day)) for day in (1, 10, 11, 31)]
        self.assertRegex(text.replace("\xa0", " "), "{}–{}: 59.00 .+ × 10/31; {}–{}: 89.00 .+ × 21/31$".format(*days))

    def test_a_day_chooses_the_period(self):
        bill = self.account._bss_next_bill(date(2027, 1, 15))
        self.assertEqual((bill["date_start"], bill["date_end"]), (date(2027, 1, 1), date(2027, 1, 31)))
        self.assertEqual(bill["net"], Decimal("236.00"), "December and January of both")

    def test_a_run_on_its_way_is_the_next_bill(self):
        run = self.make_run(date(2026, 12, 1), date(2026, 12, 31)).with_context(queue_job__no_delay=True)
        run._bss_collect()
        bill = self.account._bss_next_bill()
        self.assertEqual(bill["date_start"], date(2026, 12, 1))
        self.assertEqual([line["is_pending"] for line in bill["lines"]], [True, True])
        self.assertEqual(bill["net"], Decimal("118.00"))

    def test_problems_are_told(self):
        self.first.date_start = False
        bill = self.account._bss_next_bill()
        self.assertIn("no start date", " ".join(bill["problems"]))
        self.assertEqual(bill["net"], Decimal("59.00"))

    def test_a_viewer_sees_what_an_invoice_gives_back(self):
        self.first._bss_suspend(date(2026, 11, 21), date(2026, 11, 30), "request")
        self.account._bss_next_bill()  # counted, not stored yet
        viewer = new_test_user(self.env, "bss_viewer_back", groups="bss_catalog.group_bss_viewer")
        contract = self.contract.with_user(viewer)
        self.env.invalidate_all()
        self.assertIn("19,67", self.text(contract.next_bill_html))
        self.first._bss_recalculate()
        self.env.invalidate_all()
        self.assertIn("19,67", self.text(contract.next_bill_html))

    def text(self, value):
        return " ".join(html.fromstring(str(value)).text_content().split())

    def test_pages_of_the_contract(self):
        change = self.env["bss.contract.change"].create({"contract_id": self.contract.id})
        self.first._bss_set_version(date(2026, 12, 16), {"price_unit": 69}, change)
        self.first._bss_grant(self.make_promotion("T-HALF", [(1, 2, "percent", 50)]), date(2026, 12, 10))
        self.second._bss_suspend(date(2027, 2, 1), date(2027, 2, 28), "request")
        viewer = new_test_user(self.env, "bss_viewer_n", groups="bss_catalog.group_bss_viewer")
        contract = self.contract.with_user(viewer)
        bill = self.text(contract.next_bill_html)
        for part in ("Offering T-NET300", "Promotion T-HALF", "To pay", format_date(contract.env, date(2026, 12, 1))):
            self.assertIn(part, bill)
        timeline = html.fromstring(str(contract.timeline_html))
        words = self.text(contract.timeline_html)
        for part in ("69", "months 1–2", "Suspended", "Customer's request", "scheduled", "today"):
            self.assertIn(part, words)
        self.assertEqual(len(timeline.findall(".//table")), 2)
        now = timeline.xpath("//tr[contains(@class, 'table-active')]")
        self.assertEqual(len(now), 2, "one row of each service is today's")
        # promotion over two prices, then the plain new one; the suspension cuts the other
        self.assertEqual([len(table.xpath(".//tbody/tr")) for table in timeline.findall(".//table")], [4, 3])
        Form(self.contract)
        self.assertFalse(self.env["bss.contract"].new({"account_id": self.account.id}).timeline_html)

    def test_a_correction_is_called_so_once(self):
        self.first._bss_set_version(date(2026, 11, 16), {"price_unit": 69})
        words = self.text(self.contract.next_bill_html)
        self.assertIn("Korekta: Offering T-NET300", words, "in the language of the customer")
        self.assertNotIn("Correction", words)
        badge = self.env["bss.charge"]._bss_kind_badge
        self.assertEqual((badge("correction", "Goodwill"), badge("recurring", "TV")), ("Correction", ""))
        change = self.env["bss.contract.change"].create(
            {
                "contract_id": self.contract.id,
                "kind": "price",
                "date_effective": date(2026, 11, 10),
                "line_ids": [Command.create({"action": "price", "service_id": self.second.id, "price_unit": 99})],
            }
        )
        change.action_preview()
        rows = html.fromstring(str(change.preview_html)).xpath("//tr[contains(., 'Korekta: ')]")
        self.assertTrue(rows)
        self.assertFalse([row for row in rows if "Correction" in row.text_content()])

    def test_a_service_not_begun_waits(self):
        service = self.make_service(self.contract, self.fibre, state="pending")
        self.assertIn("confirms its activation", self.text(self.contract.timeline_html))
        self.assertEqual(len(self.account._bss_next_bill()["lines"]), 2)
        service.date_start = date(2026, 12, 10)
        self.contract.invalidate_recordset()
        self.assertEqual(len(self.account._bss_next_bill()["lines"]), 3)
