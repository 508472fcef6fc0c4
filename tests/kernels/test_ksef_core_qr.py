import base64
import json
from datetime import date
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from ksef_core import qr

DATA = Path(__file__).parent.parent / "data" / "ksef"
QR = json.loads((DATA / "vectors" / "qr-codes.json").read_text("utf-8"))
SAMPLES = json.loads((DATA / "vectors" / "sample-hashes-and-aes.json").read_text("utf-8"))["samples"]
PLAIN_HASH = base64.b64encode(base64.urlsafe_b64decode(QR["kod_I"]["hash_base64url"] + "=")).decode()
HOST = "https://qr-test.ksef.mf.gov.pl"


def test_code_one_is_the_official_link():
    vector = QR["kod_I"]
    assert qr.invoice_url(HOST + "/", vector["nip"], date(2026, 2, 1), PLAIN_HASH) == vector["url"]


def test_code_two_signs_the_official_text():
    vector = QR["kod_II_rsa"]
    text = qr.certificate_text(
        HOST, "Nip", "1111111111", "1111111111", vector["certificate_serial_without_padding"], PLAIN_HASH
    )
    assert text == vector["signed_string"]
    signature = base64.urlsafe_b64decode(vector["signature_base64url"] + "==")
    assert qr.certificate_url(text, signature) == vector["url"]
    certificate = x509.load_der_x509_certificate(base64.b64decode(vector["certificate_der_base64"]))
    certificate.public_key().verify(
        signature, text.encode(), padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["file"])
def test_hashes_of_the_official_samples(sample):
    data = (DATA / "fa3" / sample["file"]).read_bytes()
    assert qr.sha256_base64(data) == sample["sha256_base64"]
    assert qr.hash_for_url(sample["sha256_base64"]) == sample["sha256_base64url_nopad"]


@pytest.mark.parametrize("text", ["", "abc", "YWJj", "UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE"])
def test_only_a_sha256_makes_a_link(text):
    with pytest.raises(ValueError):
        qr.hash_for_url(text)
