"""Placeholders of editable texts: ``$amount`` or ``${amount}``; a dollar sign itself is ``$$``.

A text is checked when it is saved, so that no letter goes out with a hole in it; filling never reads anything but the
values that it is given.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from string import Template

# one dot, not the dots of something left out
_ENDS_SENTENCE = re.compile(r"\.(?!\.)")

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
    """The text with its values; what has no value stays as it was written.

    A sentence that ends with a name that ends with a dot has one: "Alfa Sp. z o.o." and "." are "Alfa Sp. z o.o.".
    """

    def value_of(match: re.Match[str]) -> str:
        name = match.group("named") or match.group("braced")
        if match.group("escaped") is not None:
            return "$"
        if name is None or name not in values:
            return match.group()
        value = str(values[name])
        return without_dot(value) if _ENDS_SENTENCE.match(text, match.end()) else value

    return Template.pattern.sub(value_of, text)


def without_dot(name: str) -> str:
    """A name as it stands at the end of a sentence: the dot of the sentence is that of "Sp. z o.o."."""
    return name.removesuffix(".")


def paragraphs(text: str) -> list[str]:
    """Lines of a text that say something."""
    return [line.strip() for line in text.split("\n") if line.strip()]
