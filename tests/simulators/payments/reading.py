"""What a careful person sees named in a title: strong keys, document and contract numbers, fragments, months.

Readings that the rules leave open are fixed here, and nowhere else:

- Leading zeros are dropped all or none; a running number with some of them is a fragment.
- A document's number at the very end of a title of 140 characters may be cut: a stub then. Its full printed width
  is no proof that it is whole, because running numbers outgrow that width (after 99999 comes 100000). Other numbers
  have a fixed length.
- A stub ("FA/2026/", "2026/10/0" at the end, a KSeF number cut short) names nothing; but
  where other evidence names the customer it may be one of his documents, exactly or by a slip.
- One blank (a line's end) may stand inside a number where what precedes it is no whole number. If both could be
  meant, the number is ambiguous.
- Without prefix and separators the year must have four digits; 2026-10-05 without prefix is a date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from . import months, references
from .names import plain
from .numbers import WIDTH, crc8, one_slip, running_of, slips
from .world import MONTHS, SELLER, SERIES, World

CUT = 140
KSEF_SIGNS = 32
#: digits of a shortest number that still says something; less is a stub and names nothing
LEGIBLE = 8
_YEARS = {form for year, _month in MONTHS for form in (str(year), str(year)[2:])}
_MONTHS = {f"{month:02d}" for month in range(1, 13)}
_CONFUSED = str.maketrans("OIL", "011")
_RUN = re.compile(r"[0-9OIL]*[0-9][0-9OIL]*")
_KSEF = re.compile(rf"{' ?'.join(SELLER)} ?-? ?\d[0-9A-F -]*")
_CLUSTER = re.compile(r"\d+(?:[ ./\\_-]{1,3}\d+)*")
_PREFIX = re.compile(r"([A-Z]+)[ ./\\_-]{0,3}$")
_TORN = re.compile(r"(?<![A-Z])([A-Z]{1,2}) [A-Z]{1,2}$")
_CONTRACT = re.compile(
    r"(?:UM|(?<![A-Z])U M)[ ./\\_-]{0,3}(2 ?0 ?\d ?\d)[ ./\\_-]{0,3}(\d(?: ?\d){4}(?!\d)|\d{1,5}(?!\d))"
)
# in groups only where no other group precedes: "FA 2026 10 2012846" ends in digits of its own
_CUSTOMER = re.compile(r"(?<!\d)(?<!\d[./\\_-])(?:\d{9}|(?<!\d )\d(?:[ -]{0,2}\d){8})(?![./\\_-]?\d)")
_DATE = re.compile(
    r"(?<![\d/])(?:\d ?\d? ?[.-] ?\d ?\d? ?[.-] ?(?:2 ?0 ?)?\d ?\d"
    r"|2 ?0 ?\d ?\d ?- ?[01] ?\d ?- ?[0-3] ?\d(?! \d{1,4}(?!\d)))(?![\d/])"
)
_HALF_YEAR = re.compile(r"(\d{2,3}) $")
_PHONE = re.compile(r"TEL\.? ?(?:\d[ -]?){8}\d(?!\d)")
_AMOUNT = re.compile(r"(?<![\d/.\\_-])(?<!\d )(?:0|[1-9]\d{0,5})[,.]\d\d(?![\d/.\\_-]| [./\\_-]\d| \d+[./\\_-]\d)")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A document-like number as written; ``groups`` are year, month, running, or one compact group.

    ``documents`` are all of ours that it names exactly (several: a dropped prefix is not unique). ``shapes`` are all ways to
    read a number that is nobody's.
    """

    letters: str
    groups: tuple[str, ...]
    documents: tuple[int, ...] = ()
    shapes: tuple[tuple[str, ...], ...] = ()


