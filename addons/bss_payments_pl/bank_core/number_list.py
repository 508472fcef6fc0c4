"""Account numbers of customers taken over from an older system: a CSV file of ``account number; NRB``."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from . import nrb
from .codepage import CANDIDATES

#: bytes; a million lines of two numbers are about half of it
MAX_SIZE = 100_000_000
ACCOUNT, NUMBER = "account", "nrb"
_SEPARATORS = ";,\t|"


class Row(NamedTuple):
    """One line; ``field`` and ``code`` say what is wrong with it, both empty when it can be used.

    Codes: COLUMNS (not two columns), ACCOUNT_EMPTY, and those of ``nrb.read``.
    """

    line: int
    account: str
    nrb: str
    field: str = ""
    code: str = ""


def read(content: bytes) -> Iterator[Row]:
    """Lines of the file in their order; empty ones and a line of headings at its top are left out.

    :raises ValueError: the file is longer than MAX_SIZE
    """
    if len(content) > MAX_SIZE:
        raise ValueError("the file is too long")
    text = _decoded(content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    is_first = True
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(line, "", "", "", "COLUMNS")
            continue
        cells = [cell.strip() for cell in cells]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        heading, is_first = is_first, False
        if not (heading and _is_heading(cells)):
            yield _row(line, cells)


def _row(line: int, cells: list[str]) -> Row:
    if len(cells) != 2:
        return Row(line, cells[0][:64], "".join(cells[1:2])[:64], "", "COLUMNS")
    account, written = cells[0][:64], cells[1][:64]
    if not account:
        return Row(line, "", written, ACCOUNT, "ACCOUNT_EMPTY")
    found = nrb.read(written)
    if found.code:
        return Row(line, account, written, NUMBER, found.code)
    return Row(line, account, found.nrb)


def _is_heading(cells: list[str]) -> bool:
    return not any(char.isdigit() for cell in cells for char in cell)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # numbers are plain in all of them, only the headings differ
        return content.decode(CANDIDATES[1], "replace")
