"""Packed files: what comes out, damage, bombs, archives in archives."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
import time
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from usage_files import spoilt

from mediation_core.unpack import Limits, Member, kind_of, unpack
from mediation_core.values import FileProblem

CDR = b"501234567,221234567,60\n" * 50
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

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
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

    def test_told_by_content_not_by_name(self) -> None:
        assert unpack("Master.csv", gzip.compress(CDR)) == [Member("Master.csv", CDR)]
        assert unpack("a.gz", CDR) == [Member("a.gz", CDR)]
        assert [kind_of(data) for data in (gzip.compress(b""), zipped({}), tarred({"a": b""}), CDR, b"")] == [
            "gzip",
            "zip",
            "tar",
            "plain",
            "plain",
        ]


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

    def test_wrong_checksum_in_a_zip(self) -> None:
        packed = bytearray(zipped({"a": CDR}, zipfile.ZIP_STORED))
        packed[packed.index(CDR)] ^= 1
        assert refused(bytes(packed)) == ("TRUNCATED", "")

    def test_encrypted(self) -> None:
        packed = bytearray(zipped({"a": CDR}))
        packed[6] |= 1
        packed[packed.index(b"PK\x01\x02") + 8] |= 1
        assert refused(bytes(packed)) == ("NOT_THIS_FORMAT", "encrypted")

    @pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
    def test_what_is_no_file(self, kind: bytes) -> None:
        entry = tarfile.TarInfo("passwd")
        entry.type, entry.linkname = kind, "/etc/passwd"
        assert refused(tarred({"a": CDR}, entry)) == ("NOT_THIS_FORMAT", "link")

    def test_link_in_a_zip(self) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            entry = zipfile.ZipInfo("passwd")
            entry.external_attr = 0o120777 << 16
            archive.writestr(entry, "/etc/passwd")
        assert refused(buffer.getvalue()) == ("NOT_THIS_FORMAT", "link")

    def test_same_name_twice(self) -> None:
        assert refused(zipped({"a/x.csv": b"1", "b/x.csv": b"2"})) == ("NOT_THIS_FORMAT", "names")

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

    @pytest.mark.parametrize("kind", ["gzip", "zip", "gzip in gzip"])
    def test_bombs_stop_early(self, kind: str) -> None:
        packer = zlib.compressobj(9, wbits=31)
        bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(500)) + packer.flush()
        if kind == "zip":
            bomb = zipped({"a": bytes(100 << 20)})
        elif kind == "gzip in gzip":
            bomb = gzip.compress(bomb)
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
    @given(spoilt(zipped({"a": CDR, "b": b"x"})))
    def test_zip(self, data: bytes) -> None:
        unpack("x", data)

    @settings(max_examples=150)
    @given(spoilt(tarred({"a": CDR, "b": b"x"})))
    def test_tar(self, data: bytes) -> None:
        unpack("x", data)
