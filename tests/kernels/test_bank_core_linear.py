"""Reading takes time in proportion to the file: counted in calls, and for single rows by the clock with a wide margin.

A reader that takes the square of the size gives four times the work for twice the size.
"""

from __future__ import annotations

import gzip
import io
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_simple import PAYER, ROW, SIMPLE, VIRTUAL
from report_writer import payments, profiles, write

from bank_core import formats
from bank_core.formats.container import members
from bank_core.formats.report_profile import SHIPPED, Check, Column, Profile
from bank_core.formats.report_rows import MAX_ROW

#: of the calls for twice the size; the start of a reader makes it less than twice
MOST_CALLS = 2.3
#: of the time for twice the size: a wide margin, because other programs share the machine
MOST_TIME = 3.0
#: seconds that are nothing, whatever the ratio of two such times
NOTHING = 0.02


def calls(work: Callable[[], object]) -> int:
    """Calls of functions, those written in C too, while the work is done."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def seconds(work: Callable[[], object]) -> float:
    """CPU time, the best of three."""
    best = float("inf")
    for _round in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def read(content: bytes, profile: Profile | None = SIMPLE) -> int:
    stream = formats.open_file(io.BytesIO(content), "r.csv", "report", formats.Options(profile=profile))
    return sum(1 for _event in stream)


def is_linear(make: Callable[[int], bytes], size: int, work: Callable[[bytes], object]) -> bool:
    small, big = make(size), make(2 * size)
    assert len(big) > 1.8 * len(small), "the file did not grow"
    # what is done once in a process is no part of it
    work(small)
    return calls(lambda: work(big)) <= MOST_CALLS * calls(lambda: work(small))


CHECKED = replace(SHIPPED["wns_bph"], trailer=Check("03", Column(2), Column(3)))
PAID = f"02,1,{PAYER},000000000101,4999,20261002,FV 1,1,JAN\n".encode()


@pytest.mark.parametrize(
    ("name", "profile", "row"),
    [
        ("payments", SIMPLE, f"{ROW}\n".encode()),
        ("unreadable", SIMPLE, b"20261302;1,2,3;;\n"),
        ("blank", SIMPLE, b"  \t\n"),
        ("of other types", replace(SIMPLE, record=Column(1), payments=("P",)), b"Q;x\n"),
        ("announced", CHECKED, PAID),
        ("an open quote each", replace(SIMPLE, quote='"'), f'"{ROW}\n'.encode()),
        ("too long", SIMPLE, b"x" * (MAX_ROW + 5) + b"\n"),
        ("guessed layout", None, b'110,20261002,100,1,0,"%s","%s","JAN","X",0,1,"FV"\n' % (b"1" * 26, b"2" * 26)),
    ],
)
def test_rows_of_a_report(name: str, profile: Profile | None, row: bytes) -> None:
    count = 40 if name == "too long" else 2000

    def make(times: int) -> bytes:
        return row * times + (b"03,%d,%d\n" % (times, 4999 * times) if profile is CHECKED else b"")

    assert is_linear(make, count, lambda content: read(content, profile))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_layout_and_any_damage(data: st.DataObject) -> None:
    """Fuzz: a file of a random layout, damaged, many times over."""
    profile = data.draw(profiles())
    content = bytearray(write(profile, data.draw(payments(profile).filter(bool)), "\n"))
    for _change in range(data.draw(st.integers(0, 5))):
        place = data.draw(st.integers(0, len(content)))
        content[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    # what is announced for one of them is wrong for many: rows are what is read here
    bare = replace(profile, header=None, trailer=None, skip_first=0, skip_last=0)
    piece = bytes(content) + b"\n"
    assert is_linear(lambda times: piece * times, 150, lambda found: read(found, bare))


@pytest.mark.parametrize("field", ["date", "amount", "payer_key", "title", "party_account", "party_name"])
@pytest.mark.parametrize(
    "filling", [" ", "1", "1 ", ",", "-", "+", "|", '"', "0.", "\t", "Ł", "1,1", ".", "\x00", "\u00a0"]
)
def test_one_long_cell(field: str, filling: str) -> None:
    """No value of any length holds a reader up: expressions that go back and forth would."""
    columns = (*SIMPLE.columns, Column(5, field="party_account"), Column(6, field="party_name"))
    profile = replace(SIMPLE, columns=columns, sign="minus", amount_format="comma", encoding="utf-8", key_kind="digits")
    names = [column.field for column in columns]

    def make(length: int) -> bytes:
        cells = ["20261002", "49,99", VIRTUAL, "FV 1", PAYER, "JAN"]
        cells[names.index(field)] += (filling * length)[:length] + "x"
        return ";".join(cells).encode() + b"\n"

    size = MAX_ROW // 5
    small, big = make(size), make(2 * size)
    assert read(big, profile) >= 3
    took = seconds(lambda: read(big, profile))
    assert took < NOTHING or took <= MOST_TIME * seconds(lambda: read(small, profile))


# --- containers


def opened(content: bytes) -> int:
    return sum(len(member.content) for member in members(content, "x.zip"))


def zipped(count: int, body: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for number in range(count):
            archive.writestr(f"{number:05}.sta", body)
    return buffer.getvalue()


def test_members_of_an_archive() -> None:
    assert is_linear(lambda count: zipped(count, b"x" * 2000), 100, opened)


def test_size_of_a_member() -> None:
    assert is_linear(lambda pieces: zipped(1, b"x" * (1 << 20) * pieces), 4, opened)
    assert is_linear(lambda pieces: gzip.compress(b"x" * (1 << 20) * pieces, 0), 4, opened)


def test_more_members_than_are_opened_cost_no_more() -> None:
    """Behind the last member that is opened the directory may go on; nothing of it is looked at one by one."""
    most = calls(lambda: opened(zipped(501, b"")))
    assert calls(lambda: opened(zipped(4000, b""))) <= 10 * most


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_archives(data: st.DataObject) -> None:
    content = bytearray(zipped(data.draw(st.integers(1, 4)), data.draw(st.binary(max_size=300))))
    for _change in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content)))
        content[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    # a damaged directory may name a member of four gigabytes: it is refused, not made
    assert calls(lambda: opened(bytes(content))) < 100_000
