from lxml import etree
from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestAccess(BssCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(
                cls.env,
                f"t_{role}",
                groups=f"bss_catalog.group_bss_{role}",
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )
            for role in ("viewer", "clerk", "billing_manager", "collector", "admin")
        }

    def test_roles_imply_each_other(self):
        expected = {
            "viewer": {"viewer"},
            "clerk": {"viewer", "clerk"},
            "billing_manager": {"viewer", "clerk", "billing_manager"},
            "collector": {"viewer", "collector"},
            "admin": {"viewer", "clerk", "billing_manager", "collector", "admin"},
        }
        for role, user in self.users.items():
            held = {name for name in expected if user.has_group(f"bss_catalog.group_bss_{name}")}
            self.assertEqual(held, expected[role], role)
        self.assertTrue(self.env.ref("base.user_admin").has_group("bss_catalog.group_bss_admin"))

    def test_only_the_billing_manager_changes_prices(self):
        zone = self.make_zone("T-ACC", prefixes=["48999123"])
        for role in ("viewer", "clerk", "collector"):
            self.assertEqual(zone.with_user(self.users[role]).name, "Zone T-ACC")
            with self.assertRaises(AccessError):
                zone.with_user(self.users[role]).name = "X"
        zone.with_user(self.users["billing_manager"]).name = "Y"
        self.assertEqual(zone.name, "Y")

    def test_clerk_adds_places(self):
        places = self.env["bss.location"]
        vals = {"kind": "building", "name": "Nowy dom", "company_id": self.company.id}
        self.assertTrue(places.with_user(self.users["clerk"]).create(vals))
        with self.assertRaises(AccessError):
            places.with_user(self.users["viewer"]).create({**vals, "name": "Inny dom"})

    def test_billing_manager_makes_offerings(self):
        template = self.env["product.template"].with_user(self.users["billing_manager"])
        self.assertTrue(template.create({"name": "New", "default_code": "T-NEW", "bss_is_offering": True}))

    def test_other_companies_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Other operator"})
        zone = self.env["bss.rate.zone"].create({"code": "OTHER", "name": "Other", "company_id": other.id})
        shared = self.env["bss.rate.zone"].create({"code": "SHARED", "name": "Shared", "company_id": False})
        zones = self.env["bss.rate.zone"].with_user(self.users["billing_manager"])
        self.assertFalse(zones.search([("id", "=", zone.id)]))
        self.assertTrue(zones.search([("id", "=", shared.id)]))

    def test_an_empty_form_offers_what_its_company_follows_from(self):
        """The company of these comes from the chosen record: choosing it must not ask for the company first."""
        for model, name in (
            ("bss.rate.import", "plan_id"),
            ("bss.rate", "plan_id"),
            ("bss.rate.prefix", "zone_id"),
            ("bss.network.port", "node_id"),
        ):
            for view_type in ("form", "list"):
                with self.subTest(model=model, view_type=view_type):
                    arch = etree.fromstring(self.env[model].get_view(view_type=view_type)["arch"])
                    (field,) = arch.xpath(f"//field[@name='{name}'][not(ancestor::field)]")
                    if view_type == "list" and not arch.get("editable"):
                        continue
                    self.assertTrue(field.get("domain"), "else the domain of the field asks for the company")
                    self.assertNotIn("company_id", field.get("domain"))
