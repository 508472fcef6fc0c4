"""The KSeF simulator: the flow of an independent client library, and refusal of everything that is wrong."""

from __future__ import annotations

import base64
import copy
import io
import json
import os
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from .ksef import KsefSimulator, invoices, schemas, spec, xades
from .ksef.crypto import decrypt
from .ksef.numbers import WARSAW, crc8, nip_is_valid, reference_number
from .ksef.sample import BUYER, SELLER, invoice
from .ksef.signing import sign_enveloped
from .ksef_testing import PLAIN, RawClient, b64, certificate, code_of, encrypt, pem, sha, tar_gz_of, zip_of

DATA = Path(__file__).resolve().parents[1] / "data" / "ksef"
TODAY = datetime.now(UTC).astimezone(WARSAW).date()
DAY = TODAY.isoformat()
YESTERDAY = (TODAY - timedelta(days=1)).isoformat()
TOMORROW = (TODAY + timedelta(days=2)).isoformat()
AUTH_NS = "http://ksef.mf.gov.pl/auth/token/2.1"


@pytest.fixture
def sim() -> Iterator[KsefSimulator]:
    with KsefSimulator(delay=0.0, limits="off") as simulator:
        yield simulator


@pytest.fixture
def client(sim: KsefSimulator) -> RawClient:
    return RawClient(sim).login()


def files(count: int, day: str = DAY, **options: Any) -> dict[str, bytes]:
    return {f"faktura-{n}.xml": invoice(f"FV/{n}", day, **options) for n in range(1, count + 1)}


# ---------------------------------------------------------------- an independent client library passes its own flow


def library(sim: KsefSimulator) -> Any:
    ksef_client = pytest.importorskip("ksef_client")
    # It refuses loopback addresses in pre-signed links, so those carry another host and go through the proxy.
    sim.links.base = "http://storage.ksef.test"
    options = ksef_client.KsefClientOptions(base_url=sim.base_url, proxy=sim.url, strict_presigned_url_validation=False)
    return ksef_client.KsefClient(options)


def key_of(certificates: list[Any], usage: str) -> Any:
    return next(row for row in certificates if usage in [getattr(u, "value", u) for u in row.usage])


@pytest.mark.parametrize("compression", ["Zip", "TarGz"])
def test_ksef_client_logs_in_sends_a_batch_and_gets_its_upo(sim: KsefSimulator, compression: str) -> None:
    with library(sim) as api:
        from ksef_client.models import FormCode
        from ksef_client.services.workflows import AuthCoordinator, BatchSessionWorkflow

        keys = api.security.get_public_key_certificates()
        token_key, key = key_of(keys, "KsefTokenEncryption"), key_of(keys, "SymmetricKeyEncryption")
        login = AuthCoordinator(api.auth).authenticate_with_ksef_token(
            token=sim.issue_token(SELLER),
            public_certificate=token_key.certificate,
            public_key_id=token_key.public_key_id,
            context_identifier_type="nip",
            context_identifier_value=SELLER,
            poll_interval_seconds=0.05,
        )
        sent = files(3)
        reference = BatchSessionWorkflow(api.sessions, api.http_client).open_upload_and_close(
            form_code=FormCode(system_code="FA (3)", schema_version="1-0E", value="FA"),
            archive_bytes=zip_of(sent) if compression == "Zip" else tar_gz_of(sent),
            compression_type=compression,
            public_certificate=key.certificate,
            public_key_id=key.public_key_id,
            access_token=login.access_token,
        )
        for _ in range(200):
            status = api.sessions.get_session_status(reference, access_token=login.access_token)
            if status.status.code not in (100, 150):
                break
            time.sleep(0.02)
        assert (status.status.code, status.successful_invoice_count) == (200, 3)
        listed = api.sessions.get_session_invoices(reference, access_token=login.access_token)
        assert {row.invoice_hash for row in listed.invoices} == {sha(content) for content in sent.values()}
        page = api.sessions.get_session_upo(
            reference, status.upo.pages[0].reference_number, access_token=login.access_token
        )
        assert {row.ksef_number for row in listed.invoices} == set(upo_numbers(page))


def test_ksef_client_sends_online(sim: KsefSimulator) -> None:
    with library(sim) as api:
        from ksef_client.models import FormCode
        from ksef_client.services.workflows import OnlineSessionWorkflow

        raw = RawClient(sim).login()
        key = key_of(api.security.get_public_key_certificates(), "SymmetricKeyEncryption")
        session = OnlineSessionWorkflow(api.sessions).open_session(
            form_code=FormCode(system_code="FA (3)", schema_version="1-0E", value="FA"),
            public_certificate=key.certificate,
            public_key_id=key.public_key_id,
            access_token=raw.access,
        )
        session.send_invoice(invoice("FV/1", DAY), access_token=raw.access)
        session.close(access_token=raw.access)
        assert raw.wait(session.session_reference_number)["successfulInvoiceCount"] == 1


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_ksef_client_logs_in_with_a_certificate(sim: KsefSimulator, version: str) -> None:
    pytest.importorskip("xmlsec")
    with library(sim) as api:
        from ksef_client.services.workflows import AuthCoordinator

        key = rsa.generate_private_key(65537, 2048)
        login = AuthCoordinator(api.auth).authenticate_with_xades(
            context_identifier_type="nip",
            context_identifier_value=SELLER,
            subject_identifier_type="certificateSubject",
            certificate_pem=pem(certificate(key)),
            private_key_pem=pem(key),
            auth_request_schema_version=version,
            poll_interval_seconds=0.05,
        )
        assert api.sessions.get_sessions(session_type="Batch", access_token=login.access_token).sessions == []


# ---------------------------------------------------------------- numbers and schemas


def test_official_check_digits() -> None:
    assert crc8("5265877635-20250826-0100001AF629") == "AF"
    for printed in ("20250514-CR-226FB7B000-3ACF9BE4C0-10", "20250626-SB-213D593000-4DE10D80A5-E9"):
        assert crc8(printed[:33]) == printed[34:]
    made = reference_number("SB", datetime(2026, 11, 21, tzinfo=UTC))
    assert len(made) == 36
    assert made.startswith("20261121-SB-")
    assert crc8(made[:33]) == made[34:]
    assert nip_is_valid(SELLER)
    assert not nip_is_valid("5265877636")


@pytest.mark.parametrize("path", sorted((DATA / "fa3").glob("*.xml")), ids=lambda path: path.stem)
def test_official_samples_are_sound(path: Path) -> None:
    content = path.read_bytes()
    if b"#nip#" in content:
        pytest.skip("template")
    facts = invoices.examine(content, check_sums=False)
    assert facts.kind in invoices.KINDS
    assert facts.number


# ---------------------------------------------------------------- logging in with a token


