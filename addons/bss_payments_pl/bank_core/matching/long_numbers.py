"""Customer and contract numbers in what is left of a title."""

from __future__ import annotations

import re
from typing import NamedTuple

from .text import LOOKALIKE

_GROUP = re.compile(
    r"([A-Z]*)((?:[\s.:/\-#]*))(?<![0-9])([0-9OIL]*[0-9][0-9OIL]*(?:[ \-/.,] ?[0-9OIL]*[0-9][0-9OIL]*)*)"
)
_SPLIT = re.compile(r"[ \-/.,] ?")
#: numbers after these words are something else
_OTHER = frozenset(
    ("TEL", "TELEFON", "TELEFONU", "KOM", "FAX", "NIP", "REGON", "PESEL", "KRS", "NRB", "IBAN", "PLN", "DOWOD")
)
_FEWEST, _MOST = 6, 14
#: a digit -> the digits of its double, added
_DOUBLED = str.maketrans("0123456789", "0246813579")
#: digits of the widest running number of contracts
_WIDEST = 6


class Number(NamedTuple):
    """``key`` as match key; ``is_checked``: its digits end with a right Luhn digit; ``is_torn``: joined from two
    groups of digits that may have stood for themselves."""

    key: str
    is_checked: bool
    is_torn: bool = False


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
        for digits, is_torn in _readings(written):
            if _FEWEST <= len(digits) <= _MOST and luhn_is_valid(digits):
                found.setdefault(digits, Number(digits, True, is_torn))
        if word and (not gap or gap in "/- "):
            # the first letters of a word glued to the number look like digits
            for text in dict.fromkeys((written, written.rstrip("OIL"))):
                joined = "".join(_SPLIT.split(text)).translate(LOOKALIKE)
                if not 4 <= len(joined) <= _MOST:
                    continue
                ways = [(digits, luhn_is_valid(digits)) for digits in (joined, *_padded(text))]
                # words may be glued to the letters of a contract number
                for letters in (word,) if len(word) <= 4 else (word[-4:], word[-3:], word[-2:]):
                    for digits, is_checked in ways:
                        found.setdefault(letters + digits, Number(letters + digits, is_checked))
    return list(found.values())


def _padded(written: str) -> list[str]:
    """A year and a running number that may have lost its leading zeros, with the zeros it may have had."""
    pieces = [piece.translate(LOOKALIKE) for piece in _SPLIT.split(written)]
    if len(pieces) != 2 or len(pieces[0]) != 4 or pieces[0][:2] not in ("19", "20") or pieces[1].startswith("0"):
        return []
    return [pieces[0] + pieces[1].zfill(width) for width in range(len(pieces[1]) + 1, _WIDEST + 1)]


def _readings(written: str) -> list[tuple[str, bool]]:
    """(digits, whether they are joined from groups that may mean something else)."""
    if written.isdigit():
        return [(written, False)]
    pieces = [piece.translate(LOOKALIKE) for piece in _SPLIT.split(written)]
    if len(pieces) == 1:
        return [(pieces[0], False), (written.rstrip("OIL").translate(LOOKALIKE), False)]
    seps = {sep.strip() or " " for sep in _SPLIT.findall(written)}
    # each number of a list stands for itself; parts of dates, amounts and numbers with slashes do not
    found = [(piece, False) for piece in pieces] if seps <= {" ", ","} else []
    thirds = len(pieces) > 2 and len(pieces[0]) <= 3 and all(len(piece) == 3 for piece in pieces[1:])
    if thirds and len(seps) == 1 and seps <= {" ", "-"}:
        found.append(("".join(pieces), False))
    if " " in seps:
        found += [
            ("".join(pieces[start:end]), True)
            for start in range(min(len(pieces), 6))
            for end in range(start + 2, min(len(pieces), start + 4) + 1)
        ]
    return found
