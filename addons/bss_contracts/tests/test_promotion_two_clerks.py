from datetime import date
from unittest.mock import patch

from odoo import api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from .test_contract_change_two_clerks import QUIET


@tagged("post_install", "-at_install")
class TestLastGrant(BaseCase):
    """Two clerks give the last grant of a promotion to two customers, each in a transaction of its own."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, QUIET)
            self.product = env["product.product"].create(
                {
                    "name": "Last grant",
                    "type": "service",
                    "bss_is_offering": True,
                    "bss_offering_kind": "recurring",
                    "bss_lifecycle": "on_sale",
                }
            )
            self.template = self.product.product_tmpl_id
            self.promotion = env["bss.promotion"].create(
                {
                    "name": "Last grant",
                    "code": "LAST-GRANT",
                    "max_grants": 1,
                    "step_ids": [Command.create({"month_from": 1, "month_to": 3, "kind": "free"})],
                }
            )
            self.promotion.action_put_on_sale()
            self.partners = env["res.partner"].create([{"name": "Last grant 1"}, {"name": "Last grant 2"}])
            self.accounts = env["bss.account"].create([{"partner_id": partner.id} for partner in self.partners])
            self.contracts = env["bss.contract"].create(
                [
                    {"account_id": account.id, "date_start": date(2026, 1, 1), "state": "active"}
                    for account in self.accounts
                ]
            )
            self.services = env["bss.service"].create(
                [
                    {
                        "contract_id": contract.id,
                        "product_id": self.product.id,
                        "price_unit": 50.0,
                        "state": "active",
                        "date_start": date(2026, 1, 1),
                    }
                    for contract in self.contracts
                ]
            )
            day = env["bss.contract.change"]._bss_today()
            self.changes = env["bss.contract.change"].create(
                [
                    {
                        "contract_id": service.contract_id.id,
                        "kind": "price",
                        "date_effective": date(day.year + 1, 2, 1),
                        "line_ids": [
                            Command.create(
                                {
                                    "action": "price",
                                    "service_id": service.id,
                                    "price_unit": 60.0,
                                    "promotion_ids": [Command.set(self.promotion.ids)],
                                }
                            )
                        ],
                    }
                    for service in self.services
                ]
            )
        self.addCleanup(self.clean)

    def clean(self):
        with self.registry.cursor() as cr:
            for table, column, records in (
                ("bss_service_promotion", "service_id", self.services),
                ("bss_service_version", "service_id", self.services),
                ("bss_contract_change_line", "change_id", self.changes),
                ("bss_contract_change", "id", self.changes),
                ("bss_service", "id", self.services),
                ("bss_contract", "id", self.contracts),
                ("bss_account", "id", self.accounts),
                ("res_partner", "id", self.partners),
                ("bss_promotion", "id", self.promotion),
                ("product_template", "id", self.template),
            ):
                cr.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", (records.ids,))
            cr.execute(
                "DELETE FROM mail_message WHERE model = 'bss.contract' AND res_id = ANY(%s)", (self.contracts.ids,)
            )

    def test_only_one_of_them_gives_it(self):
        mine, hers = self.changes
        with self.registry.cursor() as cr_one, self.registry.cursor() as cr_two:
            one = mine.with_env(api.Environment(cr_one, api.SUPERUSER_ID, QUIET))
            two = hers.with_env(api.Environment(cr_two, api.SUPERUSER_ID, QUIET))
            for change in (one, two):  # both see that one is left
                self.assertFalse(change.line_ids.promotion_ids._bss_grant_counts())
            with patch.object(type(one), "_bss_archive"):  # what it prints is not the matter here
                one.action_confirm()
                cr_one.commit()
                # the server begins the call again, as always after two at once
                with mute_logger("odoo.sql_db"), self.assertRaises(SerializationFailure):
                    two.action_confirm()
                cr_two.rollback()
                two.env.invalidate_all()
                with self.assertRaisesRegex(UserError, "cannot be granted: all grants are used up"):
                    two.action_confirm()
                cr_two.rollback()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            self.assertEqual(self.changes.with_env(env).mapped("state"), ["confirmed", "draft"])
            self.assertEqual(self.promotion.with_env(env)._bss_grant_counts(), {self.promotion.id: 1})
