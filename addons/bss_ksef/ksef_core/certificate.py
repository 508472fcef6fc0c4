"""An uploaded certificate with its private key: read in any usual form, told in facts, checked before it is used."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from .problems import Problem

# smallest keys that KSeF lets in: bits of RSA, bits of an elliptic curve
RSA_BITS = 2048
CURVE_BITS = 256
_PEM = serialization.Encoding.PEM
# numbers of a company or of a person in the subject: VATPL-1234567890 (seal), TINPL-1234567890 (natural person)
_NIP = re.compile(r"^(?:VATPL|TINPL)-(\d{10})$")


@dataclass(frozen=True)
class Pair:
    """A certificate and a key that could be read; `problems` tells whether they are of use.

    nip: tax number of the subject, empty when it has none (a person known by PESEL, for example)
    password: opens `key_pem`; empty when the key is not encrypted
    """

    subject: str
    issuer: str
    nip: str
    valid_from: datetime
    valid_until: datetime
    certificate_pem: str = field(repr=False)
    key_pem: str = field(repr=False)
    password: str = field(repr=False)
    fits: bool
    strong: bool
    signs_logins: bool


def read(certificate: bytes, key: bytes, password: str) -> Pair | Problem:
    """The pair out of the files as they were uploaded: PEM or DER each, or both in one PKCS#12 (then `key` is empty)."""
    found = _certificate(certificate)
    if found is None:
        return _both(certificate, password)
    if not key:
        return Problem("missing_key", "key")
    opened = _key(key, password)
    return opened if isinstance(opened, Problem) else _pair(found, *opened)


def problems(pair: Pair, now: datetime) -> tuple[Problem, ...]:
    """Why this pair cannot log in, whatever the rights of its owner are; `now` is aware."""
    found = []
    if not pair.fits:
        found.append(Problem("key_mismatch", "key"))
    if now >= pair.valid_until:
        found.append(Problem("expired", "certificate", {"date": pair.valid_until.date().isoformat()}))
    if now < pair.valid_from:
        found.append(Problem("not_yet_valid", "certificate", {"date": pair.valid_from.date().isoformat()}))
    if pair.fits and not pair.strong:
        found.append(Problem("weak_key", "certificate"))
    return tuple(found)


def warnings(pair: Pair, nip: str) -> tuple[Problem, ...]:
    """What is unusual for a login of the company with `nip`, but only KSeF can tell whether it is wrong."""
    found = []
    if pair.nip and pair.nip != nip:
        found.append(Problem("other_nip", "certificate", {"nip": pair.nip}))
    if not pair.signs_logins:
        found.append(Problem("not_for_login", "certificate"))
    return tuple(found)


def _certificate(content: bytes) -> x509.Certificate | None:
    try:
        if b"BEGIN CERTIFICATE" in content:
            return x509.load_pem_x509_certificate(content)
        return x509.load_der_x509_certificate(content)
    except ValueError:
        return None


def _both(content: bytes, password: str) -> Pair | Problem:
    """PKCS#12: a certificate file that is none may hold both."""
    if content[:1] != b"\x30":
        return Problem("unreadable_certificate", "certificate")
    try:
        key, certificate, _others = pkcs12.load_key_and_certificates(content, password.encode() or None)
    except ValueError as exc:
        wrong = "password" in str(exc).lower() or "mac" in str(exc).lower()
        return Problem("wrong_password", "key") if wrong else Problem("unreadable_certificate", "certificate")
    if certificate is None or key is None:
        return Problem("unreadable_certificate", "certificate")
    return _pair(certificate, key, password)


def _key(content: bytes, password: str) -> tuple[PrivateKeyTypes, str] | Problem:
    """The key and the password that it needs."""
    is_pem = b"-----BEGIN" in content
    load = serialization.load_pem_private_key if is_pem else serialization.load_der_private_key
    secret = password.encode() or None
    try:
        return load(content, secret), password
    except TypeError:
        # either an encrypted key and no password, or a password and nothing to open
        if secret is None:
            return Problem("missing_password", "key")
        return load(content, None), ""
    except ValueError:
        # a DER key that was opened with a wrong password cannot be told from broken bytes
        encrypted = b"ENCRYPTED" in content or (not is_pem and content[:1] == b"\x30")
        return Problem("wrong_password" if secret is not None and encrypted else "unreadable_key", "key")


def _pair(certificate: x509.Certificate, key: PrivateKeyTypes, password: str) -> Pair:
    public = certificate.public_key()
    shut = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return Pair(
        subject=_name(certificate.subject),
        issuer=_name(certificate.issuer),
        nip=_nip(certificate.subject),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        certificate_pem=certificate.public_bytes(_PEM).decode("ascii"),
        key_pem=key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, shut).decode("ascii"),
        password=password,
        fits=key.public_key() == public,
        strong=_is_strong(public),
        signs_logins=_signs_logins(certificate),
    )


def _name(name: x509.Name) -> str:
    """The common name, else the organisation, else everything."""
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(oid):
            return str(attribute.value)
    return name.rfc4514_string()


def _nip(name: x509.Name) -> str:
    for oid in (NameOID.ORGANIZATION_IDENTIFIER, NameOID.SERIAL_NUMBER):
        for attribute in name.get_attributes_for_oid(oid):
            match = _NIP.match(str(attribute.value))
            if match:
                return match.group(1)
    return ""


def _is_strong(public: object) -> bool:
    if isinstance(public, rsa.RSAPublicKey):
        return public.key_size >= RSA_BITS
    return isinstance(public, ec.EllipticCurvePublicKey) and public.key_size >= CURVE_BITS


def _signs_logins(certificate: x509.Certificate) -> bool:
    """KSeF's own certificates for QR code II may only sign for good (nonRepudiation), never log in."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature
