"""What a visualisation shows, as plain frozen data: every text is ready to be printed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    label: str
    value: str


@dataclass(frozen=True)
class Grid:
    """A table. ``sums`` is empty or as long as ``columns``."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    """per column: whether it holds numbers, which are set to the right"""
    sums: tuple[str, ...] = ()
    caption: str = ""
    note: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    rows: tuple[Row, ...] = ()
    grids: tuple[Grid, ...] = ()
    paragraphs: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rows or self.grids or self.paragraphs or self.sections)


@dataclass(frozen=True)
class View:
    """One invoice. ``parties`` stand beside each other, ``sections`` below one another."""

    title: str
    number: str
    currency: str
    total: str
    parties: tuple[Section, ...]
    sections: tuple[Section, ...]
