"""Logging in: challenge, then a KSeF token or a certificate, then the pair of access tokens; refreshing them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from ksef_client.services.auth import build_auth_token_request_xml
from ksef_client.services.xades import sign_xades_enveloped
from lxml import etree

from . import keys
from .gate import Gate, Json
from .result import Failure, Fault

_POLLS = 60
_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_EARLY = timedelta(seconds=60)
_Read = TypeVar("_Read")


@dataclass(frozen=True)
class Token:
    text: str = field(repr=False)
    valid_until: datetime

    def lives(self, now: datetime) -> bool:
        return now + _EARLY < self.valid_until


@dataclass(frozen=True)
class Tokens:
    access: Token
    refresh: Token


@dataclass(frozen=True)
class TokenLogin:
    """A KSeF token of the context's tax number."""

    nip: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class CertificateLogin:
    """A certificate and its private key, both PEM (or base64 DER for the certificate)."""

    nip: str
    certificate: str
    private_key: str = field(repr=False)
    password: str = field(repr=False, default="")
    by_fingerprint: bool = False


Login = TokenLogin | CertificateLogin


@dataclass(frozen=True)
class _Challenge:
    text: str
    timestamp_ms: int


def log_in(gate: Gate, login: Login) -> Tokens | Failure:
    """The whole way from nothing to the pair of tokens."""
    challenge = _challenge(gate)
    if isinstance(challenge, Failure):
        return challenge
    started = _start_token(gate, login, challenge) if isinstance(login, TokenLogin) else _sign(gate, login, challenge)
    if isinstance(started, Failure):
        return started
    reference, token = started
    waited = _wait(gate, reference, token)
    return waited if isinstance(waited, Failure) else _redeem(gate, token)


def refresh(gate: Gate, tokens: Tokens) -> Tokens | Failure:
    """A new access token; when this fails, log in again."""
    answer = gate.ask("POST", "/auth/token/refresh", token=tokens.refresh.text)
    if isinstance(answer, Failure):
        return answer
    return _guarded(lambda: Tokens(_token(answer.json["accessToken"]), tokens.refresh))


def _challenge(gate: Gate) -> _Challenge | Failure:
    answer = gate.ask("POST", "/auth/challenge")
    if isinstance(answer, Failure):
        return answer
    return _guarded(lambda: _Challenge(answer.json["challenge"], int(answer.json["timestampMs"])))


def _start_token(gate: Gate, login: TokenLogin, challenge: _Challenge) -> tuple[str, str] | Failure:
    found = keys.fetch(gate)
    if isinstance(found, Failure):
        return found
    key = keys.choose(found, keys.TOKEN_KEY, gate.now())
    if isinstance(key, Failure):
        return key
    payload = {
        "challenge": challenge.text,
        "contextIdentifier": {"type": "Nip", "value": login.nip},
        "encryptedToken": keys.wrap(key, f"{login.token.strip()}|{challenge.timestamp_ms}".encode()),
        "publicKeyId": key.key_id,
    }
    return _started(gate.ask("POST", "/auth/ksef-token", json=payload))


def _sign(gate: Gate, login: CertificateLogin, challenge: _Challenge) -> tuple[str, str] | Failure:
    signed = signed_request(login, challenge.text)
    if isinstance(signed, Failure):
        return signed
    headers = {"Content-Type": "application/xml"}
    return _started(gate.ask("POST", "/auth/xades-signature", content=signed, headers=headers))


def signed_request(login: CertificateLogin, challenge: str) -> bytes | Failure:
    """The AuthTokenRequest with its enveloped XAdES-BES signature."""
    try:
        key_pem = _plain_key(login)
    except (ValueError, TypeError) as exc:
        return Failure(Fault.REFUSED, f"private key: {exc}")
    try:
        certificate_pem = _certificate_pem(login.certificate)
    except ValueError as exc:
        return Failure(Fault.REFUSED, f"certificate: {exc}")
    request = build_auth_token_request_xml(
        challenge=challenge,
        context_identifier_type="nip",
        context_identifier_value=login.nip,
        subject_identifier_type="certificateFingerprint" if login.by_fingerprint else "certificateSubject",
    )
    signed = sign_xades_enveloped(request, certificate_pem, key_pem).encode("utf-8")
    key = serialization.load_pem_private_key(key_pem.encode("ascii"), None)
    return _with_ec_signature(signed, key) if isinstance(key, ec.EllipticCurvePrivateKey) else signed


def _with_ec_signature(signed: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """The same document with its signature value made here.

    python-xmlsec 1.3.14 (the one that fits our lxml) leaves zeros for elliptic curves. SignedInfo is complete, so only
    the value is missing: ECDSA over its exclusive canonical form, written as R followed by S.
    """
    root = etree.fromstring(signed, etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False))
    info = root.find(f".//{{{_DSIG}}}SignedInfo")
    value = root.find(f".//{{{_DSIG}}}SignatureValue")
    if info is None or value is None:
        raise ValueError("the signed request has no signature")
    text = etree.tostring(info, method="c14n", exclusive=True, with_comments=False)
    r, s = decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA256())))
    size = (key.key_size + 7) // 8
    value.text = base64.b64encode(r.to_bytes(size, "big") + s.to_bytes(size, "big")).decode("ascii")
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def certificate_valid_until(certificate: str) -> datetime | None:
    """End of validity, to warn in time; None when the text is no certificate."""
    try:
        pem = _certificate_pem(certificate)
    except ValueError:
        return None
    return x509.load_pem_x509_certificate(pem.encode("ascii")).not_valid_after_utc


def _certificate_pem(text: str) -> str:
    if "BEGIN CERTIFICATE" not in text:
        body = "".join(text.split())
        lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
        text = f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
    certificate = x509.load_pem_x509_certificate(text.encode("ascii"))
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _plain_key(login: CertificateLogin) -> str:
    password = login.password.encode("utf-8") if login.password else None
    key = serialization.load_pem_private_key(login.private_key.encode("utf-8"), password)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def _started(answer: object) -> tuple[str, str] | Failure:
    if isinstance(answer, Failure):
        return answer
    body: Json = getattr(answer, "json", None)
    return _guarded(lambda: (str(body["referenceNumber"]), str(body["authenticationToken"]["token"])))


def _wait(gate: Gate, reference: str, token: str) -> None | Failure:
    for attempt in range(_POLLS):
        answer = gate.ask("GET", f"/auth/{reference}", token=token)
        if isinstance(answer, Failure):
            return answer
        status = (answer.json or {}).get("status") or {}
        code = int(status.get("code") or 0)
        if code == 200:
            return None
        if code >= 300 or code == 0:
            details = tuple(str(item) for item in status.get("details") or ())
            return Failure(Fault.UNAUTHORISED, str(status.get("description") or "login failed"), 200, code, details)
        gate.sleep(min(0.5 * (attempt + 1), 5.0))
    return Failure(Fault.UNAUTHORISED, "login was not confirmed in time")


def _redeem(gate: Gate, token: str) -> Tokens | Failure:
    answer = gate.change("POST", "/auth/token/redeem", token=token)
    if isinstance(answer, Failure):
        return answer
    return _guarded(lambda: Tokens(_token(answer.json["accessToken"]), _token(answer.json["refreshToken"])))


def _token(body: Json) -> Token:
    return Token(str(body["token"]), datetime.fromisoformat(body["validUntil"]))


def _guarded(read: Callable[[], _Read]) -> _Read | Failure:
    """Reading an answer that may not keep the contract."""
    try:
        return read()
    except (TypeError, KeyError, ValueError) as exc:
        return Failure(Fault.BROKEN, f"answer outside the contract: {exc!r}")
