from datetime import date

from odoo.addons.bss_contracts.tests.common import ContractsCommon
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

ON = date(2026, 11, 21)


@tagged("post_install", "-at_install")
class TestAvailabilityOffer(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.place = cls.env["bss.location"].create(
            {"kind": "building", "name": "Lipowa 3", "company_id": cls.company.id}
        )
        cls.fee = cls.make_offering("O-ACT", 49.0, kind="one_off")
        cls.net = cls.make_offering("O-NET", 59.0, service="internet", bss_activation_product_id=cls.fee.id)
        cls.tv = cls.make_offering("O-TV", 39.0, service="tv")
        cls.sport = cls.make_offering("O-SPORT", 25.0, service="tv")
        cls.spring = cls._promotion("O-SPRING", (1, 3, "fixed", 1.0), product_ids=[Command.set(cls.net.ids)])
        cls.start = cls._promotion("O-START", (1, 1, "fixed", 1.0), target="activation")
        cls.partner = cls.env["res.partner"].create({"name": "Anna Nowak", "company_id": cls.company.id})

    @classmethod
    def _promotion(cls, code, step, **vals):
        first, last, kind, value = step
        return cls.env["bss.promotion"].create(
            {
                "name": code,
                "code": code,
                "company_id": cls.company.id,
                "state": "on_sale",
                "step_ids": [Command.create({"month_from": first, "month_to": last, "kind": kind, "value": value})],
                **vals,
            }
        )

    def screen(self, quantities, partner=None, user=None):
        """``quantities``: {product or (bundle, part): quantity}."""
        model = self.env["bss.availability"]
        form = Form(model.with_user(user) if user else model)
        form.location_id = self.place
        form.day = ON
        if partner is not False:
            form.partner_id = partner or self.partner
        screen = form.save()
        for line in screen.line_ids:
            key = (line.bundle_id, line.product_id) if line.bundle_id else line.product_id
            line.quantity = quantities.get(key, 0)
        return screen

    def test_the_offer_carries_list_prices_promotions_and_fees(self):
        data = self.screen({self.net: 1, self.tv: 2})._bss_offer_data()
        self.assertEqual((data["location"], data["partner"], data["term_months"]), (self.place, self.partner, 24))
        rows = [
            (line["product_id"], line["quantity"], line["price_unit"], line["promotion_ids"], line["is_fee"])
            for line in data["lines"]
        ]
        self.assertEqual(
            rows,
            [
                (self.net.id, 1.0, 59.0, self.spring.ids, False),
                (self.tv.id, 2.0, 39.0, [], False),
                (self.fee.id, 1.0, 49.0, self.start.ids, True),
            ],
        )

    def test_a_bundle_comes_in_parts_at_the_price_of_the_choice(self):
        bundle = self.make_offering(
            "O-DUO",
            bss_is_bundle=True,
            bss_bundle_line_ids=[
                Command.create({"product_id": self.net.id}),
                Command.create({"product_id": self.tv.id, "discount_percent": 50}),
                Command.create(
                    {
                        "product_id": self.sport.id,
                        "is_optional": True,
                        "quantity_min": 0,
                        "quantity_default": 0,
                        "discount_percent": 20,
                    }
                ),
            ],
        )
        data = self.screen({bundle: 1})._bss_offer_data()
        self.assertEqual([line["price_unit"] for line in data["lines"]], [59.0, 19.5, 49.0])
        data = self.screen({bundle: 1, (bundle, self.sport): 1})._bss_offer_data()
        rows = [(line["product_id"], line["price_unit"], line["bundle_product_id"]) for line in data["lines"]]
        self.assertEqual(
            rows,
            [
                (self.net.id, 59.0, bundle.id),
                (self.tv.id, 19.5, bundle.id),
                (self.sport.id, 20.0, bundle.id),
                (self.fee.id, 49.0, False),
            ],
        )

    def test_the_button_makes_a_quotation(self):
        action = self.screen({self.net: 1}).action_make_offer()
        order = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual(
            (order.partner_id, order.bss_location_id, order.bss_term_months), (self.partner, self.place, 24)
        )
        self.assertEqual(order.order_line.product_id, self.net | self.fee)
        self.assertEqual(order.order_line[0].bss_promotion_ids, self.spring)
        self.assertEqual(order.currency_id, self.company.currency_id)

    def test_the_price_list_of_the_question_is_that_of_the_offer(self):
        dollars = self.env["product.pricelist"].create(
            {"name": "Dollars", "currency_id": self.env.ref("base.USD").id, "company_id": self.company.id}
        )
        self.partner.specific_property_product_pricelist = dollars
        action = self.screen({self.net: 1}).action_make_offer()
        order = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual((order.pricelist_id.id, order.currency_id), (False, self.company.currency_id))
        self.assertEqual(order.order_line.mapped("price_unit"), [59.0, 49.0])

    def test_a_present_customer_sees_the_prices_of_the_account(self):
        account = self.make_account("Jan Kowalski", partner={"company_id": self.company.id})
        account.pricelist_id = self.env["product.pricelist"].create(
            {
                "name": "Pracownicy",
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "item_ids": [Command.create({"compute_price": "percentage", "percent_price": 50.0})],
            }
        )
        screen = self.screen({self.tv: 1}, partner=account.partner_id)
        self.assertEqual(screen.pricelist_id, account.pricelist_id)
        self.assertEqual(screen._bss_offer_data()["lines"][0]["price_unit"], 19.5)
        order = self.env["sale.order"].browse(screen.action_make_offer()["res_id"])
        self.assertEqual((order.pricelist_id, order.order_line.price_unit), (account.pricelist_id, 19.5))

    def test_refusals(self):
        with self.assertRaises(UserError):
            self.screen({self.net: 1}, partner=False).action_make_offer()
        with self.assertRaises(UserError):
            self.screen({}).action_make_offer()

    def test_who_has_a_service_is_a_present_customer(self):
        stay = self._promotion("O-STAY", (1, 24, "amount", 10.0), customer_status="retained")
        account = self.make_account("Jan Kowalski", partner={"company_id": self.company.id})
        self.assertEqual(account.partner_id._bss_customer_status(ON), "new")
        contract = self.env["bss.contract"].create({"account_id": account.id, "date_signed": date(2026, 1, 1)})
        service = self.make_service(contract, self.fibre)
        self.assertEqual(account.partner_id._bss_customer_status(ON), "retained")
        screen = self.screen({self.tv: 1}, partner=account.partner_id)
        self.assertEqual(screen.customer_status, "retained")
        (line,) = screen._bss_offer_data()["lines"]
        self.assertEqual(line["promotion_ids"], stay.ids)
        self.assertFalse(self.screen({self.tv: 1})._bss_offer_data()["lines"][0]["promotion_ids"])
        service.write({"state": "terminated", "date_end": date(2026, 10, 31)})
        self.assertEqual(account.partner_id._bss_customer_status(ON), "new")

    def test_a_viewer_asks_but_makes_no_offer(self):
        user = new_test_user(
            self.env,
            "o_viewer",
            groups="bss_catalog.group_bss_viewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        screen = self.screen({self.net: 1}, user=user)
        self.assertEqual(len(screen._bss_chosen()), 1)
        with self.assertRaises(AccessError):
            screen.action_make_offer()
