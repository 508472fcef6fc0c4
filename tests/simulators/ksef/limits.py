"""Request limits: the published table, sliding windows, 429 with Retry-After.

Sources: limity/limity-api.md (windows per second, minute and hour, counted per context and address; TEST allows ten
times the production figures) and ``x-rate-limits`` of OpenAPI 2.9.0.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from typing import Any

from .errors import ApiError
from .spec import Spec

WINDOWS = (("perSecond", 1.0, "sekundę"), ("perMinute", 60.0, "minutę"), ("perHour", 3600.0, "godzinę"))
MODES = ("off", "test", "production")


class RateLimits:
    """Counters of every (context, address, group)."""

    def __init__(self, spec: Spec, mode: str = "test") -> None:
        if mode not in MODES:
            raise ValueError(f"unknown limit mode {mode}")
        self.mode = mode
        self.published = {op.limit_group: dict(op.limits) for op in spec.operations if op.limits}
        self.own: dict[str, dict[str, int]] | None = None
        self._seen: dict[tuple[str, str, str], deque[float]] = {}
        self._lock = threading.Lock()

    def effective(self) -> dict[str, dict[str, int]]:
        """Body of ``GET /rate-limits``; -1 means no limit. Where nothing is refused, nothing is limited."""
        if self.mode == "off":
            free = {name: -1 for name, _, _ in WINDOWS}
            return {group: dict(free) for group in (*self.published, "global")}
        factor = 10 if self.mode == "test" else 1
        table: dict[str, dict[str, int]] = {}
        for group, values in self.published.items():
            table[group] = {name: values.get(name, -1) * (factor if name in values else 1) for name, _, _ in WINDOWS}
        table["global"] = {"perSecond": 75 * factor, "perMinute": -1, "perHour": -1}
        if self.own is not None:
            table.update(self.own)
        return table

    def check(self, context: str, ip: str, group: str) -> None:
        """Count one request; raises 429 when a window is full."""
        if self.mode == "off":
            return
        table = self.effective()
        now = time.monotonic()
        with self._lock:
            for name in (group, "global"):
                self._check_group(self._seen.setdefault((context, ip, name), deque()), table[name], now)
            for name in (group, "global"):
                self._seen[(context, ip, name)].append(now)

    @staticmethod
    def _check_group(seen: deque[float], limits: dict[str, int], now: float) -> None:
        while seen and now - seen[0] > 3600:
            seen.popleft()
        for name, length, word in WINDOWS:
            limit = limits.get(name, -1)
            if limit < 0:
                continue
            inside = [moment for moment in seen if now - moment < length] if length < 3600 else list(seen)
            if len(inside) >= limit:
                raise too_many(math.ceil(inside[-limit] + length - now), f"{limit} żądań na {word}")

    def set_own(self, body: dict[str, Any] | None) -> None:
        """``POST /testdata/rate-limits``: own values; None restores the defaults of the TEST environment."""
        self.own = body
        if body is None:
            self.mode = "test"

    def use_production(self) -> None:
        """``POST /testdata/rate-limits/production``."""
        self.own, self.mode = None, "production"

    def forget(self) -> None:
        """Empty all windows."""
        with self._lock:
            self._seen.clear()


def too_many(seconds: int, limit: str) -> ApiError:
    """A 429 that tells when to come back."""
    wait = max(1, seconds)
    detail = f"Przekroczono limit {limit}. Spróbuj ponownie po {wait} sekundach."
    error = ApiError(429, details=[detail], detail=detail)
    error.headers["Retry-After"] = str(wait)
    return error
