import base64
import hashlib
import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import NameOID
from lxml import etree

from ksef_core import states
from ksef_core.transport import auth, gate, keys, mask, result, session, upo

DATA = Path(__file__).parent.parent / "data" / "ksef"
VECTORS = json.loads((DATA / "vectors" / "sample-hashes-and-aes.json").read_text("utf-8"))
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEY = bytes(range(32))
BASE = "https://ksef.test/v2"


def a_gate(handler, slept=None):
    http = httpx.Client(transport=httpx.MockTransport(handler))
    return gate.Gate(http, BASE, sleep=(slept if slept is not None else []).append, now=lambda: NOW)


def answers(*responses):
    """A server that gives these answers one after another and remembers the requests."""
    queue = list(responses)
    seen = []

    def handler(request):
        seen.append(request)
        answer = queue.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    handler.seen = seen
    return handler


def problem(status, code=21405, text="Błąd", **headers):
    body = {"title": "x", "status": status, "detail": text, "errors": [{"code": code, "description": text}]}
    return httpx.Response(status, json=body, headers=headers)


# ---------------------------------------------------------------- the gate


def test_an_answer():
    server = answers(httpx.Response(200, json={"a": 1}))
    answer = a_gate(server).ask("GET", "/x", token="secret")
    assert answer.json == {"a": 1}
    assert server.seen[0].headers["Authorization"] == "Bearer secret"
    assert server.seen[0].headers["X-Error-Format"] == "problem-details"


def test_refusal_is_a_value_with_the_code_of_ksef():
    failure = a_gate(answers(problem(400, 21157, "Nieprawidłowy rozmiar"))).change("POST", "/x", token="t")
    assert (failure.fault, failure.code, failure.status) == (result.Fault.REFUSED, 21157, 400)
    assert failure.summary() == "[21157] Nieprawidłowy rozmiar"


def test_old_error_shape_is_read():
    body = {
        "exception": {
            "exceptionDetailList": [{"exceptionCode": 21173, "exceptionDescription": "Brak", "details": ["sesji"]}]
        }
    }
    failure = a_gate(answers(httpx.Response(400, json=body))).ask("GET", "/x")
    assert failure.summary() == "[21173] Brak; sesji"


def test_retry_after_is_obeyed_even_for_changes():
    slept = []
    server = answers(problem(429, **{"Retry-After": "7"}), httpx.Response(204))
    assert isinstance(a_gate(server, slept).change("POST", "/x", token="t"), gate.Answer)
    assert slept == [7.0]


def test_retry_after_as_a_date():
    slept = []
    server = answers(problem(429, **{"Retry-After": "Sat, 21 Nov 2026 12:00:30 GMT"}), httpx.Response(204))
    a_gate(server, slept).ask("GET", "/x")
    assert slept == [30.0]


def test_a_very_long_wait_is_left_to_the_caller():
    slept = []
    failure = a_gate(answers(problem(429, **{"Retry-After": "3600"})), slept).ask("GET", "/x")
    assert (failure.fault, failure.retry_after, slept) == (result.Fault.LIMITED, 3600.0, [])


@pytest.mark.parametrize("lost", [httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut"), httpx.Response(502)])
def test_a_lost_answer_to_a_change_is_never_repeated(lost):
    server = answers(lost)
    failure = a_gate(server).change("POST", "/sessions/batch", token="t")
    assert failure.fault is result.Fault.LOST
    assert len(server.seen) == 1


@pytest.mark.parametrize("lost", [httpx.ReadTimeout("slow"), httpx.Response(503)])
def test_a_lost_answer_to_a_question_is_repeated(lost):
    server = answers(lost, httpx.Response(200, json={}))
    assert isinstance(a_gate(server).ask("GET", "/x"), gate.Answer)


def test_unreachable_is_tried_again_and_nothing_was_done():
    server = answers(*[httpx.ConnectError("no") for _ in range(5)])
    failure = a_gate(server).change("POST", "/x", token="t")
    assert failure.fault is result.Fault.UNREACHABLE
    assert len(server.seen) == 5


def test_a_page_instead_of_json():
    server = answers(httpx.Response(200, content=b"<html>", headers={"Content-Type": "application/json"}))
    assert a_gate(server).ask("GET", "/x").fault is result.Fault.BROKEN


# ---------------------------------------------------------------- secrets


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer SECRET.abc",
        '{"accessToken": "SECRET"}',
        "token=SECRET",
        "https://blob.example/part?sig=SECRET&x=1",
        "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----",
        "eyJhbGciOiJSECRET.eyJSECRET.SECRET",
    ],
)
def test_secrets_are_masked(text):
    assert "SECRET" not in mask.masked(text)


