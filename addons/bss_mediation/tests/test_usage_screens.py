from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..models import bss_usage_event
from .common import MediationCommon


@tagged("post_install", "-at_install")
class TestUsageScreens(MediationCommon):
    def test_upload_wizard(self):
        contents = [(self.row() + "\n").encode() for _n in range(2)]
        attachments = self.env["ir.attachment"].create(
            [{"name": f"up{n}.csv", "raw": content} for n, content in enumerate(contents)]
        )
        wizard = self.env["bss.usage.upload"].create(
            {"source_id": self.source.id, "attachment_ids": [(6, 0, attachments.ids)]}
        )
        action = wizard.action_upload()
        files = self.env["bss.usage.file"].search(action["domain"])
        self.assertEqual(set(files.mapped("state")), {"loaded"})
        self.assertEqual(sum(files.mapped("count_loaded")), 2)
        self.assertEqual(files[0].action_download()["url"], f"/bss/usage/file/{files[0].id}")
        self.assertFalse(attachments.exists())

    def test_known_file_does_not_stop_the_upload(self):
        known, fresh = ((self.row() + "\n").encode() for _n in range(2))
        self.env["bss.usage.file"]._bss_receive(self.source, "first.csv", known)

        def upload(**contents):
            attachments = self.env["ir.attachment"].create(
                [{"name": f"{name}.csv", "raw": content} for name, content in contents.items()]
            )
            values = {"source_id": self.source.id, "attachment_ids": [(6, 0, attachments.ids)]}
            return self.env["bss.usage.upload"].create(values).action_upload()

        action = upload(again=known, new=fresh)
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("again.csv", action["params"]["message"])
        self.assertNotIn("new.csv", action["params"]["message"])
        file = self.env["bss.usage.file"].browse(action["params"]["next"]["res_id"])
        self.assertEqual((file.name, file.state), ("new.csv", "loaded"))
        with self.assertRaisesRegex(UserError, "one.csv"):
            upload(one=known, two=fresh)
        with self.assertRaisesRegex(UserError, "void.csv is empty"):
            upload(void=b"")
        another = (self.row() + "\n").encode()
        self.assertIn("void.csv is empty", upload(void=b"", more=another)["params"]["message"])

    def test_suspense_of_one_file_is_not_grouped(self):
        file = self.load(self.row(src="601999999"))
        context = file.action_open_suspense()["context"]
        self.assertEqual(context, {"searchpanel_default_state": "open"})

    def test_search_by_the_name_of_the_customer(self):
        other = self.make_subscriber("Zażółcona Jaźń", products=[self.mobile], msisdn="48501000009")
        file = self.load(self.row(), self.row(src="501000009"))
        events = self.env["bss.usage.event"]
        for name in ("account_id", "partner_id", "service_id"):
            shown = other.service_ids.name if name == "service_id" else "zażółcona"
            for few in (1_000, 0):
                with patch.object(bss_usage_event, "FEW_NAMED", few):
                    found = events.search([(name, "ilike", shown), ("file_id", "ilike", file.name)])
                    self.assertIn(other, found.account_id, (name, few))
                    if name != "service_id":
                        self.assertEqual(found.account_id, other)
                    others = events.search(["!", (name, "ilike", shown), ("file_id", "=", file.id)])
                    self.assertEqual(len(found) + len(others), 2)
        self.assertFalse(events.search([("account_id", "ilike", "Nobody at all")]))
        other.active = False
        self.assertEqual(events.search([("partner_id", "ilike", "zażółcona")]).account_id, other)

    def test_search_by_number_in_any_writing(self):
        file = self.load(self.row(), self.row(dst="0049301234567"))
        Event = self.env["bss.usage.event"]
        for text, count in (
            ("501 000 001", 2),
            ("+48 501-000-001", 2),
            ("48501", 2),
            ("+49 30 1234567", 1),
            ("4930", 1),
            ("700000000", 0),
        ):
            found = Event.search([("number", "ilike", text), ("file_id", "=", file.id)])
            self.assertEqual(len(found), count, text)

    def test_groups_and_sums(self):
        file = self.load(self.row(), self.row(billsec="60"), self.row(start="2026-11-01 10:00:00", answer="", end=""))
        rows = self.env["bss.usage.event"]._read_group(
            [("file_id", "=", file.id)],
            ["started_at:month", "state"],
            ["__count", "duration_s:sum", "amount:sum"],
            order="started_at:month",
        )
        self.assertEqual([row[2:4] for row in rows], [(2, 300), (1, 240)])
        self.assertEqual(self.service.usage_count, 3)

    def test_forms_open(self):
        file = self.load(self.row(), self.row(src="601999999"))
        for record in (file, self.events(file), file.suspense_ids, self.source, self.service):
            with Form(record) as form:
                self.assertTrue(form)
        self.assertIn("0:04:00", self.events(file).duration_display)
        self.assertEqual((self.source.file_count, self.source.suspense_count), (1, 1))

    def test_viewer_sees_calls_but_not_whom(self):
        file = self.load(self.row())
        viewer = new_test_user(
            self.env, login="usage-v", groups="base.group_user,bss_catalog.group_bss_viewer",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        event = self.events(file).with_user(viewer)
        self.assertEqual(event.a_number, "48501000001")
        with self.assertRaises(AccessError):
            event.b_number  # noqa: B018 - reading it is what the test tries
        search = self.env["bss.usage.event"].with_user(viewer).search
        self.assertFalse(search([("number", "ilike", "221234567"), ("file_id", "=", file.id)]))
        arch = self.env["bss.usage.event"].with_user(viewer).get_view(view_type="list")["arch"]
        self.assertNotIn('name="b_number"', arch)
        stranger = new_test_user(
            self.env, login="usage-s", company_id=self.company.id, company_ids=[(6, 0, self.company.ids)]
        )
        with self.assertRaises(AccessError):
            event.with_user(stranger).read(["a_number"])

    def test_the_content_of_a_file_is_read_by_its_download_only(self):
        """A read by RPC would leave no trace; the attachment refuses everybody, those who may download included."""
        file = self.load(self.row())
        content = file.attachment_id
        self.assertIn(b"221234567", content.raw)
        self.assertFalse(content.index_content, "no second copy for searching")
        groups = {role: f"bss_catalog.group_bss_{role}" for role in ("viewer", "clerk", "billing_manager", "admin")}
        groups["system"] = "base.group_system,bss_catalog.group_bss_admin"
        for role, group in groups.items():
            user = new_test_user(
                self.env, login=f"usage-c-{role}", groups=f"base.group_user,{group}",
                company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
            )  # fmt: skip
            own = content.with_user(user)
            for fields in (["raw"], ["datas"], ["index_content"], ["name"]):
                own.invalidate_recordset()
                with self.assertRaises(AccessError):
                    own.read(fields)
            with self.assertRaises(AccessError):
                own.write({"name": "x"})
            with self.assertRaises(AccessError):
                file.with_user(user).attachment_id  # noqa: B018 - reading it is what the test tries
            self.assertEqual((file.with_user(user).count_loaded, file.with_user(user).has_content), (1, True))
            for domain in ([("id", "=", content.id)], [("res_model", "=", file._name), ("res_field", "!=", False)]):
                self.assertFalse(own.search(domain), role)
                self.assertFalse(own.search_read(domain, ["raw"]), role)

    def test_companies_are_apart(self):
        file = self.load(self.row())
        company = self.env["res.company"].create({"name": "Other operator"})
        user = new_test_user(
            self.env, login="usage-o", groups="base.group_user,bss_catalog.group_bss_admin",
            company_id=company.id, company_ids=[(6, 0, company.ids)],
        )  # fmt: skip
        env = self.env(user=user, context={"allowed_company_ids": company.ids})
        self.assertFalse(env["bss.usage.file"].search([("id", "=", file.id)]))
        self.assertFalse(env["bss.usage.source"].search([("id", "=", self.source.id)]))
        self.assertFalse(env["bss.usage.event"].search([("file_id", "=", file.id)]))

    def test_source_checks(self):
        for vals in ({"timezone": "Europe/Kutno"}, {"country_code": "+48"}):
            with self.assertRaises(ValidationError):
                self.source.write(vals)
        self.assertEqual(self.source._bss_normalise("501 000 001"), "48501000001")
