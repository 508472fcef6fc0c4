"""Texts of titles and names, made comparable."""

from __future__ import annotations

import re
import unicodedata

_PLAIN_L = str.maketrans("ŁłØøĐđ", "LlOoDd")
_TOKEN = re.compile(r"[A-Z0-9]+")
_DIGIT_RUN = re.compile(r"[0-9OIL]*[0-9][0-9OIL]*")
LOOKALIKE = str.maketrans("OIL", "011")
_NOT_KEY = re.compile(r"[^A-Z0-9]+")


def plain(text: str) -> str:
    """Upper case without diacritics."""
    if text.isascii():
        return text.upper()
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN_L))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).upper()


def match_key(number: str) -> str:
    """A number as it is looked up: upper case letters and digits only.

    In SQL: ``regexp_replace(upper(number), '[^A-Z0-9]', '', 'g')``.
    """
    return _NOT_KEY.sub("", plain(number))


def tokens(text: str) -> list[tuple[str, int]]:
    """Runs of letters and digits with their place in the joined text; look-alikes made digits."""
    result = []
    start = 0
    for match in _TOKEN.finditer(plain(text)):
        token = _DIGIT_RUN.sub(lambda run: run.group().translate(LOOKALIKE), match.group())
        result.append((token, start))
        start += len(token)
    return result


def normalise(text: str) -> str:
    """Upper case, no diacritics, only letters and digits; look-alikes become digits inside numbers."""
    return "".join(token for token, _start in tokens(text))


def name_key(name: str) -> str:
    """Words of a name in alphabetical order: "NOWAK ANNA" and "Anna Nowak" are equal."""
    return " ".join(sorted(_TOKEN.findall(plain(name))))
