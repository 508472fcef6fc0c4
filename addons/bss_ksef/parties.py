"""Which identity of FA(3) a VAT number is."""

from __future__ import annotations

import re

from .ksef_core import nip

EU_COUNTRIES = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
        "XI",
    ]
)
_SEPARATORS = re.compile(r"[^0-9A-Z+*]")
# Greece has its own prefix in VAT numbers
VAT_PREFIX = {"GR": "EL"}


def tax_identity(partner) -> dict[str, str]:
    """Which of the identities of Podmiot2 the VAT number of `partner` is."""
    return identity_of(partner.vat or "", partner.country_id.code or "")


def identity_of(number: str, country: str) -> dict[str, str]:
    """The same of a VAT number as typed and the ISO code of a country, "" when unknown."""
    vat = "".join(number.split()).upper()
    if vat in ("", "/"):
        return {}
    prefix = vat[:2] if vat[:2].isalpha() else ""
    is_european = prefix in EU_COUNTRIES or prefix == "EL"
    if prefix == "PL" or (country in ("", "PL") and not is_european and (country or not prefix)):
        return {"nip": nip.normalise(vat) or vat}  # what is no number is refused, not sent as a consumer without one
    code = prefix or VAT_PREFIX.get(country, country)
    if code in EU_COUNTRIES or code == "EL":
        number = _SEPARATORS.sub("", vat[2:] if prefix else vat)
        return {"eu_country": VAT_PREFIX.get(code, code), "eu_number": number}
    return {"other_country": country, "other_number": vat}
