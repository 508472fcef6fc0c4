"""The timeline of a case holds everything that happened around it, newest first, with few questions."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from freezegun import freeze_time
from odoo.addons.bss_catalog import polish_day
from odoo.fields import Command
from odoo.tests import tagged

from ..dunning_core.contact.results import CallResult
from ..dunning_core.policy.instalment import PlanWish
from .common import DunningCommon

DAY = date(2026, 10, 8)


@tagged("post_install", "-at_install")
class TestTimeline(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.Case = cls.Case.with_env(cls.env)

    def setUp(self):
        super().setUp()
        clock = freeze_time(f"{DAY} 09:00:00")
        self.clock = clock.start()
        self.addCleanup(clock.stop)
        self.account = self.debtor(amount=400.0)
        self.run_on(DAY)
        self.case = self.case_of(self.account)
        self.line = self.receivable(self.account.invoice_ids)

    def later(self, days=1):
        self.clock.move_to(datetime.combine(polish_day.today() + timedelta(days=days), datetime.min.time(), UTC))
        self.clock.tick(timedelta(hours=9))

    def live(self):
        """A call, a note, a complaint, words and a plan, each on a day of its own."""
        self.later()
        self.case.action_plan_call()
        call = self.case.call_ids
        call._bss_record(CallResult(call.id, 1, "reached", datetime.now(UTC), phone=call.phone, note="zapłaci"))
        self.later()
        note = self.env["bss.dunning.note"].create({"account_id": self.account.id, "kind": "interest"})
        note.action_issue()
        self.later()
        self.env["bss.complaint"].create(
            {
                "account_id": self.account.id,
                "subject": "Zawyżona",
                "line_ids": [Command.create({"move_line_id": self.line.id, "amount": 40.0})],
            }
        )
        self.later()
        self.case.message_post(body="Klient prosi o kontakt po 15.", message_type="comment")
        self.later()
        self.case._bss_instalment_plan(
            PlanWish(polish_day.today(), Decimal("360.00"), 2, polish_day.today() + timedelta(days=5), 15)
        )

    def titles(self):
        return [event["title"] for event in self.case.get_timeline()]

    def test_everything_in_the_order_in_which_it_happened(self):
        self.live()
        wanted = ["Instalment plan", "wrote", "Complaint", "Interest note", "Call to"]
        found = [
            next(word for word in wanted if word in title)
            for title in self.titles()
            if any(word in title for word in wanted)
        ]
        self.assertEqual(found, wanted)
        events = {event["title"]: event for event in self.case.get_timeline()}
        call = next(event for title, event in events.items() if title.startswith("Call to"))
        self.assertEqual(
            (call["model"], call["id"], call["text"]), ("bss.dunning.call", self.case.call_ids.id, "zapłaci")
        )
        self.assertTrue(any("15." in event["text"] for event in events.values()))
        self.assertNotIn("moment", call)

    def test_a_day_is_in_the_order_of_its_moments(self):
        for number in range(3):
            self.clock.tick(timedelta(minutes=5))
            self.case.message_post(body=f"Słowo {number}", message_type="comment")
        words = [event["text"] for event in self.case.get_timeline() if "wrote" in event["title"]]
        self.assertEqual([text[-1] for text in words], ["2", "1", "0"])

    def test_complaint_decided(self):
        self.live()
        complaint = self.account.complaint_ids
        complaint.write({"decision": "rejected", "decision_text": "Bo tak."})
        complaint.action_answer()
        self.assertTrue(any(f"{complaint.name}: Rejected" in title for title in self.titles()))

    def test_as_many_questions_for_many_events(self):
        self.live()
        self.case.get_timeline()

        def questions():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            count = len(self.case.get_timeline())
            return count, self.env.cr.sql_log_count - before

        few = questions()
        for number in range(10):
            self.case.message_post(body=f"Słowo {number}", message_type="comment")
            self.env["bss.complaint"].create({"account_id": self.account.id, "subject": f"R {number}"})
        many = questions()
        self.assertGreaterEqual(many[0], few[0] + 20)
        self.assertLessEqual(many[1], few[1] + 3)
