"""MT940 and MT942 account statements of any dialect: detection, and the door to the reader.

:func:`read` streams events, :func:`parse` collects them. The line machine (:mod:`.mt940_machine`) accepts
anything, the fast path (:mod:`.mt940_fast`) takes regular entries with the same outcome.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import BinaryIO

from .. import codepage
from ..model import BankFile, Problem, Severity, Transaction, Unreadable
from .dialects import DIALECTS, Dialect, by_clearing, by_text
from .mt940_fast import FastEntries
from .mt940_machine import Machine
from .mt940_source import Source
from .registry import SAMPLE_BYTES, Format, Options, Stream, collect, register

#: dialect and format show in the first entries
_HEAD_BYTES = 1 << 16
_ACCOUNT = re.compile(r"(?:^|[\n\r}]):25:/?(?:PL)?([0-9]{26})(?![0-9])")
_SNIFF = re.compile(rb"(?:^|[\r\n\x01\x02}])[ \t]*(?:\{[^\r\n]*\{4:\s*)?:(20|25|28C?|60[FM]|61|34F|62[FM]):")


def parse(content: bytes, dialect: str = "", encoding: str = "", fast: bool = True) -> BankFile:
    """Read a whole file. ``dialect`` and ``encoding`` overrule the detection; ``fast=False`` is for comparisons."""
    return collect(_open(io.BytesIO(content), Options(dialect=dialect, encoding=encoding), fast))


def read(stream: BinaryIO, options: Options) -> Stream:
    """Detect code page and dialect from the head of a seekable stream, then read it lazily."""
    return _open(stream, options, fast=True)


def sniff(sample: bytes, _name: str) -> int:
    """The tags of a statement's head at the start of lines."""
    found = {match.group(1) for match in _SNIFF.finditer(sample, 0, _HEAD_BYTES)}
    return min(95, 30 * len(found) + 5) if b"20" in found and len(found) > 1 else 10 * len(found)


register(Format("mt940", "MT940 / MT942", sniff, read))


def read_entry(raw: str, dialect: str, currency: str, line: int = 1, position: int = 1) -> Transaction | Unreadable:
    """Read one corrected entry (``:61:`` with its ``:86:``), as the list "to decide" does."""
    profile = DIALECTS.get(dialect) or by_text("\n" + raw)
    frame = [":20:X", ":25:X", f":60F:C000101{currency}0,00", *raw.splitlines(), f":62F:C000101{currency}0,00", ""]
    source = Source(io.BytesIO("\n".join(frame).encode("utf-8", "replace")), "utf-8")
    for event in Machine(profile).run(source):
        if isinstance(event, Transaction):
            return event._replace(line=line, position=position)
        if isinstance(event, Unreadable):
            return replace(event, line=line, position=position, problem=replace(event.problem, line=line))
    return Unreadable(line, position, Problem("ENTRY_UNREADABLE", Severity.ERROR, line, ":61:"), raw)


def _open(stream: BinaryIO, options: Options, fast: bool) -> Stream:
    start = stream.tell()
    sample = stream.read(SAMPLE_BYTES)
    stream.seek(start)
    profile = DIALECTS.get(options.dialect) or _detect_dialect(sample[:_HEAD_BYTES])
    page, problems = _choose_code_page(sample, profile, options.encoding)
    codec = "utf-8-sig" if page.misread_as or page.encoding == "utf-8" else page.encoding
    if codec == "ascii":
        # the sample is plain, what follows need not be
        codec = profile.encodings[0]
    source = Source(stream, codec, page.fixer())
    quick = FastEntries(profile) if fast and not page.misread_as else None
    return Stream("mt940", profile.code, page.encoding, problems, Machine(profile).run(source, quick))


def _detect_dialect(sample: bytes) -> Dialect:
    text = sample.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    account = _ACCOUNT.search(text)
    found = by_clearing(account.group(1)) if account else None
    looks = by_text(text)
    if found is None:
        return looks
    # a bank that changed its system keeps its number: believe the text when the two disagree
    if found.layout == "subfields" and f"{found.separator}20" not in text and looks.code != "generic":
        return looks
    return found


def _choose_code_page(sample: bytes, profile: Dialect, encoding: str) -> tuple[codepage.CodePage, tuple[Problem, ...]]:
    if encoding and codepage.is_known(encoding):
        return codepage.CodePage(encoding), ()
    page = codepage.detect(sample, profile.encodings)
    problems = []
    if encoding:
        problems.append(Problem("ENCODING_UNKNOWN", Severity.WARNING, params={"value": encoding[:40]}))
    if page.doubtful:
        problems.append(Problem("ENCODING_DOUBTFUL", Severity.WARNING, params={"encoding": page.encoding}))
    if page.misread_as:
        params = {"encoding": page.encoding, "misread_as": page.misread_as}
        problems.append(Problem("ENCODING_RESTORED", Severity.WARNING, params=params))
    return page, tuple(problems)