@dataclass(slots=True)
class Reading:
    ksef: list[int] = field(default_factory=list)
    broken_ksef: list[str] = field(default_factory=list)
    customers: list[int] = field(default_factory=list)
    contracts: list[int] = field(default_factory=list)
    exact: list[Numbered] = field(default_factory=list)
    ambiguous: list[Numbered] = field(default_factory=list)
    #: numbers that are nobody's: a slip, a fragment, another supplier's
    unknown: list[Numbered] = field(default_factory=list)
    #: so short, or maybe cut, that they name nothing unless they are (nearly) the number of a document of who is meant
    stubs: list[Numbered] = field(default_factory=list)
    #: another supplier's invoices, as written: by no slip they are any of ours
    suppliers: list[str] = field(default_factory=list)
    months: list[tuple[int, int]] = field(default_factory=list)

    @property
    def names_a_document(self) -> bool:
        return bool(self.ksef or self.broken_ksef or self.exact or self.ambiguous or self.unknown)


def read(world: World, title: str, no_months: frozenset[str] = frozenset()) -> Reading:
    found = Reading()
    text = plain(title)
    figures = _RUN.sub(lambda run: _figures(run, text), text)
    cut_at = len(text) if len(text) >= CUT else -1
    figures = references.hide(_PHONE.sub(lambda match: "#" * len(match[0]), figures))
    figures = _KSEF.sub(lambda match: _ksef(world, match, found), figures)
    figures = _CONTRACT.sub(lambda match: _contract(world, match, found), figures)
    figures = _CUSTOMER.sub(lambda match: _customer(world, match, found), figures)
    figures = references.SUPPLIER.sub(lambda match: _supplier(match, found), figures)
    figures = _AMOUNT.sub(lambda match: "#" * len(match[0]), _DATE.sub(_date, figures))
    taken = _documents(world, figures, cut_at, found)
    rest = "".join(text[index] if figures[index] != "#" and not taken[index] else "#" for index in range(len(text)))
    found.months = months.read(rest, no_months)
    return found


def _figures(run: re.Match[str], text: str) -> str:
    """O, I and L inside a run of digits are digits, unless they end or begin a word."""
    digits, start, end = run[0], 0, len(run[0])
    if run.start() and text[run.start() - 1].isalpha():
        start = len(digits) - len(digits.lstrip("OIL"))
    if run.end() < len(text) and text[run.end()].isalpha():
        end = len(digits.rstrip("OIL"))
    return digits[:start] + digits[start:end].translate(_CONFUSED) + digits[end:]


def _ksef(world: World, match: re.Match[str], found: Reading) -> str:
    """Ours when shape and checksum are right; the text after 32 signs is not touched."""
    signs = [(match.start() + at, sign) for at, sign in enumerate(match[0]) if sign not in " -"]
    compact = "".join(sign for _at, sign in signs)[:KSEF_SIGNS]
    if len(compact) < 12:
        return match[0]
    number = f"{compact[:10]}-{compact[10:18]}-{compact[18:30]}-{compact[30:]}"
    document = world.ksef_document(number) if len(compact) == KSEF_SIGNS and crc8(number[:32]) == number[33:] else -1
    if document >= 0:
        found.ksef.append(document)
    elif len(compact) >= KSEF_SIGNS - 1:
        found.broken_ksef.append(compact)
    length = signs[len(compact) - 1][0] + 1 - match.start()
    return "#" * length + match[0][length:]


def _contract(world: World, match: re.Match[str], found: Reading) -> str:
    year = int(match[1].replace(" ", ""))
    account = world.contract_of(year, running_of(match[2].replace(" ", "")))
    if account:
        found.contracts.append(account)
    return "#" * len(match[0])


def _customer(world: World, match: re.Match[str], found: Reading) -> str:
    account = world.customer_of(re.sub("[ -]", "", match[0]))
    if not account:
        return match[0]
    found.customers.append(account)
    return "#" * len(match[0])


def _supplier(match: re.Match[str], found: Reading) -> str:
    """Somebody else's invoice, unless number, month and year are year, month and number of ours, or all is but a month."""
    running, month, year = (re.sub(" ", "", match[name] or "") for name in ("running", "month", "year"))
    is_month = not month and not match["sign"].strip() and len(running) <= 2 and int(running) <= 12
    is_ours = month and (running in _YEARS or any(one_slip(running, other) for other in _YEARS if len(other) == 4))
    if is_month or is_ours or year not in _YEARS:
        return match[0]
    found.suppliers.append(match[0])
    return "#" * len(match[0])


