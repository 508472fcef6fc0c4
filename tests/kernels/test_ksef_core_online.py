"""Interactive sessions of KSeF, call by call."""

import base64
import hashlib
import json
from datetime import UTC, datetime

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ksef_core.transport import gate, online, result

KEY, IV = bytes(range(32)), bytes(range(16))
XML = "<Faktura>żółw</Faktura>".encode()
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def a_gate(*responses):
    queue, seen = list(responses), []

    def handler(request):
        seen.append(request)
        answer = queue.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    here = gate.Gate(
        httpx.Client(transport=httpx.MockTransport(handler)),
        "https://k.test/v2",
        sleep=lambda _s: None,
        now=lambda: NOW,
    )
    here.seen = seen
    return here


def sha(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def test_open():
    here = a_gate(httpx.Response(201, json={"referenceNumber": "s", "validUntil": "2026-11-22T00:00:00+00:00"}))
    opened = online.open_online(here, "t", "d3JhcHBlZA==", IV, "key-id")
    assert (opened.reference, opened.valid_until) == ("s", datetime(2026, 11, 22, tzinfo=UTC))
    sent = json.loads(here.seen[0].content)
    assert sent == {
        "formCode": {"systemCode": "FA (3)", "schemaVersion": "1-0E", "value": "FA"},
        "encryption": {
            "encryptedSymmetricKey": "d3JhcHBlZA==",
            "initializationVector": base64.b64encode(IV).decode(),
            "publicKeyId": "key-id",
        },
    }


def test_send_tells_both_hashes():
    here = a_gate(httpx.Response(202, json={"referenceNumber": "i"}))
    assert online.send(here, "t", "s", XML, KEY, IV) == "i"
    assert here.seen[0].url.path == "/v2/sessions/online/s/invoices"
    sent = json.loads(here.seen[0].content)
    data = base64.b64decode(sent["encryptedInvoiceContent"])
    decryptor = Cipher(algorithms.AES(KEY), modes.CBC(IV)).decryptor()
    plain = decryptor.update(data) + decryptor.finalize()
    assert plain[: -plain[-1]] == XML
    assert (sent["invoiceHash"], sent["invoiceSize"]) == (sha(XML), len(XML))
    assert (sent["encryptedInvoiceHash"], sent["encryptedInvoiceSize"]) == (sha(data), len(data))
    assert sent["offlineMode"] is False
    assert "hashOfCorrectedInvoice" not in sent


def test_technical_correction():
    here = a_gate(httpx.Response(202, json={"referenceNumber": "i"}))
    online.send(here, "t", "s", XML, KEY, IV, offline=True, corrected_sha256="abc")
    sent = json.loads(here.seen[0].content)
    assert (sent["offlineMode"], sent["hashOfCorrectedInvoice"]) == (True, "abc")


@pytest.mark.parametrize(
    "lost", [httpx.Response(500), httpx.ReadTimeout("slow"), httpx.Response(202, json={}), httpx.Response(504)]
)
def test_a_lost_answer_is_never_sent_again(lost):
    here = a_gate(lost)
    assert online.send(here, "t", "s", XML, KEY, IV).fault is result.Fault.LOST
    assert len(here.seen) == 1


def test_an_opening_answer_we_cannot_use():
    assert online.open_online(a_gate(httpx.Response(201, json={})), "t", "", IV, "").fault is result.Fault.LOST


def problem(code):
    return httpx.Response(400, json={"errors": [{"code": code, "description": "x"}]})


def test_closing():
    assert online.close(a_gate(httpx.Response(204)), "t", "s") is None
    assert online.close(a_gate(problem(21180)), "t", "s") is None
    assert online.close(a_gate(problem(21173)), "t", "s").code == 21173
