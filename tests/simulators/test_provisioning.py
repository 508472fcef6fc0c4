"""The simulated network is strict."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from .provisioning import NetworkSimulator

ORDER: dict[str, Any] = {
    "version": 1,
    "order": "ZS/1",
    "idempotency_key": "k1",
    "action": "activate",
    "cause": "request",
    "requested_at": "2026-11-21T09:00:00Z",
    "valid_from": "2026-11-21",
    "service": {
        "id": "7",
        "type": "mobile",
        "offering": "Mobile",
        "offering_code": "MOB",
        "identifiers": [{"kind": "msisdn", "value": "48600100200"}],
        "place": None,
        "equipment": [],
        "characteristics": {},
    },
    "text": "",
}


@pytest.fixture
def network() -> Iterator[NetworkSimulator]:
    with NetworkSimulator("secret") as simulator:
        yield simulator


def post(network: NetworkSimulator, order: Any, key: str = "k1", token: str = "secret") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    return httpx.post(f"{network.url}/orders", json=order, headers=headers, timeout=5)


def test_same_order_twice_is_one_order(network: NetworkSimulator) -> None:
    first, second = post(network, ORDER), post(network, ORDER)
    assert first.json() == second.json() == {"state": "done", "reference": "NET-1", "effective_date": "2026-11-21"}
    assert len(network.received) == 1


def test_same_key_other_order(network: NetworkSimulator) -> None:
    post(network, ORDER)
    assert post(network, {**ORDER, "action": "suspend"}).status_code == 409


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), 2),
        (("action",), "delete"),
        (("valid_from",), "21.11.2026"),
        (("requested_at",), "2026-11-21T10:00:00+01:00"),
        (("service", "id"), 7),
        (("service", "identifiers"), []),
        (("service", "identifiers"), [{"kind": "msisdn", "value": "+48600100200"}]),
        (("service", "offering_code"), ""),
        (("service", "extra"), 1),
    ],
)
def test_refuses(network: NetworkSimulator, path: tuple[str, ...], value: Any) -> None:
    order = copy.deepcopy(ORDER)
    target = order
    for name in path[:-1]:
        target = target[name]
    target[path[-1]] = value
    assert post(network, order).status_code == 422
    assert not network.received


def test_refuses_strangers_and_other_keys(network: NetworkSimulator) -> None:
    assert post(network, ORDER, token="guess").status_code == 401
    assert post(network, ORDER, key="other").status_code == 422
    assert httpx.get(f"{network.url}/health").status_code == 401


def test_faults(network: NetworkSimulator) -> None:
    network.faults.extend([503, "drop", "garbage"])
    assert post(network, ORDER).status_code == 503
    with pytest.raises(httpx.TransportError):
        post(network, ORDER)
    with pytest.raises(json.JSONDecodeError):
        post(network, ORDER).json()
    assert post(network, ORDER).json()["state"] == "done"
    assert len(network.received) == 1