def _date(match: re.Match[str]) -> str:
    """A date is no number, unless a journal's prefix precedes it, or its year does of which a line's end tore a piece off.

    2026-10-33 is none: no month has so many days.
    """
    year, month, day = re.split("[.-]", match[0].replace(" ", ""))
    if len(year) == 4 and not (month in _MONTHS and 1 <= int(day) <= 31):
        return match[0]
    before = match.string[: match.start()]
    torn = _HALF_YEAR.search(before)
    if torn and torn[1] + match[0][: 4 - len(torn[1])] in _YEARS:
        before = before[: torn.start()]
    return match[0] if _letters(before) else "#" * len(match[0])


def exact(world: World, letters: str, groups: tuple[str, ...]) -> list[int]:
    """Documents of which these groups are a whole form."""
    found = []
    for year, month, digits in splits(groups, bool(letters)):
        running = running_of(digits)
        for journal in (letters,) if letters else SERIES:
            document = world.document_at(journal, year, month, running)
            if document >= 0:
                found.append(document)
    return found


def splits(groups: tuple[str, ...], short_year: bool) -> Iterator[tuple[int, int, str]]:
    """Year, month and running digits that the groups can mean."""
    if len(groups) == 3:
        year, month, digits = groups
        if len(month) == 2 and len(year) in (2, 4) and 1 <= int(month) <= 12:
            yield int(year) + (0 if len(year) == 4 else 2000), int(month), digits
    elif len(groups) == 1:
        whole = groups[0]
        if whole.startswith("20") and len(whole) > 6:
            yield from splits((whole[:4], whole[4:6], whole[6:]), False)
        if short_year and len(whole) > 4:
            yield from splits((whole[:2], whole[2:4], whole[4:]), False)


def _documents(world: World, text: str, cut_at: int, found: Reading) -> bytearray:
    """Fill ``found``; the places of the title that the numbers take are marked."""
    taken = bytearray(len(text))
    for cluster in _CLUSTER.finditer(text):
        groups = [(match[0], cluster.start() + match.start()) for match in re.finditer(r"\d+", cluster[0])]
        ends = [start + len(digits) for digits, start in groups]
        letters = _letters(text[: cluster.start()])
        index = 0
        while index < len(groups):
            used, kind, number = _at(world, groups[index:], text, letters, cut_at)
            if not used:
                index, letters = index + 1, ""
                continue
            if number:
                getattr(found, kind).append(number)
            start, end = groups[index][1], ends[index + used - 1]
            taken[start:end] = b"\1" * (end - start)
            index, letters = index + used, ""
    return taken


def _letters(before: str) -> str:
    match = _PREFIX.search(before)
    word = match[1] if match else ""
    if match and (torn := _TORN.search(before[: match.end(1)])) and torn[1] + word in SERIES:
        return torn[1] + word
    return next((series for series in SERIES if word.endswith(series) and _stands(word, series, before)), "")


def _stands(word: str, series: str, before: str) -> bool:
    """A prefix is a word of its own, or joined to the word before when its own end touches the number."""
    return word == series or not before.endswith(" ")


def _at(
    world: World, groups: list[tuple[str, int]], text: str, letters: str, cut_at: int
) -> tuple[int, str, Numbered | None]:
    """The number that begins at the first group: how many groups it takes, in which list it belongs, and itself.

    One that can be read in several ways is ambiguous; one that may have lost its last digits is a stub.
    """
    options = [option for option in _shapes(groups, text, letters) if not _hangs_on(option, groups, text, letters)]
    whole: list[tuple[int, tuple[str, ...], list[int]]] = []
    cut = False
    for used, merged, shape in options:
        documents = exact(world, letters, shape)
        if documents and not (merged and whole and whole[0][0] == used):
            whole.append((used, shape, documents))
            ends = groups[used - 1][1] + len(groups[used - 1][0])
            cut |= ends == cut_at
    if whole:
        documents = [document for _used, _shape, found in whole for document in found]
        kind = "stubs" if cut else "exact" if len(documents) == 1 else "ambiguous"
        return max(used for used, _shape, _found in whole), kind, Numbered(letters, whole[0][1], tuple(documents))
    like = [(used, shape) for used, _merged, shape in options if _looks_like(letters, shape)]
    if not like and not letters:
        return 0, "", None
    used = max((used for used, _shape in like), default=len(groups))
    shapes = tuple(shape for _used, shape in like) or (tuple(digits for digits, _start in groups),)
    ends = groups[used - 1][1] + len(groups[used - 1][0])
    if sum(map(len, shapes[0])) < LEGIBLE or (ends == len(text) and _is_stub(shapes[0])):
        return used, "stubs", Numbered(letters, shapes[0], shapes=shapes)
    return used, "unknown", Numbered(letters, shapes[0], shapes=shapes)


