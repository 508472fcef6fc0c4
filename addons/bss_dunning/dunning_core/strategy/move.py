"""Where a case lands when it goes over to another version of its ladder.

Steps are known again by their code. The case goes on behind the level it has reached: nothing it had is repeated. Steps
that the new ladder has before that level are passed over, except notices of the law: without them nothing later is
lawful, so they are made up for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .rung import Rung


@dataclass(frozen=True)
class Landing:
    """``passed``: codes to be passed over; ``next``: code of the step that comes next, empty at the end of the ladder;
    ``level``: code of the last step it has behind it in the new ladder; ``lost``: codes taken that the new ladder
    does not know."""

    level: str
    next: str
    passed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def unmapped(self) -> bool:
        """Whether the case stands on a level that the new ladder does not know."""
        return bool(self.lost)


def landing(taken: Collection[str], rungs: Sequence[Rung]) -> Landing:
    """Place in the new ladder of a case that has taken the steps with these codes."""
    codes = [rung.code for rung in rungs]
    reached = max((place for place, code in enumerate(codes) if code in taken), default=-1)
    passed = tuple(rung.code for rung in rungs[: reached + 1] if rung.code not in taken and rung.chain_step is None)
    behind = set(taken) | set(passed)
    following = next((code for code in codes if code not in behind), "")
    lost = tuple(sorted(set(taken) - set(codes)))
    return Landing(codes[reached] if reached >= 0 else "", following, passed, lost)
