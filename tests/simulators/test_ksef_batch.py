"""KSeF simulator: batch sessions: the good case, refused requests, sessions that fail as a whole."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from .ksef import KsefSimulator, spec
from .ksef.numbers import crc8, reference_number
from .ksef.sample import BUYER, SELLER, invoice
from .ksef_testing import (
    DAY,
    PLAIN,
    TODAY,
    TOMORROW,
    RawClient,
    b64,
    change,
    code_of,
    files,
    sha,
    tar_gz_of,
    upo_numbers,
    zip_of,
)

# ---------------------------------------------------------------- batch: the good case


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
