"""Logging in: challenge, KSeF token or XAdES, status, redeem once, refresh; bearer tokens with an expiry.

Sources: uwierzytelnianie.md, auth/sesje.md, OpenAPI tag "Uzyskiwanie dostępu" (exception and status codes).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import json
import secrets
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from . import schemas, xades
from .crypto import TOKEN_USAGE, KeyRing, sha256_base64
from .errors import bad_request, forbidden, unauthorized
from .numbers import reference_number, stamp

CHALLENGE_LIFE = timedelta(minutes=10)
OPERATION_LIFE = timedelta(minutes=45)
AUTH_NAMESPACES = ("http://ksef.mf.gov.pl/auth/token/2.0", "http://ksef.mf.gov.pl/auth/token/2.1")
ALL_PERMISSIONS = ("InvoiceRead", "InvoiceWrite", "Introspection", "CredentialsRead", "CollectiveIdentifierManage")
OK = (200, "Uwierzytelnianie zakończone sukcesem", None)
WRONG_TOKEN = "Uwierzytelnianie zakończone niepowodzeniem z powodu błędnego tokenu"
WRONG_CERTIFICATE = "Uwierzytelnianie zakończone niepowodzeniem z powodu błędu certyfikatu"


@dataclass
class KsefToken:
    """A KSeF token known to the system; only its hash is kept."""

    digest: str
    nip: str
    reference: str
    permissions: tuple[str, ...]
    active: bool = True


@dataclass
class Login:
    """One authentication operation and the session that grows out of it."""

    reference: str
    started: datetime
    method: str
    context_type: str
    context: str
    status: tuple[int, str, str | None]
    ready_at: float
    permissions: tuple[str, ...] = ALL_PERMISSIONS
    token_reference: str | None = None
    document_hash: str | None = None
    redeemed: bool = False
    revoked: bool = False
    refreshed: datetime | None = None
    refresh_until: datetime | None = None
    allowed_ips: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Principal:
    """The caller of a protected operation."""

    login: Login
    nip: str
    permissions: tuple[str, ...]
    ip: str


class Authentication:
    """State of all logins."""

    def __init__(
        self,
        keys: KeyRing,
        *,
        allowed_nips: frozenset[str] | None,
        access_seconds: float,
        refresh_seconds: float,
        delay: float,
        folder: Path | None = None,
    ) -> None:
        self.keys = keys
        self.allowed_nips = allowed_nips
        self.access_life = timedelta(seconds=access_seconds)
        self.refresh_life = timedelta(seconds=refresh_seconds)
        self.delay = delay
        self.secret = secrets.token_bytes(32)
        self.generation = {"access": 0, "refresh": 0}
        self.challenges: dict[str, datetime] = {}
        self.logins: dict[str, Login] = {}
        self.tokens: dict[str, KsefToken] = {}
        self.grants: set[tuple[str, str]] = set()
        self._journal = folder / "tokens.jsonl" if folder is not None else None
        if self._journal is not None and self._journal.exists():
            for line in self._journal.read_text(encoding="utf-8").splitlines():
                raw = json.loads(line)
                self.tokens[raw["digest"]] = KsefToken(**{**raw, "permissions": tuple(raw["permissions"])})

    # -- set-up by tests ------------------------------------------------------------------------------------------
    def add_token(self, nip: str, token: str | None = None, permissions: tuple[str, ...] = ALL_PERMISSIONS) -> str:
        """Register a KSeF token for a tax number; returns the token."""
        nip = "".join(filter(str.isdigit, nip))
        reference = reference_number("EC", datetime.now(UTC))
        token = token or f"{reference}|nip-{nip}|{secrets.token_hex(32)}"
        digest = hashlib.sha256(token.encode()).hexdigest()
        self.tokens[digest] = known = KsefToken(digest, nip, reference, permissions)
        if self._journal is not None:
            with self._journal.open("a", encoding="utf-8") as journal:
                journal.write(json.dumps(asdict(known)) + "\n")
        return token

    def grant(self, subject: str, nip: str) -> None:
        """Let a PESEL or certificate fingerprint act for a tax number."""
        self.grants.add((subject.upper(), nip))

    # -- login ----------------------------------------------------------------------------------------------------
    def challenge(self, ip: str) -> dict[str, Any]:
        """``POST /auth/challenge``: 36 characters, valid ten minutes."""
        now = datetime.now(UTC)
        for old in [name for name, made in self.challenges.items() if now - made > CHALLENGE_LIFE]:
            del self.challenges[old]
        name = reference_number("CR", now)
        moment = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self.challenges[name] = moment
        return {
            "challenge": name,
            "timestamp": stamp(moment),
            "timestampMs": _milliseconds(moment),
            "clientIp": ip,
        }

    def _use_challenge(self, name: str) -> datetime:
        made = self.challenges.pop(name, None)
        if made is None or datetime.now(UTC) - made > CHALLENGE_LIFE:
            raise bad_request(21111)
        return made

    def start_token_login(self, body: dict[str, Any]) -> dict[str, Any]:
        """``POST /auth/ksef-token``: the token is decrypted and looked up; faults show in the status (450, 415)."""
        context = body["contextIdentifier"]
        key = self.keys.find(TOKEN_USAGE, body.get("publicKeyId"))
        if key is None:
            raise bad_request(21470, f"Klucz o identyfikatorze {body['publicKeyId']} nie jest wspierany.")
        made = self._use_challenge(body["challenge"])
        self._check_context(context["type"], context["value"])
        plain = key.unwrap(base64.b64decode(body["encryptedToken"]))
        status, token = self._judge_token(plain, made, context)
        login = self._begin("Token", context["type"], context["value"], status)
        if token is not None:
            login.token_reference, login.permissions = token.reference, token.permissions
        policy = (body.get("authorizationPolicy") or {}).get("allowedIps") or {}
        login.allowed_ips = {name: values for name, values in policy.items() if values}
        return self._started(login)

    def _judge_token(
        self, plain: bytes | None, made: datetime, context: dict[str, str]
    ) -> tuple[tuple[int, str, str | None], KsefToken | None]:
        if plain is None:
            return (450, WRONG_TOKEN, "Nieprawidłowe szyfrowanie tokena"), None
        try:
            secret, _, moment = plain.decode("utf-8").rpartition("|")
        except UnicodeDecodeError:
            return (450, WRONG_TOKEN, "Nieprawidłowe kodowanie tokena"), None
        if not moment.isdigit() or int(moment) != _milliseconds(made):
            return (450, WRONG_TOKEN, "Nieprawidłowy czas tokena"), None
        token = self.tokens.get(hashlib.sha256(secret.encode()).hexdigest())
        if token is None:
            return (450, WRONG_TOKEN, "Nieprawidłowy token"), None
        if not token.active:
            return (450, WRONG_TOKEN, "Token unieważniony"), None
        if context["type"] != "Nip" or context["value"] != token.nip:
            return (450, WRONG_TOKEN, f"Token nie może być użyty w kontekście {context['value']}"), None
        return self._permitted(token.nip), token

    def start_xades_login(self, content: bytes, verify_chain: bool) -> dict[str, Any]:
        """``POST /auth/xades-signature``: schema, challenge, signature and certificate are checked at once."""
        if content.startswith(b"\xef\xbb\xbf"):
            raise bad_request(21217)
        try:
            root = etree.fromstring(content, schemas.safe_parser())
        except etree.XMLSyntaxError as error:
            raise bad_request(21001, "Dokument nie jest poprawnym XML.") from error
        document, signer = xades.verify(root, "AuthTokenRequest")
        request = _read_request(document)
        self._use_challenge(request["challenge"])
        context_type, context = request["context"]
        self._check_context(context_type, context)
        status = self._judge_signer(signer, request["subject_type"], context, verify_chain)
        login = self._begin("QualifiedSeal" if signer.nip else "QualifiedSignature", context_type, context, status)
        login.document_hash = sha256_base64(content)
        login.allowed_ips = request["allowed_ips"]
        return self._started(login)

    def _judge_signer(
        self, signer: xades.Signer, subject_type: str, context: str, verify_chain: bool
    ) -> tuple[int, str, str | None]:
        nip = context[:10]
        if verify_chain and signer.certificate.issuer == signer.certificate.subject:
            return (460, WRONG_CERTIFICATE, "Niezaufany łańcuch certyfikatów")
        if subject_type == "certificateFingerprint":
            entitled = (signer.fingerprint, nip) in self.grants
        else:
            if signer.nip is None and signer.pesel is None:
                return (460, WRONG_CERTIFICATE, "Niepoprawny certyfikat")
            entitled = signer.nip == nip or (signer.pesel or "", nip) in self.grants
        if not entitled:
            return (415, "Uwierzytelnianie zakończone niepowodzeniem", "Brak przypisanych uprawnień")
        return self._permitted(nip)

    def _permitted(self, nip: str) -> tuple[int, str, str | None]:
        if self.allowed_nips is not None and nip not in self.allowed_nips:
            return (415, "Uwierzytelnianie zakończone niepowodzeniem", "Brak przypisanych uprawnień")
        return OK

    @staticmethod
    def _check_context(kind: str, value: str) -> None:
        fits = {"Nip": len(value) == 10 and value.isdigit(), "InternalId": len(value) == 16 and value[10:11] == "-"}
        if not fits.get(kind, bool(value)):
            raise bad_request(21117)

    def _begin(self, method: str, kind: str, context: str, status: tuple[int, str, str | None]) -> Login:
        now = datetime.now(UTC)
        login = Login(
            reference_number("AU", now), now, method, kind, context, status, ready_at=time.monotonic() + self.delay
        )
        self.logins[login.reference] = login
        return login

    def _started(self, login: Login) -> dict[str, Any]:
        return {
            "referenceNumber": login.reference,
            "authenticationToken": self._token(login, "operation", OPERATION_LIFE),
        }

    def status(self, login: Login, reference: str) -> dict[str, Any]:
        """``GET /auth/{referenceNumber}``."""
        if login.reference != reference:
            missing = f"Operacja uwierzytelniania o numerze referencyjnym {reference} nie została znaleziona."
            raise bad_request(21304, missing)
        category = "Token" if login.method == "Token" else "XadesSignature"
        code, description, detail = self._current(login)
        answer: dict[str, Any] = {
            "startDate": stamp(login.started),
            "authenticationMethod": login.method,
            "authenticationMethodInfo": {"category": category, "code": login.method, "displayName": login.method},
            "status": {"code": code, "description": description, **({"details": [detail]} if detail else {})},
            "isTokenRedeemed": login.redeemed,
        }
        if login.refreshed:
            answer["lastTokenRefreshDate"] = stamp(login.refreshed)
        if login.refresh_until:
            answer["refreshTokenValidUntil"] = stamp(login.refresh_until)
        return answer

    def _current(self, login: Login) -> tuple[int, str, str | None]:
        if time.monotonic() < login.ready_at:
            return (100, "Uwierzytelnianie w toku", None)
        if login.revoked:
            return (
                425,
                "Uwierzytelnienie unieważnione",
                "Uwierzytelnienie i powiązane refresh tokeny zostały unieważnione",
            )
        return login.status

    def redeem(self, login: Login) -> dict[str, Any]:
        """``POST /auth/token/redeem``: once only."""
        code = self._current(login)[0]
        if code != 200:
            raise bad_request(21301, f"Status uwierzytelniania ({code}) nie pozwala na pobranie tokenów.")
        if login.redeemed:
            raise bad_request(21301, f"Tokeny dla operacji uwierzytelniania {login.reference} zostały już pobrane.")
        login.redeemed = True
        login.refresh_until = datetime.now(UTC) + self.refresh_life
        return {
            "accessToken": self._token(login, "access", self.access_life),
            "refreshToken": self._token(login, "refresh", self.refresh_life),
        }

    def refresh(self, login: Login) -> dict[str, Any]:
        """``POST /auth/token/refresh``: the refresh token may be used many times."""
        code = self._current(login)[0]
        if code != 200:
            raise bad_request(21301, f"Status uwierzytelniania ({code}) nie pozwala na odświeżenie tokenu dostępowego.")
        login.refreshed = datetime.now(UTC)
        return {"accessToken": self._token(login, "access", self.access_life)}

    def revoke(self, principal: Principal, reference: str | None) -> None:
        """``DELETE /auth/sessions/…``: refresh tokens die, access tokens live on (auth/sesje.md)."""
        login = principal.login if reference is None else self.logins.get(reference)
        if login is None or login.context != principal.login.context:
            raise bad_request(21304, "Sesja uwierzytelniania nie została znaleziona.")
        login.revoked = True

    def sessions(self, principal: Principal) -> dict[str, Any]:
        """``GET /auth/sessions``: living logins of the same context."""
        items = [
            {
                **self.status(login, login.reference),
                "referenceNumber": login.reference,
                "isCurrent": login is principal.login,
            }
            for login in self.logins.values()
            if login.context == principal.login.context and login.redeemed and not login.revoked
        ]
        return {"items": items}

    # -- bearer tokens --------------------------------------------------------------------------------------------
    def _token(self, login: Login, kind: str, life: timedelta) -> dict[str, str]:
        now = datetime.now(UTC)
        until = now + life
        names = {"operation": "OperationToken", "access": "ContextToken", "refresh": "RefreshToken"}
        claims = {
            "token-type": names[kind],
            "operation-reference-number": login.reference,
            "context-identifier-type": login.context_type,
            "context-identifier-value": login.context,
            "authentication-method": login.method,
            "gen": self.generation.get(kind, 0),
            "jti": secrets.token_hex(8),
            "iat": int(now.timestamp()),
            "exp": int(until.timestamp()),
            "iss": "ksef-api-sim",
            "aud": "ksef-api-sim",
        }
        head = _b64url(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        signed = f"{head}.{_b64url(json.dumps(claims).encode())}"
        return {"token": f"{signed}.{self._seal(signed)}", "validUntil": stamp(until)}

    def _seal(self, signed: str) -> str:
        return _b64url(hmac.new(self.secret, signed.encode(), hashlib.sha256).digest())

    def bearer(self, header: str | None, kind: str) -> Login:
        """Check an Authorization header; raises 401."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or token.count(".") != 2:
            raise unauthorized()
        signed, _, seal = token.rpartition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(signed).encode()):
            raise unauthorized("Nieprawidłowy token.")
        try:
            claims = json.loads(_b64url_decode(signed.split(".")[1]))
        except (ValueError, binascii.Error) as error:
            raise unauthorized("Nieprawidłowy token.") from error
        expected = {"operation": "OperationToken", "access": "ContextToken", "refresh": "RefreshToken"}[kind]
        if claims["token-type"] != expected:
            raise unauthorized("Niewłaściwy rodzaj tokena.")
        if claims["exp"] <= time.time() or claims["gen"] != self.generation.get(kind, 0):
            raise unauthorized("Token wygasł.")
        login = self.logins.get(claims["operation-reference-number"])
        if login is None:
            raise unauthorized("Nieznana operacja uwierzytelniania.")
        return login

    def principal(self, header: str | None, ip: str, required: tuple[str, ...]) -> Principal:
        """Caller of a protected operation; raises 401 or 403."""
        login = self.bearer(header, "access")
        if not ip_allowed(login.allowed_ips, ip):
            raise forbidden("ip-not-allowed", "Żądanie pochodzi z niedozwolonego adresu IP.", clientIp=ip)
        if required and not set(required) & set(login.permissions):
            raise forbidden(
                "missing-permissions",
                "Brak wymaganych uprawnień do wykonania operacji w bieżącym kontekście.",
                requiredAnyOfPermissions=list(required),
                presentPermissions=list(login.permissions),
            )
        return Principal(login, login.context[:10], login.permissions, ip)

    def expire(self, kind: str) -> None:
        """Make every token of a kind (access, refresh) expired from now on."""
        self.generation[kind] = self.generation.get(kind, 0) + 1


