"""RADIUS accounting as FreeRADIUS writes it (``detail`` files): sessions of data, and calls.

Records are Start, Interim-Update, Stop of a session, and Accounting-On/Off of a NAS that starts or stops; others are ignored. They
are paired by :mod:`.radius_sessions`, which tells how.

- Time: ``Timestamp`` (of the server) less ``Acct-Delay-Time``; by option the NAS's own ``Event-Timestamp``. Where the one is missing the
  other serves, then the time at the head of the block (local time of the source).
- Session: NAS and ``Acct-Unique-Session-Id``, else NAS, ``Acct-Session-Id`` and ``User-Name``. Identity of a record: the session, what
  the record is, its time and its counters.
- Bytes: octets + gigawords × 2³², counted from the start of the session. Input is what the user sends (up).
- Who: ``User-Name`` is the login; ``Calling-Station-Id`` the number when it is nothing but digits; ``3GPP-IMSI``. Roaming network
  ``3GPP-SGSN-MCC-MNC`` when it is not ``3GPP-GGSN-MCC-MNC``. Service code ``apn:…`` out of ``Called-Station-Id`` of 3GPP sessions only.
- Calls: records with ``h323-*`` or ``Sip-*`` attributes, or by option all. Of the two legs of a gateway (``h323-call-origin``) the option
  ``call_leg`` is taken, the other is ignored. Numbers: ``Calling-Station-Id`` and ``Called-Station-Id``. A Stop of zero seconds is ignored:
  the call was not answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

import polars as pl

from ..normalise import normalise_number
from ..values import LEG_SCHEMA, Chunk, Problem, SourceProfile, as_legs, empty_events, empty_legs, text_key
from .binary_rows import LARGEST, MOST_HELD, Unreadable
from .radius_blocks import Block, attributes, read_blocks
from .radius_events import as_kept, kept_event
from .radius_sessions import OPTIONS as SESSION_OPTIONS
from .radius_sessions import pair
from .registry import Option, option, register
from .replays import merged
from .tables import unknown_encoding
from .text_rows import known_encoding

OPTIONS = (
    Option("kind", "Records are", "choice", "auto", ("auto", "data", "voice")),
    Option("time", "Time of a record", "choice", "server", ("server", "nas")),
    Option("call_leg", "Leg of a call that counts", "choice", "originate", ("originate", "answer", "any")),
    *SESSION_OPTIONS,
)
_ROLES = {
    "Start": "start",
    "1": "start",
    "Stop": "stop",
    "2": "stop",
    "Interim-Update": "interim",
    "Alive": "interim",
    "3": "interim",
    "Accounting-On": "reset",
    "7": "reset",
    "Accounting-Off": "reset",
    "8": "reset",
}
_STAMP = re.compile(r"([A-Z][a-z]{2}) +([0-9]{1,2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2})")
_HEAD = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +([0-9]{1,2}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([0-9]{4})")
_MONTHS = dict(
    zip(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], range(1, 13), strict=True)
)
_NUMBER = re.compile(r"\+?[0-9]{3,15}")
_APN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}")
_USER = re.compile(r"^(?:.*<)?(?:sips?:|tel:)?([^@;>:]*)", re.IGNORECASE)
_LONGEST_SESSION, _LONGEST_NAS = 90, 40


@dataclass
class _Reader:
    """Reads blocks with the settings of the source."""

    profile: SourceProfile
    kind: str
    by_nas: bool
    call_leg: str
    zone: ZoneInfo
    _instants: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, profile: SourceProfile) -> _Reader:
        return cls(
            profile,
            option(profile, OPTIONS, "kind"),
            option(profile, OPTIONS, "time") == "nas",
            option(profile, OPTIONS, "call_leg"),
            ZoneInfo(profile.timezone),
        )

    def leg(self, block: Block) -> dict[str, object] | None:
        """The leg of a block; None when there is nothing to bill in it.

        :raises Unreadable: it should be a leg and cannot.
        """
        if block.too_long:
            raise Unreadable("INVALID_FORMAT", "", block.text[:60], detail="record too long")
        found = attributes(block.text)
        status = found.get("Acct-Status-Type")
        if status is None:
            if "=" not in block.text:
                raise Unreadable("INVALID_FORMAT", "", block.text[:60], detail="no attributes")
            if found.get("Packet-Type", "").startswith("Access-"):
                return None
            raise Unreadable("UNKNOWN_VALUE", "Acct-Status-Type")
        role = _ROLES.get(status)
        if role is None:
            return None
        nas = _nas(found)
        at = self.instant(found, block.text)
        if role == "reset":
            if not nas:
                raise Unreadable("UNKNOWN_VALUE", "NAS-IP-Address")
            return _leg(block, role, nas + "|", at, {})
        own = found.get("Acct-Unique-Session-Id") or found.get("Acct-Session-Id")
        if not own:
            raise Unreadable("UNKNOWN_VALUE", "Acct-Session-Id")
        if "Acct-Unique-Session-Id" not in found:
            own = f"{own}|{found.get('User-Name', '')}"
        values = self.voice(found, role) if self.is_voice(found, block.text) else self.data(found, block.text)
        return None if values is None else _leg(block, role, _short(f"{nas}|{own}", nas), at, values)

    def is_voice(self, found: dict[str, str], text: str) -> bool:
        if self.kind != "auto":
            return self.kind == "voice"
        return _has(found, text, "h323-") or _has(found, text, "Sip-")

    def data(self, found: dict[str, str], text: str) -> dict[str, object]:
        calling = found.get("Calling-Station-Id", "").strip()
        login, imsi = found.get("User-Name") or None, found.get("3GPP-IMSI", "")
        number = normalise_number(calling, self.profile.numbering) if _NUMBER.fullmatch(calling) else None
        who = imsi if imsi.isascii() and imsi.isdigit() and len(imsi) <= 15 else None
        if login is None and number is None and who is None:
            raise Unreadable("INVALID_NUMBER", "User-Name")
        visited, home = found.get("3GPP-SGSN-MCC-MNC", ""), found.get("3GPP-GGSN-MCC-MNC", "")
        called = found.get("Called-Station-Id", "")
        has_apn = _has(found, text, "3GPP-") and _APN.fullmatch(called)
        return {
            "usage_kind": "data",
            "direction": "out",
            "a_number": number,
            "login": login,
            "imsi": who,
            "network": visited if visited.isdigit() and visited != home else None,
            "service_code": f"apn:{called.lower()}" if has_apn else None,
            "duration_s": _whole(found, "Acct-Session-Time"),
            "volume_up": _bytes(found, "Input"),
            "volume_down": _bytes(found, "Output"),
        }

    def voice(self, found: dict[str, str], role: str) -> dict[str, object] | None:
        origin = found.get("h323-call-origin", "").rpartition("=")[2]
        if origin and self.call_leg != "any" and origin != self.call_leg:
            return None
        seconds = _whole(found, "Acct-Session-Time")
        if role == "stop" and seconds == 0:
            return None
        called = self._phone(found.get("Called-Station-Id", ""))
        calling, login = self._phone(found.get("Calling-Station-Id", "")), found.get("User-Name") or None
        if called is None:
            raise Unreadable("INVALID_NUMBER", "Called-Station-Id", found.get("Called-Station-Id", ""))
        if calling is None and login is None:
            raise Unreadable("INVALID_NUMBER", "Calling-Station-Id", found.get("Calling-Station-Id", ""))
        if seconds is not None and seconds > self.profile.max_duration_s:
            raise Unreadable("DURATION_TOO_LONG", "Acct-Session-Time", str(seconds))
        return {
            "usage_kind": "voice",
            "a_number": calling,
            "b_number": called,
            "login": login,
            "duration_s": seconds,
        }

    def _phone(self, text: str) -> str | None:
        user = _USER.match(text)
        return normalise_number(user[1].strip(), self.profile.numbering) if user and len(text) < 300 else None

    # --- time

    def instant(self, found: dict[str, str], text: str) -> int:
        """Microseconds UTC at which what the record tells happened.

        :raises Unreadable: no time that can be.
        """
        value = self._nas_time(found) if self.by_nas else None
        if value is None:
            value = self._server_time(found)
        if value is None:
            value = self._nas_time(found)
        if value is None:
            head = _HEAD.match(text)
            value = self._local(head[6], head[1], head[2], head[3], head[4], head[5]) if head else None
            if value is not None:
                value -= _whole(found, "Acct-Delay-Time") or 0
        if value is None:
            raise Unreadable("UNREADABLE_DATE", "Timestamp", found.get("Timestamp", text[:30]))
        year = 1970 + value // 31_556_952
        if not self.profile.first_year <= year <= self.profile.last_year:
            raise Unreadable("DATE_OUT_OF_RANGE", "Timestamp", str(value))
        return value * 1_000_000

    def _server_time(self, found: dict[str, str]) -> int | None:
        stamp = found.get("Timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 11):
            return None
        return int(stamp) - (_whole(found, "Acct-Delay-Time") or 0)

    def _nas_time(self, found: dict[str, str]) -> int | None:
        stamp = found.get("Event-Timestamp", "")
        if stamp.isascii() and stamp.isdigit() and len(stamp) <= 11:
            return int(stamp)
        parts = _STAMP.match(stamp)
        return self._local(parts[3], parts[1], parts[2], parts[4], parts[5], parts[6]) if parts else None

    def _local(self, year: str, month: str, day: str, hour: str, minute: str, second: str) -> int | None:
        try:
            local = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=self.zone)
            return int(local.timestamp())
        except (ValueError, KeyError, OverflowError):
            return None


def _has(found: dict[str, str], text: str, prefix: str) -> bool:
    """Whether there is an attribute of this family; the look at the text spares the look at the names."""
    return prefix in text and any(name.startswith(prefix) for name in found)


def _nas(found: dict[str, str]) -> str:
    named = found.get("NAS-IP-Address") or found.get("NAS-IPv6-Address") or found.get("NAS-Identifier") or ""
    named = named.replace("|", "_")
    return named if len(named) <= _LONGEST_NAS else text_key(named)


def _whole(found: dict[str, str], name: str) -> int | None:
    """A whole number, null when absent.

    :raises Unreadable: it is there and is none.
    """
    text = found.get(name)
    if text is None:
        return None
    if len(text) < 16 and text.isascii() and text.isdigit():
        return int(text)
    if not (text.isascii() and text.isdigit() and len(text) <= 19) or int(text) > LARGEST:
        raise Unreadable("NOT_A_NUMBER", name, text)
    return int(text)


def _bytes(found: dict[str, str], side: str) -> int:
    octets, gigawords = _whole(found, f"Acct-{side}-Octets") or 0, _whole(found, f"Acct-{side}-Gigawords") or 0
    if gigawords >= 1 << 21:
        raise Unreadable("NOT_A_NUMBER", f"Acct-{side}-Gigawords", str(gigawords))
    return octets + (gigawords << 32)


def _short(session: str, nas: str) -> str:
    """Session key that fits into an index and begins with the NAS."""
    return session if len(session) <= _LONGEST_SESSION else f"{nas}|{text_key(session)}"


def _leg(block: Block, role: str, session: str, at: int, values: dict[str, object]) -> dict[str, object]:
    counters = [values.get(name) for name in ("duration_s", "volume_up", "volume_down")]
    shown = "/".join("" if value is None else str(value) for value in counters)
    key = f"r:{role}|{at // 1_000_000}|{shown}|{session}"
    return {
        "line_no": block.line_no,
        "leg_key": key,
        "dedupe_key": key,
        "pair_key": session,
        "session_key": session,
        "role": role,
        "at": at,
        "raw": block.text,
        **values,
    }


@dataclass
class _Batch:
    """Rows of one chunk while it is filled."""

    legs: list[dict[str, object]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: int = 0
    rows: int = 0
    held: int = 0

    def is_full(self, rows: int) -> bool:
        return self.rows >= rows or self.held > MOST_HELD

    def add(self, reader: _Reader, block: Block) -> None:
        self.rows += 1
        self.held += len(block.text)
        try:
            leg = reader.leg(block)
        except Unreadable as error:
            problem = Problem(
                block.line_no,
                error.code,
                error.name,
                error.value[:200],
                block.text,
                text_key(block.text),
                dict(error.params),
            )
            self.problems.append(problem)
            return
        if leg is None:
            self.ignored += 1
        else:
            self.legs.append(leg)

    def chunk(self, done: int) -> Chunk:
        return Chunk(self.rows, self.ignored, empty_events(), self.problems, done, legs=_frame(self.legs))


_COLUMNS = tuple(
    name
    for name in LEG_SCHEMA
    if name not in ("sequence", "account_code", "charged_number", "started_at", "answered_at", "units")
    and not name.startswith("cost_")
)


def _frame(legs: list[dict[str, object]]) -> pl.DataFrame:
    if not legs:
        return empty_legs()
    series = []
    for name in _COLUMNS:
        kind = pl.Int64() if name == "at" else LEG_SCHEMA[name]
        series.append(pl.Series(name, [leg.get(name) for leg in legs], dtype=kind))
    return as_legs(pl.DataFrame(series).with_columns(pl.col("at").cast(pl.Datetime("us"))))


def replay(raws: Sequence[str], profile: SourceProfile) -> Chunk:
    """Rows kept as their blocks. The block of an event that is in suspense tells what the session came to."""
    reader = _Reader.of(profile)
    chunks = []
    for line_no, raw in enumerate(raws, start=1):
        batch = _Batch()
        batch.add(reader, Block(line_no, raw, len(raw) > 1 << 20))
        chunk = batch.chunk(0)
        kept = kept_event(raw)
        chunks.append(chunk if kept is None or chunk.legs.is_empty() else as_kept(chunk, kept))
    return merged(chunks)


@register("radius_detail", "RADIUS accounting (FreeRADIUS detail)", options=OPTIONS, replay=replay, pair=pair)
def parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 50_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` blocks; never raises on content."""
    if not known_encoding(profile.encoding):
        yield unknown_encoding(profile)
        return
    reader, batch, done = _Reader.of(profile), _Batch(), 0
    for blocks, done in read_blocks(stream, profile.encoding):
        for block in blocks:
            batch.add(reader, block)
            if batch.is_full(chunk_rows):
                yield batch.chunk(done)
                batch = _Batch()
    if batch.rows:
        yield batch.chunk(done)
