"""Digits of a title that nothing explains: they may be a number of somebody, written in a way that was not read.

What is understood is taken away first: numbers of documents (the reading blanks them out), numbers of customers and
contracts that were found, dates, months, amounts, postal codes, telephone and tax numbers after their words. Digits
that stand near each other may belong together, whatever separates them; from three on they may be a number or what is
left of one. A year that stands alone is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .long_numbers import Number
from .parsing import may_be_cut
from .references import is_payers_own
from .slips import one_slip_from
from .text import BLANK, LOOKALIKE, plain

if TYPE_CHECKING:
    from .lexicon import Lexicon
    from .situation import Situation

#: so many digits may be a number, or what is left of one
FEWEST = 3
_YEAR = re.compile(r"20[1-3][0-9]")
_DIGITS = r"(?:[0-9OIL]*[0-9](?:[OIL]+(?![A-Z]))?)+"
_GROUP = re.compile(rf"{_DIGITS}(?:[^A-Z0-9{BLANK}]{{1,3}}{_DIGITS})*")
#: year and month, perhaps with zeros of a running number: the end of the title took the number itself
_STUB = re.compile(r"(?:20)?[0-9]{2}(?:0[1-9]?|1[0-2]?)?0*")
_LONGEST_STUB = 7
_LIKE_DOCUMENT = re.compile(r"(?:20)?[23][0-9](?:0[1-9]|1[0-2])[0-9]{1,7}")
#: without its letters a number of ours is known by a year of four digits
_WITH_CENTURY = re.compile(r"20[23][0-9](?:0[1-9]|1[0-2])[0-9]{2,7}")
_RUNS = re.compile(r"[0-9]+")
_NOT_DIGITS = re.compile(r"[^0-9]+")
#: what begins with a digit, or else with a word: at most places one look at the character tells that nothing does
_UNDERSTOOD = re.compile(
    r"(?=[0-9])(?:"
    # a day, a month of a year
    r"(?<![0-9./\-])(?:"
    r"(?<!F[AVS] )(?<!\bF )(?<!VAT)(?<!VAT[^A-Z0-9])(?<!VAT: )(?<!NR )(?<!RA[^A-Z0-9])"
    r"(?:(?:[0-2]?[0-9]|3[01])[./\-][01]?[0-9][./\-]20[1-3][0-9]|20[1-3][0-9]-[0-9]{2}-[0-9]{2})(?![0-9]|[./\-][0-9])"
    r"|(?<![0-9][./\-] )(?:0?[1-9]|1[0-2]) ?[./\-] ?20[0-9]{2}(?![0-9]|[./\-][0-9])"
    # money
    r"|[0-9]{1,3}(?: ?[0-9]{3})?[.,][0-9]{2} ?(?:ZL|PLN)"
    # a postal code before its town
    r"|[0-9]{2}-[0-9]{3} (?=[A-Z]{3}))"
    # the beginning of a KSeF number
    r"|(?<![0-9])[0-9]{10}-(?:20[0-9]{0,6}|20[0-9]{6}-[0-9A-F]{0,11})$)"
    r"|(?=[DKTFNRPUAO])(?:"
    # a day, perhaps torn by the end of a line or cut by the end of the title
    r"(?:DNIA|DATA|DATY)[ .:]{0,3}"
    r"(?:[0-3]? ?[0-9] ?[./\-] ?[01]? ?[0-9] ?[./\-] ?2 ?0 ?[0-9] ?[0-9](?![0-9])|[0-3]?[0-9]\.[01]?[0-9]\.20?[0-9]?$"
    r"|20[0-9]{2}-[0-9]{2}-[0-9]{2}(?![0-9])|20[0-9]{2}-[0-9]{2}-[0-9]?$)"
    # money
    r"|KWOT[AYEO][ :]{0,2}[0-9]{1,3}(?: ?[0-9]{3})? ?[.,] ?[0-9] ?[0-9](?![0-9])"
    # a telephone of nine digits, or what the end of the title left of it
    r"|(?:T ?E ?L|KOM|FAX|TELEFONU?)[ .:]{1,3}(?:\+?48[ \-]?)?[1-9](?:[ \-]?[0-9]){8}(?![0-9])"
    r"|(?:TEL|KOM|FAX)[ .:]{1,3}(?:\+?48[ \-]?)?[1-9](?:[ \-]?[0-9]){0,7}$"
    r"|(?:NIP|REGON|PESEL|KRS)[ .:]{0,3}[0-9](?:[ \-]?[0-9]){8,10}(?![0-9])"
    # a house
    r"|(?:\bUL|ULICA|\bAL|\bOS)\b[ .][A-Z0-9 .]{2,30}? [0-9]{1,3}[A-Z]?(?:/[0-9]{1,3})?(?![0-9]|[ ./\-]{1,3}[0-9]))"
)


class Leftover(NamedTuple):
    """``digits`` that may belong together, from ``start`` to ``end`` of the plain title."""

    digits: str
    start: int
    end: int


def leftovers(rest: str, numbers: Iterable[Number] = ()) -> tuple[Leftover, ...]:
    """Unexplained digits in what a reading left of a title.

    :param numbers: numbers of customers and contracts that were found among ours
    """
    for number in numbers:
        rest = rest[: number.start] + BLANK * (number.end - number.start) + rest[number.end :]
    return _not_understood(rest) if _RUNS.search(rest) else ()


@lru_cache(maxsize=4096)
def _not_understood(rest: str) -> tuple[Leftover, ...]:
    """Asked about one title for the customer and for his documents; "za październik 2026" stands in many."""
    return _groups(_UNDERSTOOD.sub(lambda found: BLANK * len(found.group()), rest))


def _groups(text: str) -> tuple[Leftover, ...]:
    """Digits that stand near each other, if they are enough for a number."""
    found = []
    for group in _GROUP.finditer(text):
        digits = _NOT_DIGITS.sub("", group.group().translate(LOOKALIKE))
        if len(digits) >= FEWEST and not _YEAR.fullmatch(group.group()):
            found.append(Leftover(digits, *group.span()))
    return tuple(found)


def unexplained(case: Situation, words: Iterable[str] = ()) -> bool:
    """The title holds digits that may be a number of anybody, or the beginning of one that the cut took.

    Digits of the payer's address are explained.

    :param words: words that were expected in the title
    """
    return bool(case.days) or bool(_unexplained(case, words))


def may_name_somebody(case: Situation, words: Iterable[str] = (), ours: Lexicon | None = None) -> bool:
    """As :func:`unexplained`, but the beginning of a number at the end of a cut title names nobody.

    :param ours: numbers of ours, where a reference of the payer's own is told from them and names nobody either
    """
    if case.days:
        return True
    found = _unexplained(case, words)
    return bool(found) and any(
        not _is_stub(leftover, case) and not (ours and _is_reference(leftover, case, ours)) for leftover in found
    )


def may_name_document(case: Situation) -> bool:
    """Among the unexplained digits are some that begin with a year and a month and go on, as document numbers do."""
    found = _unexplained(case)
    return bool(found) and any(
        _LIKE_DOCUMENT.fullmatch(leftover.digits) and not _is_stub(leftover, case) for leftover in found
    )


def may_name_one_more(case: Situation) -> bool:
    """Beside documents that are named, unexplained digits may be those of one more, as they stand or with one slip."""
    found = _unexplained(case)
    return bool(found) and any(
        _WITH_CENTURY.fullmatch(way)
        for leftover in found
        for digits in {leftover.digits, *_RUNS.findall(case.reading.rest, leftover.start, leftover.end)}
        for way in (digits, *one_slip_from(digits))
    )


def _unexplained(case: Situation, words: Iterable[str] = ()) -> tuple[Leftover, ...]:
    reading = case.reading
    if reading.digits_left < FEWEST:
        return ()
    ours = {number for number, _account in (*case.strong, *case.weak)}
    found = leftovers(reading.rest, [number for number in reading.numbers if number.key in ours])
    if not found:
        return ()
    known = {leftover.digits for leftover in _groups(plain(" ".join((case.tx.party_name, *words))))}
    return tuple(leftover for leftover in found if leftover.digits not in known)


def _is_reference(leftover: Leftover, case: Situation, ours: Lexicon) -> bool:
    tx = case.tx
    return is_payers_own(case.reading.rest, leftover.start, leftover.end, len(tx.title), ours, tx.value_date.year)


def _is_stub(leftover: Leftover, case: Situation) -> bool:
    return (
        len(leftover.digits) <= _LONGEST_STUB
        and leftover.end == len(case.reading.rest.rstrip())
        and may_be_cut(len(case.tx.title))
        and _STUB.fullmatch(leftover.digits) is not None
    )
