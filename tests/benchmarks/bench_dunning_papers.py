"""Letters, print files and interest notes by the thousand: what one costs, and whether the last costs more than the first.

8,000 overdue accounts: 2,000 letters and some 6,000 notes; ``BSS_SIZE`` makes another number of accounts of it.
"""

from __future__ import annotations

from . import dunning_papers
from .figures import Figure


def run() -> list[Figure]:
    return dunning_papers.figures()
