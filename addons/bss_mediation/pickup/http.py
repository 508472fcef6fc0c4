"""Files behind an address: a JSON list of files, each fetched by its own address below the same host.

The list is an array of ``{"name", "url", "size", "modified"}`` (``modified`` is ISO 8601 with zone; ``size`` and
``modified`` may be missing). What was fetched is told to the server by ``DELETE`` of the file when it is to be deleted.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from ..mediation_core.pickup import Entry
from .base import After, PickupError

MOST_FILES = 10_000


class HttpPickup:
    def __init__(self, http: httpx.Client, url: str, *, token: str | None = None, after: After = "keep") -> None:
        """:param http: does the requests; its redirects are off, so that the token goes to nobody else"""
        self._http = http
        self._url = url
        self._after = after
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._address: dict[str, str] = {}

    def entries(self) -> list[Entry]:
        answer = self._ask("GET", self._url)
        try:
            listed = answer.json()
        except ValueError as error:
            raise PickupError("ANSWER", detail="JSON") from error
        if not isinstance(listed, list) or len(listed) > MOST_FILES:
            raise PickupError("ANSWER", detail="list")
        return [self._entry(one) for one in listed]

    def _entry(self, one: Any) -> Entry:
        if not isinstance(one, dict) or not isinstance(one.get("name"), str) or not isinstance(one.get("url"), str):
            raise PickupError("ANSWER", detail="name, url")
        name, address = one["name"], urljoin(self._url, one["url"])
        if not name or "/" in name or "\\" in name or urlsplit(address)[:2] != urlsplit(self._url)[:2]:
            raise PickupError("ANSWER", detail=name[:100])
        self._address[name] = address
        size = one.get("size")
        return Entry(name, size if isinstance(size, int) and size >= 0 else 0, _instant(one.get("modified")))

    def fetch(self, name: str, limit: int) -> bytes:
        parts, size = [], 0
        try:
            with self._http.stream("GET", self._of(name), headers=self._headers) as answer:
                self._check(answer)
                for part in answer.iter_bytes():
                    size += len(part)
                    if size > limit:
                        raise PickupError("TOO_LARGE", name=name, limit=limit)
                    parts.append(part)
        except httpx.HTTPError as error:
            raise self._lost(error) from error
        return b"".join(parts)

    def finish(self, name: str) -> None:
        if self._after == "delete":
            self._ask("DELETE", self._of(name), also=(404, 410))

    def close(self) -> None:
        self._http.close()

    def _of(self, name: str) -> str:
        if name not in self._address:
            raise PickupError("NO_FILE", name=name)
        return self._address[name]

    def _ask(self, method: str, url: str, also: tuple[int, ...] = ()) -> httpx.Response:
        try:
            answer = self._http.request(method, url, headers=self._headers)
        except httpx.HTTPError as error:
            raise self._lost(error) from error
        if answer.status_code not in also:
            self._check(answer)
        return answer

    @staticmethod
    def _check(answer: httpx.Response) -> None:
        if answer.status_code in (401, 403):
            raise PickupError("LOGIN", user="", host=answer.url.host)
        if not answer.is_success:
            raise PickupError("STATUS", status=answer.status_code)

    def _lost(self, error: httpx.HTTPError) -> PickupError:
        parts = urlsplit(self._url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return PickupError("CONNECT", host=parts.hostname or "", port=port, detail=type(error).__name__)


def _instant(text: Any) -> datetime:
    """UTC without zone; the epoch when nothing readable is said."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        found = datetime.fromtimestamp(0, UTC)
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return found.astimezone(UTC).replace(tzinfo=None, microsecond=0)
