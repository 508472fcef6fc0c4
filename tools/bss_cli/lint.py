"""`./bss lint`: the same checks that pre-commit runs."""

from __future__ import annotations

CHECKS: tuple[str, ...] = ()


def run_all(show: bool) -> list[str]:
    return []
