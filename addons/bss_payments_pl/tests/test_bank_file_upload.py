"""Files dropped on a screen, and the summary that tells what became of them."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..bank_core import nrb
from .common import NO_MAIL, PaymentsCommon

OTHER_NRB = nrb.check_digits("102055580000999922223333") + "102055580000999922223333"


@tagged("post_install", "-at_install")
class TestBankFileUpload(PaymentsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.make_invoice(cls.jan, 50)
        cls.manager, cls.viewer = (
            new_test_user(
                cls.env, f"upload_{group}", f"bss_catalog.group_bss_{group}", context=NO_MAIL, company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for group in ("billing_manager", "viewer")
        )  # fmt: skip

    def drop(self, files, user=None, model="bss.bank.import", **context):
        """What Odoo's upload widget does: one attachment per file, then one call."""
        env = self.env(user=user or self.manager)
        attachments = env["ir.attachment"].create([{"name": name, "raw": raw} for name, raw in files.items()])
        # the widget calls it on no record
        action = env[model].with_context(**context).browse().create_document_from_attachment(attachments.ids)
        self.assertFalse(attachments.exists(), "the kept file is the bank file's own")
        return action

    def summary(self, action):
        records = self.Import.with_user(self.manager).browse(action["params"]["import_ids"])
        return {each["file"]: each for each in records.get_summary()}

    def test_every_file_is_told_about(self):
        known = self.statement(self.entry("10,00", "raz"))
        self.receive(known, "a.sta")
        good = self.statement(
            self.entry("50,00", "internet", key=self.key_of(self.jan)),
            self.entry("7,00", "kto wie"),
            self.entry("2,00", "prowizja", mark="D"),
            number=2,
        )
        action = self.drop({"known.sta": known, "good.sta": good, "letter.txt": b"Dear Sir or Madam"})
        self.assertEqual(action["tag"], "bss_payments_pl.upload_summary")
        [refused] = action["params"]["refused"]
        self.assertEqual(refused["file"], "known.sta")
        self.assertIn("a.sta", refused["why"])
        told = self.summary(action)
        self.assertEqual(set(told), {"good.sta", "letter.txt"})
        good = told["good.sta"]
        self.assertEqual((good["state"], good["counts"]["booked"], good["counts"]["to_decide"]), ("imported", 1, 1))
        self.assertEqual(good["amounts"]["credits"], 5700)
        self.assertEqual((good["amounts"]["booked"], good["amounts"]["to_decide"]), (5000, 700))
        self.assertEqual((good["amounts"]["debits"], good["amounts"]["difference"]), (200, 0))
        self.assertEqual(told["letter.txt"]["state"], "rejected")
        self.assertEqual(told["letter.txt"]["problems"][0]["severity"], "error", "the worst first")

    def test_file_finds_the_journal_of_its_account(self):
        account = self.env["res.partner.bank"].create(
            {"acc_number": OTHER_NRB, "partner_id": self.company.partner_id.id, "company_id": self.company.id}
        )
        second = self.bank_journal.copy({"code": "BNK9", "bank_account_id": account.id})
        second.bank_account_id = account
        action = self.drop(
            {
                "one.sta": self.statement(self.entry("1,00", "a")),
                "two.sta": self.statement(self.entry("2,00", "b"), account=OTHER_NRB),
            }
        )
        journals = {each.file_name: each.journal_id for each in self.Import.browse(action["params"]["import_ids"])}
        self.assertEqual(journals, {"one.sta": self.bank_journal, "two.sta": second})

    def test_card_of_a_bank_journal_takes_bank_files(self):
        action = self.drop(
            {"one.sta": self.statement(self.entry("1,00", "a"))},
            model="account.journal",
            default_journal_id=self.bank_journal.id,
        )
        self.assertEqual(self.Import.browse(action["params"]["import_ids"]).state, "imported")

    def test_viewers_cannot_upload(self):
        with self.assertRaises(AccessError):
            self.drop({"one.sta": self.statement(self.entry("1,00", "a"))}, user=self.viewer)
        self.assertFalse(self.Import.search([("file_name", "=", "one.sta")]))

    def test_files_of_others_are_not_taken(self):
        theirs = self.env["ir.attachment"].with_user(self.viewer).create({"name": "x.sta", "raw": b"x"})
        with self.assertRaises(AccessError):
            self.Import.with_user(self.manager).browse().create_document_from_attachment(theirs.ids)
