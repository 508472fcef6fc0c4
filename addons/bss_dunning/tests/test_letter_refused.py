from datetime import date

from freezegun import freeze_time
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .letter_common import DAY, LetterCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-10-08 10:00:00")
class TestLetterRefused(LetterCommon):
    """Letters by hand that must not go out, and those that went out and did not arrive."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.letters = cls.env["bss.dunning.letter"]
        cls.collector = new_test_user(
            cls.env,
            "windykator.pisma",
            groups="base.group_user,bss_catalog.group_bss_collector",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
            context={"no_reset_password": True},
        )

    def standing(self, kind, **vals):
        account = self.postal_debtor(**vals)
        self.run_on(DAY)
        self.case_of(account)._bss_hold(False, "sygn. V GUp 12/26", kind)
        return account

    # Whom nothing is demanded of

    def test_no_demand_to_bankrupts_and_the_dead(self):
        for kind, word in (("bankruptcy", "trustee"), ("deceased", "heirs")):
            account = self.standing(kind, name=f"Jan {kind}")
            before = self.case_of(account).action_ids
            for letter in ("reminder", "demand", "final_demand"):
                wizard = self.write_letter(account, self.env(user=self.collector), kind=letter)
                with self.subTest(kind=kind, letter=letter):
                    self.assertIn(word, wizard.problem)
                    with self.assertRaisesRegex(UserError, word):
                        wizard.action_send()
            self.assertEqual(self.case_of(account).action_ids, before, "nothing of the refused letters is left")
            balance = self.write_letter(account, self.env(user=self.collector), kind="balance")
            self.assertFalse(balance.problem and word in balance.problem)
            balance.action_send()
            self.assertEqual((self.case_of(account).action_ids - before).mapped("state"), ["done"])

    def test_the_fact_is_the_customers_not_the_accounts(self):
        account = self.standing("bankruptcy")
        second = self.env["bss.account"].create({"partner_id": account.partner_id.id, "company_id": self.company.id})
        self.make_invoice(second, 50.0)
        self.run_on(DAY)
        with self.assertRaisesRegex(UserError, "trustee"):
            self.write_letter(second).action_send()
        stranger = self.postal_debtor("Ktoś Inny")
        told = self.write_letter(account | second | stranger).action_send()
        self.assertIn("1 letter", told["params"]["message"])
        self.assertIn("trustee", told["params"]["message"])
        self.assertIn("letter", self.case_of(stranger).action_ids.mapped("origin"))

    def test_a_hold_that_ended_bars_nothing(self):
        account = self.standing("bankruptcy")
        self.case_of(account).hold_ids.action_release()
        self.assertFalse(account._bss_demand_barred())
        self.write_letter(account).action_send()

    def test_a_broken_promise_of_the_dead_is_not_complained_of(self):
        """Nor of one that was made on another account than the one on which the death is recorded."""
        account = self.standing("deceased", partner={"email": "jan@example.com"})
        second = self.env["bss.account"].create({"partner_id": account.partner_id.id, "company_id": self.company.id})
        self.make_invoice(second, 50.0)
        self.run_on(DAY)
        promise = self.case_of(second)._bss_promise(50.0, date(2026, 10, 9))
        promise._bss_finish("broken", DAY)
        occasions = [(promise, "email", "Prosimy o $amount", 50.0, DAY)]
        message = self.env["bss.dunning.action"]._bss_plan_messages("broken", occasions, DAY)
        message._bss_execute(date(2026, 10, 14))
        self.assertEqual((message.state, bool(message.mail_id)), ("cancelled", False))
        self.assertIn("heirs", message.reason)

    # What did not arrive

    def bounced(self, **vals):
        account = self.debtor()
        self.run_on(date(2026, 9, 1))
        self.write_letter(account, self.env(user=self.collector), channel="email", **vals).action_send()
        action = self.case_of(account).action_ids.filtered(lambda one: one.origin == "letter")
        self.assertEqual((action.state, action.step_id.id), ("done", False))
        action.mail_id.write({"state": "exception", "failure_reason": "550 no such user"})
        return account, action

    def test_a_bounced_letter_fails_and_its_collector_is_told(self):
        account, action = self.bounced()
        case = self.case_of(account)
        step = case.step_id
        failed = self.Action._bss_fail_unsent(self.company)
        self.assertEqual(failed, action)
        self.assertRecordValues(
            action, [{"state": "failed", "date_done": False, "failed_email": account.partner_id.email}]
        )
        self.assertIn("550 no such user", action.reason)
        self.assertIn("550 no such user", case.message_ids[0].body)
        self.assertEqual(case.step_id, step, "the ladder stays where it was")
        told = case.activity_ids.filtered(lambda one: one.user_id == self.collector)
        self.assertIn(action.display_name, told.summary)
        self.assertFalse(self.Action._bss_fail_unsent(self.company), "told once")
        tile = self.env["bss.dunning.today"].with_user(self.collector).open_tile("failed")
        self.assertIn(action, self.Action.search(tile["domain"]))

    def test_who_has_the_case_is_told(self):
        account, _action = self.bounced()
        self.case_of(account).user_id = self.env.ref("base.user_admin")
        self.Action._bss_fail_unsent(self.company)
        self.assertEqual(self.case_of(account).activity_ids.user_id, self.env.ref("base.user_admin"))

    def test_the_run_of_the_night_finds_it(self):
        _account, action = self.bounced()
        self.run_on(DAY)
        self.assertEqual(action.state, "failed")

    def test_it_is_sent_again_to_a_new_address(self):
        account, action = self.bounced(deadline_days=10)
        self.Action._bss_fail_unsent(self.company)
        with freeze_time("2026-10-12 10:00:00"):
            action.with_user(self.collector).action_execute()
            self.assertEqual(action.state, "failed", "not to the same address")
            account.partner_id.email = "nowy@example.com"
            action.with_user(self.collector).action_execute()
        self.assertRecordValues(
            action, [{"state": "done", "date_done": date(2026, 10, 12), "deadline": date(2026, 10, 22)}]
        )
        self.assertIn("nowy@example.com", action.reason)

    def test_a_paid_case_is_left_alone(self):
        account, action = self.bounced()
        self.pay(account.invoice_ids, day=DAY)
        self.assertFalse(self.Action._bss_fail_unsent(self.company))
        self.assertEqual(action.state, "done")
