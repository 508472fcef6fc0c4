"""Service orders on the wire."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_core import (
    Answer,
    Identifier,
    NotAnAnswer,
    OrderFacts,
    Place,
    backoff_s,
    message,
    read_answer,
    read_report,
    retry_after_s,
)

FACTS = OrderFacts(
    number="ZS/000001",
    key="b1c2",
    action="activate",
    cause="request",
    requested_at=datetime(2026, 11, 21, 9, 30, 15, 999, tzinfo=UTC),
    valid_from=date(2026, 12, 1),
    service_id=42,
    service_type="internet",
    offering="Internet 300",
    offering_code="NET300",
    identifiers=(Identifier("login", "jan"),),
    place=Place("ul. Lipowa 1/2, 99-300 Kutno", premises_no="2"),
)


def test_message() -> None:
    sent = message(FACTS)
    assert sent["requested_at"] == "2026-11-21T09:30:15Z"
    assert sent["valid_from"] == "2026-12-01"
    assert sent["service"]["identifiers"] == [{"kind": "login", "value": "jan"}]
    assert sent["service"]["place"]["premises_no"] == "2"
    assert json.loads(json.dumps(sent)) == sent


def test_report() -> None:
    body = b'{"state": "done", "reference": "OLT-7", "effective_date": "2026-12-02", "text": null}'
    assert read_report(body) == Answer("done", "OLT-7", date(2026, 12, 2), "")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", NotAnAnswer("NOT_JSON")),
        (b"\xff\xfe", NotAnAnswer("NOT_JSON")),
        (b"[" * 100_000, NotAnAnswer("NOT_JSON")),
        (b"[]", NotAnAnswer("NOT_OBJECT")),
        (b"{}", NotAnAnswer("MISSING", "state")),
        (b'{"state": "maybe"}', NotAnAnswer("BAD_STATE", "state")),
        (b'{"state": ["done"]}', NotAnAnswer("NOT_TEXT", "state")),
        (b'{"state": null}', NotAnAnswer("BAD_STATE", "state")),
        (b'{"state": "retry"}', NotAnAnswer("BAD_STATE", "state")),
        (b'{"state": "done", "effective_date": "31.12.2026"}', NotAnAnswer("BAD_DATE", "effective_date")),
        (b'{"state": "done", "reference": 7}', NotAnAnswer("NOT_TEXT", "reference")),
        (b'{"state": "done", "when": "now"}', NotAnAnswer("UNKNOWN_FIELD", "when")),
        (b'{"state": "done", "reference": "' + b"x" * 201 + b'"}', NotAnAnswer("TOO_LONG", "reference")),
    ],
)
def test_report_that_is_none(body: bytes, problem: NotAnAnswer) -> None:
    assert read_report(body) == problem


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, b'{"state": "done"}', "done"),
        (202, b'{"state": "accepted", "reference": "1"}', "accepted"),
        (200, b"<html>", "retry"),
        (204, b"", "failed"),
        (301, b"", "failed"),
        (400, b'{"text": "no such offering"}', "failed"),
        (401, b"", "failed"),
        (409, b'{"message": "other content"}', "failed"),
        (429, b"", "retry"),
        (500, b"", "retry"),
        (503, b"", "retry"),
    ],
)
def test_answer(status: int, body: bytes, state: str) -> None:
    assert read_answer(status, body).state == state


def test_refusal_keeps_the_reason() -> None:
    assert read_answer(422, b'{"text": "port taken"}').text == "HTTP 422: port taken"
    assert read_answer(422, b'["port taken"]').text == "HTTP 422"
    assert read_answer(503, b"", "120") == Answer("retry", text="HTTP 503", retry_after_s=120)


def test_waiting_times() -> None:
    assert [backoff_s(n) for n in (1, 2, 3, 8, 1_000)] == [30, 60, 120, 3600, 3600]
    assert retry_after_s("99999") == 3600
    assert retry_after_s("Fri, 31 Dec 2026 23:59:59 GMT") is None


@given(st.integers(100, 599), st.binary(max_size=200))
def test_any_answer_is_read(status: int, body: bytes) -> None:
    assert read_answer(status, body).state in ("accepted", "done", "failed", "retry")