def test_log_filter(caplog):
    logger = mask.protect(logging.getLogger("test.ksef.mask"))
    with caplog.at_level(logging.INFO, "test.ksef.mask"):
        logger.info("sent %s", "Bearer SECRET")
    assert "SECRET" not in caplog.text


def test_tokens_hide_in_repr():
    assert "SECRET" not in repr(auth.TokenLogin("1", "SECRET"))
    assert "SECRET" not in repr(auth.CertificateLogin("1", "c", "SECRET", "SECRET"))
    assert "SECRET" not in repr(auth.Token("SECRET", NOW))


# ---------------------------------------------------------------- keys and login


def certificate(key, name="Test", start=NOW - timedelta(days=1), days=30):
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "PL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, "VATPL-5261040567"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    made = x509.CertificateBuilder(subject, subject, key.public_key(), 7, start, start + timedelta(days=days))
    return made.sign(key, hashes.SHA256())


RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def public_key(key_id, usage, start, days=30):
    der = certificate(RSA_KEY, start=start, days=days).public_bytes(serialization.Encoding.DER)
    return {
        "certificate": base64.b64encode(der).decode(),
        "certificateId": "x",
        "publicKeyId": key_id,
        "validFrom": start.isoformat(),
        "validTo": (start + timedelta(days=days)).isoformat(),
        "usage": [usage],
    }


def unwrap(text):
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    return RSA_KEY.decrypt(base64.b64decode(text), oaep)


def test_the_newest_valid_key_is_chosen():
    rows = [
        public_key("old", keys.SYMMETRIC_KEY, NOW - timedelta(days=20)),
        public_key("new", keys.SYMMETRIC_KEY, NOW - timedelta(days=2)),
        public_key("future", keys.SYMMETRIC_KEY, NOW + timedelta(days=2)),
        public_key("dead", keys.SYMMETRIC_KEY, NOW - timedelta(days=1), days=0),
        public_key("other", keys.TOKEN_KEY, NOW - timedelta(hours=1)),
    ]
    chosen = session.fresh_key(a_gate(answers(httpx.Response(200, json=rows))))
    assert chosen.key_id == "new"
    assert unwrap(keys.wrap(chosen, KEY)) == KEY


def token_pair(name="access"):
    return {
        "accessToken": {"token": name, "validUntil": "2026-11-21T12:15:00+00:00"},
        "refreshToken": {"token": "refresh", "validUntil": "2026-11-28T12:00:00+00:00"},
    }


def login_server(*statuses, start="/auth/ksef-token"):
    body = {"challenge": "20261121-CR-0123456789-0123456789-01", "timestampMs": 1795262400123}
    begun = {"referenceNumber": "r" * 36, "authenticationToken": {"token": "temp", "validUntil": "x"}}
    queue = list(statuses)
    seen = []

    def handler(request):
        seen.append(request)
        path = request.url.path.removeprefix("/v2")
        if path == "/auth/challenge":
            return httpx.Response(200, json=body)
        if path == "/security/public-key-certificates":
            return httpx.Response(200, json=[public_key("k1", keys.TOKEN_KEY, NOW - timedelta(days=1))])
        if path == start:
            return httpx.Response(202, json=begun)
        if path == "/auth/" + "r" * 36:
            assert request.headers["Authorization"] == "Bearer temp"
            return httpx.Response(200, json={"status": {"code": queue.pop(0), "description": "opis", "details": ["d"]}})
        assert path == "/auth/token/redeem"
        return httpx.Response(200, json=token_pair())

    handler.seen = seen
    return handler


