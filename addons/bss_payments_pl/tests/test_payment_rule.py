from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import PAYER, PaymentsCommon

OTHER_PAYER = "27114020040000300201355387"


@tagged("post_install", "-at_install")
class TestPaymentRule(PaymentsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.anna = cls.make_account("Anna Nowak")
        cls.Rule = cls.env["bss.payment.rule"]

    def pay(self, account=None, title="net", payer=PAYER, key="", number=None):
        """A payment that waits; decided for ``account`` when given."""
        self.number = getattr(self, "number", 0) + 1
        opening = f"{(self.number - 1) * 6},00"
        record = self.import_file(self.entry("6,00", title, key, payer=payer), number=self.number, opening=opening)
        match = record.match_ids
        if account and match.state != "booked":
            match.account_id = account
            match.action_book()
        return match

    def kernel(self, *payers, journal=None):
        return self.Rule._bss_kernel_rules(self.company, payers or (PAYER,), journal)

    def test_a_decision_makes_a_rule_by_itself(self):
        match = self.pay(self.jan)
        rule = self.Rule.search([("match_id", "=", match.id)])
        self.assertEqual((rule.payer_nrb, rule.account_id, rule.kind), (PAYER, self.jan, "assign"))
        self.assertTrue(rule.is_learned)
        self.assertEqual(rule.create_uid, self.env.user)
        self.assertIn(self.jan.name, rule.name)
        self.assertEqual(
            [(one.id, one.account_id, one.payer_nrb, one.words, one.kind) for one in self.kernel()],
            [(rule.id, self.jan.id, PAYER, (), "assign")],
        )
        self.assertEqual(self.kernel(OTHER_PAYER), ())

    def test_nothing_is_learned_when_the_setting_is_off_or_the_payment_has_a_key(self):
        self.company.bss_learn_rules = False
        self.pay(self.jan)
        self.company.bss_learn_rules = True
        self.pay(self.jan, payer="")
        self.pay(self.jan, key="000000009999")
        self.pay(self.jan, key=self.key_of(self.jan))
        self.assertFalse(self.Rule.search([]))

    def test_a_payer_of_several_customers_teaches_nothing(self):
        first = self.pay(self.jan)
        rule = self.Rule.search([("match_id", "=", first.id)])
        self.Rule.flush_model()
        second = self.pay()
        self.assertEqual((second.rule_id, second.account_id), (rule, self.jan))
        second.action_undo()
        second.account_id = self.anna
        second.action_book()
        self.assertFalse(rule.active)
        self.assertIn(self.anna.name, rule.off_reason)
        self.assertFalse(self.Rule.search([("payer_nrb", "=", PAYER)]))

    def test_a_learned_rule_is_silent_once_the_payer_paid_for_somebody_else(self):
        rule = self.pay(self.jan) and self.Rule.search([])
        self.assertEqual(len(self.kernel()), 1)
        self.pay(key=self.key_of(self.anna))
        self.assertEqual(self.kernel(), ())
        rule.is_learned = False
        self.assertEqual(len(self.kernel()), 1, "a rule somebody made by hand holds")

    def test_age_limit_of_what_the_payer_paid_for_others(self):
        self.pay(self.jan)
        other = self.pay(key=self.key_of(self.anna))
        other.date = "2020-01-31"
        self.assertEqual(len(self.kernel()), 1)
        self.company.bss_payer_history_months = 0
        self.assertEqual(self.kernel(), ())

    def test_switched_off_rules_decide_nothing_and_are_not_learned_again(self):
        self.pay(self.jan)
        rule = self.Rule.search([])
        rule.active = False
        self.assertEqual(self.kernel(), ())
        self.pay(self.jan)
        self.assertFalse(self.Rule.search([]))
        self.assertFalse(rule.active)

    def test_undo_switches_the_rule_off(self):
        match = self.pay(self.jan)
        rule = self.Rule.search([])
        match.action_undo()
        self.assertFalse(rule.active)
        self.assertTrue(rule.off_reason)
        rule.active = True
        self.assertFalse(rule.off_reason)

    def test_rule_by_button_with_words(self):
        match = self.pay(self.jan, payer="", title="Czynsz za maszt 10/2026")
        with self.assertRaisesRegex(UserError, "name words"):
            match._bss_make_rule()
        rule = self.Rule.browse(match.action_make_rule()["res_id"])
        self.assertEqual((rule.words, rule.payer_nrb, rule.is_learned), ("CZYNSZ MASZT", False, False))
        self.assertEqual(match._bss_make_rule(words=" CZYNSZ  MASZT "), rule, "the same rule is not made twice")
        rule.active = False
        match._bss_make_rule(words="CZYNSZ MASZT")
        self.assertTrue(rule.active)
        self.assertEqual([one.words for one in self.kernel(OTHER_PAYER)], [("CZYNSZ", "MASZT")])

    def test_rule_for_what_is_no_payment(self):
        match = self.pay(title="lokata")
        with self.assertRaisesRegex(UserError, "Decide payment"):
            match._bss_make_rule()
        match.action_reject()
        rule = match._bss_make_rule()
        self.assertEqual((rule.kind, rule.account_id.id, rule.payer_nrb), ("not_payment", False, PAYER))
        self.assertEqual([(one.account_id, one.kind) for one in self.kernel()], [(None, "not_payment")])

    def test_rules_of_a_journal_and_of_a_company(self):
        other = self.bank_journal.copy({"name": "Bank 2", "code": "BK2"})
        rule = self.Rule.create({"payer_nrb": PAYER, "account_id": self.jan.id, "journal_id": other.id})
        self.assertEqual(self.kernel(journal=self.bank_journal), ())
        self.assertEqual(self.kernel(journal=other)[0].id, rule.id)
        company = self.env["res.company"].with_context(install_mode=True).create({"name": "Inna"})
        self.assertEqual(self.Rule._bss_kernel_rules(company, [PAYER], other), ())

    def test_conflicts_are_shown(self):
        one = self.Rule.create({"payer_nrb": PAYER, "account_id": self.jan.id})
        self.assertEqual(one.conflict_count, 0)
        two = self.Rule.create({"payer_nrb": f"PL {PAYER}", "account_id": self.anna.id})
        self.Rule.create({"payer_nrb": PAYER, "account_id": self.anna.id, "words": "za Annę"})
        one.invalidate_recordset()
        self.assertEqual((two.payer_nrb, (one | two).mapped("conflict_count")), (PAYER, [1, 1]))
        two.active = False
        one.invalidate_recordset()
        self.assertEqual(one.conflict_count, 0)

    def test_bad_rules_are_refused(self):
        with self.assertRaises(ValidationError):
            self.Rule.create({"payer_nrb": PAYER[:-1] + "1", "account_id": self.jan.id})
        with self.assertRaises(ValidationError):
            self.Rule.create({"words": "./-", "account_id": self.jan.id})
        for vals in ({"payer_name": "Jan", "account_id": self.jan.id}, {"payer_nrb": PAYER}):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
                self.Rule.create(vals)

    def test_uses_are_counted_for_a_whole_batch(self):
        rules = self.Rule.create(
            [{"payer_nrb": PAYER, "account_id": self.jan.id}, {"words": "maszt", "account_id": self.anna.id}]
        )
        self.env.flush_all()
        with self.assertQueryCount(2):
            self.Rule._bss_count_uses([rules[0].id, rules[1].id, rules[0].id, 0, None])
        self.assertEqual(rules.mapped("use_count"), [2, 1])
        self.assertTrue(all(rules.mapped("last_used_at")))

    def test_settings(self):
        with Form(self.env["res.config.settings"]) as settings:
            settings.bss_payer_history_months = 6
            settings.bss_allocation_order = "principal_first"
            settings.bss_payment_thanks = "sms"
            settings.bss_learn_rules = False
        settings.record.execute()
        self.assertEqual(
            (
                self.env.company.bss_payer_history_months,
                self.env.company.bss_allocation_order,
                self.env.company.bss_payment_thanks,
                self.env.company.bss_learn_rules,
            ),
            (6, "principal_first", "sms", False),
        )

    def test_clerk_makes_no_rules(self):
        clerk = self.env["res.users"].search([("login", "=", "clerk")], limit=1) or self.env["res.users"].create(
            {
                "name": "Clerk",
                "login": "rule_clerk",
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
                "group_ids": [(4, self.env.ref("bss_catalog.group_bss_clerk").id)],
            }
        )
        match = self.pay(self.jan)
        with self.assertRaises(AccessError):
            match.with_user(clerk)._bss_make_rule()
        with self.assertRaises(AccessError):
            self.Rule.with_user(clerk).create({"payer_nrb": PAYER, "account_id": self.jan.id})
        self.assertTrue(self.Rule.with_user(clerk).search([]).name)
