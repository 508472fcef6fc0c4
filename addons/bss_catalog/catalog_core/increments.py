"""Charging increments: the chain "60/1" as people write it, and back.

A chain is a tuple of whole units (seconds of a call), each charged once from the answer on; the last one repeats.
"""

from dataclasses import dataclass, field

MAX_ELEMENTS = 6
MAX_UNITS = 86_400


@dataclass(frozen=True, slots=True)
class ChainProblem:
    """Why a text is no chain: CHAIN_EMPTY, CHAIN_NOT_A_NUMBER, CHAIN_NOT_POSITIVE, CHAIN_TOO_LARGE, CHAIN_TOO_LONG."""

    code: str
    params: dict[str, str] = field(default_factory=dict)


def parse_chain(text: str) -> tuple[int, ...] | ChainProblem:
    """ "60/60", "1/1", "30/6", "30/30/6"; "60" alone is "60/60"."""
    if not text.strip():
        return ChainProblem("CHAIN_EMPTY")
    parts = [part.strip() for part in text.split("/")]
    if len(parts) > MAX_ELEMENTS:
        return ChainProblem("CHAIN_TOO_LONG", {"text": text.strip(), "most": str(MAX_ELEMENTS)})
    values = []
    for part in parts:
        if not (part.isascii() and part.isdigit()):
            return ChainProblem("CHAIN_NOT_A_NUMBER", {"text": text.strip(), "part": part})
        if len(part) > len(str(MAX_UNITS)) or int(part) > MAX_UNITS:
            return ChainProblem("CHAIN_TOO_LARGE", {"text": text.strip(), "part": part, "most": str(MAX_UNITS)})
        if int(part) == 0:
            return ChainProblem("CHAIN_NOT_POSITIVE", {"text": text.strip()})
        values.append(int(part))
    return normalise_chain(values)


def normalise_chain(values: list[int] | tuple[int, ...]) -> tuple[int, ...]:
    """The shortest chain of at least two elements that charges the same."""
    chain = list(values)
    while len(chain) > 2 and chain[-1] == chain[-2]:
        chain.pop()
    return (chain[0], chain[0]) if len(chain) == 1 else tuple(chain)


def format_chain(chain: tuple[int, ...]) -> str:
    return "/".join(str(units) for units in chain)
