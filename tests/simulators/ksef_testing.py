"""A small, careless HTTP client for tests of the KSeF simulator: it sends whatever it is told to.

Written apart from the product's own client. Every successful JSON answer of the simulator is checked here against the
schema that the official OpenAPI document gives for it.
"""

from __future__ import annotations

import base64
import copy
import gzip
import hashlib
import io
import os
import tarfile
import time
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from lxml import etree

from .ksef import KsefSimulator, schemas, spec, xades
from .ksef.numbers import WARSAW
from .ksef.sample import SELLER, invoice

FORM = {"systemCode": "FA (3)", "schemaVersion": "1-0E", "value": "FA"}
#: Requests without any login; nothing here speaks TLS, and loading certificates for every client takes long.
PLAIN = httpx.Client(timeout=20, verify=False)
OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


def b64(data: bytes) -> str:
    """Base64 as text."""
    return base64.b64encode(data).decode("ascii")


def sha(data: bytes) -> str:
    """Base64 SHA-256."""
    return b64(hashlib.sha256(data).digest())


def encrypt(data: bytes, key: bytes, vector: bytes) -> bytes:
    """AES-256-CBC with PKCS#7."""
    rest = 16 - len(data) % 16
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return encryptor.update(data + bytes([rest]) * rest) + encryptor.finalize()


def zip_of(files: dict[str, bytes]) -> bytes:
    """Zip archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def tar_gz_of(files: dict[str, bytes]) -> bytes:
    """tar.gz archive."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(target.getvalue())


def certificate(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, nip: str = SELLER, *, days: int = 1
) -> x509.Certificate:
    """Self-signed seal certificate of a company, as the TEST environment accepts it."""
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "PL"),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Żółw Sp. z o.o."),
            x509.NameAttribute(x509.ObjectIdentifier("2.5.4.97"), f"VATPL-{nip}"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "Żółw"),
        ]
    )
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )


def pem(thing: Any) -> str:
    """Certificate or private key as PEM."""
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM).decode()
    form = serialization.PrivateFormat.PKCS8
    return thing.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


