"""Registry of bank file formats, and how a file becomes events.

A format is one module of this package that registers a :class:`Format`. Its ``read`` yields, for each
statement, :class:`StatementHead`, then :class:`Transaction`, :class:`Unreadable` and :class:`Problem` in the
order of the file, then :class:`StatementFoot`; a problem outside of statements concerns the file. A reader keeps
no more than one entry in memory, checks the balances itself (:func:`~bank_core.model.balance_problem`) and
raises nothing, whatever the bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from ..model import (
    BankFile,
    Event,
    Problem,
    Severity,
    Statement,
    StatementHead,
    Transaction,
    Unreadable,
)

SAMPLE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Options:
    """What is known before reading; everything empty = found out from the file."""

    #: dialect of the format (MT940: key of ``DIALECTS``)
    dialect: str = ""
    #: code page
    encoding: str = ""
    #: column profile of a report
    profile: Any = None
    #: currency where the file names none
    currency: str = "PLN"
    #: the account (26 digits) a file is about that does not name it
    own_account: str = ""


@dataclass(slots=True)
class Stream:
    """Events of one file, to be iterated once; the rest is known before the first event."""

    format: str
    dialect: str
    encoding: str
    #: of the file as a whole, known from its head
    problems: tuple[Problem, ...]
    events: Iterator[Event] = field(repr=False)

    def __iter__(self) -> Iterator[Event]:
        return self.events


@dataclass(frozen=True, slots=True)
class Format:
    code: str
    name: str
    #: (first bytes of a file, its name) -> 0 (cannot be) .. 100 (sure)
    sniff: Callable[[bytes, str], int]
    #: reads a seekable stream lazily, from where it stands
    read: Callable[[BinaryIO, Options], Stream]


_FORMATS: dict[str, Format] = {}


def register(fmt: Format) -> Format:
    _FORMATS[fmt.code] = fmt
    return fmt


def formats() -> Mapping[str, Format]:
    return dict(_FORMATS)


def detect(sample: bytes, file_name: str = "") -> Format | None:
    """The format most sure of itself; of equal ones the first registered."""
    scored = [(fmt.sniff(sample, file_name), fmt) for fmt in _FORMATS.values()]
    best = max((score for score, _fmt in scored), default=0)
    return next((fmt for score, fmt in scored if score == best > 0), None)


def open_file(
    stream: BinaryIO, file_name: str = "", format: str = "", options: Options | None = None
) -> Stream:  # ``format`` is the word of the trade, the builtin is not needed here
    """Begin to read a file; nothing is raised, a file of no known format gives a stream with that problem."""
    options = options or Options()
    source = stream if stream.seekable() else io.BytesIO(stream.read())
    start = source.tell()
    sample = source.read(SAMPLE_BYTES)
    source.seek(start)
    chosen = _FORMATS.get(format) if format else detect(sample, file_name)
    if options.profile is not None and not format and (chosen is None or chosen.sniff(sample, file_name) < 20):
        # rows of a user's own layout look like nothing that is known
        chosen = _FORMATS.get("report")
    if chosen is None:
        return Stream("", "", "", (Problem("FORMAT_UNKNOWN", Severity.ERROR),), iter(()))
    return chosen.read(source, options)


def collect(stream: Stream) -> BankFile:
    """The whole file in memory, for small ones and tests."""
    statements: list[Statement] = []
    problems = list(stream.problems)
    head: StatementHead | None = None
    transactions: list[Transaction] = []
    unreadable: list[Unreadable] = []
    own: list[Problem] = []
    for event in stream:
        if isinstance(event, Transaction):
            transactions.append(event)
        elif isinstance(event, StatementHead):
            head, transactions, unreadable, own = event, [], [], []
        elif isinstance(event, Unreadable):
            unreadable.append(event)
        elif isinstance(event, Problem):
            (problems if head is None else own).append(event)
        elif head is not None:
            statements.append(Statement(head, event, tuple(transactions), tuple(unreadable), tuple(own)))
            head = None
    return BankFile(stream.format, stream.dialect, stream.encoding, tuple(statements), tuple(problems))


def read(
    name: str, content: bytes, dialect: str = "", encoding: str = "", file_name: str = "", profile: Any = None
) -> BankFile:
    """Read a whole file given as bytes; ``name`` is a format code, empty = detected."""
    options = Options(dialect=dialect, encoding=encoding, profile=profile)
    return collect(open_file(io.BytesIO(content), file_name, name, options))
