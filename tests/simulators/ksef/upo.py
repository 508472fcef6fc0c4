"""Official confirmations of receipt (UPO) of a session page and of a single invoice.

Sources: upo-v4-3.xsd and the official samples; faktury/sesje/sesja-sprawdzenie-stanu-i-pobranie-upo.md. The document is
valid against the schema; the enveloped XAdES signature, which the schema does not describe, is added after that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lxml import etree

from . import schemas
from .crypto import ServerKey
from .numbers import WARSAW
from .register import Accepted
from .signing import sign_enveloped

U = f"{{{schemas.UPO_NAMESPACE}}}"
CONTEXT_NAMES = {
    "Nip": "Nip",
    "InternalId": "IdWewnetrzny",
    "NipVatUe": "IdZlozonyVatUE",
    "PeppolId": "IdDostawcyUslugPeppol",
}


def build(
    documents: Sequence[Accepted],
    *,
    session: str,
    context: tuple[str, str],
    token_reference: str | None,
    document_hash: str | None,
    key: ServerKey,
    signed_at: datetime,
    page: tuple[int, int, int, int, int] | None = None,
) -> bytes:
    """Return the signed bytes; ``page`` = (page, pages, from, to, total) for a session, None for one invoice."""
    root = etree.Element(f"{U}Potwierdzenie", nsmap={None: schemas.UPO_NAMESPACE})
    _add(root, "NazwaPodmiotuPrzyjmujacego", "Ministerstwo Finansów")
    _add(root, "NumerReferencyjnySesji", session)
    login = etree.SubElement(root, f"{U}Uwierzytelnienie")
    identifier = etree.SubElement(login, f"{U}IdKontekstu")
    _add(identifier, CONTEXT_NAMES[context[0]], context[1])
    if token_reference:
        _add(login, "NumerReferencyjnyTokenaKSeF", token_reference)
    else:
        _add(login, "SkrotDokumentuUwierzytelniajacego", document_hash or "")
    if page is not None:
        described = etree.SubElement(root, f"{U}OpisPotwierdzenia")
        names = ("Strona", "LiczbaStron", "ZakresDokumentowOd", "ZakresDokumentowDo", "CalkowitaLiczbaDokumentow")
        for name, value in zip(names, page, strict=True):
            _add(described, name, str(value))
    _add(root, "NazwaStrukturyLogicznej", "Schemat_FA(3)_v1-0E.xsd")
    _add(root, "KodFormularza", "FA (3)")
    for entry in documents:
        _document(root, entry)
    schemas.upo().assertValid(root)
    sign_enveloped(root, key.private, key.certificate, signed_at)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _document(root: etree._Element, entry: Accepted) -> None:
    node = etree.SubElement(root, f"{U}Dokument")
    _add(node, "NipSprzedawcy", entry.nip)
    _add(node, "NumerKSeFDokumentu", entry.ksef_number)
    _add(node, "NumerFaktury", entry.number)
    _add(node, "DataWystawieniaFaktury", entry.issue_date)
    _add(node, "DataPrzeslaniaDokumentu", _local(entry.invoicing_date))
    _add(node, "DataNadaniaNumeruKSeF", _local(entry.acquisition_date))
    _add(node, "SkrotDokumentu", entry.hash)
    _add(node, "TrybWysylki", entry.mode)


def _local(moment: datetime) -> str:
    return moment.astimezone(WARSAW).isoformat(timespec="milliseconds")


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{U}{name}").text = text
