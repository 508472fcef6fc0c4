"""Exports of metadata: started, waited for, downloaded, decrypted and read; a long list goes on in the next export."""

import base64
import gzip
import hashlib
import io
import json
import tarfile
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from ksef_client.services.crypto import encrypt_aes_cbc_pkcs7

from ksef_core.transport import export, gate, result

BASE = "https://ksef.test/v2"
NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
SINCE = NOW - timedelta(days=1)
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate():
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "MF")])
    made = x509.CertificateBuilder(
        name, name, RSA.public_key(), 1, NOW - timedelta(days=1), NOW + timedelta(days=1)
    ).sign(RSA, hashes.SHA256())
    return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()


def row(number):
    digest = base64.b64encode(hashlib.sha256(str(number).encode()).digest()).decode()
    return {
        "invoiceHash": digest,
        "ksefNumber": f"1234563218-20261122-{number:012X}-00",
        "invoiceNumber": f"FV/{number}",
        "invoicingMode": "Online",
        "acquisitionDate": "2026-11-22T12:00:00+00:00",
        "permanentStorageDate": f"2026-11-22T12:{number:02}:00+00:00",
    }


class Ksef:
    """Gives exports of `size` rows and remembers what was asked."""

    def __init__(self, rows, size=10_000, polls=0, part_size=50_000_000):
        self.rows, self.size, self.polls, self.part_size = rows, size, polls, part_size
        self.exports, self.asked, self.starts = {}, {}, []
        self.wrong_keys = 0
        self.damage = False
        self.codes = []

    def __call__(self, request):
        path = request.url.path
        if path.endswith("/public-key-certificates"):
            key = {
                "publicKeyId": "k",
                "certificate": certificate(),
                "validFrom": "2026-01-01T00:00:00Z",
                "validTo": "2027-01-01T00:00:00Z",
                "usage": ["SymmetricKeyEncryption"],
            }
            return httpx.Response(200, json=[key])
        if request.method == "POST" and path.endswith("/invoices/exports"):
            return self.start(json.loads(request.content))
        if path.startswith("/storage/"):
            assert "Authorization" not in request.headers
            reference, number = path.split("/")[2:]
            return httpx.Response(200, content=self.exports[reference][1][int(number)])
        return self.status(path.rsplit("/", 1)[1])

    def start(self, body):
        if self.wrong_keys:
            self.wrong_keys -= 1
            return httpx.Response(400, json={"errors": [{"code": 21470, "description": "Klucz"}]})
        self.starts.append(body)
        span = body["filters"]["dateRange"]
        found = [row for row in self.rows if span["from"] <= row["permanentStorageDate"] <= span["to"]]
        page = found[: self.size]
        wrapped = base64.b64decode(body["encryption"]["encryptedSymmetricKey"])
        scheme = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        secret = RSA.decrypt(wrapped, scheme)
        vector = base64.b64decode(body["encryption"]["initializationVector"])
        packed = archive(page)
        cut = [packed[at : at + self.part_size] for at in range(0, len(packed), self.part_size)]
        parts = [encrypt_aes_cbc_pkcs7(piece, secret, vector) for piece in cut]
        reference = f"E-{len(self.exports) + 1}"
        self.exports[reference] = ((page, len(found) > self.size), parts)
        return httpx.Response(201, json={"referenceNumber": reference})

    def status(self, reference):
        if self.codes:
            code = self.codes.pop(0)
            return httpx.Response(200, json={"status": {"code": code, "description": "Błąd eksportu"}})
        self.asked[reference] = self.asked.get(reference, 0) + 1
        if self.asked[reference] <= self.polls:
            return httpx.Response(200, json={"status": {"code": 100, "description": "w toku"}})
        (page, truncated), parts = self.exports[reference]
        listed = [
            {
                "ordinalNumber": index + 1,
                "method": "GET",
                "url": f"https://storage.test/storage/{reference}/{index}",
                "encryptedPartHash": "x" if self.damage else digest(part),
            }
            for index, part in enumerate(parts)
        ]
        package = {"isTruncated": truncated, "parts": listed[::-1]}
        if truncated:
            package["lastPermanentStorageDate"] = page[-1]["permanentStorageDate"]
        return httpx.Response(200, json={"status": {"code": 200, "description": "ok"}, "package": package})


