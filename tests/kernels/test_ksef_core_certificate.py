"""What an uploaded certificate says, and whether its key belongs to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from ksef_core import certificate
from ksef_core.problems import Problem
from ksef_core.transport import auth

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PASSWORD = "tajne hasło"
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
PKCS8 = serialization.PrivateFormat.PKCS8


def made(key, days=365, start=NOW - timedelta(days=1), number="VATPL-5261040567", usage="digital_signature"):
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Żółw Sp. z o.o."),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, number),
            x509.NameAttribute(NameOID.COMMON_NAME, "Żółw Sp. z o.o."),
        ]
    )
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    names += ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return (
        x509.CertificateBuilder(name, name, key.public_key(), 7, start, start + timedelta(days=days))
        .add_extension(x509.KeyUsage(**{each: each == usage for each in names}), critical=True)
        .sign(key, hashes.SHA256())
    )


def plain(key, encoding=PEM):
    return key.private_bytes(encoding, PKCS8, serialization.NoEncryption())


def locked(key, encoding=PEM):
    return key.private_bytes(encoding, PKCS8, serialization.BestAvailableEncryption(PASSWORD.encode()))


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP256R1())


def codes(pair, now=NOW):
    return [problem.code for problem in certificate.problems(pair, now)]


def test_facts_of_a_pair(key):
    pair = certificate.read(made(key).public_bytes(PEM), plain(key), "")
    assert pair.subject == "Żółw Sp. z o.o."
    assert pair.nip == "5261040567"
    assert pair.valid_until == NOW + timedelta(days=364)
    assert codes(pair) == []
    assert certificate.warnings(pair, "5261040567") == ()


@pytest.mark.parametrize("encoding", [PEM, DER])
@pytest.mark.parametrize("protect", [plain, locked])
def test_whatever_form_the_files_have_the_login_reads_them(key, encoding, protect):
    password = PASSWORD if protect is locked else ""
    pair = certificate.read(made(key).public_bytes(encoding), protect(key, encoding), password)
    login = auth.CertificateLogin("5261040567", pair.certificate_pem, pair.key_pem, password)
    assert b"SignatureValue" in auth.signed_request(login, "20261122-CR-0000000000-0000000000-00")
    assert PASSWORD not in repr(pair) and "PRIVATE" not in repr(pair)


def test_pkcs12_holds_both(key):
    shut = serialization.BestAvailableEncryption(PASSWORD.encode())
    both = pkcs12.serialize_key_and_certificates(b"x", key, made(key), None, shut)
    pair = certificate.read(both, b"", PASSWORD)
    assert pair.nip == "5261040567" and codes(pair) == []
    assert "ENCRYPTED" in pair.key_pem
    assert certificate.read(both, b"", "inne") == Problem("wrong_password", "key")
    assert certificate.read(both, b"", "") == Problem("wrong_password", "key")


def test_what_cannot_be_read(key):
    good = made(key).public_bytes(PEM)
    assert certificate.read(b"no certificate", plain(key), "") == Problem("unreadable_certificate", "certificate")
    assert certificate.read(good, b"no key", "") == Problem("unreadable_key", "key")
    assert certificate.read(good, b"", "") == Problem("missing_key", "key")
    assert certificate.read(good, locked(key), "") == Problem("missing_password", "key")
    assert certificate.read(good, locked(key), "inne") == Problem("wrong_password", "key")
    # the certificate in the place of the key
    assert certificate.read(good, good, "") == Problem("unreadable_key", "key")


def test_key_of_another_certificate(key):
    other = ec.generate_private_key(ec.SECP256R1())
    assert codes(certificate.read(made(key).public_bytes(PEM), plain(other), "")) == ["key_mismatch"]
    assert codes(certificate.read(made(key).public_bytes(PEM), plain(rsa.generate_private_key(65537, 2048)), "")) == [
        "key_mismatch"
    ]


def test_time(key):
    pair = certificate.read(made(key, days=10).public_bytes(PEM), plain(key), "")
    assert codes(pair, NOW + timedelta(days=9)) == ["expired"]
    assert codes(pair, NOW - timedelta(days=2)) == ["not_yet_valid"]


def test_weak_keys():
    small = rsa.generate_private_key(65537, 1024)
    assert codes(certificate.read(made(small).public_bytes(PEM), plain(small), "")) == ["weak_key"]
    curve = ec.generate_private_key(ec.SECP192R1())
    assert codes(certificate.read(made(curve).public_bytes(PEM), plain(curve), "")) == ["weak_key"]


def test_password_of_a_key_that_has_none_is_ignored(key):
    pair = certificate.read(made(key).public_bytes(PEM), plain(key), PASSWORD)
    assert codes(pair) == []
    assert pair.password == ""


def test_warnings(key):
    pair = certificate.read(made(key, number="VATPL-1234563218").public_bytes(PEM), plain(key), "")
    assert certificate.warnings(pair, "5261040567") == (Problem("other_nip", "certificate", {"nip": "1234563218"}),)
    offline = certificate.read(made(key, usage="content_commitment").public_bytes(PEM), plain(key), "")
    assert [each.code for each in certificate.warnings(offline, "5261040567")] == ["not_for_login"]
    person = certificate.read(made(key, number="PNOPL-90010112345").public_bytes(PEM), plain(key), "")
    assert person.nip == "" and certificate.warnings(person, "5261040567") == ()
