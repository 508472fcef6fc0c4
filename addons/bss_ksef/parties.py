"""Which identity of FA(3) a VAT number is."""

from __future__ import annotations

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
    if prefix == "PL" or (not prefix and country in ("", "PL")):
        return {"nip": nip.normalise(vat)}
    code = prefix or VAT_PREFIX.get(country, country)
    if code in EU_COUNTRIES or code == "EL":
        return {"eu_country": VAT_PREFIX.get(code, code), "eu_number": vat[2:] if prefix else vat}
    return {"other_country": country, "other_number": vat}