def test_keys_are_published_with_their_ids(sim: KsefSimulator) -> None:
    rows = PLAIN.get(f"{sim.base_url}/security/public-key-certificates").json()
    assert sorted(usage for row in rows for usage in row["usage"]) == ["KsefTokenEncryption", "SymmetricKeyEncryption"]
    assert sim.keys.find("SymmetricKeyEncryption", rows[1]["publicKeyId"]) is not None


def test_tokens_are_given_once_and_refreshed_many_times(sim: KsefSimulator) -> None:
    client = RawClient(sim)
    started = client.start(client.token_request(sim.issue_token(SELLER)))
    assert client.redeem(started).status_code == 200
    assert code_of(client.redeem(started)) == 21301
    for _ in range(2):
        refreshed = client.call("POST", "/auth/token/refresh", token=client.refresh_token)
        assert refreshed.status_code == 200
    client.access = refreshed.json()["accessToken"]["token"]
    assert client.call("GET", "/sessions", params={"sessionType": "Batch"}).status_code == 200


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"shift": 1}, "Nieprawidłowy czas tokena"),
        ({"usage": "SymmetricKeyEncryption", "publicKeyId": None}, "Nieprawidłowe szyfrowanie tokena"),
        ({"contextIdentifier": {"type": "Nip", "value": BUYER}}, f"Token nie może być użyty w kontekście {BUYER}"),
    ],
)
def test_a_bad_token_login_ends_with_450(sim: KsefSimulator, change: dict[str, Any], detail: str) -> None:
    client = RawClient(sim)
    started = client.start(client.token_request(sim.issue_token(SELLER), **change))
    status = client.auth_status(started)
    assert (status["code"], status["details"]) == (450, [detail])
    assert code_of(client.redeem(started)) == 21301


def test_an_unknown_token_ends_with_450(sim: KsefSimulator) -> None:
    client = RawClient(sim)
    assert client.auth_status(client.start(client.token_request("made-up")))["details"] == ["Nieprawidłowy token"]


def test_a_company_without_permission_ends_with_415() -> None:
    with KsefSimulator(nips=[BUYER]) as sim:
        client = RawClient(sim)
        status = client.auth_status(client.start(client.token_request(sim.issue_token(SELLER))))
        assert (status["code"], status["details"]) == (415, ["Brak przypisanych uprawnień"])


def test_a_challenge_serves_once(sim: KsefSimulator) -> None:
    client = RawClient(sim)
    body = client.token_request(sim.issue_token(SELLER))
    client.start(body)
    assert code_of(client.call("POST", "/auth/ksef-token", token="", json=body)) == 21111


def test_login_takes_its_time() -> None:
    with KsefSimulator(auth_delay=0.3) as sim:
        client = RawClient(sim)
        started = client.start(client.token_request(sim.issue_token(SELLER)))
        assert client.auth_status(started)["code"] == 100
        assert code_of(client.redeem(started)) == 21301
        time.sleep(0.3)
        assert client.redeem(started).status_code == 200


def test_bearer_tokens_are_checked(sim: KsefSimulator, client: RawClient) -> None:
    head, body, seal = client.access.split(".")
    forged = f"{head}.{body}.{seal[::-1]}"
    for token in ("", "x", forged, client.refresh_token):
        response = client.call("GET", "/limits/context", token=token)
        assert response.status_code == 401
        assert response.headers["content-type"].startswith("application/problem+json")
    assert client.call("POST", "/auth/token/refresh", token=client.access).status_code == 401
    assert client.call("GET", "/limits/context").status_code == 200
    sim.auth.expire("access")
    assert client.call("GET", "/limits/context").status_code == 401
    refreshed = client.call("POST", "/auth/token/refresh", token=client.refresh_token)
    client.access = refreshed.json()["accessToken"]["token"]
    assert client.call("GET", "/limits/context").status_code == 200


def test_access_tokens_expire_by_themselves() -> None:
    with KsefSimulator(access_seconds=1) as sim:
        client = RawClient(sim).login()
        time.sleep(1.1)
        assert client.call("GET", "/limits/context").status_code == 401


def test_permissions_of_a_token(sim: KsefSimulator) -> None:
    token = sim.auth.add_token(SELLER, permissions=("InvoiceRead",))
    client = RawClient(sim).login(token)
    response = client.open({})
    assert response.status_code == 403
    assert response.json()["reasonCode"] == "missing-permissions"
    assert response.json()["security"]["presentPermissions"] == ["InvoiceRead"]


def test_a_revoked_login_cannot_refresh(client: RawClient) -> None:
    assert len(client.call("GET", "/auth/sessions").json()["items"]) == 1
    assert client.call("DELETE", "/auth/sessions/current").status_code == 204
    assert code_of(client.call("POST", "/auth/token/refresh", token=client.refresh_token)) == 21301
    assert client.call("GET", "/limits/context").status_code == 200


# ---------------------------------------------------------------- logging in with a certificate


def auth_request(client: RawClient, nip: str = SELLER, **changes: str) -> etree._Element:
    challenge = changes.get("challenge") or client.call("POST", "/auth/challenge", token="").json()["challenge"]
    kind = changes.get("subject", "certificateSubject")
    text = (
        f'<AuthTokenRequest xmlns="{AUTH_NS}"><Challenge>{challenge}</Challenge>'
        f"<ContextIdentifier><Nip>{nip}</Nip></ContextIdentifier>"
        f"<SubjectIdentifierType>{kind}</SubjectIdentifierType></AuthTokenRequest>"
    )
    return etree.fromstring(text)


def xades_login(client: RawClient, root: etree._Element, **params: Any) -> httpx.Response:
    return client.call(
        "POST",
        "/auth/xades-signature",
        token="",
        params=params,
        content=etree.tostring(root, encoding="utf-8", xml_declaration=True),
        headers={"Content-Type": "application/xml"},
    )


def signed(client: RawClient, key: Any = None, cert: x509.Certificate | None = None, **changes: str) -> etree._Element:
    key = key or ec.generate_private_key(ec.SECP256R1())
    root = auth_request(client, **changes)
    sign_enveloped(root, key, cert or certificate(key), datetime.now(UTC))
    return root


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()], ids=["P-256", "P-384"])
def test_elliptic_certificates(sim: KsefSimulator, curve: ec.EllipticCurve) -> None:
    client = RawClient(sim)
    response = xades_login(client, signed(client, ec.generate_private_key(curve)))
    assert response.status_code == 202, response.text
    assert client.auth_status(response.json())["code"] == 200
    client.redeem(response.json())
    reference = client.send(files(1))
    page = client.http.get(client.wait(reference)["upo"]["pages"][0]["downloadUrl"]).content
    assert b"SkrotDokumentuUwierzytelniajacego" in page


