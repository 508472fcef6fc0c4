from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestPartner(BssCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Jan Kowalski"})

    def test_kind_follows_the_company_switch(self):
        form = Form(self.partner)
        form.company_type = "company"
        self.assertEqual(form.bss_customer_kind, "company")
        form.bss_customer_kind = "public"
        form.company_type = "person"
        self.assertEqual(form.bss_customer_kind, "public")

    def test_pesel_is_checked(self):
        self.partner.bss_pesel = "44051401359"
        with self.assertRaises(ValidationError):
            self.partner.bss_pesel = "44051401358"

    def test_pesel_is_hidden_from_clerks(self):
        self.partner.bss_pesel = "44051401359"
        self.env.flush_all()
        for role in ("collector", "admin"):
            user = new_test_user(self.env, f"t_{role}", groups=f"bss_catalog.group_bss_{role}")
            self.assertEqual(self.partner.with_user(user).bss_pesel, "44051401359")
        for role in ("viewer", "clerk", "billing_manager"):
            groups = f"bss_catalog.group_bss_{role},base.group_allow_export"
            user = new_test_user(self.env, f"t_{role}", groups=groups)
            own = self.partner.with_user(user)
            ways = {
                "read": lambda own=own: own.read(["bss_pesel"]),
                "search": lambda own=own: own.search([("bss_pesel", "=like", "4405%")]),
                "group": lambda own=own: own._read_group([], ["bss_pesel"]),
                "order": lambda own=own: own.search([("id", "in", own.ids)], order="bss_pesel"),
                "export": lambda own=own: own.export_data(["bss_pesel"]),
                "write": lambda own=own: own.write({"bss_pesel": False}),
            }
            for name, way in ways.items():
                with self.subTest(role=role, way=name), self.assertRaises(AccessError):
                    way()
            self.assertNotIn("bss_pesel", own.fields_get())
            arch = own.get_view(self.env.ref("base.view_partner_form").id)["arch"]
            self.assertNotIn('name="bss_pesel"', arch)

    def test_may_contact(self):
        partner = self.partner
        for channel in ("email", "sms", "call", "letter", "pigeon"):
            self.assertFalse(partner._bss_may_contact("billing", channel), channel)
        partner.write(
            {
                "email": "jan@example.com",
                "phone": "+48 22 555 12 34",
                "street": "Długa 3",
                "zip": "99-300",
                "city": "Kutno",
            }
        )
        for channel in ("email", "sms", "call", "letter"):
            self.assertTrue(partner._bss_may_contact("dunning", channel), channel)
        self.env["mail.blacklist"]._add("jan@example.com")
        partner.invalidate_recordset(["is_blacklisted"])
        self.assertFalse(partner._bss_may_contact("billing", "email"))
        self.assertTrue(partner._bss_may_contact("billing", "letter"))