def ip_allowed(policy: dict[str, list[str]], ip: str) -> bool:
    """AuthorizationPolicy: single addresses, ranges, masks."""
    if not policy:
        return True
    try:
        address = int(ipaddress.IPv4Address(ip))
    except ValueError:
        return False
    spans = [(value, value) for value in policy.get("ip4Addresses", [])]
    spans += [(a, b) for a, _, b in (value.partition("-") for value in policy.get("ip4Ranges", []))]
    for mask in policy.get("ip4Masks", []):
        network = ipaddress.IPv4Network(mask, strict=False)
        spans.append((str(network[0]), str(network[-1])))
    return any(int(ipaddress.IPv4Address(a)) <= address <= int(ipaddress.IPv4Address(b)) for a, b in spans)


def _read_request(document: etree._Element) -> dict[str, Any]:
    """Validate AuthTokenRequest without its signature and read it."""
    namespace = etree.QName(document).namespace
    if namespace not in AUTH_NAMESPACES:
        raise bad_request(21401, "Nieznana przestrzeń nazw dokumentu AuthTokenRequest.")
    text = etree.tostring(document, encoding="unicode").replace(str(namespace), AUTH_NAMESPACES[1])
    bare = etree.fromstring(text, schemas.safe_parser())
    for signature in bare.findall(f"{{{xades.DS}}}Signature"):
        bare.remove(signature)
    schema = schemas.auth()
    if not schema.validate(bare):
        raise bad_request(21401, *[entry.message for entry in list(schema.error_log)[:5]])
    ns = {"a": AUTH_NAMESPACES[1]}
    context = bare.find("a:ContextIdentifier", ns)[0]
    ips = bare.find("a:AuthorizationPolicy/a:AllowedIps", ns)
    policy: dict[str, list[str]] = {}
    names = {"Ip4Address": "ip4Addresses", "Ip4Range": "ip4Ranges", "Ip4Mask": "ip4Masks"}
    for node in ips if ips is not None else ():
        policy.setdefault(names[etree.QName(node).localname], []).append(node.text)
    return {
        "challenge": bare.findtext("a:Challenge", "", ns),
        "context": (etree.QName(context).localname, context.text),
        "subject_type": bare.findtext("a:SubjectIdentifierType", "", ns),
        "allowed_ips": policy,
    }


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _b64url_decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
