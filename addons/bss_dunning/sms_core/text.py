"""How long a text message is, what it costs, and how letters are spelled so that it stays cheap.

Source: 3GPP TS 23.038 (alphabet), TS 23.040 (messages of several parts).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# written as an escape and a character: two places each
_EXTENSION = frozenset("\f^{}\\[~]|€")

_SPELLED = str.maketrans(
    {
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "þ": "th",
        "œ": "oe",
        "Œ": "OE",
        "ı": "i",
        "ẞ": "ß",
        "„": '"',
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "‘": "'",
        "’": "'",
        "‚": "'",
        "`": "'",
        "´": "'",
        "–": "-",
        "—": "-",
        "‐": "-",
        "\u2011": "-",
        "−": "-",
        "…": "...",
        "•": "-",
        "·": "-",
        "×": "x",
        "\t": " ",
        "\u00a0": " ",
        "\u2007": " ",
        "\u2009": " ",
        "\u202f": " ",
        "\u200b": "",
        "\ufeff": "",
        "\u00ad": "",
    }
)


@dataclass(frozen=True)
class Size:
    """Length of a text: ``units`` are places of GSM-7 or 16-bit units of UCS-2; an empty text has no part."""

    encoding: str
    units: int
    parts: int


def _is_gsm7(text: str) -> bool:
    return all(letter in _BASIC or letter in _EXTENSION for letter in text)


def measure(text: str) -> Size:
    """Encoding and number of parts in which the network carries a text."""
    if _is_gsm7(text):
        widths = [1 if letter in _BASIC else 2 for letter in text]
        return Size("gsm7", sum(widths), _parts(widths, 160, 153))
    widths = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    return Size("ucs2", sum(widths), _parts(widths, 70, 67))


def _parts(widths: list[int], alone: int, of_many: int) -> int:
    """Parts for characters of these widths; none is cut in two by the end of a part."""
    if sum(widths) <= alone:
        return 1 if widths else 0
    parts, room = 1, of_many
    for width in widths:
        if width > room:
            parts, room = parts + 1, of_many
        room -= width
    return parts


def transliterate(text: str) -> str:
    """The text in the letters of GSM-7, Polish and other accents left out.

    A text that has letters of another script (Ukrainian, Greek) stays as it is: spelling half of it saves nothing.
    """
    spelled = "".join(_spell(letter) for letter in unicodedata.normalize("NFC", text))
    return spelled if _is_gsm7(spelled) else text


def _spell(letter: str) -> str:
    if letter in _BASIC or letter in _EXTENSION:
        return letter
    found = letter.translate(_SPELLED)
    if found != letter:
        return found
    plain = unicodedata.normalize("NFKD", letter)
    return "".join(one for one in plain if not unicodedata.combining(one)) or letter


def cost(parts: int, price: Decimal) -> Decimal:
    """Price of a message: operators charge by the part."""
    return price * parts