def test_enveloping_signature(sim: KsefSimulator) -> None:
    """The document inside ds:Object, referenced by its Id."""
    client = RawClient(sim)
    key = ec.generate_private_key(ec.SECP256R1())
    root = enveloping(auth_request(client), key)
    response = xades_login(client, root)
    assert response.status_code == 202, response.text


def enveloping(document: etree._Element, key: Any) -> etree._Element:
    from .ksef import signing

    carrier = copy.deepcopy(document)
    signature = sign_enveloped(carrier, key, certificate(key), datetime.now(UTC))
    carrier.remove(signature)
    holder = etree.SubElement(signature, f"{{{xades.DS}}}Object", Id="payload")
    holder.append(document)
    reference = signature.find(f".//{{{xades.DS}}}Reference[@URI='']")
    assert reference is not None
    reference.set("URI", "#payload")
    transforms = reference.find(f"{{{xades.DS}}}Transforms")
    assert transforms is not None
    transforms.remove(transforms[0])
    value = reference.find(f"{{{xades.DS}}}DigestValue")
    assert value is not None
    value.text = sha(etree.tostring(holder, method="c14n", exclusive=True))
    info = signature.find(f"{{{xades.DS}}}SignedInfo")
    result = signature.find(f"{{{xades.DS}}}SignatureValue")
    assert info is not None
    assert result is not None
    result.text = b64(signing._value(key, etree.tostring(info, method="c14n", exclusive=True)))
    return signature


@pytest.mark.parametrize("method", ["EXCL_C14N", "C14N", "C14N_COMMENTS", "C14N11"])
def test_every_canonical_form_agrees_with_another_implementation(sim: KsefSimulator, method: str) -> None:
    """libxmlsec signs a document with prefixes, comments and white space; the simulator verifies it by itself."""
    xmlsec = pytest.importorskip("xmlsec")
    client = RawClient(sim)
    key = rsa.generate_private_key(65537, 2048)
    text = etree.tostring(signed(client, key), encoding="unicode")
    text = text.replace("<AuthTokenRequest", '<AuthTokenRequest xmlns:x="urn:x" xmlns:xades="urn:other"', 1)
    root = etree.fromstring(text.replace("<Challenge>", "\n  <!-- note --><Challenge>", 1))
    algorithm = getattr(xmlsec.Transform, method).href
    for node in root.iter(f"{{{xades.DS}}}CanonicalizationMethod", f"{{{xades.DS}}}Transform"):
        if node.get("Algorithm") == xades.EXCLUSIVE:
            node.set("Algorithm", algorithm)
    for node in root.iter(f"{{{xades.DS}}}SignatureValue"):
        node.text = None
    for reference in root.iter(f"{{{xades.DS}}}Reference"):
        reference[-1].text = None
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem(key), xmlsec.KeyFormat.PEM, None)
    context.sign(root.find(f"{{{xades.DS}}}Signature"))
    response = xades_login(client, root)
    assert response.status_code == 202, response.text


def test_tampering_breaks_the_signature(sim: KsefSimulator) -> None:
    client = RawClient(sim)
    root = signed(client)
    node = root.find(f"{{{AUTH_NS}}}ContextIdentifier/{{{AUTH_NS}}}Nip")
    assert node is not None
    node.text = BUYER
    assert code_of(xades_login(client, root)) == 9105


def test_a_der_encoded_ecdsa_value_is_refused(sim: KsefSimulator) -> None:
    client = RawClient(sim)
    key = ec.generate_private_key(ec.SECP256R1())
    root = signed(client, key)
    info = root.find(f".//{{{xades.DS}}}SignedInfo")
    value = root.find(f".//{{{xades.DS}}}SignatureValue")
    assert info is not None
    assert value is not None
    value.text = b64(key.sign(etree.tostring(info, method="c14n", exclusive=True), ec.ECDSA(hashes.SHA256())))
    assert code_of(xades_login(client, root)) == 9105


def test_a_plain_signature_without_signed_properties_is_refused(sim: KsefSimulator) -> None:
    client = RawClient(sim)
    root = signed(client)
    properties = root.find(f".//{{{xades.XADES}}}SigningCertificate")
    assert properties is not None
    parent = properties.getparent()
    assert parent is not None
    parent.remove(properties)
    assert code_of(xades_login(client, root)) == 9105


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda c: auth_request(c), 9102),
        (lambda c: signed(c, cert=None, challenge="20250625-CR-20F5EE4000-DA48AE4124-46"), 21111),
        (lambda c: signed(c, challenge="nonsense"), 21401),
        (lambda c: signed(c, subject="whoever"), 21401),
    ],
)
def test_wrong_login_documents(sim: KsefSimulator, make: Any, code: int) -> None:
    client = RawClient(sim)
    assert code_of(xades_login(client, make(client))) == code


def test_certificates_are_checked(sim: KsefSimulator) -> None:
    client = RawClient(sim)
    key = ec.generate_private_key(ec.SECP256R1())
    assert code_of(xades_login(client, signed(client, key, certificate(key, days=-1)))) == 21115
    small = ec.generate_private_key(ec.SECP224R1())
    assert code_of(xades_login(client, signed(client, small, certificate(small)))) == 21115
    stranger = xades_login(client, signed(client, key, certificate(key, BUYER))).json()
    assert client.auth_status(stranger)["code"] == 415
    chained = xades_login(client, signed(client, key, certificate(key)), verifyCertificateChain="true").json()
    assert client.auth_status(chained)["code"] == 460


def test_a_fingerprint_needs_a_grant(sim: KsefSimulator) -> None:
    client = RawClient(sim)
    key = ec.generate_private_key(ec.SECP256R1())
    cert = certificate(key, BUYER)
    request = {"subject": "certificateFingerprint"}
    assert client.auth_status(xades_login(client, signed(client, key, cert, **request)).json())["code"] == 415
    sim.auth.grant(cert.fingerprint(hashes.SHA256()).hex(), SELLER)
    assert client.auth_status(xades_login(client, signed(client, key, cert, **request)).json())["code"] == 200


# ---------------------------------------------------------------- batch: the good case


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


