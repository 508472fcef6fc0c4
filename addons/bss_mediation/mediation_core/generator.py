"""Volume generator: an Asterisk ``Master.csv`` as a busy exchange would write it, the same for the same seed.

Calls start at random instants of the period (more by day than by night), rows come in the order of their ends, stamps are local,
unique ids carry the epoch. A chosen share of the rows is bad in one of :data:`BAD_KINDS`, another share repeats an earlier row.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import BinaryIO
from zoneinfo import ZoneInfo

from .values import NumberingProfile

BAD_KINDS = ("unknown_number", "date", "negative", "extra_column", "quote", "destination")
HOURS = (1, 1, 1, 1, 1, 2, 6, 14, 22, 26, 26, 25, 24, 24, 25, 26, 27, 27, 26, 24, 20, 14, 7, 3)
# Weight and shape of a destination as dialled in Poland; "#" becomes a random digit.
DESTINATIONS: tuple[tuple[int, str], ...] = (
    (22, "50#######"),
    (14, "60#######"),
    (12, "79#######"),
    (8, "88#######"),
    (9, "22#######"),
    (6, "61#######"),
    (5, "12#######"),
    (2, "0049301######"),
    (2, "0044207#######"),
    (1, "003806######"),
    (1, "001212#######"),
    (1, "70112####"),
    (2, "800######"),
    (1, "112"),
)
ON_NET_SHARE = 0.12
UNANSWERED = (("NO ANSWER", "BUSY", "FAILED"), (13, 4, 1))
CHUNK = 5_000


@dataclass(frozen=True)
class Mix:
    """Shares of the rows, each between 0 and 1."""

    unanswered: float = 0.18
    bad: float = 0.004
    duplicate: float = 0.002


@dataclass(frozen=True)
class _Call:
    start: datetime
    ring_s: int
    talk_s: int
    a_number: str
    b_number: str
    disposition: str
    serial: int

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.ring_s + self.talk_s)


class _Exchange:
    """Draws calls and writes them as rows of 21 columns."""

    def __init__(
        self, numbers: Sequence[str], dice: random.Random, timezone: str, numbering: NumberingProfile, mix: Mix
    ) -> None:
        self.own = [self._national(number, numbering) for number in numbers]
        self.known = frozenset(self.own)
        self.dice = dice
        self.zone = ZoneInfo(timezone)
        self.mix = mix
        self.weights = [weight for weight, _ in DESTINATIONS]
        self.shapes = [shape for _, shape in DESTINATIONS]

    @staticmethod
    def _national(number: str, numbering: NumberingProfile) -> str:
        whole = len(numbering.country_code) + numbering.national_length
        return number[len(numbering.country_code) :] if len(number) == whole else number

    def _digits(self, shape: str) -> str:
        return "".join(self.dice.choice("0123456789") if sign == "#" else sign for sign in shape)

    def _destination(self, caller: str) -> str:
        if self.dice.random() < ON_NET_SHARE and len(self.own) > 1:
            other = self.dice.choice(self.own)
            if other != caller:
                return other
        return self._digits(self.dice.choices(self.shapes, self.weights)[0])

    def stranger(self) -> str:
        while True:
            number = self._digits("459######")
            if number not in self.known:
                return number

    def call(self, start: datetime, serial: int) -> _Call:
        caller = self.dice.choice(self.own)
        ring_s = self.dice.randint(1, 25)
        disposition, talk_s = "ANSWERED", 1 + min(int(self.dice.expovariate(1 / 150)), 7_200)
        if self.dice.random() < self.mix.unanswered:
            disposition, talk_s = self.dice.choices(*UNANSWERED)[0], 0
        return _Call(start, ring_s, talk_s, caller, self._destination(caller), disposition, serial)

    def _stamp(self, instant: datetime) -> str:
        return instant.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def fields(self, call: _Call) -> list[str]:
        answered = call.disposition == "ANSWERED"
        unique = f"{int(call.start.timestamp())}.{call.serial}"
        return [
            '""',
            f'"{call.a_number}"',
            f'"{call.b_number}"',
            '"subscribers"',
            f'"""{call.a_number}"" <{call.a_number}>"',
            f'"PJSIP/{call.a_number}-{call.serial:08x}"',
            f'"PJSIP/trunk-{call.serial + 1:08x}"',
            '"Dial"',
            f'"PJSIP/{call.b_number}@trunk,60"',
            f'"{self._stamp(call.start)}"',
            f'"{self._stamp(call.start + timedelta(seconds=call.ring_s))}"' if answered else "",
            f'"{self._stamp(call.end)}"',
            str(call.ring_s + call.talk_s),
            str(call.talk_s),
            f'"{call.disposition}"',
            '"DOCUMENTATION"',
            f'"{unique}"',
            '""',
            '""',
            f'"{unique}"',
            str(call.serial),
        ]

    def row(self, call: _Call) -> str:
        fields = self.fields(call)
        if self.dice.random() < self.mix.bad:
            fields = self._spoil(fields)
        return ",".join(fields)

    def _spoil(self, fields: list[str]) -> list[str]:
        fields[10] = fields[10] or fields[9]
        fields[14] = '"ANSWERED"'
        kind = self.dice.choice(BAD_KINDS)
        if kind == "unknown_number":
            fields[1] = f'"{self.stranger()}"'
        elif kind == "date":
            fields[9] = fields[9].replace("-", "/")[:-4] + '"'
        elif kind == "negative":
            fields[13] = "-" + str(int(fields[13]) + 1)
        elif kind == "extra_column":
            fields.append('"codec=g729"')
        elif kind == "quote":
            fields[4] = '"Jan "Kowal" <48>"'
        else:
            fields[2] = '"s"'
        return fields


