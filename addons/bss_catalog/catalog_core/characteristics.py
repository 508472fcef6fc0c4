"""Typed technical characteristics: a written value is checked and brought to one spelling."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from .price_models import plain

YES = frozenset({"1", "true", "yes", "tak", "t", "y"})
NO = frozenset({"0", "false", "no", "nie", "n"})
VALUE_TYPES = ("text", "integer", "decimal", "boolean", "selection")


@dataclass(frozen=True, slots=True)
class CharacteristicFacts:
    """``minimum`` and ``maximum`` bound numbers, and the length of a text; ``allowed``: codes of a selection."""

    value_type: str
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """Stored spelling: ``1000``, ``0.5``, ``true``, ``false``, a code, or a text without outer blanks."""

    text: str


@dataclass(frozen=True, slots=True)
class ValueProblem:
    code: str
    params: dict[str, str] = field(default_factory=dict)


def parse_number(text: str) -> Decimal | None:
    """Decimal of ``1 000,5`` or ``1000.5``; None when it is no finite number."""
    bare = "".join(text.split()).replace(",", ".")
    if not bare.isascii() or "_" in bare:
        return None
    try:
        number = Decimal(bare)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 30 else None


def parse_value(facts: CharacteristicFacts, written: str) -> Value | ValueProblem:
    """The value as it is stored, or why it is none; an empty one is stored as empty."""
    text = written.strip()
    if not text:
        return Value("")
    if facts.value_type in ("integer", "decimal"):
        return _number(facts, text)
    if facts.value_type == "boolean":
        return _boolean(text)
    if facts.value_type == "selection":
        return Value(text) if text in facts.allowed else ValueProblem("NOT_ALLOWED", {"value": text})
    return _within(facts, Decimal(len(text)), "TOO_SHORT", "TOO_LONG") or Value(text)


def _number(facts: CharacteristicFacts, text: str) -> Value | ValueProblem:
    number = parse_number(text)
    if number is None:
        return ValueProblem("NO_NUMBER", {"value": text})
    if facts.value_type == "integer" and number != number.to_integral_value():
        return ValueProblem("NOT_WHOLE", {"value": text})
    return _within(facts, number, "TOO_SMALL", "TOO_BIG") or Value(plain(number) if number else "0")


def _boolean(text: str) -> Value | ValueProblem:
    if text.lower() in YES:
        return Value("true")
    if text.lower() in NO:
        return Value("false")
    return ValueProblem("NO_BOOLEAN", {"value": text})


def _within(facts: CharacteristicFacts, number: Decimal, below: str, above: str) -> ValueProblem | None:
    if facts.minimum is not None and number < facts.minimum:
        return ValueProblem(below, {"value": plain(number), "limit": plain(facts.minimum)})
    if facts.maximum is not None and number > facts.maximum:
        return ValueProblem(above, {"value": plain(number), "limit": plain(facts.maximum)})
    return None


__all__ = [
    "VALUE_TYPES",
    "CharacteristicFacts",
    "Value",
    "ValueProblem",
    "parse_number",
    "parse_value",
]
