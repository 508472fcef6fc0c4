"""Code 128 (ISO/IEC 15417) as vector graphics: what the machines of a print house read from a letter.

A text begins in set B; an even number of digits at its end is written in pairs (set C), which makes it a third shorter.
"""

from __future__ import annotations

# widths of bars and spaces in turn, of each symbol value; the last one is the stop
_WIDTHS = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
    "2331112",
]
_START_B, _START_C, _TO_C, _STOP = 104, 105, 99, 106
_MODULUS = 103
#: light modules that the standard wants on both sides
QUIET = 10
_HEIGHT = 40


def code128_values(text: str) -> list[int]:
    """Symbol values with start, check and stop.

    :raises ValueError: a character outside printable ASCII
    """
    if not text or any(not " " <= char <= "~" for char in text):
        raise ValueError(f"Code 128 cannot write {text!r}")
    paired = len(text) - len(text.rstrip("0123456789"))
    paired -= paired % 2
    plain, digits = text[: len(text) - paired], text[len(text) - paired :]
    values = [_START_B if plain else _START_C, *(ord(char) - 32 for char in plain)]
    if plain and digits:
        values.append(_TO_C)
    values += [int(digits[place : place + 2]) for place in range(0, len(digits), 2)]
    check = (values[0] + sum(place * value for place, value in enumerate(values[1:], 1))) % _MODULUS
    return [*values, check, _STOP]


def code128_svg(text: str) -> str:
    """One SVG path, a rectangle for each bar, with the quiet zones."""
    place, path = QUIET, []
    for value in code128_values(text):
        for number, width in enumerate(map(int, _WIDTHS[value])):
            if number % 2 == 0:
                path.append(f"M{place} 0h{width}v{_HEIGHT}h-{width}z")
            place += width
    size = f"{place + QUIET} {_HEIGHT}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" preserveAspectRatio="none"'
        f' shape-rendering="crispEdges"><path d="{"".join(path)}" fill="#000"/></svg>'
    )
