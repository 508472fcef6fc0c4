"""Elements as text. The parts of a document are collected in a list and joined once: the quickest way in Python."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import TracebackType
from typing import TypeAlias

from . import text

Out: TypeAlias = list[str]


class section:  # reads as a statement: `with section(out, "Fa"):`
    """Open and close an element around what is written inside."""

    __slots__ = ("out", "tag")

    def __init__(self, out: Out, tag: str) -> None:
        self.out = out
        self.tag = tag

    def __enter__(self) -> None:
        self.out.append(f"<{self.tag}>")

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.out.append(f"</{self.tag}>")


def leaf(out: Out, tag: str, value: str) -> None:
    """Element with text; nothing when the text is empty."""
    if value:
        out.append(f"<{tag}>{text.escaped(value)}</{tag}>")


def words(out: Out, tag: str, value: str, limit: int) -> None:
    """Cleaned text, cut to `limit` characters (0: never cut, as identifiers may not be)."""
    if not value:
        return
    written = text.element_text(value, limit)
    if written:
        out.append(f"<{tag}>{written}</{tag}>")


def cell(out: Out, tag: str, value: str, limit: int) -> None:
    """As `words`, but an empty text gives an empty element: cells of a table keep their places."""
    written = text.escaped(text.clean(value, limit))  # cells hardly repeat: not remembered
    out.append(f"<{tag}>{written}</{tag}>" if written else f"<{tag}/>")


def flag(out: Out, tag: str, value: bool) -> None:
    """TWybor1_2: 1 yes, 2 no."""
    out.append(f"<{tag}>{'1' if value else '2'}</{tag}>")


def mark(out: Out, tag: str, value: bool) -> None:
    """TWybor1: 1, or no element."""
    if value:
        out.append(f"<{tag}>1</{tag}>")


def number(out: Out, tag: str, value: int | None) -> None:
    if value is not None:
        out.append(f"<{tag}>{value}</{tag}>")


def day(out: Out, tag: str, value: date | None) -> None:
    if value is not None:
        out.append(f"<{tag}>{value.isoformat()}</{tag}>")


def amount(out: Out, tag: str, value: Decimal | None) -> None:
    if value is None:
        return
    try:
        out.append(f"<{tag}>{text.amount(value)}</{tag}>")
    except text.TooFineError as exc:
        raise text.TooFineError(tag, str(value)) from exc


def price(out: Out, tag: str, value: Decimal | None) -> None:
    if value is not None:
        out.append(f"<{tag}>{text.price(value)}</{tag}>")


def quantity(out: Out, tag: str, value: Decimal | None) -> None:
    if value is not None:
        out.append(f"<{tag}>{text.quantity(value)}</{tag}>")
