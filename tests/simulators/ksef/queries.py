"""Reading back: invoices by number, metadata, limits, and the verification page of QR code I.

Sources: OpenAPI tags "Pobieranie faktur", "Limity i ograniczenia"; kody-qr.md section I.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from .auth import Principal
from .errors import bad_request
from .invoices import KINDS
from .numbers import stamp
from .register import Accepted, instant

if TYPE_CHECKING:
    from .simulator import KsefSimulator

MAX_RANGE = timedelta(days=100)
MAX_ROWS = 10_000
DATE_FIELDS = {"Issue": "issue_date", "Invoicing": "invoicing_date", "PermanentStorage": "storage_date"}
OUTSIDE = (
    "Parametr dateRange.from jest późniejszy niż PermanentStorageHwmDate przy włączonym "
    "restrictToPermanentStorageHwmDate."
)


@dataclass(frozen=True)
class Selection:
    """Result of a set of filters."""

    rows: list[Accepted]
    truncated: bool
    high_water: datetime | None
    outside: bool


class Queries:
    """Read-only endpoints."""

    def __init__(self, simulator: KsefSimulator) -> None:
        self.sim = simulator

    def download(self, principal: Principal, number: str) -> tuple[bytes, Accepted]:
        """``GET /invoices/ksef/{ksefNumber}``: only parties of the invoice may read it."""
        entry = self.sim.register.get(number)
        if entry is None or not _roles(entry, principal.nip):
            raise bad_request(21164, f"Faktura o numerze KSeF {number} nie została znaleziona.")
        if entry.storage_date > self.sim.now():
            raise bad_request(
                21165,
                f"Faktura o numerze KSeF {number} została przetworzona, ale nie jest jeszcze dostępna do pobrania. "
                "Spróbuj ponownie później.",
            )
        return self.sim.register.content(entry), entry

    def select(self, nip: str, filters: dict[str, Any], descending: bool = False) -> Selection:
        """Invoices that pass a set of filters, at most ten thousand."""
        span, now = filters["dateRange"], self.sim.now()
        start = _instant(span["from"])
        end = _instant(span["to"]) if span.get("to") else now
        if end - start > MAX_RANGE:
            raise bad_request(21405, "dateRange: maksymalny dozwolony okres wynosi 100 dni.")
        storage = span["dateType"] == "PermanentStorage"
        outside = False
        if storage and span.get("restrictToPermanentStorageHwmDate"):
            outside = start > now
            end = min(end, now)
        which = DATE_FIELDS[span["dateType"]]
        span_ends = [_column(which, moment) for moment in (start, end)]
        found = (
            entry
            for entry in self.sim.register.between(which, *span_ends, descending=descending)
            if entry.storage_date <= now and _fits(entry, filters, nip)
        )
        rows = list(islice(found, MAX_ROWS + 1))
        return Selection(rows[:MAX_ROWS], len(rows) > MAX_ROWS, min(end, now) if storage else None, outside)

    def metadata(self, principal: Principal, body: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
        """``POST /invoices/query/metadata``."""
        found = self.select(principal.nip, body, query.get("sortOrder") == "Desc")
        if found.outside:
            raise bad_request(21183, OUTSIDE)
        size, offset = query.get("pageSize", 10), query.get("pageOffset", 0)
        page = found.rows[offset * size : (offset + 1) * size]
        more = (offset + 1) * size < len(found.rows)
        answer: dict[str, Any] = {
            "hasMore": more or found.truncated,
            "isTruncated": found.truncated and not more,
            "invoices": [metadata_row(entry) for entry in page],
        }
        if found.high_water:
            answer["permanentStorageHwmDate"] = stamp(found.high_water)
        return answer

    def context_limits(self) -> dict[str, Any]:
        """``GET /limits/context``."""
        session = {
            "maxInvoiceSizeInMB": 1,
            "maxInvoiceWithAttachmentSizeInMB": 3,
            "maxInvoices": self.sim.max_invoices,
        }
        return {"onlineSession": session, "batchSession": session, "collectiveIdentifier": {"maxInvoices": 500}}

    def verify_qr(self, nip: str, day: str, digest: str) -> Accepted | None:
        """QR code I: seller NIP, P_1 as DD-MM-YYYY, Base64URL SHA-256 without padding (kody-qr.md)."""
        try:
            plain = base64.b64encode(base64.urlsafe_b64decode(digest + "=" * (-len(digest) % 4))).decode()
            issued = datetime.strptime(day, "%d-%m-%Y").replace(tzinfo=UTC).date().isoformat()
        except ValueError:
            return None
        entry = self.sim.register.with_hash(plain)
        if entry is not None and (entry.nip, entry.issue_date) == (nip, issued):
            return entry
        return self.sim.register.correction_of(plain)


def _roles(entry: Accepted, nip: str) -> set[str]:
    roles = set()
    if entry.nip == nip:
        roles.add("Subject1")
    if entry.facts["buyerIdentifier"].get("value") == nip:
        roles.add("Subject2")
    if nip in entry.facts["thirdNips"]:
        roles.add("Subject3")
    return roles


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _column(which: str, moment: datetime) -> str:
    """End of a range as the register keeps such moments; a day of issue begins at midnight UTC."""
    return moment.astimezone(UTC).date().isoformat() if which == "issue_date" else instant(moment)


def _fits(entry: Accepted, body: dict[str, Any], nip: str) -> bool:
    """Every filter of InvoiceQueryFilters."""
    facts = entry.facts
    amount = body.get("amount") or {}
    field_name = {"Brutto": "grossAmount", "Netto": "netAmount", "Vat": "vatAmount"}.get(amount.get("type", ""))
    value = Decimal(facts[field_name]) if field_name else Decimal(0)
    checks = (
        body["subjectType"] in _roles(entry, nip),
        body.get("ksefNumber") in (None, entry.ksef_number),
        body.get("invoiceNumber") in (None, entry.number),
        body.get("sellerNip") in (None, entry.nip),
        body.get("buyerIdentifier") is None
        or {k: v for k, v in body["buyerIdentifier"].items() if v is not None} == facts["buyerIdentifier"],
        not body.get("currencyCodes") or facts["currency"] in body["currencyCodes"],
        body.get("invoicingMode") in (None, entry.mode),
        body.get("isSelfInvoicing") in (None, facts["isSelfInvoicing"]),
        body.get("formType") in (None, "FA"),
        not body.get("invoiceTypes") or KINDS[entry.kind] in body["invoiceTypes"],
        body.get("hasAttachment") in (None, facts["hasAttachment"]),
        amount.get("from") is None or value >= Decimal(str(amount["from"])),
        amount.get("to") is None or value <= Decimal(str(amount["to"])),
    )
    return all(checks)


def metadata_row(entry: Accepted) -> dict[str, Any]:
    """InvoiceMetadata."""
    facts = entry.facts
    # left out instead of null: strict readers of OpenAPI 3.0 do not see that a `nullable` beside `allOf` allows null
    corrected = {"hashOfCorrectedInvoice": entry.corrected_hash} if entry.corrected_hash else {}
    return {
        **corrected,
        "ksefNumber": entry.ksef_number,
        "invoiceNumber": entry.number,
        "issueDate": entry.issue_date,
        "invoicingDate": stamp(entry.invoicing_date),
        "acquisitionDate": stamp(entry.acquisition_date),
        "permanentStorageDate": stamp(entry.storage_date),
        "seller": {"nip": entry.nip, "name": facts["sellerName"]},
        "buyer": {"identifier": facts["buyerIdentifier"], "name": facts["buyerName"] or None},
        "netAmount": float(facts["netAmount"]),
        "grossAmount": float(facts["grossAmount"]),
        "vatAmount": float(facts["vatAmount"]),
        "currency": facts["currency"],
        "invoicingMode": entry.mode,
        "invoiceType": KINDS[entry.kind],
        "formCode": {"systemCode": "FA (3)", "schemaVersion": "1-0E", "value": "FA"},
        "isSelfInvoicing": facts["isSelfInvoicing"],
        "hasAttachment": facts["hasAttachment"],
        "invoiceHash": entry.hash,
        "thirdSubjects": [],
    }
