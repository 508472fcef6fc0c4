from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestStrategyChoice(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Strategy = cls.env["bss.dunning.strategy"]
        cls.jan = cls.make_subscriber("Jan Kowalski")
        cls.spolka = cls.make_subscriber("Spółka", "company")

    def choice(self, *accounts):
        """[(strategy, its first stage)] of the accounts, False for an account that none takes."""
        rows = self.env.execute_query(self.Strategy._bss_choice_query(self.company))
        found = {account: (strategy, stage) for account, strategy, stage in rows}
        self.assertEqual(len(found), len(rows), "one row per account")
        stages = self.env["bss.dunning.stage"]
        result = [found.get(account.id, (False, False)) for account in accounts]
        for strategy, stage in result:
            self.assertEqual(stages.browse(stage or None), self.Strategy.browse(strategy or None).stage_ids[:1])
        return [self.Strategy.browse(strategy or None) for strategy, _stage in result]

    def strategy(self, **vals):
        strategy = self.household.copy({"name": "Własna", **vals})
        strategy.action_activate()
        return strategy

    def test_kind_of_customer(self):
        self.assertEqual(self.choice(self.jan, self.spolka), [self.household, self.business])

    def test_a_strategy_of_the_company_goes_before_shared_ones_and_then_the_sequence_decides(self):
        shared = self.strategy(sequence=1)
        self.assertEqual(self.choice(self.jan), [shared])
        late = self.strategy(company_id=self.company.id, sequence=99)
        self.assertEqual(self.choice(self.jan), [late])
        early = self.strategy(company_id=self.company.id, sequence=50)
        self.assertEqual(self.choice(self.jan), [early])

    def test_strategies_of_other_companies_are_not_asked(self):
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        self.strategy(company_id=other.id, sequence=0)
        self.assertEqual(self.choice(self.jan), [self.household])

    def test_only_active_versions_take_cases(self):
        draft = self.household.copy({"name": "Szkic", "sequence": 0})
        self.assertEqual((draft.state, self.choice(self.jan)), ("draft", [self.household]))
        draft.action_activate()
        self.assertEqual(self.choice(self.jan), [draft])
        draft.action_retire()
        self.assertEqual(self.choice(self.jan), [self.household])

    def test_a_condition_on_any_field_of_the_account(self):
        self.jan.partner_id.city = "Gdynia"
        gdynia = self.strategy(domain="[('partner_id.city', '=', 'Gdynia')]", sequence=1)
        anna = self.make_subscriber("Anna")
        self.assertEqual(self.choice(self.jan, anna), [gdynia, self.household])
        gdynia.domain = "['|', ('partner_id.city', '=', 'Sopot'), ('payment_way', '=', 'card')]"
        anna.payment_way = "card"
        self.assertEqual(self.choice(self.jan, anna), [self.household, gdynia])

    def test_a_condition_is_checked_when_saved(self):
        for domain in (
            "[('no_such_field', '=', 1)]",
            "[('name',",
            "[('state', 'near', 'active')]",
            "{'a': 1}",
            "print(1)",
        ):
            with self.subTest(domain), self.assertRaisesRegex(ValidationError, "cannot be used"):
                self.household.domain = domain

    def test_the_strategy_of_the_account_wins_in_its_active_version(self):
        self.jan.dunning_strategy_id = self.business
        self.assertEqual(self.choice(self.jan), [self.business])
        draft = self.Strategy.browse(self.business.action_new_version()["res_id"])
        self.assertEqual(self.choice(self.jan), [self.business])
        draft.action_activate()
        self.assertEqual(self.choice(self.jan, self.spolka), [draft, draft])
        draft.action_retire()
        self.assertEqual(self.choice(self.jan, self.spolka), [self.household, self.Strategy])

    def test_nobody_takes_a_kind_without_a_strategy(self):
        self.business.for_company = False
        self.assertEqual(self.choice(self.jan, self.spolka), [self.household, self.Strategy])
