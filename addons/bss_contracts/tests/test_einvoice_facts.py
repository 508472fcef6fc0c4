"""What e-invoices are told of billing accounts: as the documents say it, in a fixed number of statements."""

from datetime import date
from decimal import Decimal

from odoo.fields import Command
from odoo.tests import tagged

from .test_correction import CorrectionCommon


@tagged("post_install", "-at_install")
class TestEinvoiceFacts(CorrectionCommon):
    def facts(self, moves, **wanted):
        return moves._bss_einvoice_facts(**wanted)

    def test_account_contract_and_way(self):
        self.account.payment_way = "cash"
        fact = self.facts(self.invoice)[self.invoice.id]
        self.assertEqual((fact["account"], fact["payment_way"]), (self.account.name, "cash"))
        contract = self.account.service_ids.contract_id
        self.assertEqual(fact["contracts"], [(contract.name, contract.date_signed or None)])
        self.assertFalse({"correction", "lines", "charges", "deductions", "usage"} & fact.keys())

    def test_correction_is_told(self):
        refund = self.issue(kind="zero").move_id
        self.assertEqual(
            self.facts(refund)[refund.id]["correction"]["reason"], refund.bss_correction_id._bss_facts()["reason"]
        )

    def test_service_of_each_line(self):
        place = self.env["bss.location"].create(
            {
                "name": "ul. Próbna 7",
                "street": "ul. Próbna",
                "house_no": "7",
                "premises_no": "3",
                "zip": "99-300",
                "city": "Kutno",
            }
        )
        service = self.account.service_ids
        service.location_id = place
        self.env["bss.service.identifier"].create(
            {"service_id": service.id, "kind": "msisdn", "value": "48600100200", "date_start": date(2026, 1, 1)}
        )
        lines = self.facts(self.invoice, details=True)[self.invoice.id]["lines"]
        self.assertEqual(list(lines), self.invoice.invoice_line_ids.ids)
        self.assertEqual(
            lines[self.invoice.invoice_line_ids.id],
            [("Numer telefonu", "48600100200"), ("Lokalizacja", "ul. Próbna 7/3, 99-300 Kutno")],
        )

    def test_balance_as_the_document_said(self):
        """The first invoice is overdue when the second is issued; paying it later changes nothing on the second."""
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        second = self.account.invoice_ids - self.invoice
        told = self.facts(second, settlement=True)[second.id]
        overdue = (
            Decimal(f"{self.invoice.amount_total:.2f}") if self.invoice.invoice_date_due < second.invoice_date else None
        )
        self.assertTrue(overdue)
        self.assertEqual(told["charges"], [(overdue, "Zaległość z poprzednich okresów")])
        self.assertNotIn("deductions", told)
        self.assertNotIn("charges", self.facts(self.invoice, settlement=True)[self.invoice.id])
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        ).create({})._create_payments()
        self.assertEqual(self.facts(second, settlement=True)[second.id]["charges"], told["charges"])

    def test_overpayment_is_deducted_up_to_the_invoice(self):
        receivable = self.invoice.line_ids.filtered(lambda line: line.display_type == "payment_term").account_id
        common = {"partner_id": self.account.partner_id.id, "bss_account_id": self.account.id}
        self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": date(2026, 11, 2),
                "line_ids": [
                    Command.create({"account_id": receivable.id, "credit": 500, **common}),
                    Command.create({"account_id": self.invoice.invoice_line_ids.account_id.id, "debit": 500}),
                ],
            }
        ).action_post()
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        second = self.account.invoice_ids - self.invoice
        shown = second._bss_document_content()["settlement"]
        self.assertEqual(shown, {"overpaid": f"{second.amount_total:.2f}"})
        told = self.facts(second, settlement=True)[second.id]
        self.assertEqual(told["deductions"], [(Decimal(shown["overpaid"]), "Nadpłata z poprzednich okresów")])


@tagged("post_install", "-at_install")
class TestEinvoiceFactsOfMany(CorrectionCommon):
    def test_statements_do_not_grow_with_the_invoices(self):
        for place in range(8):
            self.make_subscriber(f"Abonent {place}", charged_through=date(2026, 10, 31))
        self.bill()
        moves = self.env["account.move"].search([("bss_account_id", "!=", False), ("move_type", "=", "out_invoice")])
        self.assertGreaterEqual(len(moves), 8)

        def statements(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(some._bss_einvoice_facts(details=True, settlement=True, usage=True)), len(some))
            return self.env.cr.sql_log_count - before

        few = statements(moves[:2])
        self.assertEqual(statements(moves), few)
        self.assertLessEqual(few, 10)
        refunds = self.env["account.move"].union(*(self.issue(move, kind="zero").move_id for move in moves))
        self.assertEqual(statements(refunds), statements(refunds[:2]))
