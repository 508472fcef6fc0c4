"""The laws of every format, for the binary and the pairing ones."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from mediation_checks import (
    assert_bounded_memory,
    assert_chunk_size_changes_nothing,
    assert_rows_replay,
    mutations,
    read,
)
from usage_files import POLAND, SAMPLES

from mediation_core import FORMATS


@dataclass(frozen=True)
class Sample:
    """A small file, and the beginning of one that goes on for ever in octets that it wants."""

    data: bytes
    head: bytes = b""
    pattern: bytes = b"x"


_TAP = (SAMPLES / "synthetic_asn1/CDXXXTAXXXTB00042").read_bytes()
_PGW = (SAMPLES / "synthetic_asn1/pgw_ts32297_seq309.cdr").read_bytes()
_RADIUS = (SAMPLES / "radius_detail/freeradius_one.txt").read_bytes()
FILES = {
    # The head of a batch, then its events, which never end: groups without a length inside each other.
    "tap3": Sample(_TAP, b"\x61\x80" + _TAP[4:0xE3] + b"\x63\x80\x69\x80", b"\x30\x80"),
    "ts32297": Sample(_PGW, _PGW[:52], b"\xff"),
    "ts32298": Sample(b"".join((_PGW[56:225], _PGW[229:394], _PGW[398:])), b"\xbf\x4f\x80", b"\xa4\x80"),
    "flatstore": Sample((SAMPLES / "kamailio_flatstore/fullSuccessfull.csv").read_bytes(), b"INVITE|a|b|"),
    "radius_detail": Sample(_RADIUS * 3, b"Sat Oct  3\n", b"\tAcct-Session-Id = 1\n"),
}
every = pytest.mark.parametrize("name", FILES)


def test_every_binary_and_pairing_format_is_here() -> None:
    assert {name for name, entry in FORMATS.items() if entry.binary or entry.pair is not None} == FILES.keys()


@every
def test_the_sample_is_read(name: str) -> None:
    chunk = read(name, FILES[name].data, POLAND)
    assert chunk.events.height + chunk.legs.height and chunk.file_problem is None and not chunk.problems
    assert chunk.bytes_read == len(FILES[name].data)


@every
def test_chunk_size_changes_nothing(name: str) -> None:
    assert_chunk_size_changes_nothing(name, FILES[name].data, POLAND)


@every
def test_rows_replay(name: str) -> None:
    assert_rows_replay(name, read(name, FILES[name].data, POLAND), POLAND)


@every
def test_damaged_samples(name: str) -> None:
    for seed, damaged in enumerate(mutations(FILES[name].data, 150, 20261014)):
        chunk = read(name, damaged, POLAND, (1000, 40, 3)[seed % 3])
        if chunk.file_problem is None:
            assert_rows_replay(name, chunk, POLAND)


@every
def test_200_megabytes_without_an_end(name: str) -> None:
    sample = FILES[name]
    assert_bounded_memory(name, POLAND, pattern=sample.pattern, head=sample.head)
