"""Official confirmations of receipt (UPO) of a session page and of a single invoice.

Sources: upo-v4-3.xsd and the official samples; faktury/sesje/sesja-sprawdzenie-stanu-i-pobranie-upo.md. The document is
valid against the schema; the enveloped XAdES signature, which the schema does not describe, is added after that.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from . import schemas
from .crypto import ServerKey
from .numbers import WARSAW
from .register import Accepted
from .xades import DS, ENVELOPED, EXCLUSIVE, SIGNED_PROPERTIES, XADES

U = f"{{{schemas.UPO_NAMESPACE}}}"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
PAGE_SIZE = 10_000
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
    _sign(root, key, signed_at)
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


# -- signature ----------------------------------------------------------------------------------------------------------
def _sign(root: etree._Element, key: ServerKey, signed_at: datetime) -> None:
    """Add an enveloped XAdES-BES signature; the same input gives the same bytes."""
    document_digest = _digest(etree.tostring(root, method="c14n", exclusive=True))
    signature = etree.SubElement(root, f"{{{DS}}}Signature", Id="Signature", nsmap={"ds": DS})
    signed_info = etree.SubElement(signature, f"{{{DS}}}SignedInfo")
    value = etree.SubElement(signature, f"{{{DS}}}SignatureValue")
    key_info = etree.SubElement(etree.SubElement(signature, f"{{{DS}}}KeyInfo"), f"{{{DS}}}X509Data")
    etree.SubElement(key_info, f"{{{DS}}}X509Certificate").text = base64.b64encode(key.der).decode()
    holder = etree.SubElement(signature, f"{{{DS}}}Object")
    properties = _properties(holder, key, signed_at)
    etree.SubElement(signed_info, f"{{{DS}}}CanonicalizationMethod", Algorithm=EXCLUSIVE)
    etree.SubElement(signed_info, f"{{{DS}}}SignatureMethod", Algorithm=RSA_SHA256)
    _reference(signed_info, "", document_digest, (ENVELOPED, EXCLUSIVE))
    property_digest = _digest(etree.tostring(properties, method="c14n", exclusive=True))
    _reference(signed_info, "#SignedProperties", property_digest, (EXCLUSIVE,), SIGNED_PROPERTIES)
    data = etree.tostring(signed_info, method="c14n", exclusive=True)
    value.text = base64.b64encode(key.private.sign(data, padding.PKCS1v15(), hashes.SHA256())).decode()


def _properties(holder: etree._Element, key: ServerKey, signed_at: datetime) -> etree._Element:
    qualifying = etree.SubElement(
        holder, f"{{{XADES}}}QualifyingProperties", Target="#Signature", nsmap={"xades": XADES}
    )
    properties = etree.SubElement(qualifying, f"{{{XADES}}}SignedProperties", Id="SignedProperties")
    inner = etree.SubElement(properties, f"{{{XADES}}}SignedSignatureProperties")
    etree.SubElement(inner, f"{{{XADES}}}SigningTime").text = signed_at.isoformat(timespec="milliseconds")
    certificate = etree.SubElement(etree.SubElement(inner, f"{{{XADES}}}SigningCertificate"), f"{{{XADES}}}Cert")
    digest = etree.SubElement(certificate, f"{{{XADES}}}CertDigest")
    etree.SubElement(digest, f"{{{DS}}}DigestMethod", Algorithm=SHA256)
    etree.SubElement(digest, f"{{{DS}}}DigestValue").text = _digest(key.der)
    issuer = etree.SubElement(certificate, f"{{{XADES}}}IssuerSerial")
    etree.SubElement(issuer, f"{{{DS}}}X509IssuerName").text = key.certificate.issuer.rfc4514_string()
    etree.SubElement(issuer, f"{{{DS}}}X509SerialNumber").text = str(key.certificate.serial_number)
    return properties


def _reference(
    parent: etree._Element, uri: str, digest: str, transforms: tuple[str, ...], kind: str | None = None
) -> None:
    node = etree.SubElement(parent, f"{{{DS}}}Reference", URI=uri, **({"Type": kind} if kind else {}))
    chain = etree.SubElement(node, f"{{{DS}}}Transforms")
    for algorithm in transforms:
        etree.SubElement(chain, f"{{{DS}}}Transform", Algorithm=algorithm)
    etree.SubElement(node, f"{{{DS}}}DigestMethod", Algorithm=SHA256)
    etree.SubElement(node, f"{{{DS}}}DigestValue").text = digest


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")
