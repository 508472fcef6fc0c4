"""Documents as rows: one COPY for a chunk of them, one for their bytes."""

import io

from odoo.tools import SQL

from . import frozen_store

COLUMNS = (
    "id",
    "name",
    "move_id",
    "company_id",
    "environment",
    "state",
    "session_id",
    "sha256",
    "size",
    "qr_url",
    "error_code",
    "error_element",
    "error_text",
    "late",
    "late_sent_by",
    "superseded",
    "create_uid",
    "write_uid",
    "create_date",
    "write_date",
)
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_SEQUENCE = "bss_ksef_document_id_seq"


def insert(env, rows):
    """Store documents and their frozen XML.

    :param rows: [({column: value}, frozen bytes or None)]
    :return: ids in the same order
    """
    cr = env.cr
    cr.execute(SQL("SELECT nextval(%s), now() AT TIME ZONE 'UTC' FROM generate_series(1, %s)", _SEQUENCE, len(rows)))
    reserved = cr.fetchall()
    ids = [row[0] for row in reserved]
    stamp = {"create_uid": env.uid, "write_uid": env.uid, "create_date": reserved[0][1], "write_date": reserved[0][1]}
    text = io.StringIO()
    for document_id, (values, _content) in zip(ids, rows, strict=True):
        whole = {**values, **stamp, "id": document_id}
        text.write("\t".join([_token(whole.get(column)) for column in COLUMNS]))
        text.write("\n")
    text.seek(0)
    cr.copy_expert(f"COPY bss_ksef_document ({', '.join(COLUMNS)}) FROM STDIN", text)
    frozen_store.keep(
        cr,
        [
            (document_id, content)
            for document_id, (_values, content) in zip(ids, rows, strict=True)
            if content is not None
        ],
    )
    return ids


def _token(value):
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value).translate(_ESCAPES)


def supersede(cr, move_ids):
    """Attempts of these invoices that ended; new ones take their place."""
    cr.execute(
        """UPDATE bss_ksef_document SET superseded = TRUE
            WHERE move_id = ANY(%s) AND state IN ('invalid', 'rejected', 'returned') AND superseded IS NOT TRUE""",
        [list(move_ids)],
    )
