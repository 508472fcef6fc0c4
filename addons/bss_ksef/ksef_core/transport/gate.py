"""The one outgoing seam: JSON calls over an injected httpx client, with waiting, retrying and error reading.

A GET, and every call that only asks, is repeated when the answer is lost. A call that changes something is repeated
only when it certainly was not done (429, or the connection was never made); otherwise the caller gets `Fault.LOST`.

With a limiter every call of the API asks it first. Short waits are slept through; a longer one comes back as
`Fault.LIMITED` with `retry_after`, so that a worker does something else meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from . import limits
from .mask import protect
from .result import Failure, Fault

_logger = protect(logging.getLogger(__name__))
# httpx and httpcore write whole addresses of upload links into their logs, httpx one line for every question we ask
for _name in ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy"):
    protect(logging.getLogger(_name))
if logging.getLogger("httpx").level == logging.NOTSET:
    logging.getLogger("httpx").setLevel(logging.WARNING)

Json = Any
_GIVE_UP_AFTER = 5
_LONGEST_WAIT = 300.0  # seconds slept through after a refused call when nobody keeps the limits
_PATIENCE = 5.0  # seconds slept through for the limiter


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    json: Json


class Gate:
    """`http` does the requests, `sleep(seconds)` waits, `now()` tells the time (aware), `limiter` keeps the limits."""

    def __init__(
        self,
        http: httpx.Client,
        base_url: str,
        *,
        sleep: Callable[[float], None],
        now: Callable[[], datetime],
        attempts: int = _GIVE_UP_AFTER,
        limiter: limits.Limiter | None = None,
    ) -> None:
        self._http = http
        self._base = base_url.rstrip("/")
        self.sleep = sleep
        self.now = now
        self._attempts = attempts
        self._limiter = limiter

    def ask(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        json: Json = None,
        content: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> Answer | Failure:
        """A call that may be repeated freely."""
        return self._call(True, method, self._base + path, token, json, content, headers, params)

    def change(
        self, method: str, path: str, *, token: str, json: Json = None, headers: Mapping[str, str] | None = None
    ) -> Answer | Failure:
        """A call that must not be done twice."""
        return self._call(False, method, self._base + path, token, json, None, headers, None)

    def raw(
        self,
        method: str,
        url: str,
        *,
        content: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer | Failure:
        """A call to a ready-made link: no token, exactly the given headers, repeatable.

        `content` is iterated anew for each try; one that is no bytes must come with its Content-Length.
        """
        return self._call(True, method, url, "", None, content, headers, None, own=False)

    def _call(
        self,
        repeatable: bool,
        method: str,
        url: str,
        token: str,
        json: Json,
        content: bytes | Iterable[bytes] | None,
        headers: Mapping[str, str] | None,
        params: Mapping[str, str | int] | None,
        own: bool = True,
    ) -> Answer | Failure:
        sent = {"Accept": "application/json", "X-Error-Format": "problem-details"} if own else {}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        sent.update(headers or {})
        group = limits.group_of(method, url.removeprefix(self._base)) if own and self._limiter else None
        last = Failure(Fault.UNREACHABLE, "not tried")
        for attempt in range(self._attempts):
            if attempt and not (group and last.fault is Fault.LIMITED):
                self.sleep(_pause(last, attempt))
            refused = self._admit(group)
            if refused:
                return refused
            result = self._once(method, url, json, content, sent, params)
            if isinstance(result, Answer):
                return result
            last = result
            if group and self._limiter and last.fault is Fault.LIMITED:
                self._limiter.block(group, limits.UNSAID_BLOCK if last.retry_after is None else last.retry_after)
            again = last.fault in (Fault.LIMITED, Fault.UNREACHABLE) or (repeatable and last.fault is Fault.LOST)
            if not again:
                break
            if last.retry_after is not None and last.retry_after > (_PATIENCE if group else _LONGEST_WAIT):
                break
        return last

    def _admit(self, group: limits.Group | None) -> Failure | None:
        """Waits for the limiter, or says that it would take too long."""
        if group is None or self._limiter is None:
            return None
        slept = 0.0
        while (seconds := self._limiter.take(group)) > 0:
            if slept + seconds > _PATIENCE:
                return Failure(Fault.LIMITED, f"request limit ({group})", retry_after=seconds)
            self.sleep(seconds)
            slept += seconds
        return None

    def _once(
        self,
        method: str,
        url: str,
        json: Json,
        content: bytes | Iterable[bytes] | None,
        headers: Mapping[str, str],
        params: Mapping[str, str | int] | None,
    ) -> Answer | Failure:
        try:
            response = self._http.request(method, url, json=json, content=content, headers=headers, params=params)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as exc:
            return Failure(Fault.UNREACHABLE, f"{type(exc).__name__}: {exc}")
        except httpx.TransportError as exc:
            return Failure(Fault.LOST, f"{type(exc).__name__}: {exc}")
        warning = response.headers.get("X-System-Warning")
        if warning:
            _logger.warning("KSeF warns on %s: %s", url, warning)
        if 200 <= response.status_code < 300:
            return self._answer(response)
        return self._failure(response)

    @staticmethod
    def _answer(response: httpx.Response) -> Answer | Failure:
        body: Json = None
        kind = response.headers.get("Content-Type", "").split(";")[0].strip()
        if kind.endswith("json") and response.content:
            try:
                body = response.json()
            except ValueError as exc:
                return Failure(Fault.BROKEN, f"unreadable answer: {exc}", response.status_code)
        return Answer(response.status_code, response.headers, response.content, body)

    def _failure(self, response: httpx.Response) -> Failure:
        status = response.status_code
        text, code, details = _read_error(response)
        if status == 429:
            fault = Fault.LIMITED
        elif status in (401, 403):
            fault = Fault.UNAUTHORISED
        elif status >= 500 or status == 408:
            fault = Fault.LOST
        elif status >= 400:
            fault = Fault.REFUSED
        else:
            fault = Fault.BROKEN
        return Failure(fault, text, status, code, details, self._retry_after(response))

    def _retry_after(self, response: httpx.Response) -> float | None:
        value = response.headers.get("Retry-After", "").strip()
        if not value:
            return None
        if value.isdigit():
            return float(value)
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - self.now()).total_seconds())


def _pause(failure: Failure, attempt: int) -> float:
    if failure.retry_after is not None:
        return failure.retry_after
    return float(min(2**attempt, 30))


def _read_error(response: httpx.Response) -> tuple[str, int, tuple[str, ...]]:
    """Text, code and details of an error answer in either of the two official shapes."""
    fallback = f"HTTP {response.status_code}"
    try:
        body = response.json()
    except ValueError:
        return fallback, 0, ()
    if not isinstance(body, dict):
        return fallback, 0, ()
    errors = body.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return _join(errors, "code", "description", fallback)
    wrapped = body.get("exception")
    if isinstance(wrapped, dict):
        listed = wrapped.get("exceptionDetailList")
        if isinstance(listed, list) and listed and isinstance(listed[0], dict):
            return _join(listed, "exceptionCode", "exceptionDescription", fallback)
    status = body.get("status")
    if isinstance(status, dict):
        found = tuple(str(item) for item in status.get("details") or ())
        return str(status.get("description") or fallback), 0, found
    reason = str(body.get("reasonCode") or "")
    text = str(body.get("detail") or body.get("title") or fallback)
    return text, 0, (reason,) if reason else ()


def _join(errors: list[Any], code_key: str, text_key: str, fallback: str) -> tuple[str, int, tuple[str, ...]]:
    first = errors[0]
    code = first.get(code_key)
    details = tuple(str(item) for item in first.get("details") or ())
    more = tuple(f"[{item.get(code_key)}] {item.get(text_key)}" for item in errors[1:] if isinstance(item, dict))
    return str(first.get(text_key) or fallback), code if isinstance(code, int) else 0, details + more
