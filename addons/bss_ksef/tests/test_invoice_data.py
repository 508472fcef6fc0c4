from datetime import date
from decimal import Decimal

from odoo.fields import Command
from odoo.tests import tagged

from ..ksef_core import fa3
from ..parties import tax_identity
from .common import KsefXmlCommon

D = Decimal


@tagged("post_install", "-at_install")
class TestInvoiceData(KsefXmlCommon):
    """What a posted invoice says in FA(3)."""

    day = date(2026, 2, 10)

    def _value(self, tree, path):
        return tree.findtext("/".join(f"{{{fa3.NAMESPACE}}}{step}" for step in path.split("/")))

    def test_rates_of_the_polish_chart(self):
        taxes = self.env["account.tax"].with_context(active_test=False)
        found = taxes.search([("company_id", "=", self.company.id), ("type_tax_use", "=", "sale")])
        expected = {"23", "8", "5", "0 KR", "0 WDT", "0 EX", "zw", "oo", "np I", "np II"}
        self.assertEqual(set(found.mapped("bss_ksef_rate")), expected)

    def test_lines_and_sums(self):
        move = self._make_moves(
            self.business,
            [
                ("Internet", 1, 69.0, self.tax["23"]),
                ("Książka", 3, 10.33, self.tax["5"]),
                ("Rozmowy", 1, 12.34, self.tax["23"]),
            ],
        )
        invoice = self._document(move)
        self.assertEqual([line.net for line in invoice.lines], [D("69.00"), D("30.99"), D("12.34")])
        self.assertEqual(
            {total.rate.value: (total.net, total.tax) for total in invoice.totals},
            {"23": (D("81.34"), D("18.71")), "5": (D("30.99"), D("1.55"))},
        )
        tree = self._tree(move)
        self.assertEqual(self._value(tree, "Fa/P_15"), "132.59")
        self.assertEqual(self._value(tree, "Fa/FaWiersz/P_7"), "Internet")
        self.assertEqual(self._value(tree, "Podmiot1/DaneIdentyfikacyjne/NIP"), self.NIP)
        self.assertEqual(self._value(tree, "Podmiot2/DaneIdentyfikacyjne/NIP"), "5261040567")
        self.assertEqual(self._value(tree, "Stopka/Rejestry/KRS"), "0000099999")

    def test_discount_is_per_unit(self):
        move = self._make_moves(self.business, post=False)
        move.invoice_line_ids.write({"quantity": 20, "price_unit": 1000, "discount": 10})
        move._post(soft=False)
        (line,) = self._document(move).lines
        self.assertEqual((line.price, line.unit_discount, line.net), (D(1000), D(100), D("18000.00")))

    def test_due_date_and_bank_account(self):
        bank = self.env["res.partner.bank"].create(
            {
                "acc_number": "PL61 1090 1014 0000 0712 1981 2874",
                "partner_id": self.company.partner_id.id,
                "allow_out_payment": True,
            }
        )
        move = self._make_moves(self.business, partner_bank_id=bank.id, invoice_date_due="2026-02-24")
        tree = self._tree(move)
        self.assertEqual(self._value(tree, "Fa/Platnosc/TerminPlatnosci/Termin"), "2026-02-24")
        self.assertEqual(self._value(tree, "Fa/Platnosc/RachunekBankowy/NrRB"), "61109010140000071219812874")
        self.assertEqual(self._value(tree, "Fa/Platnosc/FormaPlatnosci"), "6")

    def test_exempt_needs_its_basis(self):
        move = self._make_moves(self.business, [("Ubezpieczenie", 1, 10.0, self.tax["zw"])])
        self.assertEqual(self._problems(move), ["missing_exemption"])
        self.tax["zw"].bss_ksef_exemption = "art. 43 ust. 1 pkt 37"
        self.assertEqual(self._value(self._tree(move), "Fa/Adnotacje/Zwolnienie/P_19A"), "art. 43 ust. 1 pkt 37")

    def test_foreign_currency_has_its_tax_in_pln(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"name": "2026-01-01", "currency_id": euro.id, "company_id": self.company.id, "inverse_company_rate": 4.25}
        )
        move = self._make_moves(self.business, currency_id=euro.id)
        tree = self._tree(move)
        self.assertEqual(self._value(tree, "Fa/KodWaluty"), "EUR")
        self.assertEqual(self._value(tree, "Fa/P_14_1"), "15.87")
        self.assertEqual(self._value(tree, "Fa/P_14_1W"), "67.45")
        self.assertEqual(D(self._value(tree, "Fa/FaWiersz/KursWaluty")).quantize(D("0.01")), D("4.25"))

    def test_buyers(self):
        german = self._make_partner("GmbH", "DE136695976", country_id=self.env.ref("base.de").id)
        american = self._make_partner("Inc.", "98-7654321", country_id=self.env.ref("base.us").id)
        self.assertEqual(tax_identity(german), {"eu_country": "DE", "eu_number": "136695976"})
        self.assertEqual(tax_identity(american), {"other_country": "US", "other_number": "98-7654321"})
        self.assertEqual(tax_identity(self.consumer), {})
        self.assertEqual(tax_identity(self._make_partner("X", "PL 526-104-05-67")), {"nip": "5261040567"})

    def test_extra_data_of_other_addons(self):
        move = self._make_moves(self.business)
        line = move.invoice_line_ids

        def extra(records):
            return {
                record.id: {
                    "customer_number": "100000017",
                    "contracts": [("UM/2026/00001", self.day)],
                    "bank_account": "61109010140000071219812874",
                    "notes": [("Konto", "100000017")],
                    "lines": {line.id: {"supply_date": self.day, "notes": [("Telefon", "48221234567")]}},
                }
                for record in records
            }

        self.patch(self.env.registry["account.move"], "_bss_ksef_extra", extra)
        tree = self._tree(move)
        self.assertEqual(self._value(tree, "Podmiot2/NrKlienta"), "100000017")
        self.assertEqual(self._value(tree, "Fa/WarunkiTransakcji/Umowy/NrUmowy"), "UM/2026/00001")
        self.assertEqual(self._value(tree, "Fa/FaWiersz/P_6A"), "2026-02-10")
        self.assertEqual(self._value(tree, "Fa/Platnosc/RachunekBankowy/NrRB"), "61109010140000071219812874")

    def test_who_goes_to_ksef(self):
        self.assertEqual(self._make_moves(self.consumer).bss_ksef_state, "not_applicable")
        self.company.bss_ksef_include_consumers = True
        self.assertEqual(self._make_moves(self.consumer).bss_ksef_state, "to_send")
        self.company.bss_ksef_enabled = False
        self.assertEqual(self._make_moves(self.business).bss_ksef_state, "not_applicable")
        bill = self._make_moves(self.business, move_type="in_invoice", post=False)
        self.assertEqual(bill.bss_ksef_state, "not_applicable")

    def test_back_to_draft_before_sending(self):
        move = self._make_moves(self.business)
        move.button_draft()
        self.assertEqual(move.bss_ksef_state, "not_applicable")
        move._post(soft=False)
        self.assertEqual(move.bss_ksef_state, "to_send")
        self.assertEqual(move.copy().bss_ksef_state, "not_applicable")

    def test_reasons_are_polish_sentences(self):
        nowhere = self._make_partner("Bez adresu", "5261040567", street=False, zip=False, city=False)
        move = self._make_moves(nowhere, [("Bez podatku", 1, 5.0, self.env["account.tax"])])
        self.env["res.lang"]._activate_lang("pl_PL")
        self.env["ir.module.module"]._load_module_terms(["bss_ksef"], ["pl_PL"])
        document = self.env["bss.ksef.document"]._bss_freeze(move, self.day, self.env["bss.ksef.session"]._bss_now())
        self.assertEqual(document.state, "invalid")
        self.assertIn("Klient Bez adresu, pole adres: Brak adresu", document.error_text)
        self.assertIn("Fa/FaWiersz[1]/P_12", document.error_text)

    def test_one_line_of_two_taxes_is_refused(self):
        move = self._make_moves(self.business, post=False)
        move.invoice_line_ids.tax_ids = [Command.set((self.tax["23"] | self.tax["8"]).ids)]
        move._post(soft=False)
        self.assertIn("missing_rate", self._problems(move))
