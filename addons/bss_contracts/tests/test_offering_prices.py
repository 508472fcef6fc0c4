from datetime import date
from decimal import Decimal

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ContractsCommon


@tagged("post_install", "-at_install")
class TestOfferingPrices(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.net, cls.tv = cls.make_offering("T-NET", 69.0), cls.make_offering("T-TV", 39.0, service="tv")
        cls.box = cls.make_offering("T-BOX", 9.99, service="tv")
        cls.bundle = cls.make_offering(
            "T-TRIO",
            80.0,
            bss_is_bundle=True,
            bss_bundle_line_ids=[
                Command.create({"product_id": cls.net.id}),
                Command.create({"product_id": cls.tv.id, "quantity_default": 3, "quantity_max": 3}),
                Command.create(
                    {
                        "product_id": cls.box.id,
                        "is_optional": True,
                        "quantity_min": 1,
                        "quantity_default": 0,
                        "quantity_max": 4,
                    }
                ),
            ],
        )
        cls.gross = cls.env["product.pricelist"].create(
            {
                "name": "Households",
                "bss_price_kind": "gross",
                "company_id": cls.company.id,
                "currency_id": cls.currency.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "1_product",
                            "product_tmpl_id": cls.net.product_tmpl_id.id,
                            "compute_price": "fixed",
                            "fixed_price": 79.99,
                        }
                    )
                ],
            }
        )

    def make_new(self, product, account=None, **vals):
        contract = self.env["bss.contract"].create(
            {
                "account_id": (account or self.make_account()).id,
                "date_signed": date(2026, 10, 1),
                "date_start": date(2026, 10, 5),
            }
        )
        return self.env["bss.service"].create({"contract_id": contract.id, "product_id": product.id, **vals})

    def test_prices_of_new_services_come_from_the_list_of_the_account(self):
        account = self.make_account()
        self.assertFalse(account.pricelist_id)
        first = self.make_new(self.net, account)
        self.assertEqual((first.price_unit, first.price_kind), (69.0, "net"))
        account.pricelist_id = self.gross
        second = self.make_new(self.net, account)
        self.assertEqual((second.price_unit, second.price_kind), (79.99, "gross"))
        self.assertEqual((first.price_unit, first.price_kind), (69.0, "net"))
        # typed by hand: the price is of the kind of the list
        third = self.make_new(self.net, account, price_unit=70)
        self.assertEqual((third.price_unit, third.price_kind), (70.0, "gross"))
        # no rule: 39.00 with 23 %
        self.assertEqual(self.make_new(self.tv, account).price_unit, 47.97)

    def test_the_list_of_the_customer_is_the_default(self):
        partner = self.make_account().partner_id.with_company(self.company)
        partner.specific_property_product_pricelist = self.gross
        account = self.env["bss.account"].create({"partner_id": partner.id})
        self.assertEqual(account.pricelist_id, self.gross)

    def test_a_list_in_another_currency_is_refused(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        foreign = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id, "company_id": self.company.id}
        )
        with self.assertRaisesRegex(ValidationError, "is in EUR"):
            self.make_account().pricelist_id = foreign

    def test_bundle_shares_keep_every_grosz(self):
        head = self.make_new(self.bundle)
        self.assertEqual(head.price_unit, 0.0)
        # 80.00 spread over 69.00 and 3 x 39.00
        parts = {part.product_id: part for part in head.child_ids}
        self.assertEqual(parts[self.tv].quantity, 3)
        self.assertEqual(parts[self.net].price_unit, 29.68)
        self.assertEqual(parts[self.tv].price_unit, 16.773333)
        amounts = [
            round(part.product_id.product_tmpl_id._bss_amount_of(part.quantity, part.price_unit), 2)
            for part in head.child_ids
        ]
        self.assertEqual(sum(amounts), Decimal("80.00"))

    def test_chosen_parts_of_a_bundle(self):
        option = self.bundle.bss_bundle_line_ids[2]
        head = self.make_new(self.bundle, bundle_choice={option.id: 2}, quantity=2)
        box = head.child_ids.filtered(lambda part: part.product_id == self.box)
        self.assertEqual((box.quantity, box.price_unit), (4, 9.99))
        with self.assertRaisesRegex(UserError, "at most 4"):
            self.make_new(self.bundle, bundle_choice={option.id: 5})

    def test_parts_of_a_gross_bundle_are_gross(self):
        account = self.make_account()
        account.pricelist_id = self.gross
        head = self.make_new(self.bundle, account)
        self.assertEqual(set(head.child_ids.mapped("price_kind")), {"gross"})
        # own price 80.00 with 23 %
        self.assertAlmostEqual(sum(part.quantity * part.price_unit for part in head.child_ids), 98.40, 4)

    def test_an_offering_with_services_is_frozen(self):
        template = self.net.product_tmpl_id
        template.action_bss_draft()
        template.bss_proration = "thirty"
        service = self.make_new(self.net)
        self.assertEqual((service.price_unit, template.bss_service_count), (69.0, 1))
        with self.assertRaisesRegex(UserError, "new version"):
            template.bss_proration = "none"
        template.list_price = 99
        self.assertEqual(service.price_unit, 69.0)
        self.assertEqual(self.make_new(self.net).price_unit, 99.0)
        action = template.action_bss_services()
        self.assertIn(service, self.env["bss.service"].search(action["domain"]))
        version = self.env["product.template"].browse(template.action_bss_new_version()["res_id"])
        version.bss_proration = "none"
        version.action_bss_put_on_sale()
        self.assertEqual(service.product_id.bss_proration, "thirty")

    def test_account_form_takes_a_list(self):
        account = self.make_account()
        form = Form(account)
        form.pricelist_id = self.gross
        self.assertEqual(form.save().pricelist_id, self.gross)
