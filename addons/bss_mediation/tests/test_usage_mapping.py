import base64
import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .. import mapping_adapters
from ..mediation_core import from_dict
from ..mediation_core.mapping import TARGETS
from .common import ANY_DAY, MediationCommon

SAMPLE = (
    "14.10.2026 17:58:20;501000001;221234567;4:00\n14.10.2026 18:00:00;501000001;<img src=x onerror=alert(1)>;1:00\n"
)
EVERYTHING = {
    "kind": "csv",
    "usage_kind": "sms",
    "decimal": ",",
    "delimiter": "\t",
    "quote": "'",
    "skip_lines": 2,
    "comment": "#",
    "key": ["2", "5"],
    "columns": [
        {"target": "started_at", "source": "2", "second": "8", "layout": "%d.%m.%Y %H:%M", "timezone": "UTC"},
        {"target": "a_number", "source": "3", "pattern": "^sip:([0-9]+)@", "default": "0"},
        {"target": "duration_s", "source": "4", "unit": "ms", "rounding": "half"},
        {"target": "direction", "source": "6", "values": {"A": "out", "B": "in"}},
        {"target": "network", "constant": "26006"},
        {"target": "cost_micro", "source": "7"},
    ],
    "filters": [{"source": "6", "operator": "is_not", "value": "A|B", "action": "keep"}],
    "record_type": {"source": "1", "detail": "D", "header": "H", "trailer": "T"},
    "controls": [
        {"kind": "rows", "record": "trailer", "source": "2"},
        {"kind": "amount", "record": "trailer", "source": "3", "unit": "0.01", "detail": "7", "detail_unit": "0.0001"},
    ],
}


