from odoo.tests import tagged

from .common import PAYER, PaymentsCommon


@tagged("post_install", "-at_install")
class TestPaymentHistory(PaymentsCommon):
    """What earlier payments and clerks' rules say of the next one, from the file to the booking."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.anna = cls.make_account("Anna Nowak")
        cls.Rule = cls.env["bss.payment.rule"]

    def pay(self, title="net", key="", payer=PAYER, **kwargs):
        self.number = getattr(self, "number", 0) + 1
        opening = f"{(self.number - 1) * 6},00"
        return self.import_file(
            self.entry("6,00", title, key, payer=payer, **kwargs), number=self.number, opening=opening
        ).match_ids

    def decide(self, match, account):
        match.account_id = account
        match.action_book()

    def test_the_payers_account_pays_for_one_customer(self):
        self.pay(key=self.key_of(self.jan))
        match = self.pay()
        self.assertEqual((match.state, match.reason, match.account_id), ("booked", "PAYER_ACCOUNT", self.jan))

    def test_a_decision_for_somebody_else_ends_that(self):
        self.pay(key=self.key_of(self.jan))
        wrong = self.pay()
        wrong.action_undo()
        self.decide(wrong, self.anna)
        self.assertNotEqual(self.pay().state, "booked", "this payer pays for two customers")

    def test_a_payment_split_over_customers_ends_that(self):
        self.pay(key=self.key_of(self.jan))
        self.company.bss_payer_history_months = 1
        both = self.pay("FV 1", name="X", day="261120")
        both.action_undo()
        none = self.env["account.move"]
        both._bss_book_split([(self.jan, 4, none), (self.anna, 2, none)])
        self.assertNotEqual(self.pay().state, "booked", "this payer pays for two customers")

    def test_a_learned_rule_is_silent_once_a_payment_was_split(self):
        self.decide(self.pay(), self.jan)
        self.assertEqual(self.Rule.search([]).mapped("is_learned"), [True])
        both = self.pay()
        self.assertEqual((both.reason, both.state), ("RULE", "booked"))
        both.action_undo()
        none = self.env["account.move"]
        both._bss_book_split([(self.jan, 4, none), (self.anna, 2, none)])
        self.assertNotEqual(self.pay().state, "booked")

    def test_decisions_without_a_rule_are_no_evidence(self):
        self.company.bss_learn_rules = False
        self.decide(self.pay(), self.jan)
        self.assertEqual(self.pay().state, "unallocated")

    def test_rules_speak_for_as_long_as_they_are_on(self):
        self.decide(self.pay(), self.jan)
        second = self.pay()
        self.assertEqual((second.state, second.reason, second.account_id), ("booked", "RULE", self.jan))
        self.Rule.search([]).active = False
        self.assertEqual(self.pay().state, "unallocated", "neither the rule nor what it booked decides any more")

    def test_age_limit(self):
        self.pay(key=self.key_of(self.jan), day="260520")
        self.company.bss_payer_history_months = 3
        self.assertEqual(self.pay().state, "unallocated")
        self.company.bss_payer_history_months = 24
        self.assertEqual(self.pay().reason, "PAYER_ACCOUNT")

    def test_words_of_a_rule(self):
        rule = self.Rule.create({"words": "Czynsz, ŁĄKOWA", "account_id": self.jan.id})
        match = self.pay("za czynsz ul. Łąkowa 5", payer="")
        self.assertEqual((match.state, match.reason, match.account_id), ("booked", "RULE", self.jan))
        self.assertEqual((match.rule_id, rule.use_count), (rule, 1))
        self.assertEqual(self.pay("CZYNSZ/LAKOWA", payer="").state, "booked")
        self.assertEqual(self.pay("za czynsz ul. Polna 5", payer="").state, "unallocated")
        self.assertEqual(self.pay("za czynszowe ul. Lakowa 5", payer="").state, "unallocated")
        rule.active = False
        self.assertEqual(self.pay("za czynsz ul. Łąkowa 5", payer="").state, "unallocated")

    def test_words_and_payer_of_a_rule(self):
        self.Rule.create({"words": "garaż", "payer_nrb": PAYER, "account_id": self.jan.id})
        self.Rule.create({"words": "dom", "payer_name": "NOWAK Józef", "account_id": self.anna.id})
        self.assertEqual(self.pay("garaż 7").account_id, self.jan)
        self.assertFalse(self.pay("dom 7").account_id)
        self.assertFalse(self.pay("garaż 7", payer="").account_id)
        self.assertEqual(self.pay("dom", payer="", name="Jozef Nowak").account_id, self.anna)

    def test_rules_of_others(self):
        other = self.bank_journal.copy({"name": "Bank 2", "code": "BK2"})
        self.Rule.create({"words": "czynsz", "account_id": self.jan.id, "journal_id": other.id})
        company = self.env["res.company"].with_context(install_mode=True).create({"name": "Inna"})
        foreign = self.Rule.create({"words": "czynsz", "kind": "not_payment", "company_id": company.id})
        self.assertEqual(self.pay("czynsz", payer="").state, "unallocated")
        foreign.company_id = self.company
        self.assertEqual(self.pay("czynsz", payer="").state, "rejected")

    def test_a_rule_asked_for_is_not_a_learned_one(self):
        match = self.pay()
        self.decide(match, self.jan)
        rule = match._bss_make_rule()
        self.assertFalse(rule.is_learned)
        self.pay(key=self.key_of(self.anna))
        self.assertEqual(self.pay().account_id, self.jan)

    def test_a_rejection_taken_back_takes_its_rule_along(self):
        match = self.pay()
        match.action_reject()
        rule = match._bss_make_rule()
        match.action_reopen()
        self.assertFalse(rule.active)
        self.assertEqual(self.pay().state, "unallocated")
