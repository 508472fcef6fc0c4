from odoo.tests import TransactionCase, tagged

from .. import messages
from ..ksef_core.problems import Problem


@tagged("post_install", "-at_install")
class TestWords(TransactionCase):
    """What is wrong with an invoice, as a clerk reads it."""

    def _explain(self, code, element, **params):
        return messages.explain(self.env, Problem(code, element, params), "Customer Ltd", "Operator Ltd")

    def test_every_code_makes_a_sentence_with_its_values(self):
        names = [
            "advance",
            "count",
            "date",
            "expected",
            "limit",
            "line",
            "lines",
            "link",
            "message",
            "size",
            "sum",
            "tax",
            "total",
            "value",
        ]
        values = {name: f"<{name}>" for name in names}
        for code, sentence in messages._SENTENCES.items():
            with self.subTest(code):
                text = sentence(self.env, values)
                self.assertTrue(text[0].isupper(), text)
                self.assertNotIn("%(", text)

    def test_places_of_the_invoice_are_named(self):
        for element, place in (
            ("Fa/FaWiersz[3]/P_12", "Line 3"),
            ("Fa/FaWiersz", "Lines"),
            ("Fa/P_13_1", "Net sums"),
            ("Fa/P_14_1W", "Tax sums"),
            ("Fa/P_15", "Total"),
            ("Fa/P_1", "Invoice date"),
            ("Fa/Platnosc/LinkDoPlatnosci", "Payment"),
            ("Fa/Zamowienie/WartoscZamowienia", "Order"),
            ("Podmiot3[2]/DaneIdentyfikacyjne/NIP", "Third party 2"),
            ("Zalacznik/BlokDanych[1]/Tabela[2]/Wiersz[7]", "Attachment"),
        ):
            with self.subTest(element):
                self.assertEqual(self._explain("missing", element), f"{place}: The value is missing. ({element})")

    def test_data_of_the_parties_name_the_party(self):
        self.assertEqual(
            self._explain("missing_nip", "Podmiot2/DaneIdentyfikacyjne/NIP"),
            "Customer Customer Ltd, tax number (NIP): The tax number (NIP) is missing. (Podmiot2/DaneIdentyfikacyjne/NIP)",
        )
        self.assertIn("Your company Operator Ltd, address", self._explain("missing_address", "Podmiot1/Adres"))

    def test_an_unknown_rule_shows_what_the_schema_said(self):
        self.assertEqual(
            self._explain("xsd_length", "Naglowek/SystemInfo", message="length 3"),
            "Naglowek/SystemInfo: The schema does not accept this: length 3",
        )