@pytest.mark.parametrize(("compression", "parts"), [(None, 1), ("Zip", 3), ("TarGz", 2)])
def test_a_batch(sim: KsefSimulator, client: RawClient, compression: str | None, parts: int) -> None:
    sent = files(25, net="59.00")
    archive = tar_gz_of(sent) if compression == "TarGz" else zip_of(sent)
    changes = {"compressionType": compression} if compression else {}
    reference = client.send(archive, parts, **changes)
    status = client.wait(reference)
    assert status["status"] == {"code": 200, "description": "Sesja wsadowa przetworzona pomyślnie"}
    counts = [status[f"{name}nvoiceCount"] for name in ("i", "successfulI", "failedI")]
    assert counts == [25, 25, 0]

    rows = client.rows(reference, size=10)
    assert len(rows) == 25
    assert {row["invoiceHash"] for row in rows} == {sha(content) for content in sent.values()}
    assert [row["invoiceFileName"] for row in rows] != list(sent), "rows must not follow the archive's order"
    for row in rows:
        number = row["ksefNumber"]
        assert number.startswith(f"{SELLER}-{TODAY:%Y%m%d}-")
        assert crc8(number[:32]) == number[33:]
        assert row["invoicingMode"] == "Online"
        assert row["invoicingDate"] == status["dateCreated"]
    register = PLAIN.get(f"{sim.url}/_sim/register", params={"nip": SELLER}).json()
    assert register["count"] == 25
    assert sum(Decimal(entry["grossAmount"]) for entry in register["invoices"]) == Decimal("72.57") * 25
    assert {entry["invoiceHash"] for entry in register["invoices"]} == {row["invoiceHash"] for row in rows}

    page = status["upo"]["pages"][0]
    by_link = PLAIN.get(page["downloadUrl"])
    by_api = client.call("GET", f"/sessions/{reference}/upo/{page['referenceNumber']}")
    assert by_link.content == by_api.content
    assert by_link.headers["x-ms-meta-hash"] == sha(by_link.content)
    assert set(upo_numbers(by_link.content)) == {row["ksefNumber"] for row in rows}
    single = PLAIN.get(rows[0]["upoDownloadUrl"]).content
    assert upo_numbers(single) == [rows[0]["ksefNumber"]]
    assert single == client.call("GET", f"/sessions/{reference}/invoices/{rows[0]['referenceNumber']}/upo").content
    assert single == client.call("GET", f"/sessions/{reference}/invoices/ksef/{rows[0]['ksefNumber']}/upo").content
    row = client.call("GET", f"/sessions/{reference}/invoices/{rows[0]['referenceNumber']}").json()
    assert row["status"] == {"code": 200, "description": "Sukces"}

    content = client.call("GET", f"/invoices/ksef/{rows[0]['ksefNumber']}").content
    assert sha(content) == rows[0]["invoiceHash"]


def test_upo_pages() -> None:
    with KsefSimulator(delay=0, upo_page_size=2) as sim:
        client = RawClient(sim).login()
        status = client.wait(client.send(files(5)))
        pages = [PLAIN.get(page["downloadUrl"]).content for page in status["upo"]["pages"]]
        assert [len(upo_numbers(page)) for page in pages] == [2, 2, 1]
        assert b"<Strona>3</Strona><LiczbaStron>3</LiczbaStron><ZakresDokumentowOd>5<" in pages[2]


def test_links_are_for_bare_requests(client: RawClient) -> None:
    url = client.wait(client.send(files(1)))["upo"]["pages"][0]["downloadUrl"]
    assert client.http.get(url, headers={"Authorization": f"Bearer {client.access}"}).status_code == 401
    assert client.http.get(url.replace("sig=", "sig=A")).status_code == 403
    assert client.http.put(url, content=b"x").status_code == 403


def test_sessions_are_listed_newest_first(client: RawClient) -> None:
    first, second = client.send(files(1)), client.send(files(2))
    client.wait(second)
    rows = client.call("GET", "/sessions", params={"sessionType": "Batch", "pageSize": 10}).json()["sessions"]
    assert [row["referenceNumber"] for row in rows] == [second, first]
    assert client.call("GET", "/sessions", params={"sessionType": "Online"}).json()["sessions"] == []
    assert code_of(client.call("GET", "/sessions")) == 21405


def test_sessions_are_filtered(sim: KsefSimulator, client: RawClient) -> None:
    done = client.send(files(1))
    client.wait(done)
    middle = datetime.now(UTC).isoformat()
    opened = client.open(client.batch_request(zip_of(files(2)))[0]).json()["referenceNumber"]
    failed = client.send(b"no archive")
    client.wait(failed)

    def query(**params: Any) -> set[str]:
        answer = client.call("GET", "/sessions", params={"sessionType": "Batch", **params})
        return {row["referenceNumber"] for row in answer.json()["sessions"]}

    assert query(statuses="Succeeded") == {done}
    assert query(statuses=["InProgress", "Failed"]) == {opened, failed}
    assert query(dateCreatedFrom=middle) == {opened, failed}
    assert query(dateCreatedTo=middle) == {done}
    assert query(dateClosedFrom=middle) == {failed}
    assert query(referenceNumber=opened) == {opened}
    assert (
        code_of(client.call("GET", "/sessions", params={"sessionType": "Batch", "dateCreatedFrom": "today"})) == 21405
    )
    assert code_of(client.call("GET", "/sessions", params={"sessionType": "Batch", "statuses": "Lost"})) == 21405


# ---------------------------------------------------------------- batch: refused requests


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


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("surprise", 1, 21405),
        ("batchFile/fileParts/0/fileName", "part_1.zip.aes", 21405),
        ("encryption", None, 21405),
        ("batchFile/fileHash", "short", 21405),
        ("batchFile/fileSize", "12", 21405),
        ("batchFile/fileSize", 0, 21405),
        ("batchFile/fileSize", 5_000_000_001, 21405),
        ("batchFile/compressionType", "Rar", 21405),
        ("batchFile/fileParts", [], 21405),
        ("batchFile/fileParts", [{"ordinalNumber": 2, "fileSize": 16, "fileHash": sha(b"")}], 21405),
        ("batchFile/fileParts/0/fileSize", 100_000_017, 21157),
        (
            "batchFile/fileParts",
            [{"ordinalNumber": n, "fileSize": 16, "fileHash": sha(b"")} for n in range(1, 52)],
            21161,
        ),
        ("formCode/systemCode", "FA (4)", 21405),
        ("offlineMode", "yes", 21405),
        ("encryption/initializationVector", b64(b"short"), 21405),
        ("encryption/encryptedSymmetricKey", "!!", 21405),
        ("encryption/publicKeyId", sha(b"another key"), 21470),
    ],
)
def test_wrong_requests_do_not_open_a_session(
    sim: KsefSimulator, client: RawClient, path: str, value: Any, code: int
) -> None:
    body, _ = client.batch_request(zip_of(files(1)))
    assert code_of(client.open(change(body, path, value))) == code
    assert sim.sessions.all == {}


def test_unreadable_requests(client: RawClient) -> None:
    headers = {"Content-Type": "application/json"}
    assert code_of(client.call("POST", "/sessions/batch", content=b"{", headers=headers)) == 21001
    assert client.call("POST", "/sessions/batch", content=b"{}").status_code == 415
    assert client.call("GET", "/sessions/batch/close").status_code == 404
    assert client.call("PUT", "/sessions/batch").status_code == 405
    assert client.call("GET", "/certificates/limits").status_code == 501
    assert client.call("POST", "/sessions/batch", token="", json={}).status_code == 401


