from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import ContractsCommon


class DeliveryCommon(ContractsCommon):
    @classmethod
    def new_user(cls, login, role):
        return new_test_user(
            cls.env,
            login,
            groups=f"bss_catalog.group_bss_{role}",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )


@tagged("post_install", "-at_install")
class TestProofOfDelivery(DeliveryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.make_subscriber(charged_through=date(2026, 10, 31))
        cls.bill()
        cls.document = cls.account.invoice_ids._bss_archive_invoices()
        cls.collector = cls.new_user("t_delivery_collector", "collector")

    def test_nobody_types_evidence(self):
        for role in ("clerk", "collector", "billing_manager", "admin"):
            document = self.document.with_user(self.new_user(f"t_delivery_raw_{role}", role))
            for vals in (
                {"delivered_at": "2026-11-22 10:00:00"},
                {"sent_at": "2026-11-22 10:00:00"},
                {"state": "delivered"},
                {"delivery_proof": "hand"},
            ):
                with self.subTest(role=role, vals=vals), self.assertRaises(UserError):
                    document.write(vals)
            document.note = "a remark is free"

    def test_delivery_says_who_when_and_how(self):
        document = self.document.with_user(self.collector)
        action = document.action_mark_delivered()
        wizard = Form(self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"]))
        wizard.proof = "receipt"
        wizard.note = "R 1234 PL"
        wizard.save().action_record()
        self.assertEqual((document.state, document.delivery_proof), ("delivered", "receipt"))
        self.assertEqual((document.delivery_user_id, document.delivery_note), (self.collector, "R 1234 PL"))
        self.assertTrue(document.delivery_recorded_at)
        self.assertGreaterEqual(document.delivered_at, document.issued_at)
        log = document.message_ids[:1]
        self.assertIn("R 1234 PL", log.body)
        self.assertEqual(log.author_id, self.collector.partner_id)

    def test_impossible_days_are_refused(self):
        now = fields.Datetime.now()
        register = self.document.with_user(self.collector)._bss_register_delivery
        for moment in (now + timedelta(hours=1), (now + timedelta(days=2)).date(), now - timedelta(days=3)):
            with self.subTest(moment=moment), self.assertRaises(UserError):
                register(moment, "receipt", "R 1")
        for proof, note in (("receipt", "  "), ("gossip", "R 1")):
            with self.subTest(proof=proof), self.assertRaises(UserError):
                register(now, proof, note)
        with self.assertRaises(AccessError):
            viewer = self.document.with_user(self.new_user("t_delivery_viewer", "viewer"))
            viewer._bss_register_delivery(now, "receipt", "R 1")
        self.assertEqual(self.document.state, "issued")

    def test_a_day_is_its_polish_noon(self):
        now = datetime(2026, 11, 21, 12, 0)
        self.assertEqual(self.document._bss_moment("2026-11-06", now), datetime(2026, 11, 6, 11, 0))
        self.assertEqual(self.document._bss_moment(date(2026, 11, 21), now), now)

    def test_channel_is_fixed_once_it_left(self):
        document = self.document.with_user(self.new_user("t_delivery_clerk", "clerk"))
        document.channel = "post"
        document.action_mark_sent()
        self.assertTrue(document.message_ids)
        with self.assertRaises(UserError):
            document.channel = "email"
        document.action_mark_returned()
        self.assertEqual(document.state, "returned")


@tagged("post_install", "-at_install")
class TestDeliveryOfRun(DeliveryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        charged = date(2026, 10, 31)
        cls.by_email = cls.make_subscriber("E-mail", partner={"email": "a@example.com"}, charged_through=charged)
        cls.by_post = cls.make_subscriber("Post", delivery_method="post", charged_through=charged)
        cls.by_portal = cls.make_subscriber("Portal", delivery_method="portal", charged_through=charged)
        cls.unreachable = cls.make_subscriber("Nobody", partner={"email": False}, charged_through=charged)
        cls.manager = cls.new_user("t_delivery_manager", "billing_manager")
        cls.bill_run = cls.bill()

    def deliver(self):
        return self.bill_run.with_user(self.manager).with_context(queue_job__no_delay=True).action_deliver()

    def document_of(self, account):
        return self.env["bss.document"].search([("account_id", "=", account.id)])

    def mails(self):
        moves = self.env["account.move"].search([("bss_bill_run_id", "=", self.bill_run.id)])
        return self.env["mail.mail"].search([("model", "=", "account.move"), ("res_id", "in", moves.ids)])

    def test_each_invoice_goes_its_way(self):
        self.deliver()
        document = self.document_of(self.by_email)
        self.assertEqual((document.state, document.channel, document.delivery_error), ("sent", "email", False))
        self.assertTrue(document.sent_at)
        mail = self.mails()
        self.assertEqual((mail.state, len(mail)), ("outgoing", 1))
        self.assertIn(document._bss_content(), mail.attachment_ids.mapped("raw"))
        printed = self.env["bss.document"].search([("state", "=", "issued"), ("channel", "=", "post")])
        self.assertEqual(printed, self.document_of(self.by_post))
        self.assertFalse(self.document_of(self.by_portal))
        refused = self.document_of(self.unreachable)
        self.assertEqual(refused.state, "issued")
        self.assertTrue(refused.delivery_error)

    def test_twice_brings_nothing_new(self):
        self.deliver()
        before = (self.mails(), self.env["bss.document"].search_count([]))
        self.deliver()
        self.assertEqual((self.mails(), self.env["bss.document"].search_count([])), before)

    def test_cured_address_is_served_by_the_next_delivery(self):
        self.deliver()
        self.unreachable.partner_id.email = "new@example.com"
        self.deliver()
        document = self.document_of(self.unreachable)
        self.assertEqual((document.state, document.delivery_error), ("sent", False))

    def test_incomplete_postal_address_is_a_problem(self):
        self.by_post.partner_id.city = False
        self.deliver()
        self.assertTrue(self.document_of(self.by_post).delivery_error)

    def test_invoice_waits_for_ksef(self):
        moves = type(self.env["account.move"])
        move = self.by_email.invoice_ids
        original = moves._bss_may_leave
        with patch.object(moves, "_bss_may_leave", lambda one: one != move and original(one)):
            message = self.deliver()["params"]["message"]
            self.assertIn("1", message.split(":")[-1])
            self.assertFalse(self.mails())
        self.deliver()
        self.assertEqual(self.document_of(self.by_email).state, "sent")

    def test_failure_of_one_does_not_hold_the_others(self):
        other = self.make_subscriber("Second", partner={"email": "b@example.com"}, charged_through=date(2026, 10, 31))
        late = self.bill()
        run = late.with_user(self.manager).with_context(queue_job__no_delay=True)
        moves = type(self.env["account.move"])
        original = moves._bss_send_by_email

        def breaks(move, document):
            if move.bss_account_id == self.by_email:
                raise ValueError("broken layout")
            return original(move, document)

        with patch.object(moves, "_bss_send_by_email", breaks):
            (self.bill_run | run).with_user(self.manager).with_context(queue_job__no_delay=True).action_deliver()
        self.assertIn("broken layout", self.document_of(self.by_email).delivery_error)
        self.assertEqual(self.document_of(other).state, "sent")

    def test_clerk_does_not_deliver(self):
        clerk = self.new_user("t_delivery_run_clerk", "clerk")
        with self.assertRaises(AccessError):
            self.by_email.sudo().invoice_ids.with_user(clerk).action_bss_deliver()
