"""Reports of mass payments: damaged rows and files, and flat memory."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_simple import ROW, SIMPLE, VIRTUAL, read
from report_writer import payments, profiles, write

from bank_core.formats.report_rows import MAX_ROW


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_files_and_foreign_bytes_never_raise(data: st.DataObject) -> None:
    profile = data.draw(profiles())
    content = bytearray(write(profile, data.draw(payments(profile)), "\n"))
    for _change in range(data.draw(st.integers(0, 5))):
        place = data.draw(st.integers(0, len(content)))
        content[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    found = read(bytes(content), profile)
    rows = [*found.transactions, *found.unreadable]
    assert sorted(row.position for row in rows) == list(range(1, len(rows) + 1))
    read(data.draw(st.binary(max_size=300)), None)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        (ROW.replace("4999", "49,99"), "AMOUNT_UNREADABLE", "amount"),
        (ROW.replace("4999", "-4999"), "AMOUNT_UNREADABLE", "amount"),
        (ROW.replace("4999", ""), "AMOUNT_UNREADABLE", "amount"),
        (ROW.replace("20261002", "20260230"), "DATE_UNREADABLE", "date"),
        (ROW.replace("20261002", "2026-10-02"), "DATE_UNREADABLE", "date"),
        ("20261002", "COLUMN_MISSING", "amount"),
        (ROW + "X" * MAX_ROW * 3, "ROW_TOO_LONG", ""),
    ],
)
def test_row_that_cannot_be_read_does_not_lose_the_others(row: str, code: str, field: str) -> None:
    found = read("\n".join([ROW, row, "", ROW]))
    assert [(tx.line, tx.position) for tx in found.transactions] == [(1, 1), (4, 3)]
    (bad,) = found.unreadable
    assert (bad.line, bad.position, bad.problem.code, bad.problem.field) == (2, 2, code, field)


def test_open_quote_is_the_row_s_own_fault() -> None:
    profile = replace(SIMPLE, quote='"')
    found = read(f'20261002;4999;{VIRTUAL};"FV 1\n{ROW}\n', profile)
    assert [row.problem.code for row in found.unreadable] == ["ROW_QUOTES"]
    assert len(found.transactions) == 1


def test_damaged_account_is_told_and_not_used() -> None:
    (tx,) = read(ROW.replace(VIRTUAL, VIRTUAL[:-1] + "2")).transactions
    assert (tx.payer_key, [p.code for p in tx.problems]) == ("", ["NRB_CHECK_DIGITS"])
    (tx,) = read(ROW.replace(VIRTUAL, "PŁATNIK 7"), replace(SIMPLE, key_kind="digits")).transactions
    assert (tx.payer_key, [p.code for p in tx.problems]) == ("", ["PAYER_KEY_UNREADABLE"])


MEMORY = """
    import io, sys, tempfile
    from pathlib import Path
    from bank_core import formats
    from bank_core.formats.report_profile import SHIPPED

    def peak():  # of this program alone: ru_maxrss begins with the peak of whoever started it
        return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024

    row = b'110,20261002,100,10901014,0,"38109010140000071219812900","96102055584444000000000101","JAN||UL|","X",0,1,"FV","","","51",""\\n'

    def run(stream):
        return sum(hasattr(event, "amount") for event in formats.open_file(stream, "", "report"))

    def made(count, middle=b""):
        stream = tempfile.TemporaryFile()
        for _number in range(count): stream.write(row)
        for _number in range(800 if middle else 0): stream.write(middle)
        stream.write(b"\\n999,%d,%d\\n" % (count + bool(middle), count * 100))
        stream.seek(0)
        return stream

    if sys.argv[1] == "rows": big, seen = made(150_000), 150_000
    else: big, seen = made(10, b"x" * 65536), 10
    run(made(100))
    before = peak()
    print(run(big) == seen, peak() - before)
"""


@pytest.mark.parametrize("case", ["rows", "one row"])
def test_memory_is_flat(case: str) -> None:
    """20 MB of rows, and 50 MB in one row, through a process that may not grow by 20 MB."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(MEMORY), case],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    is_read, grown = done.stdout.split()
    assert is_read == "True"
    assert int(grown) < 20
