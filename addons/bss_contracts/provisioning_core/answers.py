"""What a network answers to a service order, at once or later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from .retry import retry_after_s

State = Literal["accepted", "done", "failed", "retry"]
MAX_TEXT = 2_000
MAX_REFERENCE = 200
_TEMPORARY = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """``retry``: the network could not take the order now; after ``retry_after_s`` seconds when it said so."""

    state: State
    reference: str = ""
    effective: date | None = None
    text: str = ""
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class NotAnAnswer:
    """The body breaks the protocol: ``field`` says where, ``code`` how."""

    code: Literal["NOT_JSON", "NOT_OBJECT", "UNKNOWN_FIELD", "MISSING", "BAD_STATE", "BAD_DATE", "NOT_TEXT", "TOO_LONG"]
    field: str = ""


_FIELDS = frozenset({"state", "reference", "effective_date", "text"})


def read_report(body: bytes) -> Answer | NotAnAnswer:
    """A report of the network: ``{"state": "accepted|done|failed", "reference", "effective_date", "text"}``."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return NotAnAnswer("NOT_JSON")
    if not isinstance(data, dict):
        return NotAnAnswer("NOT_OBJECT")
    unknown = sorted(str(name) for name in data.keys() - _FIELDS)
    if unknown:
        return NotAnAnswer("UNKNOWN_FIELD", unknown[0])
    if "state" not in data:
        return NotAnAnswer("MISSING", "state")
    problem = _text_problem(data)
    if problem:
        return problem
    if data["state"] not in ("accepted", "done", "failed"):
        return NotAnAnswer("BAD_STATE", "state")
    effective = None
    if data.get("effective_date"):
        try:
            effective = date.fromisoformat(data["effective_date"])
        except ValueError:
            return NotAnAnswer("BAD_DATE", "effective_date")
    return Answer(data["state"], data.get("reference") or "", effective, data.get("text") or "")


def _text_problem(data: Mapping[str, Any]) -> NotAnAnswer | None:
    for name, value in data.items():
        if value is not None and not isinstance(value, str):
            return NotAnAnswer("NOT_TEXT", name)
        limit = MAX_TEXT if name == "text" else MAX_REFERENCE
        if value and len(value) > limit:
            return NotAnAnswer("TOO_LONG", name)
    return None


def read_answer(status: int, body: bytes, retry_after: str | None = None) -> Answer:
    """Answer to a pushed order.

    200 and 202 carry a report; 408, 425, 429 and 5xx mean later; anything else is a refusal for good. A success
    whose body breaks the protocol is tried again: the order may have been taken, and its key makes that harmless.
    """
    if status in _TEMPORARY or status >= 500:
        return Answer("retry", text=f"HTTP {status}", retry_after_s=retry_after_s(retry_after))
    if status in (200, 202):
        report = read_report(body)
        if isinstance(report, NotAnAnswer):
            where = f" ({report.field})" if report.field else ""
            return Answer("retry", text=f"HTTP {status}: {report.code}{where}")
        return report
    return Answer("failed", text=_refusal(status, body))


def _refusal(status: int, body: bytes) -> str:
    try:
        data = json.loads(body)
        reason = data.get("text") or data.get("message") or ""
    except (ValueError, AttributeError, RecursionError):
        reason = ""
    return f"HTTP {status}: {reason}"[:MAX_TEXT] if isinstance(reason, str) and reason else f"HTTP {status}"
