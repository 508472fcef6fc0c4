"""Verification of XAdES signatures, written apart from any signing library.

Source: auth/podpis-xades.md (allowed forms, transforms, algorithms, key sizes, ECDSA value as R || S, certificate
attributes). Enveloped and enveloping signatures are accepted, detached ones are not.
"""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from .errors import bad_request

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
NS = {"ds": DS, "xades": XADES}

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = ("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/2006/12/xml-c14n11")
ENVELOPED = f"{DS}enveloped-signature"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
BASE64 = f"{DS}base64"

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha3-256": hashes.SHA3_256,
    "sha3-384": hashes.SHA3_384,
    "sha3-512": hashes.SHA3_512,
}
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"
MORE_2021 = "http://www.w3.org/2021/04/xmldsig-more#"
DIGESTS = {
    f"{DS}sha1": "sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    f"{MORE}sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
    **{f"{MORE_2007}sha3-{bits}": f"sha3-{bits}" for bits in (256, 384, 512)},
}
SIGNATURES: dict[str, tuple[str, str]] = {
    f"{DS}rsa-sha1": ("rsa", "sha1"),
    **{f"{MORE}rsa-sha{bits}": ("rsa", f"sha{bits}") for bits in (256, 384, 512)},
    **{f"{MORE_2007}sha{bits}-rsa-MGF1": ("pss", f"sha{bits}") for bits in (1, 256, 384, 512)},
    **{f"{MORE_2007}sha3-{bits}-rsa-MGF1": ("pss", f"sha3-{bits}") for bits in (256, 384, 512)},
    **{f"{MORE}ecdsa-sha{bits}": ("ecdsa", f"sha{bits}") for bits in (1, 256, 384, 512)},
    **{f"{MORE_2021}ecdsa-sha3-{bits}": ("ecdsa", f"sha3-{bits}") for bits in (256, 384, 512)},
}


