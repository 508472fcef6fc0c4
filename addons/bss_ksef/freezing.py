"""Posted invoices → checked, frozen XML, stored as rows."""

from dataclasses import replace

from . import document_store, messages
from .adapters import Loader
from .ksef_core import fa3, mode, qr

REASONS = 20  # of one invoice in words: thousands of lines may have the same mistake
# state of the invoice that a document in this state stands for
MOVE_STATE = {
    "invalid": "rejected",
    "queued": "queued",
    "sent": "sent",
    "accepted": "accepted",
    "rejected": "rejected",
    "returned": "to_send",
    "unknown": "unknown",
}


class Freezing:
    """One freezing of many chunks; what they share is read once.

    :param as_of: day of sending in Warsaw
    :param created_at: aware moment that the documents call that of their making
    """

    def __init__(self, env, as_of, created_at):
        self._env = env
        self._as_of = as_of
        self._created_at = created_at
        self._schema = fa3.validator()
        self._loader = Loader(env)
        self._companies = {}

    def freeze(self, moves):
        """[(values of the document, frozen bytes or None)] in the order of `moves`; nothing is stored."""
        return [
            self._document(head, self._frozen(invoice), invoice)
            for head, invoice in self._loader.load(moves, self._created_at)
        ]

    def store(self, rows, session_id=None):
        """Documents, bytes and states of the invoices; returns the ids. A session takes the queued ones."""
        if not rows:
            return []
        for values, content in rows:
            values["session_id"] = session_id if content is not None else None
        ids = document_store.insert(self._env, rows)
        self._env.invalidate_all()
        moves = self._env["account.move"]
        for state in ("queued", "invalid"):
            moves.browse([values["move_id"] for values, _content in rows if values["state"] == state])._bss_ksef_set(
                state=MOVE_STATE[state]
            )
        return ids

    def _frozen(self, invoice):
        """Frozen bytes or problems. An attachment may be left off, an invoice may not: too big, it goes without."""
        frozen = fa3.freeze(invoice, self._as_of, self._schema)
        if invoice.attachment and not isinstance(frozen, fa3.Frozen) and frozen[0].code == "too_big":
            return fa3.freeze(replace(invoice, attachment=None), self._as_of, self._schema)
        return frozen

    def _document(self, head, frozen, invoice):
        environment, qr_base_url, company_name = self._company(head.company_id)
        late = mode.is_late(head.invoice_date, self._as_of)
        values = {
            "name": head.name,
            "move_id": head.id,
            "company_id": head.company_id,
            "environment": environment,
            "late": late,
            "late_sent_by": head.late_by if late else None,
            "superseded": False,
        }
        if isinstance(frozen, fa3.Frozen):
            url = qr.invoice_url(qr_base_url, invoice.seller.nip, head.invoice_date, frozen.sha256)
            values |= {"state": "queued", "sha256": frozen.sha256, "size": frozen.size, "qr_url": url}
            return values, frozen.xml
        words = [
            messages.explain(self._env, problem, customer=head.buyer_name or "", company=company_name)
            for problem in frozen[:REASONS]
        ]
        if len(frozen) > REASONS:
            words.append(self._env._("… and %(count)s more reasons.", count=len(frozen) - REASONS))
        first = frozen[0]
        values |= {"state": "invalid", "error_code": first.code, "error_element": first.element}
        return values | {"error_text": "\n".join(words)}, None

    def _company(self, company_id):
        if company_id not in self._companies:
            company = self._env["res.company"].browse(company_id)
            self._companies[company_id] = (
                company.bss_ksef_environment,
                company.bss_ksef_qr_base_url,
                company.name,
            )
        return self._companies[company_id]
