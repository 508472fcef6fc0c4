from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .test_contract_change import TODAY
from .test_contract_change_end import EndCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDirectWrite(EndCommon):
    def user(self, role):
        return new_test_user(
            self.env,
            f"direct_{role}",
            groups=f"bss_catalog.group_bss_{role}",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def refused(self, record, vals):
        name = next(iter(vals))
        before = record[name]
        with self.assertRaises(AccessError, msg=name):
            record.write(vals)
        record.invalidate_recordset()
        self.assertEqual(record[name], before, name)

    def test_facts_of_code_are_not_written(self):
        self.with_term()
        for role in ("clerk", "billing_manager"):
            user = self.user(role)
            contract, internet = self.contract.with_user(user), self.internet.with_user(user)
            self.refused(contract, {"term_months": 0})
            self.refused(contract, {"date_start": date(2020, 1, 1)})
            self.refused(contract, {"date_term_start": date(2020, 1, 1)})
            self.refused(contract, {"revision": 7})
            self.refused(internet, {"charged_through": date(2030, 1, 1)})
            self.refused(internet, {"predecessor_id": self.phone.id})
            self.refused(internet, {"is_recalculation_due": not self.internet.is_recalculation_due})
            contract.write({"term_months": self.contract.term_months, "note": "called"})

    def test_draft_gets_its_term(self):
        clerk = self.user("clerk")
        draft = self.env["bss.contract"].with_user(clerk).create({"account_id": self.account.id})
        draft.write({"term_months": 24, "date_start": date(2026, 12, 1)})
        self.assertEqual((draft.term_months, draft.date_term_start), (24, date(2026, 12, 1)))

    def test_price_below_the_list_is_the_managers(self):
        clerk, manager = self.user("clerk"), self.user("billing_manager")
        internet = self.internet.with_user(clerk)
        self.refused(internet, {"price_unit": 1.0})
        internet.price_unit = 70.0
        internet.price_unit = 59.0
        self.refused(internet, {"price_unit": 58.99})
        self.internet.with_user(manager).price_unit = 50.0
        self.assertEqual(self.price_on(self.internet, date(2026, 12, 1)), 50.0)
        self.refused(internet, {"price_kind": "gross"})

    def test_nothing_cheap_is_added_past_the_manager(self):
        vals = {"contract_id": self.contract.id, "product_id": self.internet.product_id.id}
        clerk, manager = (self.env["bss.service"].with_user(self.user(role)) for role in ("clerk", "billing_manager"))
        for price in ({"price_unit": 1.0}, {"price_unit": 59.0, "price_kind": "gross"}):
            with self.subTest(price), self.assertRaises(AccessError), self.env.cr.savepoint():
                clerk.create({**vals, **price})
        self.assertEqual(clerk.create(vals).price_unit, 59.0)
        self.assertEqual(manager.create({**vals, "price_unit": 1.0}).price_unit, 1.0)

    def test_clerk_writes_by_contract_changes(self):
        clerk = self.user("clerk")
        self.contract.write({"term_months": 12})
        renewal = self.make_change("renewal", date(2026, 12, 1), new_term_months=24).with_user(clerk)
        renewal.action_confirm()
        self.upgrade().with_user(clerk).action_confirm()
        self.assertEqual(self.price_on(self.internet, date(2026, 12, 10)), 89.0)