def test_error_formats(client: RawClient) -> None:
    legacy = client.open({"surprise": 1})
    assert legacy.headers["content-type"].startswith("application/json")
    assert "surprise: unknown field" in legacy.json()["exception"]["exceptionDetailList"][0]["details"]
    modern = client.open({"surprise": 1}, headers={"X-Error-Format": "problem-details"})
    assert modern.headers["content-type"].startswith("application/problem+json")
    document = spec.load()
    assert document.problems(document.schemas["BadRequestProblemDetails"], modern.json()) == []
    assert document.problems(document.schemas["ExceptionResponse"], legacy.json()) == []
    assert modern.json()["errors"][0]["code"] == 21405


def test_part_uploads_are_checked(client: RawClient) -> None:
    body, pieces = client.batch_request(zip_of(files(3)), 2)
    opened = client.open(body).json()
    reference, (one, two) = opened["referenceNumber"], opened["partUploadRequests"]
    assert client.upload(one, pieces[0], Authorization=f"Bearer {client.access}").status_code == 401
    assert client.upload({**one, "headers": {}}, pieces[0]).status_code == 400
    assert client.upload({**one, "url": one["url"].replace("/1?", "/2?")}, pieces[0]).status_code == 403
    assert client.upload({**one, "method": "POST"}, pieces[0]).status_code == 405
    assert code_of(client.close(reference)) == 21205
    assert client.upload(one, pieces[0]).status_code == 201
    assert client.upload(two, pieces[1][:-16]).status_code == 201
    assert code_of(client.close(reference)) == 21157
    assert client.upload(two, pieces[1]).status_code == 201
    assert client.close(reference).status_code == 204
    assert client.upload(two, pieces[1]).status_code == 403
    assert code_of(client.close(reference)) == 21180
    assert client.wait(reference)["status"]["code"] == 200


def test_uploads_have_a_deadline() -> None:
    with KsefSimulator(part_minutes=0.3 / 60) as sim:
        client = RawClient(sim).login()
        body, pieces = client.batch_request(zip_of(files(1)))
        opened = client.open(body).json()
        time.sleep(0.5)
        assert client.upload(opened["partUploadRequests"][0], pieces[0]).status_code == 403
        assert code_of(client.close(opened["referenceNumber"])) == 21208
        status = client.status(opened["referenceNumber"])["status"]
        assert (status["code"], status["details"]) == (440, ["Przekroczono czas wysyłki"])


def test_other_peoples_sessions(sim: KsefSimulator, client: RawClient) -> None:
    reference = client.send(files(1))
    other = RawClient(sim, BUYER).login()
    assert other.call("GET", f"/sessions/{reference}").status_code == 403
    assert code_of(client.close(reference_number("SB", datetime.now(UTC)))) == 21173
    assert code_of(client.call("GET", "/sessions/too-short")) == 21405


# ---------------------------------------------------------------- batch: sessions that fail as a whole


def test_a_wrong_part_hash_is_405(client: RawClient) -> None:
    body, pieces = client.batch_request(zip_of(files(1)))
    body = change(body, "batchFile/fileParts/0/fileHash", sha(b"other"))
    assert client.outcome(client.deliver(body, pieces)) == (405, [])


def test_a_wrong_archive_hash_is_405(client: RawClient) -> None:
    body, pieces = client.batch_request(zip_of(files(1)))
    assert client.outcome(client.deliver(change(body, "batchFile/fileHash", sha(b"other")), pieces))[0] == 405


def test_a_key_for_somebody_else_is_415(client: RawClient) -> None:
    body, pieces = client.batch_request(zip_of(files(1)))
    body = change(body, "encryption/encryptedSymmetricKey", b64(os.urandom(256)))
    assert client.outcome(client.deliver(body, pieces))[0] == 415


def test_a_wrong_symmetric_key_is_435_or_405(client: RawClient) -> None:
    body, pieces = client.batch_request(zip_of(files(1)))
    client.key = os.urandom(32)
    body["encryption"] = client.encryption()
    # One time in 256 the padding happens to look right; then the hash of the archive is wrong.
    assert client.outcome(client.deliver(body, pieces))[0] in (405, 435)


@pytest.mark.parametrize(
    ("archive", "changes", "code"),
    [
        (tar_gz_of(files(1)), {}, 430),
        (zip_of(files(1)), {"compressionType": "TarGz"}, 430),
        (b"no archive at all", {}, 430),
        (zip_of(files(1))[:-30], {}, 430),
        (zip_of({"x" * 129: invoice("FV/1", DAY)}), {}, 430),
        (zip_of({}), {}, 440),
        (zip_of({"a.xml": b"<x/>", "b.xml": invoice("FV/2", TOMORROW)}), {}, 445),
    ],
)
def test_archives_that_cannot_be_used(client: RawClient, archive: bytes, changes: dict[str, str], code: int) -> None:
    reference = client.send(archive, **changes)
    status = client.wait(reference)
    assert status["status"]["code"] == code
    assert "upo" not in status


def test_too_many_invoices_are_420() -> None:
    with KsefSimulator(delay=0, max_invoices=2) as sim:
        client = RawClient(sim).login()
        assert client.outcome(client.send(files(3)))[0] == 420
        assert len(sim.register) == 0


# ---------------------------------------------------------------- single invoices


GOOD = invoice("FV/1", DAY)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xef\xbb\xbf" + GOOD, 450),
        (GOOD.replace(b"<P_15>", b"<P_16>").replace(b"</P_15>", b"</P_16>"), 450),
        (GOOD.replace(b"</Faktura>", b""), 450),
        (GOOD.replace(b"<Faktura ", b"<?note x?><Faktura "), 450),
        (GOOD.replace(b"<Faktura ", b"<!DOCTYPE Faktura><Faktura "), 450),
        (GOOD.replace(b"Nabywca", "Nab\x85\x86ywca".encode()), 450),
        (GOOD.replace(b"Nabywca", b"Nabywca&#x80;"), 450),
        (GOOD.replace(b"Nabywca", b"Nab\x81ywca"), 450),
        (GOOD.replace(b'encoding="UTF-8"', b'encoding="ISO-8859-2"'), 450),
        (GOOD.replace(b"100.00", b"100.001"), 450),
        (invoice("FV/1", TOMORROW), 450),
        (invoice("FV/1", DAY, seller=BUYER), 410),
        (GOOD + b" " * 1_000_000, 430),
        (GOOD + b" " * 3_000_000, 430),
    ],
    ids=[
        "BOM", "schema", "not well-formed", "processing instruction", "DTD", "discouraged character",
        "discouraged reference", "broken UTF-8", "encoding", "amount", "future", "other seller", "1 MB", "3 MB",
    ],
)  # fmt: skip
def test_bad_invoices_are_refused_and_the_rest_is_accepted(client: RawClient, content: bytes, code: int) -> None:
    reference = client.send({"bad.xml": content, "good.xml": invoice("FV/9", DAY)})
    result, rows = client.outcome(reference)
    assert result == 200
    status = client.status(reference)
    assert (status["successfulInvoiceCount"], status["failedInvoiceCount"]) == (1, 1)
    found = {row["invoiceFileName"]: row for row in rows}
    assert found["good.xml"]["status"]["code"] == 200
    assert found["bad.xml"]["status"]["code"] == code
    assert "ksefNumber" not in found["bad.xml"]
    assert [row["invoiceFileName"] for row in client.rows(reference, "invoices/failed")] == ["bad.xml"]


