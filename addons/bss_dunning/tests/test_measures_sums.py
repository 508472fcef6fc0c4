"""Groups read from sums say what the single steps say."""

from datetime import date
from itertools import product
from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from ..models.bss_dunning_effect_sums import BssDunningEffectSums
from .common import DunningCommon

DAY = date(2026, 11, 20)
FIGURES = [
    "__count",
    "amount:sum",
    "recovered:sum",
    "cost:sum",
    "cured:sum",
    "cure_rate:avg",
    "recovery_rate:avg",
    "cost_per_zloty:avg",
    "currency_id:array_agg_distinct",
]


@tagged("post_install", "-at_install")
@freeze_time(DAY)
class TestMeasuresSums(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Effect = cls.env["bss.dunning.effect.report"]
        test = cls()
        for number, day in enumerate((date(2026, 10, 8), date(2026, 10, 20), date(2026, 11, 15))):
            for amount, paid in ((100.0, 100.0), (77.77, 11.11), (50.0, 0.0)):
                account = test.debtor(f"Sumowany {number} {amount}", amount=amount)
                cls.run_on(day)
                if paid:
                    cls.pay(account.invoice_ids, paid, DAY if number == 2 else date(2026, 10, 21))
        actions = cls.Action.search([("state", "=", "done")]).sudo()
        for number, action in enumerate(actions):
            action.write({"cost": 0.33 * number, "channel": ("email", "sms", "letter")[number % 3]})
        actions[-1].write({"amount": False, "cost": False})
        cls.env["bss.dunning.kpi"]._bss_refresh(cls.company, DAY)
        cls.actions = actions

    def single(self):
        """Read the single steps, as if sums told nothing."""
        return patch.object(BssDunningEffectSums, "_bss_sums_tell", lambda *_args: False)

    def test_the_same_figures_in_every_group(self):
        domains = (
            [],
            [("window_over", "=", True), ("date", ">=", "today -30d")],
            [("cured", "=", 1)],
            [("channel", "in", ("email", "sms")), ("step_id.stage_id.name", "!=", "nie ma")],
            [("date", ">", "2030-01-01")],
        )
        groups = (
            [[]],
            [[], ["step_id"], ["step_id", "channel"], ["as_of:day"], ["step_id", "channel", "as_of:day"]],
            [["strategy_id", "stage_id"], ["date:month"], ["company_id", "window_over"]],
        )
        for domain, sets in product(domains, groups):
            with self.subTest(domain=domain, sets=sets):
                self.assertTrue(
                    self.Effect._bss_sums_tell(domain, [spec for one in sets for spec in one], FIGURES, None)
                )
                found = self.Effect.formatted_read_grouping_sets(domain, sets, FIGURES)
                with self.single():
                    self.assertEqual(found, self.Effect.formatted_read_grouping_sets(domain, sets, FIGURES))
        rows = self.Effect._read_group([], ["step_id"], FIGURES, order="recovered:sum desc")
        with self.single():
            self.assertEqual(rows, self.Effect._read_group([], ["step_id"], FIGURES, order="recovered:sum desc"))
        self.assertEqual(sum(row[1] for row in rows), self.Effect.search_count([]))
        self.assertGreater(len(self.actions), 8)

    def test_what_sums_cannot_tell_is_read_from_steps(self):
        account = self.actions[0].account_id
        for domain, groupby, figures in (
            ([("account_id", "=", account.id)], ["step_id"], ["__count"]),
            ([], ["customer_kind"], ["__count", "amount:sum"]),
            ([], ["partner_id"], ["cure_rate:avg"]),
            ([], ["step_id"], ["amount:max", "amount:avg", "id:count_distinct"]),
        ):
            self.assertFalse(self.Effect._bss_sums_tell(domain, groupby, figures, None))
            rows = self.Effect._read_group(domain, groupby, figures)
            with self.single():
                self.assertEqual(rows, self.Effect._read_group(domain, groupby, figures))
            self.assertTrue(rows)

    def test_a_rule_about_single_steps_is_kept(self):
        kind = self.actions[0].account_id.partner_id.bss_customer_kind
        self.env["ir.rule"].create(
            {
                "name": "Only some customers",
                "model_id": self.env["ir.model"]._get_id(self.Effect._name),
                "domain_force": f"[('customer_kind', '!=', {kind!r})]",
            }
        )
        collector = self.env.ref("base.user_admin")
        collector.group_ids |= self.env.ref("bss_catalog.group_bss_collector")
        mine = self.Effect.with_user(collector).with_context(allowed_company_ids=self.company.ids)
        self.assertFalse(mine._bss_sums_tell([], [], FIGURES, None))
        self.assertEqual(mine._read_group([], [], ["__count"]), [(0,)])

    def test_records_of_groups_read_single_steps_again(self):
        [(step, _count), *_rows] = self.Effect._read_group([("step_id", "!=", False)], ["step_id"], ["__count"])
        self.assertTrue(step.env["bss.dunning.effect.report"].search([("step_id", "=", step.id)]).mapped("account_id"))

    def test_what_was_written_a_moment_ago_counts(self):
        before = self.Effect._read_group([], [], ["amount:sum"])[0][0]
        action = self.actions[0]
        action.write({"amount": action.amount + 5.0})
        self.assertAlmostEqual(self.Effect._read_group([], [], ["amount:sum"])[0][0] - before, 5.0)
