"""Packages of KSeF: made in a stream, cut, encrypted, uploaded in parallel."""

import base64
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import textwrap
import threading
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from ksef_client.services.crypto import encrypt_aes_cbc_pkcs7

from ksef_core.transport import gate, package, result, session, upload

DATA = Path(__file__).parent.parent / "data" / "ksef"
VECTORS = json.loads((DATA / "vectors" / "sample-hashes-and-aes.json").read_text("utf-8"))
KEY, IV = bytes(range(32)), bytes(range(16))
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FILES = [(f"{number}.xml", bytes([number]) * number) for number in range(1, 40)]


def decrypt(data):
    decryptor = Cipher(algorithms.AES(KEY), modes.CBC(IV)).decryptor()
    plain = decryptor.update(data) + decryptor.finalize()
    return plain[: -plain[-1]]


def content(part):
    return b"".join(part)


def sha(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


@pytest.mark.parametrize("compression", list(package.Compression))
def test_package_comes_back(compression, tmp_path):
    made = package.pack(iter(FILES), KEY, IV, tmp_path, compression=compression, max_part=100)
    assert len(made.parts) > 1
    pieces = [decrypt(content(part)) for part in made.parts]
    assert {len(piece) for piece in pieces[:-1]} == {100}
    assert 0 < len(pieces[-1]) <= 100
    plain = b"".join(pieces)
    assert (made.size, made.sha256) == (len(plain), sha(plain))
    for part in made.parts:
        assert (part.sha256, part.size) == (sha(content(part)), len(content(part)))
    if compression is package.Compression.ZIP:
        bundle = zipfile.ZipFile(io.BytesIO(plain))
        back = [(name, bundle.read(name)) for name in bundle.namelist()]
        assert not any(info.flag_bits & 8 for info in bundle.infolist()), "sizes stand in front of each file"
    else:
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(plain))) as tar:
            back = [(item.name, tar.extractfile(item).read()) for item in tar]
    assert back == FILES
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(part.path.name for part in made.parts)


@pytest.mark.parametrize("compression", list(package.Compression))
def test_package_is_reproducible(compression, tmp_path):
    """After a kill the same documents are packed again and must fit what was declared."""
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    first, second = (package.pack(FILES, KEY, IV, folder, compression=compression, max_part=100) for folder in folders)
    assert first.sha256 == second.sha256
    assert [part.sha256 for part in first.parts] == [part.sha256 for part in second.parts]


def test_too_much_for_one_session(tmp_path, monkeypatch):
    noise = [("a.xml", os.urandom(4000))]
    with pytest.raises(package.TooLargeError, match="parts"):
        package.pack(noise, KEY, IV, tmp_path, max_part=50)
    monkeypatch.setattr(package, "MAX_ARCHIVE", 3000)
    with pytest.raises(package.TooLargeError, match="archive"):
        package.pack(noise, KEY, IV, tmp_path)


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 100, 70_000])
def test_streamed_encryption_is_that_of_ksef_client(size, tmp_path):
    plain = os.urandom(size)
    with package._Cutter(KEY, IV, tmp_path, package.MAX_PART) as cutter:
        for start in range(0, size, 7001):
            cutter.write(plain[start : start + 7001])
    assert b"".join(content(part) for part in cutter.parts) == (encrypt_aes_cbc_pkcs7(plain, KEY, IV) if size else b"")


@pytest.mark.parametrize("vector", VECTORS["aes256cbc"], ids=lambda vector: vector["plaintext"])
def test_aes_vectors(vector, tmp_path):
    plain = {
        "(empty)": b"",
        "exact 16 bytes 'A'*16": b"A" * 16,
        "file FA_3_Przykład_1.xml": (DATA / "fa3" / "FA_3_Przykład_1.xml").read_bytes(),
    }[vector["plaintext"]]
    part = package._PartFile(1, tmp_path / "part", Cipher(algorithms.AES(KEY), modes.CBC(IV)), package.MAX_PART)
    part.write(memoryview(plain))
    data = content(part.end())
    if "ciphertext_hex" in vector:
        assert data.hex() == vector["ciphertext_hex"]
    else:
        assert sha(data) == vector["ciphertext_sha256_base64"]


@pytest.mark.parametrize("compression", list(package.Compression))
def test_memory_does_not_grow_with_the_package(compression, tmp_path):
    """40 documents of 3 MB that do not compress: 120 MB through a process that may not grow by a fifth of that."""
    code = """
        import os, sys
        from pathlib import Path
        from ksef_core.transport import package

        def documents(count, size):
            for number in range(count):
                yield f"{number}.xml", os.urandom(size)

        def peak():  # of this program alone: ru_maxrss begins with the peak of whoever started it
            status = Path("/proc/self/status").read_text()
            return int(status.partition("VmHWM:")[2].split()[0]) // 1024

        folder, compression = Path(sys.argv[1]), package.Compression(sys.argv[2])
        told = {"compression": compression, "max_part": 50_000_000}
        package.pack(documents(2, 3_000_000), bytes(32), bytes(16), folder, **told)
        before = peak()
        made = package.pack(documents(40, 3_000_000), bytes(32), bytes(16), folder, **told)
        print(made.size, len(made.parts), peak() - before, peak())
    """
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(tmp_path), compression.value],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    size, parts, grown, peak = (int(text) for text in told.split())
    assert size > 119_000_000
    assert parts == 3
    assert grown < 24, "MB"
    assert peak < 400, "MB"


