"""Request limits of KSeF: which group a call belongs to, what is allowed, and how long the next one has to wait.

KSeF counts the calls of one context (tax number) and address in windows that slide over the last second, minute and
hour; all three hold at once. Sources: limity-api.md; `x-rate-limits` and `GET /rate-limits` of OpenAPI 2.9.0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

#: Seconds added to each window: a call reaches KSeF later than it is counted here, and the next one may be quicker.
MARGIN: Final = 0.5
PER_SECOND, PER_MINUTE, PER_HOUR = 1, 60, 3600
#: Seconds to keep away after a 429 that does not say how long.
UNSAID_BLOCK: Final = 60.0


class Group(StrEnum):
    """Calls that are counted together, by their names in `GET /rate-limits`."""

    BATCH_OPEN = "batchSession"
    BATCH_CLOSE = "batchSessionClose"
    ONLINE_OPEN = "onlineSession"
    ONLINE_CLOSE = "onlineSessionClose"
    ONLINE_SEND = "invoiceSend"
    INVOICE_STATUS = "invoiceStatus"
    SESSION_LIST = "sessionList"
    SESSION_INVOICES = "sessionInvoiceList"
    SESSION = "sessionMisc"
    METADATA = "invoiceMetadata"
    EXPORT = "invoiceExport"
    EXPORT_STATUS = "invoiceExportStatus"
    DOWNLOAD = "invoiceDownload"
    COLLECTIVE = "collectiveIdentifier"
    OTHER = "other"
    ANONYMOUS = "anonymous"
    ALL = "global"


@dataclass(frozen=True)
class Allowance:
    """Calls allowed within the last second, minute and hour; None is no limit."""

    per_second: int | None = None
    per_minute: int | None = None
    per_hour: int | None = None

    def windows(self) -> tuple[tuple[int, int], ...]:
        """(length in seconds, calls allowed) of each limited window."""
        given = ((PER_SECOND, self.per_second), (PER_MINUTE, self.per_minute), (PER_HOUR, self.per_hour))
        return tuple((length, calls) for length, calls in given if calls is not None)


#: What production publishes; the effective values are asked for once a day.
PUBLISHED: Final[Mapping[Group, Allowance]] = {
    Group.BATCH_OPEN: Allowance(10, 20, 60),
    Group.BATCH_CLOSE: Allowance(20, 40, 120),
    Group.ONLINE_OPEN: Allowance(10, 30, 120),
    Group.ONLINE_CLOSE: Allowance(20, 60, 240),
    Group.ONLINE_SEND: Allowance(10, 30, 180),
    Group.INVOICE_STATUS: Allowance(30, 120, 1200),
    Group.SESSION_LIST: Allowance(5, 10, 60),
    Group.SESSION_INVOICES: Allowance(10, 20, 200),
    Group.SESSION: Allowance(10, 120, 1200),
    Group.METADATA: Allowance(8, 16, 20),
    Group.EXPORT: Allowance(8, 16, 20),
    Group.EXPORT_STATUS: Allowance(10, 60, 600),
    Group.DOWNLOAD: Allowance(8, 16, 64),
    Group.COLLECTIVE: Allowance(20, 120, 240),
    Group.OTHER: Allowance(10, 30, 120),
    Group.ANONYMOUS: Allowance(60),
    Group.ALL: Allowance(75),
}

_PATHS: Final = tuple(
    (method, re.compile(pattern + r"\Z"), group)
    for method, pattern, group in (
        ("POST", r"/sessions/batch", Group.BATCH_OPEN),
        ("POST", r"/sessions/batch/[^/]+/close", Group.BATCH_CLOSE),
        ("POST", r"/sessions/online", Group.ONLINE_OPEN),
        ("POST", r"/sessions/online/[^/]+/close", Group.ONLINE_CLOSE),
        ("POST", r"/sessions/online/[^/]+/invoices", Group.ONLINE_SEND),
        ("GET", r"/sessions", Group.SESSION_LIST),
        ("GET", r"/sessions/[^/]+/invoices(/failed)?", Group.SESSION_INVOICES),
        ("GET", r"/sessions/[^/]+/invoices/[^/]+", Group.INVOICE_STATUS),
        ("GET", r"/sessions/.+", Group.SESSION),
        ("POST", r"/invoices/query/metadata", Group.METADATA),
        ("POST", r"/invoices/exports", Group.EXPORT),
        ("GET", r"/invoices/exports/[^/]+", Group.EXPORT_STATUS),
        ("GET", r"/invoices/ksef/[^/]+", Group.DOWNLOAD),
        ("(GET|POST)", r"/collective-identifiers(/.*)?", Group.COLLECTIVE),
        ("GET", r"/security/public-key-certificates", Group.ANONYMOUS),
        ("GET", r"/peppol/query", Group.ANONYMOUS),
        ("(GET|POST)", r"/auth/(?!sessions(/|\Z)).+", Group.ANONYMOUS),
    )
)


class Limiter(Protocol):
    """What the gate asks before every call."""

    def take(self, group: Group) -> float:
        """0 when the call may go now (it is counted), else the seconds to wait before asking again."""

    def block(self, group: Group, seconds: float) -> None:
        """KSeF refused a call with 429: nobody calls this group for so long."""


def group_of(method: str, path: str) -> Group:
    """The group that KSeF counts a call in; `path` is relative to the address of the API, without a query."""
    for wanted, pattern, group in _PATHS:
        if re.fullmatch(wanted, method) and pattern.match(path):
            return group
    return Group.OTHER


def wait(allowance: Allowance, age_of_nth_last: Callable[[int], float | None]) -> float:
    """Seconds until one more call fits into all windows; 0 when it fits now.

    `age_of_nth_last(n)` tells how many seconds ago the n-th last call was made, None when there were fewer.
    """
    longest = 0.0
    for length, calls in allowance.windows():
        if calls <= 0:
            return float(length)
        age = age_of_nth_last(calls)
        if age is not None:
            longest = max(longest, length + MARGIN - age)
    return math.ceil(longest * 1000) / 1000  # whole milliseconds: a rounded-off rest would never pass


def read(body: Any) -> dict[Group, Allowance]:
    """Effective limits out of an answer of `GET /rate-limits`; -1 there is no limit. ValueError when it is none."""
    known = {group.value: group for group in Group}
    if not isinstance(body, dict):
        raise ValueError("not a table of limits")
    return {
        known[name]: Allowance(*(_calls(row, key) for key in ("perSecond", "perMinute", "perHour")))
        for name, row in body.items()
        if name in known and isinstance(row, dict)
    }


def _calls(row: Mapping[str, Any], key: str) -> int | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"not a number of calls: {value!r}")
    return None if value < 0 else value
