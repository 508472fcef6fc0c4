"""What a benchmark returns: one figure, with its baseline where the comparison is the point."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """``ratio`` = value ÷ baseline, both measured in the same run."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None

    @classmethod
    def against(cls, name: str, value: float, unit: str, baseline: float) -> Figure:
        return cls(name, value, unit, baseline, value / baseline if baseline else None)
