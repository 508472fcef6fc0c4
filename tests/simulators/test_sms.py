"""The simulated operators are strict, and the product's protocols get through to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs

import httpx
import pytest

from sms_core.gateways import PROVIDERS, Answer, Call, Message, Options, Outcome, ReportNames

from .sms import SerwerSmsSimulator, SmsApiSimulator

ONE = Message("aaa1", "+48600100200", "Prosimy o zaplate 5 zl")
TWO = Message("aaa2", "+48600100201", "Prosimy o zaplate 5 zl")
OTHER = Message("aaa3", "+48600100202", "Prosimy o zapłatę 6 zł")


@pytest.fixture
def smsapi() -> Iterator[SmsApiSimulator]:
    with SmsApiSimulator("secret") as simulator:
        yield simulator


@pytest.fixture
def serwer() -> Iterator[SerwerSmsSimulator]:
    with SerwerSmsSimulator("secret") as simulator:
        yield simulator


def options(address: str, token: str = "secret", sender: str = "BSS") -> Options:
    return Options(address, token, sender, report_url="https://bss.example/sms")


def post(call: Call) -> httpx.Response:
    return httpx.post(call.url, content=call.body, headers=dict(call.headers), timeout=5)


def send(provider: str, messages: list[Message], opts: Options) -> dict[str, Answer]:
    found = {}
    for call in PROVIDERS[provider].calls(messages, opts):
        response = post(call)
        found.update({one.key: one for one in PROVIDERS[provider].read(call, response.status_code, response.content)})
    return found


def test_smsapi_takes_messages_once(smsapi: SmsApiSimulator) -> None:
    first = send("smsapi", [ONE, TWO, OTHER], options(smsapi.address))
    assert [one.outcome for one in first.values()] == [Outcome.ACCEPTED] * 3
    assert first["aaa3"].reference == "ID0003"
    assert [(one.key, one.parts) for one in smsapi.sent] == [("aaa1", 1), ("aaa2", 1), ("aaa3", 1)]
    again = send("smsapi", [ONE], options(smsapi.address))
    assert again["aaa1"].outcome is Outcome.ACCEPTED
    both = send("smsapi", [ONE, TWO], options(smsapi.address))
    assert {one.outcome for one in both.values()} == {Outcome.ALONE}
    assert len(smsapi.sent) == 3
    assert smsapi.refused == []


def test_smsapi_refuses(smsapi: SmsApiSimulator) -> None:
    smsapi.blacklist.add("48600100200")
    assert send("smsapi", [ONE], options(smsapi.address))["aaa1"].problem == "number"
    some = send("smsapi", [ONE, TWO], options(smsapi.address))
    assert (some["aaa1"].outcome, some["aaa2"].outcome) == (Outcome.REFUSED, Outcome.ACCEPTED)
    assert send("smsapi", [OTHER], options(smsapi.address, sender="X"))["aaa3"].problem == "sender"
    assert send("smsapi", [OTHER], options(smsapi.address, token="guess"))["aaa3"].problem == "account"
    smsapi.credit = 0
    assert send("smsapi", [OTHER], options(smsapi.address))["aaa3"].problem == "credit"
    assert smsapi.phones == ["48600100201"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("to=48", "to=%2B48"), 13),
        (("check_idx=1", "check_idx=0"), 20),
        (("idx=aaa1", "idx=aaa1%7Cb"), 20),
        (("format=json", "format=xml"), 8),
        (("max_parts=3", "max_parts=0"), 12),
        (("check_idx=1", "check_idx=1&extra=1"), 8),
        (("notify_url=https%3A%2F%2F", "notify_url="), 70),
    ],
)
def test_smsapi_is_strict(smsapi: SmsApiSimulator, change: tuple[str, str], code: int) -> None:
    (call,) = PROVIDERS["smsapi"].calls([ONE], options(smsapi.address))
    assert change[0].encode() in call.body
    body = call.body.replace(change[0].encode(), change[1].encode())
    response = httpx.post(call.url, content=body, headers=dict(call.headers))
    assert response.json()["error"] == code
    assert len(smsapi.refused) == 1
    assert not smsapi.sent


def test_smsapi_reports_are_understood(smsapi: SmsApiSimulator) -> None:
    send("smsapi", [ONE, TWO], options(smsapi.address))
    query = smsapi.report((smsapi.sent[0], "DELIVERED"), (smsapi.sent[1], "EXPIRED"))
    params = {name: values[0] for name, values in parse_qs(query).items()}
    reports = PROVIDERS["smsapi"].read_callback(params, ReportNames())
    assert [(one.key, one.state) for one in reports] == [("aaa1", "delivered"), ("aaa2", "failed")]


def test_serwersms_takes_messages(serwer: SerwerSmsSimulator) -> None:
    answers = send("serwersms", [ONE, TWO, OTHER], options(serwer.address))
    assert [one.outcome for one in answers.values()] == [Outcome.ACCEPTED] * 3
    assert [one.key for one in serwer.sent] == ["aaa1", "aaa2", "aaa3"]
    assert serwer.refused == []
    send("serwersms", [ONE], options(serwer.address))
    assert len(serwer.sent) == 4, "it does not know that it had the message: who sends must ask"


def test_serwersms_is_asked(serwer: SerwerSmsSimulator) -> None:
    provider = PROVIDERS["serwersms"]
    assert provider.enquiry is not None
    call = provider.enquiry.call(ONE, options(serwer.address))
    assert provider.enquiry.read(call, 200, post(call).content) is None
    send("serwersms", [ONE], options(serwer.address))
    answer = provider.enquiry.read(call, 200, post(call).content)
    assert answer is not None
    assert (answer.outcome, answer.reference) == (Outcome.ACCEPTED, "ID0001")


def test_serwersms_refuses(serwer: SerwerSmsSimulator) -> None:
    serwer.blacklist.add(ONE.phone)
    some = send("serwersms", [ONE, TWO], options(serwer.address))
    assert (some["aaa1"].outcome, some["aaa2"].outcome) == (Outcome.REFUSED, Outcome.ACCEPTED)
    assert send("serwersms", [OTHER], options(serwer.address, token="guess"))["aaa3"].problem == "account"
    serwer.credit = 0
    assert send("serwersms", [OTHER], options(serwer.address))["aaa3"].problem == "credit"


def test_serwersms_reports(serwer: SerwerSmsSimulator) -> None:
    send("serwersms", [ONE, TWO], options(serwer.address))
    serwer.sent[0].status = "delivered"
    serwer.sent[1].status, serwer.sent[1].reason = "undelivered", "message_expired"
    provider = PROVIDERS["serwersms"]
    assert provider.news is not None
    response = post(provider.news.call(["ID0001", "ID0002"], options(serwer.address)))
    reports = provider.news.read(response.status_code, response.content)
    assert [(one.reference, one.state, one.problem) for one in reports] == [
        ("ID0001", "delivered", ""),
        ("ID0002", "failed", "expired"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"phone": "600100200"},
        {"unique_id": "a"},
        {"extra": 1},
        {"text": "Zapłać", "utf": False},
        {"unique_id": ["aaa1", "aaa2"]},
    ],
)
def test_serwersms_is_strict(serwer: SerwerSmsSimulator, change: dict[str, object]) -> None:
    (call,) = PROVIDERS["serwersms"].calls([ONE], options(serwer.address))
    body = json.dumps({**json.loads(call.body), **change}).encode()
    response = httpx.post(call.url, content=body, headers=dict(call.headers))
    assert "error" in response.json()
    assert len(serwer.refused) == 1
    assert not serwer.sent


def test_faults(smsapi: SmsApiSimulator) -> None:
    smsapi.faults.extend([503, "garbage", ("error", 201), "drop"])
    opts = options(smsapi.address)
    assert [send("smsapi", [ONE], opts)["aaa1"].outcome for _ in range(3)] == [
        Outcome.AGAIN,
        Outcome.AGAIN,  # the message was taken, the answer was lost
        Outcome.AGAIN,
    ]
    with pytest.raises(httpx.TransportError):
        send("smsapi", [ONE], opts)
    assert send("smsapi", [ONE], opts)["aaa1"].outcome is Outcome.ACCEPTED
    assert len(smsapi.sent) == 1
