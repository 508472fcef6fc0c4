from datetime import date
from decimal import Decimal

from odoo.tests import tagged

from .common import KsefXmlCommon

D = Decimal


@tagged("post_install", "-at_install")
class TestCorrections(KsefXmlCommon):
    """Corrective invoices in FA(3), from the plain values that billing hands over."""

    day = date(2026, 2, 10)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.original = cls._make_moves(cls.business, invoice_date=date(2026, 2, 1))
        cls.original._bss_ksef_set(bss_ksef_number="5265877635-20250826-0100001AF629-AF", state="accepted")

    def _facts(self, line, **changes):
        def side(quantity, net):
            return {"quantity": quantity, "price": 69.0, "discount": 0, "net": net, "tax_id": self.tax["23"].id}

        pair = {
            "line_id": line.id,
            "original_line_id": self.original.invoice_line_ids.id,
            "name": "Internet 600",
            "is_gross": False,
            "before": side(1.0, 69.0),
            "after": {**side(1.0, 49.0), "price": 49.0},
        }
        return {
            "reason": "Complaint accepted",
            "effect": 2,
            "period": "",
            "original_ids": self.original.ids,
            "buyer_before": None,
            "buyer_after": None,
            "lines": [pair],
            **changes,
        }

    def _tree(self, move, facts):  # pylint: disable=arguments-differ
        self.patch(
            self.env.registry["account.move"],
            "_bss_ksef_extra",
            lambda records: {record.id: {"correction": facts} for record in records},
        )
        return super()._tree(move)

    def test_states_before_and_after(self):
        move = self._make_moves(self.business, [("Internet 600", 1, 20.0, self.tax["23"])], move_type="out_refund")
        tree = self._tree(move, self._facts(move.invoice_line_ids))
        self.assertEqual(self._values(tree, "Fa/RodzajFaktury"), ["KOR"])
        self.assertEqual(self._values(tree, "Fa/PrzyczynaKorekty"), ["Complaint accepted"])
        self.assertEqual(self._values(tree, "Fa/TypKorekty"), ["2"])
        self.assertEqual(self._values(tree, "Fa/DaneFaKorygowanej/NrFaKorygowanej"), [self.original.name])
        self.assertEqual(self._values(tree, "Fa/DaneFaKorygowanej/NrKSeF"), ["1"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/NrWierszaFa"), ["1", "1"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_11"), ["69.00", "49.00"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/StanPrzed"), ["1"])
        self.assertEqual(self._values(tree, "Fa/P_13_1"), ["-20.00"])
        self.assertEqual(self._values(tree, "Fa/P_15"), ["-24.60"])

    def test_gross_prices_before_and_after(self):
        gross = self.tax["23"].copy({"name": "23% brutto", "price_include_override": "tax_included"})
        move = self._make_moves(self.business, [("Internet 600", 1, 61.5, gross)], move_type="out_refund")
        facts = self._facts(move.invoice_line_ids)
        side = {"quantity": 1.0, "discount": 0, "tax_id": gross.id}
        facts["lines"][0] |= {
            "is_gross": True,
            "before": {**side, "price": 123.0, "net": 100.0},
            "after": {**side, "price": 61.5, "net": 50.0},
        }
        tree = self._tree(move, facts)
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_9B"), ["123.00", "61.50"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_11A"), ["123.00", "61.50"])
        self.assertEqual([self._values(tree, f"Fa/{tag}") for tag in ("P_13_1", "P_15")], [["-50.00"], ["-61.50"]])
        # gross amounts that do not lead to what is booked are not told: net lines with what is left for one unit
        facts["lines"][0]["before"]["price"] = 123.01
        tree = self._tree(move, facts)
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_9A"), ["100.00", "50.00"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_11"), ["100.00", "50.00"])

    def test_another_rate(self):
        """The whole line back at the old rate, and on at the new one."""
        move = self._make_moves(
            self.business,
            [("Internet 600", 1, 69.0, self.tax["23"]), ("Internet 600", 1, -69.0, self.tax["8"])],
            move_type="out_refund",
        )
        facts = self._facts(move.invoice_line_ids[1])
        (pair,) = facts["lines"]
        pair["after"] = {**pair["before"], "tax_id": self.tax["8"].id}
        tree = self._tree(move, facts)
        self.assertEqual(self._values(tree, "Fa/FaWiersz/NrWierszaFa"), ["1", "1"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/StanPrzed"), ["1"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_12"), ["23", "8"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_11"), ["69.00", "69.00"])
        sums = [self._values(tree, f"Fa/{name}") for name in ("P_13_1", "P_14_1", "P_13_2", "P_14_2", "P_15")]
        self.assertEqual(sums, [["-69.00"], ["-15.87"], ["69.00"], ["5.52"], ["-10.35"]])

    def test_sale_date_is_that_of_the_original(self):
        move = self._make_moves(self.business, [("Internet 600", 1, 20.0, self.tax["23"])], move_type="out_refund")
        tree = self._tree(move, self._facts(move.invoice_line_ids, supplied=date(2026, 1, 31), days=None))
        self.assertEqual(self._values(tree, "Fa/P_6"), ["2026-01-31"])
        days = (date(2026, 1, 1), date(2026, 1, 31))
        tree = self._tree(move, self._facts(move.invoice_line_ids, supplied=date(2026, 1, 31), days=days))
        self.assertEqual(self._values(tree, "Fa/P_6"), [])
        self.assertEqual(self._values(tree, "Fa/OkresFa/P_6_Od"), ["2026-01-01"])
        self.assertEqual(self._values(tree, "Fa/OkresFa/P_6_Do"), ["2026-01-31"])
        # several sale dates: none is said for all lines
        tree = self._tree(move, self._facts(move.invoice_line_ids, supplied=None, days=None))
        self.assertEqual(self._values(tree, "Fa/P_6"), [])

    def test_sale_date_of_a_plain_credit_note(self):
        self.original.taxable_supply_date = date(2026, 1, 31)
        move = self._make_moves(
            self.business,
            [("Internet 600", 1, 20.0, self.tax["23"])],
            move_type="out_refund",
            reversed_entry_id=self.original.id,
            taxable_supply_date=self.day,
        )
        self.assertEqual(self._document(move).supply_date, date(2026, 1, 31))

    def test_to_zero(self):
        move = self._make_moves(self.business, [("Internet 600", 1, 69.0, self.tax["23"])], move_type="out_refund")
        facts = self._facts(move.invoice_line_ids)
        facts["lines"][0]["after"] = {**facts["lines"][0]["before"], "quantity": 0.0, "net": 0.0}
        tree = self._tree(move, facts)
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_8B"), ["1", "0"])
        self.assertEqual(self._values(tree, "Fa/P_15"), ["-84.87"])

    def test_rising_correction_is_one_too(self):
        move = self._make_moves(self.business, [("Internet 600", 1, 10.0, self.tax["23"])])
        facts = self._facts(move.invoice_line_ids, effect=1)
        facts["lines"][0]["after"] = {**facts["lines"][0]["before"], "price": 79.0, "net": 79.0}
        tree = self._tree(move, facts)
        self.assertEqual(self._values(tree, "Fa/RodzajFaktury"), ["KOR"])
        self.assertEqual(self._values(tree, "Fa/P_15"), ["12.30"])

    def test_payment_of_a_correction_is_split_as_that_of_its_invoice(self):
        phone = self.env["product.product"].create({"name": "Telefon", "bss_ksef_annex15": True})
        self.original = self._make_moves(self.business, [("Telefony", 1, 20_000.0, self.tax["23"])])
        self.env.cr.execute(
            "UPDATE account_move_line SET product_id = %s WHERE id = %s", [phone.id, self.original.invoice_line_ids.id]
        )
        move = self._make_moves(self.business, [("Telefony", 1, 10.0, self.tax["23"])])
        facts = self._facts(move.invoice_line_ids)
        facts["lines"][0]["after"] = {**facts["lines"][0]["before"], "price": 79.0, "net": 79.0}
        tree = self._tree(move, facts)
        self.assertEqual(self._values(tree, "Fa/Adnotacje/P_18A"), ["1"])

    def test_settlement_of_a_corrected_line(self):
        """Interest that is waived: Rozliczenie tells the difference, no line does."""
        outside = self.tax["zw"].copy({"name": "poza VAT", "bss_ksef_rate": "settlement"})
        move = self._make_moves(
            self.business,
            [("Internet 600", 1, 20.0, self.tax["23"]), ("Odsetki", 1, 7.5, outside)],
            move_type="out_refund",
        )
        facts = self._facts(move.invoice_line_ids[0])
        interest = {**facts["lines"][0], "line_id": move.invoice_line_ids[1].id, "name": "Odsetki"}
        interest["before"] = {**interest["before"], "net": 7.5, "price": 7.5, "tax_id": outside.id}
        interest["after"] = {**interest["before"], "net": 0.0, "quantity": 0.0}
        facts["lines"].insert(0, interest)
        tree = self._tree(move, facts)
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_7"), ["Internet 600"] * 2)
        self.assertEqual(self._values(tree, "Fa/FaWiersz/NrWierszaFa"), ["1", "1"])
        self.assertEqual(self._values(tree, "Fa/P_15"), ["-24.60"])
        self.assertEqual(self._values(tree, "Fa/Rozliczenie/Odliczenia/Kwota"), ["7.50"])

    def test_collective_names_all_originals_and_the_period(self):
        other = self._make_moves(self.business, invoice_date=date(2026, 2, 5))
        move = self._make_moves(self.business, [("Internet 600", 1, 20.0, self.tax["23"])], move_type="out_refund")
        facts = self._facts(
            move.invoice_line_ids, original_ids=(self.original | other).ids, period="2026-01-01 - 2026-01-31"
        )
        tree = self._tree(move, facts)
        self.assertEqual(self._values(tree, "Fa/DaneFaKorygowanej/NrFaKorygowanej"), [self.original.name, other.name])
        self.assertEqual(self._values(tree, "Fa/DaneFaKorygowanej/NrKSeFN"), ["1"])
        self.assertEqual(self._values(tree, "Fa/OkresFaKorygowanej"), ["2026-01-01 - 2026-01-31"])

    def test_data_of_the_buyer(self):
        move = self._make_moves(self.business, [("Data of the buyer", 1, 0.0, self.tax["23"])], move_type="out_refund")
        data = {"vat": "PL5261040567", "street": "ul. Testowa 7", "zip": "00-001", "city": "Warszawa", "country": "PL"}
        facts = self._facts(
            move.invoice_line_ids,
            effect=None,
            lines=[],
            buyer_before={**data, "name": "Zakład", "vat": "526-104-05-67"},
            buyer_after={**data, "name": "Zakład Usługowy"},
        )
        tree = self._tree(move, facts)
        self.assertEqual(self._values(tree, "Fa/Podmiot2K/DaneIdentyfikacyjne/Nazwa"), ["Zakład"])
        self.assertEqual(self._values(tree, "Podmiot2/DaneIdentyfikacyjne/Nazwa"), ["Zakład Usługowy"])
        self.assertEqual(self._values(tree, "Fa/P_15"), ["0.00"])
        self.assertFalse(self._values(tree, "Fa/FaWiersz"))
        facts["buyer_before"]["vat"] = "PL1234563218"
        self.assertEqual(self._problems(move), ["buyer_number_changed"])
