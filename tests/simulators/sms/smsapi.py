"""SMSAPI.pl as its public clients use it: POST /sms.do with a form, errors by number, reports to an address."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from .operator import Sent, SmsOperator, parts_of

KNOWN = {"to", "message", "from", "format", "encoding", "idx", "check_idx", "max_parts", "test", "notify_url"}
# our own choice: the operator does not say how many it takes
MAX_STATUS = 100
STATUS = {"DELIVERED": 404, "SENT": 403, "UNDELIVERED": 405, "EXPIRED": 402, "REJECTED": 407, "UNKNOWN": 408}


class SmsApiSimulator(SmsOperator):
    """SMSAPI.pl."""

    def error(self, code: int, text: str) -> tuple[int, Any]:
        return 200, {"error": code, "message": text, "invalid_numbers": None}

    def handle(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        if path != "/sms.do":
            return 404, {"error": 8, "message": "no such path"}
        if headers.get("Authorization") != f"Bearer {self.token}":
            return 401, {"error": 101, "message": "Authorization failed"}
        if headers.get("Content-Type") != "application/x-www-form-urlencoded":
            return self.refuse(8, "a form is expected")
        try:
            fields = parse_qs(body.decode(), strict_parsing=True)
        except ValueError:
            return self.refuse(8, "no form")
        form = {name: values[0] for name, values in fields.items()}
        if "status" in form:
            return self._status(form)
        return self._check(form) or self._take(form)

    def _check(self, form: dict[str, str]) -> tuple[int, Any] | None:
        if set(form) - KNOWN or form.get("format") != "json" or form.get("encoding") != "utf-8":
            return self.refuse(8, f"unexpected parameters: {sorted(form)}")
        numbers, keys = form.get("to", "").split(","), form.get("idx", "").split("|")
        if not all(re.fullmatch(r"[1-9][0-9]{7,14}", number) for number in numbers):
            return self.refuse(13, f"bad numbers: {form.get('to')}")
        if len(keys) != len(numbers) or form.get("check_idx") != "1":
            return self.refuse(20, "one idx for each number, and check_idx")
        if any(not key or len(key) > 255 for key in keys):
            return self.refuse(27, "bad idx")
        if "notify_url" in form and len(numbers) > 1:
            return self.refuse(72, "notify_url with many numbers")
        if "notify_url" in form and not urlsplit(form["notify_url"]).hostname:
            return self.refuse(70, "Invalid URL in notify_url parameter")
        text = form.get("message", "")
        if not text:
            return self.refuse(11, "no message")
        if parts_of(text) > int(form.get("max_parts", "6")):
            return self.refuse(12, "too many parts")
        return None

    def _take(self, form: dict[str, str]) -> tuple[int, Any]:
        numbers, keys = form["to"].split(","), form["idx"].split("|")
        if form.get("from") and form["from"] not in self.senders:
            return self.error(14, "Invalid from field")
        if {one.key for one in self.sent} & set(keys):
            return self.error(53, "Not unique idx")
        good = [(number, key) for number, key in zip(numbers, keys, strict=True) if number not in self.blacklist]
        if not good:
            return self.error(13, "No correct phonenumbers")
        if parts_of(form["message"]) * len(good) > self.credit:
            return self.error(103, "Insufficient credits")
        test = form.get("test") == "1"
        taken = [self._one(number, key, form, test) for number, key in good]
        bad = [
            {"number": number, "submitted_number": number, "message": "Invalid phone number"}
            for number in numbers
            if number in self.blacklist
        ]
        return 200, {"count": len(taken), "list": taken, **({"invalid_numbers": bad} if bad else {})}

    def _one(self, number: str, key: str, form: dict[str, str], test: bool) -> dict[str, Any]:
        points = round(0.17 * parts_of(form["message"]), 4)
        reference = "TEST" if test else self.take(key, number, form["message"], form.get("from", "")).reference
        base = {"points": points, "number": number, "submitted_number": number, "status": "QUEUE", "error": None}
        return {"id": reference, **base, "idx": key, "date_sent": 1793613600}

    def _status(self, form: dict[str, str]) -> tuple[int, Any]:
        if set(form) != {"status", "format"} or form["format"] != "json":
            return self.refuse(8, f"unexpected parameters: {sorted(form)}")
        ids = form["status"].split("|")
        if not 1 <= len(ids) <= MAX_STATUS:
            return self.refuse(8, f"too many messages: {len(ids)}")
        found = [one for one in self.sent if one.reference in ids]
        if not found:
            return self.error(301, "ID not exists")
        listed = [
            {"id": one.reference, "points": 0.17, "number": one.phone, "status": one.status or "QUEUE", "idx": one.key}
            for one in found
        ]
        return 200, {"count": len(listed), "list": listed}

    @staticmethod
    def report(*news: tuple[Sent, str], at: int = 1793613600) -> str:
        """Query of the request that brings news of messages."""
        return urlencode(
            {
                "MsgId": ",".join(one.reference for one, _status in news),
                "status": ",".join(str(STATUS[status]) for _one, status in news),
                "status_name": ",".join(status for _one, status in news),
                "idx": ",".join(one.key for one, _status in news),
                "donedate": ",".join(str(at) for _one in news),
                "username": "bss",
            }
        )
