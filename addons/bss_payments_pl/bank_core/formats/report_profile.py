"""What a report of mass payments looks like, as plain data.

A :class:`Profile` says how the rows of a file are cut into columns, which rows are payments, where each
value stands and how it is written. Columns count from 1; in the ``fixed`` layout ``number`` is the first
character of the value (from 1) and ``width`` its length.

:data:`SHIPPED` holds the layouts seen in public code. Profiles that nobody has tried on a bank's file
have ``is_verified`` off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ..model import Problem, Severity

Layout = Literal["csv", "pipe", "fixed"]
AmountFormat = Literal["minor", "comma", "point"]
Sign = Literal["positive", "minus", "mark"]
KeyKind = Literal["nrb", "digits", "text"]

#: what a column may hold
FIELDS = (
    "amount",
    "date",
    "value_date",
    "mark",
    "payer_key",
    "party_account",
    "party_name",
    "party_address",
    "title",
    "transaction_id",
)
#: only these may be put together from several columns
TEXTS = frozenset({"party_name", "party_address", "title", "transaction_id"})
_DATE_TOKENS = re.compile(r"YYYY|YY|MM|DD")


@dataclass(frozen=True, slots=True)
class Column:
    """``field`` is one of :data:`FIELDS`, empty for the columns of a record type or a check."""

    number: int
    width: int = 0
    field: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A header or trailer row: its record type, and where it says how many payments of what sum there are."""

    record: str
    count: Column | None = None
    total: Column | None = None
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Profile:
    code: str
    name: str
    columns: tuple[Column, ...]
    layout: Layout = "csv"
    separator: str = ","
    quote: str = '"'
    #: empty = found out from the Polish letters
    encoding: str = ""
    skip_first: int = 0
    skip_last: int = 0
    #: column with the type of the row
    record: Column | None = None
    #: types that are payments; empty = all that nothing else is said about
    payments: tuple[str, ...] = ()
    #: types that say nothing
    ignored: tuple[str, ...] = ()
    header: Check | None = None
    trailer: Check | None = None
    #: YYYY, YY, MM, DD and other characters as they stand; ``*`` at the end = anything may follow
    date_format: str = "YYYYMMDD"
    #: grosze without a separator, or with a decimal comma or point
    amount_format: AmountFormat = "minor"
    #: always money in, a minus sign, or a column with a mark
    sign: Sign = "positive"
    credit_marks: tuple[str, ...] = ("C", "CR")
    debit_marks: tuple[str, ...] = ("D", "DR")
    #: a whole virtual account, a payer's number, or any text
    key_kind: KeyKind = "nrb"
    #: of a number: its last digits only (0 = all)
    key_digits: int = 0
    #: between the lines of a name or title within one column
    part_separator: str = "|"
    #: lines of the name column that are the name, the others are the address (0 = all)
    name_parts: int = 0
    #: the bank never gives the same transaction number twice, in no file
    is_id_unique: bool = False
    is_verified: bool = True

    def column(self, field: str) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.field == field)

    @property
    def checks(self) -> tuple[Check, ...]:
        return tuple(check for check in (self.header, self.trailer) if check)


def faults(profile: Profile) -> list[Problem]:
    """Why a profile cannot be used; empty when it can."""
    return [Problem(code, Severity.ERROR, 0, field, {"value": value}) for code, field, value in _faults(profile)]


