"""Changes of numbers, places and addresses."""

from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .contract_change_common import TODAY, ChangeCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestNumberAndPlace(ChangeCommon):
    def test_number_change_without_gap(self):
        new = self.next_msisdn()
        change = self.make_change("number", date(2026, 12, 1), [{"service_id": self.phone.id, "new_identifier": new}])
        self.assertEqual(change.line_ids.action, "number")
        change.action_preview()
        for value in (self.number, new):
            self.assertIn(value, change.preview_html)
        change.action_confirm()
        rows = [(one.value, one.date_start, one.date_end) for one in self.phone.identifier_ids.sorted("date_start")]
        self.assertEqual(
            rows,
            [(self.number, date(2026, 1, 1), date(2026, 11, 30)), (new, date(2026, 12, 1), False)],
        )
        find = self.env["bss.service.identifier"]._bss_find_service
        self.assertEqual(find(self.company, "msisdn", self.number, date(2026, 11, 30)), self.phone)
        self.assertEqual(find(self.company, "msisdn", new, date(2026, 12, 1)), self.phone)
        self.assertIn(new, change.order_ids.text)
        change.action_undo()
        self.assertEqual(self.phone.identifier_ids.mapped("value"), [self.number])
        self.assertFalse(self.phone.identifier_ids.date_end)

    def test_a_service_is_called_by_the_number_of_today(self):
        new, later = self.next_msisdn(), self.next_msisdn()
        self.make_change(
            "number", date(2026, 12, 1), [{"service_id": self.phone.id, "new_identifier": new}]
        ).action_confirm()
        self.assertEqual(self.phone.main_identifier, self.number)
        self.assertIn(self.number, self.phone.name)
        again = self.make_change("number", date(2026, 12, 10), [{"service_id": self.phone.id, "new_identifier": later}])
        self.assertEqual(again.line_ids.identifier_id.value, new, "changed from what it will be then")
        again.action_confirm()
        self.finish("2026-12-01")
        self.assertEqual(self.phone.main_identifier, new)
        self.finish("2026-12-10")
        self.assertEqual(self.phone.main_identifier, later)
        self.assertIn(later, self.phone.name)

    def test_number_in_use(self):
        taken = self.next_msisdn()
        self.make_subscriber(name="Ewa Lis", products=[self.mobile], msisdn=taken)
        change = self.make_change("number", date(2026, 12, 1), [{"service_id": self.phone.id, "new_identifier": taken}])
        with self.assertRaisesRegex(UserError, f"{taken} is in use"):
            change.action_confirm()

    def test_bad_numbers(self):
        for value, words in ((self.number, "the number already"), ("12", "not a valid number")):
            change = self.make_change(
                "number", date(2026, 12, 1), [{"service_id": self.phone.id, "new_identifier": value}]
            )
            with self.assertRaisesRegex(UserError, words):
                change.action_confirm()
        change = self.make_change(
            "number", date(2026, 12, 1), [{"service_id": self.internet.id, "new_identifier": "jan"}]
        )
        with self.assertRaisesRegex(UserError, "no number"):
            change.action_confirm()

    def make_place(self, name, **vals):
        return self.env["bss.location"].create({"name": name, "kind": "building", "city": "Kutno", **vals})

    def test_relocation(self):
        old, new = self.make_place("Lipowa 1", has_fibre=True), self.make_place("Polna 2", has_fibre=True)
        self.fibre.bss_technology = "fibre"
        self.internet._bss_set_version(date(2026, 1, 1), {"location_id": old})
        router = self.make_offering("T-ROUTER", 249.0, kind="device", service="internet")
        device = self.env["bss.device"].create(
            {"product_id": router.id, "serial": "R7", "service_id": self.internet.id, "state": "at_customer"}
        )
        action = self.contract.action_new_change("relocation")
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.location_id = new
        form.date_effective = date(2026, 12, 3)
        change = form.save()
        self.assertEqual(change.line_ids.service_id, self.internet)
        change.action_confirm()
        self.assertEqual(self.internet._bss_as_of(date(2026, 12, 2))["location"], old)
        self.assertEqual(self.internet._bss_as_of(date(2026, 12, 3))["location"], new)
        self.assertIn("Polna 2", change.order_ids.text)
        self.finish("2026-12-03")
        self.assertEqual(device.location_id, new)

    def test_relocation_to_where_the_technology_is_missing(self):
        new = self.make_place("Polna 3")
        self.fibre.bss_technology = "fibre"
        change = self.make_change(
            "relocation", date(2026, 12, 3), [{"service_id": self.internet.id}], location_id=new.id
        )
        with self.assertRaisesRegex(UserError, "needs Fibre, which is not at Kutno, Polna 3"):
            change.action_confirm()


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAddress(ChangeCommon):
    def test_new_address_on_its_day(self):
        change = self.make_change(
            "address",
            date(2026, 12, 1),
            new_street="ul. Polna 2",
            new_zip="99-300",
            new_city="Kutno",
            new_delivery_method="post",
        )
        change.action_confirm()
        partner = self.account.partner_id
        self.assertEqual((partner.street, self.account.delivery_method), ("ul. Lipowa 1", "email"))
        self.finish("2026-12-01")
        self.assertEqual((partner.street, partner.zip, partner.city), ("ul. Polna 2", "99-300", "Kutno"))
        self.assertEqual((self.account.delivery_method, change.state), ("post", "done"))
        self.assertEqual(change.undo_data["address"]["new_street"], "ul. Lipowa 1")

    def test_undone_address_never_comes(self):
        change = self.make_change("address", date(2026, 12, 1), new_email="nowy@example.com")
        change.action_confirm()
        change.action_undo()
        self.finish("2026-12-01")
        self.assertEqual(self.account.partner_id.email, "klient@example.com")

    def test_refusals(self):
        for vals, words in (
            ({}, "Say what changes"),
            ({"new_street": "ul. Polna 2"}, "postcode and town"),
            ({"new_street": "ul. Polna 2", "new_zip": "9930", "new_city": "Kutno"}, "“9930” is not a postcode"),
            ({"new_email": "jan.poczta.example"}, "not an e-mail address"),
            ({"new_phone": "12345"}, "not a phone number"),
        ):
            change = self.make_change("address", date(2026, 12, 1), **vals)
            with self.assertRaisesRegex(UserError, words):
                change.action_confirm()
