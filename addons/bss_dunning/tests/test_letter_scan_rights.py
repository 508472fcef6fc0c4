"""Who may scan letters, what a clerk learns by it, and undoing."""

from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .scan_common import ScanCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-05 10:00:00")
class TestLetterScanRights(ScanCommon):
    def test_clerks_collectors_and_managers_scan(self):
        for number, role in enumerate(("clerk", "collector", "billing_manager", "admin")):
            user = self.scanner(f"skaner.{role}", role)
            letter = self.loose_notice(f"Klient {number}")
            answer = self.scan(letter.print_barcode, "posted", "2026-10-12", number=f"007590077{number}", user=user)
            with self.subTest(role=role):
                self.assertEqual((answer["status"], letter.state), ("done", "sent"))
                self.assertEqual(self.desk(user).get_screen()["scans"][0]["letter"], letter.name)

    def test_viewers_and_portal_users_do_not(self):
        letter = self.posted_notice()
        for role in ("viewer", "portal"):
            user = self.scanner(f"skaner.{role}", role)
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    self.desk(user).get_screen()
                with self.assertRaises(AccessError):
                    self.scan(letter.print_barcode, "delivered", "2026-10-14", user=user)
                with self.assertRaises(AccessError):
                    self.desk(user).undo_last(1)
        self.assertEqual(letter.state, "issued")

    def test_the_menu_is_theirs(self):
        screen, journal = (self.env.ref(f"bss_dunning.menu_bss_dunning_{name}").id for name in ("scan_screen", "scan"))
        for role, sees in (("viewer", set()), ("clerk", {screen}), ("collector", {screen, journal})):
            user = self.scanner(f"skaner.{role}", role)
            visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            with self.subTest(role=role):
                self.assertEqual({screen, journal} & set(visible), sees)

    def test_a_clerk_learns_no_more_than_the_envelope_says(self):
        letter = self.posted_notice()
        answer = self.scan(letter.print_barcode, "delivered", "2026-10-14")
        self.assertLessEqual(set(answer), {"status", "letter", "addressee", "text", "id", "mode"})
        self.assertEqual(self.env["bss.document"].with_user(self.clerk).search_count([("id", "=", letter.id)]), 0)
        for name in ("bss.dunning.scan", "bss.dunning.case", "bss.dunning.print.line"):
            with self.assertRaises(AccessError):
                self.env[name].with_user(self.clerk).search([])

    def test_letters_of_another_company_are_unknown(self):
        letter = self.posted_notice()
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        stranger = self.scanner("skaner.obcy", "collector", other)
        for code in (letter.print_barcode, letter.name):
            answer = self.scan(code, "delivered", "2026-10-14", user=stranger)
            self.assertEqual((answer["status"], answer["letter"], answer["addressee"]), ("refused", "", ""))
            self.assertNotIn("Kowalski", answer["text"])
        forged = self.env(user=stranger, context={"allowed_company_ids": self.company.ids})["bss.dunning.scan"]
        with self.assertRaises(AccessError):
            forged.record_letter(letter.print_barcode, "delivered", "2026-10-14")
        with self.assertRaises(AccessError):
            forged.get_screen()
        self.assertEqual(letter.state, "issued")
        self.scan(letter.print_barcode, "delivered", "2026-10-14")
        self.assertFalse(self.desk(stranger).search([]))

    def test_nothing_is_smuggled_in_by_the_context(self):
        forged = self.desk().with_context(bss_as_of="2020-01-01", default_note="podrzucone", tracking_disable=True)
        self.assertEqual(
            dict(forged._bss_scanner().env.context), {"lang": "en_US", "allowed_company_ids": self.company.ids}
        )

    def test_what_was_scanned_is_not_written_by_hand(self):
        letter = self.posted_notice()
        answer = self.scan(letter.print_barcode, "returned", "2026-10-14", "moved")
        collector = self.scanner("skaner.windykator", "collector")
        journal = self.scans.with_user(collector).browse(answer["id"])
        self.assertEqual(journal.return_reason, "moved", "collectors read who scanned what")
        with self.assertRaises(AccessError):
            journal.write({"undone_at": False})
        with self.assertRaises(UserError):
            letter.with_user(collector).write({"return_reason": "other"})
        with self.assertRaises(UserError):
            letter.with_user(collector).write({"tracking_no": "1"})

    # Undoing

    def test_undoing_a_delivery_ends_the_term(self):
        letter = self.posted_notice()
        batch = self.batch_of(letter)
        answer = self.scan(letter.print_barcode, "delivered", "2026-10-14")
        self.assertEqual(batch.state, "acknowledged")
        undone = self.undo(answer)
        self.assertEqual((undone["status"], undone["id"]), ("undone", answer["id"]))
        self.assertRecordValues(
            letter,
            [{"state": "issued", "delivered_at": False, "delivery_proof": False, "delivery_user_id": False}],
        )
        self.assertRecordValues(letter.print_line_ids, [{"state": "ready", "delivered_on": False}])
        self.assertEqual(batch.state, "handed")
        gate = self.case_of(self.account)._bss_gate("restrict", date(2026, 11, 2))
        self.assertEqual(gate.code, "N1_NOT_DELIVERED")
        self.assertIn(
            self.words(date(2026, 10, 14)), letter.message_ids[0].body, "that it was recorded and undone stays"
        )
        self.assertFalse(self.desk().get_screen()["scans"])
        self.assertEqual(self.scan(letter.print_barcode, "returned", "2026-10-20", "moved")["status"], "done")

    def test_undoing_a_return_lets_the_case_go_on(self):
        letter = self.loose_notice()
        self.scan(letter.print_barcode, "posted", "2026-10-12", number="0075900773")
        answer = self.scan(letter.print_barcode, "returned", "2026-10-20", "moved")
        case = self.case_of(self.account)
        self.assertTrue(case.activity_ids)
        self.assertEqual(self.undo(answer)["status"], "undone")
        self.assertEqual((letter.state, letter.return_reason, letter.delivery_error), ("sent", False, False))
        self.assertEqual((case.state, case.active_hold_ids.ids, case.activity_ids.ids), ("open", [], []))
        self.assertEqual(letter.tracking_no, "0075900773", "the scan before stands")

    def test_scans_are_undone_one_after_the_other(self):
        first, second = self.loose_notice(), self.loose_notice("Anna Nowak")
        one = self.scan(first.print_barcode, "posted", "2026-10-12", number="0075900773")
        two = self.scan(second.print_barcode, "posted", "2026-10-12", number="0075900774")
        self.assertEqual(self.undo(one)["status"], "refused")
        self.assertEqual(self.undo(two)["status"], "undone")
        self.assertEqual(self.undo(two)["status"], "refused", "it is undone already")
        self.assertEqual(self.undo(one)["status"], "undone")
        self.assertEqual((first.state, second.state, first.tracking_no), ("issued", "issued", False))

    def test_a_scan_of_somebody_else_or_of_another_day_stands(self):
        letter = self.posted_notice()
        answer = self.scan(letter.print_barcode, "delivered", "2026-10-14")
        self.assertEqual(self.undo(answer, self.scanner("skaner.inny", "clerk"))["status"], "refused")
        with freeze_time("2026-11-06 10:00:00"):
            self.assertEqual(self.undo(answer)["status"], "refused")
        self.assertEqual(letter.state, "delivered")

    def test_what_went_on_since_is_not_undone(self):
        letter = self.posted_notice()
        answer = self.scan(letter.print_barcode, "delivered", "2026-10-14")
        step = self.case_of(self.account).action_ids.filtered(lambda action: action.state == "done")[:1]
        later = step.copy({"step_id": False, "document_id": False, "state": "done"})
        self.assertEqual(self.undo(answer)["status"], "refused")
        later.unlink()
        letter._bss_register_delivery(date(2026, 10, 15), "hand", "podpis")
        self.assertEqual(self.undo(answer)["status"], "refused")
        self.assertEqual(letter.delivery_proof, "hand")

    def test_a_hold_that_replaced_another_is_not_undone(self):
        letter = self.posted_notice()
        case = self.case_of(self.account)
        case._bss_hold(date(2026, 11, 5) + timedelta(days=9), "adres z rozmowy", kind="address")
        answer = self.scan(letter.print_barcode, "returned", "2026-10-20", "moved")
        self.assertEqual(self.undo(answer)["status"], "refused")
        self.assertEqual((letter.state, len(case.active_hold_ids)), ("returned", 1))
