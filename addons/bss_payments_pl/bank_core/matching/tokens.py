"""A plain title as tokens of letters and of digits, and where a number may begin among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from .text import LOOKALIKE

_TOKEN = re.compile(r"[0-9][0-9OIL]*|[OIL]+[0-9][0-9OIL]*|[A-Z]+")
_INSIDE = frozenset(" /.-_\\:\n\r\t")
_GLUE = frozenset("/-\\_")
#: words that stand before a number and are no part of it
_GENERIC = ("FV", "FVAT", "FAKTURA", "FAKTURE", "FAKTURY", "FAKT", "FAKTUR", "NR", "VAT", "NUMER", "ZA", "RACH",
            "RACHUNEK", "DO", "INV", "NV", "V", "F", "ZAPLATA", "OPLATA", "WPLATA", "KORYGUJACA", "KORYG", "I", "ORAZ", "RA", "FRA")  # fmt: skip
_MAX_TOKENS = 9


class Token(NamedTuple):
    """``digits`` is empty for letters; ``gap`` stands between the token before and this one."""

    text: str
    digits: str
    start: int
    end: int
    gap: str


def tokens_of(text: str) -> list[Token]:
    """Letters and digits of a plain text; look-alikes glued to digits count as digits."""
    tokens = []
    before = 0
    for match in _TOKEN.finditer(text):
        word = match.group()
        start, end = match.span()
        if word.isdigit():
            tokens.append(Token(word, word, start, end, text[before:start]))
        elif not word.isalpha():
            bare = word.rstrip("OIL")
            if bare != word and text[end : end + 1].isalpha():
                # the letters begin a word that was glued to the number
                end -= len(word) - len(bare)
                tail = Token(text[end : match.end()], "", end, match.end(), "")
                tokens.append(Token(bare, bare.translate(LOOKALIKE), start, end, text[before:start]))
                tokens.append(tail)
            else:
                tokens.append(Token(word, word.translate(LOOKALIKE), start, end, text[before:start]))
        elif tokens and not tokens[-1].digits and start == before and not tokens[-1].gap:
            last = tokens.pop()
            tokens.append(Token(last.text + word, "", last.start, end, last.gap))
        else:
            tokens.append(Token(word, "", start, end, text[before:start]))
        before = match.end()
    return tokens


def follows(token: Token) -> bool:
    """What stands before this token may stand inside of a number."""
    return len(token.gap) <= 3 and _INSIDE.issuperset(token.gap)


def may_begin(tokens: Sequence[Token], place: int) -> bool:
    """A number without its letters: no other letters and no digits are glued to its front."""
    token = tokens[place]
    if not place:
        return True
    before = tokens[place - 1]
    if before.digits:
        return not token.gap or token.gap[0] not in "/-\\_.:"
    # letters with a stroke are another series; letters without anything between are words that lost their blanks
    return not _GLUE.intersection(token.gap) or is_generic(before.text)


def is_generic(word: str) -> bool:
    """A word that stands before numbers, perhaps with others glued to it."""
    return word in _GENERIC or any(len(end) > 1 and word.endswith(end) for end in _GENERIC)


def run_from(tokens: Sequence[Token], place: int) -> list[Token]:
    """Tokens of digits from this one on, with nothing between them that ends a number."""
    run: list[Token] = []
    for token in tokens[place : place + _MAX_TOKENS]:
        if not token.digits or (run and not follows(token)):
            break
        run.append(token)
    return run
