from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ..bank_core import nrb
from .common import BANK_NRB, PaymentsCommon


@tagged("post_install", "-at_install")
class TestBankFileTrouble(PaymentsCommon):
    """Files that are cut, foreign, known already or of somebody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.anna = cls.make_account("Anna Nowak")

    def new_user(self, login, group, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            login,
            group,
            context={"no_reset_password": True, "mail_create_nolog": True, "mail_create_nosubscribe": True},
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def attach(self, user=None, **files):
        return (
            self.env["ir.attachment"]
            .with_user(user or self.env.user)
            .create([{"name": f"{name}.sta", "raw": content} for name, content in files.items()])
        )

    def run_wizard(self, user=None, **files):
        attachments = self.attach(user, **files)
        wizard = (
            self.env["bss.bank.import.wizard"]
            .with_user(user or self.env.user)
            .create({"journal_id": self.bank_journal.id, "attachment_ids": [Command.set(attachments.ids)]})
        )
        return wizard, wizard.action_import()

    def problem(self, record, code):
        return record.problem_ids.filtered(lambda problem: problem.code == code)

    def test_cut_file_then_the_whole_file_books_every_payment_once(self):
        for ref, bank_refs in (("with references", ("A1", "A2", "A3")), ("without", ("NONREF",) * 3)):
            with self.subTest(ref):
                account = self.make_account(f"Payer {ref}")
                number = 70 + len(ref)
                rows = [
                    self.entry(f"{amount},00", f"za internet {amount}", self.key_of(account), ref=bank_ref)
                    for amount, bank_ref in zip((10, 20, 40), bank_refs, strict=True)
                ]
                whole = self.statement(*rows, number=number)
                cut = whole[: whole.rindex(b":86:") + 25]
                part = self.receive(cut, "cut.sta")
                part._bss_import()
                self.assertEqual(sorted(part.match_ids.mapped("amount")), [10, 20])
                self.assertEqual((part.count_entries, part.amount_credits), (2, 30))
                held = self.problem(part, "ENTRY_HELD_BACK")
                self.assertEqual(held.severity, "error")
                line = cut[: cut.rindex(b":61:")].count(b"\r\n") + 1
                self.assertEqual(held.line_no, line)
                self.assertIn(str(line), held.message)
                self.assertFalse(part.has_closing)
                self.assert_conserved(part)
                record = self.receive(whole, "whole.sta")
                record._bss_import()
                self.assertEqual((record.count_known, record.count_credits, record.amount_credits), (2, 1, 40))
                self.assertEqual(record.match_ids.amount, 40)
                self.assertTrue(record.has_closing)
                self.assertFalse(self.problem(record, "ENTRY_HELD_BACK"))
                self.assertEqual(account.amount_due, -70)
                self.assert_conserved(record)

    def test_file_cut_inside_an_entry_line_lists_nothing_to_repair(self):
        whole = self.statement(self.entry("10,00", "", self.key_of(self.jan)), self.entry("20,00"))
        part = self.receive(whole[: whole.rindex(b":61:") + 16], "cut.sta")
        part._bss_import()
        self.assertEqual(part.match_ids.mapped("amount"), [10])
        self.assertTrue(self.problem(part, "ENTRY_HELD_BACK"))
        self.assert_conserved(part)

    def test_unknown_balance_is_not_shown_as_zero(self):
        whole = self.statement(self.entry("10,00"), self.entry("20,00"))
        part = self.receive(whole[: whole.rindex(b":62F:")], "cut.sta")
        self.assertEqual((part.has_opening, part.has_closing), (True, False))
        arch = Form(part)._view["tree"]
        fields = arch.xpath("//field[@name='has_closing']/../field[@name='balance_end'][not(ancestor::field)]")
        self.assertEqual({field.get("invisible") for field in fields}, {"not has_closing"})

    def test_binary_file_is_kept_and_rejected(self):
        for name, content in (
            ("all.bin", bytes(range(256))),
            ("lines.bin", b"\n".join(bytes([byte, 0]) for byte in range(256))),
            ("tagged.bin", b":20:X\0\n:25:\0\n:28C:\0a\n:62F:\0\n:61:\0\n"),
        ):
            with self.subTest(name):
                record = self.receive(content, name)
                self.env.flush_all()
                self.assertEqual(record.state, "rejected")
                self.assertEqual(record.attachment_id.raw, content)
                self.assertTrue(all(record.problem_ids.mapped("message")))
                if name != "tagged.bin":
                    self.assertIn("FORMAT_UNKNOWN", record.problem_ids.mapped("code"))

    def test_nul_inside_a_statement_is_dropped(self):
        content = self.statement(self.entry("10,00", "za internet", self.key_of(self.jan)), self.entry("5.00", "zla"))
        content = content.replace(b"za int", b"za\0int").replace(b"zla", b"z\0la").replace(b":28C:1", b":28C:x\0y")
        record = self.receive(content)
        record._bss_import()
        self.env.flush_all()
        self.assertEqual(record.state, "imported")
        self.assertEqual(record.match_ids.filtered(lambda match: match.amount == 10).account_id, self.jan)
        self.assertIn("UNREADABLE", record.match_ids.mapped("reason"))

    def test_problem_names_the_line_of_its_tag(self):
        self.import_file(self.entry("1,00"), number=1)
        content = self.statement(self.entry("1,00"), number=9, opening="5,00", closing="9,00")
        record = self.receive(content)
        record._bss_import()
        lines = content.decode("iso-8859-2").split("\r\n")
        for code, tag in (("BALANCE_MISMATCH", ":62F:"), ("STATEMENTS_MISSING", ":28C:"), ("OPENING_DIFFERS", ":60F:")):
            problem = self.problem(record, code)
            self.assertEqual(problem.field_name, tag)
            self.assertTrue(lines[problem.line_no - 1].startswith(tag), (code, problem.line_no))
        other = self.receive(self.statement(account=BANK_NRB[:-1] + "9"))
        self.assertEqual(self.problem(other, "OTHER_ACCOUNT").line_no, 2)

    def test_known_file_does_not_stop_the_others(self):
        known = self.statement(self.entry("1,00", "", self.key_of(self.jan)), number=1)
        self.receive(known, "first.sta")._bss_import()
        fresh = {
            f"f{number}": self.statement(self.entry("2,00", "", self.key_of(self.anna)), number=number)
            for number in (2, 3)
        }
        wizard, action = self.run_wizard(a_known=known, **fresh)
        self.assertEqual((action["tag"], action["params"]["type"]), ("display_notification", "warning"))
        self.assertIn("a_known.sta", action["params"]["message"])
        self.assertNotIn("f2.sta", action["params"]["message"])
        records = self.Import.search(action["params"]["next"]["domain"])
        self.assertEqual(sorted(records.mapped("file_name")), ["f2.sta", "f3.sta"])
        self.assertEqual(set(records.mapped("state")), {"imported"})
        self.assertEqual(self.anna.amount_due, -4)
        self.assertFalse(wizard.attachment_ids)
        twin = self.statement(self.entry("3,00"), number=4)
        _wizard, action = self.run_wizard(g1=twin, g2=twin)
        self.assertIn("g2.sta", action["params"]["message"])
        self.assertEqual(self.Import.browse(action["params"]["next"]["res_id"]).file_name, "g1.sta")
        with self.assertRaisesRegex(UserError, "a.sta.*\n.*b.sta"):
            self.run_wizard(a=known, b=twin)

    def test_wizard_is_readable_by_its_user_only(self):
        one = self.new_user("wiz_one", "account.group_account_invoice")
        two = self.new_user("wiz_two", "account.group_account_invoice")
        wizards = self.env["bss.bank.import.wizard"]
        wizard = wizards.with_user(one).create({"attachment_ids": self.attach(one, x=b"x").ids})
        self.assertTrue(wizards.with_user(one).search([("id", "=", wizard.id)]))
        self.assertFalse(wizards.with_user(two).search([("id", "=", wizard.id)]))

    def test_invoicing_accountant_sees_the_menus(self):
        readers = ["menu_bss_payments_to_decide", "menu_bss_payments_all", "menu_bss_bank_import"]
        readers += ["menu_bss_virtual_account"]
        for login, group, names in (
            ("menu_inv", "account.group_account_invoice", [*readers, "menu_bss_bank_import_wizard"]),
            ("menu_ro", "account.group_account_readonly", readers),
            ("menu_view", "bss_catalog.group_bss_viewer", readers),
        ):
            user = self.new_user(login, f"base.group_user,{group}")
            visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            for name in names:
                menu = self.env.ref(f"bss_payments_pl.{name}")
                while menu:
                    self.assertIn(menu.id, visible, (login, menu.complete_name))
                    menu = menu.parent_id
            if login != "menu_inv":
                self.assertNotIn(self.env.ref("bss_payments_pl.menu_bss_bank_import_wizard").id, visible)

    def test_damaged_own_number_in_the_title_is_said(self):
        number = self.nrb_of(self.jan)
        wrong = f"{(int(number[:2]) + 1) % 97:02d}{number[2:]}"
        record = self.import_file(
            self.entry("1,00", f"wplata na {nrb.pretty(wrong)}"), self.entry("2,00", f"wplata na {number}")
        )
        found = record.match_ids.sorted("amount")
        damaged, whole = found
        self.assertEqual((damaged.reason, damaged.state), ("DAMAGED_ACCOUNT_IN_TITLE", "unallocated"))
        self.assertFalse(damaged.candidate_ids)
        # a right number in the title alone does not book, but says whom to ask about
        self.assertEqual((whole.state, whole.account_id), ("proposed", self.jan))
        self.assertEqual(whole.candidate_ids.evidence, [["VIRTUAL_ACCOUNT_IN_TITLE", {"nrb": number}]])

    def test_number_to_pay_to_is_shown_in_groups(self):
        self.assertEqual(self.jan.payment_nrb_pretty, nrb.pretty(self.nrb_of(self.jan)))
        self.assertEqual(self.jan.payment_nrb_pretty.replace(" ", ""), self.jan.payment_nrb)
        arch = Form(self.jan)._view["tree"]
        self.assertEqual(len(arch.xpath("//field[@name='payment_nrb_pretty']")), 1)
