"""Customer and contract numbers in what is left of a title."""

from __future__ import annotations

import re
from typing import NamedTuple

from .text import LOOKALIKE

#: begins at the beginning of a word, or behind look-alikes that ended the number before
_GROUP = re.compile(
    r"(?<![A-HJKMNP-Z])([A-Z]*+)([\s.:/\-#]*+)(?<![0-9])"
    r"([0-9OIL]*[0-9][0-9OIL]*(?:(?: ?/ ?|[ \-.,] ?)[0-9OIL]*[0-9][0-9OIL]*)*)"
)
_SPLIT = re.compile(r" ?/ ?|[ \-.,] ?")
#: numbers after these words are something else
_OTHER = frozenset(
    ("TEL", "TELEFON", "TELEFONU", "KOM", "FAX", "NIP", "REGON", "PESEL", "KRS", "NRB", "IBAN", "PLN", "DOWOD")
)
_FEWEST, _MOST = 6, 14
#: a digit -> the digits of its double, added
_DOUBLED = str.maketrans("0123456789", "0246813579")
#: what may stand between the letters of a contract number and its digits
_GLUE = frozenset(("", "/", "-"))
#: digits of the widest running number of contracts
_WIDEST = 6


class Number(NamedTuple):
    """``key`` as match key; ``is_checked``: its digits end with a right Luhn digit; ``is_torn``: joined from two
    groups of digits that may have stood for themselves. Its digits stand from ``start`` to ``end``."""

    key: str
    is_checked: bool
    is_torn: bool = False
    start: int = 0
    end: int = 0


def luhn_is_valid(digits: str) -> bool:
    """The last digit is the Luhn check digit of the others, as billing accounts are numbered."""
    as_is, doubled = digits[::-2].encode(), digits[-2::-2].translate(_DOUBLED).encode()
    return (sum(as_is) + sum(doubled) - 48 * len(digits)) % 10 == 0


def customer_numbers(rest: str) -> list[Number]:
    """Candidates for a look-up: digits alone with a right check digit, or letters followed by digits."""
    found: dict[str, Number] = {}
    for match in _GROUP.finditer(rest):
        word, gap, written = match.groups()
        if word in _OTHER:
            continue
        place = match.start(3)
        if rest[match.end() : match.end() + 1].isalpha():
            written = written.rstrip("OIL")  # they begin the word that is glued to the number
        for digits, is_torn, start, end in _readings(written):
            if _FEWEST <= len(digits) <= _MOST and luhn_is_valid(digits):
                found.setdefault(digits, Number(digits, True, is_torn, place + start, place + end))
        if word and gap.strip() in _GLUE and len(gap) < 4:
            # the first letters of a word glued to the number look like digits
            for text in (written,) if written[-1].isdigit() else (written, written.rstrip("OIL")):
                joined = text if text.isdigit() else "".join(_SPLIT.split(text)).translate(LOOKALIKE)
                if not 4 <= len(joined) <= _MOST:
                    continue
                ways = [(digits, digits in found or luhn_is_valid(digits)) for digits in (joined, *_padded(text))]
                # words may be glued to the letters of a contract number
                for letters in (word,) if len(word) <= 4 else (word[-4:], word[-3:], word[-2:]):
                    for digits, is_checked in ways:
                        key = letters + digits
                        found.setdefault(key, Number(key, is_checked, False, place, place + len(text)))
    return list(found.values())


def _padded(written: str) -> list[str]:
    """A year and a running number that may have lost its leading zeros, with the zeros it may have had."""
    if written.isdigit() or written[:1] not in "12IL" or written.count("/") > 1:
        return []
    pieces = [piece.translate(LOOKALIKE) for piece in _SPLIT.split(written)]
    if len(pieces) != 2 or len(pieces[0]) != 4 or pieces[0][:2] not in ("19", "20") or pieces[1].startswith("0"):
        return []
    return [pieces[0] + pieces[1].zfill(width) for width in range(len(pieces[1]) + 1, _WIDEST + 1)]


def _readings(written: str) -> list[tuple[str, bool, int, int]]:
    """(digits, whether they are joined from groups that may mean something else, from where, to where)."""
    whole = len(written)
    if written.isdigit():
        return [(written, False, 0, whole)]
    if ("/" in written or "." in written) and not ("," in written or " " in written or "-" in written):
        return []  # groups that only these divide are parts of one number, and not of a customer's
    pieces = [piece.translate(LOOKALIKE) for piece in _SPLIT.split(written)]
    if len(pieces) == 1:
        bare = written.rstrip("OIL")
        return [(pieces[0], False, 0, whole), (bare.translate(LOOKALIKE), False, 0, len(bare))]
    places = _places(written)
    seps = {sep.strip() or " " for sep in _SPLIT.findall(written)}
    # each number of a list stands for itself; parts of dates, amounts and numbers with slashes do not
    found = [(piece, False, *place) for piece, place in zip(pieces, places, strict=True)] if seps <= {" ", ","} else []
    thirds = len(pieces) > 2 and len(pieces[0]) <= 3 and all(len(piece) == 3 for piece in pieces[1:])
    if thirds and len(seps) == 1 and seps <= {" ", "-"}:
        found.append(("".join(pieces), False, 0, whole))
    if " " in seps:
        found += [
            ("".join(pieces[first:last]), True, places[first][0], places[last - 1][1])
            for first in range(min(len(pieces), 6))
            for last in range(first + 2, min(len(pieces), first + 4) + 1)
        ]
    return found


def _places(written: str) -> list[tuple[int, int]]:
    """Where the groups of digits of a number stand."""
    gaps = [found.span() for found in _SPLIT.finditer(written)]
    starts = [0, *(end for _start, end in gaps)]
    return list(zip(starts, [*(start for start, _end in gaps), len(written)], strict=True))
