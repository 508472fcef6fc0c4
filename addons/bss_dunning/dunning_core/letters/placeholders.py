"""Placeholders of editable texts: ``$amount`` or ``${amount}``; a dollar sign itself is ``$$``.

A text is checked when it is saved, so that no letter goes out with a hole in it; filling never reads anything but the
values that it is given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from string import Template

LETTER_NAMES = (
    "amount",
    "amount_words",
    "total",
    "interest",
    "interest_per_day",
    "compensation",
    "deadline",
    "oldest_due",
    "days_overdue",
    "documents",
    "account",
    "case",
    "customer",
    "date",
    "nrb",
    "company",
    "company_phone",
    "company_email",
    "balance",
    "bureau",
)
SMS_NAMES = ("amount", "deadline", "account", "nrb", "oldest_due", "company")


def unknown(text: str, allowed: Collection[str]) -> list[str]:
    """Placeholders of a text that nobody fills, as they were written, each once and in order."""
    found = []
    for match in Template.pattern.finditer(text):
        name = match.group("named") or match.group("braced")
        if name and name not in allowed:
            found.append(match.group())
        elif match.group("invalid") is not None:
            found.append(text[match.start() : match.start() + 2].strip())
    return list(dict.fromkeys(found))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its values; what has no value stays as it was written."""
    return Template(text).safe_substitute(values)


def paragraphs(text: str) -> list[str]:
    """Lines of a text that say something."""
    return [line.strip() for line in text.split("\n") if line.strip()]
