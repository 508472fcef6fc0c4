"""What people see: names of records without a number, lists as their menus open them, files that are none."""

import ast
import base64
from datetime import date

from odoo.tests import tagged

from .common import DunningCommon

DAY = date(2026, 10, 8)
NUMBERED = (
    "bss.complaint",
    "bss.dunning.dialer.batch",
    "bss.dunning.letter.batch",
    "bss.dunning.note",
    "bss.dunning.note.batch",
    "bss.dunning.print.batch",
    "bss.dunning.run",
    "bss.dunning.writeoff",
)


@tagged("post_install", "-at_install")
class TestScreens(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})

    def test_a_new_record_is_not_called_by_a_slash(self):
        for name in NUMBERED:
            with self.subTest(name):
                self.assertFalse(self.env[name].new({}).display_name)
        run = self.env["bss.dunning.run"].create({"as_of": DAY})
        self.assertEqual(run.display_name, run.name)

    def test_a_draft_note_says_so(self):
        account = self.debtor()
        self.run_on(DAY)
        note = self.env["bss.dunning.note"].create({"account_id": account.id, "date_to": DAY, "date": DAY})
        self.assertEqual(note.display_name, "Draft")
        note.action_issue()
        self.assertEqual(note.display_name, note.name)

    def test_texts_of_a_template_are_told_apart(self):
        texts = self.env.ref("bss_dunning.template_reminder_consumer").template_id.text_ids
        names = texts.mapped("display_name")
        self.assertEqual(len(set(names)), len(texts))
        self.assertIn("Consumers: Przypomnienie o płatności", names)

    def test_the_list_of_instalments_opens_with_those_to_be_paid(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_instalment_line_action")
        view = self.env["bss.dunning.instalment.line"].get_view(view_type="search")["arch"]
        chosen = {
            name.removeprefix("search_default_"): value
            for name, value in ast.literal_eval(action["context"]).items()
            if value
        }
        self.assertEqual(set(chosen), {"running", "unpaid"})
        between = view[view.index('name="running"') : view.index('name="unpaid"')]
        self.assertIn("<separator", between, "both must hold, not one of them")

    def test_a_picture_is_no_acknowledgement(self):
        picture = base64.b64encode(bytes(range(256)))
        taken = self.env["bss.dunning.print.ack"].create({"file": picture, "filename": "skan.png"})
        taken.action_import()
        self.assertEqual((taken.state, taken.row_count), ("done", 0))
        self.assertEqual(taken.error_ids.mapped("reason"), ["This is no text file: the print house sends CSV."])