@dataclass(frozen=True)
class Signer:
    """Who signed: identifiers found in the certificate."""

    certificate: x509.Certificate
    nip: str | None
    pesel: str | None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate in upper-case hexadecimal."""
        return self.certificate.fingerprint(hashes.SHA256()).hex().upper()


def verify(root: etree._Element, payload: str) -> tuple[etree._Element, Signer]:
    """Verify the only signature of a document; return the signed payload element and its signer.

    ``payload`` is the qualified name the signed document must have.
    """
    signatures = list(root.iter(f"{{{DS}}}Signature"))
    if not signatures:
        raise bad_request(9102)
    if len(signatures) > 1:
        raise bad_request(9103)
    signature = signatures[0]
    document = root if root is not signature else _enveloped_payload(signature)
    if document is None or etree.QName(document).localname != etree.QName(payload).localname:
        raise bad_request(9101)
    signer = _certificate(signature)
    _check_signed_info(signature, signer.certificate)
    _check_references(root, signature, document)
    _check_signing_certificate(signature, signer.certificate)
    return document, signer


def _enveloped_payload(signature: etree._Element) -> etree._Element | None:
    for holder in signature.findall("ds:Object", NS):
        for child in holder:
            if isinstance(child.tag, str) and not child.tag.startswith(f"{{{XADES}}}"):
                return child
    return None


def _broken(detail: str) -> Exception:
    return bad_request(9105, detail)


def _certificate(signature: etree._Element) -> Signer:
    text = signature.findtext("ds:KeyInfo/ds:X509Data/ds:X509Certificate", namespaces=NS)
    if not text:
        raise bad_request(21115, "Brak certyfikatu w KeyInfo.")
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True))
        key = certificate.public_key()
    except (ValueError, binascii.Error) as error:
        raise bad_request(21115) from error
    if isinstance(key, rsa.RSAPublicKey):
        strong = key.key_size >= 2048
    else:
        strong = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size >= 256
    now = datetime.now(UTC)
    if not strong or not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise bad_request(21115)
    return Signer(certificate, *_identifiers(certificate))


def _identifiers(certificate: x509.Certificate) -> tuple[str | None, str | None]:
    """Read NIP and PESEL by the documented patterns of serialNumber and organizationIdentifier."""
    nip = pesel = None
    for attribute in certificate.subject:
        value = str(attribute.value)
        if attribute.oid.dotted_string == "2.5.4.5":
            if found := re.search(r"(?:PNOPL|PESEL).*?(\d{11})", value):
                pesel = found.group(1)
            elif found := re.search(r"(?:TINPL|NIP).*?(\d{10})", value):
                nip = found.group(1)
        elif attribute.oid.dotted_string == "2.5.4.97" and (found := re.search(r"VATPL.*?(\d{10})", value)):
            nip = found.group(1)
    return nip, pesel


# -- canonical forms and digests --------------------------------------------------------------------------------------
def _canonical(element: etree._Element, algorithm: str, prefixes: list[str] | None = None) -> bytes:
    comments = algorithm.endswith("WithComments")
    base = algorithm.removesuffix("WithComments")
    if base not in (EXCLUSIVE, INCLUSIVE[0], f"{INCLUSIVE[0]}#", INCLUSIVE[1], f"{INCLUSIVE[1]}#"):
        raise _broken("Niedozwolony algorytm kanonizacji.")
    detached = _with_scope(element)
    if base == EXCLUSIVE:
        return etree.tostring(
            detached, method="c14n", exclusive=True, with_comments=comments, inclusive_ns_prefixes=prefixes
        )
    return etree.tostring(detached, method="c14n", exclusive=False, with_comments=comments)


def _with_scope(element: etree._Element) -> etree._Element:
    """Copy a subtree with every namespace that is in scope at its root."""
    if element.getparent() is None:
        return element
    holder = etree.Element(element.tag, nsmap=element.nsmap)
    holder.text = element.text
    for name, value in element.attrib.items():
        holder.set(name, value)
    for child in element:
        holder.append(copy.deepcopy(child))
    return holder


def _without_signature(root: etree._Element) -> etree._Element:
    duplicate = copy.deepcopy(root)
    signature = next(duplicate.iter(f"{{{DS}}}Signature"))
    parent = signature.getparent()
    if parent is None:
        raise _broken("Transformata enveloped-signature w podpisie otaczającym.")
    previous = signature.getprevious()
    if signature.tail:
        if previous is not None:
            previous.tail = (previous.tail or "") + signature.tail
        else:
            parent.text = (parent.text or "") + signature.tail
    parent.remove(signature)
    return duplicate


def _digest(algorithm: str | None, data: bytes) -> bytes:
    name = DIGESTS.get(algorithm or "")
    if name is None:
        raise _broken("Niedozwolony algorytm skrótu.")
    return hashlib.new(name.replace("-", "_"), data).digest()


def _prefixes(node: etree._Element) -> list[str] | None:
    found = node.find(f"{{{EXCLUSIVE}}}InclusiveNamespaces")
    return found.get("PrefixList", "").split() if found is not None else None


# -- checks -----------------------------------------------------------------------------------------------------------
def _check_signed_info(signature: etree._Element, certificate: x509.Certificate) -> None:
    signed_info = signature.find("ds:SignedInfo", NS)
    value = signature.findtext("ds:SignatureValue", namespaces=NS)
    if signed_info is None or not value:
        raise bad_request(9105)
    method = signed_info.find("ds:CanonicalizationMethod", NS)
    chosen = signed_info.find("ds:SignatureMethod", NS)
    if method is None or chosen is None or chosen.get("Algorithm") not in SIGNATURES:
        raise _broken("Niedozwolony algorytm podpisu.")
    data = _canonical(signed_info, method.get("Algorithm", ""), _prefixes(method))
    family, digest = SIGNATURES[chosen.get("Algorithm", "")]
    try:
        raw = base64.b64decode("".join(value.split()), validate=True)
        _check_value(certificate.public_key(), family, _HASHES[digest](), raw, data)
    except (InvalidSignature, ValueError, binascii.Error) as error:
        raise _broken("Nieprawidłowa treść podpisu.") from error


def _check_value(key: Any, family: str, digest: hashes.HashAlgorithm, raw: bytes, data: bytes) -> None:
    if family == "ecdsa":
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise InvalidSignature
        size = (key.curve.key_size + 7) // 8
        if len(raw) != 2 * size:
            raise InvalidSignature  # SignatureValue must be R || S, not DER
        pair = int.from_bytes(raw[:size], "big"), int.from_bytes(raw[size:], "big")
        key.verify(encode_dss_signature(*pair), data, ec.ECDSA(digest))
        return
    if not isinstance(key, rsa.RSAPublicKey):
        raise InvalidSignature
    scheme: Any = padding.PKCS1v15()
    if family == "pss":
        scheme = padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size)
    key.verify(raw, data, scheme, digest)


def _check_references(root: etree._Element, signature: etree._Element, document: etree._Element) -> None:
    covers_document = covers_properties = False
    for reference in signature.findall("ds:SignedInfo/ds:Reference", NS):
        target, data = _dereference(root, signature, reference)
        method = reference.find("ds:DigestMethod", NS)
        expected = reference.findtext("ds:DigestValue", default="", namespaces=NS)
        actual = base64.b64encode(_digest(method.get("Algorithm") if method is not None else None, data)).decode()
        if actual != "".join(expected.split()):
            raise _broken("Niezgodny skrót w referencji podpisu.")
        if reference.get("Type") == SIGNED_PROPERTIES:
            covers_properties = target.tag == f"{{{XADES}}}SignedProperties"
        elif target is root or target is document or target is document.getparent():
            covers_document = True
    if not covers_document:
        raise _broken("Podpis nie obejmuje dokumentu.")
    if not covers_properties:
        raise _broken("Podpis nie obejmuje SignedProperties (wymagany profil XAdES).")


def _dereference(
    root: etree._Element, signature: etree._Element, reference: etree._Element
) -> tuple[etree._Element, bytes]:
    uri = reference.get("URI")
    if uri is None or (uri and not uri.startswith("#")):
        raise _broken("Podpis zewnętrzny (detached) nie jest akceptowany.")
    target = root if uri == "" else _by_id(root, uri[1:])
    current, data = target, None
    for transform in reference.findall("ds:Transforms/ds:Transform", NS):
        algorithm = transform.get("Algorithm", "")
        if algorithm in (ENVELOPED, XPATH):
            expression = (transform.findtext("ds:XPath", default="", namespaces=NS)).replace(" ", "")
            if algorithm == XPATH and not re.fullmatch(r"not\(ancestor-or-self::\w+:Signature\)", expression):
                raise _broken("Niedozwolona transformata XPath.")
            if target is not root:
                raise _broken("Niedozwolona transformata.")
            current = _without_signature(root)
        elif algorithm == BASE64:
            data = base64.b64decode("".join(current.itertext()))
        else:
            # A same-document reference selects no comments (XML Signature 4.4.3.3), whatever the algorithm says.
            data = _canonical(current, algorithm.removesuffix("WithComments"), _prefixes(transform))
    if data is None:
        data = _canonical(current, INCLUSIVE[0])
    return target, data


def _by_id(root: etree._Element, name: str) -> etree._Element:
    found = [element for element in root.iter() if name in (element.get("Id"), element.get("ID"), element.get("id"))]
    if len(found) != 1:
        raise _broken("Referencja podpisu nie wskazuje jednego elementu.")
    return found[0]


def _check_signing_certificate(signature: etree._Element, certificate: x509.Certificate) -> None:
    der = certificate.public_bytes(serialization.Encoding.DER)
    path = ".//xades:SignedProperties/xades:SignedSignatureProperties/xades:{}/xades:Cert/xades:CertDigest"
    for name in ("SigningCertificate", "SigningCertificateV2"):
        node = signature.find(path.format(name), NS)
        if node is not None:
            method = node.find("ds:DigestMethod", NS)
            digest = _digest(method.get("Algorithm") if method is not None else None, der)
            if base64.b64encode(digest).decode() != "".join(node.findtext("ds:DigestValue", "", NS).split()):
                raise _broken("Skrót certyfikatu w SigningCertificate jest niezgodny.")
            break
    else:
        raise _broken("Brak SigningCertificate w SignedProperties.")
    if signature.find(".//xades:SignedSignatureProperties/xades:SigningTime", NS) is None:
        raise _broken("Brak SigningTime w SignedProperties.")
