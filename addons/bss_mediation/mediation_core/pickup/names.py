"""Names of usage files: which ones belong to a source, and the sequence number that a name carries.

A pattern is written as people write it, with three signs of its own; everything else stands for itself:

- ``*`` any characters, ``?`` one character;
- ``{seq}`` the sequence number (digits), at most once.

``CDXXXTAXXXTB{seq}*`` fits ``CDXXXTAXXXTB00042.ber`` and finds 42. Letters count as written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_NAME = 255
MOST_DIGITS = 18
_SIGNS = re.compile(r"\{seq\}|\*|\?")
_OF_SIGN = {"{seq}": rf"(?P<seq>[0-9]{{1,{MOST_DIGITS}}})", "*": ".*", "?": "."}
MOST_STARS = 5  # more of them only make a slow pattern


@dataclass(frozen=True, slots=True)
class PatternProblem:
    """EMPTY, TWO_SEQUENCES, TOO_MANY_STARS, BRACES (a brace that is not ``{seq}``), SLASH (a name has no folder)."""

    code: str


@dataclass(frozen=True, slots=True)
class NamePattern:
    expression: re.Pattern[str]
    has_sequence: bool

    def fits(self, name: str) -> bool:
        return len(name) <= LONGEST_NAME and self.expression.fullmatch(name) is not None

    def sequence(self, name: str) -> int | None:
        """The sequence number in ``name``; None when it does not fit or the pattern has none."""
        if not self.has_sequence or len(name) > LONGEST_NAME:
            return None
        found = self.expression.fullmatch(name)
        return int(found["seq"]) if found else None


def parse_pattern(text: str) -> NamePattern | PatternProblem:
    if not text.strip():
        return PatternProblem("EMPTY")
    if "/" in text or "\\" in text:
        return PatternProblem("SLASH")
    signs = _SIGNS.findall(text)
    if signs.count("{seq}") > 1:
        return PatternProblem("TWO_SEQUENCES")
    if signs.count("*") > MOST_STARS:
        return PatternProblem("TOO_MANY_STARS")
    between = _SIGNS.split(text)
    if any("{" in part or "}" in part for part in between):
        return PatternProblem("BRACES")
    pieces = [re.escape(between[0])]
    for sign, part in zip(signs, between[1:], strict=True):
        pieces += [_OF_SIGN[sign], re.escape(part)]
    return NamePattern(re.compile("".join(pieces), re.DOTALL), "{seq}" in signs)
