"""Mass printing of invoices: content frozen for all at once, PDFs of a bill run, the QWeb template."""

import hashlib
import io
import re
from collections import Counter
from datetime import date
from unittest.mock import patch

from odoo.addons.bss_contracts.tests.common import ContractsCommon
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import UserError
from odoo.tests import tagged
from pypdf import PdfReader

NRB = "61109010140000071219812874"


def words_of(pdf):
    """How often each word and number is on the pages, whatever its place and case."""
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return Counter(re.findall(r"[\w,.–@−%/-]+", text.replace("\u00a0", " ").upper()))


@tagged("post_install", "-at_install")
class TestDocumentEngine(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.bank_ids.unlink()
        cls.env["res.partner.bank"].create(
            {"acc_number": NRB, "partner_id": cls.company.partner_id.id, "company_id": cls.company.id}
        )
        cls.mobile = cls.make_offering("T-MOB", 30.0, service="mobile")
        for number in range(3):
            cls.make_subscriber(
                f"Klient {number}", products=[cls.fibre, cls.mobile][: number + 1], charged_through=date(2026, 10, 31)
            )
        cls.run_ = cls.bill()
        cls.moves = cls.env["account.move"].search([("bss_bill_run_id", "=", cls.run_.id)], order="id")
        cls.move = cls.moves[-1]

    def pay(self, account, amount, day=date(2026, 10, 20)):
        """A payment that no invoice took."""
        receivable = account.partner_id.property_account_receivable_id
        other = self.env["account.account"].search(
            [("account_type", "=", "asset_current"), ("company_ids", "in", self.company.id)], limit=1
        )
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "journal_id": self.env["account.journal"]
                .search([("type", "=", "general"), ("company_id", "=", self.company.id)], limit=1)
                .id,
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "account_id": receivable.id,
                            "partner_id": account.partner_id.id,
                            "credit": amount,
                            "bss_account_id": account.id,
                        },
                    ),
                    (0, 0, {"account_id": other.id, "debit": amount}),
                ],
            }
        )
        entry.action_post()
        entry.line_ids.filtered(lambda line: line.account_id == receivable).bss_account_id = account
        return entry

    # --- content

    def test_statements_do_not_grow_with_the_number_of_invoices(self):
        self.moves._bss_freeze_document()

        def statements(moves):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            moves._bss_freeze_document()
            return self.env.cr.sql_log_count - before

        self.assertEqual(statements(self.moves), statements(self.moves[0]))
        self.assertLessEqual(statements(self.moves), 16)

    def test_many_say_the_same_as_one_by_one(self):
        note = self.move._reverse_moves([{"invoice_date": date(2026, 11, 21), "ref": "Awaria"}])
        note.action_post()
        foreign = self.moves[0]
        foreign.partner_id.write({"country_id": self.env.ref("base.de").id, "lang": "en_US"})
        contact = self.env["res.partner"].create(
            {"name": "Dział Zakupów", "parent_id": self.moves[1].partner_id.id, "street": "Inna 5"}
        )
        self.moves[1].sudo().partner_shipping_id = contact
        together = (self.moves | note)._bss_invoice_documents()
        for move in self.moves | note:
            self.assertEqual(together[move.id], move._bss_invoice_document_data())
        self.assertEqual(together[foreign.id]["lang"], "en")
        self.assertEqual(together[foreign.id]["buyer"]["country"], "Germany")
        self.assertEqual(together[note.id]["corrected"]["reason"], "Awaria")

    def test_odoo_does_not_call_our_invoice_a_proforma(self):
        """Its portal page does so while it has printed no PDF itself."""
        reports = self.env["ir.actions.report"].with_context(proforma_invoice=True, lang="en_US")
        page = reports._render_qweb_html("account.account_invoices", self.move.ids)[0].decode()
        self.assertIn(self.move.name, page)
        self.assertNotIn("proforma", page.lower())

    def test_hook_of_the_mass_run_freezes_only_what_is_not_frozen(self):
        first, second = self.moves[:2]
        self.env.cr.execute("UPDATE account_move SET bss_document_data = NULL WHERE id = %s", (first.id,))
        self.moves.invalidate_recordset()
        kept = second.sudo().bss_document_data
        self.env["res.partner"].browse(second.partner_id.id).name = "Inna Nazwa"
        (first | second)._bss_bulk_after_post()
        self.assertEqual(first.sudo().bss_document_data["number"], first.name)
        self.assertEqual(second.sudo().bss_document_data, kept)

    def test_overpayment_and_arrears_on_the_day_of_issue(self):
        account = self.move.bss_account_id
        self.assertEqual(self.move._bss_invoice_document_data()["balance"], [])
        self.pay(account, 20.0)
        data = self.move._bss_invoice_document_data()
        self.assertEqual([row[1].replace("\u00a0", " ") for row in data["balance"]][1], "−20,00 zł")
        self.assertNotEqual(data["totals"]["due"].split("\u00a0")[0], data["totals"]["gross"])
        later = self.move.copy({"invoice_date": "2026-12-01"})
        later.action_post()
        data = later.sudo().bss_document_data
        arrears = sum(self.move.mapped("amount_residual")) - 20.0
        self.assertIn(f"{arrears:.2f}".replace(".", ","), data["balance"][1][1].replace("\u00a0", ""))
        self.assertEqual([row["label"] for row in data["history"]], ["11.2026", "12.2026"])

    def test_message_of_the_company_is_kept_from_the_issue_on(self):
        self.company.bss_invoice_message = "Nowe ceny od maja."
        self.move._bss_freeze_document()
        self.company.bss_invoice_message = "Coś innego."
        self.assertIn("MAJA.", words_of(self.move._bss_invoice_pdf()))

    # --- documents of a run

    def test_documents_of_a_run_are_prepared_once(self):
        run = self.run_
        self.assertEqual((run.document_total, run.document_count, run.document_state), (3, 0, "none"))
        self.moves[0]._bss_archive_invoices()
        run.invalidate_recordset()
        self.assertEqual(run.document_state, "partial")
        with trap_jobs() as trap:
            run.action_prepare_documents()
            trap.assert_jobs_count(1)
            trap.perform_enqueued_jobs()
        run.invalidate_recordset()
        self.assertEqual((run.document_count, run.document_progress, run.document_state), (3, 100.0, "ready"))
        with trap_jobs() as trap:
            run.action_prepare_documents()
            trap.assert_jobs_count(0)
        self.assertEqual(run._bss_prepare_batch(self.moves.ids), 3)
        documents = self.env["bss.document"].search(
            [("res_model", "=", "account.move"), ("res_id", "in", self.moves.ids)]
        )
        self.assertEqual(len(documents), 3)
        for document in documents:
            content = document.attachment_id.raw
            self.assertEqual(document.sha256, hashlib.sha256(content).hexdigest())
            self.assertEqual(
                (document.attachment_id.res_model, document.attachment_id.res_id), (document._name, document.id)
            )

    def test_the_form_follows_the_preparation_of_documents(self):
        run = self.run_.with_context(queue_job__no_delay=False)
        self.assertFalse(run.get_progress()["documents"])
        self.moves[0]._bss_archive_invoices()
        run.action_prepare_documents()
        self.assertEqual(run.get_progress()["documents"], {"total": 3, "done": 1})
        self.env["queue.job"].search([("identity_key", "=like", f"bss.bill.run:{run.id}:%")]).state = "done"
        self.assertFalse(run.get_progress()["documents"])

    def test_one_invoice_that_cannot_be_printed_holds_no_other(self):
        render = type(self.move)._bss_render_invoice

        def fail(move, data):
            if move == self.moves[1]:
                raise UserError("no layout")
            return render(move, data)

        with patch.object(type(self.move), "_bss_render_invoice", fail):
            self.run_._bss_prepare_batch(self.moves.ids)
        self.run_.invalidate_recordset()
        self.assertEqual(self.run_.document_count, 2)
        self.assertIn(self.moves[1].name, self.run_.message_ids[0].body)

    def test_each_pdf_of_a_mass_run_stands_alone(self):
        documents = self.moves._bss_archive_invoices()
        for move, document in zip(self.moves, documents, strict=True):
            content = document._bss_content()
            reader = PdfReader(io.BytesIO(content))
            self.assertIn(move.name, reader.metadata.title)
            self.assertIn(b"pdfaid:part", content)
            self.assertIn(f"STRONA 1 Z {len(reader.pages)}", reader.pages[0].extract_text().upper())
            fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
            for font in fonts:
                descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
                self.assertTrue({"/FontFile2", "/FontFile3"} & set(descriptor.keys()))
            for other in self.moves - move:
                self.assertNotIn(other.partner_id.name.upper(), reader.pages[0].extract_text().upper())

    # --- QWeb

    def assertSameWords(self, move):
        content = move._bss_document_content()
        mass = words_of(move._bss_render_invoice(content))
        self.company.bss_invoice_engine = "qweb"
        qweb = words_of(move._bss_render_invoice(content))
        self.company.bss_invoice_engine = "mass"
        self.assertGreater(len(mass), 60)
        self.assertEqual((mass - qweb, qweb - mass), (Counter(), Counter()))

    def test_mass_engine_and_qweb_print_the_same_words(self):
        account = self.move.bss_account_id
        self.company.bss_invoice_message = "Nowe ceny od maja."
        self.assertSameWords(self.move)
        self.pay(account, 20.0)
        self.move._bss_freeze_document()
        self.assertSameWords(self.move)
        later = self.move.copy({"invoice_date": "2026-12-01"})
        later.action_post()
        self.assertSameWords(later)
        note = self.move._reverse_moves([{"invoice_date": date(2026, 11, 21), "ref": "Awaria łącza"}])
        note.action_post()
        self.assertSameWords(note)

    def test_a_changed_qweb_template_is_printed(self):
        self.company.bss_invoice_engine = "qweb"
        self.env.ref(
            "bss_contracts.report_bss_invoice"
        ).arch_db = '<t t-name="bss_contracts.report_bss_invoice"><p>Własny układ <t t-out="move.name"/></p></t>'
        words = words_of(self.move._bss_invoice_pdf())
        self.assertIn("WŁASNY", words)
        self.assertIn("STRONA", words)

    def test_a_broken_qweb_template_says_so(self):
        self.company.bss_invoice_engine = "qweb"
        self.env.ref(
            "bss_contracts.report_bss_invoice"
        ).arch_db = '<t t-name="bss_contracts.report_bss_invoice"><p t-out="data[\'nothing\']"/></t>'
        with self.assertRaisesRegex(UserError, "report_bss_invoice"):
            self.move._bss_invoice_pdf()
