import base64
import re
from datetime import timedelta
from pathlib import Path

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ..bank_core.formats.report_profile import SHIPPED, faults
from .common import PaymentsCommon

VIRTUAL = "96102055584444000000000101"
PAID = f"P;2026-10-02;49,99;{VIRTUAL};JAN KOWALSKI|UL. DŁUGA 5;FV 1"
FILE = f"{PAID}\n{PAID.replace('49,99', '100,01')}\nT;2;150,00\n".encode("cp1250")


@tagged("post_install", "-at_install")
class TestReportProfile(PaymentsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Profile = cls.env["bss.bank.report.profile"]
        cls.manager = new_test_user(
            cls.env, "layout_manager", "bss_catalog.group_bss_billing_manager", company_id=cls.company.id
        )
        cls.clerk = new_test_user(cls.env, "layout_clerk", "bss_catalog.group_bss_clerk", company_id=cls.company.id)

    def fill(self, form, **more):
        values = {
            "name": "Own",
            "layout": "pipe",
            "separator": ";",
            "date_format": "YYYY-MM-DD",
            "record_number": 1,
            "payment_records": "P",
            "trailer_record": "T",
            "trailer_count_number": 2,
            "trailer_total_number": 3,
            "name_parts": 1,
            "encoding": "cp1250",
            **more,
        }
        for name in ("name", "layout", "record_number", "trailer_record"):
            setattr(form, name, values.pop(name))
        for name, value in values.items():
            setattr(form, name, value)
        for content, number in (("date", 2), ("amount", 3), ("payer_key", 4), ("party_name", 5), ("title", 6)):
            with form.column_ids.new() as column:
                column.content, column.number = content, number
        return form

    def made(self, **vals):
        columns = [(0, 0, {"content": c, "number": n}) for c, n in (("date", 1), ("amount", 2), ("payer_key", 3))]
        return self.Profile.create({"name": "X", "column_ids": columns, "company_id": self.company.id, **vals})

    # --- shipped layouts

    def test_shipped_records_are_the_kernel_s(self):
        shipped = self.Profile.with_context(lang="en_US").search([("code", "!=", False)])
        self.assertEqual({profile.code: profile._bss_kernel() for profile in shipped}, dict(SHIPPED))
        self.assertFalse(any(shipped.company_id))

    def test_shipped_layout_is_copied_to_be_edited(self):
        shipped = self.env.ref("bss_payments_pl.report_profile_elixir_csv").with_user(self.manager)
        for change in ({"separator": ";"}, {"column_ids": [(5,)]}):
            with self.assertRaisesRegex(UserError, "Copy it"):
                shipped.write(change)
        with self.assertRaisesRegex(UserError, "Copy it"):
            shipped.column_ids[0].number = 9
        with self.assertRaisesRegex(UserError, "Copy it"):
            shipped.column_ids[0].unlink()
        with self.assertRaisesRegex(UserError, "Copy it"):
            shipped.unlink()
        shipped.sample_file = base64.b64encode(FILE)
        twin = self.Profile.with_user(self.manager).browse(shipped.action_copy_to_edit()["res_id"])
        self.assertFalse(twin.code or twin.is_verified)
        self.assertEqual(twin.company_id, self.company)
        self.assertEqual(twin._bss_kernel().columns, SHIPPED["elixir_csv"].columns)
        twin.column_ids[0].number = 4
        self.assertEqual(twin._bss_kernel().columns[0].number, 4)

    # --- preview

    def test_preview_lives_while_the_layout_is_edited(self):
        form = Form(self.Profile.with_user(self.manager))
        self.assertIn("Upload a file", form.preview_html)
        form.sample_file = base64.b64encode(FILE)
        self.assertIn("Amount: Say in which column it stands.", form.preview_html)
        # the columns of the file show before anything is known of them
        self.assertIn("JAN KOWALSKI", form.preview_html)
        self.fill(form)
        html = form.preview_html
        self.assertIn("Payments: 2,", html)
        self.assertRegex(html, "150[.,]00")
        self.assertIn("Count and sum agree", html)
        self.assertRegex(html, '<td class="text-end text-nowrap">49[.,]99</td>')
        self.assertIn("UL. DŁUGA", html)
        form.amount_format = "minor"
        self.assertIn("<td>1</td><td>Amount: The amount cannot be read: “49,99”.</td>", form.preview_html)
        self.assertIn("alert-danger", form.preview_html)
        form.amount_format = "comma"
        with form.column_ids.edit(2) as column:
            column.number = 5
        self.assertIn("Account number JAN KOWALSKI", form.preview_html)
        with form.column_ids.edit(2) as column:
            column.number = 4
        self.assertNotIn("Account number JAN", form.preview_html)
        profile = form.save()
        self.assertEqual(faults(profile._bss_kernel()), [])
        self.assertIn("Payments: 2,", profile.preview_html)

    def test_preview_tells_a_wrong_trailer_and_fixed_width(self):
        form = Form(self.Profile)
        form.sample_file = base64.b64encode(FILE.replace(b"T;2", b"T;3"))
        self.fill(form)
        self.assertIn("Line 3: The file announces 3 payments and holds 2", form.preview_html)
        fixed = Form(self.Profile)
        fixed.name, fixed.layout = "Fixed", "fixed"
        fixed.sample_file = base64.b64encode(f"20261002    4999{VIRTUAL}\n".encode())
        fixed.amount_format = "minor"
        for content, number, width in (("date", 1, 8), ("amount", 9, 8), ("payer_key", 17, 26)):
            with fixed.column_ids.new() as column:
                column.content, column.number, column.width = content, number, width
        self.assertIn("Payments: 1,", fixed.preview_html)
        self.assertIn(VIRTUAL, fixed.preview_html)
        self.assertIn("|.........", fixed.preview_html)
        self.assertIn("\nBooking Amount__Payer&#39;s Key (Virtual Acc", fixed.preview_html)
        with fixed.column_ids.edit(1) as column:
            column.width = 0
        self.assertIn("With fixed width each column needs a width.", fixed.preview_html)
        self.assertIn("4999" + VIRTUAL, fixed.preview_html)

    def test_bad_row_far_below_is_shown_and_counted(self):
        form = Form(self.Profile)
        rows = [PAID] * 40 + [PAID.replace("2026-10-02", "2026-13-02")]
        form.sample_file = base64.b64encode("\n".join(rows).encode("cp1250"))
        self.fill(form, trailer_is_required=False)
        self.assertIn("unreadable: 1", form.preview_html)
        self.assertIn("nothing was compared", form.preview_html)
        self.assertIn("<td>41</td><td>Booking Date: The date cannot be read: “2026-13-02”.</td>", form.preview_html)
        self.assertNotIn("<td>40</td>", form.preview_html)

    def test_file_cannot_put_html_on_the_screen(self):
        form = Form(self.Profile)
        form.sample_file = base64.b64encode(FILE.replace(b"JAN", b"<img src=x>"))
        self.fill(form)
        self.assertNotIn("<img", form.preview_html)
        self.assertIn("&lt;img", form.preview_html)

    def test_any_bytes_show_something(self):
        for content in (b"\x00" * 100, bytes(range(256)), b"\xff\xfe;" * 50, "ąę;\n".encode("utf-16")):
            profile = self.made(sample_file=base64.b64encode(content))
            self.assertIn("alert", profile.preview_html)

    def test_old_sample_is_forgotten(self):
        fresh, old = self.made(sample_file=base64.b64encode(FILE)), self.made(sample_file=base64.b64encode(FILE))
        samples = self.env["bss.bank.report.sample"]
        samples.search([("profile_id", "=", old.id)]).uploaded_at = fields.Datetime.now() - timedelta(days=31)
        samples._gc_samples()
        (fresh | old).invalidate_recordset()
        self.assertTrue(fresh.sample_file)
        self.assertFalse(old.sample_file or old.sample_name)

    def test_sample_on_a_shared_layout_is_its_company_s(self):
        other = self.env["res.company"].create({"name": "Other"})
        hers = new_test_user(
            self.env,
            "layout_other",
            "bss_catalog.group_bss_billing_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        shared = self.env.ref("bss_payments_pl.report_profile_pipe")
        mine = shared.with_user(self.manager)
        mine.write({"sample_file": base64.b64encode(FILE), "sample_name": "mine.txt"})
        theirs = shared.with_user(hers).with_context(allowed_company_ids=other.ids)
        self.assertFalse(theirs.sample_file or theirs.sample_name)
        self.assertIn("Upload a file", theirs.preview_html)
        theirs.write({"sample_file": base64.b64encode(b"HERS"), "sample_name": "hers.txt"})
        self.env.invalidate_all()
        self.assertEqual((mine.sample_name, base64.b64decode(mine.sample_file)), ("mine.txt", FILE))
        self.assertEqual((theirs.sample_name, base64.b64decode(theirs.sample_file)), ("hers.txt", b"HERS"))
        sample = self.env["bss.bank.report.sample"].search([("name", "=", "mine.txt")])
        self.assertEqual((sample.company_id, sample.profile_id), (self.company, shared))
        foreign = sample.with_user(hers).with_context(allowed_company_ids=other.ids)
        file = (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", sample._name), ("res_id", "=", sample.id), ("res_field", "=", "content")])
        )
        self.assertEqual(len(file), 1)
        self.assertFalse(foreign.search([("id", "=", sample.id)]))
        for record, name in ((foreign, "content"), (file.with_env(foreign.env), "datas")):
            with self.assertRaises(AccessError):
                record.read([name])
        mine.sample_file = False
        self.assertFalse(sample.exists())
        self.assertTrue(theirs.sample_file)

    def test_sample_of_a_company_s_layout_stays_there(self):
        """Whoever works in two companies at once sees the sample of the layout's company."""
        other = self.env["res.company"].create({"name": "Other"})
        layout = self.made(company_id=other.id, sample_file=base64.b64encode(FILE))
        sample = self.env["bss.bank.report.sample"].search([("profile_id", "=", layout.id)])
        self.assertEqual(sample.company_id, other)
        layout.company_id = self.company
        self.env.invalidate_all()
        self.assertFalse(layout.sample_file)

    def test_sample_is_not_copied_with_its_layout(self):
        layout = self.made(sample_file=base64.b64encode(FILE), sample_name="mine.txt")
        self.assertFalse(layout.copy().sample_file)

    # --- journal and rights

    def test_journal_takes_a_usable_layout_of_its_company(self):
        with self.assertRaisesRegex(ValidationError, "cannot be used yet: Amount"):
            self.bank_journal.bss_report_profile_id = self.Profile.create({"name": "Empty"})
        other = self.env["res.company"].create({"name": "Other"})
        with self.assertRaises(UserError):
            self.bank_journal.bss_report_profile_id = self.made(company_id=other.id)
        profile = self.made()
        self.bank_journal.bss_report_profile_id = profile
        self.assertEqual(self.bank_journal._bss_report_options(), {"profile": profile._bss_kernel()})
        self.bank_journal.bss_report_profile_id = False
        self.assertEqual(self.bank_journal._bss_report_options(), {})

    def test_layout_in_use_stays_with_its_company(self):
        layout = self.made()
        self.bank_journal.bss_report_profile_id = layout
        with self.assertRaisesRegex(ValidationError, "another company"), self.cr.savepoint():
            layout.company_id = self.env["res.company"].create({"name": "Other"})
        layout.company_id = False

    def test_rights(self):
        mine = self.made()
        shared = self.env.ref("bss_payments_pl.report_profile_pipe")
        foreign = self.made(company_id=self.env["res.company"].create({"name": "Other"}).id)
        clerk = self.Profile.with_user(self.clerk)
        self.assertEqual(clerk.search([("id", "in", (mine + shared + foreign).ids)]), mine + shared)
        for user in (self.clerk, new_test_user(self.env, "layout_invoice", "account.group_account_invoice")):
            with self.assertRaises(AccessError):
                mine.with_user(user).name = "Y"
            with self.assertRaises(AccessError):
                mine.column_ids[0].with_user(user).number = 5
        with self.assertRaises(AccessError):
            foreign.with_user(self.manager).name = "Y"
        mine.with_user(self.manager).name = "Y"
        self.assertEqual(mine.name, "Y")

    def test_every_code_has_a_text(self):
        folder = Path(__file__).parent.parent / "bank_core" / "formats"
        sources = "".join(
            path.read_text() for path in folder.glob("*.py") if path.name.startswith(("camt", "report", "cont"))
        )
        texts = self.env["bss.bank.import.problem"]._bss_messages()
        for code in ("XML_DOCTYPE", "REPORT_SUM", "CONTAINER_BOMB", "PROFILE_SEPARATOR"):
            self.assertIn(code, sources)
        codes = set(
            re.findall(r'"((?:XML|REPORT|CONTAINER|PROFILE|ROW|DETAILS|ENTRY|AMOUNT|DATE|COLUMN)_[A-Z_]+)"', sources)
        )
        self.assertFalse(codes - set(texts))
