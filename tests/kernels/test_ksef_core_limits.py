"""Request limits: groups as OpenAPI has them, sliding windows that KSeF never finds too full, and the gate that obeys."""

import json
import random
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from ksef_core.transport import gate, limits, result
from ksef_core.transport.limits import Allowance, Group

OPENAPI = Path(__file__).parent.parent / "data" / "ksef" / "openapi" / "open-api-2.9.0.json"
BASE = "https://ksef.test/v2"


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


class Book:
    """The limiter of one process: every call in a list."""

    def __init__(self, clock, table=limits.PUBLISHED):
        self.clock, self.table = clock, table
        self.calls = {}
        self.blocked = {}

    def take(self, group):
        until = self.blocked.get(group, 0) - self.clock.now
        if until > 0:
            return until
        calls = self.calls.setdefault(group, [])
        seconds = limits.wait(self.table[group], lambda n: self.clock.now - calls[-n] if len(calls) >= n else None)
        if not seconds:
            calls.append(self.clock.now)
        return seconds

    def block(self, group, seconds):
        self.blocked[group] = self.clock.now + seconds


def operations():
    document = json.loads(OPENAPI.read_text("utf-8"))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            told = operation.get("x-rate-limits") if isinstance(operation, dict) else None
            if told and not path.startswith("/testdata"):
                yield method.upper(), path, told


@pytest.mark.parametrize(("method", "path", "told"), list(operations()))
def test_every_call_of_the_api_has_its_published_limits(method, path, told):
    path = path.replace("{", "").replace("}", "")
    mine = limits.PUBLISHED[limits.group_of(method, path)]
    assert (mine.per_second, mine.per_minute, mine.per_hour) == tuple(
        told.get(name) for name in ("perSecond", "perMinute", "perHour")
    )


@pytest.mark.parametrize(
    ("method", "path", "group"),
    [
        ("POST", "/sessions/batch", Group.BATCH_OPEN),
        ("POST", "/sessions/batch/20261122-SB-1/close", Group.BATCH_CLOSE),
        ("GET", "/sessions/20261122-SB-1", Group.SESSION),
        ("GET", "/sessions/20261122-SB-1/upo/U-1", Group.SESSION),
        ("GET", "/sessions/20261122-SB-1/invoices", Group.SESSION_INVOICES),
        ("GET", "/sessions/20261122-SB-1/invoices/failed", Group.SESSION_INVOICES),
        ("GET", "/sessions/20261122-SB-1/invoices/20261122-EE-1", Group.INVOICE_STATUS),
        ("GET", "/sessions", Group.SESSION_LIST),
        ("GET", "/auth/sessions", Group.OTHER),
        ("GET", "/auth/20261122-AU-1", Group.ANONYMOUS),
        ("GET", "/rate-limits", Group.OTHER),
        ("GET", "/invoices/exports/E-1", Group.EXPORT_STATUS),
    ],
)
def test_groups(method, path, group):
    assert limits.group_of(method, path) is group


def test_a_full_window_makes_wait():
    clock = Clock()
    book = Book(clock)
    for _call in range(10):
        assert book.take(Group.BATCH_OPEN) == 0
    assert book.take(Group.BATCH_OPEN) == pytest.approx(1 + limits.MARGIN, abs=0.002)
    clock.now = 2.0
    for _call in range(10):
        assert book.take(Group.BATCH_OPEN) == 0
    clock.now = 10.0
    assert book.take(Group.BATCH_OPEN) == pytest.approx(60 + limits.MARGIN - 10, abs=0.002)
    assert book.take(Group.BATCH_CLOSE) == 0, "another group has its own count"


def test_no_limit_and_nothing_allowed():
    assert limits.wait(Allowance(), lambda n: 0.0) == 0
    assert limits.wait(Allowance(per_hour=0), lambda n: None) == 3600


@pytest.mark.parametrize("seed", range(8))
def test_ksef_never_finds_a_window_too_full(seed):
    """Calls arrive up to a third of a second after they were counted, in bursts and pauses."""
    dice = random.Random(seed)
    clock = Clock()
    book = Book(clock)
    group = dice.choice([Group.BATCH_OPEN, Group.EXPORT, Group.SESSION_LIST, Group.SESSION_INVOICES])
    arrived = deque()
    for _call in range(300):
        while (seconds := book.take(group)) > 0:
            clock.now += seconds
        arrived.append(clock.now + dice.random() / 3)
        clock.now += dice.choice((0, 0, 0, 0.05, dice.random() * 30))
    moments = sorted(arrived)
    for length, allowed in limits.PUBLISHED[group].windows():
        for index in range(allowed, len(moments)):
            assert moments[index] - moments[index - allowed] >= length