class RawClient:
    """Requests by hand, with everything adjustable."""

    def __init__(self, sim: KsefSimulator, nip: str = SELLER) -> None:
        self.sim = sim
        self.nip = nip
        self.http = httpx.Client(timeout=20, verify=False, event_hooks={"response": [self._check_schema]})
        self.access = ""
        self.refresh_token = ""
        self.key, self.vector = os.urandom(32), os.urandom(16)

    def _check_schema(self, response: httpx.Response) -> None:
        path = response.request.url.path
        if not path.startswith("/v2/") or not response.is_success:
            return
        response.read()
        document = spec.load()
        operation, _, _ = document.find(response.request.method, path.removeprefix("/v2"))
        assert operation is not None
        schema = operation.answers.get(response.status_code)
        if schema is not None:
            assert document.problems(schema, response.json()) == []

    def call(self, method: str, path: str, *, token: str | None = None, **options: Any) -> httpx.Response:
        """One API request; ``token=""`` sends none."""
        bearer = self.access if token is None else token
        headers = {**({"Authorization": f"Bearer {bearer}"} if bearer else {}), **options.pop("headers", {})}
        return self.http.request(method, self.sim.base_url + path, headers=headers, **options)

    # -- login ----------------------------------------------------------------------------------------------------
    def public_key(self, usage: str) -> tuple[rsa.RSAPublicKey, str]:
        """Newest published key of a usage."""
        rows = self.call("GET", "/security/public-key-certificates", token="").json()
        row = max((r for r in rows if usage in r["usage"]), key=lambda r: r["validFrom"])
        key = x509.load_der_x509_certificate(base64.b64decode(row["certificate"])).public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        return key, row["publicKeyId"]

    def token_request(self, token: str, **changes: Any) -> dict[str, Any]:
        """Body of ``POST /auth/ksef-token``."""
        challenge = self.call("POST", "/auth/challenge", token="").json()
        key, key_id = self.public_key(changes.pop("usage", "KsefTokenEncryption"))
        moment = challenge["timestampMs"] + changes.pop("shift", 0)
        body = {
            "challenge": challenge["challenge"],
            "contextIdentifier": {"type": "Nip", "value": self.nip},
            "encryptedToken": b64(key.encrypt(f"{token}|{moment}".encode(), OAEP)),
            "publicKeyId": key_id,
        }
        return {**body, **changes}

    def start(self, body: dict[str, Any]) -> dict[str, Any]:
        """Begin a token login."""
        response = self.call("POST", "/auth/ksef-token", token="", json=body)
        assert response.status_code == 202, response.text
        return response.json()

    def auth_status(self, started: dict[str, Any]) -> dict[str, Any]:
        """Status of a login."""
        token = started["authenticationToken"]["token"]
        return self.call("GET", f"/auth/{started['referenceNumber']}", token=token).json()["status"]

    def redeem(self, started: dict[str, Any]) -> httpx.Response:
        """Fetch the tokens of a login."""
        response = self.call("POST", "/auth/token/redeem", token=started["authenticationToken"]["token"])
        if response.is_success:
            self.access = response.json()["accessToken"]["token"]
            self.refresh_token = response.json()["refreshToken"]["token"]
        return response

    def login(self, token: str | None = None) -> RawClient:
        """Whole token login."""
        started = self.start(self.token_request(token or self.sim.issue_token(self.nip)))
        assert self.auth_status(started)["code"] == 200
        assert self.redeem(started).status_code == 200
        return self

    # -- batch ----------------------------------------------------------------------------------------------------
    def encryption(self, **changes: Any) -> dict[str, Any]:
        """EncryptionInfo for the client's symmetric key."""
        key, key_id = self.public_key("SymmetricKeyEncryption")
        info = {
            "encryptedSymmetricKey": b64(key.encrypt(self.key, OAEP)),
            "initializationVector": b64(self.vector),
            "publicKeyId": key_id,
        }
        return {**info, **changes}

    def batch_request(self, archive: bytes, parts: int = 1, **changes: Any) -> tuple[dict[str, Any], list[bytes]]:
        """Body of ``POST /sessions/batch`` and the encrypted parts."""
        size = -(-len(archive) // parts)
        pieces = [encrypt(archive[i : i + size], self.key, self.vector) for i in range(0, len(archive), size)]
        body = {
            "formCode": FORM,
            "batchFile": {
                "fileSize": len(archive),
                "fileHash": sha(archive),
                "fileParts": [
                    {"ordinalNumber": n, "fileSize": len(piece), "fileHash": sha(piece)}
                    for n, piece in enumerate(pieces, 1)
                ],
            },
            "encryption": self.encryption(),
        }
        if "compressionType" in changes:
            body["batchFile"]["compressionType"] = changes.pop("compressionType")
        return {**body, **changes}, pieces

    def open(self, body: dict[str, Any], **options: Any) -> httpx.Response:
        """Open a batch session."""
        return self.call("POST", "/sessions/batch", json=body, **options)

    def upload(self, request: dict[str, Any], piece: bytes, **headers: str) -> httpx.Response:
        """Send one part with exactly the given headers (and more, when a test wants that)."""
        return self.http.request(
            request["method"], request["url"], content=piece, headers={**request["headers"], **headers}
        )

    def close(self, reference: str) -> httpx.Response:
        """Close a batch session."""
        return self.call("POST", f"/sessions/batch/{reference}/close")

    def send(self, files: dict[str, bytes] | bytes, parts: int = 1, **changes: Any) -> str:
        """Open, upload and close; returns the reference number."""
        archive = files if isinstance(files, bytes) else zip_of(files)
        body, pieces = self.batch_request(archive, parts, **changes)
        return self.deliver(body, pieces)

    def deliver(self, body: dict[str, Any], pieces: list[bytes]) -> str:
        """Send a prepared session."""
        opened = self.open(body)
        assert opened.status_code == 201, opened.text
        for request, piece in zip(opened.json()["partUploadRequests"], pieces, strict=True):
            assert self.upload(request, piece).status_code == 201
        closed = self.close(opened.json()["referenceNumber"])
        assert closed.status_code == 204, closed.text
        return opened.json()["referenceNumber"]

    def status(self, reference: str) -> dict[str, Any]:
        """Session status."""
        response = self.call("GET", f"/sessions/{reference}")
        assert response.status_code == 200, response.text
        return response.json()

    def wait(self, reference: str, seconds: float = 10) -> dict[str, Any]:
        """Session status once it is final."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            status = self.status(reference)
            if status["status"]["code"] not in (100, 150, 170):
                return status
            time.sleep(0.02)
        raise AssertionError("session did not become final")

    def outcome(self, reference: str) -> tuple[int, list[dict[str, Any]]]:
        """Final code and all rows of a session."""
        code = self.wait(reference)["status"]["code"]
        return code, self.rows(reference)

    def rows(self, reference: str, which: str = "invoices", size: int = 1000) -> list[dict[str, Any]]:
        """All rows of a list, page by page."""
        rows: list[dict[str, Any]] = []
        headers: dict[str, str] = {}
        while True:
            response = self.call("GET", f"/sessions/{reference}/{which}", params={"pageSize": size}, headers=headers)
            assert response.status_code == 200, response.text
            rows += response.json()["invoices"]
            if "continuationToken" not in response.json():
                return rows
            headers = {"x-continuation-token": response.json()["continuationToken"]}


def code_of(response: httpx.Response) -> int:
    """KSeF exception code of a 400."""
    assert response.status_code == 400, (response.status_code, response.text)
    body = response.json()
    if "exception" in body:
        return body["exception"]["exceptionDetailList"][0]["exceptionCode"]
    return body["errors"][0]["code"]


TODAY = datetime.now(UTC).astimezone(WARSAW).date()
DAY = TODAY.isoformat()
YESTERDAY = (TODAY - timedelta(days=1)).isoformat()
TOMORROW = (TODAY + timedelta(days=2)).isoformat()


def files(count: int, day: str = DAY, **options: Any) -> dict[str, bytes]:
    return {f"faktura-{n}.xml": invoice(f"FV/{n}", day, **options) for n in range(1, count + 1)}


def upo_numbers(page: bytes) -> list[str]:
    """Numbers on a confirmation; checks its schema and its signature first."""
    root = etree.fromstring(page)
    try:
        import xmlsec
    except ImportError:
        pass
    else:
        xmlsec.tree.add_ids(root, ["Id"])
        context = xmlsec.SignatureContext()
        node = root.find(f"{{{xades.DS}}}Signature")
        text = node.findtext(f".//{{{xades.DS}}}X509Certificate")
        context.key = xmlsec.Key.from_memory(base64.b64decode(text), xmlsec.KeyFormat.CERT_DER, None)
        context.verify(node)
    root = etree.fromstring(page)
    root.remove(root.find(f"{{{xades.DS}}}Signature"))
    schemas.upo().assertValid(root)
    return [node.text or "" for node in root.iter(f"{{{schemas.UPO_NAMESPACE}}}NumerKSeFDokumentu")]


def change(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    body = copy.deepcopy(body)
    *folders, last = path.split("/")
    node: Any = body
    for name in folders:
        node = node[int(name)] if name.isdigit() else node[name]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return body


GOOD = invoice("FV/1", DAY)
