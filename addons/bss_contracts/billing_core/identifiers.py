"""Normal forms of service identifiers and check digits of account numbers."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["msisdn", "login", "imsi", "account_code", "mac"]
_SEPARATORS = re.compile(r"[\s\-().\u00a0/]+")
_MAC = re.compile(r"[0-9A-F]{12}")


def normalise(kind: str, value: str, country_code: str = "48", national_length: int = 9) -> str | None:
    """Normal form of an identifier, None when it cannot be one of this kind."""
    text = (value or "").strip()
    if not text:
        return None
    if kind == "msisdn":
        return _msisdn(text, country_code, national_length)
    if kind == "imsi":
        digits = _SEPARATORS.sub("", text)
        return digits if digits.isascii() and digits.isdigit() and 14 <= len(digits) <= 15 else None
    if kind == "mac":
        digits = re.sub(r"[^0-9A-Za-z]", "", text).upper()
        if not _MAC.fullmatch(digits):
            return None
        return ":".join(digits[index : index + 2] for index in range(0, 12, 2))
    return text.lower() if kind == "login" else text


def _msisdn(text: str, country_code: str, national_length: int) -> str | None:
    digits = _SEPARATORS.sub("", text)
    international = digits.startswith(("+", "00"))
    digits = digits.removeprefix("+") if digits.startswith("+") else digits.removeprefix("00")
    if not (digits.isascii() and digits.isdigit()):
        return None
    if not international and len(digits) == national_length:
        digits = country_code + digits
    if digits.startswith(country_code) and len(digits) != len(country_code) + national_length:
        return None
    return digits if 8 <= len(digits) <= 15 else None


def luhn_digit(base: str) -> str:
    """Check digit that makes ``base`` + digit pass the Luhn test."""
    if not (base.isascii() and base.isdigit()):
        raise ValueError(f"digits expected, not {base!r}")
    total = 0
    for index, char in enumerate(reversed(base)):
        digit = int(char)
        if index % 2 == 0:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return str(-total % 10)


def luhn_is_valid(number: str) -> bool:
    return len(number) > 1 and number.isascii() and number.isdigit() and luhn_digit(number[:-1]) == number[-1]