def digest(content):
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def archive(rows):
    content = json.dumps({"invoices": rows}).encode()
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        info = tarfile.TarInfo("_metadata.json")
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    return gzip.compress(plain.getvalue())


def ask(ksef, slept=None):
    http = httpx.Client(transport=httpx.MockTransport(ksef))
    made = gate.Gate(http, BASE, sleep=(slept if slept is not None else []).append, now=lambda: NOW)
    return export.known_since(made, "token", SINCE, NOW)


def test_rows_with_hash_number_and_mode():
    ksef = Ksef([row(1), row(2)], polls=2)
    slept = []
    found = ask(ksef, slept)
    assert {known.sha256 for known in found} == {row(1)["invoiceHash"], row(2)["invoiceHash"]}
    assert (found[0].invoice_number, found[0].mode) == ("FV/1", "Online")
    assert found[0].numbered_at == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert slept == [0.5, 1.0]
    (body,) = ksef.starts
    assert body["onlyMetadata"] is True
    assert body["filters"]["subjectType"] == "Subject1"
    assert body["filters"]["dateRange"]["from"] == "2026-11-21T20:00:00+00:00"


def test_parts_in_any_order():
    ksef = Ksef([row(number) for number in range(30)], part_size=100)
    assert len(ask(ksef)) == 30
    assert len(ksef.exports["E-1"][1]) > 3


def test_a_truncated_list_goes_on_where_it_ended():
    ksef = Ksef([row(number) for number in range(25)], size=10)
    found = ask(ksef)
    assert len(found) == len({known.ksef_number for known in found}) == 25
    assert [body["filters"]["dateRange"]["from"] for body in ksef.starts[1:]] == [
        "2026-11-22T12:09:00+00:00",
        "2026-11-22T12:18:00+00:00",
    ]


def test_a_list_that_does_not_advance_is_an_error():
    same = [{**row(number), "permanentStorageDate": SINCE.isoformat()} for number in range(12)]
    assert ask(Ksef(same, size=10)).fault is result.Fault.BROKEN


def test_a_rotated_key_is_fetched_again():
    ksef = Ksef([row(1)])
    ksef.wrong_keys = 1
    assert len(ask(ksef)) == 1
    ksef.wrong_keys = 5
    assert ask(ksef).code == 21470


def test_an_export_that_takes_too_long_is_left_for_later():
    slept = []
    failure = ask(Ksef([row(1)], polls=10**6), slept)
    assert (failure.fault, failure.retry_after) == (result.Fault.LIMITED, 60.0)
    assert sum(slept) >= 120


def test_damage_and_refusal():
    ksef = Ksef([row(1)])
    ksef.damage = True
    assert "damaged" in ask(ksef).text
    ksef = Ksef([row(1)])
    ksef.codes = [500]
    failure = ask(ksef)
    assert (failure.fault, failure.code, failure.text) == (result.Fault.REFUSED, 500, "Błąd eksportu")


@pytest.mark.parametrize("content", [b"", b"no archive", gzip.compress(b"x" * 2000), archive([])[:-20], archive([{}])])
def test_an_unreadable_list_is_a_failure(content):
    ksef = Ksef([row(1)])
    original = ksef.start

    def start(body):
        answer = original(body)
        wrapped = base64.b64decode(body["encryption"]["encryptedSymmetricKey"])
        secret = RSA.decrypt(wrapped, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))
        vector = base64.b64decode(body["encryption"]["initializationVector"])
        ksef.exports["E-1"][1][:] = [encrypt_aes_cbc_pkcs7(content, secret, vector)]
        return answer

    ksef.start = start
    assert ask(ksef).fault is result.Fault.BROKEN
