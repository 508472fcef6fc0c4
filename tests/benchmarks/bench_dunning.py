"""Dunning of a whole operator in one night, beside the same rules record by record through the ORM.

200,000 overdue accounts with 600,000 open documents; ``BSS_SIZE`` makes another number of accounts of it.
"""

from __future__ import annotations

from . import dunning_e2e
from .figures import Figure


def run() -> list[Figure]:
    return dunning_e2e.figures()
