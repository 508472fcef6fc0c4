"""Address block of a letter, split as print houses want it, and what keeps a letter from being posted."""

from __future__ import annotations

import re
from dataclasses import dataclass

POLISH_CODE = re.compile(r"\d{2}-\d{3}")


@dataclass(frozen=True)
class Address:
    """As printed in the window; ``country`` is empty for Poland."""

    name: str
    name2: str = ""
    street: str = ""
    post_code: str = ""
    city: str = ""
    country: str = ""


def address_of(block: dict[str, object]) -> Address:
    """From the recipient block of a letter (name, lines, street, zip, city, country)."""
    lines = block.get("lines")
    rest = [str(line) for line in lines if line] if isinstance(lines, list | tuple) else []
    return Address(
        name=_text(block, "name"),
        name2=", ".join(rest),
        street=_text(block, "street"),
        post_code=_text(block, "zip"),
        city=_text(block, "city"),
        country=_text(block, "country"),
    )


def address_problems(address: Address) -> tuple[str, ...]:
    """Codes of what is wrong; empty when the letter can be posted."""
    problems = []
    if not address.name:
        problems.append("NO_NAME")
    if not address.street:
        problems.append("NO_STREET")
    if not address.city:
        problems.append("NO_CITY")
    if not address.post_code:
        problems.append("NO_POST_CODE")
    elif not address.country and not POLISH_CODE.fullmatch(address.post_code):
        problems.append("BAD_POST_CODE")
    return tuple(problems)


def _text(block: dict[str, object], key: str) -> str:
    return " ".join(str(block.get(key) or "").split())
