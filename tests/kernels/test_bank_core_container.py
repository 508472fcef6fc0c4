"""Packed bank files: members, damage, bombs, packages in packages."""

from __future__ import annotations

import gzip
import io
import random
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank_core import formats
from bank_core.formats.container import Limits, Member, is_container, members

BESIDE = Path(__file__).parents[3] / "shared" / "data" / "bank" / "camt"
STATEMENT = (Path(__file__).parent.parent / "data" / "bank" / "synthetic" / "pko_bp_2026-10-02.sta").read_bytes()
NOISE = random.Random(7).randbytes(30_000)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def codes(content: bytes, limits: Limits | None = None, name: str = "x.zip") -> list[str]:
    return [member.problem.code if member.problem else "" for member in members(content, name, limits)]


def names(content: bytes) -> list[str]:
    return [member.name for member in members(content, "x.zip")]


def marked_as_encrypted(content: bytes) -> bytes:
    packed = bytearray(content)
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_come_in_their_order(method: int) -> None:
    files = {"2026/10/b.sta": STATEMENT, "a.sta": NOISE, "empty.txt": b""}
    assert [(m.name, m.content, m.problem) for m in members(zipped(files, method))] == [
        (name, content, None) for name, content in files.items()
    ]


def test_each_member_is_read_as_a_bank_file() -> None:
    (member,) = members(zipped({"pko.sta": STATEMENT}), "oct.zip")
    found = formats.collect(formats.open_file(io.BytesIO(member.content), member.name))
    assert (found.format, len(found.transactions)) == ("mt940", 4)


@pytest.mark.parametrize("path", sorted(BESIDE.glob("*.zip")), ids=lambda path: path.name)
def test_sample(path: Path) -> None:
    found = list(members(path.read_bytes(), path.name))
    assert [member.name for member in found] == ["test-camt053_02.xml", "test-camt053_03.xml"]
    read = [formats.collect(formats.open_file(io.BytesIO(member.content))) for member in found]
    assert [len(file.transactions) for file in read] == [3, 3]


def test_what_is_not_packed_is_its_own_member() -> None:
    assert list(members(STATEMENT, "a.sta")) == [Member("a.sta", STATEMENT)]
    assert not is_container(STATEMENT)


def test_gzip_with_several_members_and_padding() -> None:
    packed = gzip.compress(STATEMENT) + gzip.compress(NOISE) + bytes(512)
    assert list(members(packed, "oct.sta.GZ")) == [Member("oct.sta", STATEMENT + NOISE)]


def test_by_products_folders_and_paths() -> None:
    content = zipped(
        {"__MACOSX/._a.sta": b"x", "d/.DS_Store": b"x", "d/": b"", "../../etc\\a\x01.sta": b"1", "/b": b"2"}
    )
    assert names(content) == ["etc/a.sta", "b"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (zipped({"a.zip": zipped({"b": b"x"}), "c": b"y"}), ["CONTAINER_NESTED", ""]),
        (zipped({"a.gz": gzip.compress(b"x")}), ["CONTAINER_NESTED"]),
        (gzip.compress(zipped({"a": b"x"})), ["CONTAINER_NESTED"]),
        (gzip.compress(STATEMENT)[:-12], ["CONTAINER_BROKEN"]),
        (gzip.compress(STATEMENT) + b"rest", ["CONTAINER_BROKEN"]),
        (zipped({"a": STATEMENT})[:-30], ["CONTAINER_BROKEN"]),
        (zipped({}), ["CONTAINER_EMPTY"]),
        (zipped({"a": b"x"}, zipfile.ZIP_BZIP2), ["CONTAINER_METHOD"]),
        (zipped({"a": b"x"}, zipfile.ZIP_LZMA), ["CONTAINER_METHOD"]),
        (marked_as_encrypted(zipped({"a": b"x", "b": b"y"})), ["CONTAINER_ENCRYPTED", ""]),
        (zipped({str(number): b"" for number in range(501)}), ["CONTAINER_MEMBERS"]),
        (zipped({str(number): b"" for number in range(3000)}), ["CONTAINER_MEMBERS"]),
    ],
)
def test_refusals(content: bytes, told: list[str]) -> None:
    assert codes(content) == told


def test_one_damaged_member_does_not_lose_the_others() -> None:
    content = bytearray(zipped({"a": NOISE, "b": STATEMENT}, zipfile.ZIP_STORED))
    content[content.index(NOISE) + 100] ^= 1
    damaged, whole = members(bytes(content))
    assert damaged.problem and damaged.problem.code == "CONTAINER_BROKEN" and not damaged.content
    assert whole.content == STATEMENT


def test_link_is_no_bank_file() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("a.sta")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    assert codes(buffer.getvalue()) == ["CONTAINER_METHOD"]


def test_limits() -> None:
    limits = Limits(member=40_000, total=50_000, members=5, ratio=100_000, free=0)
    assert codes(zipped({"a": NOISE, "b": NOISE, "c": b"x"}), limits) == ["", "CONTAINER_TOO_LARGE"]
    assert codes(zipped({"a": NOISE + NOISE[:20_000], "b": b""}), limits) == ["CONTAINER_TOO_LARGE"]
    (member,) = members(gzip.compress(NOISE * 2), "a.gz", limits)
    assert member.problem and member.problem.params == {"limit": "0"} and member.name == "a.gz"


@pytest.mark.parametrize("pack", [lambda data: zipped({"a": data}), gzip.compress])
def test_bomb_is_refused_in_little_memory(pack: object) -> None:
    content = pack(bytes(100_000_000))  # type: ignore[operator]
    tracemalloc.start()
    told = codes(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told == ["CONTAINER_BOMB"]
    assert peak < 60_000_000


def test_overlapping_members_count_each_time() -> None:
    """Many directory entries that point at one packed body."""
    content = zipped({"a": bytes(2_000_000)})
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    count = 400
    tail = bytearray(content[end:])
    tail[8:12] = count.to_bytes(2, "little") * 2
    tail[12:16] = ((end - start) * count).to_bytes(4, "little")
    told = codes(content[:start] + content[start:end] * count + bytes(tail))
    # some versions of Python refuse each overlapping member themselves, with others the sum of sizes stops it
    assert told[-1] in ("CONTAINER_BOMB", "CONTAINER_BROKEN") and told.count("") < count / 2


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_packages_never_raise(data: st.DataObject) -> None:
    whole = zipped({"a.sta": STATEMENT, "b": NOISE[:50]}) if data.draw(st.booleans()) else gzip.compress(STATEMENT)
    content = bytearray(whole)
    for _change in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    for member in members(bytes(content), "x"):
        assert member.problem is None or not member.content
