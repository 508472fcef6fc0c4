from datetime import date
from unittest.mock import patch

from odoo import api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name

QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}


@tagged("post_install", "-at_install")
class TestTwoClerks(BaseCase):
    """Two transactions of their own: what one does is visible to the other only when it is committed."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, QUIET)
            company = env.company
            self.product = env["product.product"].create(
                {
                    "name": "Two clerks",
                    "type": "service",
                    "bss_is_offering": True,
                    "bss_offering_kind": "recurring",
                    "bss_lifecycle": "on_sale",
                }
            )
            self.template = self.product.product_tmpl_id
            self.partner = env["res.partner"].create({"name": "Two clerks"})
            self.account = env["bss.account"].create(
                {"partner_id": self.partner.id, "company_id": company.id, "bill_cycle_id": False}
            )
            self.contract = env["bss.contract"].create(
                {"account_id": self.account.id, "date_start": date(2026, 1, 1), "state": "active"}
            )
            self.service = env["bss.service"].create(
                {
                    "contract_id": self.contract.id,
                    "product_id": self.product.id,
                    "price_unit": 50.0,
                    "state": "active",
                    "date_start": date(2026, 1, 1),
                }
            )
            day = env["bss.contract.change"]._bss_today().replace(day=1)
            self.changes = env["bss.contract.change"].create(
                [
                    {
                        "contract_id": self.contract.id,
                        "kind": "price",
                        "date_effective": date(day.year + 1, month, 1),
                        "line_ids": [
                            Command.create({"action": "price", "service_id": self.service.id, "price_unit": price})
                        ],
                    }
                    for month, price in ((2, 60.0), (3, 70.0))
                ]
            )
        self.addCleanup(self.clean)

    def clean(self):
        with self.registry.cursor() as cr:
            for table, column, records in (
                ("bss_service_version", "service_id", self.service),
                ("bss_contract_change_line", "change_id", self.changes),
                ("bss_contract_change", "id", self.changes),
                ("bss_service", "id", self.service),
                ("bss_contract", "id", self.contract),
                ("bss_account", "id", self.account),
                ("res_partner", "id", self.partner),
                ("product_template", "id", self.template),
            ):
                cr.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", (records.ids,))
            cr.execute("DELETE FROM mail_message WHERE model = 'bss.contract' AND res_id = %s", (self.contract.id,))

    def test_the_second_one_is_told(self):
        mine, hers = self.changes
        with self.registry.cursor() as cr_one, self.registry.cursor() as cr_two:
            one = mine.with_env(api.Environment(cr_one, api.SUPERUSER_ID, QUIET))
            two = hers.with_env(api.Environment(cr_two, api.SUPERUSER_ID, QUIET))
            self.assertEqual(two.contract_id.revision, 0)  # both look at the same state
            with patch.object(type(one), "_bss_archive"):  # what it prints is not the matter here
                one.action_confirm()
            with self.assertRaisesRegex(UserError, "Somebody else is changing contract"):
                two.action_confirm()
            cr_two.rollback()
            cr_one.commit()
            two.env.invalidate_all()
            with self.assertRaisesRegex(UserError, r"was changed by .+ on .+, after this change was drafted"):
                two.action_confirm()
            cr_two.rollback()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            self.assertEqual(self.changes.with_env(env).mapped("state"), ["confirmed", "draft"])
            self.assertEqual(self.contract.with_env(env).revision, 1)
