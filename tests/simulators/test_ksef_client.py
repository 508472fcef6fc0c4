"""KSeF simulator: an independent client library passes its own flow; numbers and schemas are the official ones."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from .ksef import KsefSimulator, invoices
from .ksef.numbers import crc8, nip_is_valid, reference_number
from .ksef.sample import SELLER, invoice
from .ksef_testing import (
    DAY,
    RawClient,
    certificate,
    files,
    pem,
    sha,
    tar_gz_of,
    upo_numbers,
    zip_of,
)

DATA = Path(__file__).resolve().parents[1] / "data" / "ksef"


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
