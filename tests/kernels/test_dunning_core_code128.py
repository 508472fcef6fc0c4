"""Barcodes of letters, against an implementation that is not ours."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.graphics.barcode.code128 import Code128

from dunning_core.printing.code128 import QUIET, code128_svg, code128_values
from dunning_core.printing.manifest import barcode


def modules(svg: str) -> str:
    """Dark and light modules of a picture as 1 and 0, without the quiet zones."""
    width = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])  # type: ignore[index]  # a picture without it is none
    row = ["0"] * width
    for start, bar in re.findall(r"M(\d+) 0h(\d+)", svg):
        row[int(start) : int(start) + int(bar)] = "1" * int(bar)
    assert "1" not in row[:QUIET] + row[-QUIET:], "the quiet zones are light"
    return "".join(row[QUIET:-QUIET])


def expected(text: str) -> str:
    """The same by reportlab: letters are widths of bars, small ones of spaces."""
    code = Code128(text)
    code.validate()
    code.encode()
    code.decompose()
    runs = (("1" if char.isupper() else "0") * (ord(char.lower()) - ord("a") + 1) for char in code.decomposed)
    return "".join(runs)


def test_a_barcode_of_a_letter() -> None:
    text = barcode(1234)
    assert text == "BSS00000012348"
    assert modules(code128_svg(text)) == expected(text)


@given(st.from_regex(r"[A-Z]{1,4}[0-9]{0,12}", fullmatch=True))
def test_every_symbol_has_eleven_modules_and_the_check_is_right(text: str) -> None:
    values = code128_values(text)
    assert len(modules(code128_svg(text))) == 11 * (len(values) - 1) + 13
    *data, check, stop = values
    assert stop == 106
    assert check == (data[0] + sum(place * value for place, value in enumerate(data[1:], 1))) % 103


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20))
def test_what_was_written_is_read(text: str) -> None:
    """Read back as a scanner does: the start names the set, 99 changes to pairs of digits."""
    start, *values = code128_values(text)[:-2]
    pairs, read = start == 105, ""
    for value in values:
        if not pairs and value == 99:
            pairs = True
        else:
            read += f"{value:02d}" if pairs else chr(value + 32)
    assert read == text


def test_bars_do_not_touch() -> None:
    bars = [(int(start), int(width)) for start, width in re.findall(r"M(\d+) 0h(\d+)", code128_svg("BSS1"))]
    assert all(start + width < following for (start, width), (following, _width) in pairwise(bars))


@pytest.mark.parametrize("text", ["", "ż", "a\n"])
def test_what_it_cannot_write(text: str) -> None:
    with pytest.raises(ValueError, match="Code 128"):
        code128_values(text)
