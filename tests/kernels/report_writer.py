"""Random profiles of mass-payment reports, payments, and files written by them: the reader's counterpart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from bank_core import nrb
from bank_core.formats.report_profile import Check, Column, Profile

ENCODINGS = ("utf-8", "cp1250", "iso-8859-2", "cp852")
DATE_FORMATS = ("YYYYMMDD", "DDMMYYYY", "YYYY-MM-DD", "DD.MM.YYYY", "YYMMDD", "MM/DD/YYYY", "YYYY-MM-DD*")
SEPARATORS = ",;|\t^~"
LETTERS = "ABCŻŹĆŁÓąęśń0189/- .,;|\"'"


@dataclass(frozen=True)
class Paid:
    """One payment as it should come out."""

    amount: Decimal
    day: date
    payer_key: str
    account: str
    name: str
    title: str
    number: str


def accounts() -> st.SearchStrategy[str]:
    return st.integers(0, 10**24 - 1).map(lambda body: nrb.check_digits(f"{body:024d}") + f"{body:024d}")


def texts(profile: Profile) -> st.SearchStrategy[str]:
    """What survives: single blanks inside, none at the ends, no separator where nothing quotes it."""
    banned = {profile.part_separator} | ({profile.separator} if _is_bare(profile) else set())
    letters = [letter for letter in LETTERS if letter not in banned and letter != profile.quote]
    words = st.text(st.sampled_from([letter for letter in letters if letter != " "]), min_size=1, max_size=7)
    return st.lists(words, max_size=4).map(" ".join)


def _is_bare(profile: Profile) -> bool:
    return profile.layout == "pipe" or (profile.layout == "csv" and not profile.quote)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    layout = draw(st.sampled_from(("csv", "pipe", "fixed")))
    fields = ["amount", "date", "payer_key", "party_account", "party_name", "title", "transaction_id"]
    sign = draw(st.sampled_from(("positive", "minus", "mark")))
    fields += ["mark"] if sign == "mark" else []
    has_record = draw(st.booleans())
    names = draw(st.permutations(["record", *fields] if has_record else fields))
    columns, place = {}, 1
    for name in names:
        place += draw(st.integers(0, 2))
        columns[name] = Column(place, 40 if layout == "fixed" else 0, "" if name == "record" else name)
        place += 40 if layout == "fixed" else 1
    checks = {}
    if has_record:
        free = [n for n in range(1, 20 * (40 if layout == "fixed" else 1)) if n != columns["record"].number]
        for part, mark in (("header", "H"), ("trailer", "T")):
            if draw(st.booleans()):
                checks[part] = _check(draw, mark, columns["record"], layout, free)
    separator = "" if layout == "fixed" else draw(st.sampled_from(SEPARATORS))
    quote = '"' if layout == "csv" and draw(st.booleans()) else ""
    # a comma that nothing quotes cannot be both
    forms = ("minor", "point") if separator == "," and not quote else ("minor", "comma", "point")
    return Profile(
        code="random",
        name="random",
        columns=tuple(column for name, column in columns.items() if name != "record"),
        layout=layout,
        separator=separator,
        quote=quote,
        encoding=draw(st.sampled_from(ENCODINGS)),
        skip_first=draw(st.integers(0, 2)),
        skip_last=draw(st.integers(0, 2)),
        record=columns.get("record"),
        payments=("P",) if has_record and draw(st.booleans()) else (),
        ignored=("I",) if has_record else (),
        date_format=draw(st.sampled_from(DATE_FORMATS)),
        amount_format=draw(st.sampled_from(forms)),
        sign=sign,
        key_kind=draw(st.sampled_from(("nrb", "digits", "text"))),
        part_separator=draw(st.sampled_from(("", "/"))),
        is_id_unique=draw(st.booleans()),
        **checks,
    )


def _check(draw: st.DrawFn, mark: str, record: Column, layout: str, free: list[int]) -> Check:
    if layout == "fixed":
        # behind the record's own place
        start = record.number + 41
        return Check(mark, Column(start, 10), Column(start + 12, 20))
    count, total = draw(st.lists(st.sampled_from(free), min_size=2, max_size=2, unique=True))
    return Check(mark, Column(count), Column(total) if draw(st.booleans()) else None)


@st.composite
def payments(draw: st.DrawFn, profile: Profile) -> list[Paid]:
    cents = st.integers(0 if profile.sign == "positive" else -99_999_999, 99_999_999)
    words = texts(profile)
    rows = st.builds(
        Paid,
        amount=cents.map(lambda value: Decimal(value).scaleb(-2)),
        day=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
        payer_key=accounts() if profile.key_kind == "nrb" else st.integers(0, 10**12).map("{:014d}".format),
        account=st.one_of(st.just(""), accounts()),
        name=words,
        title=words,
        number=st.integers(0, 10**9).map(str),
    )
    return draw(st.lists(rows, max_size=6))


def amount_text(value: Decimal, profile: Profile, is_signed: bool) -> str:
    sign = "-" if value < 0 and is_signed else ""
    value = abs(value)
    if profile.amount_format == "minor":
        return f"{sign}{int(value * 100)}"
    return sign + f"{value:.2f}".replace(".", "," if profile.amount_format == "comma" else ".")


def _row(profile: Profile, cells: dict[Column, str]) -> str:
    if profile.layout == "fixed":
        line = [" "] * max(column.number + column.width for column in cells)
        for column, text in cells.items():
            place = column.number - 1
            line[place : place + len(text)] = text
        return "".join(line)
    line = ["x"] * max(column.number for column in cells)
    for column, text in cells.items():
        line[column.number - 1] = text
    if profile.quote and profile.layout == "csv":
        line = [f'"{text.replace(chr(34), chr(34) * 2)}"' for text in line]
    return profile.separator.join(line)


def write(profile: Profile, paid: list[Paid], newline: str = "\r\n") -> bytes:
    year_first = profile.date_format.removesuffix("*")
    tail = " 12:30:00" if profile.date_format.endswith("*") else ""
    lines = ["title row"] * profile.skip_first
    total = sum((row.amount for row in paid), Decimal(0))

    def check(part: Check | None) -> None:
        if part and profile.record:
            cells = {profile.record: part.record}
            if part.count:
                cells[part.count] = str(len(paid))
            if part.total:
                cells[part.total] = amount_text(total, profile, True)
            lines.append(_row(profile, cells))

    check(profile.header)
    for row in paid:
        day = year_first.replace("YYYY", f"{row.day:%Y}").replace("YY", f"{row.day:%y}")
        day = day.replace("MM", f"{row.day:%m}").replace("DD", f"{row.day:%d}") + tail
        values = {
            "amount": amount_text(row.amount, profile, profile.sign == "minus"),
            "date": day,
            "payer_key": row.payer_key,
            "party_account": row.account,
            "party_name": row.name,
            "title": row.title,
            "transaction_id": row.number,
            "mark": "D" if row.amount < 0 else "C",
        }
        cells = {column: values[column.field] for column in profile.columns}
        if profile.record:
            cells[profile.record] = "P"
        lines.append(_row(profile, cells))
        if profile.record:
            lines.append(_row(profile, {profile.record: "I"}))
    check(profile.trailer)
    lines += ["end"] * profile.skip_last
    return (newline.join(lines) + newline).encode(profile.encoding)


def shortened(profile: Profile) -> Profile:
    """Without the checks, to look at the rows of a damaged file."""
    return replace(profile, header=None, trailer=None)