def test_duplicates_name_their_original(client: RawClient) -> None:
    first = client.send({"a.xml": GOOD})
    (_, rows) = client.outcome(first)
    again = client.send({"a.xml": GOOD, "b.xml": invoice("FV/1", DAY, net="7.00"), "c.xml": invoice("FV/2", DAY)})
    code, found = client.outcome(again)
    assert code == 200
    refused = [row for row in found if row["status"]["code"] == 440]
    assert len(refused) == 2
    for row in refused:
        assert row["status"]["extensions"] == {
            "originalSessionReferenceNumber": first,
            "originalKsefNumber": rows[0]["ksefNumber"],
        }
    # a correction and another seller may carry the same number
    correction = GOOD.replace(b">VAT<", b">UPR<")
    assert client.outcome(client.send({"a.xml": correction}))[0] == 200


def test_duplicates_inside_one_batch(client: RawClient) -> None:
    code, rows = client.outcome(client.send({"a.xml": GOOD, "b.xml": GOOD}))
    assert (code, sorted(row["status"]["code"] for row in rows)) == (200, [200, 440])


def test_offline_modes(client: RawClient) -> None:
    late = client.outcome(client.send({"a.xml": invoice("FV/1", YESTERDAY)}))[1]
    declared = client.outcome(client.send({"a.xml": invoice("FV/2", DAY)}, offlineMode=True))[1]
    assert [late[0]["invoicingMode"], declared[0]["invoicingMode"]] == ["Offline", "Offline"]


def test_the_session_day_counts_in_warsaw() -> None:
    # 23:30 UTC on the 20th is the 21st in Warsaw
    moment = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    with KsefSimulator(delay=0, clock=lambda: moment) as sim:
        client = RawClient(sim).login()
        sent = {
            "a.xml": invoice("1", "2026-11-21"),
            "b.xml": invoice("2", "2026-11-20"),
            "c.xml": invoice("3", "2026-11-22"),
        }
        rows = {row["invoiceFileName"]: row for row in client.outcome(client.send(sent))[1]}
        assert rows["a.xml"]["invoicingMode"] == "Online"
        assert rows["a.xml"]["ksefNumber"][11:19] == "20261121"
        assert rows["b.xml"]["invoicingMode"] == "Offline"
        assert rows["c.xml"]["status"]["code"] == 450


def test_tax_numbers_are_checked_on_request(client: RawClient) -> None:
    wrong = invoice("FV/1", DAY, buyer="5265877636")
    body, pieces = client.batch_request(zip_of({"a.xml": wrong}))
    opened = client.open(body, headers={"X-KSeF-Feature": "subject-identifier-validation"}).json()
    client.upload(opened["partUploadRequests"][0], pieces[0])
    client.close(opened["referenceNumber"])
    assert client.outcome(opened["referenceNumber"])[1][0]["status"]["code"] == 450
    assert client.outcome(client.send({"a.xml": wrong}))[0] == 200


ATTACHMENT = b"<Zalacznik><BlokDanych><MetaDane><ZKlucz>k</ZKlucz><ZWartosc>w</ZWartosc></MetaDane></BlokDanych></Zalacznik></Faktura>"


def test_attachments_need_a_consent(client: RawClient) -> None:
    content = GOOD.replace(b"</Faktura>", ATTACHMENT)
    assert client.outcome(client.send({"a.xml": content}))[1][0]["status"]["code"] == 415
    assert client.call("POST", "/testdata/attachment", token="", json={"nip": SELLER}).status_code == 200
    assert client.outcome(client.send({"a.xml": content}))[1][0]["status"]["code"] == 200


# ---------------------------------------------------------------- lists


def test_continuation(client: RawClient) -> None:
    one, two = client.send(files(12)), client.send({"x.xml": invoice("X", DAY)})
    client.wait(two)
    page = client.call("GET", f"/sessions/{one}/invoices").json()
    assert len(page["invoices"]) == 10
    token = {"x-continuation-token": page["continuationToken"]}
    rest = client.call("GET", f"/sessions/{one}/invoices", headers=token).json()
    assert len(rest["invoices"]) == 2
    assert "continuationToken" not in rest
    assert code_of(client.call("GET", f"/sessions/{two}/invoices", headers=token)) == 21418
    assert code_of(client.call("GET", f"/sessions/{one}/invoices", headers={"x-continuation-token": "x"})) == 21418
    for size in ("9", "1001", "many"):
        assert code_of(client.call("GET", f"/sessions/{one}/invoices", params={"pageSize": size})) == 21405


# ---------------------------------------------------------------- online sessions


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


# ---------------------------------------------------------------- reading back


def test_metadata(sim: KsefSimulator, client: RawClient) -> None:
    client.wait(client.send(files(12)))
    span = {"dateType": "PermanentStorage", "from": f"{YESTERDAY}T00:00:00Z"}
    body = {"subjectType": "Subject1", "dateRange": span}

    def query(body: dict[str, Any], who: RawClient = client, **params: Any) -> httpx.Response:
        return who.call("POST", "/invoices/query/metadata", json=body, params=params)

    page = query(body, pageSize=10).json()
    assert (len(page["invoices"]), page["hasMore"]) == (10, True)
    rest = query(body, pageSize=10, pageOffset=1).json()
    assert (len(rest["invoices"]), rest["hasMore"]) == (2, False)
    one = query({**body, "invoiceNumber": "FV/7"}).json()["invoices"]
    assert [(row["invoiceNumber"], row["grossAmount"]) for row in one] == [("FV/7", 123.0)]
    assert query({**body, "amount": {"type": "Brutto", "from": 200}}).json()["invoices"] == []
    buyer = RawClient(sim, BUYER).login()
    assert query(body, buyer).json()["invoices"] == []
    assert len(query({**body, "subjectType": "Subject2"}, buyer).json()["invoices"]) == 10
    assert code_of(query({**body, "dateRange": {**span, "from": "2026-01-01"}})) == 21405
    assert code_of(query({**body, "dateRange": {**span, "from": "2020-01-01T00:00:00Z"}})) == 21405
    stranger = RawClient(sim, "1111111111").login()
    number = one[0]["ksefNumber"]
    assert buyer.call("GET", f"/invoices/ksef/{number}").status_code == 200
    assert code_of(stranger.call("GET", f"/invoices/ksef/{number}")) == 21164


