from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestPromotion(BssCommon):
    @classmethod
    def make_promotion(cls, code, steps=(), **vals):
        """``steps``: tuples (month_from, month_to, kind, value)."""
        return cls.env["bss.promotion"].create(
            {
                "name": f"Promotion {code}",
                "code": code,
                "company_id": cls.company.id,
                "step_ids": [
                    Command.create({"month_from": first, "month_to": last, "kind": kind, "value": value})
                    for first, last, kind, value in steps
                ],
                **vals,
            }
        )

    def test_prices_are_frozen_once_on_sale(self):
        promotion = self.make_promotion("P-FROZEN", [(1, 3, "fixed", 1.0)], state="on_sale")
        self.assertEqual(promotion.state, "on_sale")
        for vals in ({"priority": 3}, {"step_ids": [Command.clear()]}, {"product_ids": [Command.clear()]}):
            with self.assertRaises(UserError):
                promotion.write(vals)
        with self.assertRaises(UserError):
            promotion.step_ids.value = 2.0
        with self.assertRaises(UserError):
            promotion.step_ids.unlink()
        with self.assertRaises(UserError):
            promotion.unlink()
        promotion.name = "Better words"
        promotion.action_withdraw()
        with self.assertRaises(UserError):
            promotion.step_ids.value = 2.0
        promotion.action_draft()
        promotion.step_ids.value = 2.0

    def test_a_new_version_keeps_the_code_and_the_steps(self):
        promotion = self.make_promotion("P-V", [(1, 3, "fixed", 1.0), (4, 24, "percent", 20.0)], state="on_sale")
        action = promotion.action_new_version()
        version = self.env["bss.promotion"].browse(action["res_id"])
        self.assertEqual((version.code, version.version, version.state), ("P-V", 2, "draft"))
        self.assertEqual(version.previous_id, promotion)
        self.assertEqual(version.step_ids.mapped("value"), [1.0, 20.0])
