"""KSeF simulator: request limits, and faults on order."""

from __future__ import annotations

import time

import httpx
import pytest

from .ksef import KsefSimulator, spec
from .ksef.sample import SELLER, invoice
from .ksef_testing import (
    DAY,
    PLAIN,
    RawClient,
    code_of,
    files,
    tar_gz_of,
    zip_of,
)

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
