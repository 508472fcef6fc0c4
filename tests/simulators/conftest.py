"""A simulator without limits, and a client that is logged in to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .ksef import KsefSimulator
from .ksef_testing import RawClient


@pytest.fixture
def sim() -> Iterator[KsefSimulator]:
    with KsefSimulator(delay=0.0, limits="off") as simulator:
        yield simulator


@pytest.fixture
def client(sim: KsefSimulator) -> RawClient:
    return RawClient(sim).login()
