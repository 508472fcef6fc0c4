"""Reading files of every family of formats beside a bare loop over the same bytes in the same run.

Text: :func:`csv.reader` (of RADIUS blocks with ``=`` between the fields). Binary: a loop of :mod:`struct` over pairs of octets, which decides
nothing. The figures are ratios of CPU-seconds, so that a busy machine does not matter.
"""

from __future__ import annotations

import csv
import io
import struct
import time
from collections.abc import Callable
from pathlib import Path

from mediation_core import SourceProfile, get_format
from mediation_core.formats import ber
from mediation_core.formats import tap3_tags as tag

from .figures import Figure

DATA = Path(__file__).parents[1] / "data/cdr"
RECORDS = 20_000
ROUNDS = 3

_RADIUS = """\
Wed Oct 14 17:58:20 2026
\tUser-Name = "user{n}@isp.example"
\tNAS-IP-Address = 10.0.0.{nas}
\tNAS-Port-Type = Ethernet
\tAcct-Status-Type = {kind}
\tAcct-Session-Id = "8{n:07}"
\tAcct-Unique-Session-Id = "a{n:015}"
\tCalling-Station-Id = "00:11:22:33:44:55"
\tFramed-IP-Address = 100.64.1.7
\tAcct-Session-Time = {seconds}
\tAcct-Input-Octets = {up}
\tAcct-Output-Octets = {down}
\tAcct-Input-Gigawords = 0
\tAcct-Output-Gigawords = 2
\tEvent-Timestamp = "Oct 14 2026 17:58:20 CEST"
\tAcct-Delay-Time = 0
\tTimestamp = {at}

"""


def radius() -> bytes:
    return "".join(
        _RADIUS.format(
            n=number // 3,
            nas=number % 200,
            kind=("Start", "Interim-Update", "Stop")[number % 3],
            seconds=number % 3 * 600,
            up=number * 977,
            down=number * 9_770,
            at=1_791_993_500 + number,
        )
        for number in range(RECORDS)
    ).encode()


def freeswitch_json() -> bytes:
    line = (
        '{{"variables":{{"uuid":"u-{n}","caller_id_number":"%2B48501{n:06}","destination_number":"22%201234567",'
        '"start_epoch":"1791993500","answer_epoch":"1791993510","billsec":"240","duration":"250","accountcode":"50%25"}}}}\n'
    )
    return "".join(line.format(n=number) for number in range(RECORDS)).encode()


def broadworks_xml() -> bytes:
    sample = (DATA / "broadworks/broadworks_cdr_v19.xml").read_bytes()
    head, body = sample.split(b"<cdrData>", 1)
    body, tail = body.rsplit(b"</cdrData>", 1)
    record = b"<cdrData>" + body + b"</cdrData>"
    copies = max(RECORDS // record.count(b"<cdrData>"), 1)
    return head + record * copies + tail


def ts32298() -> bytes:
    """The records of the sample of TS 32.297 without its headers."""
    sample = (DATA / "synthetic_asn1/pgw_ts32297_seq309.cdr").read_bytes()
    at, records = struct.unpack_from(">I", sample, 4)[0], []
    while at < len(sample):
        (length,) = struct.unpack_from(">H", sample, at)
        records.append(sample[at + 4 : at + 4 + length])
        at += 4 + length
    return b"".join(records) * (RECORDS // len(records))


def tap3() -> bytes:
    """The sample with its events many times over, and sums that fit."""
    sample = (DATA / "synthetic_asn1/CDXXXTAXXXTB00042").read_bytes()
    ((_batch, start, stop),) = ber.items(sample, 0, len(sample)) or ()
    parts = []
    for name, first, last in ber.items(sample, start, stop) or ():
        contents = sample[first:last]
        if name == tag.EVENTS:
            copies = RECORDS // len(ber.items(sample, first, last) or [0])
            contents *= copies
        elif name == tag.AUDIT:
            contents = b"".join(_audit(sample, item, copies) for item in ber.items(sample, first, last) or ())
        parts.append(ber.element(name, contents))
    return ber.element(tag.BATCH, b"".join(parts))


def _audit(sample: bytes, item: ber.Item, copies: int) -> bytes:
    name, first, last = item
    contents = sample[first:last]
    if name in (tag.TOTAL_CHARGE, tag.EVENT_COUNT):
        contents = (int.from_bytes(contents, "big") * copies).to_bytes(5, "big")
    return ber.element(name, contents)


FAMILIES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "json": ("freeswitch_json", freeswitch_json, ","),
    "xml": ("broadworks_xml", broadworks_xml, ","),
    "radius": ("radius_detail", radius, "="),
    "ber_3gpp": ("ts32298", ts32298, ""),
    "ber_tap": ("tap3", tap3, ""),
}


def _parse(name: str, data: bytes) -> int:
    rows = 0
    for chunk in get_format(name).parse(io.BytesIO(data), SourceProfile(), 50_000):
        assert chunk.file_problem is None, chunk.file_problem
        rows += chunk.rows
    return rows


def _bare(data: bytes, separator: str) -> None:
    if separator:
        for _row in csv.reader(io.StringIO(data.decode()), delimiter=separator):
            pass
    else:
        for _pair in struct.iter_unpack(">H", data[: len(data) & ~1]):
            pass


def _cpu_seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _round in range(ROUNDS):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def figures() -> list[Figure]:
    found = []
    for family, (name, make, separator) in FAMILIES.items():
        data = make()
        rows = _parse(name, data)
        parsed = rows / _cpu_seconds(lambda name=name, data=data: _parse(name, data))
        bare = rows / _cpu_seconds(lambda data=data, separator=separator: _bare(data, separator))
        found.append(Figure(f"mediation_{family}_rows_per_cpu_s", parsed, "rows/CPU-s"))
        found.append(Figure.against(f"mediation_{family}_vs_bare_loop", parsed, "rows/CPU-s", bare))
    return found
