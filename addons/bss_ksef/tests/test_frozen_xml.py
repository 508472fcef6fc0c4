import base64
import hashlib
import importlib.util
from pathlib import Path

import psycopg2
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import KsefCommon

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


def migration(version, name):
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), MIGRATIONS / version / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@tagged("post_install", "-at_install")
class TestFrozenXml(KsefCommon):
    """The bytes that KSeF knows by their hash: kept once, never changed, read without filling the memory."""

    def setUp(self):
        super().setUp()
        self.moves = self._make_moves(self.business)
        for index in range(3):
            self.moves |= self._make_moves(self._make_partner(f"Klient {index}", "5261040567"))
        self.documents = self._freeze(self.moves)

    def _freeze(self, moves):
        return self.env["bss.ksef.document"]._bss_freeze(moves, self.day, self.env["bss.ksef.session"]._bss_now())

    def test_the_bytes_are_those_of_the_hash(self):
        self.documents.invalidate_recordset()
        found = dict(self.documents._bss_contents(self.documents.ids))
        self.assertEqual(set(found), set(self.documents.ids))
        for document in self.documents:
            content = base64.b64decode(document.xml)
            self.assertEqual(content, found[document.id])
            self.assertEqual(base64.b64encode(hashlib.sha256(content).digest()).decode(), document.sha256)
            self.assertEqual(len(content), document.size)

    def test_no_attachment_is_made(self):
        domain = [("res_model", "=", "bss.ksef.document"), ("res_field", "!=", False)]
        self.assertFalse(self.env["ir.attachment"].sudo().search(domain))

    def test_contents_come_in_order_and_in_pieces(self):
        ids = self.documents.ids[::-1]
        with self.assertQueryCount(2):
            found = [document_id for document_id, _content in self.documents._bss_contents([*ids, 2**30], chunk=3)]
        self.assertEqual(found, ids)

    def test_a_refused_invoice_has_no_bytes(self):
        bad = self._freeze(self._make_moves(self._make_partner("Zły NIP", "5261040568")))
        self.assertEqual((bad.state, bad.xml), ("invalid", False))
        self.assertEqual(list(bad._bss_contents(bad.ids)), [])

    @mute_logger("odoo.sql_db")
    def test_nothing_changes_frozen_bytes(self):
        document = self.documents[0]
        with self.assertRaises(UserError):
            document.write({"xml": base64.b64encode(b"<x/>")})
        with self.assertRaises(UserError):
            document.copy({"xml": base64.b64encode(b"<x/>")})
        for statement in ("UPDATE bss_ksef_xml SET content = 'x'", "DELETE FROM bss_ksef_xml"):
            with self.assertRaises(psycopg2.errors.RestrictViolation), self.env.cr.savepoint():
                self.env.cr.execute(f"{statement} WHERE document_id = %s", [document.id])
        self.assertEqual(dict(document._bss_contents(document.ids)).keys(), {document.id})

    def test_the_bytes_go_with_their_document(self):
        document = self.documents[0]
        document.session_id = False
        document._bss_move_to("returned")
        document.unlink()
        self.env.cr.execute("SELECT count(*) FROM bss_ksef_xml WHERE document_id = %s", [document.id])
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_old_attachments_move_into_the_table(self):
        contents = dict(self.documents._bss_contents(self.documents.ids))
        attachments = self._as_before(contents)
        self.assertFalse(self.documents[0].xml)
        migration("19.0.1.1.0", "post-frozen_xml").migrate(self.env.cr, "19.0.1.0.0")
        self.documents.invalidate_recordset()
        self.assertEqual(dict(self.documents._bss_contents(self.documents.ids)), contents)
        self.assertFalse(attachments.exists())

    def test_a_touched_attachment_stops_the_update(self):
        contents = dict(self.documents._bss_contents(self.documents.ids))
        self._as_before({document_id: content + b" " for document_id, content in contents.items()})
        with self.assertRaises(ValueError):
            migration("19.0.1.1.0", "post-frozen_xml").migrate(self.env.cr, "19.0.1.0.0")

    def _as_before(self, contents):
        """The bytes as attachments, as they were kept before the table."""
        self.env.cr.execute("ALTER TABLE bss_ksef_xml DISABLE TRIGGER USER")
        self.env.cr.execute("DELETE FROM bss_ksef_xml WHERE document_id = ANY(%s)", [list(contents)])
        self.env.cr.execute("ALTER TABLE bss_ksef_xml ENABLE TRIGGER USER")
        self.documents.invalidate_recordset()
        return self.env["ir.attachment"].create(
            [
                {"name": "xml", "res_model": "bss.ksef.document", "res_field": "xml", "res_id": key, "raw": content}
                for key, content in contents.items()
            ]
        )
