"""The frozen XML of documents: one row of bytes each, written once by COPY, never changed, read in pieces.

Not an attachment: a night of 300,000 invoices would make as many files and as many rows of another table.
"""

import io
import struct

_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_END = struct.pack("!h", -1)


def make_table(cr):
    """The table with its guard: a row may only go together with its document."""
    cr.execute(
        """
        CREATE TABLE IF NOT EXISTS bss_ksef_xml (
            document_id integer PRIMARY KEY REFERENCES bss_ksef_document ON DELETE CASCADE,
            content bytea NOT NULL);
        COMMENT ON TABLE bss_ksef_xml IS 'Frozen XML of KSeF documents: the exact bytes whose SHA-256 KSeF knows';
        CREATE OR REPLACE FUNCTION bss_ksef_xml_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM bss_ksef_document WHERE id = OLD.document_id) THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'The frozen XML of a KSeF document cannot be changed.' USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE OR REPLACE TRIGGER bss_ksef_xml_frozen BEFORE UPDATE OR DELETE ON bss_ksef_xml
            FOR EACH ROW EXECUTE FUNCTION bss_ksef_xml_is_frozen();
        """
    )
    _compress_fast(cr)


def drop_table(cr):
    """The table and its guard, when the addon goes and the documents with it."""
    cr.execute("DROP TABLE IF EXISTS bss_ksef_xml; DROP FUNCTION IF EXISTS bss_ksef_xml_is_frozen()")


def _compress_fast(cr):
    """lz4 where the server has it: a third of the work of PostgreSQL's own way, at nearly the same size."""
    cr.execute(
        """SELECT FROM pg_settings, pg_attribute
            WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)
              AND attrelid = 'bss_ksef_xml'::regclass AND attname = 'content' AND attcompression::text <> 'l'"""
    )
    if cr.rowcount:
        cr.execute("ALTER TABLE bss_ksef_xml ALTER COLUMN content SET COMPRESSION lz4")


def keep(cr, contents):
    """Store [(document id, bytes)] in one statement; the documents must be in the database."""
    buffer = io.BytesIO()
    buffer.write(_HEADER)
    for document_id, content in contents:
        buffer.write(struct.pack("!hiii", 2, 4, document_id, len(content)))
        buffer.write(content)
    buffer.write(_END)
    buffer.seek(0)
    cr.copy_expert("COPY bss_ksef_xml (document_id, content) FROM STDIN (FORMAT binary)", buffer)


def contents(cr, ids, chunk=500):
    """Yields (document id, bytes) in the order of `ids`, `chunk` documents in memory at a time.

    Documents without frozen XML (invalid ones) are left out.
    """
    ids = list(ids)
    for start in range(0, len(ids), chunk):
        part = ids[start : start + chunk]
        cr.execute("SELECT document_id, content FROM bss_ksef_xml WHERE document_id = ANY(%s)", [part])
        found = {document_id: bytes(content) for document_id, content in cr.fetchall()}
        for document_id in part:
            if document_id in found:
                yield document_id, found.pop(document_id)
