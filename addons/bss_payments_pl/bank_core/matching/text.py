"""Texts of titles and names, made comparable."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_POLISH = str.maketrans("ąćęłńóśźżĄĆĘŁŃÓŚŹŻøØđĐ", "ACELNOSZZACELNOSZZOODD")
_WORD = re.compile(r"[A-Z0-9]+")
_DIGIT_RUN = re.compile(r"[0-9OIL]*[0-9][0-9OIL]*")
#: what was understood of a title is overwritten with this
BLANK = "\x00"
LOOKALIKE = str.maketrans("OIL", "011")
_NOT_KEY = re.compile(r"[^A-Z0-9]+")
#: legal forms say nothing about who it is, and nobody writes them twice the same way
_FORMS = re.compile(
    r"\b(?:"
    r"SPOLKA\s+Z\s+OGR[A-Z]*(?:\s+O(?:DP[A-Z]*)?)?|SP(?:OLKA|[.\s])\s*Z(?:[.\s]*O)?(?=\W*$)|SPOLKA\s+(?:AKCYJNA|JAWNA|CYWILNA|KOMANDYTOWO?A?|PARTNERSKA)"
    r"|(?:SP(?:OLKA)?[.\s]*)Z[.\s]*O[.\s]*O\b|SPZOO|SP[.\s]+[JKP]\b|P?S\.\s?A\b|P?SA(?=\W*$)|S\.\s?C\b|S\.?C\.?(?=\W*$)"
    r"|SPOLKA"
    r")\.?"
)

#: banks put the address behind the name
_ADDRESS = re.compile(
    r"(?<=[A-Z])[\s,;]+(?:(?:UL|ULICA|OS|AL)(?:\.\s?|\s+)[A-Z0-9].*|[0-9]{2}-[0-9]{3}\b.*)$", re.DOTALL
)


def plain(text: str) -> str:
    """Upper case without diacritics."""
    if text.isascii():
        return text.upper()
    text = text.translate(_POLISH).upper()
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).upper()


def match_key(number: str) -> str:
    """A number as it is looked up: upper case letters and digits only.

    In SQL: ``regexp_replace(upper(number), '[^A-Z0-9]', '', 'g')``.
    """
    return _NOT_KEY.sub("", plain(number))


def normalise(text: str) -> str:
    """Upper case, no diacritics, only letters and digits; look-alikes become digits inside numbers."""
    return "".join(_DIGIT_RUN.sub(lambda run: run.group().translate(LOOKALIKE), word) for word in words_of(text))


def words_of(text: str) -> list[str]:
    """Words and numbers of a text, in its order."""
    return _WORD.findall(plain(text))


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """Words of a name in alphabetical order, legal forms dropped: "NOWAK ANNA" and "Anna Nowak" are equal."""
    text = plain(name)
    if "-" in text or "UL" in text or "OS" in text or "AL" in text:
        address = _ADDRESS.search(text)
        if address:
            text = text[: address.start()]
    if " S" in text or " P" in text:
        stripped = _WORD.findall(_FORMS.sub(" ", text))
        if stripped:
            return " ".join(sorted(stripped))
    return " ".join(sorted(_WORD.findall(text)))
