from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged


@tagged("post_install", "-at_install")
class TestOffering(BssCommon):
    def test_code_of_an_offering_is_unique(self):
        self.make_offering("T-NET", 69.0)
        with self.assertRaises(ValidationError):
            self.make_offering("T-NET", 79.0)

    def test_bundle_price_and_rules(self):
        net, tv = self.make_offering("T-NET", 69.0), self.make_offering("T-TV", 39.0)
        bundle = self.make_offering(
            "T-DUO",
            bss_is_bundle=True,
            bss_bundle_line_ids=[
                Command.create({"product_id": net.id, "discount_percent": 10}),
                Command.create({"product_id": tv.id, "discount_percent": 20}),
                Command.create({"product_id": tv.id, "is_optional": True, "quantity_min": 0, "quantity_default": 0}),
            ],
        )
        self.assertEqual(bundle.bss_bundle_price, 93.30)
        with self.assertRaises(ValidationError):
            self.make_offering(
                "T-NESTED", bss_is_bundle=True, bss_bundle_line_ids=[Command.create({"product_id": bundle.id})]
            )
        with self.assertRaises(ValidationError):
            self.make_offering("T-EMPTY", bss_is_bundle=True)

    def test_free_units_are_typed_in_minutes(self):
        mobile = self.make_offering("T-MOB", 29.0, service="mobile")
        form = Form(mobile.product_tmpl_id, view="bss_catalog.view_bss_offering_form")
        with form.bss_allowance_ids.new() as line:
            line.name = "100 minutes"
            line.quantity_display = 100
        form.save()
        self.assertEqual(mobile.bss_allowance_ids.quantity, 6000)
        self.assertEqual(mobile.bss_allowance_ids.unit, "s")

    def test_taxes_come_from_the_polish_chart(self):
        self.assertEqual(self.tax_23.amount, 23.0)
        self.assertEqual(self.tax_23.type_tax_use, "sale")
        self.assertEqual(self.company._bss_sale_tax(8.0).amount, 8.0)

    def test_a_new_offering_is_taxed_by_its_kind(self):
        service, goods = (self.company._bss_sale_tax(23.0, scope) for scope in ("service", "goods"))
        self.assertNotEqual(service, goods)
        templates = self.env["product.template"].with_company(self.company).with_context(default_bss_is_offering=True)
        form = Form(templates, view="bss_catalog.view_bss_offering_form")
        self.assertEqual(form.taxes_id[:], service)
        form.bss_offering_kind = "device"
        self.assertEqual(form.taxes_id[:], goods)
        form.bss_offering_kind = "one_off"
        self.assertEqual(form.taxes_id[:], service)
        chosen = self.company._bss_sale_tax(8.0)
        form.taxes_id.clear()
        form.taxes_id.add(chosen)
        form.bss_offering_kind = "device"
        self.assertEqual(form.taxes_id[:], chosen)

    def test_availability(self):
        fibre = self.make_offering("T-FIBRE", 69.0, bss_technology="fibre").product_tmpl_id
        place = self.env["bss.location"].create(
            {"kind": "building", "name": "Bare house", "company_id": self.company.id}
        )
        reasons = fibre._bss_why_not_available(self.today, place)
        self.assertEqual([reason.code for reason in reasons], ["TECHNOLOGY_MISSING"])
        place.has_fibre = True
        self.assertFalse(fibre._bss_why_not_available(self.today, place))
        fibre.action_bss_withdraw()
        self.assertEqual([r.code for r in fibre._bss_why_not_available(self.today, place)], ["NOT_ON_SALE"])