@tagged("post_install", "-at_install")
class TestUsageMapping(MediationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mapping = cls.env["bss.usage.mapping"].create(
            {
                "name": "Report",
                "delimiter": ";",
                "sample": base64.b64encode(SAMPLE.encode()),
                "column_ids": [
                    Command.create(
                        {"target": "started_at", "source": "1", "layout": "%d.%m.%Y %H:%M:%S", "sequence": 1}
                    ),
                    Command.create({"target": "a_number", "source": "2", "sequence": 2}),
                    Command.create({"target": "b_number", "source": "3", "sequence": 3}),
                    Command.create(
                        {"target": "duration_s", "source": "4", "sequence": 4, "unit": "hh:mm:ss", "pattern": ""}
                    ),
                ],
            }
        )

    def line(self, target):
        return self.mapping.column_ids.filtered(lambda line: line.target == target)

    def make_source(self):
        context = self.mapping.action_make_source()["context"]
        return self.env["bss.usage.source"].with_context(**context).create({"code": "T-MAP", **ANY_DAY})

    # --- to the kernel and back

    def test_a_first_sample_says_its_separator_and_names(self):
        sample = base64.b64encode(b"Data;Godzina;Od\n2026-10-14;17:58:20;501000001\n")
        with Form(self.env["bss.usage.mapping"]) as form:
            form.name = "Of our own"
            form.sample = sample
            self.assertEqual((form.delimiter, form.has_header), (";", True))
            self.assertIn("Godzina", form.preview_html)
        # what somebody described already stays as it is
        with Form(self.mapping) as form:
            form.sample = base64.b64encode(b"a|1\nb|2\n")
            self.assertEqual(form.delimiter, ";")

    def test_every_entry_goes_to_the_screen_and_back(self):
        kernel = from_dict(EVERYTHING)
        record = self.env["bss.usage.mapping"].create(
            {"name": "All", "company_id": self.company.id, **mapping_adapters.mapping_values(kernel)}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(mapping_adapters.kernel_mapping(record), kernel)
        self.assertFalse(record.has_faults)

    def test_every_target_has_a_label(self):
        labels = self.env["bss.usage.mapping.column"]._bss_target_labels()
        self.assertEqual([target for target in TARGETS if labels[target] == target], [])

    def test_export_import_and_copy(self):
        kernel = mapping_adapters.kernel_mapping(self.mapping)
        content = base64.b64decode(self.mapping.export_file)
        self.mapping.timezone = "UTC"
        wizard = self.env["bss.usage.mapping.import"].create({"file": base64.b64encode(content), "file_name": "r.json"})
        twin = self.env["bss.usage.mapping"].browse(wizard.action_import()["res_id"])
        self.assertEqual((twin.name, twin.timezone), ("Report", "Europe/Warsaw"))
        for one in (twin, self.mapping.copy()):
            self.assertEqual(mapping_adapters.kernel_mapping(one), kernel)
            self.assertFalse(one.sample)

    def test_import_names_the_faulty_line(self):
        data = {"name": "x", "mapping": {"columns": [{"target": "started_at", "source": "1"}, {"target": "a_nr"}]}}
        with self.assertRaisesRegex(UserError, "(?s)line 2.*a_nr"):
            self.env["bss.usage.mapping"]._bss_import(json.dumps(data), "x.json")
        for wrong in (
            "[",
            "{}",
            "[1]",
            '{"mapping": 7}',
            '{"mapping": {"columns": [1], "nonsense": 2}}',
            "[" * 100_000,
        ):
            with self.subTest(wrong=wrong[:40]), self.assertRaises(UserError):
                self.env["bss.usage.mapping"]._bss_import(wrong, "x.json")

    # --- preview

    def test_preview_shows_values_and_problems_and_escapes_the_file(self):
        self.line("duration_s").unit = "hh:mm:ss"
        html = self.mapping.preview_html
        self.assertIn("48501000001", html)
        self.assertIn("2026-10-14 15:58:20", html)
        self.assertIn("&lt;img src=x onerror", html)
        self.assertNotIn("<img", html)

    def test_preview_follows_every_change_before_it_is_saved(self):
        with Form(self.mapping) as form:
            self.assertIn("48221234567", form.preview_html)
            with form.column_ids.edit(2) as line:
                line.source = "9"
            self.assertNotIn("48221234567", form.preview_html)
            with form.column_ids.edit(2) as line:
                line.source = "3"
            self.assertIn("48221234567", form.preview_html)
            with form.column_ids.edit(0) as line:
                line.layout = "%q"
            self.assertTrue(form.has_faults)
            self.assertIn("line 1 (Start)", form.fault_html)
            with form.column_ids.edit(0) as line:
                line.layout = "%d.%m.%Y %H:%M:%S"
            form.encoding = "utf-16"
            form.encoding = "auto"

    def test_preview_of_a_new_mapping_before_anything_is_saved(self):
        with Form(self.env["bss.usage.mapping"]) as form:
            form.name = "Fresh"
            form.sample = base64.b64encode(b"2026-10-14 17:58:20,501000001,60\n")
            self.assertIn("Columns", form.fault_html)
            self.assertIn("501000001", form.preview_html)
            for target, place in (("started_at", "1"), ("a_number", "2"), ("duration_s", "3")):
                with form.column_ids.new() as line:
                    line.target, line.source = target, place
            self.assertFalse(form.has_faults)
            self.assertIn("48501000001", form.preview_html)

    def test_any_sample_gives_a_preview(self):
        for content in (b"\x00\xff\xfe", b"", b'"', b"\n" * 50, b"a" * 300_000, b"<script>alert(1)</script>;;;\n"):
            with self.subTest(content=content[:20]):
                self.mapping.sample = base64.b64encode(content)
                self.assertNotIn("<script", self.mapping.preview_html)
        for kind in ("fixed", "json", "xml"):
            self.mapping.kind = kind
            self.assertTrue(self.mapping.preview_html)

    def test_sample_is_bounded(self):
        with self.assertRaisesRegex(ValidationError, "5 MB"):
            self.mapping.sample = base64.b64encode(b"x" * 5_000_001)

    def test_sample_is_for_clerks(self):
        viewer = new_test_user(
            self.env,
            login="mapping-viewer",
            groups="base.group_user,bss_catalog.group_bss_viewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        mapping = self.mapping.with_user(viewer)
        self.assertEqual(mapping.name, "Report")
        for name in ("sample", "preview_html"):
            with self.assertRaises(AccessError):
                mapping[name]
        attachment = self.env["ir.attachment"].search([("res_model", "=", mapping._name), ("res_field", "=", "sample")])
        with self.assertRaises(AccessError):
            attachment.with_user(viewer).read(["datas"])

    # --- sources

    def test_source_reads_by_the_mapping(self):
        source = self.make_source()
        self.assertEqual((source.format, source.mapping_id), ("generic_csv", self.mapping))
        file = self.load(*SAMPLE.splitlines(), source=source)
        self.assertCounts(file, loaded=1, suspended=1)
        self.assertEqual(self.events(file).b_number, "48221234567")
        row = file.suspense_ids
        row.raw = SAMPLE.splitlines()[0].replace("17:58", "19:58")
        row.action_replay()
        self.assertCounts(file, loaded=2)

    def test_faulty_mapping_cannot_be_used_nor_become_faulty_in_use(self):
        self.line("a_number").source = "x"
        with self.assertRaisesRegex(ValidationError, r"line 2 \(Caller\)"):
            self.mapping.action_make_source()
        self.line("a_number").source = "2"
        source = self.make_source()
        with self.assertRaisesRegex(ValidationError, r"line 1 \(Start\), Layout"):
            self.mapping.write({"column_ids": [Command.update(self.line("started_at").id, {"layout": "?"})]})
        with self.assertRaisesRegex(ValidationError, "line 2"), self.env.cr.savepoint():
            self.line("a_number").source = "x"
        with self.assertRaisesRegex(ValidationError, "choose a mapping"):
            source.format = "generic_xml"
        with self.assertRaisesRegex(ValidationError, "choose a mapping"):
            source.mapping_id = False
        source.format = "asterisk_csv"
