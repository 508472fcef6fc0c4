from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from .notice_common import DAY, NoticeSmsCommon


@tagged("post_install", "-at_install")
class TestNoticeLock(NoticeSmsCommon):
    """What a batch reads stays true until its messages are written: locked first, read then, the customer as a whole."""

    def place(self, record):
        """Where a row stands in its table: somewhere else once it was written on."""
        self.env.flush_all()
        query = SQL("SELECT ctid::text FROM %s WHERE id = %s", SQL.identifier(record._table), record.id)
        return self.env.execute_query(query)[0][0]

    def test_locked_before_anything_is_read(self):
        self.start()
        self.rule._job_select(DAY)
        order = []
        notices, partners = type(self.Notice), type(self.env["res.partner"])
        lock, read, needless = notices._bss_lock, partners._bss_contact_ledger, notices._bss_drop_needless

        def said(name, method):
            return lambda *args: order.append(name) or method(*args)

        with (
            patch.object(notices, "_bss_lock", said("lock", lock)),
            patch.object(partners, "_bss_contact_ledger", said("contacts", read)),
            patch.object(notices, "_bss_drop_needless", said("payments", needless)),
        ):
            self.notices()._bss_send(DAY)
        self.assertEqual(order[:3], ["lock", "contacts", "payments"])
        self.assertEqual(self.notices().state, "sent")

    def test_a_payment_between_choice_and_sending(self):
        self.start()
        self.rule._job_select(DAY)
        notices = type(self.Notice)
        lock = notices._bss_lock

        def paid_first(records):
            self.assertEqual(records.move_id.amount_residual, 123.0, "it was open when it was looked at")
            self.make_payment(self.account, 123.0, DAY)
            return lock(records)

        with patch.object(notices, "_bss_lock", paid_first):
            self.notices()._bss_send(DAY)
        self.assertEqual((self.notices().state, self.notices().reason), ("cancelled", "Paid meanwhile."))

    def test_all_that_waits_for_a_customer_is_locked(self):
        """Written on, so a batch of another rule that began before ours ended begins again and counts our message."""
        other = self.start(self.make_rule("invoice", name="Nowe faktury"))
        fresh = self.make_invoice(self.account, invoice_date=DAY)
        other._job_select(DAY)
        waiting = self.notices(other)
        self.assertEqual((waiting.move_id, waiting.state), (fresh, "waiting"))
        self.start()
        self.rule._job_select(DAY)
        mine = self.notices().filtered(lambda notice: notice.move_id == self.move)
        before = self.place(waiting)
        mine._bss_send(DAY)
        self.assertNotEqual(self.place(waiting), before)
        self.assertEqual((mine.state, waiting.state), ("sent", "waiting"))

    def test_a_document_that_is_being_paid_just_now_waits(self):
        self.start()
        self.rule._job_select(DAY)
        environment = type(self.env)
        execute = environment.execute_query

        def busy(env, query):
            """Somebody else holds the rows of documents: SKIP LOCKED gives none of them."""
            is_lock = "account_move" in query.code and "FOR SHARE SKIP LOCKED" in query.code
            return [] if is_lock else execute(env, query)

        with patch.object(environment, "execute_query", busy):
            self.notices()._bss_send(DAY)
        self.assertEqual(self.notices().state, "waiting")
        self.notices()._bss_send(DAY)
        self.assertEqual(self.notices().state, "sent")

    def test_paid_before_the_e_mail_went_out(self):
        self.start()
        self.night()
        mail = self.notices().mail_id
        self.assertEqual(mail.state, "outgoing")
        self.pay(self.move, day=DAY)
        mail.send()
        self.assertEqual((mail.state, self.notices().state), ("cancel", "cancelled"))
        self.assertIn("Paid before", self.notices().reason)

    def test_e_mails_of_what_is_owed_go_out(self):
        self.start()
        self.night()
        mail = self.notices().mail_id
        with patch.object(type(mail), "_send", autospec=True) as send:
            mail.send()
        self.assertEqual(send.call_args.args[0], mail)
        self.assertEqual(self.notices().state, "sent")