def _instants(dice: random.Random, count: int, first: datetime, days: int, zone: ZoneInfo) -> list[datetime]:
    hours = dice.choices(range(24), HOURS, k=count)
    local = (first + timedelta(days=dice.randrange(days), hours=hour, seconds=dice.randrange(3600)) for hour in hours)
    # Through UTC and back: an instant inside the spring gap becomes a real one.
    return sorted(moment.replace(tzinfo=zone).astimezone(UTC) for moment in local)


def generate_rows(
    numbers: Sequence[str],
    count: int,
    date_start: date,
    date_end: date,
    seed: int,
    *,
    timezone: str = "Europe/Warsaw",
    numbering: NumberingProfile | None = None,
    mix: Mix | None = None,
) -> Iterator[str]:
    """``count`` rows without line ends; calls start within the inclusive local days.

    :param numbers: own subscribers as E.164 digits.
    """
    if not numbers or date_end < date_start:
        raise ValueError("numbers and a period are needed")
    mix = mix or Mix()
    dice = random.Random(seed)
    exchange = _Exchange(numbers, dice, timezone, numbering or NumberingProfile(), mix)
    first = datetime(date_start.year, date_start.month, date_start.day)  # noqa: DTZ001  (made local below)
    days = (date_end - date_start).days + 1
    starts = _instants(dice, count, first, days, exchange.zone)
    calls = [exchange.call(start, serial) for serial, start in enumerate(starts)]
    calls.sort(key=lambda call: (call.end, call.serial))
    previous = ""
    for call in calls:
        if previous and dice.random() < mix.duplicate:
            yield previous
            continue
        previous = exchange.row(call)
        yield previous


def write_master_csv(
    stream: BinaryIO,
    numbers: Sequence[str],
    count: int,
    date_start: date,
    date_end: date,
    seed: int,
    *,
    timezone: str = "Europe/Warsaw",
    mix: Mix | None = None,
) -> None:
    """Write the rows of :func:`generate_rows` to a binary stream."""
    waiting: list[str] = []
    for row in generate_rows(numbers, count, date_start, date_end, seed, timezone=timezone, mix=mix):
        waiting.append(row)
        if len(waiting) >= CHUNK:
            stream.write(("\n".join(waiting) + "\n").encode())
            waiting.clear()
    if waiting:
        stream.write(("\n".join(waiting) + "\n").encode())


def generate_master_csv(
    numbers: Sequence[str], count: int, date_start: date, date_end: date, seed: int, mix: Mix | None = None
) -> bytes:
    """The whole file in memory; for files that do not fit use :func:`write_master_csv`."""
    rows = generate_rows(numbers, count, date_start, date_end, seed, mix=mix)
    return "".join(row + "\n" for row in rows).encode()
