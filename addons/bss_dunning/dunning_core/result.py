"""Expected failures and explanations are values with a code and parameters; the caller words them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Failure:
    """Something that may well happen and that the caller has to tell somebody about."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Reason:
    """One line of a printed calculation: what was done and with which numbers; no words."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
