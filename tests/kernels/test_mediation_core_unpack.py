"""Packed files: what comes out, damage, bombs, archives in archives."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usage_files import spoilt

from mediation_core.unpack import Limits, Member, kind_of, unpack
from mediation_core.values import FileProblem

CDR = b"501234567,221234567,60\n" * 50
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
NOISE = random.Random(7).randbytes(2000)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: dict[str, bytes], *more: tarfile.TarInfo, layout: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=layout) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for entry in more:
            archive.addfile(entry)
    return buffer.getvalue()


def encrypted(files: dict[str, bytes], name: str) -> bytes:
    """A zip in which one file is marked as encrypted."""
    packed = bytearray(zipped(files))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        place = archive.getinfo(name).header_offset
        number = archive.namelist().index(name)
    packed[place + 6] |= 1
    central = 0
    for _entry in range(number + 1):
        central = packed.index(b"PK\x01\x02", central) + 4
    packed[central + 4] |= 1
    return bytes(packed)


def gzip_bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(500)) + packer.flush()


BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": gzip_bomb,
    "gzip in gzip": lambda: gzip.compress(gzip_bomb()),
    "bzip2": lambda: bz2.compress(bytes(100 << 20)),
    "xz": lambda: lzma.compress(bytes(100 << 20), preset=0),
    "zip": lambda: zipped({"a": bytes(100 << 20)}),
    "zip of bzip2": lambda: zipped({"a": bytes(100 << 20)}, zipfile.ZIP_BZIP2),
}


def refused(content: bytes, limits: Limits | None = None) -> tuple[str, str]:
    result = unpack("x", content, limits)
    assert isinstance(result, FileProblem), result
    return result.code, str(result.params.get("detail", ""))


class TestOpen:
    def test_plain_stays_as_it_is(self) -> None:
        assert unpack("in/Master.csv", CDR) == [Member("Master.csv", CDR)]
        assert unpack("empty", b"") == [Member("empty", b"")]

    @pytest.mark.parametrize(
        ("name", "inside"), [("Master.csv.gz", "Master.csv"), ("M.CSV.GZ", "M.CSV"), ("blob", "blob")]
    )
    def test_gzip(self, name: str, inside: str) -> None:
        assert unpack(name, gzip.compress(CDR)) == [Member(inside, CDR)]

    def test_gzip_of_several_members_and_filler(self) -> None:
        packed = gzip.compress(CDR) + gzip.compress(b"tail") + bytes(100)
        assert unpack("a.gz", packed) == [Member("a", CDR + b"tail")]

    def test_empty_gzip(self) -> None:
        assert unpack("a.gz", gzip.compress(b"")) == [Member("a", b"")]

    @pytest.mark.parametrize("method", METHODS)
    def test_zip_of_several_files(self, method: int) -> None:
        packed = zipped({"day/": b"", "day/a.csv": CDR, "b.csv": b"x", "__MACOSX/._b.csv": b"?"}, method)
        assert unpack("all.zip", packed) == [Member("a.csv", CDR), Member("b.csv", b"x")]

    def test_empty_zip(self) -> None:
        assert unpack("all.zip", zipped({})) == []

    @pytest.mark.parametrize("layout", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    def test_tar(self, layout: int) -> None:
        folder = tarfile.TarInfo("day")
        folder.type = tarfile.DIRTYPE
        packed = tarred({"day/a.csv": CDR, "b.csv": b""}, folder, layout=layout)
        assert unpack("all.tar", packed) == [Member("a.csv", CDR), Member("b.csv", b"")]

    def test_tar_in_gzip_and_gzip_in_zip(self) -> None:
        assert unpack("all.tgz", gzip.compress(tarred({"a.csv": CDR}))) == [Member("a.csv", CDR)]
        assert unpack("all.zip", zipped({"a.csv.gz": gzip.compress(CDR)})) == [Member("a.csv", CDR)]

    def test_names_lose_their_folders(self) -> None:
        packed = zipped({"../../etc/passwd": b"1", "C:\\in\\b.csv": b"2", "x/\x07c.csv": b"3"})
        result = unpack("all.zip", packed)
        assert not isinstance(result, FileProblem)
        assert [member.name for member in result] == ["passwd", "b.csv", "c.csv"]

    @pytest.mark.parametrize(("pack", "ending"), [(bz2.compress, "bz2"), (lzma.compress, "xz")])
    def test_bzip2_and_xz(self, pack: Callable[[bytes], bytes], ending: str) -> None:
        assert unpack(f"a.csv.{ending}", pack(CDR) + pack(b"tail")) == [Member("a.csv", CDR + b"tail")]
        assert unpack(f"a.csv.{ending}", pack(b"")) == [Member("a.csv", b"")]
        assert unpack(f"all.t{ending}", pack(tarred({"a.csv": CDR}))) == [Member("a.csv", CDR)]

    def test_told_by_content_not_by_name(self) -> None:
        assert unpack("Master.csv", gzip.compress(CDR)) == [Member("Master.csv", CDR)]
        assert unpack("a.gz", CDR) == [Member("a.gz", CDR)]
        packed = (
            gzip.compress(b""),
            bz2.compress(b""),
            bz2.compress(b"1"),
            lzma.compress(b""),
            zipped({}),
            tarred({"a": b""}),
        )
        assert [kind_of(data) for data in (*packed, CDR, b"")] == [
            *("gzip", "bzip2", "bzip2", "xz", "zip", "tar", "plain", "plain"),
        ]

    def test_words_of_callers_are_no_package(self) -> None:
        """Whoever can choose a name that stands in a record cannot make the file a package."""
        for text in (b"x" * 257 + b"ustar,501", b"x" * 257 + b"ustar  ,501", b"BZh9,501234567", b"PK,501"):
            assert kind_of(text.ljust(600, b" ")) == "plain"


class TestRefused:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (gzip.compress(NOISE)[:-9], "TRUNCATED"),
            (gzip.compress(NOISE)[:200], "TRUNCATED"),
            (gzip.compress(NOISE)[:5], "TRUNCATED"),
            (gzip.compress(CDR) + b"rubbish", "NOT_THIS_FORMAT"),
            (gzip.compress(CDR)[:-4] + b"\x00\x00\x00\x01", "NOT_THIS_FORMAT"),
            (zipped({"a": NOISE})[:-30], "NOT_THIS_FORMAT"),
            (tarred({"a": NOISE})[:1000], "TRUNCATED"),
            (tarred({"a": NOISE})[: 512 + 2048], "TRUNCATED"),
        ],
    )
    def test_damage(self, content: bytes, code: str) -> None:
        assert refused(content)[0] == code

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_wrong_checksum_in_a_zip(self, method: int) -> None:
        packed = bytearray(zipped({"a": CDR}, method))
        packed[packed.index(b"PK\x01\x02") + 16] ^= 1
        assert refused(bytes(packed)) == ("TRUNCATED", "")

    def test_encrypted(self) -> None:
        assert refused(encrypted({"a": CDR}, "a")) == ("NOT_THIS_FORMAT", "encrypted")

    def test_unknown_method(self) -> None:
        packed = bytearray(zipped({"a": CDR}, zipfile.ZIP_STORED))
        packed[8] = packed[packed.index(b"PK\x01\x02") + 10] = 9  # deflate64
        assert refused(bytes(packed)) == ("NOT_THIS_FORMAT", "method")

    def test_a_bad_file_does_not_stop_the_others(self) -> None:
        packed = encrypted({"a": CDR, "b": CDR, "c.gz": gzip.compress(NOISE)[:-9], "d": b"x"}, "b")
        assert unpack("x.zip", packed) == [
            Member("a", CDR),
            Member("b", b"", FileProblem("NOT_THIS_FORMAT", {"detail": "encrypted"})),
            Member("c.gz", b"", FileProblem("TRUNCATED")),
            Member("d", b"x"),
        ]

    @pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
    def test_what_is_no_file(self, kind: bytes) -> None:
        entry = tarfile.TarInfo("passwd")
        entry.type, entry.linkname = kind, "/etc/passwd"
        assert refused(tarred({}, entry)) == ("NOT_THIS_FORMAT", "link")
        first, second = unpack("x", tarred({"a": CDR}, entry))  # type: ignore[misc]
        assert first == Member("a", CDR)
        assert second == Member("passwd", b"", FileProblem("NOT_THIS_FORMAT", {"detail": "link"}))

    def test_link_in_a_zip(self) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            entry = zipfile.ZipInfo("passwd")
            entry.external_attr = 0o120777 << 16
            archive.writestr(entry, "/etc/passwd")
        assert refused(buffer.getvalue()) == ("NOT_THIS_FORMAT", "link")

    def test_same_path_twice(self) -> None:
        with pytest.warns(UserWarning, match="Duplicate name"):
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as archive:
                archive.writestr("x.csv", b"1")
                archive.writestr("x.csv", b"2")
        assert refused(buffer.getvalue()) == ("NOT_THIS_FORMAT", "names")
        entry = tarfile.TarInfo("a")
        assert refused(tarred({"a": CDR}, entry)) == ("NOT_THIS_FORMAT", "names")
        assert unpack("x", zipped({"a/x.csv": b"1", "b/x.csv": b"2"})) == [Member("x.csv", b"1"), Member("x.csv", b"2")]

    def test_archives_in_archives(self) -> None:
        packed = gzip.compress(gzip.compress(gzip.compress(CDR)))
        assert unpack("a.gz.gz.gz", packed) == [Member("a", CDR)]
        assert refused(gzip.compress(packed)) == ("NOT_THIS_FORMAT", "nested")

    def test_too_many_members(self) -> None:
        files = {str(number): b"" for number in range(30)}
        for packed in (zipped(files), tarred(files)):
            assert refused(packed, Limits(members=10)) == ("TOO_LARGE", "members")

    def test_too_large(self) -> None:
        for packed in (gzip.compress(NOISE), zipped({"a": NOISE[:1000], "b": NOISE[1000:]})):
            assert refused(packed, Limits(size=1999)) == ("TOO_LARGE", "size")
            assert not isinstance(unpack("x", packed, Limits(size=2000)), FileProblem)

    @pytest.mark.parametrize("kind", BOMBS)
    def test_bombs_stop_early(self, kind: str) -> None:
        bomb = BOMBS[kind]()
        tracemalloc.start()
        begun = time.process_time()
        assert refused(bomb) == ("TOO_LARGE", "ratio")
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 250 << 20
        assert time.process_time() - begun < 10


class TestNoise:
    @settings(max_examples=150)
    @given(spoilt(gzip.compress(CDR)))
    def test_gzip(self, data: bytes) -> None:
        unpack("x", data)

    @settings(max_examples=150)
    @given(spoilt(bz2.compress(CDR)) | spoilt(lzma.compress(CDR)))
    def test_bzip2_and_xz(self, data: bytes) -> None:
        unpack("x", data)

    @settings(max_examples=150)
    @given(st.one_of(spoilt(zipped({"a": CDR, "b": b"x"}, method)) for method in METHODS))
    def test_zip(self, data: bytes) -> None:
        unpack("x", data)

    @settings(max_examples=150)
    @given(spoilt(tarred({"a": CDR, "b": b"x"})))
    def test_tar(self, data: bytes) -> None:
        unpack("x", data)


@pytest.mark.parametrize("packed", [gzip.compress(b""), bz2.compress(b""), lzma.compress(b"")])
def test_a_file_of_empty_streams_takes_time_by_its_size(packed: bytes) -> None:
    """Not by its square: some megabytes of them would keep a processor busy for minutes."""

    def seconds(count: int) -> float:
        content = packed * count
        began = time.process_time()
        unpack("calls.csv.gz", content)
        return time.process_time() - began

    assert seconds(160_000) < 10 * max(seconds(40_000), 0.02)


def test_streams_between_zeros_are_joined() -> None:
    parts = [b"a;b\n" * 100_000, b"", b"c;d\n"]
    for compress in (gzip.compress, bz2.compress, lzma.compress):
        content = b"".join(compress(part) + bytes(8) for part in parts)
        found = unpack("calls", content)
        assert isinstance(found, list)
        assert [member.content for member in found] == [b"".join(parts)]
