import io
import zipfile

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import MediationCommon


@tagged("post_install", "-at_install")
class TestUsagePush(MediationCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = cls.source.action_new_push_token()["params"]["message"]

    def push(self, content, name="Master.csv", token=None, code=None):
        headers = {"Authorization": f"Bearer {token or self.token}", "X-File-Name": name}
        self.env.flush_all()
        return self.url_open(f"/bss/usage/{code or self.source.code}", data=content, headers=headers)

    def test_a_file_is_taken_and_loads_in_a_job(self):
        answer = self.push(self.row().encode())
        self.assertEqual(answer.status_code, 201, answer.text)
        file = self.env["bss.usage.file"].browse(answer.json()["id"])
        self.assertEqual(
            (file.name, file.origin, file.state, file.source_id), ("Master.csv", "push", "received", self.source)
        )
        job = self.env["queue.job"].search([("identity_key", "=", f"bss.usage.file:{file.id}")])
        self.assertEqual(len(job), 1)
        file._bss_load()
        self.assertCounts(file, loaded=1)

    def test_every_file_of_a_package_loads_in_a_job(self):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name in ("a.csv", "b.csv"):
                archive.writestr(name, self.row())
        answer = self.push(packed.getvalue(), name="day.zip")
        self.assertEqual((answer.status_code, answer.json()["message"]), (201, "unpacked"), answer.text)
        package = self.env["bss.usage.file"].browse(answer.json()["id"])
        self.assertEqual(package.member_ids.mapped("origin"), ["push", "push"])
        keys = [f"bss.usage.file:{file.id}" for file in package.member_ids]
        self.assertEqual(self.env["queue.job"].search_count([("identity_key", "in", keys)]), 2)
        self.assertEqual(self.push(packed.getvalue(), name="again.zip").status_code, 409)

    def test_the_same_file_again(self):
        content = self.row().encode()
        self.push(content)
        again = self.push(content, name="other.csv")
        self.assertEqual(again.status_code, 409)
        self.assertIn("Master.csv", again.json()["message"])

    def test_who_has_no_token(self):
        other = self.source.copy({"code": "T-OTHER"})
        for answer in (
            self.push(b"x", token="wrong"),
            self.push(b"x", code="NOBODY"),
            self.push(b"x", code=other.code),
            self.url_open(f"/bss/usage/{self.source.code}", data=b"x", headers={"X-File-Name": "a"}),
        ):
            self.assertEqual(answer.status_code, 401)
        self.assertFalse(self.source.file_ids)

    def test_what_is_no_file(self):
        self.assertEqual(self.push(b"x", name="../x.csv").status_code, 400)
        self.assertEqual(self.push(b"x", name="").status_code, 400)
        self.source.max_megabytes = 1
        self.assertEqual(self.push(b"x" * 1_000_001).status_code, 413)

    def test_tokens_are_made_by_a_system_user(self):
        manager = new_test_user(self.env, "usage.manager", groups="bss_catalog.group_bss_billing_manager")
        with self.assertRaises(AccessError):
            self.source.with_user(manager).action_new_push_token()
        with self.assertRaises(AccessError):
            self.source.with_user(manager).read(["push_token_hash"])
        self.source.action_remove_push_token()
        self.assertEqual(self.push(b"x").status_code, 401)
