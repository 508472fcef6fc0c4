"""Groups read from sums say what the single steps say."""

from datetime import date
from itertools import product
from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from ..models.bss_dunning_effect_sums import KEY, BssDunningEffectSums
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
            ([], ["step_id.stage_id"], ["__count"]),
        ):
            self.assertFalse(self.Effect._bss_sums_tell(domain, groupby, figures, None))
            rows = self.Effect._read_group(domain, groupby, figures)
            with self.single():
                self.assertEqual(rows, self.Effect._read_group(domain, groupby, figures))
            self.assertTrue(rows)

    def test_several_companies_and_currencies(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        other = self.env["res.company"].create({"name": "Drugi Operator", "currency_id": euro.id})
        self.env["res.currency.rate"].create(
            {
                "currency_id": euro.id,
                "company_id": self.company.id,
                "name": date(2026, 1, 1),
                "inverse_company_rate": 4.3,
            }
        )
        other.write({"bss_dunning_measured_on": date(2026, 11, 1), "bss_dunning_effect_days": 40})
        self.env.flush_all()
        theirs = self.actions[::2]
        self.env.cr.execute(
            "UPDATE bss_dunning_action SET company_id = %s WHERE id = ANY(%s)", [other.id, list(theirs.ids)]
        )
        self.env.invalidate_all()
        figures = [*FIGURES, "amount:sum_currency", "recovered:sum_currency", "cost:sum_currency"]
        sets = [[], ["company_id"], ["company_id", "as_of:day", "window_over"], ["currency_id", "channel"]]
        effect = self.Effect.with_context(allowed_company_ids=[self.company.id, other.id])
        self.assertTrue(effect._bss_sums_tell([], [spec for one in sets for spec in one], figures, None))
        found = effect._read_grouping_sets([], sets, figures)
        with self.single():
            single = effect._read_grouping_sets([], sets, figures)
        self.assertEqual([len(rows) for rows in found], [len(rows) for rows in single])
        for row, twin in zip(sum(found, []), sum(single, []), strict=True):
            # money of several currencies is divided by their rates before or after it is added
            self.assertEqual(row[:-3], twin[:-3])
            for amount, expected in zip(row[-3:], twin[-3:], strict=True):
                self.assertAlmostEqual(amount, expected, 6)
        self.assertEqual(len(found[1]), 2)
        [(company, count)] = effect._read_group([("company_id", "=", other.id)], ["company_id"], ["__count"])
        self.assertEqual((company, count), (other, len(theirs)))

    def test_groups_of_a_related_field_with_many_values(self):
        """Odoo counts these by the ids of rows."""
        sets = [[], ["company_id.user_ids"], ["step_id"]]
        found = self.Effect._read_grouping_sets([], sets, ["__count"])
        with self.single():
            self.assertEqual(found, self.Effect._read_grouping_sets([], sets, ["__count"]))
        self.assertEqual(found[0], [(len(self.actions),)])

    def test_a_client_cannot_choose_the_sums(self):
        accounts = self.actions.account_id
        taken = self.actions.filtered(lambda one: one.account_id == accounts[0])
        for value in (True, "SUMS", {}):
            effect = self.Effect.with_context(**{KEY: value})
            self.assertTrue(effect.search([], limit=1).account_id)
            [(count,)] = effect._read_group([("account_id", "in", accounts[0].ids)], [], ["__count"])
            self.assertEqual(count, len(taken))

    def test_extended_pivots_are_loaded_with_those_of_odoo(self):
        """In the bundle of every page they lack what they extend, and every page logs an error."""
        loaded = {
            bundle: {asset[0] for asset in self.env["ir.asset"]._get_asset_paths(bundle, {})}
            for bundle in ("web.assets_backend", "web.assets_backend_lazy")
        }
        ours = {f"/bss_dunning/static/src/counted/counted.{kind}" for kind in ("js", "xml")}
        self.assertFalse(loaded["web.assets_backend"] & ours)
        self.assertLessEqual(ours, loaded["web.assets_backend_lazy"])

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
