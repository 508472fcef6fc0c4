"""What a benchmark reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured value. Figures named `*_vs_*` carry the comparison with `baseline` in `ratio`."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
