import csv
import hashlib
import io
from ast import literal_eval
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

from odoo.addons.bss_dunning.dunning_core.printing.manifest import NAMESPACE, barcode
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval
from pypdf import PdfReader

from .letter_common import DAY, LetterCommon


@tagged("post_install", "-at_install")
class TestPrintBatch(LetterCommon):
    """Letters on their way to the print house."""

    def waiting(self, count=3):
        accounts = self.env["bss.account"]
        for number in range(count):
            accounts |= self.postal_debtor(f"Klient {number}", amount=100 + number)
        self.run_on(DAY)
        return accounts

    def rows_of(self, batch):
        text = batch.manifest_csv_id.raw.decode()
        return list(csv.DictReader(io.StringIO(text), delimiter=";"))

    def test_files_and_manifest_hold_every_letter(self):
        accounts = self.waiting()
        self.company.bss_print_part_size = 2
        batch = self.batch()
        self.assertEqual((batch.stage, batch.letter_count, len(batch.part_ids)), ("built", 3, 2))
        *rows, total = self.rows_of(batch)
        documents = self.case_of(accounts[0]).action_ids.document_id
        documents = self.env["bss.document"].search([("id", "in", [int(row["doc_id"]) for row in rows])], order="id")
        self.assertEqual(documents.account_id.sorted("id"), accounts.sorted("id"))
        self.assertEqual([row["sha256"] for row in rows], documents.mapped("sha256"))
        self.assertEqual([row["barcode"] for row in rows], documents.mapped("print_barcode"))
        self.assertEqual(len(set(documents.mapped("print_barcode"))), 3)
        self.assertEqual({(row["street"], row["post_code"]) for row in rows}, {("ul. Lipowa 1", rows[0]["post_code"])})
        self.assertEqual(
            (total["number"], total["pages"], total["sheets"], total["postage"]),
            ("3", str(batch.page_count), str(batch.sheet_count), "14.70"),
        )
        self.assertEqual(Decimal(str(batch.postage)), Decimal("14.7"))
        for part in batch.part_ids:
            content = part.attachment_id.raw
            self.assertEqual(hashlib.sha256(content).hexdigest(), part.sha256)
            self.assertEqual(len(PdfReader(io.BytesIO(content)).pages), part.page_count)
            mine = [row for row in rows if row["file"] == part.attachment_id.name]
            self.assertEqual(sum(int(row["pages"]) for row in mine), part.page_count)
            for row in mine:
                page = PdfReader(io.BytesIO(content)).pages[int(row["page_from"]) - 1].extract_text()
                self.assertIn(row["number"], page)
                self.assertIn(row["barcode"], page, "what the manifest says stands on the letter")

    def test_letters_printed_without_a_barcode_are_known_by_their_number(self):
        self.waiting(1)
        document = self.env["bss.document"].search([("print_barcode", "!=", False)], order="id desc", limit=1)
        document.print_barcode = False
        (row, _total) = self.rows_of(self.batch())
        self.assertEqual(row["barcode"], barcode(document.id))

    def test_an_empty_batch_is_not_handed_over(self):
        batch = self.batch()
        self.assertEqual((batch.stage, batch.letter_count), ("built", 0))
        form = ElementTree.fromstring(batch.get_view(view_type="form")["arch"])
        (button,) = form.findall(".//button[@name='action_hand_over']")
        hidden = button.get("invisible")
        values = {"state": batch.state, "stage": batch.stage, "letter_count": batch.letter_count}
        self.assertTrue(safe_eval(hidden, dict(values)))
        self.assertFalse(safe_eval(hidden, {**values, "letter_count": 1}))
        with self.assertRaises(UserError):
            batch.action_hand_over()

    def test_xml_says_the_same_as_csv(self):
        self.waiting()
        batch = self.batch()
        tree = ElementTree.fromstring(batch.manifest_xml_id.raw)
        *rows, _total = self.rows_of(batch)
        letters = tree.findall(f".//{{{NAMESPACE}}}letter")
        self.assertEqual([one.get("doc_id") for one in letters], [row["doc_id"] for row in rows])
        self.assertEqual(tree.find(f"{{{NAMESPACE}}}totals").get("letters"), "3")
        self.assertEqual(tree.find(f".//{{{NAMESPACE}}}file").get("sha256"), batch.part_ids.sha256)

    def test_a_letter_goes_to_one_batch_only(self):
        self.waiting()
        first, second = self.batch(), self.batch()
        self.assertEqual((first.letter_count, second.letter_count), (3, 0))
        with self.assertRaises(UserError):
            second.action_hand_over()
        first.unlink()
        self.assertEqual(self.batch().letter_count, 3, "a discarded batch lets its letters go")

    def test_an_interrupted_build_goes_on(self):
        self.waiting()
        self.company.bss_print_part_size = 1
        batch = self.env["bss.dunning.print.batch"].create({"contents": "dunning"})
        batch.sudo()._bss_gather()
        batch.part_ids[0]._bss_build()
        kept = batch.part_ids[0].attachment_id
        batch.sudo()._bss_finish()
        self.assertEqual(batch.stage, "failed")
        batch._bss_build()
        self.assertEqual((batch.stage, batch.letter_count, len(batch.part_ids)), ("built", 3, 3))
        self.assertEqual(batch.part_ids[0].attachment_id, kept, "what was built stays")

    def test_bad_addresses_stay_out_with_their_reason(self):
        accounts = self.waiting(2)
        bad = self.postal_debtor("Zły Kod", partner={"zip": "00001"})
        self.run_on(DAY)
        batch = self.batch()
        self.assertEqual((batch.letter_count, batch.problem_count), (2, 1))
        document = self.case_of(bad).action_ids.document_id
        self.assertIn("post code", document.delivery_error)
        domain = literal_eval(self.env.ref("bss_dunning.bss_document_bad_address_action").domain)
        listed = self.env["bss.document"].search(domain)
        self.assertIn(document, listed)
        self.assertFalse(self.case_of(accounts[0]).action_ids.document_id.delivery_error)
        bad.partner_id.zip = "00-001"
        document.action_return_to_print()
        again = self.case_of(bad).action_ids.document_id
        self.assertNotEqual(again, document, "a letter is frozen with its address: it is issued anew")
        self.assertEqual((document.channel, again.channel), ("none", "post"))
        self.assertEqual(self.batch().line_ids.document_id, again)

    def test_a_notice_is_posted_as_its_step_says(self):
        account = self.postal_debtor(due=date(2026, 8, 3))
        self.run_on(DAY)
        step = self.env.ref("bss_dunning.step_household_n1")
        action = self.Action._bss_write_letter(
            self.case_of(account), step._bss_letter_text("consumer", self.company), "letter", DAY, 7
        )
        action._bss_send_letter("letter", DAY)
        batch = self.batch()
        frankings = dict(batch.line_ids.mapped(lambda line: (line.document_id, line.franking)))
        self.assertEqual(frankings[action.document_id], "receipt")
        self.assertEqual(sum(frankings[one] == "plain" for one in frankings), 1)
        self.assertAlmostEqual(batch.postage, 13.7 + 4.9)

    def test_a_letter_without_a_price_is_printed_all_the_same(self):
        self.waiting(1)
        self.env["bss.dunning.postage"].search([("franking", "=", "plain")]).unlink()
        batch = self.batch()
        self.assertEqual((batch.stage, batch.letter_count, batch.unpriced_count, batch.postage), ("built", 1, 1, 0))

    def test_postage_becomes_the_cost_of_the_action_once(self):
        (account,) = self.waiting(1)
        action = self.case_of(account).action_ids
        self.assertAlmostEqual(action.cost, 4.9)
        self.batch()
        action.invalidate_recordset()
        self.assertAlmostEqual(action.cost, 4.9, msg="the same price is not added twice")

    def test_a_letter_without_a_price_is_posted_all_the_same(self):
        (account,) = self.waiting(1)
        cost = self.case_of(account).action_ids.cost
        self.env["bss.dunning.postage"].search([("company_id", "=", self.company.id)]).unlink()
        batch = self.batch()
        self.assertEqual((batch.stage, batch.letter_count, batch.unpriced_count, batch.postage), ("built", 1, 1, 0.0))
        self.assertEqual(self.case_of(account).action_ids.cost, cost)

    def test_letters_of_other_addons_by_choice(self):
        account = self.make_subscriber("Anna Nowak")
        pdf = self.waiting(1) and self.env["bss.document"].search([("channel", "=", "post")], limit=1)._bss_content()
        other = self.env["bss.document"]._bss_archive("other", "OS/1", pdf, account, account, "post")
        self.assertNotIn(other, self.batch().line_ids.document_id)
        batch = self.batch(contents="letters")
        self.assertEqual(batch.line_ids.document_id, other)
        self.assertEqual(batch.line_ids.street, account.partner_id.street)
        self.assertEqual(batch.line_ids.pages, 1)

    def test_a_changed_file_is_left_out(self):
        accounts = self.waiting(2)
        document = self.case_of(accounts[0]).action_ids.document_id
        batch = self.env["bss.dunning.print.batch"].create({"contents": "dunning"})
        batch.sudo()._bss_gather()
        self.env.cr.execute("UPDATE bss_document SET sha256 = 'x' WHERE id = %s", [document.id])
        self.env.invalidate_all()
        batch._bss_build()
        self.assertEqual((batch.stage, batch.letter_count), ("built", 1))
        self.assertTrue(document.delivery_error)
        self.assertEqual(batch.line_ids.filtered(lambda line: line.document_id == document).state, "left_out")

    def test_rights(self):
        self.waiting(1)
        other = self.env["res.company"].create({"name": "Drugi Operator"})

        def user(login, group, company):
            return new_test_user(
                self.env,
                login,
                groups=f"base.group_user,{group}",
                company_id=company.id,
                company_ids=company.ids,
                context={"no_reset_password": True},
            )

        collector = user("windykator", "bss_catalog.group_bss_collector", self.company)
        viewer = user("podglad", "bss_catalog.group_bss_viewer", self.company)
        stranger = user("obcy", "bss_catalog.group_bss_collector", other)
        batches = self.env["bss.dunning.print.batch"]
        batch = batches.with_user(collector).create({"contents": "dunning"})
        batch._bss_build()
        self.assertEqual(batch.letter_count, 1)
        for vals in ({"state": "handed"}, {"letter_count": 5}, {"contents": "all"}):
            with self.assertRaises(AccessError):
                batch.write(vals)
        with self.assertRaises(AccessError):
            batches.with_user(collector).create({"state": "handed"})
        with self.assertRaises(AccessError):
            batch.with_user(viewer).action_hand_over()
        with self.assertRaises(AccessError):
            self.env["bss.dunning.print.ack"].with_user(viewer).create({"file": "eA=="})
        with self.assertRaises(AccessError):
            batch.line_ids.with_user(collector).write({"state": "sent"})
        theirs = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        for model in (
            "bss.dunning.print.batch",
            "bss.dunning.print.line",
            "bss.dunning.print.part",
            "bss.dunning.postage",
        ):
            self.assertFalse(theirs[model].search([]), model)
        empty = theirs["bss.dunning.print.batch"].create({"contents": "all"})
        empty._bss_build()
        self.assertEqual((empty.company_id, empty.letter_count), (other, 0))
        batch.action_hand_over()
        with self.assertRaises(UserError):
            batch.unlink()
