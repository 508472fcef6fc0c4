"""KSeF simulator: lists, metadata, downloads and exports."""

from __future__ import annotations

import io
import json
import tarfile
import time
import zipfile
from typing import Any

import httpx
import pytest

from .ksef import KsefSimulator
from .ksef.crypto import decrypt
from .ksef.sample import BUYER, SELLER, invoice
from .ksef_testing import (
    DAY,
    GOOD,
    PLAIN,
    TODAY,
    YESTERDAY,
    RawClient,
    code_of,
    files,
    sha,
)

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
