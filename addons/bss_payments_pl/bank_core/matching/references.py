"""References of the payer's own: his order, policy or flat, written in every transfer, and no number of ours.

A known payer would wait for a person each month because of them. They are told by the word before them, and only
while they stand alone and cannot be a number of ours, nor one with a slip in it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .lexicon import Layout, Lexicon
from .parsing import may_be_cut
from .shapes import LITERAL, MONTH, YEAR
from .slips import one_slip_from
from .text import BLANK

#: a customer number has nine digits: eight may be one that lost a digit
_MOST = 7
#: payers quote invoices and contracts of the last years
_YEARS_BACK, _YEARS_AHEAD = 5, 1
_BEFORE = re.compile(
    r"(?<![0-9A-Z/\\_\-])"
    r"(ZAM(?:OWIENI[AEU]M?)?|ZLEC(?:ENI[AEU]M?)?|REF(?:ERENCJ[AIE]|ERENCE)?|POLIS[AYE]|PO|ORDER|MPK"
    r"|DZIALK[AIE]|LICZNIKA?|SKLEPU?|OBIEKTU?|LOK(?:AL|ALU)?|MIESZK(?:ANI[AE])?)"
    r"[ .:#]{1,3}(?:NR[ .:]{1,2})?$"
)
_FLAT = re.compile(r"[1-9][0-9]{0,2}/[1-9][0-9]{0,2}")
_OF_FLATS = ("LOK", "MIESZK")
#: more digits, a stroke, what was understood of a number, or letters that look like digits: it may go on there
_GOES_ON = re.compile(rf"[A-Z/\\_\-]|[^A-Z0-9{BLANK}]*(?:[0-9{BLANK}]|[OIL]+(?![A-Z]))")


def is_payers_own(rest: str, start: int, end: int, length: int, words: Lexicon, year: int) -> bool:
    """The digits from ``start`` to ``end`` of what was left of a title are a reference of the payer's own.

    :param length: characters of the whole title
    :param year: of the payment; numbers of ours are some years old at most
    """
    before = _BEFORE.search(rest[:start])
    if before is None or before.group(1) in words.prefixes or _GOES_ON.match(rest, end):
        return False
    if end >= len(rest.rstrip()) and may_be_cut(length):
        return False
    written = rest[start:end]
    if _FLAT.fullmatch(written):
        # a contract of this year or that, written short, has its year before the stroke
        return before.group(1).startswith(_OF_FLATS) and f"20{written.partition('/')[0]:0>2}" not in _years(year)
    return written.isdecimal() and not may_be_ours(written, words, year)


@lru_cache(maxsize=4096)
def may_be_ours(digits: str, words: Lexicon, year: int) -> bool:
    """Digits may be a number of a document, contract or customer without its letters and separators, or one slip
    from it."""
    if len(digits) > _MOST or digits.startswith("0"):
        return True
    as_written, with_slip = _ours(words, year)
    return as_written.fullmatch(digits) is not None or any(with_slip.fullmatch(way) for way in one_slip_from(digits))


@lru_cache(maxsize=16)
def _ours(words: Lexicon, year: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Numbers of ours in digits alone; the second without those so short that a slip makes one of any digits."""
    years = _years(year)
    short = [one[2:] for one in years]
    contract = "20[0-3][0-9][0-9]+"
    written, slipped = [contract], [contract]
    for layout in words.layouts:
        written.append(_form(layout, (*years, *short)))
        dated = any(part.kind == MONTH for part in layout.parts)
        slipped.append(_form(layout, (*years, *short) if dated else years))
    return re.compile("|".join(written)), re.compile("|".join(slipped))


def _years(year: int) -> tuple[str, ...]:
    """Years that numbers in a payment of this year may bear."""
    return tuple(str(one) for one in range(year - _YEARS_BACK, year + _YEARS_AHEAD + 1))


def _form(layout: Layout, years: tuple[str, ...]) -> str:
    """All digits of a number; its running number may have lost its zeros."""
    form = ""
    for place, (kind, _text, width) in enumerate(layout.parts):
        if place == layout.running:
            form += rf"(?!0+(?![0-9]))[0-9]{{1,{layout.width}}}"
        elif kind == YEAR:
            form += f"(?:{'|'.join(years)})"
        elif kind == MONTH:
            form += "(?:0[1-9]|1[0-2])"
        elif kind != LITERAL:
            form += f"[0-9]{{{width}}}"
    return form
