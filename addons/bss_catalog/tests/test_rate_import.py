import base64
import io
import time

from odoo.addons.bss_catalog.adapters import plan_book
from odoo.addons.bss_catalog.catalog_core.rate_xlsx import read_book
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import format_date
from openpyxl import Workbook, load_workbook

from .test_tariff import TariffCommon


class ImportCommon(TariffCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.banded(cls.peak, cls.off, code="T-XL")
        cls.plan.rate_ids[1].write(
            {"chain": "30/30/6", "tier_model": "volume", "tier_ids": [Command.create({"price_micro": 5})]}
        )

    @classmethod
    def make_import(cls, content, plan=None, **vals):
        content = base64.b64encode(content)
        return cls.env["bss.rate.import"].create(
            {"plan_id": (plan or cls.plan).id, "file": content, "file_name": "plan.xlsx", **vals}
        )

    @staticmethod
    def workbook(rates, zones=None):
        book = Workbook()
        book.active.title = "Stawki"
        for row in rates:
            book.active.append(row)
        if zones:
            sheet = book.create_sheet("Strefy")
            for row in zones:
                sheet.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    @staticmethod
    def exported(plan):
        plan.invalidate_recordset(["xlsx_file"])
        return base64.b64decode(plan.xlsx_file)

    def cells(self, plan):
        book = load_workbook(io.BytesIO(self.exported(plan)))
        return {sheet.title: list(sheet.values) for sheet in book.worksheets}


@tagged("post_install", "-at_install")
class TestRateImport(ImportCommon):
    def test_round_trip_is_exact(self):
        content, before = self.exported(self.plan), self.cells(self.plan)
        draft = self.make_rate_plan([], code="T-XL", activate=False)
        record = self.make_import(content, draft)
        record.action_check()
        self.assertEqual((record.state, draft.rate_ids.ids), ("checked", []))
        record.action_import()
        self.assertEqual((record.state, record.result_plan_id), ("done", draft))
        self.assertEqual(self.cells(draft), before)
        again = self.make_import(content, draft)
        again.action_check()
        self.assertIn("changes nothing", again.preview_html)

    def test_codes_sizes_and_costs_go_round(self):
        roaming = self.make_zone("T-ROAM", "roaming")
        roaming.code_ids = [
            Command.create({"kind": "network", "value": "262", "note": "Niemcy"}),
            Command.create({"kind": "incoming", "value": "*"}),
        ]
        plan = self.make_rate_plan(
            [
                {"zone_id": roaming.id, "charge_basis": "upstream", "markup_percent": 12.5},
                {"zone_id": roaming.id, "usage_kind": "mms", "price_micro": 200_000, "step_bytes": 307_200},
                {"zone_id": roaming.id, "usage_kind": "data", "price_micro": 5_600, "rounding": "session"},
            ],
            code="T-GO",
            activate=False,
        )
        content, before = self.exported(plan), self.cells(plan)
        roaming.code_ids.filtered(lambda entry: entry.kind == "incoming").unlink()
        roaming.code_ids = [Command.create({"kind": "apn", "value": "x"})]
        plan.rate_ids.write({"rounding": "event", "step_bytes": 0, "markup_percent": 0})
        record = self.make_import(content, plan)
        record.action_check()
        self.assertIn("New zone codes", record.preview_html)
        record.action_import()
        self.assertEqual(self.cells(plan), before)
        codes = roaming.code_ids.sorted("code")
        self.assertEqual(codes.mapped("code"), ["in:*", "net:262"])
        self.assertEqual(codes[1].note, "Niemcy")  # one that stays keeps its note

    def test_codes_of_other_zones_and_old_workbooks(self):
        roaming = self.make_zone("T-ROAM", "roaming")
        roaming.code_ids = [Command.create({"kind": "network", "value": "262"})]
        rates = [("Strefa", "Ruch", "Cena"), ("T-FIX", "SMS", 0.1)]
        zones = [("Strefa", "Rodzaj strefy", "Prefiks", "Kody"), ("T-NEW", "Roaming", None, "net:262")]
        record = self.make_import(self.workbook(rates, zones))
        record.action_check()
        self.assertEqual(record.state, "failed")
        self.assertIn("T-ROAM", record.error_ids.reason)
        # a workbook without the column leaves the codes alone
        zones = [("Strefa", "Rodzaj strefy", "Prefiks"), ("T-ROAM", "Roaming", None)]
        record = self.make_import(self.workbook([*rates, ("T-ROAM", "SMS", 0.2)], zones))
        record.action_check()
        record.action_import()
        self.assertEqual(roaming.code_ids.code, "net:262")
        # a code may move to a zone of the same workbook
        zones = [
            ("Strefa", "Rodzaj strefy", "Prefiks", "Kody"),
            ("T-ROAM", "Roaming", None, None),
            ("T-NEW", "Roaming", None, "NET:262"),
        ]
        record = self.make_import(self.workbook([*rates, ("T-NEW", "SMS", 0.2)], zones))
        record.action_check()
        record.action_import()
        self.assertFalse(roaming.code_ids)
        self.assertEqual(self.env["bss.rate.zone.code"].search([("code", "=", "net:262")]).zone_id.code, "T-NEW")

    def test_five_thousand_prefixes_go_round(self):
        zones = self.env["bss.rate.zone"].create(
            [{"code": f"W{n:02}", "name": f"Świat {n}", "company_id": self.company.id} for n in range(50)]
        )
        self.env["bss.rate.prefix"].create(
            [{"prefix": f"7{n:05}", "zone_id": zones[n % 50].id, "note": f"kraj {n}"} for n in range(5_000)]
        )
        plan = self.make_rate_plan(
            [{"zone_id": zone.id, "price_micro": zone.id} for zone in zones], code="T-BIG", activate=False
        )
        before = self.cells(plan)
        self.assertEqual(len(before["Zones"]), 5_001)
        content = self.exported(plan)
        zones.prefix_ids.filtered(lambda prefix: prefix.prefix < "702000").unlink()
        self.env["bss.rate.prefix"].create({"prefix": "799999", "zone_id": zones[0].id})
        plan.rate_ids[:25].unlink()
        plan.rate_ids[0].price_micro = 1
        self.assertNotEqual(self.cells(plan), before)
        started = time.perf_counter()
        record = self.make_import(content, plan)
        record.action_check()
        record.action_import()
        self.assertLess(time.perf_counter() - started, 60)
        self.assertEqual(self.cells(plan), before)
        self.assertIn("2000", record.preview_html)

    def test_polish_headers_words_and_commas(self):
        content = self.workbook(
            [
                ("Strefa", "Rodzaj użycia", "Cena", "Naliczanie"),
                ("T-FIX", "Połączenia głosowe", "0,29", "60/1"),
                ("T-NEW", "SMS", 0.1, None),
            ],
            [
                ("Strefa", "Nazwa strefy", "Rodzaj strefy", "Prefiks"),
                ("T-NEW", "Nowa", "Międzynarodowe", "48600-48609"),
                ("T-NEW", "Nowa", "Międzynarodowe", "49"),
            ],
        )
        record = self.make_import(content)
        record.action_import()
        self.assertEqual(record.state, "done")
        rates = {(rate.zone_id.code, rate.usage_kind): rate for rate in self.plan.rate_ids}
        self.assertEqual(set(rates), {("T-FIX", "voice"), ("T-NEW", "sms")})
        rate = rates["T-FIX", "voice"]
        self.assertEqual((rate.price_micro, rate.increment_first_s, rate.increment_next_s), (290_000, 60, 1))
        zone = rates["T-NEW", "sms"].zone_id
        self.assertEqual(
            (zone.kind, zone.company_id, zone.prefix_ids.mapped("prefix")),
            ("international", self.company, ["4860", "49"]),
        )

    def test_errors_are_kept_by_row_and_nothing_is_written(self):
        before = plan_book(self.plan)
        content = self.workbook(
            [
                ("Strefa", "Rodzaj użycia", "Cena"),
                ("T-FIX", "voice", "dużo"),
                ("T-NIL", "voice", 1),
                ("T-SOS", "fax", 1),
            ]
        )
        record = self.make_import(content)
        self.assertTrue(record.action_import())
        self.assertEqual(record.state, "failed")
        self.assertEqual(
            [(error.sheet, error.row, error.cell, error.column, error.value) for error in record.error_ids],
            [
                ("Stawki", 2, "C2", "Cena", "dużo"),
                ("Stawki", 4, "B4", "Rodzaj użycia", "fax"),
                ("Stawki", 3, "A3", "Strefa", "T-NIL"),
            ],
        )
        self.assertIn("no number", record.error_ids[0].reason)
        marked = load_workbook(io.BytesIO(base64.b64decode(record.error_file)))
        self.assertEqual(marked["Stawki"]["C2"].comment.text, record.error_ids[0].reason)
        self.assertEqual(plan_book(self.plan), before)
        record.file = base64.b64encode(self.workbook([("Strefa", "Rodzaj użycia", "Cena"), ("T-FIX", "voice", 1)]))
        self.assertEqual((record.state, record.error_count), ("new", 0))

    def test_wrong_files_have_clear_words(self):
        for content, words in ((b"a;b", "no Excel workbook"), (b"\xd0\xcf\x11\xe0old", "old Excel")):
            record = self.make_import(content)
            record.action_check()
            self.assertIn(words, record.error_ids.reason)
            self.assertFalse(record.error_file)
            self.assertIn(record.error_ids.reason, record.preview_html)

    def test_a_plan_that_is_not_a_draft_gets_a_new_version(self):
        plan = self.make_rate_plan(
            [{"zone_id": self.sos.id}, {"zone_id": self.fix.id, "price_micro": 1}],
            code="T-ACT",
            date_start="2026-01-01",
        )
        content = self.workbook([("Zone", "Usage", "Price"), ("T-SOS", "voice", 0), ("T-FIX", "voice", 2)])
        record = self.make_import(content, plan)
        with self.assertRaisesRegex(UserError, "new version"):
            record.action_check()
        record.mode = "version"
        with self.assertRaisesRegex(UserError, "from which day"):
            record.action_check()
        record.date_start = "2027-01-01"
        record.action_check()
        self.assertEqual(plan.version_count, 1)
        first, last = (format_date(self.env, day) for day in ("2026-01-01", "2026-12-31"))
        self.assertIn(f"{first}, which has no end yet, will end on {last}", record.preview_html)
        record.action_import()
        version = record.result_plan_id
        self.assertEqual(
            (version.state, version.code, sorted(plan.rate_ids.mapped("price_micro"))), ("draft", "T-ACT", [0, 1])
        )
        self.assertEqual(sorted(version.rate_ids.mapped("price_micro")), [0, 2_000_000])
        version.action_activate()
        self.assertEqual(str(plan.date_end), "2026-12-31")
        with self.assertRaisesRegex(UserError, "imported already"):
            record.action_import()

    def test_shared_zones_and_prefixes_of_other_zones_are_left_alone(self):
        shared = self.env["bss.rate.zone"].create(
            {"code": "T-ALL", "name": "All", "prefix_ids": [Command.create({"prefix": "998"})]}
        )
        content = self.workbook(
            [("Zone", "Usage", "Price"), ("T-ALL", "voice", 1)],
            [("Zone", "Kind of zone", "Prefix"), ("T-ALL", "", "997"), ("T-NEW", "Premium", "4822")],
        )
        record = self.make_import(content)
        record.action_check()
        reasons = "\n".join(record.error_ids.mapped("reason"))
        self.assertIn("shared by all companies", reasons)
        self.assertIn("belongs to zone T-FIX", reasons)
        self.assertEqual(shared.prefix_ids.mapped("prefix"), ["998"])

    def test_a_prefix_moves_between_listed_zones(self):
        content = self.workbook(
            [("Zone", "Usage", "Price"), ("T-FIX", "voice", 1)],
            [("Zone", "Prefix"), ("T-FIX", "48112"), ("T-SOS", "4822")],
        )
        self.make_import(content).action_import()
        self.assertEqual((self.fix.prefix_ids.prefix, self.sos.prefix_ids.prefix), ("48112", "4822"))

    def test_a_band_that_prices_is_not_changed_by_a_workbook(self):
        content = self.exported(self.plan)
        self.env.cr.execute("UPDATE bss_rate_plan SET state = 'active' WHERE id = %s", (self.plan.id,))
        self.env.invalidate_all()
        found = read_book(content)
        self.assertEqual(found.errors, ())
        draft = self.make_rate_plan([], code="T-DR", activate=False)
        self.make_import(content, draft).action_import()
        self.assertEqual(len(draft.rate_ids), 3)
        self.env.cr.execute("UPDATE bss_time_band SET weight = 7 WHERE id = %s", (self.peak.id,))
        self.env.invalidate_all()
        record = self.make_import(content, draft)
        record.action_check()
        self.assertIn("T-PEAK", record.error_ids.reason)

    def test_rights(self):
        user = new_test_user(
            self.env, "i-clerk", "bss_catalog.group_bss_clerk", company_id=self.company.id, company_ids=self.company.ids
        )
        with self.assertRaises(AccessError):
            self.env["bss.rate.import"].with_user(user).create({"plan_id": self.plan.id, "file": b"eA=="})
        self.assertTrue(self.plan.with_user(user).xlsx_file)
        record = self.make_import(b"x")
        record.action_check()
        other = self.env["res.company"].with_context(install_mode=True).create({"name": "Other"})
        stranger = new_test_user(
            self.env, "i-other", "bss_catalog.group_bss_admin", company_id=other.id, company_ids=other.ids
        )
        there = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        for records in (record, record.error_ids):
            self.assertFalse(records.with_env(there).search([("id", "in", records.ids)]))


@tagged("post_install", "-at_install")
class TestRateExportDownload(HttpCase):
    def test_the_button_gives_a_workbook(self):
        plan = self.env["bss.rate.plan"].create({"name": "Plan", "code": "T-DL"})
        self.authenticate("admin", "admin")
        answer = self.url_open(plan.action_export()["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertIn("T-DL", answer.headers["Content-Disposition"])
        names = load_workbook(io.BytesIO(answer.content)).sheetnames
        self.assertIn(names, [["Rates", "Zones", "Bands"], ["Stawki", "Strefy", "Pasma"]])
