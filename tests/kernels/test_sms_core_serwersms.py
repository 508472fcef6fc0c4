"""SerwerSMS.pl: requests, answers, asking before a second attempt, reports."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sms_core.gateways import PROVIDERS, Call, Message, Options, Outcome, ReportNames

SERWER = PROVIDERS["serwersms"]
OPTIONS = Options("https://api2.serwersms.pl", "very-secret", "BSS")
ONE = Message("abc1", "+48600100200", "Zaplac 5 zl")
TWO = Message("abc2", "+48600100201", "Zaplac 5 zl")
OTHER = Message("abc3", "+48600100202", "Zaplac 6 zl")
THIRD = Message("abc4", "+48600100203", "Zaplac 7 zl")
POLISH = Message("abc5", "+48600100204", "Zapłać 8 zł")


def body(call: Call) -> Any:
    return json.loads(call.body)


def test_one_message() -> None:
    (call,) = SERWER.calls([ONE], OPTIONS)
    assert call.url == "https://api2.serwersms.pl/messages/send_sms.json"
    assert dict(call.headers)["Authorization"] == "Bearer very-secret"
    assert body(call) == {
        "phone": "+48600100200",
        "text": "Zaplac 5 zl",
        "unique_id": "abc1",
        "sender": "BSS",
        "utf": False,
        "details": True,
        "test": False,
    }


def test_same_different_and_polish_texts() -> None:
    same, personal, polish = SERWER.calls([ONE, OTHER, TWO, THIRD, POLISH], OPTIONS)
    assert body(same)["phone"] == ["+48600100200", "+48600100201"]
    assert body(same)["unique_id"] == ["abc1", "abc2"]
    assert personal.url.endswith("/messages/send_personalized.json")
    assert body(personal)["messages"] == [
        {"phone": "+48600100202", "text": "Zaplac 6 zl"},
        {"phone": "+48600100203", "text": "Zaplac 7 zl"},
    ]
    assert body(personal)["unique_id"] == ["abc3", "abc4"]
    assert body(polish)["utf"] is True
    assert "very-secret" not in repr(personal)


def test_a_number_stands_in_a_request_once() -> None:
    again = Message("abc9", OTHER.phone, "Zaplac 9 zl")
    calls = SERWER.calls([OTHER, THIRD, again], OPTIONS)
    assert [[one.key for one in call.messages] for call in calls] == [["abc3", "abc4"], ["abc9"]]


def test_some_taken() -> None:
    (call,) = SERWER.calls([OTHER, THIRD], OPTIONS)
    items = [
        {"id": "x1", "phone": "+48600100202", "status": "queued", "parts": 2},
        {"phone": "+48600100203", "status": "unsent", "error_code": 2001, "error_message": "Invalid phone number"},
    ]
    data = {"success": True, "queued": 1, "unsent": 1, "items": items}
    first, second = SERWER.read(call, 200, json.dumps(data).encode())
    assert (first.outcome, first.reference, first.parts) == (Outcome.ACCEPTED, "x1", 2)
    assert (second.outcome, second.problem, second.text) == (Outcome.REFUSED, "number", "Invalid phone number")


@pytest.mark.parametrize(
    ("code", "outcome", "problem"),
    [(3002, Outcome.AGAIN, "credit"), (3003, Outcome.AGAIN, "account"), (9999, Outcome.REFUSED, "rejected")],
)
def test_a_message_not_sent(code: int, outcome: Outcome, problem: str) -> None:
    (call,) = SERWER.calls([ONE], OPTIONS)
    item = {"phone": "+48600100200", "status": "unsent", "error_code": code, "error_message": "words"}
    (answer,) = SERWER.read(call, 200, json.dumps({"success": True, "items": [item]}).encode())
    assert (answer.outcome, answer.problem) == (outcome, problem)


@pytest.mark.parametrize(
    ("status", "data", "outcome", "problem"),
    [
        (200, {"error": {"code": 1001, "type": "InvalidUser", "message": "x"}}, Outcome.AGAIN, "account"),
        (200, {"error": {"code": 3002, "type": "SendError", "message": "x"}}, Outcome.AGAIN, "credit"),
        (200, {"error": {"code": 2001, "type": "ValidationPhoneError", "message": "x"}}, Outcome.ALONE, "number"),
        (200, {"error": {"code": 1006, "type": "InvalidData", "message": "x"}}, Outcome.AGAIN, "request"),
        (200, {"success": True, "items": []}, Outcome.AGAIN, "server"),
        (200, [], Outcome.AGAIN, "server"),
        (500, {"items": []}, Outcome.AGAIN, "server"),
        (401, {"items": []}, Outcome.AGAIN, "account"),
    ],
)
def test_nothing_sent(status: int, data: Any, outcome: Outcome, problem: str) -> None:
    (call,) = SERWER.calls([OTHER, THIRD], OPTIONS)
    found = SERWER.read(call, status, json.dumps(data).encode())
    assert [(one.outcome, one.problem) for one in found] == [(outcome, problem)] * 2


def asked(status: int, data: Any) -> tuple[Outcome, str] | None:
    assert SERWER.enquiry is not None
    call = SERWER.enquiry.call(ONE, OPTIONS)
    assert call.url.endswith("/messages/reports.json")
    assert body(call) == {"unique_id": "abc1"}
    answer = SERWER.enquiry.read(call, status, json.dumps(data).encode())
    return answer and (answer.outcome, answer.problem)


def test_what_the_operator_has_is_not_sent_again() -> None:
    item = {"id": "x1", "phone": "+48600100200", "status": "delivered", "parts": 1}
    assert asked(200, {"items": [item]}) == (Outcome.ACCEPTED, "")
    refused = {**item, "status": "unsent", "reason": "wrong_number"}
    assert asked(200, {"items": [refused]}) == (Outcome.REFUSED, "number")


def test_what_the_operator_has_not_may_be_sent() -> None:
    assert asked(200, {"items": []}) is None
    unpaid = {"id": "x1", "phone": "+48600100200", "status": "unsent", "reason": "limit_exhausted"}
    assert asked(200, {"items": [unpaid]}) is None


def test_no_sensible_answer_to_the_question_means_wait() -> None:
    assert asked(500, {"items": []}) == (Outcome.AGAIN, "server")
    assert asked(401, {}) == (Outcome.AGAIN, "account")
    assert asked(200, {}) == (Outcome.AGAIN, "server")


def test_reports_fetched() -> None:
    assert SERWER.news is not None
    call = SERWER.news.call(["x1", "x2"], OPTIONS)
    assert body(call) == {"id": ["x1", "x2"], "limit": 2}
    items = [
        {"id": "x1", "phone": "+48600100200", "status": "delivered", "delivered": "2026-11-02 11:00:00"},
        {"id": "x2", "phone": "+48600100201", "status": "undelivered", "reason": "message_expired"},
        {"id": "x3", "phone": "+48600100201", "status": "in_progress"},
    ]
    reports = SERWER.news.read(200, json.dumps({"items": items}).encode())
    assert [(one.reference, one.state, one.problem) for one in reports] == [
        ("x1", "delivered", ""),
        ("x2", "failed", "expired"),
    ]
    assert reports[0].at and reports[0].at.astimezone(UTC) == datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
    assert SERWER.news.read(500, b"{}") == []


def test_report_brought_under_the_names_of_the_panel() -> None:
    names = ReportNames(reference="id_sms", status="stan")
    (report,) = SERWER.read_callback({"id_sms": "x1", "stan": "Delivered"}, names)
    assert (report.reference, report.state) == ("x1", "delivered")
    assert SERWER.read_callback({"stan": "delivered"}, names) == []
    assert SERWER.read_callback({"id_sms": "x1", "stan": "maybe"}, names) == []
