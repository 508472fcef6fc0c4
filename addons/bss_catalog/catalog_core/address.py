"""Addresses as clerks type them, made comparable with the search keys of places.

A search key is a line of words in small letters without accents, each between spaces: " lipowa 12 m5 klb kutno 99-300 ".
The number of the premises carries the letter m, the mark of the staircase kl, so that flat 12 of house 5 is not
house 12.
"""

import re

#: letters and what they are folded to; the same table works in SQL: translate(lower(text), UNFOLDED, FOLDED)
UNFOLDED = "ąćęłńóśźżäöüáéíýčšžěřůúàâèêëîïôûùçåøñß"
FOLDED = "acelnoszzaouaeiycszeruuaaeeeiiouucaons"
_FOLDING = str.maketrans(UNFOLDED, FOLDED)

_NOISE = frozenset({"ul", "ulica", "nr", "dom", "miejscowosc", "kod"})
_PREMISES = frozenset({"m", "mieszkanie", "lok", "lokal", "mieszk"})
_STAIRCASE = frozenset({"kl", "klatka"})
_NUMBER = re.compile(r"[0-9]+[a-z]?")
_SLASHED = re.compile(r"([0-9]+[a-z]?)((?:/[0-9]+[a-z]?)+)")
_POSTCODE = re.compile(r"[0-9]{2}-[0-9]{3}")
_GLUED = re.compile(r"(m|lok)([0-9]+[a-z]?)")
_WORDS = re.compile(r"[a-z0-9/-]+")


def fold(text: str) -> str:
    """``text`` in small letters without accents."""
    return text.lower().translate(_FOLDING)


def search_tokens(text: str) -> list[list[str]]:
    """Readings of ``text``: each a list of pieces that all have to be found in a search key.

    A slash is read both ways: "12/5" is flat 5 of house 12, or house 12/5. Words match at their beginning.
    """
    words = [word for word in _WORDS.findall(fold(text)) if word not in _NOISE]
    readings: list[list[str]] = [[]]
    house = False
    mark = ""
    for word in words:
        if word in _PREMISES or word in _STAIRCASE:
            mark = "m" if word in _PREMISES else "kl"
            continue
        glued = _GLUED.fullmatch(word)
        if mark:
            readings = [[*reading, f" {mark}{word} "] for reading in readings]
            mark = ""
        elif glued:
            readings = [[*reading, f" m{glued[2]} "] for reading in readings]
        elif slashed := _SLASHED.fullmatch(word):
            house = True
            readings = [[*reading, *pieces] for reading in readings for pieces in _slash_readings(slashed[1], word)]
        elif _NUMBER.fullmatch(word) and house:
            # a second number is the flat, unless the first was part of the street's name ("3 Maja 5")
            readings = [[*reading, piece] for reading in readings for piece in (f" m{word} ", f" {word} ")]
        elif _NUMBER.fullmatch(word):
            house = True
            readings = [[*reading, f" {word} "] for reading in readings]
        else:
            piece = f" {word} " if _POSTCODE.fullmatch(word) else f" {word}"
            readings = [[*reading, piece] for reading in readings]
    return [reading for reading in readings if reading]


def _slash_readings(first: str, word: str) -> list[list[str]]:
    whole = [f" {word} "]
    head, _slash, last = word.rpartition("/")
    flat = [f" {head} ", f" m{last} "]
    return [flat, whole]
