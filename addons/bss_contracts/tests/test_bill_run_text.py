from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import ContractsCommon


@tagged("post_install", "-at_install")
class TestBillRunText(ContractsCommon):
    """Lines of invoices say what the pattern of the company says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mobile = cls.make_offering("T-MOB", 30.0, service="mobile")
        cls.account = cls.make_subscriber(products=[cls.mobile], charged_through=date(2026, 10, 31), msisdn=True)
        cls.service = cls.account.service_ids
        cls.service._bss_charge_once(cls.fibre, date(2026, 11, 2), name="Visit")

    def texts(self):
        run = self.bill()
        item = run.item_ids.filtered(lambda one: one.account_id == self.account)
        self.assertEqual(item.state, "issued", item.error)
        lines = item.move_id.invoice_line_ids
        by_kind = {line.bss_charge_id.kind: line.name for line in lines}
        return by_kind["recurring"], by_kind["one_off"]

    def period(self):
        return self.env["bss.bill.run"]._bss_period_text(
            "recurring", date(2026, 11, 1), date(2026, 11, 30), self.env.lang
        )

    def test_without_a_pattern(self):
        identifier = self.service.main_identifier
        self.assertTrue(identifier)
        self.assertEqual(self.texts(), (f"{self.mobile.name} {identifier} ({self.period()})", "Visit"))

    def test_pattern(self):
        self.company.bss_line_pattern = "{period}: {name} [{identifier}] ({contract})"
        identifier, contract = self.service.main_identifier, self.account.contract_ids.name
        recurring, visit = self.texts()
        self.assertEqual(recurring, f"{self.period()}: {self.mobile.name} [{identifier}] ({contract})")
        self.assertEqual(visit, f"Visit [{identifier}] ({contract})")

    def test_invoices_written_as_rows_say_the_same(self):
        for pattern in (False, "{name} {identifier}, {period} ({contract})"):
            self.company.bss_line_pattern = pattern
            run = self.make_run().with_context(queue_job__no_delay=True)
            run._bss_collect()
            [request] = run._bss_requests(run.item_ids.ids).invoices
            charges = {charge.id: charge for charge in run.charge_ids}
            self.assertEqual(len(request.lines), 2)
            for line in request.lines:
                self.assertEqual(line.name, run._bss_line_name(self.account, charges[line.charge_id]))
            run.action_cancel()

    def test_brackets_around_nothing_are_left_out(self):
        self.company.bss_line_pattern = "{name} ({period})"
        recurring, visit = self.texts()
        self.assertEqual((recurring, visit), (f"{self.mobile.name} ({self.period()})", "Visit"))

    def test_patterns_that_cannot_be_are_refused(self):
        for pattern in ("{period}", "{name} {price}", "{name", "{name.__class__}", "{0}", "{}"):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.company.bss_line_pattern = pattern
