"""KSeF simulator: single invoices of a session: checks, duplicates, modes, attachments."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from .ksef import KsefSimulator
from .ksef.sample import BUYER, SELLER, invoice
from .ksef_testing import (
    DAY,
    GOOD,
    TOMORROW,
    YESTERDAY,
    RawClient,
    zip_of,
)


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
