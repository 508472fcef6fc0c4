"""A simulator without limits, a client that is logged in to it, and the contract that all its answers keep."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .ksef import KsefSimulator
from .ksef_contract import Contract
from .ksef_testing import RawClient


@pytest.fixture(autouse=True)
def contract() -> Iterator[Contract]:
    """Whatever a test is about: no answer of a KSeF simulator may break the official OpenAPI document."""
    heard = Contract()
    KsefSimulator.observers.append(heard.hear)
    try:
        yield heard
    finally:
        KsefSimulator.observers.remove(heard.hear)
    assert heard.breaches() == []


@pytest.fixture
def sim() -> Iterator[KsefSimulator]:
    with KsefSimulator(delay=0.0, limits="off") as simulator:
        yield simulator


@pytest.fixture
def client(sim: KsefSimulator) -> RawClient:
    return RawClient(sim).login()
