"""What was worked out before."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any


class Memo(dict[Any, Any]):
    """Values of a function of one argument; what is known already costs no call, which counts by the million."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        super().__init__()
        self._work = work

    def __missing__(self, key: Hashable) -> Any:
        value = self[key] = self._work(key)
        return value
