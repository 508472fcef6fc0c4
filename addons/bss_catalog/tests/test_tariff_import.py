"""Tariffs of others taken over into draft plans; the public sets are those of ``tests/data/cdr``."""

import base64
import io
import time
import zipfile
from datetime import date
from pathlib import Path

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import BssCommon

SETS = Path(__file__).resolve().parents[3] / "tests" / "data" / "cdr"
SHEET = """Destination;Code;Rate;Effective Date;Increments
Poland;48;0,0100;2026-12-01;1/1
Poland Mobile;4850, 4851;0,0250;2026-12-01;60/1
Germany;49;0,0080;2026-12-01;60/60
Germany;49;0,0090;2027-01-01;60/60
Nowhere;0x;0,0090;2026-12-01;60/60
"""


class TariffImportCommon(BssCommon):
    @classmethod
    def attach(cls, name, content):
        content = content.encode() if isinstance(content, str) else content
        return cls.env["ir.attachment"].create({"name": name, "raw": content})

    @classmethod
    def make(cls, *files, kind="carrier", code="T-AZ", **vals):
        attachments = cls.env["ir.attachment"].union(*(cls.attach(name, content) for name, content in files))
        form = Form(cls.env["bss.tariff.import"])
        form.kind, form.code = kind, code
        form.attachment_ids = attachments
        record = form.save()
        record.write({"company_id": cls.company.id, **vals})
        return record

    @classmethod
    def carrier(cls, text=SHEET, **vals):
        return cls.make(("az.csv", text), **vals)

    @classmethod
    def cgrates(cls, name, code="T"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path in sorted((SETS / "cgrates_tariffplans" / name).glob("*.csv")):
                archive.write(path, f"{name}/{path.name}")
        return cls.make((f"{name}.zip", buffer.getvalue()), kind="cgrates", code=code)

    def counts(self):
        """Everything that an import could make twice."""
        self.env.flush_all()
        own = [("company_id", "=", self.company.id)]
        models = ("bss.rate.zone", "bss.rate.prefix", "bss.rate.plan", "bss.rate", "bss.time.band")
        return {model: self.env[model].search_count(own) for model in models}

    def prices(self, plan):
        return {
            (rate.zone_id.code, rate.usage_kind, rate.band_id.code or ""): (rate.price_micro, rate.chain)
            for rate in plan.rate_ids
        }


@tagged("post_install", "-at_install")
class TestTariffImport(TariffImportCommon):
    def test_columns_are_proposed(self):
        record = self.carrier()
        self.assertEqual(record.headers, "Destination, Code, Rate, Effective Date, Increments")
        self.assertEqual(
            [record.column_prefix, record.column_price, record.column_destination, record.column_valid_from],
            ["Code", "Rate", "Destination", "Effective Date"],
        )

    def test_preview_writes_nothing(self):
        before = self.counts()
        record = self.carrier()
        record.action_check()
        self.assertEqual(self.counts(), before)
        self.assertEqual((record.state, record.error_count), ("checked", 1))
        self.assertIn("T-AZ", record.preview_html)
        problem = record.problem_ids
        self.assertEqual((problem.file, problem.line, problem.column, problem.value), ("az.csv", 6, "prefix", "0x"))
        self.assertIn("0x", problem.reason)

    def test_a_version_for_each_day_of_change(self):
        record = self.carrier()
        record.action_import()
        first, second = record.plan_ids.sorted("date_start")
        self.assertEqual((first.state, first.code, first.date_start), ("draft", "T-AZ", date(2026, 12, 1)))
        self.assertEqual(second.date_start, date(2027, 1, 1))
        self.assertEqual(
            self.prices(first),
            {
                ("T-AZ:POLAND", "voice", ""): (10_000, "1/1"),
                ("T-AZ:POLAND-MOBILE", "voice", ""): (25_000, "60/1"),
                ("T-AZ:GERMANY", "voice", ""): (8_000, "60/60"),
            },
        )
        self.assertEqual(self.prices(second)["T-AZ:GERMANY", "voice", ""], (9_000, "60/60"))
        mobile = self.env["bss.rate.zone"].search([("code", "=", "T-AZ:POLAND-MOBILE")])
        self.assertEqual((mobile.name, mobile.kind), ("Poland Mobile", "national_mobile"))
        self.assertEqual(sorted(mobile.prefix_ids.mapped("prefix")), ["4850", "4851"])
        self.assertEqual(mobile.company_id, self.company)
        self.assertEqual(mobile._bss_match("48501234567", self.company).zone_id, mobile)

    def test_again_makes_nothing(self):
        self.carrier().action_import()
        before = self.counts()
        again = self.carrier()
        again.action_check()
        self.assertIn("Unchanged", again.with_context(lang="en_US").preview_html)
        again.action_import()
        self.assertEqual(self.counts(), before)
        with self.assertRaises(UserError):
            again.action_import()

    def test_a_draft_is_corrected_and_an_active_plan_gets_a_version(self):
        record = self.carrier()
        record.action_import()
        first, second = record.plan_ids.sorted("date_start")
        dearer = SHEET.replace("0,0250", "0,0300")
        self.carrier(dearer).action_import()
        self.assertEqual(self.prices(first)["T-AZ:POLAND-MOBILE", "voice", ""], (30_000, "60/1"))
        first.state = second.state = "active"
        again = self.carrier(SHEET.replace("0,0250", "0,0400").replace("2026-12-01", "2026-12-15"))
        again.action_import()
        self.assertEqual(self.prices(first)["T-AZ:POLAND-MOBILE", "voice", ""], (30_000, "60/1"), "frozen")
        made = again.plan_ids - first - second
        self.assertEqual(made.mapped("date_start"), [date(2026, 12, 15), date(2027, 1, 1)])
        self.assertEqual(set(made.mapped("state")), {"draft"})

    def test_changes_keep_the_other_prices(self):
        self.carrier().action_import()
        changes = "Destination;Code;Rate;Effective Date\nGermany;49;0,0070;2027-02-01\nCzechia;420;0,02;2027-02-01\n"
        record = self.carrier(changes, keeps_others=True)
        record.action_import()
        self.assertEqual(record.plan_ids.date_start, date(2027, 2, 1))
        self.assertEqual(
            self.prices(record.plan_ids),
            {
                ("T-AZ:POLAND", "voice", ""): (10_000, "1/1"),
                ("T-AZ:POLAND-MOBILE", "voice", ""): (25_000, "60/1"),
                ("T-AZ:GERMANY", "voice", ""): (7_000, "1/1"),
                ("T-AZ:CZECHIA", "voice", ""): (20_000, "1/1"),
            },
        )

    def test_other_plans_lose_nothing(self):
        """A zone that others price takes the price of the list when the list means all of it, and is never divided."""
        mobile = self.make_zone("OWN-MOB", "national_mobile", ["4850", "4851"])
        world = self.make_zone("OWN-DE", "international", ["49"])
        own = self.make_rate_plan(
            [{"zone_id": mobile.id, "price_micro": 290_000}, {"zone_id": world.id, "price_micro": 500_000}],
            code="OWN",
            activate=False,
        )
        before = self.prices(own)
        record = self.carrier(SHEET + "Germany Mobile;4915;0,02;2026-12-01;\n")
        record.action_import()
        self.assertEqual(self.prices(own), before)
        prices = self.prices(record.plan_ids.sorted("date_start")[0])
        self.assertEqual(prices["OWN-MOB", "voice", ""], (25_000, "60/1"))
        self.assertFalse(self.env["bss.rate.prefix"].search([("prefix", "=", "4915")]))
        inside = record.problem_ids.filtered(lambda one: one.value == "4915")
        self.assertEqual((inside.severity, inside.line), ("error", 7))
        self.assertIn("OWN-DE", inside.reason)

    def test_public_sets_become_drafts_once(self):
        for name, plans in (("tutorial2", 5), ("osips_training", 1), ("hundredrates", 1)):
            with self.subTest(name=name):
                code = f"T-{name}"
                record = self.cgrates(name, code)
                record.action_check()
                record.action_import()
                made = record.plan_ids
                self.assertGreaterEqual(len(made), plans)
                self.assertTrue(all(plan.code.startswith(code) and plan.state == "draft" for plan in made))
                before = self.counts()
                again = self.cgrates(name, code)
                again.action_import()
                self.assertEqual(self.counts(), before)
                self.assertEqual(again.plan_ids, made)
                self.env["bss.rate.plan"].browse(made.ids).unlink()
                self.env["bss.rate.zone"].search([("code", "=like", f"{code}:%")]).unlink()

    def test_prices_of_a_public_set(self):
        """hundredrates, Rates.csv by hand: prefix 10612 is 0.13 + 0.3689 a second."""
        record = self.cgrates("hundredrates")
        record.action_import()
        zone = self.env["bss.rate.zone"]._bss_match("10612", self.company).zone_id
        rate = record.plan_ids.rate_ids.filtered(lambda one: one.zone_id == zone)
        self.assertEqual((rate.price_micro, rate.connect_fee_micro, rate.chain), (22_134_000, 130_000, "1/1"))
        left_out = record.problem_ids.filtered(lambda one: one.file == "Rates.csv")
        self.assertTrue(left_out)
        self.assertTrue(all(one.line and one.column and one.reason for one in left_out))

    def test_bands_of_a_public_set(self):
        record = self.cgrates("tutorial2")
        record.action_import()
        plan = record.plan_ids.filtered(lambda one: one.code == "T:RP_STANDARD")
        self.assertTrue(plan.band_ids)
        self.assertTrue(all(band.code.startswith("T:") for band in plan.band_ids))
        reasons = {one.reason for one in record.problem_ids}
        self.assertTrue(any("RP_STANDARD" in reason and "20" in reason for reason in reasons), reasons)

    def test_a_plan_that_would_price_nothing_is_not_made(self):
        record = self.carrier(
            SHEET.splitlines()[0] + "\nNowhere;4915x;0,02;2026-12-01;\nElsewhere;49;abc;2026-12-01;\n"
        )
        record.action_check()
        before = self.counts()
        with self.assertRaisesRegex(UserError, "nothing to take over"):
            record.action_import()
        self.assertEqual(self.counts(), before)
        # a zone that another plan prices and the list only in part
        part = self.make_zone("T-ALL", "international", ["8881", "8882"])
        self.make_rate_plan([{"zone_id": part.id, "price_micro": 290_000}], code="T-OTHER", activate=False)
        record = self.carrier(SHEET.splitlines()[0] + "\nOne;8881;0,02;2026-12-01;\n")
        record.action_check()
        self.assertIn("Nothing to take over", record.preview_html)
        before = self.counts()
        with self.assertRaisesRegex(UserError, "nothing to take over"):
            record.action_import()
        self.assertEqual(self.counts(), before)

    def test_a_price_list_with_two_periods(self):
        content = (SETS / "sigscale" / "tariff-periods.csv").read_bytes()
        record = self.make(("tariff-periods.csv", content), kind="periods", code="T-SIG", date_start=date(2026, 12, 1))
        record.action_import()
        self.assertEqual(record.plan_ids.date_start, date(2026, 12, 1))
        self.assertEqual({rate.price_micro for rate in record.plan_ids.rate_ids}, {12_300, 11_000, 0, 50_000})
        self.assertEqual(record.problem_ids.mapped("line"), [5, 6])

    def test_twenty_thousand_prefixes(self):
        """Set-based: prefixes cost no record each; 20,000 of 400 destinations within a minute on a busy machine."""
        rows = ["Destination;Code;Rate"]
        rows += [f"Place {n % 400};{10_000_000 + n};0,{n % 400 + 1:04}" for n in range(20_000)]
        record = self.carrier("\n".join(rows), code="T-BIG")
        started = time.process_time()
        record.action_import()
        self.assertLess(time.process_time() - started, 60)
        self.assertEqual(len(record.plan_ids.rate_ids), 400)
        prefixes = self.env["bss.rate.prefix"].search_count([("zone_id.code", "=like", "T-BIG:%")])
        self.assertEqual(prefixes, 20_000)
        with self.assertQueryCount(__system__=400):
            self.carrier("\n".join(rows), code="T-BIG").action_check()

    def test_files_that_are_none(self):
        record = self.make(("cut.zip", b"PK\x03\x04 nothing"), kind="cgrates", code="T")
        with self.assertRaises(UserError):
            record.action_check()
        record = self.env["bss.tariff.import"].create(
            {
                "code": "T",
                "column_prefix": "Code",
                "column_price": "Rate",
                "attachment_ids": self.attach("az.csv", "nothing of this is a list").ids,
            }
        )
        record.action_check()
        self.assertEqual(record.error_count, 1)
        with self.assertRaises(UserError):
            record.action_import()

    def test_only_the_billing_manager_imports(self):
        record = self.carrier()
        for role in ("viewer", "clerk", "collector"):
            user = new_test_user(
                self.env,
                f"t_tariff_{role}",
                groups=f"bss_catalog.group_bss_{role}",
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            with self.assertRaises(AccessError):
                record.with_user(user).action_check()
        manager = new_test_user(
            self.env,
            "t_tariff_manager",
            groups="bss_catalog.group_bss_billing_manager",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        mine = self.env["bss.tariff.import"].with_user(manager)
        attachment = (
            self.env["ir.attachment"]
            .with_user(manager)
            .create({"name": "az.csv", "datas": base64.b64encode(SHEET.encode())})
        )
        vals = {"code": "T-M", "kind": "carrier", "attachment_ids": [(6, 0, attachment.ids)]}
        names = {"column_prefix": "Code", "column_price": "Rate", "column_valid_from": "Effective Date"}
        mine = mine.create({**vals, **names, "company_id": self.company.id})
        mine.action_check()
        mine.action_import()
        self.assertEqual(len(mine.plan_ids), 2)
