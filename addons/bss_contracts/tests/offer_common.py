"""What the tests of offers share."""

from datetime import date

from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.tests.common import ContractsCommon
from odoo.fields import Command
from odoo.tests import new_test_user

SIGNATURE = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


class OfferCommon(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Jan Kowalski",
                "bss_customer_kind": "consumer",
                "country_id": cls.env.ref("base.pl").id,
                "street": "ul. Lipowa 3/5",
                "zip": "99-300",
                "city": "Kutno",
                "email": "jan@example.com",
            }
        )
        cls.building = cls.env["bss.location"].create(
            {
                "name": "Lipowa 3",
                "kind": "building",
                "street": "Lipowa",
                "house_no": "3",
                "zip": "99-300",
                "city": "Kutno",
            }
        )
        cls.place = cls.env["bss.location"].create(
            {"kind": "premises", "parent_id": cls.building.id, "premises_no": "5", "name": "5"}
        )
        cls.fee = cls.make_offering("T-ACT", 99.0, kind="one_off")
        cls.caution = cls.make_offering("T-KAUCJA", 150.0, kind="deposit")
        cls.router = cls.make_offering("T-ROUTER", 300.0, kind="device", type="consu")
        cls.promotion = cls.env["bss.promotion"].create(
            {
                "code": "TRZY",
                "name": "Trzy miesiące za darmo",
                "step_ids": [Command.create({"month_from": 1, "month_to": 3, "kind": "free"})],
            }
        )
        cls.promotion.action_put_on_sale()
        cls.company.bss_deposit_account_id = cls.env["account.account"].create(
            {"name": "Kaucje", "code": "249002", "account_type": "liability_current", "company_ids": cls.company.ids}
        )
        cls.users = {
            role: new_test_user(
                cls.env,
                f"t_offer_{role}",
                groups=f"bss_catalog.group_bss_{role}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for role in ("viewer", "clerk")
        }

    def line(self, product=None, price=59.0, **vals):
        product = product or self.fibre
        return {
            "product_id": product.id,
            "quantity": 1.0,
            "price_unit": price,
            "price_kind": "net",
            "promotion_ids": [],
            "bundle_product_id": False,
            "is_fee": False,
            **vals,
        }

    def offer(self, *lines, user=None, **vals):
        data = {
            "location": self.place,
            "partner": self.customer,
            "day": date(2026, 11, 21),
            "term_months": 24,
            "pricelist": self.env["product.pricelist"],
            "customer_kind": "consumer",
            "lines": list(lines or [self.line(promotion_ids=self.promotion.ids)]),
            **vals,
        }
        orders = self.env["sale.order"].with_user(user) if user else self.env["sale.order"]
        return orders._bss_from_availability(data)

    def activate(self, contract, day=None):
        orders = contract.service_ids.order_ids.filtered(lambda order: order.action == "activate")
        orders._bss_done(effective=day or polish_day.today())