def test_permanent_storage_comes_later() -> None:
    with KsefSimulator(delay=0, storage_delay=0.5) as sim:
        client = RawClient(sim).login()
        row = client.outcome(client.send(files(1)))[1][0]
        assert "permanentStorageDate" not in row
        path = f"/invoices/ksef/{row['ksefNumber']}"
        assert code_of(client.call("GET", path)) == 21165
        time.sleep(0.6)
        assert client.call("GET", path).status_code == 200


def test_qr_code_one(sim: KsefSimulator, client: RawClient) -> None:
    row = client.outcome(client.send({"a.xml": GOOD}))[1][0]
    digest = row["invoiceHash"].replace("+", "-").replace("/", "_").rstrip("=")
    found = PLAIN.get(f"{sim.url}/invoice/{SELLER}/{TODAY:%d-%m-%Y}/{digest}")
    assert found.json() == {"found": True, "ksefNumber": row["ksefNumber"]}
    assert PLAIN.get(f"{sim.url}/invoice/{BUYER}/{TODAY:%d-%m-%Y}/{digest}").status_code == 404


@pytest.mark.parametrize("compression", ["Zip", "TarGz"])
@pytest.mark.parametrize("only_metadata", [True, False])
def test_exports(compression: str, only_metadata: bool) -> None:
    with KsefSimulator(delay=0, export_part_size=1000) as sim:
        client = RawClient(sim).login()
        sent = files(5)
        rows = client.outcome(client.send(sent))[1]
        span = {"dateType": "PermanentStorage", "from": f"{YESTERDAY}T00:00:00Z"}
        body = {
            "encryption": client.encryption(),
            "filters": {"subjectType": "Subject1", "dateRange": span},
            "onlyMetadata": only_metadata,
            "compressionType": compression,
        }
        reference = client.call("POST", "/invoices/exports", json=body).json()["referenceNumber"]
        while (answer := client.call("GET", f"/invoices/exports/{reference}").json())["status"]["code"] == 100:
            time.sleep(0.02)
        assert answer["status"]["code"] == 200
        assert answer["package"]["invoiceCount"] == 5
        archive = b""
        for part in answer["package"]["parts"]:
            secret = PLAIN.get(part["url"]).content
            assert sha(secret) == part["encryptedPartHash"]
            plain = decrypt(secret, client.key, client.vector)
            assert sha(plain) == part["partHash"]
            archive += plain
        found = unpack(archive, compression)
        listed = json.loads(found.pop("_metadata.json"))["invoices"]
        assert {row["invoiceHash"] for row in listed} == {row["invoiceHash"] for row in rows}
        numbers = set() if only_metadata else {f"{row['ksefNumber']}.xml" for row in rows}
        assert set(found) == numbers
        assert {sha(content) for content in found.values()} <= {row["invoiceHash"] for row in rows}
        assert code_of(client.call("POST", "/invoices/exports", json={**body, "x": 1})) == 21405


def unpack(archive: bytes, compression: str) -> dict[str, bytes]:
    if compression == "Zip":
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            return {name: packed.read(name) for name in packed.namelist()}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        return {info.name: member.read() for info in tar if (member := tar.extractfile(info)) is not None}


# ---------------------------------------------------------------- limits


