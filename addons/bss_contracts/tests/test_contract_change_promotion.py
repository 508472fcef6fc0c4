"""Promotions of a change beside those that run on the service already."""

from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .contract_change_common import TODAY, ChangeCommon

DAY = date(2026, 12, 10)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRunningPromotions(ChangeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.half = cls.make_promotion("HALF", 20.0)
        cls.winter = cls.make_promotion("WINTER", 5.0, incompatible_ids=[Command.set(cls.half.ids)])
        cls.internet._bss_grant(cls.half, date(2026, 1, 1))

    @classmethod
    def make_promotion(cls, code, value, months=24, **vals):
        step = Command.create({"month_from": 1, "month_to": months, "kind": "amount", "value": value})
        return cls.env["bss.promotion"].create(
            {
                "name": f"Promotion {code}",
                "code": code,
                "company_id": cls.company.id,
                "step_ids": [step],
                "state": "on_sale",
                **vals,
            }
        )

    def grant(self, promotion, day=DAY, action="price", service=None, kind="annex", **line):
        service = service or self.internet
        line = {
            "action": action,
            "service_id": service.id,
            "promotion_ids": [Command.set(promotion.ids)],
            **line,
        }
        return self.make_change(kind, day, [line])

    def price(self, day):
        return float(self.internet._bss_prices_on(day)[self.internet.id])

    def test_one_that_excludes_the_running_one(self):
        change = self.grant(self.winter)
        self.assertRefused(change, "WINTER.*HALF", "31.12.2027|12/31/2027", "cannot be combined")
        change.action_preview()
        self.assertIn("alert-danger", change.preview_html)

    def test_whichever_of_the_two_names_the_other(self):
        first = self.make_promotion("NAMED", 3.0)
        named = self.make_promotion("NAMES", 4.0, incompatible_ids=[Command.set(first.ids)])
        self.phone._bss_grant(named, date(2026, 11, 1))
        self.assertRefused(self.grant(first, service=self.phone), "NAMED.*NAMES")

    def test_one_that_stands_alone(self):
        alone = self.make_promotion("ALONE", 30.0, is_exclusive=True)
        self.assertRefused(self.grant(alone), "ALONE.*HALF")
        self.phone._bss_grant(alone, date(2026, 1, 1))
        self.assertRefused(self.grant(self.make_promotion("SMALL", 1.0), service=self.phone), "SMALL.*ALONE")
        self.assertRefused(self.grant(self.winter, kind="renewal"), "WINTER.*HALF")

    def test_one_that_goes_with_it(self):
        self.grant(self.make_promotion("SMALL", 1.0)).action_confirm()
        self.assertEqual(self.price(DAY), 38.0)

    def test_when_the_running_one_is_over(self):
        over = self.make_promotion("OVER", 2.0, months=10)
        self.phone._bss_grant(over, date(2026, 2, 10))
        rival = self.make_promotion("RIVAL", 3.0, incompatible_ids=[Command.set(over.ids)])
        self.assertRefused(self.grant(rival, date(2026, 12, 9), service=self.phone), "RIVAL.*OVER")
        self.grant(rival, date(2026, 12, 10), service=self.phone).action_confirm()

    def test_when_the_change_ends_the_running_one(self):
        grant = self.internet.promotion_grant_ids
        change = self.grant(self.winter, ended_grant_ids=[Command.set(grant.ids)])
        change.action_preview()
        self.assertNotIn("alert-danger", change.preview_html)
        self.assertFalse(grant.date_end)
        change.action_confirm()
        self.assertEqual((grant.date_end, grant.ended_by_id), (date(2026, 12, 9), change))
        self.assertEqual((self.price(date(2026, 12, 9)), self.price(DAY)), (39.0, 54.0))
        again = self.grant(
            self.make_promotion("SMALL", 1.0), date(2026, 12, 5), ended_grant_ids=[Command.set(grant.ids)]
        )
        self.assertRefused(again, "HALF.*is ended by")
        change.action_undo()
        self.assertEqual((grant.date_end, grant.ended_by_id.id), (False, False))
        self.assertEqual((self.price(DAY), self.internet.promotion_grant_ids), (39.0, grant))

    def test_ending_what_does_not_run(self):
        other = self.phone._bss_grant(self.make_promotion("PHONE", 1.0), date(2026, 1, 1))
        self.assertRefused(self.grant(self.winter, ended_grant_ids=[Command.set(other.ids)]), "nothing to end")

    def test_when_the_new_offering_leaves_it_behind(self):
        own = self.make_promotion("OWN", 7.0, product_ids=[Command.set(self.mobile.ids)])
        plus = self.make_offering("T-MOB2", 40.0, service="mobile")
        rival = self.make_promotion("RIVAL", 3.0, incompatible_ids=[Command.set(own.ids)])
        self.phone._bss_grant(own, date(2026, 11, 1))
        self.assertRefused(self.grant(rival, service=self.phone), "RIVAL.*OWN")
        self.grant(rival, action="change", service=self.phone, product_id=plus.id).action_confirm()

    def test_a_new_version_of_the_offering_keeps_it(self):
        own = self.make_promotion("OWN", 7.0, product_ids=[Command.set(self.mobile.ids)])
        self.phone._bss_grant(own, date(2026, 11, 1))
        template = self.env["product.template"].browse(self.mobile.product_tmpl_id.action_bss_new_version()["res_id"])
        template.action_bss_put_on_sale()
        plus = template.product_variant_id
        self.grant(
            own.browse(), action="change", service=self.phone, product_id=plus.id, price_unit=40.0
        ).action_confirm()
        self.assertEqual(float(self.phone._bss_prices_on(DAY)[self.phone.id]), 33.0)
        fresh = self.grant(own, day=date(2027, 1, 10), service=self.phone, price_unit=40.0)
        fresh.action_confirm()
        self.assertEqual(float(self.phone._bss_prices_on(date(2027, 1, 10))[self.phone.id]), 26.0)

    def test_two_lines_of_one_change(self):
        head = self.make_service(self.contract, self.make_bundle(), state="active", date_start=date(2026, 1, 1))
        head.child_ids.write({"state": "active", "date_start": date(2026, 1, 1)})
        lines = [
            {"action": "price", "service_id": service.id, "promotion_ids": [Command.set(promotion.ids)]}
            for service, promotion in ((head, self.half), (head.child_ids[0], self.winter))
        ]
        self.assertRefused(self.make_change("annex", DAY, lines), "HALF.*WINTER|WINTER.*HALF")
