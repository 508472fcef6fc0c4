import hashlib
import io
from unittest.mock import patch

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from pypdf import PdfReader, PdfWriter

from ..models import bss_dunning_print_part as part
from .letter_common import DAY, LetterCommon

#: what one more letter of a batch may ask of the database: its savepoint, file, document, action and history
QUERIES_PER_LETTER = 9


@tagged("post_install", "-at_install")
@freeze_time("2026-10-08 10:00:00")
class TestLetterMass(LetterCommon):
    """Letters to many: what they have in common is read once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.letters = cls.env["bss.dunning.letter"]

    def debtors(self, count):
        accounts = self.env["bss.account"]
        for number in range(count):
            accounts |= self.postal_debtor(f"Dłużnik {number}", amount=100 + number)
        return accounts

    def cost(self, work):
        """Queries of a piece of work that begins with nothing in memory."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_a_letter_by_hand_to_many_asks_little_for_each(self):
        few, many = self.debtors(3), self.debtors(13)
        self.write_letter(self.debtors(1)).action_send()  # fills the caches of the registry
        costs = [self.cost(self.write_letter(accounts).action_send) for accounts in (few, many)]
        self.assertEqual(len(many.dunning_case_ids.action_ids.filtered("document_id")), 13)
        self.assertLessEqual((costs[1] - costs[0]) / 10, QUERIES_PER_LETTER, costs)

    def test_letters_of_a_batch_count_as_contacts_of_each_other(self):
        first = self.postal_debtor()
        second = self.env["bss.account"].create({"partner_id": first.partner_id.id, "company_id": self.company.id})
        self.make_invoice(second, 50.0)
        self.company.write({"bss_contact_week": 1, "bss_contact_letters": True})
        told = self.write_letter(first | second).action_send()
        self.assertIn("1 letter", told["params"]["message"])
        self.assertIn("at most 1 contacts in seven days", told["params"]["message"])

    def test_barcodes_taken_by_blocks_are_each_letters_own(self):
        accounts = self.debtors(25)
        self.write_letter(accounts).with_context(queue_job__no_delay=True).action_send()
        codes = accounts.dunning_case_ids.action_ids.document_id.mapped("print_barcode")
        self.assertEqual((len(codes), len(set(codes)), all(codes)), (25, 25, True))

    def test_steps_of_the_night_ask_little_for_each_letter(self):
        few, many = self.debtors(3), self.debtors(13)
        costs = []
        run = self.env["bss.dunning.run"].create({"as_of": DAY})
        actions = run._bss_prepare()
        for accounts in (few, many):
            own = actions.filtered(lambda action, accounts=accounts: action.account_id in accounts)
            costs.append(self.cost(lambda own=own: own._bss_execute(DAY)))
            self.assertEqual(set(own.mapped("state")), {"done"})
        self.assertLessEqual((costs[1] - costs[0]) / 10, QUERIES_PER_LETTER, costs)

    def test_what_another_program_wrote_is_printed_or_told(self):
        """A letter of pages that inherit their size, as other libraries write them, and one that is no PDF at all."""
        ours, foreign, broken = self.debtors(3)
        self.run_on(DAY)
        writer, file = PdfWriter(), io.BytesIO()
        writer.add_blank_page(width=595, height=842)
        writer.add_blank_page(width=595, height=842)
        writer.write(file)
        compressed = (
            file.getvalue().replace(b"/MediaBox", b"/XediaBox").replace(b"/Count", b"/MediaBox [0 0 595 842] /Count")
        )
        for account, content in ((foreign, compressed), (broken, b"not a PDF")):
            document = self.case_of(account).action_ids.document_id
            attachment = document.attachment_id.with_context(bss_archiving=True).sudo()
            attachment.raw = content
            self.env.cr.execute(
                "UPDATE bss_document SET sha256 = %s WHERE id = %s", (hashlib.sha256(content).hexdigest(), document.id)
            )
        self.env.invalidate_all()
        with mute_logger("PyPDF2._reader"):  # it complains of both before it reads one
            batch = self.batch()
        lines = {line.account_id: line for line in batch.line_ids}
        self.assertEqual((batch.stage, batch.letter_count, batch.page_count), ("built", 2, 3))
        self.assertEqual((lines[ours].pages, lines[foreign].pages), (1, 2))
        self.assertEqual(lines[broken].state, "left_out")
        self.assertIn("not a readable PDF", lines[broken].problem)
        self.assertEqual(lines[broken].document_id.delivery_error, lines[broken].problem)

    def test_files_are_built_block_by_block(self):
        accounts = self.debtors(5)
        self.run_on(DAY)
        with patch.object(part, "BLOCK", 2):
            batch = self.batch()
        self.assertEqual((batch.letter_count, batch.page_count), (5, 5))
        pages = PdfReader(io.BytesIO(batch.part_ids.attachment_id.raw)).pages
        for line in batch.line_ids:
            self.assertIn(line.account_id.partner_id.name, pages[line.page_from - 1].extract_text())
        self.assertEqual(batch.line_ids.account_id, accounts)
