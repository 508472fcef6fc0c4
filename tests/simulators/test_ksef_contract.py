"""KSeF simulator: every operation it offers answers as the official OpenAPI document says, in success and in refusal."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from .ksef import KsefSimulator, spec
from .ksef.sample import SELLER, invoice
from .ksef_contract import Contract, breach
from .ksef_testing import DAY, FORM, YESTERDAY, RawClient, b64, certificate, encrypt, files, pem, sha

PROBLEM = {"X-Error-Format": "problem-details"}
SPAN = {"dateType": "PermanentStorage", "from": f"{YESTERDAY}T00:00:00Z"}


def certificate_login(client: RawClient) -> None:
    key = rsa.generate_private_key(65537, 2048)
    challenge = client.call("POST", "/auth/challenge", token="").json()["challenge"]
    signed = signed_request(challenge, key)
    headers = {"Content-Type": "application/xml"}
    response = client.call("POST", "/auth/xades-signature", token="", content=signed, headers=headers)
    assert response.status_code == 202, response.text
    started = response.json()
    assert client.auth_status(started)["code"] == 200
    assert client.redeem(started).status_code == 200


def signed_request(challenge: str, key: rsa.RSAPrivateKey) -> bytes:
    """AuthTokenRequest signed by the independent client library."""
    from ksef_client.services.auth import build_auth_token_request_xml
    from ksef_client.services.xades import sign_xades_enveloped

    text = build_auth_token_request_xml(
        challenge=challenge,
        context_identifier_type="nip",
        context_identifier_value=SELLER,
        subject_identifier_type="certificateSubject",
    )
    made = sign_xades_enveloped(text, pem(certificate(key)), pem(key))
    return made if isinstance(made, bytes) else made.encode()


def online(client: RawClient) -> str:
    """A whole interactive session with one invoice."""
    body = {"formCode": FORM, "encryption": client.encryption()}
    reference = client.call("POST", "/sessions/online", json=body).json()["referenceNumber"]
    plain = invoice("ON/1", DAY)
    secret = encrypt(plain, client.key, client.vector)
    sent = {
        "invoiceHash": sha(plain),
        "invoiceSize": len(plain),
        "encryptedInvoiceHash": sha(secret),
        "encryptedInvoiceSize": len(secret),
        "encryptedInvoiceContent": b64(secret),
    }
    assert client.call("POST", f"/sessions/online/{reference}/invoices", json=sent).status_code == 202
    assert client.call("POST", f"/sessions/online/{reference}/close").status_code == 204
    assert client.wait(reference)["successfulInvoiceCount"] == 1
    return str(reference)


def batch(client: RawClient) -> None:
    """Batch sessions with good and refused invoices, looked at in every way; before and after their end."""
    first = client.send(files(12))
    status = client.wait(first)
    broken = {"a.xml": b"no invoice", "b.xml": invoice("FV/1", DAY), "c.xml": invoice("FV/100", DAY)}
    second = client.send(broken)
    assert client.wait(second)["failedInvoiceCount"] == 2
    assert len(client.rows(second, "invoices/failed")) == 2
    rows = client.rows(first, size=10)
    client.call("GET", "/sessions", params={"sessionType": "Batch"})
    client.call("GET", f"/sessions/{first}/upo/{status['upo']['pages'][0]['referenceNumber']}")
    row = rows[0]
    path = f"/sessions/{first}/invoices"
    client.call("GET", f"{path}/{row['referenceNumber']}")
    client.call("GET", f"{path}/{row['referenceNumber']}/upo")
    client.call("GET", f"{path}/ksef/{row['ksefNumber']}/upo")
    client.call("GET", f"/invoices/ksef/{row['ksefNumber']}")
    waiting = client.open(client.batch_request(b"x" * 100)[0]).json()["referenceNumber"]
    assert client.status(waiting)["status"]["code"] == 100
    assert client.wait(client.send(b"no archive"))["status"]["code"] == 430


def reading(client: RawClient) -> None:
    """Metadata, export, limits."""
    filters = {"subjectType": "Subject1", "dateRange": SPAN}
    assert client.call("POST", "/invoices/query/metadata", json=filters).json()["invoices"]
    wanted = {"encryption": client.encryption(), "filters": filters, "onlyMetadata": True}
    reference = client.call("POST", "/invoices/exports", json=wanted).json()["referenceNumber"]
    while client.call("GET", f"/invoices/exports/{reference}").json()["status"]["code"] == 100:
        time.sleep(0.01)
    client.call("GET", "/limits/context")
    client.call("GET", "/permissions/attachments/status")


def settings(client: RawClient) -> None:
    """Operations of the TEST environment."""
    for path in ("/testdata/attachment", "/testdata/attachment/revoke"):
        body = {"nip": SELLER, **({"expectedEndDate": DAY} if path.endswith("revoke") else {})}
        assert client.call("POST", path, json=body).status_code == 200
    limits = client.call("GET", "/rate-limits").json()
    closed = ("onlineSessionClose", "batchSessionClose", "anonymous", "global")  # these cannot be set
    limits = {group: values for group, values in limits.items() if group not in closed}
    assert client.call("POST", "/testdata/rate-limits", json={"rateLimits": limits}).status_code == 200
    assert client.call("DELETE", "/testdata/rate-limits").status_code == 200
    assert client.call("POST", "/testdata/rate-limits/production").status_code == 200


def logging_out(client: RawClient) -> None:
    client.call("POST", "/auth/token/refresh", token=client.refresh_token)
    rows = client.call("GET", "/auth/sessions").json()["items"]
    other = next(row["referenceNumber"] for row in rows if not row.get("isCurrent"))
    assert client.call("DELETE", f"/auth/sessions/{other}").status_code == 204
    assert client.call("DELETE", "/auth/sessions/current").status_code == 204


def test_every_operation(sim: KsefSimulator, client: RawClient, contract: Contract) -> None:
    """Every operation that the simulator has a handler for, with its documented success."""
    certificate_login(client)
    batch(client)
    online(client)
    reading(client)
    settings(client)
    logging_out(client)
    good = {answer.operation for answer in contract.answers if answer.status < 300}
    assert good == set(sim.api.handlers)
    assert contract.breaches() == []


@pytest.mark.parametrize("headers", [{}, PROBLEM], ids=["legacy", "problem-details"])
def test_every_refusal(headers: dict[str, str], contract: Contract) -> None:
    """400, 401, 403 and 429 of every operation that documents them and can be asked without preparation."""
    with KsefSimulator(delay=0, limits="off") as sim:
        client = RawClient(sim).login()
        sim.auth.add_token("1111111111", "poor", ())
        poor = RawClient(sim, "1111111111").login("poor")
        wanted: set[tuple[str, int]] = set()
        for name in sim.api.handlers:
            method, _, path = name.partition(" ")
            operation, _, _ = sim.spec.find(method, path.replace("{", "").replace("}", ""))
            assert operation is not None
            there = path.format(
                referenceNumber="20261121-SB-0000000000-0000000000-00",
                invoiceReferenceNumber="20261121-EE-0000000000-0000000000-00",
                upoReferenceNumber="20261121-EU-0000000000-0000000000-00",
                ksefNumber=f"{SELLER}-20261121-000000000000-00",
            )
            options: dict[str, Any] = {"headers": headers}
            if operation.body_schema is not None:
                options["json"] = {"unknown": 1}
                assert client.call(method, there, **options).status_code == 400, name
                wanted.add((name, 400))
            if operation.secured:
                assert client.call(method, there, **{**options, "token": ""}).status_code == 401, name
                wanted.add((name, 401))
            if operation.permissions:
                assert poor.call(method, there, **options).status_code == 403, name
                wanted.add((name, 403))
        tokens = login_tokens(client)
        once = {"perSecond": 1, "perMinute": 1, "perHour": 1}
        sim.limits.mode, sim.limits.own = "production", dict.fromkeys(sim.limits.effective(), once)
        for name in sim.api.handlers:
            method, _, path = name.partition(" ")
            options = {"headers": headers, "json": {}, "token": tokens.get(name)}
            statuses = [
                client.call(method, path.replace("{", "").replace("}", ""), **options).status_code for _ in "12"
            ]
            assert statuses[1] == 429, (name, statuses)
            wanted.add((name, 429))
    heard = {(answer.operation, answer.status) for answer in contract.answers}
    assert wanted - heard == set()
    assert contract.breaches() == []


def login_tokens(client: RawClient) -> dict[str, str]:
    """The operations of a login, each with the kind of token it takes."""
    started = client.start(client.token_request(client.sim.issue_token(SELLER)))["authenticationToken"]["token"]
    return {
        "GET /auth/{referenceNumber}": started,
        "POST /auth/token/redeem": started,
        "POST /auth/token/refresh": client.refresh_token,
    }


# ---------------------------------------------------------------- the judge itself


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": b'{"challenge": 7}'},
        {"body": b"{}"},
        {"status": 201},
        {"content_type": "text/plain"},
        {"path": "/v2/auth/nothing"},
        {"body": b'{"challenge":"20250625-CR-20F5EE4000-DA48AE4124-46","timestamp":"2026-11-11",'
         b'"timestampMs":1,"clientIp":"127.0.0.1"}'},
        {"body": b'{"challenge":"20250625-CR-20F5EE4000-DA48AE4124-46","timestamp":"2026-11-11T10:00:00+00:00",'
         b'"timestampMs":1,"clientIp":"127.0.0.1","more":1}'},
    ],
)  # fmt: skip
def test_the_judge_notices(client: RawClient, contract: Contract, wrong: dict[str, Any]) -> None:
    good = next(answer for answer in contract.answers if answer.operation == "POST /auth/challenge")
    assert breach(good) == ""
    assert breach(dataclasses.replace(good, **wrong)) != ""


def test_the_document_is_the_official_one() -> None:
    assert spec.load().version == "2.9.0"
