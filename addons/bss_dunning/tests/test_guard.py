"""Runs and batches are the work of their buttons: no hand, and no context of a caller, writes their protected fields."""

from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import DunningCommon

DAY = date(2026, 10, 8)
#: model, what people may give, what they may not, what they may write later
GUARDED = (
    ("bss.dunning.run", {"as_of": DAY}, {"state": "done", "opened_count": 9, "error": "x"}, {"as_of": DAY}),
    ("bss.dunning.note.batch", {"date": DAY, "date_to": DAY}, {"state": "done", "name": "X"}, {"kind": "interest"}),
    (
        "bss.dunning.print.batch",
        {"contents": "all"},
        {"state": "handed", "stage": "built", "letter_count": 9, "handed_at": "2026-10-08 10:00:00"},
        {"note": "pilne"},
    ),
    (
        "bss.dunning.dialer.batch",
        {"min_amount": 10.0},
        {"state": "closed", "csv_file": "eA==", "released_at": "2026-10-08 10:00:00"},
        {"min_amount": 20.0},
    ),
    (
        "bss.dunning.print.ack",
        {"file": "eA==", "filename": "a.csv"},
        {"state": "done", "sha256": "0" * 64, "sent_count": 9},
        {"filename": "b.csv"},
    ),
)


@tagged("post_install", "-at_install")
class TestGuard(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collector = new_test_user(
            cls.env,
            "strażnik.windykator",
            groups="base.group_user,bss_catalog.group_bss_collector",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
            context={"no_reset_password": True},
        )

    def model(self, name, **context):
        return self.env[name].with_user(self.collector).with_context(**context)

    def test_the_context_sets_no_protected_field(self):
        for name, given, protected, _later in GUARDED:
            forged = {f"default_{field}": value for field, value in protected.items()}
            plain = self.model(name).create(dict(given))
            for records in (self.model(name, **forged), self.model(name, **forged).sudo()):
                made = records.create(dict(given))
                with self.subTest(name, su=records.env.su):
                    for field in protected.keys() - {"name"}:
                        self.assertEqual(made[field], plain[field], field)
                    if "name" in protected:
                        self.assertNotEqual(made.name, protected["name"])

    def test_the_context_sets_what_people_may_give(self):
        batch = self.model("bss.dunning.print.batch", default_contents="all").create({})
        self.assertEqual(batch.contents, "all")

    def test_hands_give_and_write_nothing_else(self):
        for name, given, protected, later in GUARDED:
            made = self.model(name).create(dict(given))
            made.write(later)
            for field, value in protected.items():
                with self.subTest(name, field=field):
                    with self.assertRaises(AccessError):
                        self.model(name).create({**given, field: value})
                    with self.assertRaises(AccessError):
                        made.write({field: value})

    def test_nobody_invents_results_of_a_dialer(self):
        with self.assertRaises(AccessError):
            self.model("bss.dunning.dialer.file").create({"name": "wyniki.csv", "applied_count": 9})

    def test_begun_work_is_not_changed(self):
        begun = {"bss.dunning.print.batch": {"stage": "building"}, "bss.dunning.dialer.batch": {"state": "released"}}
        for name, given, _protected, later in GUARDED:
            made = self.model(name).create(dict(given))
            made.sudo().write(begun.get(name, {"state": "running"}))
            with self.subTest(name), self.assertRaises(AccessError):
                made.write(later)

    def test_the_chatter_of_a_begun_batch_goes_on(self):
        batch = self.model("bss.dunning.print.batch").create({"contents": "all"})
        batch.sudo().stage = "building"
        batch.message_post(body="drukarnia dzwoniła")
        batch.message_subscribe(self.collector.partner_id.ids)
        self.assertIn(self.collector.partner_id, batch.message_partner_ids)
