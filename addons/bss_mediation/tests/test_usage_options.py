from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .. import adapters
from ..mediation_core import FORMATS
from .common import MediationCommon


@tagged("post_install", "-at_install")
class TestUsageOptions(MediationCommon):
    def option(self, name, source=None):
        return (source or self.source).option_ids.filtered(lambda line: line.name == name)

    def test_every_option_of_every_format_has_words(self):
        labels = {option.label for entry in FORMATS.values() for option in entry.options}
        self.assertEqual(labels, set(self.env["bss.usage.source.option"]._bss_option_texts()))

    def test_options_follow_the_format(self):
        self.assertFalse(self.source.option_ids)
        self.source.format = "freeswitch_csv"
        self.assertEqual(self.source.option_ids.mapped("name"), ["template", "columns", "rounding"])
        self.assertEqual(self.option("template").value, "builtin")
        self.option("template").value = "own"
        self.option("rounding").value = "down"
        self.source.format = "freeswitch_json"
        self.assertEqual(self.source._bss_options(), {"encoded": "auto", "rounding": "down"})
        # “columns” of FreeSWITCH are others than those of Asterisk
        self.source.format = "freeswitch_csv"
        self.option("columns").value = "uuid"
        self.source.format = "asterisk_custom"
        self.assertTrue(self.option("columns").value.startswith("clid,src"))

    def test_form_shows_the_options_at_once(self):
        with Form(self.env["bss.usage.source"]) as form:
            form.name, form.code, form.format = "Switch", "T-FS", "freeswitch_json"
            self.assertEqual(len(form.option_ids), 2)
            with form.option_ids.edit(0) as line:
                line.value = "yes"
        source = form.record
        self.assertEqual(source._bss_options(), {"encoded": "yes", "rounding": "up"})
        self.assertEqual(self.option("encoded", source).allowed, "auto, yes, no")
        self.assertEqual(len(source.copy({"code": "T-FS2"}).option_ids), 2)

    def test_values_are_checked_by_kind(self):
        for format_name, name, wrong, right, kernel in (
            ("radius_detail", "idle_hours", "-1", " 12 ", "12"),
            ("radius_detail", "split", "week", "day", "day"),
            ("tap3", "check_times", "perhaps", "no", "0"),
            ("tap3", "check_times", "2", "Tak", "1"),
            ("radius_detail", "memory_days", "7.5", "", ""),
        ):
            with self.subTest(name=name, wrong=wrong):
                self.source.format = format_name
                line = self.option(name)
                with self.assertRaisesRegex(ValidationError, f"{line.label}.*{wrong}"):
                    line.value = wrong
                line.value = right
                self.assertEqual(adapters.source_profile(self.source).options[name], kernel)

    def test_encoding_is_a_codec_of_text(self):
        for wrong in ("klingon", "base64", "", "utf-8\x00"):
            with self.subTest(wrong=wrong), self.assertRaises(Exception) as caught, self.env.cr.savepoint():
                self.source.write({"encoding": wrong})
                self.source.flush_recordset()
            self.assertTrue(caught.exception)
        self.source.encoding = "cp1250"
        self.assertEqual(adapters.source_profile(self.source).encoding, "cp1250")

    def test_options_reach_the_parser(self):
        source = self.source.copy({"code": "T-CUSTOM", "format": "asterisk_custom"})
        self.option("columns", source).value = "start,src,dst,billsec,disposition,duration"
        self.option("separator", source).value = "semicolon"
        row = "2026-10-14 17:58:20;501000001;221234567;240;ANSWERED;250"
        file = self.load(row, source=source)
        self.assertCounts(file, loaded=1)
        self.assertEqual(self.events(file).b_number, "48221234567")
