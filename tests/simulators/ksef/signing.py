"""Making enveloped XAdES-BES signatures with RSA or EC keys (for confirmations, and for clients in tests).

Source: auth/podpis-xades.md; an ECDSA value is written as R || S.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from .xades import DS, ENVELOPED, EXCLUSIVE, SIGNED_PROPERTIES, XADES

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def sign_enveloped(
    root: etree._Element, key: PrivateKey, certificate: x509.Certificate, signed_at: datetime
) -> etree._Element:
    """Append a signature to a document; with RSA the same input gives the same bytes."""
    document_digest = _digest(etree.tostring(root, method="c14n", exclusive=True))
    signature = etree.SubElement(root, f"{{{DS}}}Signature", Id="Signature", nsmap={"ds": DS})
    signed_info = etree.SubElement(signature, f"{{{DS}}}SignedInfo")
    value = etree.SubElement(signature, f"{{{DS}}}SignatureValue")
    der = certificate.public_bytes(serialization.Encoding.DER)
    key_info = etree.SubElement(etree.SubElement(signature, f"{{{DS}}}KeyInfo"), f"{{{DS}}}X509Data")
    etree.SubElement(key_info, f"{{{DS}}}X509Certificate").text = base64.b64encode(der).decode()
    properties = _properties(etree.SubElement(signature, f"{{{DS}}}Object"), certificate, der, signed_at)
    method = RSA_SHA256 if isinstance(key, rsa.RSAPrivateKey) else ECDSA_SHA256
    etree.SubElement(signed_info, f"{{{DS}}}CanonicalizationMethod", Algorithm=EXCLUSIVE)
    etree.SubElement(signed_info, f"{{{DS}}}SignatureMethod", Algorithm=method)
    _reference(signed_info, "", document_digest, (ENVELOPED, EXCLUSIVE))
    property_digest = _digest(etree.tostring(properties, method="c14n", exclusive=True))
    _reference(signed_info, "#SignedProperties", property_digest, (EXCLUSIVE,), SIGNED_PROPERTIES)
    value.text = base64.b64encode(_value(key, etree.tostring(signed_info, method="c14n", exclusive=True))).decode()
    return signature


def _value(key: PrivateKey, data: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
    size = (key.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _properties(
    holder: etree._Element, certificate: x509.Certificate, der: bytes, signed_at: datetime
) -> etree._Element:
    qualifying = etree.SubElement(
        holder, f"{{{XADES}}}QualifyingProperties", Target="#Signature", nsmap={"xades": XADES}
    )
    properties = etree.SubElement(qualifying, f"{{{XADES}}}SignedProperties", Id="SignedProperties")
    inner = etree.SubElement(properties, f"{{{XADES}}}SignedSignatureProperties")
    etree.SubElement(inner, f"{{{XADES}}}SigningTime").text = signed_at.isoformat(timespec="milliseconds")
    node = etree.SubElement(etree.SubElement(inner, f"{{{XADES}}}SigningCertificate"), f"{{{XADES}}}Cert")
    digest = etree.SubElement(node, f"{{{XADES}}}CertDigest")
    etree.SubElement(digest, f"{{{DS}}}DigestMethod", Algorithm=SHA256)
    etree.SubElement(digest, f"{{{DS}}}DigestValue").text = _digest(der)
    issuer = etree.SubElement(node, f"{{{XADES}}}IssuerSerial")
    etree.SubElement(issuer, f"{{{DS}}}X509IssuerName").text = certificate.issuer.rfc4514_string()
    etree.SubElement(issuer, f"{{{DS}}}X509SerialNumber").text = str(certificate.serial_number)
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