def test_effective_limits_are_read():
    body = {
        "batchSession": {"perSecond": 100, "perMinute": 200, "perHour": 600},
        "global": {"perSecond": 75, "perMinute": -1, "perHour": -1},
        "somethingNew": {"perSecond": 1, "perMinute": 1, "perHour": 1},
    }
    assert limits.read(body) == {Group.BATCH_OPEN: Allowance(100, 200, 600), Group.ALL: Allowance(75)}
    for wrong in ([], {"batchSession": {"perSecond": "10"}}):
        with pytest.raises(ValueError, match="not a"):
            limits.read(wrong)


# ---------------------------------------------------------------- in the gate


def a_gate(answers, clock, book):
    queue, seen = list(answers), []

    def handler(request):
        seen.append(request)
        return queue.pop(0)

    http = httpx.Client(transport=httpx.MockTransport(handler))
    made = gate.Gate(http, BASE, sleep=clock.sleep, now=lambda: datetime(2026, 11, 22, tzinfo=UTC), limiter=book)
    return made, seen


def test_a_short_wait_is_slept_through():
    clock = Clock()
    book = Book(clock)
    made, seen = a_gate([httpx.Response(200, json={})] * 11, clock, book)
    for _call in range(11):
        assert isinstance(made.ask("GET", "/sessions/S-1"), gate.Answer)
    assert clock.slept == [pytest.approx(1 + limits.MARGIN, abs=0.002)]
    assert len(seen) == 11


def test_a_long_wait_comes_back():
    clock = Clock()
    book = Book(clock)
    made, seen = a_gate([httpx.Response(201, json={})] * 20, clock, book)
    for _call in range(20):
        made.change("POST", "/sessions/batch", token="t")
    clock.slept.clear()
    failure = made.change("POST", "/sessions/batch", token="t")
    assert failure.fault is result.Fault.LIMITED
    assert 50 < failure.retry_after <= 60.5
    assert (clock.slept, len(seen)) == ([], 20)


def test_a_refused_call_blocks_its_group_for_everybody():
    clock = Clock()
    book = Book(clock)
    made, seen = a_gate([httpx.Response(429, headers={"Retry-After": "40"}), httpx.Response(200, json={})], clock, book)
    failure = made.ask("GET", "/sessions/S-1")
    assert (failure.fault, failure.retry_after, len(seen)) == (result.Fault.LIMITED, 40.0, 1)
    other, seen_by_other = a_gate([httpx.Response(200, json={})] * 2, clock, book)
    assert other.ask("GET", "/sessions/S-2").fault is result.Fault.LIMITED
    assert not seen_by_other
    assert isinstance(other.ask("POST", "/invoices/query/metadata"), gate.Answer), "only that group"
    clock.now += 40
    assert isinstance(made.ask("GET", "/sessions/S-1"), gate.Answer)


def test_a_short_block_is_slept_through_and_a_block_without_length_is_a_minute():
    clock = Clock()
    book = Book(clock)
    made, _seen = a_gate(
        [httpx.Response(429, headers={"Retry-After": "3"}), httpx.Response(204), httpx.Response(429)], clock, book
    )
    assert isinstance(made.change("POST", "/sessions/batch", token="t"), gate.Answer)
    assert clock.slept == [3.0]
    assert made.change("POST", "/sessions/batch", token="t").retry_after == 60.0


def test_ready_made_links_are_not_counted():
    clock = Clock()
    book = Book(clock)
    made, _seen = a_gate([httpx.Response(201)], clock, book)
    made.raw("PUT", "https://storage.test/part/1", content=b"x")
    assert not book.calls


def test_an_overloaded_server_that_says_when_is_left_alone_so_long():
    clock = Clock()
    busy = httpx.Response(503, headers={"Retry-After": "120"})
    made, seen = a_gate([busy], clock, Book(clock))
    failure = made.ask("GET", "/sessions/S-1")
    assert (failure.fault, failure.retry_after) == (result.Fault.LOST, 120.0)
    assert (clock.slept, len(seen)) == ([], 1)
