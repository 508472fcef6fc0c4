"""Who may approve a write-off is told, and nobody is asked any more once it is decided."""

from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .note_common import NoteCommon

ASK = "bss_dunning.mail_activity_writeoff_approve"
DAY = date(2026, 10, 20)


@tagged("post_install", "-at_install")
class TestWriteoffAsk(NoteCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.user("kierownik.umorzen", "bss_catalog.group_bss_billing_manager")
        cls.accountant = cls.user("glowna.umorzen", "account.group_account_manager", "bss_catalog.group_bss_viewer")
        cls.company.write(
            {
                "bss_writeoff_limit_collector": 20.0,
                "bss_writeoff_limit_manager": 500.0,
                "bss_writeoff_two_people": False,
            }
        )

    def asked(self, amount=100.0):
        """A write-off that a collector confirmed."""
        account = self.debtor(amount=amount)
        self.run_on(DAY)
        line = self.receivable(account.invoice_ids)
        writeoff = (
            self.env["bss.dunning.writeoff"]
            .with_user(self.collector)
            .create(
                {
                    "account_id": account.id,
                    "date": DAY,
                    "reason_id": self.env.ref("bss_dunning.writeoff_reason_small").id,
                    "line_ids": [Command.create({"move_line_id": line.id, "amount": amount})],
                }
            )
        )
        writeoff.action_confirm()
        return writeoff

    def people(self, writeoff):
        return writeoff.sudo().activity_search([ASK]).user_id

    def test_everybody_who_may_decide_is_asked(self):
        people = self.people(self.asked())
        self.assertIn(self.manager, people)
        self.assertIn(self.accountant, people)
        self.assertNotIn(self.collector, people, "who asks does not approve")

    def test_only_those_whose_limit_covers_it(self):
        people = self.people(self.asked(900.0))
        self.assertNotIn(self.manager, people)
        self.assertIn(self.accountant, people)

    def test_the_decision_ends_it_for_everybody(self):
        for decide in ("action_approve", "action_refuse"):
            with self.subTest(decide):
                writeoff = self.asked()
                getattr(writeoff.with_user(self.manager), decide)()
                self.assertFalse(self.people(writeoff))
                done = writeoff.sudo().message_ids.filtered("mail_activity_type_id")
                self.assertEqual(done.author_id, self.manager.partner_id)

    def test_taken_back_nobody_is_asked(self):
        writeoff = self.asked()
        writeoff.action_draft()
        self.assertFalse(self.people(writeoff))
        writeoff.action_confirm()
        self.assertIn(self.manager, self.people(writeoff))

    def test_within_ones_own_limit_nobody_is_asked(self):
        self.assertFalse(self.people(self.asked(10.0)))