def _hangs_on(
    option: tuple[int, bool, tuple[str, ...]], groups: list[tuple[str, int]], text: str, letters: str
) -> bool:
    """Whether more digits hang on the end of a reading in three groups, and without one blank all is one number.

    "2026/07 7/35378" is no 2026/07/7 with something behind it.
    """
    used, merged, _shape = option
    if merged or used != 3 or len(groups) < 4:
        return False
    (last, start), (_next, behind) = groups[2:4]
    if text[start + len(last) : behind] not in ("/", "-", ".", "_", "\\"):
        return False
    return any(
        merged and used == 4 and _looks_like(letters, shape) for used, merged, shape in _shapes(groups, text, letters)
    )


def _running_digits(shape: tuple[str, ...]) -> int:
    return len(shape[-1]) - (0 if len(shape) == 3 else 6 if shape[0].startswith("20") else 4)


def _is_stub(shape: tuple[str, ...]) -> bool:
    """At the end of a title: two running digits or fewer, or some but not all of the leading zeros."""
    count = _running_digits(shape)
    return count < 3 or (count < WIDTH and shape[-1][-count] == "0")


def _shapes(groups: list[tuple[str, int]], text: str, letters: str) -> Iterator[tuple[int, bool, tuple[str, ...]]]:
    """(groups used, whether one blank was taken out, shape), the plain readings first."""
    digits = [text for text, _start in groups]
    # behind a prefix a short piece is the torn year, with a slip perhaps; without one only a year is
    stands = len(digits[0]) >= LEGIBLE if letters else "".join(digits[:2]) not in _YEARS
    blank = [
        text[groups[i][1] + len(groups[i][0]) : groups[i + 1][1]] == " "
        and not ((i or stands) and _begins(digits[i + 1 :]))
        for i in range(len(groups) - 1)
    ]
    if len(digits) >= 3:
        yield 3, False, tuple(digits[:3])
    yield 1, False, (digits[0],)
    for at in range(min(3, len(blank))):
        if blank[at] and len(digits) >= 4:
            joined = [*digits[:at], digits[at] + digits[at + 1], *digits[at + 2 :]]
            yield 4, True, tuple(joined[:3])
    if blank and blank[0]:
        yield 2, True, (digits[0] + digits[1],)


def _begins(digits: list[str]) -> bool:
    """Whether a number of its own begins here."""
    if len(digits[0]) >= LEGIBLE and _begins_dated(digits[0]):
        return True
    return len(digits) >= 3 and any(True for _split in splits(tuple(digits[:3]), True))


def _begins_dated(digits: str) -> bool:
    return digits[:4] in _YEARS and digits[4:6] in _MONTHS


def _looks_like(letters: str, shape: tuple[str, ...]) -> bool:
    """Document-like, though nobody's: year, month, running number with at most one slip in year or month."""
    if len(shape) == 1:
        whole = shape[0]
        return LEGIBLE <= len(whole) <= 13 and (bool(letters) or any(map(_begins_dated, (whole, *slips(whole[:7])))))
    year, month, running = shape
    right = (year in _YEARS, month in _MONTHS)
    slipped = (
        right[0] or any(one_slip(year, other) for other in _YEARS),
        right[1] or any(one_slip(month, other) for other in _MONTHS),
    )
    return any(right) and all(slipped) and len(running) <= 7
