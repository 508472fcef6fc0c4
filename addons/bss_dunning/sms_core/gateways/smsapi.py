"""SMSAPI.pl: ``/sms.do``. Its ``idx`` is our key, and ``check_idx`` makes it refuse a key that it has had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from .base import (
    GATEWAY_FAULTS,
    Answer,
    Call,
    Enquiry,
    Message,
    News,
    Options,
    Outcome,
    Report,
    ReportNames,
    again,
    by_text,
    chunks,
    digits,
    fault_of,
    http_code,
    number,
    parse,
)

KNOWN_KEY = 53
_FAULTS = {
    11: "content",
    12: "content",
    13: "number",
    14: "sender",
    17: "content",
    52: "server",
    57: "blacklisted",
    59: "blacklisted",
    74: "account",
    76: "content",
    94: "content",
    98: "account",
    101: "account",
    102: "account",
    103: "credit",
    105: "account",
    110: "account",
    112: "country",
    200: "server",
    201: "server",
    202: "server",
    203: "server",
    401: "account",
    997: "account",
    999: "server",
    1000: "account",
}
_STATES = {
    "401": ("failed", "rejected"),
    "402": ("failed", "expired"),
    "403": ("sent", ""),
    "404": ("delivered", ""),
    "405": ("failed", "undelivered"),
    "406": ("failed", "undelivered"),
    "407": ("failed", "rejected"),
    "408": ("sent", ""),  # the network does not know: no reason to say that it failed
    "409": ("sent", ""),
    "410": ("sent", ""),
    "411": ("sent", ""),
    "412": ("failed", "rejected"),
}
_NAMED = {
    "NOT_FOUND": "401",
    "EXPIRED": "402",
    "SENT": "403",
    "DELIVERED": "404",
    "UNDELIVERED": "405",
    "FAILED": "406",
    "REJECTED": "407",
    "UNKNOWN": "408",
    "QUEUE": "409",
    "ACCEPTED": "410",
    "RENEWAL": "411",
    "STOP": "412",
}


class _News:
    """``status`` with the operator's own numbers: answered like a message that is sent."""

    batch = 100

    def call(self, references: Sequence[str], options: Options) -> Call:
        return _request({"status": "|".join(references), "format": "json"}, (), options)

    def read(self, status: int, body: bytes) -> list[Report]:
        data = parse(body)
        listed = data.get("list") if isinstance(data, dict) and status == 200 else None
        reports = []
        for item in listed if isinstance(listed, list) else []:
            code = _NAMED.get(str(item.get("status")), "") if isinstance(item, dict) else ""
            state, problem = _STATES.get(code, ("", ""))
            if state and item.get("id"):
                text = code if problem else ""
                reports.append(Report(state, str(item.get("idx") or ""), str(item["id"]), problem, text))
        return reports


class SmsApiPl:
    """The protocol of SMSAPI.pl."""

    url = "https://api.smsapi.pl"
    enquiry: Enquiry | None = None
    news: News | None = _News()

    def calls(self, messages: Sequence[Message], options: Options) -> list[Call]:
        return [self._call(chunk, text, options) for text, same in by_text(messages).items() for chunk in chunks(same)]

    def _call(self, chunk: tuple[Message, ...], text: str, options: Options) -> Call:
        form = {
            "to": ",".join(digits(one.phone) for one in chunk),
            "message": text,
            "format": "json",
            "encoding": "utf-8",
            "idx": "|".join(one.key for one in chunk),
            "check_idx": "1",
            "max_parts": str(options.max_parts),
        }
        if options.sender:
            form["from"] = options.sender
        if options.test:
            form["test"] = "1"
        if options.report_url and len(chunk) == 1:  # not taken for many (error 72): the operator's panel has it too
            form["notify_url"] = options.report_url
        return _request(form, chunk, options)

    def read(self, call: Call, status: int, body: bytes) -> list[Answer]:
        data = parse(body)
        if not isinstance(data, dict) or status >= 500 or status == 429:
            problem = "account" if status in (401, 403) else "server"
            return again(call, problem, http_code(status))
        if "error" in data:
            return self._fault(call, data)
        if status in (401, 403):
            return again(call, "account", http_code(status))
        listed = data.get("list")
        if not isinstance(listed, list):
            return again(call, "server", http_code(status))
        items = [one for one in listed if isinstance(one, dict)]
        refused = {
            digits(one.get("submitted_number") or one.get("number")): one
            for one in data.get("invalid_numbers") or []
            if isinstance(one, dict)
        }
        return [self._answer(one, items, refused) for one in call.messages]

    def _fault(self, call: Call, data: Mapping[str, Any]) -> list[Answer]:
        code, text = number(data.get("error")), str(data.get("message") or "")
        if code == KNOWN_KEY and len(call.messages) == 1:
            return [Answer(call.messages[0].key, Outcome.ACCEPTED, code=str(code), text=text)]
        if code == KNOWN_KEY:
            return [Answer(one.key, Outcome.ALONE, code=str(code), text=text) for one in call.messages]
        return fault_of(_FAULTS.get(code, "request"), call, str(code), text)

    def _answer(self, one: Message, items: list[dict[str, Any]], refused: dict[str, dict[str, Any]]) -> Answer:
        item = next((found for found in items if found.get("idx") == one.key), None)
        if item is None and digits(one.phone) in refused:
            text = str(refused[digits(one.phone)].get("message") or "")
            return Answer(one.key, Outcome.REFUSED, "number", "13", text)
        if item is None:
            return Answer(one.key, Outcome.AGAIN, "server", text="no word about this message")
        fault = item.get("error")
        code = number(fault)
        if fault not in (None, "", 0) and code != KNOWN_KEY:
            problem = _FAULTS.get(code, "rejected")
            outcome = Outcome.AGAIN if problem in GATEWAY_FAULTS else Outcome.REFUSED
            return Answer(one.key, outcome, problem, str(fault))
        state, why = _STATES.get(_NAMED.get(str(item.get("status")), ""), ("sent", ""))
        reference = str(item.get("id") or "")
        if state == "failed":
            return Answer(one.key, Outcome.REFUSED, why, str(item.get("status")), reference=reference)
        return Answer(one.key, Outcome.ACCEPTED, reference=reference, points=_points(item.get("points")))

    def read_callback(self, params: Mapping[str, str], names: ReportNames) -> list[Report]:
        """Reports of one request: several at once stand in each parameter, divided by commas."""
        references, states = _split(params.get("MsgId")), _split(params.get("status"))
        keys, moments = _split(params.get("idx")), _split(params.get("donedate"))
        reports = []
        for index, (reference, code) in enumerate(zip(references, states, strict=False)):
            state, problem = _STATES.get(_NAMED.get(code, code), ("", ""))
            if state:
                key = keys[index] if index < len(keys) else ""
                at = _moment(moments[index]) if index < len(moments) else None
                reports.append(Report(state, key, reference, problem, code if problem else "", at))
        return reports


def _request(form: Mapping[str, str], chunk: tuple[Message, ...], options: Options) -> Call:
    headers = (
        ("Authorization", f"Bearer {options.token}"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "application/json"),
    )
    return Call(f"{options.url.rstrip('/')}/sms.do", headers, urlencode(form).encode(), chunk)


def _points(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None


def _split(value: str | None) -> list[str]:
    return [part.strip() for part in value.split(",")] if value else []


def _moment(value: str) -> datetime | None:
    return datetime.fromtimestamp(number(value), UTC) if number(value) else None


PROVIDER = SmsApiPl()
