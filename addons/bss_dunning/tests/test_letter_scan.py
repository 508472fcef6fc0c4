"""Returned letters and confirmations recorded by scanning, each outcome of one scan."""

from datetime import date

from odoo.addons.bss_dunning.dunning_core.printing.manifest import barcode
from odoo.tests import freeze_time, tagged

from .scan_common import HANDED, ScanCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-05 10:00:00")
class TestLetterScan(ScanCommon):
    def test_delivery_starts_the_statutory_term(self):
        letter = self.posted_notice()
        case = self.case_of(self.account)
        self.assertEqual(case._bss_gate("restrict", date(2026, 11, 2)).code, "N1_NOT_DELIVERED")
        answer = self.scan(letter.print_barcode, "delivered", "2026-10-14")
        self.assertEqual((answer["status"], answer["letter"]), ("done", letter.name))
        self.assertEqual(answer["addressee"], "Jan Kowalski")
        self.assertRecordValues(letter, [{"state": "delivered", "delivery_proof": "receipt"}])
        self.assertEqual(letter.delivery_user_id, self.clerk)
        self.assertEqual(self.notice._bss_delivered_on(), date(2026, 10, 14))
        self.assertTrue(case._bss_gate("restrict", date(2026, 11, 2)).allowed)
        self.assertRecordValues(letter.print_line_ids, [{"state": "delivered", "delivered_on": date(2026, 10, 14)}])
        self.assertEqual(self.batch_of(letter).state, "acknowledged")

    def test_the_same_again_changes_nothing(self):
        letter = self.posted_notice()
        self.scan(letter.print_barcode, "delivered", "2026-10-14")
        messages, scans = len(letter.message_ids), self.scans.search_count([])
        answer = self.scan(f" {letter.print_barcode.lower()}\r", "delivered", "2026-10-14")
        self.assertEqual(answer["status"], "known")
        self.assertIn(self.words(date(2026, 10, 14)), answer["text"])
        self.assertEqual((len(letter.message_ids), self.scans.search_count([])), (messages, scans))

    def test_a_contradiction_is_refused_with_what_is_recorded(self):
        letter = self.posted_notice()
        self.scan(letter.print_barcode, "delivered", "2026-10-14")
        for mode, day, reason in (
            ("delivered", "2026-10-15", ""),
            ("returned", "2026-10-20", "moved"),
            ("posted", "2026-10-12", ""),
        ):
            with self.subTest(mode=mode, day=day):
                answer = self.scan(letter.print_barcode, mode, day, reason)
                self.assertEqual(answer["status"], "refused")
                self.assertIn(f"delivered on {self.words(date(2026, 10, 14))}", answer["text"])
        self.assertEqual(self.notice._bss_delivered_on(), date(2026, 10, 14))

    def test_a_delivery_recorded_by_its_button_is_not_overwritten(self):
        letter = self.posted_notice()
        letter._bss_register_delivery(date(2026, 10, 13), "hand", "podpis")
        self.assertEqual(self.scan(letter.print_barcode, "delivered", "2026-10-14")["status"], "refused")
        self.assertEqual(self.scan(letter.print_barcode, "delivered", "2026-10-13")["status"], "known")
        self.assertEqual((letter.delivery_proof, letter.delivery_note), ("hand", "podpis"))

    def test_a_file_that_comes_later_says_the_same(self):
        letter = self.posted_notice()
        self.scan(letter.print_barcode, "delivered", "2026-10-14")
        made = self.ack(f"{letter.id};2026-10-12;;2026-10-14;;\n")
        self.assertRecordValues(made, [{"delivered_count": 0, "sent_count": 1, "error_count": 0}])
        self.assertEqual(self.ack(f"{letter.id};;;;moved;2026-10-20\n").error_count, 1)
        self.assertEqual((letter.state, letter.delivery_user_id), ("delivered", self.clerk))

    def test_an_unknown_address_holds_the_case_and_calls_a_collector(self):
        letter = self.posted_notice()
        answer = self.scan(letter.print_barcode, "returned", "2026-10-20", "moved")
        self.assertEqual(answer["status"], "done")
        case = self.case_of(self.account)
        self.assertEqual((letter.state, letter.return_reason, case.state), ("returned", "moved", "hold"))
        self.assertEqual(case.active_hold_ids.kind, "address")
        self.assertEqual(letter.print_line_ids.return_reason, "moved")
        self.assertIn(letter, self.bad_addresses())
        self.assertEqual(case.activity_ids.user_id, self.env.ref("base.user_admin"), "the clerk may not see the case")

    def test_a_collector_of_the_company_is_called(self):
        collector = self.scanner("windykator.adresy", "collector")
        admin, other = self.env.ref("base.user_admin"), self.env["res.company"].create({"name": "Drugi Operator"})
        admin.write({"company_id": other.id, "company_ids": other.ids})
        theirs = self.env.ref("bss_catalog.group_bss_collector").all_user_ids & self.company.user_ids
        letter = self.posted_notice()
        self.scan(letter.print_barcode, "returned", "2026-10-20", "moved")
        called = self.case_of(self.account).activity_ids.user_id
        self.assertIn(collector, theirs)
        self.assertEqual(called, theirs.sorted("id")[0], "the administrator could not open the case")

    def test_not_collected_is_no_delivery_and_no_hold(self):
        letter = self.posted_notice()
        self.scan(letter.print_barcode, "returned", "2026-10-30", "unclaimed")
        self.assertEqual((letter.state, self.case_of(self.account).state), ("returned", "open"))
        self.assertIsNone(self.notice._bss_delivered_on())

    def test_a_refusal_is_a_delivery(self):
        letter = self.posted_notice()
        self.scan(letter.print_barcode, "returned", "2026-10-14", "refused")
        self.assertRecordValues(letter, [{"state": "delivered", "delivery_proof": "refused"}])
        self.assertEqual(self.notice._bss_delivered_on(), date(2026, 10, 14))
        again = self.scan(letter.print_barcode, "returned", "2026-10-14", "refused")
        self.assertEqual(again["status"], "known")

    def test_days_that_cannot_be(self):
        letter = self.posted_notice()
        self.scan(letter.print_barcode, "posted", "2026-10-12", number="00759007731234567890")
        for day in ("2026-11-06", "2026-10-11", "2026-10-01", "", "13.10.2026"):
            with self.subTest(day=day):
                self.assertEqual(self.scan(letter.print_barcode, "delivered", day)["status"], "refused")
        self.assertEqual(letter.state, "sent")

    def test_codes_that_lead_nowhere(self):
        letter = self.posted_notice()
        misread = letter.print_barcode[:-1] + str((int(letter.print_barcode[-1]) + 1) % 10)
        for code, words in (
            ("", "Nothing"),
            (misread, "misread"),
            (barcode(2**31 - 9), "No letter"),
            ("X1", "No letter"),
        ):
            answer = self.scan(code, "delivered", "2026-10-14")
            self.assertEqual((answer["status"], answer["letter"]), ("refused", ""))
            self.assertIn(words, answer["text"])
        self.assertEqual(self.scan(letter.print_barcode, "returned", "2026-10-14")["status"], "refused", "no reason")
        self.assertEqual(self.scan(letter.print_barcode, "burnt", "2026-10-14")["status"], "refused", "no mode")
        self.assertEqual(letter.state, "issued")

    def test_a_plain_letter_proves_nothing_but_may_come_back(self):
        letter = self.posted_notice(franking="plain")
        self.assertEqual(self.scan(letter.print_barcode, "delivered", "2026-10-14")["status"], "refused")
        self.assertEqual(self.scan(letter.print_barcode, "returned", "2026-10-14", "unknown")["status"], "done")
        self.assertEqual(letter.state, "returned")

    def test_a_batch_that_did_not_leave(self):
        letter = self.posted_notice(handed=False)
        answer = self.scan(letter.print_barcode, "delivered", "2026-10-14")
        self.assertEqual(answer["status"], "refused")
        self.assertIn(self.batch_of(letter).name, answer["text"])
        self.batch_of(letter).action_hand_over()
        letter.print_line_ids.state = "left_out"
        self.assertEqual(self.scan(letter.print_barcode, "delivered", "2026-10-14")["status"], "refused")

    def test_a_letter_printed_without_a_barcode_is_found_by_that_of_the_manifest(self):
        letter = self.posted_notice(own_barcode=False)
        self.assertFalse(letter.print_barcode)
        answer = self.scan(barcode(letter.id), "delivered", "2026-10-14")
        self.assertEqual((answer["status"], letter.state), ("done", "delivered"))

    # Letters of no batch, posted at the counter

    def test_a_letter_of_no_batch_is_posted_first(self):
        letter = self.loose_notice()
        answer = self.scan(letter.print_barcode, "delivered", "2026-10-14")
        self.assertEqual((answer["status"], letter.state), ("refused", "issued"))
        answer = self.scan(letter.print_barcode, "posted", "2026-10-12")
        self.assertEqual((answer["status"], letter.state), ("number", "issued"))
        self.assertEqual(self.scan(letter.print_barcode, "posted", "2026-10-12", number="")["status"], "refused")
        for number in (letter.print_barcode, "x"):
            wrong = self.scan(letter.print_barcode, "posted", "2026-10-12", number=number)
            self.assertEqual(wrong["status"], "refused", number)
        answer = self.scan(letter.print_barcode, "posted", "2026-10-12", number="(00) 7590 0773")
        self.assertEqual((answer["status"], letter.state, letter.tracking_no), ("done", "sent", "0075900773"))
        again = self.scan(letter.print_barcode, "posted", "2026-10-12")
        self.assertEqual(again["status"], "known")

    def test_a_letter_of_unknown_franking_may_have_no_number(self):
        letter = self.loose_notice()
        letter.print_franking = False
        answer = self.scan(letter.print_barcode, "posted", "2026-10-12")
        self.assertEqual((answer["status"], answer["optional"]), ("number", True))
        answer = self.scan(letter.print_barcode, "posted", "2026-10-12", number="")
        self.assertEqual((answer["status"], letter.state, letter.tracking_no), ("done", "sent", False))
        self.assertEqual(self.scan(letter.print_barcode, "delivered", "2026-10-14")["status"], "refused", "no proof")
        late = self.scan(letter.print_barcode, "posted", "2026-10-12", number="0075900773")
        self.assertEqual((late["status"], letter.tracking_no), ("done", "0075900773"))
        self.assertEqual(self.scan(letter.print_barcode, "delivered", "2026-10-14")["status"], "done")
        self.assertEqual(letter.delivery_proof, "other")

    def test_delivery_of_a_letter_of_no_batch_starts_the_term(self):
        letter = self.loose_notice()
        self.scan(letter.print_barcode, "posted", "2026-10-12", number="0075900773")
        self.assertEqual(self.scan(letter.print_barcode, "delivered", "2026-10-11")["status"], "refused")
        self.assertEqual(self.scan("00 75900773", "delivered", "2026-10-14")["status"], "done", "by the post's number")
        self.assertEqual(self.notice._bss_delivered_on(), date(2026, 10, 14))
        self.assertIn("0075900773", letter.delivery_note)
        self.assertEqual(self.scan(letter.print_barcode, "delivered", "2026-10-14")["status"], "known")
        self.assertEqual(self.scan(letter.print_barcode, "returned", "2026-10-14", "moved")["status"], "refused")

    def test_a_letter_of_no_batch_comes_back(self):
        letter = self.loose_notice()
        letter.action_mark_sent()
        self.assertEqual(self.scan(letter.name, "returned", "2026-11-05", "unknown")["status"], "done", "by its number")
        self.assertEqual((letter.return_reason, self.case_of(self.account).state), ("unknown", "hold"))
        self.assertEqual(self.scan(letter.name, "returned", "2026-11-05", "unknown")["status"], "known")

    def test_a_return_without_a_reason_takes_one(self):
        letter = self.loose_notice()
        letter.action_mark_sent()
        letter.action_mark_returned()
        self.assertEqual(self.scan(letter.print_barcode, "delivered", "2026-11-05")["status"], "refused")
        self.assertEqual(self.scan(letter.print_barcode, "returned", "2026-11-05", "moved")["status"], "done")
        self.assertEqual(self.case_of(self.account).state, "hold")

    def test_a_posting_number_is_one_letters(self):
        first, second = self.loose_notice(), self.loose_notice("Anna Nowak")
        self.scan(first.print_barcode, "posted", "2026-10-12", number="0075900773")
        answer = self.scan(second.print_barcode, "posted", "2026-10-12", number="0075900773")
        self.assertEqual((answer["status"], second.state), ("refused", "issued"))
        self.assertIn(first.name, answer["text"])
        other = self.scan(first.print_barcode, "posted", "2026-10-12", number="0075900774")
        self.assertEqual((other["status"], first.tracking_no), ("refused", "0075900773"))

    def test_a_letter_by_email_was_not_posted(self):
        letter = self.loose_notice()
        letter.channel = "email"
        self.assertEqual(self.scan(letter.print_barcode, "delivered", HANDED)["status"], "refused")
