from datetime import date
from decimal import Decimal

from odoo.fields import Command
from odoo.tests import tagged

from ..ksef_core import fa3
from .common import KsefXmlCommon

D = Decimal


@tagged("post_install", "-at_install")
class TestInvoiceKinds(KsefXmlCommon):
    """Gross prices, settlement outside VAT, annotations, kinds and the other values of the hook in FA(3)."""

    day = date(2026, 2, 10)

    def _gross_tax(self, rate="23", name="brutto"):
        return self.tax[rate].copy({"name": f"{rate}% {name}", "price_include_override": "tax_included"})

    # ------------------------------------------------------------------ gross prices

    def test_gross_prices_are_gross_lines(self):
        move = self._make_moves(self.business, [("Usługa", 2, 123.0, self._gross_tax())])
        tree = self._tree(move)
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_9B"), ["123.00"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_11A"), ["246.00"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_9A") + self._values(tree, "Fa/FaWiersz/P_11"), [])
        self.assertEqual([self._values(tree, f"Fa/{tag}") for tag in ("P_13_1", "P_14_1")], [["200.00"], ["46.00"]])

    def test_gross_discount_is_gross_and_per_unit(self):
        move = self._make_moves(self.business, [("Usługa", 2, 123.0, self._gross_tax())], post=False)
        move.invoice_line_ids.discount = 10
        move._post(soft=False)
        tree = self._tree(move)
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_10"), ["12.30"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_11A"), ["221.40"])

    def test_gross_prices_sum_up_however_the_company_rounds(self):
        for method in ("round_per_line", "round_globally"):
            with self.subTest(method=method):
                self.company.tax_calculation_rounding_method = method
                move = self._make_moves(self.business, [("Usługa", 1, 59.0, self._gross_tax(name=method))] * 3)
                tree = self._tree(move)
                self.assertEqual(self._values(tree, "Fa/P_15"), ["177.00"])
                self.assertEqual(self._values(tree, "Fa/FaWiersz/P_11A"), ["59.00"] * 3)
                (net,), (tax,) = self._values(tree, "Fa/P_13_1"), self._values(tree, "Fa/P_14_1")
                self.assertEqual(D(net) + D(tax), D("177.00"))

    def test_net_and_gross_prices_on_one_invoice_are_net_lines(self):
        move = self._make_moves(
            self.business, [("Brutto", 2, 123.0, self._gross_tax()), ("Netto", 1, 10.0, self.tax["23"])]
        )
        tree = self._tree(move)
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_11"), ["200.00", "10.00"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_9A"), ["100.00", "10.00"])

    def test_a_gross_credit_note_takes_back_gross_lines(self):
        original = self._make_moves(self.business, [("Usługa", 2, 123.0, self._gross_tax())])
        refund = original._reverse_moves([{"invoice_date": self.day, "ref": "Reklamacja"}])
        refund._post(soft=False)
        tree = self._tree(refund)
        self.assertEqual(self._values(tree, "Fa/RodzajFaktury"), ["KOR"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_8B"), ["-2"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_11A"), ["-246.00"])
        self.assertEqual(self._values(tree, "Fa/P_15"), ["-246.00"])

    # ------------------------------------------------------------------ settlement

    def _settlement_tax(self):
        return self.tax["zw"].copy({"name": "poza VAT", "bss_ksef_rate": "settlement"})

    def test_settlement_lines_leave_the_invoice(self):
        outside = self._settlement_tax()
        move = self._make_moves(
            self.business,
            [
                ("Internet", 1, 100.0, self.tax["23"]),
                ("Odsetki", 1, 7.5, outside),
                ("Zwrot kaucji", 1, -20.0, outside),
            ],
        )
        tree = self._tree(move)
        self.assertEqual(move.amount_total, 110.5)
        self.assertEqual(self._values(tree, "Fa/P_15"), ["123.00"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_7"), ["Internet"])
        self.assertEqual(self._values(tree, "Fa/Rozliczenie/Obciazenia/Kwota"), ["7.50"])
        self.assertEqual(self._values(tree, "Fa/Rozliczenie/Obciazenia/Powod"), ["Odsetki"])
        self.assertEqual(self._values(tree, "Fa/Rozliczenie/Odliczenia/Kwota"), ["20.00"])
        self.assertEqual(self._values(tree, "Fa/Rozliczenie/DoZaplaty"), ["110.50"])

    def test_a_line_of_settlement_and_vat_is_refused(self):
        both = self._settlement_tax() | self.tax["23"]
        move = self._make_moves(self.business, [("Pomyłka", 1, 10.0, both)])
        self.assertIn("missing_rate", self._problems(move))

    def test_charges_and_deductions_of_the_hook(self):
        self._extra(charges=[(D("12.00"), "Saldo")], deductions=[(D("5.00"), "Nadpłata")])
        tree = self._tree(self._make_moves(self.business, [("Internet", 1, 100.0, self.tax["23"])]))
        self.assertEqual(self._values(tree, "Fa/Rozliczenie/SumaObciazen"), ["12.00"])
        self.assertEqual(self._values(tree, "Fa/Rozliczenie/DoZaplaty"), ["130.00"])

    # ------------------------------------------------------------------ annotations

    def test_reverse_charge_and_sales_abroad(self):
        german = self._make_partner("GmbH", "DE136695976", country_id=self.env.ref("base.de").id)
        taxes = self.env["account.tax"].with_context(active_test=False)
        abroad = [("company_id", "=", self.company.id), ("type_tax_use", "=", "sale")]
        self.tax["oo"] = taxes.search([*abroad, ("bss_ksef_rate", "=", "oo")], limit=1)
        self.tax["oo"].active = True
        for rate, total in (("oo", "P_13_10"), ("np I", "P_13_8"), ("np II", "P_13_9"), ("0 WDT", "P_13_6_2")):
            with self.subTest(rate=rate):
                tree = self._tree(self._make_moves(german, [("Sprzedaż", 1, 50.0, self.tax[rate])]))
                self.assertEqual(self._values(tree, "Fa/FaWiersz/P_12"), [rate])
                self.assertEqual(self._values(tree, f"Fa/{total}"), ["50.00"])
                self.assertEqual(self._values(tree, "Fa/Adnotacje/P_18"), ["1" if rate in ("oo", "np II") else "2"])
                prefix = ["PL"] if rate in ("np II", "0 WDT") else []
                self.assertEqual(self._values(tree, "Podmiot1/PrefiksPodatnika"), prefix)
        tree = self._tree(self._make_moves(german, [("Eksport", 1, 50.0, self.tax["0 EX"])]))
        self.assertEqual(self._values(tree, "Fa/P_13_6_3"), ["50.00"])

    def test_sale_to_a_consumer_of_another_country(self):
        oss = self.tax["23"].copy({"name": "DE 19%", "amount": 19.0, "bss_ksef_rate": "OSS"})
        german = self._make_partner("Herr Schmidt", False, country_id=self.env.ref("base.de").id)
        tree = self._tree(self._make_moves(german, [("Roaming", 1, 100.0, oss)]))
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_12_XII"), ["19"])
        self.assertEqual([self._values(tree, f"Fa/{tag}") for tag in ("P_13_5", "P_14_5")], [["100.00"], ["19.00"]])

    def test_split_payment_of_large_invoices_with_goods_of_annex_15(self):
        category = self.env["product.category"].create({"name": "Elektronika", "bss_ksef_annex15": True})
        below = self.env["product.category"].create({"name": "Telefony", "parent_id": category.id})
        phone = self.env["product.product"].create({"name": "Telefon", "categ_id": below.id})

        def annotation(partner, price, product):
            move = self._make_moves(partner, [("Telefon", 1, price, self.tax["23"])], post=False)
            move.invoice_line_ids.with_context(check_move_validity=False).product_id = product
            move.invoice_line_ids.write({"price_unit": price, "tax_ids": [Command.set(self.tax["23"].ids)]})
            move._post(soft=False)
            tree = self._tree(move)
            marks = self._values(tree, "Fa/FaWiersz/P_12_Zal_15")
            return self._values(tree, "Fa/Adnotacje/P_18A"), marks

        self.assertEqual(annotation(self.business, 12_195.13, phone), (["1"], ["1"]))
        self.assertEqual(annotation(self.business, 12_195.12, phone), (["2"], ["1"]))
        self.assertEqual(annotation(self.business, 20_000.0, self.env["product.product"]), (["2"], []))
        self.assertEqual(annotation(self.consumer, 20_000.0, phone), (["2"], ["1"]))
        below.parent_id = False
        self.assertEqual(annotation(self.business, 20_000.0, phone), (["2"], []))
        phone.bss_ksef_annex15 = True
        self.assertEqual(annotation(self.business, 20_000.0, phone), (["1"], ["1"]))

    def test_marks_of_the_hook(self):
        self._extra(self_billing=True, triangular=True, cash_method=True, receipt=True, internal_id="UNIT-1")
        tree = self._tree(self._make_moves(self.business))
        found = [self._values(tree, f"Fa/Adnotacje/{tag}") for tag in ("P_16", "P_17", "P_23")]
        self.assertEqual(found, [["1"]] * 3)
        self.assertEqual(self._values(tree, "Fa/FP"), ["1"])
        self.assertEqual(self._values(tree, "Podmiot2/IDNabywcy"), ["UNIT-1"])

    def test_margin_has_gross_lines_without_a_rate(self):
        self._extra(margin="P_PMarzy_3_1")
        move = self._make_moves(self.business, [("Telefon używany", 1, 500.0, self.env["account.tax"])])
        tree = self._tree(move)
        self.assertEqual(self._values(tree, "Fa/P_13_11"), ["500.00"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_12"), [])
        self.assertEqual(self._values(tree, "Fa/Adnotacje/PMarzy/P_PMarzy_3_1"), ["1"])

    # ------------------------------------------------------------------ payment, kinds, attachment

    def test_payment_link_and_payments(self):
        self._extra(
            ipksef="123ABCDEFGHIJ",
            payment_link="https://pay.example.com/?IPKSeF=123ABCDEFGHIJ",
            partial_payments=[(date(2026, 2, 11), D("10.00"))],
            order_numbers=["PO/1", ("PO/2", date(2026, 1, 5))],
        )
        tree = self._tree(self._make_moves(self.business))
        self.assertEqual(self._values(tree, "Fa/Platnosc/IPKSeF"), ["123ABCDEFGHIJ"])
        self.assertEqual(self._values(tree, "Fa/Platnosc/ZaplataCzesciowa/KwotaZaplatyCzesciowej"), ["10.00"])
        self.assertEqual(self._values(tree, "Fa/WarunkiTransakcji/Zamowienia/NrZamowienia"), ["PO/1", "PO/2"])

    def test_paid_invoice(self):
        self._extra(paid_on=date(2026, 2, 9))
        tree = self._tree(self._make_moves(self.business))
        self.assertEqual(self._values(tree, "Fa/Platnosc/DataZaplaty"), ["2026-02-09"])

    def test_advance_and_final_invoice(self):
        self._extra(kind="ZAL")
        tree = self._tree(self._make_moves(self.business, [("Zaliczka na światłowód", 1, 100.0, self.tax["23"])]))
        self.assertEqual(self._values(tree, "Fa/RodzajFaktury"), ["ZAL"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz"), [])
        self.assertEqual(self._values(tree, "Fa/Zamowienie/WartoscZamowienia"), ["123.00"])
        self.assertEqual(self._values(tree, "Fa/Zamowienie/ZamowienieWiersz/P_11VatZ"), ["23.00"])

    def test_final_invoice_names_its_advances(self):
        self._extra(kind="ROZ", advances=[{"ksef_number": "5265877635-20250826-0100001AF629-AF"}, {"number": "ZAL/1"}])
        tree = self._tree(self._make_moves(self.business, [("Światłowód", 1, 300.0, self.tax["23"])]))
        self.assertEqual(self._values(tree, "Fa/RodzajFaktury"), ["ROZ"])
        self.assertEqual(
            self._values(tree, "Fa/FakturaZaliczkowa/NrKSeFFaZaliczkowej"), ["5265877635-20250826-0100001AF629-AF"]
        )
        self.assertEqual(self._values(tree, "Fa/FakturaZaliczkowa/NrFaZaliczkowej"), ["ZAL/1"])

    def test_attachment(self):
        table = fa3.Table((fa3.Column("Numer"), fa3.Column("Minuty", "dec")), (("48221234567", "12.5"),))
        self._extra(attachment=fa3.Attachment((fa3.Block("Zużycie", (("Okres", "2026-01"),), tables=(table,)),)))
        tree = self._tree(self._make_moves(self.business))
        cells = self._values(tree, "Zalacznik/BlokDanych/Tabela/Wiersz/WKom")
        self.assertEqual(cells, ["48221234567", "12.5"])
