"""Comparing with KSeF by the hash of the XML: duplicates, and documents whose fate nobody told us.

One invoice is looked up by its number; many are found in an export of metadata, whatever their number. Nothing is sent
here, and what KSeF does not show stays as it is.
"""

from datetime import UTC, datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..ksef_core import mode, number, states
from ..ksef_core.transport import export, session
from ..ksef_core.transport.result import Failure, Fault
from .bss_ksef_document import utc_naive

ONE_BY_ONE = 3  # questions about single invoices; KSeF allows 20 an hour
LISTED_SESSIONS = 5  # sessions of originals that are listed (10 pages each) before an export takes over
EARLIER = timedelta(hours=1)  # before a session was opened nothing of it can have been stored
LONGEST = timedelta(days=99)  # of one export; KSeF allows 100 days
PAUSE_HOURS = 1  # between two comparisons by the scheduled action


class BssKsefSessionReconcile(models.Model):
    _inherit = "bss.ksef.session"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------------ duplicates

    def _bss_settle_duplicates(self, gate, token, rows):
        """Of the duplicates `rows` [(document, result)]: documents whose original is exactly ours, with its number.

        The same hash means that KSeF took this very document before; anything else is a real conflict.
        """
        originals = {document: row.extensions.get("originalKsefNumber") for document, row in rows}
        wanted = {ksef_number for ksef_number in originals.values() if ksef_number}
        known = {}
        if len(wanted) > ONE_BY_ONE:
            known = self._bss_known_of_sessions(gate, token, [row for _document, row in rows])
            if not isinstance(known, Failure) and len(wanted - known.keys()) > ONE_BY_ONE:
                more = self._bss_known_of_days(gate, token, wanted - known.keys())
                known = more if isinstance(more, Failure) else {**known, **more}
        if isinstance(known, Failure):
            return known
        for ksef_number in sorted(wanted - known.keys())[:ONE_BY_ONE]:
            found = session.invoice_of_number(gate, token, ksef_number)
            if isinstance(found, Failure):
                return found
            if found:
                known[ksef_number] = (found.sha256, found.mode)
        facts = {
            document.id: (ksef_number, None, None, mode.read(known[ksef_number][1]))
            for document, ksef_number in originals.items()
            if ksef_number in known and known[ksef_number][0] == document.sha256
        }
        return self.document_ids._bss_accept(facts)

    def _bss_known_of_sessions(self, gate, token, rows):
        """{KSeF number: (hash, mode)} of the sessions that the duplicates name; what cannot be listed is left out."""
        references = {row.extensions.get("originalSessionReferenceNumber") for row in rows} - {None, ""}
        known = {}
        for reference in sorted(references) if len(references) <= LISTED_SESSIONS else ():
            listed = session.all_invoices(gate, token, reference)
            if isinstance(listed, Failure):
                if listed.fault is Fault.LIMITED:
                    return listed
                continue
            known.update((row.ksef_number, (row.sha256, row.mode)) for row in listed if row.ksef_number)
        return known

    def _bss_known_of_days(self, gate, token, wanted):
        """{KSeF number: (hash, mode)} of the days on which the `wanted` numbers were given."""
        days = [parts.received for parts in map(number.parse, wanted) if parts]
        known = {}
        for day in sorted(set(days)):
            begin = datetime.combine(day, time.min, UTC) - timedelta(days=1)
            rows = export.known_since(gate, token, begin, min(begin + timedelta(days=3), gate.now()))
            if isinstance(rows, Failure):
                return rows
            known.update((row.ksef_number, (row.sha256, row.mode)) for row in rows)
            if wanted <= known.keys():
                break
        return known

    # ------------------------------------------------------------------ unknown fate

    @api.model
    def _bss_reconcile(self, company, documents=None):
        """Looks in KSeF for `documents` (by default all of `company` without a known fate); by hash, nothing is sent.

        Returns {asked, found} or a Failure. What is found is accepted with its number, also when we believed that it
        never went there (after a restored backup).
        """
        documents = self._bss_without_fate(company) if documents is None else documents
        if any(document.environment != company.bss_ksef_environment for document in documents):
            return Failure(Fault.REFUSED, self.env._("The company now uses another KSeF environment."))
        if not documents:
            return {"asked": 0, "found": 0}
        with company._bss_ksef_gate() as gate:
            token = self.env["bss.ksef.access"].sudo()._bss_token(gate, company)
            rows = token if isinstance(token, Failure) else self._bss_known_of(gate, token, documents)
        if isinstance(rows, Failure):
            return rows
        by_hash = {row.sha256: row for row in rows}
        found = documents._bss_accept(
            {
                document.id: (row.ksef_number, utc_naive(row.numbered_at), None, mode.read(row.mode))
                for document in documents
                if (row := by_hash.get(document.sha256))
            }
        )
        found.session_id._bss_recount()
        self._bss_commit()
        return {"asked": len(documents), "found": len(found)}

    @api.model
    def _bss_known_of(self, gate, token, documents):
        since = min(documents.mapped("create_date")).replace(tzinfo=UTC) - EARLIER
        now = gate.now()
        rows = []
        if len(documents) <= ONE_BY_ONE:
            for document in documents:
                begin = document.create_date.replace(tzinfo=UTC) - EARLIER
                listed = export.by_invoice_number(gate, token, document.name, begin, min(begin + LONGEST, now))
                if isinstance(listed, Failure):
                    return listed
                rows += listed
            return rows
        while since < now:
            listed = export.known_since(gate, token, since, min(since + LONGEST, now))
            if isinstance(listed, Failure):
                return listed
            rows += listed
            since += LONGEST
        return rows

    @api.model
    def _bss_without_fate(self, company):
        """Documents that may be in KSeF although nobody told us; a returned one only while its invoice still waits."""
        self.env["bss.ksef.document"].flush_model()
        self.env["account.move"].flush_model(["bss_ksef_state"])
        ids = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (document.move_id) document.id
                  FROM bss_ksef_document document
                  JOIN account_move move ON move.id = document.move_id
                 WHERE document.company_id = %s AND document.environment = %s AND document.sha256 IS NOT NULL
                   AND (document.state = 'unknown'
                        OR document.state = 'returned' AND move.bss_ksef_state IN ('to_send', 'late')
                           AND document.create_date > NOW() AT TIME ZONE 'UTC' - interval '30 days')
                 ORDER BY document.move_id, document.state = 'unknown' DESC, document.id DESC
                """,
                company.id,
                company.bss_ksef_environment,
            )
        )
        return self.env["bss.ksef.document"].sudo().browse([document_id for (document_id,) in ids])

    def _bss_recount(self):
        """Counts of finished sessions after a later answer."""
        for record in self.filtered(lambda s: s.state in states.SESSION_FINAL):
            documents = self.env["bss.ksef.document"].sudo()
            own = [("session_id", "=", record.id)]
            counted = dict(documents._read_group(own, ["state"], ["__count"]))
            record.write({"accepted_count": counted.get("accepted", 0), "rejected_count": counted.get("rejected", 0)})

    # ------------------------------------------------------------------ by hand and by schedule

    def action_reconcile(self):
        """Asks KSeF for the documents of this session whose fate is not known; for people, with a sentence."""
        self.ensure_one()
        self.document_ids.move_id.check_access("write")
        record = self.sudo()
        open_ones = record.document_ids.filtered(lambda d: d.state in ("sent", "unknown"))
        if not open_ones:
            raise UserError(self.env._("The fate of every invoice of this session is known."))
        told = record._bss_reconcile(record.company_id, open_ones)
        if isinstance(told, Failure):
            raise UserError(record.company_id.with_env(self.env)._bss_ksef_describe(told))
        message = self.env._("KSeF has %(found)s of %(asked)s invoices.", **told)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "success" if told["found"] == told["asked"] else "warning",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    @api.model
    def _cron_reconcile(self):
        """Documents whose fate stayed unknown after the end of their session, or for an hour: compared, company by company."""
        before = fields.Datetime.now() - timedelta(hours=PAUSE_HOURS)
        for company in self.env["res.company"].sudo().search([("bss_ksef_enabled", "=", True)]):
            documents = self._bss_without_fate(company).filtered(
                lambda d: (
                    d.state == "unknown"
                    and (d.session_id.state in states.SESSION_FINAL or (d.session_id.opening_at or before) <= before)
                )
            )
            if documents and not company._bss_ksef_login_problem():
                self.sudo()._bss_reconcile(company, documents)
            self.env["ir.cron"]._commit_progress(1)
