"""Frozen XML moves from attachments into the table of its own; bytes whose hash is not the document's stop the update."""

import base64
import hashlib

from odoo import SUPERUSER_ID, api
from odoo.addons.bss_ksef import frozen_store

CHUNK = 500


def migrate(cr, version):
    if not version:
        return
    cr.execute(
        """SELECT attachment.id, document.id, document.sha256
             FROM ir_attachment attachment
             JOIN bss_ksef_document document ON document.id = attachment.res_id
            WHERE attachment.res_model = 'bss.ksef.document' AND attachment.res_field = 'xml'
              AND NOT EXISTS (SELECT FROM bss_ksef_xml kept WHERE kept.document_id = document.id)
         ORDER BY document.id"""
    )
    rows = cr.fetchall()
    env = api.Environment(cr, SUPERUSER_ID, {})
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        attachments = env["ir.attachment"].browse([attachment_id for attachment_id, _document_id, _sha256 in part])
        frozen_store.keep(
            cr,
            [
                (document_id, _checked(attachment.raw, document_id, sha256))
                for attachment, (_id, document_id, sha256) in zip(attachments, part, strict=True)
            ],
        )
        attachments.unlink()
        env.invalidate_all()


def _checked(content, document_id, sha256):
    if base64.b64encode(hashlib.sha256(content).digest()).decode() != sha256:
        raise ValueError(f"KSeF document {document_id}: the stored XML is not the frozen one")
    return content
