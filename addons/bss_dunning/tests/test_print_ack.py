from datetime import date

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .letter_common import DAY, LetterCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-05 10:00:00")
class TestPrintAck(LetterCommon):
    """What the print house tells comes back to letters, notices and cases."""

    def handed(self, count=2):
        self.accounts = self.env["bss.account"]
        for number in range(count):
            self.accounts |= self.postal_debtor(f"Klient {number}", amount=100 + number, due=date(2026, 8, 3))
        self.run_on(DAY)
        step = self.env.ref("bss_dunning.step_household_n1")
        self.notices = self.Action
        for account in self.accounts:
            case = self.case_of(account)
            case.action_ids.document_id.channel = "none"
            action = self.Action.sudo().create(
                {
                    "case_id": case.id,
                    "step_id": step.id,
                    "date": DAY,
                    "channel": "letter",
                    "amount": 100,
                    "deadline": date(2026, 10, 15),
                }
            )
            action._bss_fill_lines(DAY)
            action._bss_do_letter(DAY)
            action._bss_done(DAY)
            self.notices |= action
        batch = self.batch()
        batch.action_hand_over()
        return batch

    def doc(self, index):
        return self.notices[index].document_id

    def test_delivery_starts_the_statutory_term(self):
        batch = self.handed()
        before = self.case_of(self.accounts[0])._bss_gate("restrict", date(2026, 11, 2))
        self.assertEqual(before.code, "N1_NOT_DELIVERED")
        made = self.ack(
            f"{self.doc(0).id};2026-10-12;0075900;2026-10-14;;\n{self.doc(1).id};12.10.2026;0075901;;;\n", batch
        )
        self.assertRecordValues(
            made, [{"sent_count": 2, "delivered_count": 1, "returned_count": 0, "error_count": 0, "state": "done"}]
        )
        self.assertRecordValues(
            self.doc(0),
            [{"state": "delivered", "tracking_no": "0075900", "delivery_proof": "receipt"}],
        )
        self.assertIn("0075900", self.doc(0).delivery_note)
        self.assertEqual(self.notices[0]._bss_delivered_on(), date(2026, 10, 14))
        self.assertEqual(self.doc(1).state, "sent")
        answer = self.case_of(self.accounts[0])._bss_gate("restrict", date(2026, 11, 2))
        self.assertTrue(answer.allowed, answer.code)
        self.assertFalse(self.case_of(self.accounts[1])._bss_gate("restrict", date(2026, 11, 2)).allowed)
        self.assertEqual(batch.state, "acknowledged")
        self.assertEqual((batch.sent_count, batch.delivered_count), (2, 1))

    def test_the_same_file_again_changes_nothing(self):
        batch = self.handed()
        text = f"{self.doc(0).id};2026-10-12;0075900;2026-10-14;;\n{self.doc(1).id};2026-10-12;0075901;;unknown;2026-10-20\n"
        self.ack(text, batch)
        recorded = self.doc(0).delivery_recorded_at
        messages = len(self.doc(0).message_ids) + len(self.doc(1).message_ids)
        holds = self.env["bss.dunning.hold"].search_count([])
        again = self.ack(text, batch)
        self.assertRecordValues(
            again,
            [{"unchanged_count": 2, "sent_count": 0, "delivered_count": 0, "returned_count": 0, "error_count": 0}],
        )
        self.assertEqual(self.doc(0).delivery_recorded_at, recorded)
        self.assertEqual(len(self.doc(0).message_ids) + len(self.doc(1).message_ids), messages)
        self.assertEqual(self.env["bss.dunning.hold"].search_count([]), holds)
        with self.assertRaises(UserError):
            again.action_import()

    def test_news_come_in_several_files(self):
        batch = self.handed(1)
        self.ack(f"{self.doc(0).id};2026-10-12;0075900;;;\n", batch)
        self.assertEqual(batch.state, "acknowledged")
        later = self.ack(f"{self.doc(0).id};;;2026-10-14;;\n")
        self.assertEqual((later.delivered_count, later.error_count), (1, 0))
        self.assertIn("0075900", self.doc(0).delivery_note, "the number told before")

    def test_bad_lines_are_told_and_the_rest_goes_on(self):
        batch = self.handed()
        unknown = self.doc(1).id + 1000
        made = self.ack(
            f"{unknown};2026-10-12;;;;\n"
            f"abc;2026-10-12;;;;\n"
            f"{self.doc(0).id};2026-10-01;;;;\n"
            f"{self.doc(1).id};2026-10-12;;;;\n",
            batch,
        )
        self.assertEqual(
            [(error.line, error.field) for error in made.error_ids.sorted("line")],
            [(2, "doc_id"), (3, "doc_id"), (4, "sent_date")],
        )
        self.assertTrue(all(error.reason and error.value for error in made.error_ids))
        self.assertEqual((made.sent_count, self.doc(1).state), (1, "sent"))
        self.assertEqual(batch.state, "handed", "one letter is not acknowledged yet")

    def test_a_contradiction_is_an_error(self):
        batch = self.handed(1)
        self.ack(f"{self.doc(0).id};2026-10-12;;2026-10-14;;\n", batch)
        made = self.ack(f"{self.doc(0).id};2026-10-12;;2026-10-15;;\n", batch)
        self.assertEqual((made.error_count, made.error_ids.field), (1, "delivered_date"))
        made = self.ack(f"{self.doc(0).id};2026-10-13;;;;\n", batch)
        self.assertEqual(made.error_ids.field, "sent_date")
        self.assertEqual(self.notices._bss_delivered_on(), date(2026, 10, 14))

    def test_what_a_person_recorded_is_not_overwritten(self):
        batch = self.handed(1)
        self.doc(0)._bss_register_delivery(date(2026, 10, 14), "hand", "podpis na kopii")
        made = self.ack(f"{self.doc(0).id};2026-10-12;;2026-10-15;;\n", batch)
        self.assertEqual((made.error_count, made.error_ids.field), (1, "delivered_date"))
        self.assertEqual(self.ack(f"{self.doc(0).id};;;;moved;2026-10-20\n", batch).error_count, 1)
        self.assertEqual(self.ack(f"{self.doc(0).id};2026-10-12;;2026-10-14;;\n", batch).error_count, 0)
        self.assertRecordValues(
            self.doc(0), [{"state": "delivered", "delivery_proof": "hand", "delivery_note": "podpis na kopii"}]
        )
        self.assertRecordValues(batch.line_ids, [{"state": "delivered", "delivered_on": date(2026, 10, 14)}])

    def test_a_letter_posted_after_its_delivery_is_an_error(self):
        batch = self.handed(2)
        self.doc(0)._bss_register_delivery(date(2026, 10, 14), "receipt", "zwrotka z pomyloną datą")
        self.doc(1)._bss_register_delivery(date(2026, 10, 14), "hand", "podpis na kopii")
        made = self.ack(f"{self.doc(0).id};2026-10-15;;;;\n{self.doc(1).id};2026-10-15;;;;\n", batch)
        self.assertRecordValues(made.error_ids, [{"line": 2, "field": "sent_date", "value": "2026-10-15"}])
        self.assertEqual(made.sent_count, 1, "who got a copy by hand gets the letter all the same")

    def test_an_unknown_address_holds_the_case(self):
        batch = self.handed(1)
        self.ack(f"{self.doc(0).id};2026-10-12;;;wyprowadził się;2026-10-20\n", batch)
        case = self.case_of(self.accounts)
        self.assertEqual((case.state, self.doc(0).state), ("hold", "returned"))
        self.assertEqual(case.active_hold_ids.kind, "address")
        self.assertTrue(case.activity_ids)
        self.assertTrue(self.doc(0).delivery_error)
        self.assertIsNone(self.notices._bss_delivered_on())

    def test_not_collected_is_no_delivery_and_no_hold(self):
        batch = self.handed(1)
        self.ack(f"{self.doc(0).id};2026-10-12;;;unclaimed;2026-10-30\n", batch)
        self.assertEqual(self.case_of(self.accounts).state, "open")
        self.assertEqual((self.doc(0).state, batch.returned_count), ("returned", 1))

    def test_a_refusal_is_a_delivery(self):
        batch = self.handed(1)
        text = f"{self.doc(0).id};2026-10-12;0075;;odmowa;2026-10-14\n"
        self.ack(text, batch)
        self.assertRecordValues(self.doc(0), [{"state": "delivered", "delivery_proof": "refused"}])
        self.assertEqual(self.ack(text, batch).unchanged_count, 1)

    def test_a_plain_letter_proves_nothing(self):
        account = self.postal_debtor()
        self.run_on(DAY)
        batch = self.batch()
        batch.action_hand_over()
        document = self.case_of(account).action_ids.document_id
        made = self.ack(f"{document.id};2026-10-12;;2026-10-14;;\n", batch)
        self.assertEqual(made.error_ids.field, "delivered_date")
        self.assertEqual(document.state, "issued")

    def test_a_batch_that_did_not_leave_is_not_acknowledged(self):
        account = self.postal_debtor()
        self.run_on(DAY)
        self.batch()
        document = self.case_of(account).action_ids.document_id
        made = self.ack(f"{document.id};2026-10-12;;;;\n")
        self.assertEqual((made.error_count, document.state), (1, "issued"))

    def test_facts_are_written_by_the_button_only(self):
        batch = self.handed(1)
        made = self.ack(f"{self.doc(0).id};2026-10-12;;;;\n", batch)
        admin = self.env.ref("base.user_admin")
        with self.assertRaises(AccessError):
            made.with_user(admin).write({"sent_count": 7})
        with self.assertRaises(UserError):
            made.unlink()
