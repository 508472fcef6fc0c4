"""KSeF simulator: interactive sessions."""

from __future__ import annotations

import os
import time
from typing import Any

import httpx

from .ksef.sample import invoice
from .ksef_testing import (
    DAY,
    GOOD,
    PLAIN,
    RawClient,
    b64,
    code_of,
    encrypt,
    sha,
    upo_numbers,
)


def online(client: RawClient) -> str:
    body = {"formCode": {"systemCode": "FA (3)", "schemaVersion": "1-0E", "value": "FA"}}
    response = client.call("POST", "/sessions/online", json={**body, "encryption": client.encryption()})
    assert response.status_code == 201, response.text
    return response.json()["referenceNumber"]


def message(client: RawClient, content: bytes, **changes: Any) -> dict[str, Any]:
    secret = encrypt(content, client.key, client.vector)
    return {
        "invoiceHash": sha(content),
        "invoiceSize": len(content),
        "encryptedInvoiceHash": sha(secret),
        "encryptedInvoiceSize": len(secret),
        "encryptedInvoiceContent": b64(secret),
        **changes,
    }


def post(client: RawClient, reference: str, body: dict[str, Any]) -> httpx.Response:
    return client.call("POST", f"/sessions/online/{reference}/invoices", json=body)


def test_an_online_session(client: RawClient) -> None:
    reference = online(client)
    assert client.status(reference)["status"]["code"] == 100
    assert code_of(post(client, reference, message(client, GOOD, encryptedInvoiceSize=17))) == 21402
    assert code_of(post(client, reference, message(client, GOOD, encryptedInvoiceHash=sha(b"")))) == 21403
    assert code_of(post(client, reference, {**message(client, GOOD), "x": 1})) == 21405
    good = post(client, reference, message(client, GOOD))
    assert good.status_code == 202
    assert post(client, reference, message(client, GOOD, invoiceSize=5)).status_code == 202
    assert post(client, reference, message(client, GOOD, invoiceHash=sha(b""))).status_code == 202
    assert client.call("POST", f"/sessions/online/{reference}/close").status_code == 204
    status = client.wait(reference)
    assert status["status"]["code"] == 200
    rows = client.rows(reference)
    assert [row["status"]["code"] for row in rows] == [200, 430, 430]
    assert rows[0]["referenceNumber"] == good.json()["referenceNumber"]
    assert len(upo_numbers(PLAIN.get(status["upo"]["pages"][0]["downloadUrl"]).content)) == 1
    assert code_of(post(client, reference, message(client, GOOD))) == 21180


def test_an_online_session_without_invoices_is_cancelled(client: RawClient) -> None:
    reference = online(client)
    client.call("POST", f"/sessions/online/{reference}/close")
    assert client.status(reference)["status"]["code"] == 440


def test_undecipherable_invoices(client: RawClient) -> None:
    reference = online(client)
    good_key, client.key = client.key, os.urandom(32)
    body = message(client, GOOD)
    client.key = good_key
    post(client, reference, body)
    client.call("POST", f"/sessions/online/{reference}/close")
    assert client.wait(reference)["status"]["code"] == 445
    assert client.rows(reference)[0]["status"]["code"] in (430, 435)


def test_technical_correction(client: RawClient) -> None:
    broken = GOOD.replace(b"<P_23>2</P_23>", b"")
    assert client.outcome(client.send({"a.xml": broken}, offlineMode=True))[0] == 445
    reference = online(client)
    corrected = {"hashOfCorrectedInvoice": sha(broken)}
    assert code_of(post(client, reference, message(client, GOOD, **corrected))) == 21405
    assert post(client, reference, message(client, GOOD, offlineMode=True, **corrected)).status_code == 202
    while client.rows(reference)[0]["status"]["code"] < 200:
        time.sleep(0.02)
    other = message(client, invoice("FV/2", DAY), offlineMode=True)
    assert code_of(post(client, reference, {**other, **corrected})) == 21166
    assert code_of(post(client, reference, {**other, "hashOfCorrectedInvoice": sha(GOOD)})) == 21167
