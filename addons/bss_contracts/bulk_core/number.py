"""Consecutive numbers of invoices."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """The first number of a reserved range: ``FA/2026/`` + 00041 + suffix.

    :raises ValueError: digits beside the number itself would be read as a part of it
    """

    prefix: str
    sequence_number: int
    suffix: str = ""
    width: int = 5

    def __post_init__(self) -> None:
        if self.prefix[-1:].isdigit() or any(char.isdigit() for char in self.suffix):
            raise ValueError(f"{self.prefix} … {self.suffix}: digits beside the number")

    def text(self, offset: int = 0) -> str:
        """The number ``offset`` places after this one, as it stands on the document."""
        return f"{self.prefix}{self.sequence_number + offset:0{self.width}d}{self.suffix}"

    def after(self, offset: int) -> Number:
        """The number ``offset`` places after this one."""
        return Number(self.prefix, self.sequence_number + offset, self.suffix, self.width)
