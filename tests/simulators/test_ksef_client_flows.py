"""KSeF simulator: the independent client library's other flows: refresh, interactive UPO, refused invoices, export."""

from __future__ import annotations

import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from .ksef import KsefSimulator
from .ksef.sample import SELLER, invoice
from .ksef_testing import DAY, YESTERDAY, RawClient, certificate, files, pem, sha, tar_gz_of, upo_numbers
from .test_ksef_client import key_of, library


def form() -> Any:
    from ksef_client.models import FormCode

    return FormCode(system_code="FA (3)", schema_version="1-0E", value="FA")


def until_done(api: Any, reference: str, token: str) -> Any:
    for _ in range(400):
        status = api.sessions.get_session_status(reference, access_token=token)
        if status.status.code not in (100, 150, 170):
            return status
        time.sleep(0.02)
    raise AssertionError("session did not become final")


def test_login_refresh_and_revocation(sim: KsefSimulator) -> None:
    """With an RSA key: libxmlsec 1.3.4 in the library's wheel pads R and S of a P-256 signature to 256 bytes each."""
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
            poll_interval_seconds=0.05,
        )
        sim.suffer("expire_access")
        fresh = api.auth.refresh_access_token(login.refresh_token).access_token.token
        assert fresh != login.access_token
        assert len(api.auth.get_active_sessions(access_token=fresh).items) == 1
        api.auth.revoke_current_session(access_token=fresh)


def test_interactive_session_with_its_confirmations(sim: KsefSimulator) -> None:
    with library(sim) as api:
        from ksef_client.services.workflows import OnlineSessionWorkflow

        token = RawClient(sim).login().access
        key = key_of(api.security.get_public_key_certificates(), "SymmetricKeyEncryption")
        session = OnlineSessionWorkflow(api.sessions).open_session(
            form_code=form(),
            public_certificate=key.certificate,
            public_key_id=key.public_key_id,
            access_token=token,
        )
        reference = session.session_reference_number
        content = invoice("FV/1", DAY)
        sent = session.send_invoice(content, access_token=token)
        session.close(access_token=token)
        status = until_done(api, reference, token)
        row = api.sessions.get_session_invoice_status(reference, sent.reference_number, access_token=token)
        assert row.invoice_hash == sha(content)
        pages = [
            api.sessions.get_session_upo(reference, status.upo.pages[0].reference_number, access_token=token),
            api.sessions.get_session_invoice_upo_by_ref(reference, sent.reference_number, access_token=token),
            api.sessions.get_session_invoice_upo_by_ksef(reference, row.ksef_number, access_token=token),
        ]
        for page in pages:
            text = page if isinstance(page, bytes) else getattr(page, "content", page)
            assert upo_numbers(text) == [row.ksef_number]
        assert api.invoices.get_invoice_bytes(row.ksef_number, access_token=token).content == content


def test_batch_with_refused_invoices(sim: KsefSimulator) -> None:
    with library(sim) as api:
        from ksef_client.services.workflows import BatchSessionWorkflow

        token = RawClient(sim).login().access
        key = key_of(api.security.get_public_key_certificates(), "SymmetricKeyEncryption")
        sent = {**files(2), "broken.xml": b"<no/>", "again.xml": invoice("FV/1", DAY, net="7.00")}
        reference = BatchSessionWorkflow(api.sessions, api.http_client).open_upload_and_close(
            form_code=form(),
            archive_bytes=tar_gz_of(sent),
            compression_type="TarGz",
            public_certificate=key.certificate,
            public_key_id=key.public_key_id,
            access_token=token,
        )
        status = until_done(api, reference, token)
        assert (status.status.code, status.successful_invoice_count, status.failed_invoice_count) == (200, 2, 2)
        failed = api.sessions.get_session_failed_invoices(reference, access_token=token).invoices
        assert sorted(row.status.code for row in failed) == [440, 450]


@pytest.mark.parametrize("compression", ["Zip", "TarGz"])
def test_export(sim: KsefSimulator, client: RawClient, compression: str) -> None:
    sent = files(12)
    client.wait(client.send(sent))
    with library(sim) as api:
        from ksef_client import models
        from ksef_client.services.crypto import build_encryption_data
        from ksef_client.services.workflows import ExportWorkflow

        key = key_of(api.security.get_public_key_certificates(), "SymmetricKeyEncryption")
        encryption = build_encryption_data(key.certificate, public_key_id=key.public_key_id)
        asked = models.InvoiceExportRequest.from_dict(
            {
                "encryption": encryption.encryption_info.to_dict(),
                "filters": {
                    "subjectType": "Subject1",
                    "dateRange": {"dateType": "PermanentStorage", "from": f"{YESTERDAY}T00:00:00Z"},
                },
                "compressionType": compression,
            }
        )
        reference = api.invoices.export_invoices(asked, access_token=client.access).reference_number
        for _ in range(200):
            status = api.invoices.get_export_status(reference, access_token=client.access)
            if status.status.code != 100:
                break
            time.sleep(0.02)
        done = ExportWorkflow(api.invoices, api.http_client).download_and_process_package(status.package, encryption)
        assert {sha(text.encode()) for text in done.invoice_xml_files.values()} == {sha(x) for x in sent.values()}
        assert {row["invoiceHash"] for row in done.metadata_summaries} == {sha(content) for content in sent.values()}
