"""Consecutive numbers of invoices."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """The first number of a reserved range: ``FA/2026/`` + 00041 + suffix."""

    prefix: str
    sequence_number: int
    suffix: str = ""
    width: int = 5

    def text(self, offset: int = 0) -> str:
        """The number ``offset`` places after this one, as it stands on the document."""
        return f"{self.prefix}{self.sequence_number + offset:0{self.width}d}{self.suffix}"

    def after(self, offset: int) -> Number:
        """The number ``offset`` places after this one."""
        return Number(self.prefix, self.sequence_number + offset, self.suffix, self.width)