def test_token_login():
    slept = []
    server = login_server(100, 100, 200)
    tokens = auth.log_in(a_gate(server, slept), auth.TokenLogin("5261040567", " my-token "))
    assert tokens.access.text == "access"
    assert tokens.access.lives(NOW) and not tokens.access.lives(NOW + timedelta(minutes=14, seconds=30))
    sent = json.loads(next(r for r in server.seen if r.url.path.endswith("ksef-token")).content)
    assert unwrap(sent["encryptedToken"]) == b"my-token|1795262400123"
    assert sent["contextIdentifier"] == {"type": "Nip", "value": "5261040567"}
    assert sent["publicKeyId"] == "k1"
    assert len(slept) == 2


def test_refused_login_says_why():
    failure = auth.log_in(a_gate(login_server(450)), auth.TokenLogin("5261040567", "x"))
    assert (failure.fault, failure.code, failure.details) == (result.Fault.UNAUTHORISED, 450, ("d",))


def verify_signature(public, signature):
    """Signature value and digest of the signed properties, checked without the library that made them."""
    space = {"ds": "http://www.w3.org/2000/09/xmldsig#", "x": "http://uri.etsi.org/01903/v1.3.2#"}
    info = etree.tostring(signature.find("ds:SignedInfo", space), method="c14n", exclusive=True)
    value = base64.b64decode(signature.findtext("ds:SignatureValue", namespaces=space))
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(value, info, padding.PKCS1v15(), hashes.SHA256())
    else:
        r, s = (int.from_bytes(half, "big") for half in (value[:32], value[32:]))
        public.verify(encode_dss_signature(r, s), info, ec.ECDSA(hashes.SHA256()))
    properties = signature.find(".//x:SignedProperties", space)
    digest = hashlib.sha256(etree.tostring(properties, method="c14n", exclusive=True)).digest()
    digests = [
        base64.b64decode(node.text) for node in signature.iterfind("ds:SignedInfo/ds:Reference/ds:DigestValue", space)
    ]
    assert digest in digests


@pytest.mark.parametrize("key", [RSA_KEY, EC_KEY], ids=["rsa", "ec"])
def test_certificate_login(key):
    made = certificate(key)
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"pass"),
    ).decode()
    server = login_server(200, start="/auth/xades-signature")
    tokens = auth.log_in(a_gate(server), auth.CertificateLogin("5261040567", pem, secret, "pass"))
    assert tokens.access.text == "access"
    request = next(r for r in server.seen if r.url.path.endswith("xades-signature"))
    assert request.headers["Content-Type"] == "application/xml"
    root = etree.fromstring(request.content)
    space = etree.QName(root).namespace
    assert root.findtext(f"{{{space}}}ContextIdentifier/{{{space}}}Nip") == "5261040567"
    schema = etree.XMLSchema(etree.parse(str(DATA / "xsd" / "auth" / "schemat_auth_v2-1.xsd")))
    signature = root.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    verify_signature(key.public_key(), signature)
    root.remove(signature)
    schema.assertValid(root)


def test_bad_key_and_certificate_are_values():
    pem = certificate(EC_KEY).public_bytes(serialization.Encoding.PEM).decode()
    secret = EC_KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"pass")
    ).decode()
    wrong = auth.signed_request(auth.CertificateLogin("1", pem, secret, "other"), "c")
    assert isinstance(wrong, result.Failure)
    assert isinstance(auth.signed_request(auth.CertificateLogin("1", "rubbish", secret, "pass"), "c"), result.Failure)
    assert auth.certificate_valid_until("rubbish") is None
    assert auth.certificate_valid_until(pem) == NOW + timedelta(days=29)


def test_refresh_keeps_the_refresh_token():
    tokens = auth.Tokens(auth.Token("a", NOW), auth.Token("r", NOW + timedelta(days=7)))
    server = answers(httpx.Response(200, json={"accessToken": token_pair("second")["accessToken"]}))
    fresh = auth.refresh(a_gate(server), tokens)
    assert (fresh.access.text, fresh.refresh.text) == ("second", "r")
    assert server.seen[0].headers["Authorization"] == "Bearer r"


