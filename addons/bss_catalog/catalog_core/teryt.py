"""Codes of TERYT, the official register of the territorial division of Poland (GUS).

TERC names a commune (voivodeship 2, county 2, commune 2, kind 1 digit), SIMC a town (7 digits), ULIC the name of a
street (5 digits). Whether a code exists is known to the register only; here the form is checked.
"""

import re
from typing import Literal

Register = Literal["terc", "simc", "ulic"]

# Voivodeships have even numbers from 02 to 32.
_REGIONS = frozenset(f"{number:02d}" for number in range(2, 33, 2))
# 1 urban, 2 rural, 3 urban-rural, 4 town and 5 country in an urban-rural one, 8 and 9 districts of big cities.
_KINDS = frozenset("1234589")
_DIGITS = {"terc": re.compile(r"[0-9]{7}"), "simc": re.compile(r"[0-9]{7}"), "ulic": re.compile(r"[0-9]{5}")}


def teryt_problem(register: Register, code: str) -> str | None:
    """Why ``code`` cannot be one of ``register``: "digits", "region" or "type"; None when its form is right."""
    if not _DIGITS[register].fullmatch(code):
        return "digits"
    if register == "terc":
        if code[:2] not in _REGIONS:
            return "region"
        if code[6] not in _KINDS:
            return "type"
    return None
