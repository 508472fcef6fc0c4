"""SerwerSMS.pl, HTTPS API v2, as its public clients use it. It does not refuse a unique_id that it has had."""

from __future__ import annotations

import json
import re
from typing import Any

from .operator import Sent, SmsOperator, parts_of

KNOWN = {
    "messages/send_sms": {"phone", "text", "unique_id", "sender", "utf", "details", "test"},
    "messages/send_personalized": {"messages", "unique_id", "sender", "utf", "details", "test"},
    "messages/reports": {"id", "unique_id", "limit"},
}


class SerwerSmsSimulator(SmsOperator):
    """SerwerSMS.pl."""

    def error(self, code: int, text: str) -> tuple[int, Any]:
        return 200, {"error": {"code": code, "type": "Error", "message": text}}

    def handle(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        action = path.removeprefix("/").removesuffix(".json")
        if action not in KNOWN or not path.endswith(".json"):
            return self.refuse(1000, "Not specified action to execute")
        if headers.get("Authorization") != f"Bearer {self.token}":
            return self.error(1001, "Incorrect login or password")
        try:
            data = json.loads(body)
        except ValueError:
            return self.refuse(1006, "no JSON")
        if not isinstance(data, dict) or set(data) - KNOWN[action]:
            return self.refuse(1006, f"unexpected parameters: {data}")
        if action == "messages/reports":
            return self._reports(data)
        return self._send(action, data)

    def _messages(self, action: str, data: dict[str, Any]) -> list[tuple[str, str, str]]:
        """(phone, text, key)"""
        if action == "messages/send_personalized":
            found = [(one["phone"], one["text"]) for one in data["messages"]]
        else:
            phones = data["phone"] if isinstance(data["phone"], list) else [data["phone"]]
            found = [(phone, data["text"]) for phone in phones]
        keys = data["unique_id"] if isinstance(data["unique_id"], list) else [data["unique_id"]]
        return [(phone, text, key) for (phone, text), key in zip(found, keys, strict=True)]

    def _send(self, action: str, data: dict[str, Any]) -> tuple[int, Any]:
        try:
            messages = self._messages(action, data)
        except (KeyError, TypeError, ValueError):
            return self.refuse(2000, "Missing required parameters")
        for phone, text, key in messages:
            if not re.fullmatch(r"\+[1-9][0-9]{7,14}", phone) or not re.fullmatch(r"[a-zA-Z0-9]{3,50}", key):
                return self.refuse(2001, f"bad phone or unique_id: {phone} {key}")
            if not data.get("utf") and not text.isascii():
                return self.refuse(3010, "national letters without utf")
        if data.get("sender") and data["sender"] not in self.senders:
            return self.error(3009, "Invalid sender name")
        items = [self._one(phone, text, key, data) for phone, text, key in messages]
        queued = sum(item["status"] == "queued" for item in items)
        return 200, {"success": bool(queued), "queued": queued, "unsent": len(items) - queued, "items": items}

    def _one(self, phone: str, text: str, key: str, data: dict[str, Any]) -> dict[str, Any]:
        parts = parts_of(text)
        code, words = 0, ""
        if phone in self.blacklist:
            code, words = 2001, "Invalid phone number"
        elif parts > self.credit:
            code, words = 3002, "Exhausted the limit of available SMS FULL"
        if code:
            return {"phone": phone, "status": "unsent", "error_code": code, "error_message": words, "text": text}
        reference = "test" if data.get("test") else self.take(key, phone, text, data.get("sender") or "").reference
        return {"id": reference, "phone": phone, "status": "queued", "queued": "2026-11-02 11:00:00", "parts": parts}

    def _reports(self, data: dict[str, Any]) -> tuple[int, Any]:
        def wanted(name: str) -> set[str]:
            value = data.get(name) or []
            return set(value if isinstance(value, list) else [value])

        ids, keys = wanted("id"), wanted("unique_id")
        if len(ids) > 500:
            return self.refuse(1006, "at most 500 ids")
        found = [one for one in self.sent if one.reference in ids or one.key in keys]
        return 200, {"paging": {"page": 1, "count": 1}, "items": [_report(one) for one in found]}


def _report(one: Sent) -> dict[str, Any]:
    status = one.status or "in_progress"
    item: dict[str, Any] = {"id": one.reference, "phone": one.phone, "status": status, "parts": one.parts}
    if status == "delivered":
        item["delivered"] = "2026-11-02 11:05:00"
    if one.reason:
        item["reason"] = one.reason
    return item