# ---------------------------------------------------------------- session


def test_closing_twice_is_closing():
    assert session.close(a_gate(answers(problem(400, 21180))), "t", "s") is None
    assert session.close(a_gate(answers(problem(400, 21205))), "t", "s").code == 21205


def invoice_row(number, code=200, **more):
    return {
        "ordinalNumber": number,
        "invoiceHash": f"hash{number}",
        "referenceNumber": f"ref{number}",
        "invoicingDate": "2026-11-21T12:00:00+00:00",
        "status": {"code": code, "description": "opis", "details": None},
        **more,
    }


def test_lists_follow_the_continuation_token():
    server = answers(
        httpx.Response(200, json={"continuationToken": "next", "invoices": [invoice_row(1, 450)]}),
        httpx.Response(200, json={"continuationToken": None, "invoices": [invoice_row(2, 440)]}),
    )
    found = session.failed_invoices(a_gate(server), "t", "s")
    assert [(row.sha256, row.code) for row in found] == [("hash1", 450), ("hash2", 440)]
    assert server.seen[1].headers["x-continuation-token"] == "next"


def test_status_with_upo_pages():
    body = {
        "status": {"code": 200, "description": "ok"},
        "dateCreated": "2026-11-21T12:00:00+00:00",
        "invoiceCount": 3,
        "successfulInvoiceCount": 2,
        "failedInvoiceCount": 1,
        "upo": {"pages": [{"referenceNumber": "u1", "downloadUrl": "https://blob.test/u1?sig=x"}]},
    }
    found = session.status(a_gate(answers(httpx.Response(200, json=body))), "t", "s")
    assert (found.code, found.accepted, found.failed, found.upo_pages[0].reference) == (200, 2, 1, "u1")


def test_upo_falls_back_to_the_api():
    page = session.UpoPage("u1", "https://blob.test/u1?sig=x")
    server = answers(httpx.Response(404), httpx.Response(200, content=b"<upo/>"))
    assert session.upo_page(a_gate(server), "t", "s", page) == b"<upo/>"
    assert "Authorization" not in server.seen[0].headers
    assert server.seen[1].headers["Authorization"] == "Bearer t"


def test_upo_is_read_by_hash():
    page = (DATA / "upo" / "upo-sesja-kontekst-id-nip.xml").read_bytes()
    first, second = upo.read(page)
    assert first.ksef_number == "5265877635-20250916-010040741B3E-46"
    assert first.sha256 == "jli86Kp2Kw7jppX59P8VmjWRcwLTvsPK3DcPEB87mNk="
    assert (second.mode, second.invoice_number) == ("Online", "FA/XVQUD-9997622510/04/2027")
    assert first.numbered_at.utcoffset() == timedelta(hours=2)
    for wrong in (b"", b"<a/>"):
        with pytest.raises(ValueError):
            upo.read(wrong)


# ---------------------------------------------------------------- states


def test_an_unknown_document_is_never_queued_again():
    assert not states.doc_may("unknown", "queued")
    assert not states.doc_may("accepted", "rejected")
    assert states.doc_may("unknown", "accepted")


def test_final_session_states():
    assert {"done", "done_errors", "failed"} == states.SESSION_FINAL


@pytest.mark.parametrize("table", [states.DOC_MOVES, states.SESSION_MOVES])
def test_tables_are_closed(table):
    assert all(after in table for targets in table.values() for after in targets)


@pytest.mark.parametrize(
    ("code", "verdict"),
    [(100, "wait"), (150, "wait"), (200, "done"), (445, "refused"), (440, "return"), (500, "return")],
)
def test_session_codes(code, verdict):
    assert states.session_verdict(code) == verdict


@pytest.mark.parametrize(
    ("code", "verdict"), [(150, "wait"), (200, "done"), (440, "duplicate"), (450, "refused"), (550, "return")]
)
def test_invoice_codes(code, verdict):
    assert states.invoice_verdict(code) == verdict