# ---------------------------------------------------------------- opening and uploading


def a_gate(handler, slept=None):
    http = httpx.Client(transport=httpx.MockTransport(handler))
    sleep = (slept if slept is not None else []).append
    return gate.Gate(http, "https://ksef.test/v2", sleep=sleep, now=lambda: NOW)


def opened_answer(count):
    slots = [
        {
            "ordinalNumber": number,
            "method": "PUT",
            "url": f"https://blob.test/{number}?sig=s",
            "headers": {"x-ms-blob-type": "BlockBlob", "x-empty": None},
        }
        for number in range(1, count + 1)
    ]
    return httpx.Response(201, json={"referenceNumber": "s" * 36, "partUploadRequests": slots})


class Storage:
    """Takes parts; `refuse` says what to answer to the n-th try of a part instead."""

    def __init__(self, refuse=None):
        self.refuse = refuse or {}
        self.kept, self.tries, self.headers = {}, [], []
        self._lock = threading.Lock()

    def __call__(self, request):
        if request.url.path.endswith("/sessions/batch"):
            self.opened = json.loads(request.content)
            return opened_answer(len(self.opened["batchFile"]["fileParts"]))
        ordinal = int(request.url.path.strip("/"))
        with self._lock:
            self.tries.append(ordinal)
            answer = self.refuse.get((ordinal, self.tries.count(ordinal)))
            self.headers.append(request.headers)
            if answer is None:
                self.kept[ordinal] = request.read()
        if isinstance(answer, Exception):
            raise answer
        return answer or httpx.Response(201)


@pytest.fixture
def made(tmp_path):
    return package.pack([("a.xml", os.urandom(1000))], KEY, IV, tmp_path, max_part=100)


def opened(storage, made):
    here = a_gate(storage)
    return here, session.open_batch(here, "t", made, "d3JhcHBlZA==", IV, "key-id")


def test_open_declares_the_package(made):
    storage = Storage()
    _here, told = opened(storage, made)
    assert told.reference == "s" * 36
    assert [slot.ordinal for slot in told.slots] == [part.ordinal for part in made.parts]
    sent = storage.opened
    assert sent["formCode"] == {"systemCode": "FA (3)", "schemaVersion": "1-0E", "value": "FA"}
    assert sent["offlineMode"] is False
    assert sent["batchFile"]["compressionType"] == "TarGz"
    assert (sent["batchFile"]["fileSize"], sent["batchFile"]["fileHash"]) == (made.size, made.sha256)
    assert sent["batchFile"]["fileParts"] == [
        {"ordinalNumber": part.ordinal, "fileSize": part.size, "fileHash": part.sha256} for part in made.parts
    ]
    assert sent["encryption"]["initializationVector"] == base64.b64encode(IV).decode()


def test_upload_uses_the_links_and_nothing_else(made):
    storage = Storage()
    here, told = opened(storage, made)
    arrived = []
    assert upload.upload(here, told.slots, made, done=arrived.append) is None
    assert sorted(arrived) == sorted(storage.tries) == [part.ordinal for part in made.parts]
    assert storage.kept == {part.ordinal: content(part) for part in made.parts}
    for headers in storage.headers:
        assert "Authorization" not in headers
        assert "Transfer-Encoding" not in headers, "the storage wants to know the length"
        assert headers["x-ms-blob-type"] == "BlockBlob"
        assert "x-empty" not in headers


def test_parts_go_at_the_same_time(made):
    together = threading.Barrier(3, timeout=10)

    def handler(request):
        together.wait()  # breaks when fewer than three are under way
        return httpx.Response(201)

    slots = [session.UploadSlot(number, "PUT", f"https://blob.test/{number}", {}) for number in (1, 2, 3)]
    assert upload.upload(a_gate(handler), slots, made) is None


def test_one_part_is_repeated_with_all_its_bytes(made):
    storage = Storage({(2, 1): httpx.Response(500), (2, 2): httpx.ReadTimeout("slow"), (4, 1): httpx.Response(503)})
    here, told = opened(storage, made)
    assert upload.upload(here, told.slots, made) is None
    assert storage.kept == {part.ordinal: content(part) for part in made.parts}
    assert (storage.tries.count(2), storage.tries.count(4), storage.tries.count(3)) == (3, 2, 1)


def test_a_refused_part_stops_what_was_not_begun(made):
    storage = Storage({(1, 1): httpx.Response(403)})
    here, told = opened(storage, made)
    arrived = []
    failure = upload.upload(here, told.slots, made, done=arrived.append, parallel=1)
    assert failure.status == 403
    assert (storage.tries, arrived) == ([1], [])


def test_only_the_missing_parts_go(made):
    storage = Storage()
    here, told = opened(storage, made)
    assert upload.upload(here, [slot for slot in told.slots if slot.ordinal in (3, 7)], made) is None
    assert sorted(storage.kept) == [3, 7]


def test_a_link_for_no_part(made):
    slot = session.UploadSlot(99, "PUT", "https://blob.test/99", {})
    assert upload.upload(a_gate(Storage()), [slot], made).fault is result.Fault.BROKEN


def test_an_opening_answer_we_cannot_use_is_lost_not_refused(made):
    here = a_gate(lambda request: httpx.Response(201, json={}))
    assert session.open_batch(here, "t", made, "", IV, "").fault is result.Fault.LOST
