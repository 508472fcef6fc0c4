"""KSeF simulator: logging in with a token and with a certificate, and what is refused."""

from __future__ import annotations

import copy
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from .ksef import KsefSimulator, xades
from .ksef.sample import BUYER, SELLER
from .ksef.signing import sign_enveloped
from .ksef_testing import (
    PLAIN,
    RawClient,
    b64,
    certificate,
    code_of,
    files,
    pem,
    sha,
)

AUTH_NS = "http://ksef.mf.gov.pl/auth/token/2.1"


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
