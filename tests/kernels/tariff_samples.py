"""Public tariff plans beside the tests; where each is from, and under which licence, is in their SOURCES.md."""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data" / "cdr"


def tariff_sample(*parts: str) -> Path:
    return DATA.joinpath(*parts)
