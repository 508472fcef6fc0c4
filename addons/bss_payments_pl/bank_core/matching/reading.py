"""A title, read once: document numbers, KSeF numbers, customer numbers, and what is left of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from . import ksef
from .lexicon import Lexicon
from .long_numbers import Number, customer_numbers
from .mentions import clean_mentions, other_mentions
from .parsing import Mention
from .slips import digits_of
from .text import BLANK, LOOKALIKE, plain

_DIGIT = re.compile(r"[0-9]")
#: characters of the shortest of the long numbers, a bank account
_LONG = 26
_ACCOUNT = re.compile(r"(?<![0-9])(?:PL ?)?([0-9](?:[ \-]?[0-9]){25})(?![0-9])")
#: a split payment names amount of tax and tax id beside the invoice
_SPLIT_PAYMENT = re.compile(r"/VAT/[0-9.,]*|/IDC/[0-9A-Z]*", re.IGNORECASE)
#: the end of a number, then a short one: a list or a range
_FOLLOWED = re.compile(r"(?: ?[,;+&] ?| ?- ?| I | ORAZ )[0-9]{1,6}(?![0-9.,/]|[ ]?(?:ZL|PLN))")
#: what is understood though it is no number of a document: dates, months, amounts, phones
_HARMLESS = re.compile(
    r"(?<![0-9A-Z./\-])(?<![0-9][./\-] )(?:(?<!F[AV] )(?<!NR )(?<!RA )[0-9]{1,2}[./\-][0-9]{1,2}[./\-]20[1-3][0-9]|20[1-3][0-9]-[0-9]{2}-[0-9]{2}"
    r"|(?:0?[1-9]|1[0-2])[./\-]20[0-9]{2}|[0-9]{3}-[0-9]{3}-[0-9]{3}|[0-9]+[.,][0-9]{2}(?= ?(?:ZL|PLN)))"
    r"(?![0-9A-Z/\-]|\.[0-9])"
)
#: groups of digits with separators, or very long ones: a number that was not understood
_FRAGMENT = re.compile(r"[0-9][0-9OIL]*(?:[/\\_\-.] ?[0-9][0-9OIL]*)+|[0-9]{12,}|20[0-9]{2} [0-9]{1,2}(?![0-9])")


class Reading(NamedTuple):
    """``rest`` is the plain title with every number that was understood blanked out."""

    mentions: tuple[Mention, ...]
    ksef: tuple[str, ...]
    numbers: tuple[Number, ...]
    nrbs: tuple[str, ...]
    rest: str
    text: str
    #: more numbers follow in a short form ("…/00123, 124" or "…/00123-00125")
    has_list: bool = False
    #: numbers built like KSeF numbers with a wrong checksum, without dashes
    damaged_ksef: tuple[str, ...] = ()
    #: digits that are left and may be pieces of numbers
    fragments: tuple[str, ...] = ()
    #: how many digits are left
    digits_left: int = 0


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + BLANK * (end - start) + text[end:]


def _fragments(rest: str, words: Lexicon) -> tuple[str, ...]:
    # most titles hold nothing of the kind, harmless or not
    if not _FRAGMENT.search(rest) and not (words.stump and words.stump.search(rest)):
        return ()
    rest = _HARMLESS.sub(" ", rest)
    found = [digits_of(piece.translate(LOOKALIKE)) for piece in _FRAGMENT.findall(rest)]
    if words.stump:
        found += [digits_of(piece) for piece in words.stump.findall(rest)]
    return tuple(dict.fromkeys(found))


def _numbers(before: str, rest: str, mentions: Sequence[Mention]) -> list[Number]:
    """Numbers of customers and contracts; what may be no document of ours may be one of them, but proves nothing."""
    found = customer_numbers(rest) if _DIGIT.search(rest) else []
    doubtful = [one for one in mentions if not one.keys or (not one.prefix and " " in one.written)]
    if not doubtful:
        return found
    for mention in doubtful:
        rest = rest[: mention.start] + before[mention.start : mention.end] + rest[mention.end :]
    known = {number.key for number in found}
    return found + [one._replace(is_torn=True) for one in customer_numbers(rest) if one.key not in known]


@lru_cache(maxsize=4096)
def read_title(title: str, words: Lexicon) -> Reading:
    """Everything a title names, by the shapes of our numbers. Nothing is looked up."""
    text = plain(title)
    if not _DIGIT.search(text):
        return Reading((), (), (), (), text, text)
    mentions, rest = clean_mentions(text, words, len(title))
    if not _DIGIT.search(rest):
        return Reading(tuple(mentions), (), (), (), rest, text)
    if "/VAT/" in rest or "/IDC/" in rest:
        for found in _SPLIT_PAYMENT.finditer(rest):
            rest = _blank(rest, *found.span())
        rest = rest.replace("/INV/", BLANK * 5).replace("/TXT/", BLANK * 5).replace("/IDP/", BLANK * 5)
    keys: list[str] = []
    nrbs: list[str] = []
    damaged: list[str] = []
    left = len(rest) - rest.count(BLANK)
    if left >= _LONG:
        for key, start, end in ksef.find(rest) if left >= ksef.LENGTH else ():
            keys.append(key)
            rest = _blank(rest, start, end)
        for key, start, end in ksef.find_damaged(rest):
            damaged.append(key)
            rest = _blank(rest, start, end)
        for found in _ACCOUNT.finditer(rest) if len(digits_of(rest)) >= _LONG else ():
            nrbs.append(found.group(1).replace(" ", "").replace("-", ""))
            rest = _blank(rest, *found.span())
    before = rest
    more, rest = other_mentions(before, words, len(title))
    mentions += more
    numbers = _numbers(before, rest, more)
    ordered = tuple(sorted(mentions, key=lambda mention: mention.start))
    # a short number behind another, and pieces of numbers, are made of digits
    digits = len(digits_of(rest))
    return Reading(
        ordered,
        tuple(dict.fromkeys(keys)),
        tuple(numbers),
        tuple(nrbs),
        rest,
        text,
        digits > 0 and any(_FOLLOWED.match(rest, mention.end) for mention in ordered),
        tuple(damaged),
        _fragments(rest, words) if digits else (),
        digits,
    )
