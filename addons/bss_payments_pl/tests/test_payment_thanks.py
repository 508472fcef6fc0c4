from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from .common import NO_MAIL, PaymentsCommon


@tagged("post_install", "-at_install")
class TestPaymentThanks(PaymentsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski", partner={"phone": "+48600100200"})
        cls.anna = cls.make_account("Anna Nowak")
        cls.clerk = new_test_user(
            cls.env, "thanks_clerk", "bss_catalog.group_bss_clerk", context=NO_MAIL, company_id=cls.company.id
        )
        # payments of today, whatever the day
        cls.today = f"{fields.Date.today():%y%m%d}"

    def pay(self, account, amount="6,00"):
        self.number = getattr(self, "number", 0) + 1
        record = self.import_file(
            self.entry(amount, "?", account and self.key_of(account) or "", day=self.today),
            number=self.number,
            opening=f"{(self.number - 1) * 6},00",
        )
        return record.match_ids

    def switch_on(self, channel):
        """The rows of a test are older than its clock: they bear the time its transaction began."""
        self.company.bss_payment_thanks = channel
        self.assertTrue(self.company.bss_payment_thanks_since)
        self.company.bss_payment_thanks_since = fields.Datetime.now() - timedelta(hours=1)
        self.env.flush_all()

    def thank(self):
        with trap_jobs() as trap:
            self.Match._cron_thank()
            jobs = len(trap.enqueued_jobs)
            trap.perform_enqueued_jobs()
            return jobs

    def mails(self, partner, model="bss.payment.match"):
        return self.env["mail.mail"].search([("recipient_ids", "in", partner.ids), ("model", "=", model)])

    def texts(self, partner):
        return self.env["sms.sms"].search([("partner_id", "=", partner.id)])

    def test_nobody_is_thanked_unless_the_setting_says_so(self):
        self.pay(self.jan)
        self.assertEqual(self.thank(), 0)

    def test_one_mail_for_each_booked_payment(self):
        before = self.pay(self.jan)
        before.flush_recordset()
        self.cr.execute("UPDATE bss_payment_match SET create_date = create_date - interval '1 day'")
        before.invalidate_recordset()
        self.switch_on("email")
        match = self.pay(self.jan)
        waiting = self.pay(None)
        self.assertEqual((match.state, waiting.state), ("booked", "unallocated"))
        self.assertEqual(self.thank(), 1)
        mail = self.mails(self.jan.partner_id)
        self.assertEqual((len(mail), mail.res_id, match.thanks), (1, match.id, "email"))
        self.assertIn(self.jan.name, mail.body_html)
        self.assertEqual(self.thank(), 0, "one message for each payment")
        match._bss_thank()
        self.assertEqual(len(self.mails(self.jan.partner_id)), 1)
        self.assertFalse(before.thanks or waiting.thanks)

    def test_who_may_not_be_contacted_gets_nothing(self):
        self.switch_on("email")
        self.env["mail.blacklist"].sudo()._add(self.anna.partner_id.email)
        self.anna.partner_id.invalidate_recordset()
        match = self.pay(self.anna)
        self.thank()
        self.assertEqual((match.thanks, len(self.mails(self.anna.partner_id))), ("none", 0))

    def test_thanks_by_sms(self):
        self.switch_on("sms")
        match, without = self.pay(self.jan), self.pay(self.anna)
        self.thank()
        sent = self.texts(self.jan.partner_id)
        self.assertEqual((len(sent), match.thanks, without.thanks), (1, "sms", "none"))
        self.assertIn(self.jan.name, sent.body)
        self.assertFalse(self.mails(self.jan.partner_id))

    def test_undone_and_old_payments_are_not_thanked_for(self):
        self.switch_on("email")
        undone, old = self.pay(self.jan), self.pay(self.jan)
        undone.action_undo()
        old.date = fields.Date.today() - timedelta(days=30)
        self.assertEqual(self.thank(), 0)

    def test_a_payment_taken_back_is_not_thanked_for(self):
        self.switch_on("email")
        taken_back, kept = self.pay(self.jan), self.pay(self.anna)
        reversal = kept.copy({"reversed_id": taken_back.id, "dedupe_key": "x", "statement_line_id": False})
        reversal.with_context(bss_booking=True).write({"amount": -6, "state": "booked"})
        self.thank()
        self.assertEqual((len(self.mails(self.jan.partner_id)), taken_back.thanks), (0, False))
        self.assertEqual((len(self.mails(self.anna.partner_id)), kept.thanks), (1, "email"))

    def test_a_payment_booked_again_is_thanked_for_once(self):
        self.switch_on("email")
        match = self.pay(self.jan)
        self.thank()
        match.action_undo()
        match.account_id = self.anna
        match.action_book()
        self.assertEqual(self.thank(), 0)

    def break_for(self, *broken):
        """No message can be made on these records, as with a template that fails on what one of them lacks."""
        template = type(self.env["mail.template"])
        made = template.send_mail_batch

        def send_mail_batch(this, res_ids, *args, **kwargs):
            if {(record._name, record.id) for record in broken} & {(this.model, res_id) for res_id in res_ids}:
                raise ValueError("nothing to say")
            return made(this, res_ids, *args, **kwargs)

        return patch.object(template, "send_mail_batch", send_mail_batch)

    def test_one_message_that_cannot_be_made_holds_nobody_back(self):
        self.switch_on("email")
        broken, *others = [self.pay(account) for account in (self.jan, self.anna, self.anna)]
        with self.break_for(broken), mute_logger("odoo.addons.bss_payments_pl.models.bss_customer_thanks"):
            self.thank()
        self.assertEqual([match.thanks for match in (broken, *others)], ["failed", "email", "email"])
        self.assertEqual((len(self.mails(self.anna.partner_id)), len(self.mails(self.jan.partner_id))), (2, 0))
        self.assertEqual(broken.thanks_problem, "nothing to say")
        self.assertEqual(self.thank(), 0, "not tried in vain for ever")
        with self.assertRaises(AccessError):
            broken.with_user(self.clerk).action_thank_again()
        broken.action_thank_again()
        self.assertEqual(self.thank(), 1)
        self.assertEqual((len(self.mails(self.jan.partner_id)), broken.thanks), (1, "email"))
        self.assertFalse(broken.thanks_problem)

    def test_template_that_fails_for_all_marks_nobody(self):
        self.switch_on("email")
        matches = self.pay(self.jan) | self.pay(self.anna)
        with (
            self.break_for(*matches),
            mute_logger("odoo.addons.bss_payments_pl.models.bss_customer_thanks"),
            self.assertRaisesRegex(UserError, "nothing to say"),
            self.cr.savepoint(),
        ):
            matches._bss_thank()
        matches.invalidate_recordset()
        self.assertEqual(matches.mapped("thanks"), [False, False])
        self.thank()
        self.assertEqual(matches.mapped("thanks"), ["email", "email"])

    def test_job_runs_again_when_another_was_first(self):
        self.switch_on("email")
        match = self.pay(self.jan)
        clash = patch.object(type(self.env["mail.template"]), "send_mail_batch", side_effect=SerializationFailure())
        with clash, self.assertRaises(SerializationFailure), self.cr.savepoint():
            match._bss_thank()
        match.invalidate_recordset()
        self.assertFalse(match.thanks)

    def split(self):
        match = self.pay(None)
        none = self.env["account.move"]
        match._bss_book_split([(self.jan, 4, none), (self.anna, 2, none)])
        return match

    def test_everybody_is_thanked_for_his_part_of_a_split_payment(self):
        self.switch_on("email")
        match = self.split()
        self.thank()
        self.assertEqual((match.thanks, match.part_ids.mapped("thanks")), ("email", ["email", "email"]))
        for account, own, foreign in ((self.jan, 4, 2), (self.anna, 2, 4)):
            mail = self.mails(account.partner_id, "bss.payment.part")
            self.assertEqual(len(mail), 1)
            self.assertIn(account.name, mail.body_html)
            self.assertRegex(mail.body_html, rf"\b{own}[.,]00")
            for other in (rf"\b{foreign}[.,]00", r"\b6[.,]00"):
                self.assertNotRegex(mail.body_html, other)
        self.assertEqual(self.thank(), 0)

    def test_split_payment_that_nobody_can_be_thanked_for_holds_nobody_back(self):
        self.switch_on("email")
        match, other = self.split(), self.pay(self.anna)
        with self.break_for(*match.part_ids), mute_logger("odoo.addons.bss_payments_pl.models.bss_customer_thanks"):
            self.thank()
        self.assertEqual((match.thanks, match.part_ids.mapped("thanks")), ("failed", ["failed", "failed"]))
        self.assertEqual((other.thanks, len(self.mails(self.anna.partner_id))), ("email", 1))

    def test_parts_are_thanked_by_sms(self):
        self.switch_on("sms")
        match = self.split()
        self.thank()
        self.assertEqual((match.thanks, match.part_ids.mapped("thanks")), ("sms", ["sms", "none"]))
        self.assertIn(self.jan.name, self.texts(self.jan.partner_id).body)

    def test_only_the_part_that_failed_is_thanked_again(self):
        self.switch_on("email")
        match = self.split()
        with self.break_for(match.part_ids[1]), mute_logger("odoo.addons.bss_payments_pl.models.bss_customer_thanks"):
            self.thank()
        self.assertEqual((match.thanks, match.part_ids.mapped("thanks")), ("failed", ["email", "failed"]))
        match.action_thank_again()
        self.thank()
        self.assertEqual((match.thanks, match.part_ids.mapped("thanks")), ("email", ["email", "email"]))
        for account in (self.jan, self.anna):
            self.assertEqual(len(self.mails(account.partner_id, "bss.payment.part")), 1)

    def test_the_setting_off_before_the_job_runs(self):
        self.switch_on("email")
        match = self.pay(self.jan)
        self.company.bss_payment_thanks = "off"
        match._bss_thank()
        self.assertFalse(match.thanks)
        self.assertFalse(self.company.bss_payment_thanks_since)

    def test_messages_wait_for_the_commit(self):
        self.switch_on("email")
        self.pay(self.jan)
        self.thank()
        self.assertEqual(self.mails(self.jan.partner_id).mapped("state"), ["outgoing"])
