"""SMSAPI.pl: requests, answers, reports."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest

from sms_core.gateways import PROVIDERS, Call, Message, Options, Outcome, ReportNames

SMSAPI = PROVIDERS["smsapi"]
OPTIONS = Options("https://api.smsapi.pl/", "very-secret", "BSS", 2, report_url="https://bss.pl/sms/1/abc")
ONE = Message("a1", "+48600100200", "Zapłać 5 zł")
TWO = Message("b2", "+48600100201", "Zapłać 5 zł")


def form(call: Call) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(call.body.decode(), strict_parsing=True).items()}


def answers(messages: list[Message], data: Any, status: int = 200) -> list[tuple[Outcome, str]]:
    (call,) = SMSAPI.calls(messages, OPTIONS)
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return [(answer.outcome, answer.problem) for answer in SMSAPI.read(call, status, body)]


def test_one_message() -> None:
    (call,) = SMSAPI.calls([ONE], OPTIONS)
    assert call.url == "https://api.smsapi.pl/sms.do"
    assert dict(call.headers)["Authorization"] == "Bearer very-secret"
    assert form(call) == {
        "to": "48600100200",
        "message": "Zapłać 5 zł",
        "from": "BSS",
        "format": "json",
        "encoding": "utf-8",
        "idx": "a1",
        "check_idx": "1",
        "max_parts": "2",
        "notify_url": "https://bss.pl/sms/1/abc",
    }


def test_the_same_text_goes_in_one_request_and_a_number_stands_in_it_once() -> None:
    other = Message("c3", "+48600100200", "Inny tekst")
    twice = Message("d4", "+48600100200", "Zapłać 5 zł")
    calls = SMSAPI.calls([ONE, other, TWO, twice], OPTIONS)
    assert [[one.key for one in call.messages] for call in calls] == [["a1", "b2"], ["d4"], ["c3"]]
    assert form(calls[0])["idx"] == "a1|b2"
    assert form(calls[0])["to"] == "48600100200,48600100201"
    assert "notify_url" not in form(calls[0])


def test_test_mode_and_no_sender() -> None:
    (call,) = SMSAPI.calls([ONE], Options("https://x.pl", "t", test=True))
    assert form(call)["test"] == "1"
    assert "from" not in form(call)


def test_a_secret_is_not_shown() -> None:
    (call,) = SMSAPI.calls([ONE], OPTIONS)
    assert "very-secret" not in repr(call) + repr(OPTIONS)
    assert "abc" not in repr(OPTIONS)


def test_taken() -> None:
    (call,) = SMSAPI.calls([ONE], OPTIONS)
    item = {"id": "5F0", "points": 0.165, "number": "48600100200", "status": "QUEUE", "idx": "a1", "error": None}
    (answer,) = SMSAPI.read(call, 200, json.dumps({"count": 1, "list": [item]}).encode())
    assert (answer.outcome, answer.reference, answer.points) == (Outcome.ACCEPTED, "5F0", Decimal("0.165"))


def test_some_taken() -> None:
    item = {"id": "5F0", "points": 0.1, "number": "48600100200", "status": "QUEUE", "idx": "a1", "error": None}
    bad = {"number": "48600100201", "submitted_number": "48600100201", "message": "Invalid phone number"}
    data = {"count": 1, "list": [item], "invalid_numbers": [bad]}
    assert answers([ONE, TWO], data) == [(Outcome.ACCEPTED, ""), (Outcome.REFUSED, "number")]
    assert answers([ONE, TWO], {"count": 1, "list": [item]}) == [(Outcome.ACCEPTED, ""), (Outcome.AGAIN, "server")]


@pytest.mark.parametrize(
    ("code", "alone", "many"),
    [
        (53, (Outcome.ACCEPTED, ""), (Outcome.ALONE, "")),
        (13, (Outcome.REFUSED, "number"), (Outcome.ALONE, "number")),
        (12, (Outcome.REFUSED, "content"), (Outcome.ALONE, "content")),
        (57, (Outcome.REFUSED, "blacklisted"), (Outcome.ALONE, "blacklisted")),
        (101, (Outcome.AGAIN, "account"), (Outcome.AGAIN, "account")),
        (103, (Outcome.AGAIN, "credit"), (Outcome.AGAIN, "credit")),
        (14, (Outcome.AGAIN, "sender"), (Outcome.AGAIN, "sender")),
        (201, (Outcome.AGAIN, "server"), (Outcome.AGAIN, "server")),
        (8, (Outcome.AGAIN, "request"), (Outcome.AGAIN, "request")),
        (4711, (Outcome.AGAIN, "request"), (Outcome.AGAIN, "request")),
    ],
)
def test_errors(code: int, alone: tuple[Outcome, str], many: tuple[Outcome, str]) -> None:
    data = {"error": code, "message": "words"}
    assert answers([ONE], data) == [alone]
    assert answers([ONE, TWO], data) == [many, many]


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (502, b"<html>Bad gateway</html>", "server"),
        (503, b'{"error": 13}', "server"),
        (429, b"{}", "server"),
        (200, b"<html>welcome</html>", "server"),
        (200, b"[]", "server"),
        (200, b"", "server"),
        (200, b'{"count": 1}', "server"),
        (200, b'{"list": "x"}', "server"),
        (401, b"{}", "account"),
        (401, b"no", "account"),
        (200, b"[" * 100_000, "server"),
    ],
)
def test_no_sensible_answer_means_later_under_the_same_key(status: int, body: bytes, problem: str) -> None:
    assert answers([ONE, TWO], body, status) == [(Outcome.AGAIN, problem)] * 2


def test_an_item_with_a_fault() -> None:
    item = {"id": "1", "number": "48600100200", "status": "QUEUE", "idx": "a1", "error": 57}
    assert answers([ONE], {"list": [item]}) == [(Outcome.REFUSED, "blacklisted")]
    assert answers([ONE], {"list": [{**item, "error": 103}]}) == [(Outcome.AGAIN, "credit")]
    assert answers([ONE], {"list": [{**item, "error": 53}]}) == [(Outcome.ACCEPTED, "")]
    assert answers([ONE], {"list": [{**item, "error": None, "status": "REJECTED"}]}) == [(Outcome.REFUSED, "rejected")]


def test_reports() -> None:
    params = {
        "MsgId": "5F0,5F1,5F2,5F3",
        "status": "404,405,403,777",
        "idx": "a1,b2,c3,d4",
        "donedate": "1793613600,1793613601,0,x",
    }
    reports = SMSAPI.read_callback(params, ReportNames())
    assert [(one.key, one.reference, one.state, one.problem) for one in reports] == [
        ("a1", "5F0", "delivered", ""),
        ("b2", "5F1", "failed", "undelivered"),
        ("c3", "5F2", "sent", ""),
    ]
    assert reports[0].at == datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
    assert reports[2].at is None


def test_news_are_asked_for() -> None:
    assert SMSAPI.news is not None and SMSAPI.enquiry is None
    call = SMSAPI.news.call(["5F0", "5F1"], OPTIONS)
    assert call.url == "https://api.smsapi.pl/sms.do"
    assert parse_qs(call.body.decode()) == {"status": ["5F0|5F1"], "format": ["json"]}
    items = [
        {"id": "5F0", "status": "DELIVERED", "idx": "a1"},
        {"id": "5F1", "status": "EXPIRED", "idx": "b2"},
        {"id": "5F2", "status": "SENT"},
        {"id": "5F3", "status": "WHAT"},
        {"status": "DELIVERED"},
        "x",
    ]
    reports = SMSAPI.news.read(200, json.dumps({"list": items}).encode())
    assert [(one.key, one.reference, one.state, one.problem) for one in reports] == [
        ("a1", "5F0", "delivered", ""),
        ("b2", "5F1", "failed", "expired"),
        ("", "5F2", "sent", ""),
    ]


@pytest.mark.parametrize(("status", "body"), [(500, b"{}"), (200, b"no"), (200, b"[]"), (200, b'{"error": 101}')])
def test_no_news(status: int, body: bytes) -> None:
    assert SMSAPI.news is not None
    assert SMSAPI.news.read(status, body) == []


@pytest.mark.parametrize("params", [{}, {"MsgId": "1"}, {"status": "404"}, {"MsgId": "", "status": ""}])
def test_no_report(params: dict[str, str]) -> None:
    assert SMSAPI.read_callback(params, ReportNames()) == []