def test_production_limits() -> None:
    with KsefSimulator(limits="production") as sim:
        client = RawClient(sim).login()
        table = client.call("GET", "/rate-limits").json()
        assert table["batchSession"] == {"perSecond": 10, "perMinute": 20, "perHour": 60}
        answers = [client.call("GET", "/sessions", params={"sessionType": "Batch"}) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 2
        document = spec.load()
        assert document.problems(document.schemas["TooManyRequestsResponse"], answers[-1].json()) == []
        modern = client.call(
            "GET", "/sessions", params={"sessionType": "Batch"}, headers={"X-Error-Format": "problem-details"}
        )
        assert document.problems(document.schemas["TooManyRequestsProblemDetails"], modern.json()) == []
        time.sleep(1.1)
        assert client.call("GET", "/sessions", params={"sessionType": "Batch"}).status_code == 200


def test_the_test_environment_allows_ten_times_as_much() -> None:
    with KsefSimulator() as sim:
        client = RawClient(sim).login()
        assert client.call("GET", "/rate-limits").json()["sessionMisc"]["perMinute"] == 1200
        assert client.call("POST", "/testdata/rate-limits/production").status_code == 200
        assert client.call("GET", "/rate-limits").json()["sessionMisc"]["perMinute"] == 120
        assert client.call("DELETE", "/testdata/rate-limits").status_code == 200
        assert client.call("GET", "/rate-limits").json()["sessionMisc"]["perMinute"] == 1200


# ---------------------------------------------------------------- faults on order


@pytest.mark.parametrize("effect", ["500_after", "502_after", "504_after", "drop_after", "timeout_after"])
def test_open_that_fails_after_the_fact(sim: KsefSimulator, client: RawClient, effect: str) -> None:
    PLAIN.post(f"{sim.url}/_sim/faults", json={"on": "open", "effect": effect, "seconds": 0.2}).raise_for_status()
    body, _ = client.batch_request(zip_of(files(1)))
    if effect[0] == "5":
        assert client.open(body).status_code == int(effect[:3])
    else:
        with pytest.raises(httpx.TransportError):
            client.open(body)
    rows = client.call("GET", "/sessions", params={"sessionType": "Batch"}).json()["sessions"]
    assert [row["status"]["code"] for row in rows] == [100]
    assert PLAIN.get(f"{sim.url}/_sim/faults").json() == []


def test_refusals_before_the_fact(sim: KsefSimulator, client: RawClient) -> None:
    sim.faults.add("open:503_before*2")
    body, _ = client.batch_request(zip_of(files(1)))
    assert [client.open(body).status_code for _ in range(3)] == [503, 503, 201]
    assert len(sim.sessions.all) == 1


def test_close_that_fails_after_the_fact(sim: KsefSimulator, client: RawClient) -> None:
    sim.faults.add("close:500_after")
    body, pieces = client.batch_request(zip_of(files(1)))
    opened = client.open(body).json()
    client.upload(opened["partUploadRequests"][0], pieces[0])
    assert client.close(opened["referenceNumber"]).status_code == 500
    assert client.wait(opened["referenceNumber"])["status"]["code"] == 200
    assert len(sim.register) == 1


def test_upload_faults(sim: KsefSimulator, client: RawClient) -> None:
    sim.faults.add("upload:500_before")
    body, pieces = client.batch_request(zip_of(files(1)))
    opened = client.open(body).json()
    statuses = [client.upload(opened["partUploadRequests"][0], pieces[0]).status_code for _ in range(2)]
    assert statuses == [500, 201]


def test_stuck_processing_until_released(sim: KsefSimulator, client: RawClient) -> None:
    sim.faults.add("processing:stuck")
    reference = client.send(files(1))
    time.sleep(0.2)
    assert client.status(reference)["status"]["code"] == 150
    assert PLAIN.post(f"{sim.url}/_sim/release").json() == {"released": 1}
    assert client.wait(reference)["status"]["code"] == 200


def test_sound_tar_gz_refused(sim: KsefSimulator, client: RawClient) -> None:
    sim.faults.add("processing:430_tar_gz*-1")
    archive = tar_gz_of(files(2))
    assert client.outcome(client.send(archive, compressionType="TarGz"))[0] == 430
    assert client.outcome(client.send(zip_of(files(2))))[0] == 200


def test_invoice_cancelled_by_the_system(sim: KsefSimulator, client: RawClient) -> None:
    sim.faults.add("processing:invoice_550")
    code, rows = client.outcome(client.send(files(2)))
    assert (code, sorted(row["status"]["code"] for row in rows)) == (200, [200, 550])


def test_a_session_not_found_right_after_opening(sim: KsefSimulator, client: RawClient) -> None:
    reference = client.send(files(1))
    sim.faults.add("status:21173")
    assert code_of(client.call("GET", f"/sessions/{reference}")) == 21173
    assert client.wait(reference)["status"]["code"] == 200


def test_ordered_429(sim: KsefSimulator, client: RawClient) -> None:
    PLAIN.post(f"{sim.url}/_sim/faults", json={"on": "status", "effect": "429", "retry_after": 7})
    response = client.call("GET", f"/sessions/{client.send(files(1))}")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")


def test_key_rotation(sim: KsefSimulator, client: RawClient) -> None:
    old, pieces = client.batch_request(zip_of(files(1)))
    opened = client.open(old).json()
    PLAIN.post(f"{sim.url}/_sim/rotate-keys", json={}).raise_for_status()
    assert code_of(client.open(old)) == 21470
    # a session opened before goes on
    client.upload(opened["partUploadRequests"][0], pieces[0])
    client.close(opened["referenceNumber"])
    assert client.wait(opened["referenceNumber"])["status"]["code"] == 200
    assert client.outcome(client.send({"n.xml": invoice("N", DAY)}))[0] == 200
    body = client.token_request(sim.issue_token(SELLER))
    sim.keys.rotate(emergency=False)
    assert len(client.call("GET", "/security/public-key-certificates", token="").json()) == 4
    assert client.auth_status(client.start(body))["code"] == 200


def test_keys_rotate_between_fetching_and_opening(sim: KsefSimulator, client: RawClient) -> None:
    sim.faults.add("open:rotate_keys")
    body, pieces = client.batch_request(zip_of(files(1)))
    assert code_of(client.open(body)) == 21470
    body["encryption"] = client.encryption()
    assert client.outcome(client.deliver(body, pieces))[0] == 200


def test_tokens_expire_in_the_middle(sim: KsefSimulator, client: RawClient) -> None:
    reference = client.send(files(1))
    PLAIN.post(f"{sim.url}/_sim/faults", json={"on": "status", "effect": "expire_access"}).raise_for_status()
    assert client.call("GET", f"/sessions/{reference}").status_code == 401
    sim.faults.add("refresh:expire_refresh")
    assert client.call("POST", "/auth/token/refresh", token=client.refresh_token).status_code == 401
    assert client.login().wait(reference)["status"]["code"] == 200


def test_unknown_faults_are_refused(sim: KsefSimulator) -> None:
    assert PLAIN.post(f"{sim.url}/_sim/faults", json={"on": "moon", "effect": "500"}).status_code == 400
    with pytest.raises(ValueError, match="unknown fault"):
        sim.faults.add("open:stuck")


# ---------------------------------------------------------------- life of the simulator


def test_state_survives_a_restart(tmp_path: Path) -> None:
    with KsefSimulator(delay=0, state=tmp_path) as sim:
        token = sim.issue_token(SELLER)
        client = RawClient(sim).login(token)
        reference = client.send({"a.xml": GOOD})
        before = client.wait(reference)
        number = client.rows(reference)[0]["ksefNumber"]
        page = PLAIN.get(before["upo"]["pages"][0]["downloadUrl"]).content
        key_id = client.public_key("SymmetricKeyEncryption")[1]
    assert b"PRIVATE" not in b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and p.suffix != ".pem")
    with KsefSimulator(delay=0, state=tmp_path) as sim:
        client = RawClient(sim).login(token)
        assert client.public_key("SymmetricKeyEncryption")[1] == key_id
        after = client.status(reference)
        assert after["successfulInvoiceCount"] == 1
        assert PLAIN.get(after["upo"]["pages"][0]["downloadUrl"]).content == page
        assert client.call("GET", f"/invoices/ksef/{number}").content == GOOD
        refused = client.outcome(client.send({"a.xml": GOOD}))[1][0]
        assert refused["status"]["extensions"]["originalKsefNumber"] == number


def test_a_torn_journal_is_read_up_to_the_tear(tmp_path: Path) -> None:
    with KsefSimulator(delay=0, state=tmp_path) as sim:
        client = RawClient(sim).login()
        client.wait(client.send(files(3)))
    journal = tmp_path / "register.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    with KsefSimulator(delay=0, state=tmp_path) as sim:
        assert len(sim.register) == 2
        client = RawClient(sim).login()
        assert client.wait(client.send({"n.xml": invoice("N", DAY)}))["status"]["code"] == 200
    with KsefSimulator(delay=0, state=tmp_path) as sim:
        assert len(sim.register) == 3


def test_requests_are_noted_without_secrets(sim: KsefSimulator, client: RawClient) -> None:
    client.wait(client.send(files(1)))
    noted = PLAIN.get(f"{sim.url}/_sim/requests").json()
    assert {"method": "POST", "path": "/v2/sessions/batch", "status": 201} in noted
    assert "sig=" not in str(noted)
    assert client.access not in str(noted)


def test_command_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "simulators.ksef", "--port", "0", "--state", str(tmp_path), "--delay", "0"]
    process = subprocess.Popen(  # the interpreter and arguments are ours
        [*command, "--token", f"{SELLER}=secret", "--fault", "open:500_before"],
        cwd=Path(__file__).resolve().parents[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        base = process.stdout.readline().strip()
        assert PLAIN.get(f"{base.removesuffix('/v2')}/_sim/health").json()["status"] == "ok"
        assert PLAIN.get(f"{base.removesuffix('/v2')}/_sim/faults").json()[0]["effect"] == "500_before"
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == ""
