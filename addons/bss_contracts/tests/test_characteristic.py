from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common import ContractsCommon


@tagged("post_install", "-at_install")
class TestCharacteristic(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make = cls.env["bss.characteristic"].create
        cls.vlan = make(
            {
                "name": "VLAN",
                "code": "t_vlan",
                "value_type": "integer",
                "value_min": "1",
                "value_max": "4094",
                "is_required": True,
            }
        )
        cls.address = make(
            {
                "name": "Address",
                "code": "t_address",
                "value_type": "selection",
                "value_ids": [
                    Command.create({"code": "dhcp", "name": "Dynamic"}),
                    Command.create({"code": "static", "name": "Static"}),
                ],
            }
        )
        cls.profile = make({"name": "Profile", "code": "t_profile", "is_configurable": False})
        cls.net = cls.make_offering(
            "T-CHAR",
            69.0,
            service="internet",
            bss_characteristic_ids=[
                Command.create({"characteristic_id": cls.vlan.id}),
                Command.create({"characteristic_id": cls.address.id, "value": "dhcp"}),
                Command.create({"characteristic_id": cls.profile.id, "value": "P600", "is_fixed": True}),
            ],
        )

    def make_draft(self):
        account = self.make_account()
        contract = self.env["bss.contract"].create(
            {"account_id": account.id, "date_signed": "2026-10-01", "date_start": "2026-10-05"}
        )
        return contract, self.env["bss.service"].create({"contract_id": contract.id, "product_id": self.net.id})

    def values(self, service):
        return {one.characteristic_id.code: one.value or "" for one in service.characteristic_ids}

    def test_a_new_service_has_the_values_of_its_offering(self):
        _contract, service = self.make_draft()
        self.assertEqual(self.values(service), {"t_vlan": "", "t_address": "dhcp", "t_profile": "P600"})

    def test_values_are_checked_by_their_type(self):
        _contract, service = self.make_draft()
        vlan, address, profile = service.characteristic_ids
        vlan.value = " 1 00 "
        self.assertEqual(vlan.value, "100")
        for holder, value, words in (
            (vlan, "5000", "VLAN: 5000 is more than 4094"),
            (vlan, "ten", "no number"),
            (address, "pppoe", "none of the allowed"),
            (profile, "P300", "given by the offering: P600"),
        ):
            with self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
                holder.value = value
        address.value_id = self.address.value_ids[1]
        self.assertEqual((address.value, address.value_display), ("static", "Static"))

    def test_required_values_come_before_the_activation(self):
        contract, service = self.make_draft()
        with self.assertRaisesRegex(UserError, "VLAN"):
            contract.action_activate()
        service.characteristic_ids[0].value = "100"
        contract.action_activate()
        self.assertEqual(contract.state, "active")

    def test_another_offering_brings_its_own(self):
        _contract, service = self.make_draft()
        service.characteristic_ids[0].value = "100"
        other = self.make_offering(
            "T-CHAR2",
            99.0,
            bss_characteristic_ids=[
                Command.create({"characteristic_id": self.vlan.id, "value": "7"}),
                Command.create({"characteristic_id": self.profile.id, "value": "P1000", "is_fixed": True}),
            ],
        )
        service.product_id = other
        self.assertEqual(self.values(service), {"t_vlan": "100", "t_profile": "P1000"})

    def test_the_service_form(self):
        _contract, service = self.make_draft()
        with Form(service) as form, form.characteristic_ids.edit(0) as line:
            line.value = "12"
        self.assertEqual(self.values(service)["t_vlan"], "12")

    def test_what_is_used_stays(self):
        _contract, service = self.make_draft()
        service.characteristic_ids[0].value = "100"
        with self.assertRaisesRegex(ValidationError, "100 is more than 50"):
            self.vlan.value_max = "50"
        with self.assertRaises(UserError):
            self.vlan.unlink()
        with self.assertRaisesRegex(UserError, "Dynamic is used"):
            self.address.value_ids[0].code = "other"

    def test_rights_and_companies(self):
        _contract, service = self.make_draft()
        users = {
            role: new_test_user(
                self.env,
                f"t_char_{role}",
                groups=f"bss_catalog.group_bss_{role}",
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for role in ("viewer", "clerk")
        }
        values = service.characteristic_ids
        self.assertEqual(values.with_user(users["viewer"])[1].value_display, "Dynamic")
        with self.assertRaises(AccessError):
            values.with_user(users["viewer"])[0].value = "5"
        values.with_user(users["clerk"])[0].value = "5"
        other = self.env["res.company"].create({"name": "Other operator"})
        stranger = new_test_user(
            self.env,
            "t_char_other",
            groups="bss_catalog.group_bss_clerk",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        seen = self.env["bss.service.characteristic"].with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertFalse(seen.search([("id", "in", values.ids)]))

    def test_wizard_adds_a_bundle_with_chosen_parts(self):
        box = self.make_offering("T-BOX", 9.99, service="tv")
        option = {"is_optional": True, "quantity_min": 1, "quantity_default": 0, "quantity_max": 2}
        bundle = self.make_offering(
            "T-BND",
            0.0,
            bss_is_bundle=True,
            bss_bundle_line_ids=[
                Command.create({"product_id": self.fibre.id}),
                Command.create({"product_id": box.id, **option}),
            ],
        )
        contract, _service = self.make_draft()
        action = contract.action_add_bundle()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.bundle_id = bundle
        self.assertIn("59.00", form.price_text.replace(",", "."))
        with form.line_ids.edit(1) as line:
            line.quantity = 3
        self.assertIn("at most 2", form.price_text)
        with form.line_ids.edit(1) as line:
            line.quantity = 2
        self.assertIn("78.98", form.price_text.replace(",", "."))
        form.save().action_add()
        head = contract.service_ids.filtered(lambda one: one.product_id == bundle)
        self.assertEqual(sorted(head.child_ids.mapped("quantity")), [1, 2])
        contract.service_ids.characteristic_ids.filtered(lambda one: one.is_required).value = "5"
        contract.action_activate()
        again = Form(self.env[action["res_model"]].with_context(**action["context"]))
        again.bundle_id = bundle
        with self.assertRaisesRegex(UserError, "by an annex"):
            again.save().action_add()
