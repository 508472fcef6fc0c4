from datetime import date
from unittest.mock import patch

from odoo.tests import tagged

from ..bulk.exemplar import undone
from .test_bill_run_issue import WORK, IssueCommon


@tagged("post_install", "-at_install")
class TestGrouping(IssueCommon):
    """Charges that share a line of an invoice, whoever writes it."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cycle.line_grouping = "equal"
        cls.visit = cls.make_offering("T-VISIT", 10.0)
        cls.firms = cls.env["bss.account"]
        for number in range(6):
            firm = cls.make_subscriber(f"Firm {number}", products=[cls.mobile] * 4, charged_through=date(2026, 10, 31))
            for service in firm.service_ids:
                cls.env["bss.service.identifier"].create(
                    {"service_id": service.id, "kind": "msisdn", "value": cls.next_msisdn(), "date_start": "2026-01-01"}
                )
            first = firm.service_ids[0]
            for day in (3, 9, 21):
                first._bss_charge_once(cls.visit, date(2026, 11, day), price=10.03, name="Visit")
                first._bss_charge_once(
                    cls.visit, date(2026, 11, day), price=0.99, name="Call-out", price_kind="gross", reference=f"g{day}"
                )
            cls.firms |= firm

    def picture(self, run):
        """Lines and charges of the invoices as plain values."""
        self.env.flush_all()
        self.env.invalidate_all()
        found = []
        for item in run.item_ids.sorted("account_id"):
            self.assertEqual(item.state, "issued", item.error)
            lines = [
                (
                    line.name,
                    line.quantity,
                    line.price_unit,
                    line.price_subtotal,
                    line.amount_currency,
                    line.tax_ids.mapped("price_include"),
                    line.bss_service_id.id,
                    line.bss_charge_id.identity_key,
                    sorted(line.bss_charge_ids.mapped("identity_key")),
                    line.bss_date_start,
                    line.bss_date_end,
                )
                for line in item.move_id.invoice_line_ids.sorted("id")
            ]
            charges = [
                (one.identity_key, one.state, one.amount, one.move_line_id.name)
                for one in item.account_id.charge_ids.sorted("identity_key")
            ]
            found.append((item.account_id.id, item.move_id.amount_total, item.charge_count, lines, charges))
        return found

    def issued_by(self, way):
        """Picture of the run when it is issued this way; nothing stays."""
        with undone(self.env):
            run = self.collected()
            if way == "copy":
                run._bss_issue()
                self.assertEqual(run.chunk_ids.mapped("tier"), ["copy"], run.chunk_ids.mapped("reason"))
                self.assertBilled(run)
            else:
                self.assertEqual(run._bss_issue_batch(run.item_ids.ids, way), way)
                self.assertTrue(run._bss_finish())
            return self.picture(run)

    def test_all_ways_write_the_same(self):
        for grouping in ("none", "equal", "product"):
            self.cycle.line_grouping = grouping
            copied = self.issued_by("copy")
            self.assertEqual(len(copied[0][3]), {"none": 10, "equal": 3, "product": 3}[grouping])
            self.assertEqual(copied, self.issued_by("tuned"))
            self.assertEqual(copied, self.issued_by("stock"))

    def line(self, move, kind, gross=False):
        return move.invoice_line_ids.filtered(
            lambda one: one.bss_charge_id.kind == kind and one.tax_ids.price_include == gross
        )

    def test_equal_services_are_counted(self):
        move = self.bill_rows()[0].invoice_ids
        services = self.line(move, "recurring")
        self.assertEqual((services.quantity, services.price_unit, services.price_subtotal), (4, 30.0, 120.0))
        self.assertFalse(services.bss_service_id)
        self.assertNotIn("4860", services.name)
        self.assertIn(self.mobile.name, services.name)
        self.assertEqual(services.bss_charge_ids.service_id, self.firms[0].service_ids)
        self.assertEqual(len(services.bss_charge_ids.filtered("source_ref")), 4)

    def test_fees_span_their_days(self):
        move = self.bill_rows()[0].invoice_ids
        visits = self.line(move, "one_off")
        self.assertEqual((visits.quantity, visits.name), (3, "Visit"))
        self.assertEqual((visits.bss_date_start, visits.bss_date_end), (date(2026, 11, 3), date(2026, 11, 21)))
        self.assertEqual(visits.bss_service_id, self.firms[0].service_ids[0])

    def test_net_of_gross_prices_is_split_to_the_grosz(self):
        move = self.bill_rows()[0].invoice_ids
        line = self.line(move, "one_off", gross=True)
        self.assertEqual((line.quantity, line.price_total), (3, 2.97))
        nets = line.bss_charge_ids.sorted("id").mapped("amount")
        self.assertEqual(round(sum(nets), 2), -line.amount_currency)
        self.assertEqual(nets, [0.80, 0.81, 0.80])

    def bill_rows(self):
        run = self.collected()
        run._bss_issue()
        self.assertEqual(run.state, "done", run.error_item_ids.mapped("error"))
        return self.firms

    def test_the_account_has_the_last_word(self):
        self.firms[1].line_grouping = "none"
        self.bill_rows()
        self.assertEqual(len(self.firms[0].invoice_ids.invoice_line_ids), 3)
        self.assertEqual(len(self.firms[1].invoice_ids.invoice_line_ids), 10)

    def test_by_product_different_prices_are_summed(self):
        self.cycle.line_grouping = "product"
        self.firms[0].service_ids[1].price_unit = 25.5
        move = self.bill_rows()[0].invoice_ids
        services = self.line(move, "recurring")
        self.assertEqual((services.quantity, services.price_unit), (1, 115.5))
        self.assertTrue(services.name.startswith(f"{self.mobile.name} ("), services.name)
        self.assertEqual(sorted(services.bss_charge_ids.mapped("amount")), [25.5, 30, 30, 30])

    def test_the_pattern_leaves_the_number_out(self):
        self.company.bss_line_pattern = "{name} [{identifier}] {contract}"
        firm = self.bill_rows()[0]
        services = self.line(firm.invoice_ids, "recurring")
        self.assertEqual(services.name, f"{self.mobile.name} {firm.contract_ids.name}")

    def test_a_chunk_taken_up_again_shares_the_same_lines(self):
        run = self.collected()
        chunks = type(run.chunk_ids)
        broken = patch.object(chunks, "_bss_write_once", side_effect=ValueError("killed"))
        with broken, self.assertLogs(WORK, "ERROR"):
            run._bss_issue()
        self.assertEqual(run.chunk_ids.state, "reserved")
        self.env.invalidate_all()
        run._bss_issue()
        self.assertEqual(run.state, "done")
        self.assertBilled(run)
        self.assertEqual(len(self.firms[5].invoice_ids.invoice_line_ids), 3)

    def test_a_cancelled_invoice_frees_all_its_charges(self):
        move = self.bill_rows()[0].invoice_ids
        charges = move.invoice_line_ids.bss_charge_ids
        self.assertEqual(len(charges), 10)
        cancelling = move.sudo().with_context(bss_allow_draft=True)
        cancelling.button_draft()
        cancelling.button_cancel()
        self.assertEqual(set(charges.mapped("state")), {"pending"})
        self.assertFalse(charges.move_line_id)
