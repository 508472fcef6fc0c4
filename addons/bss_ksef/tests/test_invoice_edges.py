from datetime import date
from decimal import Decimal

from odoo.fields import Command
from odoo.tests import tagged

from ..ksef_core import fa3
from ..parties import identity_of
from .common import KsefXmlCommon

D = Decimal


@tagged("post_install", "-at_install")
class TestInvoiceEdges(KsefXmlCommon):
    """Invoices that are rare, lawful, and easily told wrong."""

    day = date(2026, 2, 10)

    def _freeze(self, moves):
        return self.env["bss.ksef.document"]._bss_freeze(moves, self.day, self.env["bss.ksef.session"]._bss_now())

    def _with_settlement(self, price, settled):
        outside = self.tax["zw"].copy({"name": "poza VAT", "bss_ksef_rate": "settlement"})
        return [("Sprzedaż", 1, price, self.tax["23"]), ("Odsetki", 1, settled, outside)]

    def _currency(self, name, rate):
        currency = self.env.ref(f"base.{name}")
        currency.active = True
        self.env["res.currency.rate"].create(
            {
                "name": "2026-01-01",
                "currency_id": currency.id,
                "company_id": self.company.id,
                "inverse_company_rate": rate,
            }
        )
        return currency

    # ------------------------------------------------------------------ remarks

    def test_the_buyer_pays_the_tax_of_services_to_businesses_of_the_eu(self):
        german = self._make_partner("GmbH", "DE136695976", country_id=self.env.ref("base.de").id)
        tree = self._tree(self._make_moves(german, [("Usługa", 1, 50.0, self.tax["np II"])]))
        self.assertEqual(self._values(tree, "Fa/Adnotacje/P_18"), ["1"])
        self._extra(reverse_charge=True)
        tree = self._tree(self._make_moves(german, [("Towar w Niemczech", 1, 50.0, self.tax["np I"])]))
        self.assertEqual(self._values(tree, "Fa/Adnotacje/P_18"), ["1"])

    def test_triangular_sale_has_the_prefix(self):
        self._extra(triangular=True)
        german = self._make_partner("GmbH", "DE136695976", country_id=self.env.ref("base.de").id)
        tree = self._tree(self._make_moves(german, [("Towar", 1, 50.0, self.tax["np I"])]))
        self.assertEqual(self._values(tree, "Podmiot1/PrefiksPodatnika"), ["PL"])
        self.assertEqual(self._values(tree, "Fa/Adnotacje/P_23"), ["1"])

    def test_settlement_does_not_make_a_payment_split(self):
        category = self.env["product.category"].create({"name": "Elektronika", "bss_ksef_annex15": True})
        phone = self.env["product.product"].create({"name": "Telefon", "categ_id": category.id})
        move = self._make_moves(self.business, self._with_settlement(12_000.0, 900.0), post=False)
        move.invoice_line_ids[0].product_id = phone
        move.invoice_line_ids[0].write({"price_unit": 12_000.0, "tax_ids": [Command.set(self.tax["23"].ids)]})
        move._post(soft=False)
        self.assertGreater(move.amount_total, 15_000)
        self.assertEqual(self._values(self._tree(move), "Fa/P_15"), ["14760.00"])
        self.assertEqual(self._values(self._tree(move), "Fa/Adnotacje/P_18A"), ["2"])

    # ------------------------------------------------------------------ amounts

    def test_rounding_of_the_whole_invoice_to_cash(self):
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "do złotówki",
                "rounding": 1.0,
                "strategy": "add_invoice_line",
                "rounding_method": "HALF-UP",
                "profit_account_id": self.company.expense_currency_exchange_account_id.id
                or self.env["account.account"].search([("account_type", "=", "income")], limit=1).id,
                "loss_account_id": self.env["account.account"].search([("account_type", "=", "expense")], limit=1).id,
            }
        )
        for price, total, tag in (
            (100.2, "123.25", "Odliczenia"),
            (100.4, "123.49", "Odliczenia"),
            (100.5, "123.62", "Obciazenia"),
        ):
            with self.subTest(price=price):
                move = self._make_moves(
                    self.business, [("Internet", 1, price, self.tax["23"])], invoice_cash_rounding_id=rounding.id
                )
                tree = self._tree(move)
                self.assertEqual(self._values(tree, "Fa/P_15"), [total])
                self.assertEqual(len(self._values(tree, f"Fa/Rozliczenie/{tag}/Kwota")), 1)
                self.assertEqual(self._values(tree, "Fa/Rozliczenie/DoZaplaty"), [f"{move.amount_total:.2f}"])

    def test_rounding_of_the_whole_invoice_keeps_the_sums(self):
        for method in ("round_per_line", "round_globally"):
            self.company.tax_calculation_rounding_method = method
            for quantity, price in ((0.5, 0.33), (0.5, 0.67), (1.5, 0.33), (0.25, 0.1)):
                for count in (2, 3, 7):
                    with self.subTest(method=method, quantity=quantity, price=price, count=count):
                        move = self._make_moves(self.business, [("Ułamek", quantity, price, self.tax["23"])] * count)
                        self.assertEqual(self._values(self._tree(move), "Fa/P_15"), [f"{move.amount_total:.2f}"])

    def test_net_and_exempt_rounding_with_discount(self):
        self.company.tax_calculation_rounding_method = "round_globally"
        self.tax["zw"].bss_ksef_exemption = "art. 43 ust. 1 pkt 37"
        move = self._make_moves(
            self.business,
            [("A", 0.5, 0.33, self.tax["zw"])] * 3
            + [("B", 3, 9.99, self.tax["8"]), ("Rabat", 1, -1.11, self.tax["8"])],
            post=False,
        )
        move.invoice_line_ids[3].discount = 33.33
        move._post(soft=False)
        self.assertEqual(self._values(self._tree(move), "Fa/P_15"), [f"{move.amount_total:.2f}"])

    def test_negative_line_and_zero_quantity(self):
        move = self._make_moves(
            self.business,
            [
                ("Internet", 1, 100.0, self.tax["23"]),
                ("Rabat", 1, -30.0, self.tax["23"]),
                ("Rozmowy", 0, 0.1, self.tax["23"]),
                ("Zwrot 8", -1, 5.0, self.tax["8"]),
            ],
        )
        tree = self._tree(move)
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_11"), ["100.00", "-30.00", "0.00", "-5.00"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/P_8B"), ["1", "1", "0", "-1"])
        self.assertEqual(self._values(tree, "Fa/P_13_2"), ["-5.00"])

    def test_free_invoice(self):
        tree = self._tree(self._make_moves(self.business, [("Gratis", 1, 0.0, self.tax["23"])]))
        self.assertEqual(self._values(tree, "Fa/P_15"), ["0.00"])

    def test_tax_edited_by_hand_within_lawful_rounding(self):
        move = self._make_moves(self.business, [("Internet", 1, 10.01, self.tax["23"])] * 4, post=False)
        tax_line = move.line_ids.filtered("tax_line_id")
        due = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        move.write(
            {
                "line_ids": [
                    Command.update(tax_line.id, {"amount_currency": tax_line.amount_currency - 0.02}),
                    Command.update(due.id, {"amount_currency": due.amount_currency + 0.02}),
                ]
            }
        )
        move._post(soft=False)
        self.assertEqual(self._values(self._tree(move), "Fa/P_14_1"), ["9.23"])

    def test_order_of_an_advance_adds_up(self):
        self._extra(kind="ZAL")
        for method in ("round_per_line", "round_globally"):
            with self.subTest(method=method):
                self.company.tax_calculation_rounding_method = method
                lines = [("Zaliczka", 1, 10.01, self.tax["23"])] * 3 + [("Zaliczka", 1, 0.33, self.tax["8"])]
                tree = self._tree(self._make_moves(self.business, lines))
                taxes = [D(value) for value in self._values(tree, "Fa/Zamowienie/ZamowienieWiersz/P_11VatZ")]
                booked = self._values(tree, "Fa/P_14_1") + self._values(tree, "Fa/P_14_2")
                self.assertEqual(sum(taxes), sum(D(value) for value in booked))

    # ------------------------------------------------------------------ currencies

    def test_exchange_rate_of_small_amounts(self):
        euro = self._currency("EUR", 4.2512)
        move = self._make_moves(
            self.business,
            [("Drobne", 1, 0.03, self.tax["23"]), ("Grube", 1, 1000.0, self.tax["23"])],
            currency_id=euro.id,
        )
        rates = {D(value).quantize(D("0.0001")) for value in self._values(self._tree(move), "Fa/FaWiersz/KursWaluty")}
        self.assertEqual(rates, {D("4.2512")})
        self.assertEqual(self._values(self._tree(move), "Fa/FaWiersz/KursWaluty"), ["4.2512"] * 2)

    def test_currency_without_hundredths(self):
        yen = self._currency("JPY", 0.0275)
        move = self._make_moves(self.business, [("Usługa", 1, 1005, self.tax["23"])], currency_id=yen.id)
        tree = self._tree(move)
        self.assertEqual(self._values(tree, "Fa/P_14_1"), ["231.00"])

    def test_currency_with_thousandths_is_told_not_rounded(self):
        dinar = self._currency("KWD", 12.0)
        move = self._make_moves(
            self.business, [("Usługa", 1, 10.0, self.tax["0 KR"])], currency_id=dinar.id, post=False
        )
        self.env["decimal.precision"].search([("name", "=", "Product Price")]).digits = 4
        move.invoice_line_ids.price_unit = 10.005
        move._post(soft=False)
        self.assertAlmostEqual(move.amount_total, 10.005)
        self.assertEqual(self._problems(move), ["too_fine"])

    def test_sales_without_polish_tax_in_another_currency(self):
        euro = self._currency("EUR", 4.2512)
        german = self._make_partner("GmbH", "DE136695976", country_id=self.env.ref("base.de").id)
        oss = self.tax["23"].copy({"name": "DE 19%", "amount": 19.0, "bss_ksef_rate": "OSS"})
        for tax in (self.tax["np II"], self.tax["0 WDT"], self.tax["0 EX"], oss):
            with self.subTest(rate=tax.bss_ksef_rate):
                tree = self._tree(self._make_moves(german, [("Sprzedaż", 1, 50.0, tax)], currency_id=euro.id))
                self.assertEqual(self._values(tree, "Fa/KodWaluty"), ["EUR"])
                self.assertFalse([one.tag for one in tree.iter("{*}*") if one.tag.endswith("W") and "P_14" in one.tag])

    def test_credit_note_in_another_currency(self):
        euro = self._currency("EUR", 4.2512)
        original = self._accepted(self.business, [("Internet", 1, 10.0, self.tax["23"])], currency_id=euro.id)
        refund = original._reverse_moves([{"invoice_date": self.day, "ref": "Zwrot"}])
        refund._post(soft=False)
        tree = self._tree(refund)
        self.assertEqual(self._values(tree, "Fa/P_14_1") + self._values(tree, "Fa/P_14_1W"), ["-2.30", "-9.78"])
        self.assertEqual(self._values(tree, "Fa/FaWiersz/KursWaluty"), ["4.2512"])

    def test_books_in_another_currency(self):
        """Tax in the currency of the books is no tax in PLN."""
        euro = self._currency("EUR", 4.2512)
        move = self._make_moves(self.business, [("Internet", 1, 10.0, self.tax["23"])])
        self.env.cr.execute("UPDATE res_company SET currency_id = %s WHERE id = %s", [euro.id, self.company.id])
        self.env.invalidate_all()
        tree = self._tree(move)
        self.assertEqual(self._values(tree, "Fa/P_14_1") + self._values(tree, "Fa/P_14_1W"), ["2.30"])
        self.env.cr.execute("UPDATE account_move SET currency_id = %s WHERE id = %s", [euro.id, move.id])
        self.env.invalidate_all()
        self.assertEqual(self._problems(move), ["missing_tax_pln"])

    # ------------------------------------------------------------------ buyers

    def test_numbers_of_buyers(self):
        def identity(vat, country):
            partner = self._make_partner("Nabywca", vat, country_id=country and self.env.ref(f"base.{country}").id)
            tree = self._tree(self._make_moves(partner))
            return {one.tag.rpartition("}")[2]: one.text for one in tree.find("{*}Podmiot2/{*}DaneIdentyfikacyjne")}

        for vat, country, expected in (
            ("DE 136.695-976", "de", {"KodUE": "DE", "NrVatUE": "136695976"}),
            ("EL123456783", "gr", {"KodUE": "EL", "NrVatUE": "123456783"}),
            ("123456783", "gr", {"KodUE": "EL", "NrVatUE": "123456783"}),
            ("XI110305878", "uk", {"KodUE": "XI", "NrVatUE": "110305878"}),
            ("GB110305878", "uk", {"KodKraju": "GB", "NrID": "GB110305878"}),
            ("PL5261040567", "de", {"NIP": "5261040567"}),
            ("CHE-123.456.788 MWST", "ch", {"KodKraju": "CH", "NrID": "CHE-123.456.788MWST"}),
        ):
            with self.subTest(vat=vat):
                self.assertEqual(identity(vat, country), {**expected, "Nazwa": "Nabywca"})

    def test_separators_of_european_numbers(self):
        self.assertEqual(identity_of("DE 136.695-976", "DE"), {"eu_country": "DE", "eu_number": "136695976"})

    def test_what_is_no_tax_number_is_told(self):
        for vat in ("BRAK", "nie ma", "PL", "526-104-05-68", "ABC1234567"):
            with self.subTest(vat=vat):
                found = self._problems(self._make_moves(self._make_partner("Nabywca", vat)))
                self.assertTrue({"invalid_nip", "missing_nip"} & set(found), found)

    def test_personal_number_does_not_leave(self):
        person = self._make_partner("Jan Nowak", "44051401458", is_company=False)
        document = self._freeze(self._make_moves(person))
        self.assertEqual((document.state, document.error_code), ("invalid", "pesel"))
        self.assertNotIn("44051401458", document.error_text)

    def test_address_of_a_buyer(self):
        nowhere = {"street": False, "zip": False, "city": False}
        self.assertEqual(
            self._problems(self._make_moves(self._make_partner("A", "5261040567", **nowhere))), ["missing_address"]
        )
        village = self._make_partner("B", "5261040567", street=False, country_id=False, zip="99-300", city="Wola 7")
        tree = self._tree(self._make_moves(village))
        self.assertEqual(self._values(tree, "Podmiot2/Adres/AdresL1"), ["99-300 Wola 7"])
        self.assertEqual(self._values(tree, "Podmiot2/Adres/KodKraju"), ["PL"])

    def test_archived_partner_and_product(self):
        product = self.env["product.product"].create({"name": "Stary"})
        move = self._make_moves(self.business)
        move.invoice_line_ids.product_id = product
        self.business.active = product.active = False
        self.assertEqual(self._problems(move), [])

    # ------------------------------------------------------------------ texts

    def test_texts(self):
        name = "Łącze 🚀 \x01\x0b ﷐ szybkie\n\n& <b>\u200b\ufeff tani\u0301e"
        partner = self._make_partner("Sp. z o.o. \x1f👩‍💻", "5261040567", street="ul. 🏠\t1")
        move = self._make_moves(partner, [(name, 1, 10.0, self.tax["23"]), ("x" * 600, 1, 1.0, self.tax["23"])])
        tree = self._tree(move)
        first, second = self._values(tree, "Fa/FaWiersz/P_7")
        self.assertEqual(first, "Łącze 🚀 szybkie & <b> taníe")
        self.assertEqual(len(second), 512)

    def test_sections_and_notes_are_no_lines(self):
        move = self._make_moves(self.business, post=False)
        move.invoice_line_ids = [
            Command.create({"display_type": "line_section", "name": "Sekcja", "sequence": 1}),
            Command.create({"display_type": "line_note", "name": "Uwaga"}),
        ]
        move._post(soft=False)
        self.assertEqual(self._values(self._tree(move), "Fa/FaWiersz/NrWierszaFa"), ["1"])

    # ------------------------------------------------------------------ corrections

    def _accepted(self, partner, lines=None, **values):
        move = self._make_moves(partner, lines, **values)
        document = self._freeze(move)
        document.write({"state": "sent"})
        document._bss_accept({document.id: ("5265877635-20250826-0100001AF629-AF", None, None, None)})
        return move

    def test_correction_goes_to_the_number_that_the_invoice_went_to(self):
        wrong = self._make_partner("Zakład", "1060000062")
        original = self._accepted(wrong)
        wrong.vat = "5261040567"
        refund = original._reverse_moves([{"invoice_date": self.day, "ref": "Błędny NIP"}])
        refund._post(soft=False)
        tree = self._tree(refund)
        self.assertEqual(self._values(tree, "Podmiot2/DaneIdentyfikacyjne/NIP"), ["1060000062"])
        self.assertEqual(self._values(tree, "Fa/P_15"), ["-84.87"])

    def test_settlement_in_a_credit_note(self):
        original = self._accepted(self.business, self._with_settlement(100.0, 7.5))
        refund = original._reverse_moves([{"invoice_date": self.day, "ref": "Zwrot"}])
        refund._post(soft=False)
        tree = self._tree(refund)
        self.assertEqual(self._values(tree, "Fa/P_15"), ["-123.00"])
        self.assertEqual(self._values(tree, "Fa/Rozliczenie/Odliczenia/Kwota"), ["7.50"])
        self.assertEqual(self._values(tree, "Fa/Rozliczenie/DoRozliczenia"), ["130.50"])

    def test_correction_follows_the_card_where_the_number_is_the_same(self):
        original = self._accepted(self.business)
        self.business.write({"name": "Zakład po zmianie", "street": "Nowa 2"})
        refund = original._reverse_moves([{"invoice_date": self.day, "ref": "Zwrot"}])
        refund._post(soft=False)
        tree = self._tree(refund)
        self.assertEqual(self._values(tree, "Podmiot2/DaneIdentyfikacyjne/Nazwa"), ["Zakład po zmianie"])
        self.assertEqual(self._values(tree, "Podmiot2/Adres/AdresL1"), ["Nowa 2"])

    def test_correction_for_a_buyer_who_was_a_consumer(self):
        self.company.bss_ksef_include_consumers = True
        original = self._accepted(self.consumer)
        self.consumer.vat = "5261040567"
        refund = original._reverse_moves([{"invoice_date": self.day, "ref": "Zwrot"}])
        refund._post(soft=False)
        tree = self._tree(refund)
        self.assertEqual(self._values(tree, "Podmiot2/DaneIdentyfikacyjne/BrakID"), ["1"])
        self.assertEqual(self._values(tree, "Podmiot2/DaneIdentyfikacyjne/NIP"), [])

    def test_credit_note_of_nothing_is_told(self):
        refund = self._make_moves(self.business, move_type="out_refund")
        self.assertEqual(self._problems(refund), ["missing_original"])

    # ------------------------------------------------------------------ payment

    def test_payment_link_as_the_schema_wants_it(self):
        self.company.write(
            {
                "bss_ksef_provider_code": "123",
                "bss_ksef_payment_address": "https://pay.example.com/faktura?a=1&lang=pl#x",
            }
        )
        tree = self._tree(self._make_moves(self.business))
        (identifier,), (link,) = (
            self._values(tree, "Fa/Platnosc/IPKSeF"),
            self._values(tree, "Fa/Platnosc/LinkDoPlatnosci"),
        )
        self.assertEqual(link, f"https://pay.example.com/faktura?a=1&lang=pl&IPKSeF={identifier}#x")

    # ------------------------------------------------------------------ mass

    def test_each_company_sells_under_its_own_number(self):
        mine = self._make_moves(self.business)
        self.company.name = "Pierwszy Operator S.A."
        other = self._make_company()
        other.write({"name": "Drugi Operator S.A.", "vat": "PL5261040567", "bss_ksef_environment": "demo"})
        self.env.user.company_ids += other
        env = self.env(context={**self.env.context, "allowed_company_ids": [other.id, self.company.id]})
        tax = env["account.tax"].search(
            [("company_id", "=", other.id), ("type_tax_use", "=", "sale"), ("bss_ksef_rate", "=", "23")], limit=1
        )
        theirs = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.business.id,
                "invoice_date": self.day,
                "company_id": other.id,
                "invoice_line_ids": [
                    Command.create({"name": "Łącze", "price_unit": 5.0, "tax_ids": [Command.set(tax.ids)]})
                ],
            }
        )
        theirs._post(soft=False)
        documents = self._freeze(mine | theirs.with_env(self.env))
        self.assertEqual(documents.mapped("state"), ["queued"] * 2, documents.mapped("error_text"))
        self.assertEqual(documents.company_id, self.company | other)
        self.assertEqual(documents[1].environment, "demo")
        contents = dict(documents._bss_contents(documents.ids))
        for document, number in zip(documents, (self.NIP, "5261040567"), strict=True):
            self.assertIn(f"<Podmiot1><DaneIdentyfikacyjne><NIP>{number}</NIP>".encode(), contents[document.id])
            self.assertIn(f"/{number}/", document.qr_url)

    def test_reasons_of_thousands_of_lines_stay_readable(self):
        move = self._make_moves(
            self.business, [(f"L{number}", 1, 1.0, self.env["account.tax"]) for number in range(200)]
        )
        document = self._freeze(move)
        self.assertLess(len(document.error_text.splitlines()), 30)

    def test_one_strange_invoice_does_not_stop_the_others(self):
        huge = self._make_moves(self.business)
        self.env.cr.execute(
            "UPDATE account_move_line SET price_unit = 1e25 WHERE move_id = %s AND display_type = 'product'", [huge.id]
        )
        self.env.invalidate_all()
        moves = huge | self._make_moves(self.business)
        documents = self._freeze(moves)
        self.assertEqual(documents.mapped("state"), ["invalid", "queued"])

    def test_an_attachment_that_is_too_big_stays_outside(self):
        rows = tuple((str(number), "x" * 250) for number in range(1000))
        tables = tuple(fa3.Table((fa3.Column("Numer"), fa3.Column("Opis")), rows) for _place in range(12))
        self._extra(attachment=fa3.Attachment((fa3.Block("Zużycie", (("Okres", "2026-01"),), tables=tables),)))
        document = self._freeze(self._make_moves(self.business))
        self.assertEqual((document.state, document.error_text), ("queued", False))
        self.assertNotIn(b"<Zalacznik>", dict(document._bss_contents(document.ids))[document.id])

    def test_a_claim_begins_on_what_is_known_now(self):
        """Another worker may have taken invoices while the list of waiting ones was read."""
        session = self.env["bss.ksef.session"]
        kind, told = self.env.registry["bss.ksef.session"], []
        due, commit, claim = kind._bss_due, kind._bss_commit, kind._bss_claim
        self.patch(kind, "_bss_due", lambda *args: told.append("due") or due(*args))
        self.patch(kind, "_bss_commit", lambda *args: told.append("commit") or commit(*args))
        self.patch(kind, "_bss_claim", lambda *args: told.append("claim") or claim(*args))
        session._bss_prepare(self.company, self._make_moves(self.business), as_of=self.day)
        self.assertEqual(told[:3], ["due", "commit", "claim"])
