"""Sessions that KSeF refused as a whole: what it means, and the same frozen documents in another session.

Copies of the documents go, with the very same bytes: should KSeF have taken one of them all the same, it refuses the second
one as a duplicate whose hash is ours, and we take its number.
"""

from odoo import models
from odoo.tools import SQL

from ..ksef_core import mode
from ..ksef_core.transport import session
from ..ksef_core.transport.package import Compression
from ..ksef_core.transport.result import Failure
from .bss_ksef_document import utc_naive

ATTEMPTS = 3  # sessions for the same documents when something went wrong on the way
# codes after which nothing of the session can be in KSeF: it never came to reading the invoices
NOTHING_TAKEN = (405, 415, 420, 430, 435, 440)
# columns of a document that belong to the attempt and not to what is sent
_OWN = ("id", "state", "session_id", "superseded", "error_code", "error_element", "error_text", "invoice_reference")


class BssKsefSessionAgain(models.Model):
    _inherit = "bss.ksef.session"  # pylint: disable=consider-merging-classes-inherited

    def _bss_refused_whole(self, gate, token, status):
        """KSeF processed nothing of the session, or gave up in the middle of it. Returns None or a Failure of asking."""
        if status.code not in NOTHING_TAKEN:
            failure = self._bss_accept_listed(gate, token)
            if failure:
                return failure
        documents = self._bss_undecided()
        groups = self._bss_next_groups(status.code, documents)
        text = self._bss_refusal_words(status, again=bool(groups))
        if not documents:  # it had taken all of them
            self._bss_to("processing")
            self._bss_finish()
            return None
        self._bss_fail(text)
        if groups:
            self._bss_copy_into_new_sessions(documents, groups, status.code)
        return None

    def _bss_accept_listed(self, gate, token):
        """Numbers of the invoices that KSeF took before it gave up, by hash."""
        rows = session.all_invoices(gate, token, self.reference)
        if isinstance(rows, Failure):
            return rows
        documents = self._bss_undecided()
        by_hash = {document.sha256: document.id for document in documents}
        taken = documents._bss_accept(
            {
                by_hash[row.sha256]: (row.ksef_number, utc_naive(row.numbered_at), None, mode.read(row.mode))
                for row in rows
                if row.ksef_number and row.sha256 in by_hash
            }
        )
        self.accepted_count = len(taken)
        return None

    def _bss_next_groups(self, code, documents):
        """How `documents` go again: one list of ids for each new session; none when they wait for somebody."""
        ids = documents.ids
        if self.kind == "online" or code == 440 or not ids:
            return []
        if code == 420:
            middle = len(ids) // 2
            return [ids[:middle], ids[middle:]] if middle else []
        if code == 430:
            return [ids] if self.compression == Compression.TAR_GZ else []
        return [ids] if self.attempt < ATTEMPTS else []

    def _bss_copy_into_new_sessions(self, documents, groups, code):
        """The same bytes again: copies of the documents, because each of them is one attempt."""
        documents.write({"superseded": True})
        documents.flush_recordset()
        columns = SQL(", ").join(
            SQL.identifier(field.name)
            for field in documents._fields.values()
            if field.store and field.column_type and field.name not in _OWN
        )
        for ids in groups:
            again = self._bss_successor(
                len(ids), compression=Compression.ZIP if code == 430 else Compression(self.compression)
            )
            self.env.cr.execute(
                SQL(
                    """
                    WITH again AS (
                        INSERT INTO bss_ksef_document (%(columns)s, state, session_id, superseded)
                        SELECT %(columns)s, 'queued', %(session)s, FALSE FROM bss_ksef_document
                         WHERE id = ANY(%(ids)s) ORDER BY id
                     RETURNING id, move_id)
                    INSERT INTO bss_ksef_xml (document_id, content)
                    SELECT again.id, kept.content
                      FROM again
                      JOIN bss_ksef_document before ON before.move_id = again.move_id AND before.id = ANY(%(ids)s)
                      JOIN bss_ksef_xml kept ON kept.document_id = before.id
                    """,
                    columns=columns,
                    session=again.id,
                    ids=ids,
                )
            )
            documents.browse(ids).move_id._bss_ksef_set(state="queued")
            self.env.invalidate_all()
            again._bss_begin()

    def _bss_replace(self, groups):
        """Sessions beside this one for documents that were not told to KSeF yet."""
        for documents in groups:
            beside = self._bss_successor(len(documents), attempt=self.attempt)
            documents.write({"session_id": beside.id})
            beside._bss_begin()

    def _bss_successor(self, count, **values):
        return self.sudo().create(
            {
                "company_id": self.company_id.id,
                "environment": self.environment,
                "compression": self.compression,
                "document_count": count,
                "replaces_id": self.id,
                "attempt": self.attempt + 1,
                **values,
            }
        )

    def _bss_begin(self):
        """A job sends it; whoever waits for the session that it replaces (`_bss_wait`) goes on with it himself."""
        if not self.env.context.get("queue_job__no_delay"):
            self._bss_queue_poll()

    def _bss_with_replacements(self):
        """These sessions and all that took the place of one of them."""
        found = self
        while found.replacement_ids - found:
            found |= found.replacement_ids
        return found

    def _bss_refusal_words(self, status, again):
        """Why, and what happens now, in words for clerks."""
        env = self._bss_polish()
        reasons = {
            405: env._("KSeF did not get the package as it was declared."),
            415: env._("KSeF could not decrypt the key of the session."),
            420: env._("There are more invoices in the session than KSeF allows this company."),
            430: env._("KSeF could not unpack the package."),
            435: env._("KSeF could not decrypt the package."),
            440: env._("KSeF cancelled the session: the package was not uploaded in time, or it was empty."),
            500: env._("KSeF failed while processing the session."),
        }
        follows = {
            420: env._("The invoices go again in two smaller sessions."),
            430: env._("The same invoices go again as Zip."),
        }
        happens = (
            follows.get(status.code, env._("The same invoices go again in a new session."))
            if again
            else env._("The invoices are not in KSeF and wait for the next sending.")
        )
        details = " ".join(status.details)
        told = f"[{status.code}] {status.text} {details}".strip()
        return " ".join((reasons.get(status.code, env._("KSeF refused the session.")), happens, f"({told})"))