def _faults(profile: Profile) -> Iterator[tuple[str, str, str]]:
    for field in ("amount", "date"):
        if not profile.column(field):
            yield "PROFILE_COLUMN_MISSING", field, ""
    for field in FIELDS:
        if field not in TEXTS and len(profile.column(field)) > 1:
            yield "PROFILE_COLUMN_TWICE", field, ""
    for column in _all_columns(profile):
        if column.field and column.field not in FIELDS:
            yield "PROFILE_FIELD_UNKNOWN", column.field, column.field
        if column.number < 1 or column.number > 10_000:
            yield "PROFILE_COLUMN_NUMBER", column.field, str(column.number)
        if profile.layout == "fixed" and not 1 <= column.width <= 10_000:
            yield "PROFILE_COLUMN_WIDTH", column.field, str(column.width)
    if profile.layout != "fixed" and (len(profile.separator) != 1 or profile.separator in '\r\n"'):
        yield "PROFILE_SEPARATOR", "separator", profile.separator
    if (
        profile.layout == "csv"
        and profile.quote
        and (len(profile.quote) > 1 or profile.quote in (profile.separator, "\r", "\n"))
    ):
        yield "PROFILE_QUOTE", "quote", profile.quote
    if sorted(_DATE_TOKENS.findall(profile.date_format.replace("YYYY", "YY"))) != ["DD", "MM", "YY"]:
        yield "PROFILE_DATE_FORMAT", "date_format", profile.date_format
    if profile.sign == "mark" and not profile.column("mark"):
        yield "PROFILE_COLUMN_MISSING", "mark", ""
    if (profile.payments or profile.ignored or profile.checks) and not profile.record:
        yield "PROFILE_COLUMN_MISSING", "record", ""
    kinds = [*profile.payments, *profile.ignored, *(check.record for check in profile.checks)]
    if len(set(kinds)) < len(kinds) or any(not kind.strip() for kind in kinds):
        yield "PROFILE_RECORD_TYPES", "record", ", ".join(kinds)
    if profile.encoding and not _is_code_page(profile.encoding):
        yield "PROFILE_ENCODING", "encoding", profile.encoding


def _all_columns(profile: Profile) -> Iterator[Column]:
    yield from profile.columns
    if profile.record:
        yield profile.record
    for check in profile.checks:
        yield from (column for column in (check.count, check.total) if column)


def _is_code_page(name: str) -> bool:
    try:
        return "a".encode(name) == b"a"
    except (LookupError, ValueError):
        return False


def date_pattern(text: str) -> re.Pattern[str]:
    """Regular expression with the groups YY, MM and DD of a checked date format."""
    body = text.removesuffix("*")
    pattern = "".join(
        {"YYYY": r"(?P<YY>\d{4})", "YY": r"(?P<YY>\d{2})", "MM": r"(?P<MM>\d{2})", "DD": r"(?P<DD>\d{2})"}.get(
            part, re.escape(part)
        )
        for part in re.split(r"(YYYY|YY|MM|DD)", body)
    )
    return re.compile(pattern + ("" if text.endswith("*") else "$"), re.ASCII)


def _columns(**numbers: int) -> tuple[Column, ...]:
    return tuple(Column(number, field=field) for field, number in numbers.items())


#: Field order as in the import scripts of LMS (github chilek/lms, contrib); speedcollect is a guess.
SHIPPED: Mapping[str, Profile] = {
    profile.code: profile
    for profile in (
        Profile(
            code="elixir_csv",
            name="Elixir-like CSV with a 999 trailer (Pocztowy and others)",
            columns=_columns(date=2, amount=3, party_account=6, payer_key=7, party_name=8, title=12),
            record=Column(1),
            payments=("110",),
            trailer=Check("999", Column(2), Column(3)),
            name_parts=2,
        ),
        Profile(
            code="pipe",
            name="Pipe-separated (ex-BZ WBK lineage)",
            layout="pipe",
            separator="|",
            quote="",
            columns=_columns(date=2, amount=3, party_name=4, party_account=5, payer_key=6, title=7),
            date_format="DDMMYYYY",
            amount_format="point",
            part_separator="",
        ),
        Profile(
            code="wns_bph",
            name="WNS, rows 02 (ex-BPH)",
            quote="",
            columns=_columns(party_account=3, payer_key=4, amount=5, date=6, title=7, transaction_id=8, party_name=9),
            record=Column(1),
            payments=("02",),
            ignored=("01",),
            trailer=Check("03", Column(2), Column(3), is_required=False),
            key_kind="digits",
        ),
        Profile(
            code="wns_pekao",
            name="WNS, rows 02 (Pekao)",
            quote="",
            columns=_columns(party_account=3, amount=4, date=5, payer_key=11),
            record=Column(1),
            payments=("02",),
            ignored=("01", "03"),
            key_kind="digits",
            is_verified=False,
        ),
        Profile(
            code="speedcollect",
            name="SpeedCollect-like CSV (a guess: the bank agrees the layout with each customer)",
            separator=";",
            columns=_columns(date=1, amount=2, payer_key=4, party_account=5, party_name=6, title=7, transaction_id=8),
            skip_first=1,
            date_format="YYYY-MM-DD*",
            amount_format="comma",
            is_verified=False,
        ),
    )
}
