"""Payment links of FA(3) (LinkDoPlatnosci) and the identifier of the payment in them (IPKSeF)."""

from __future__ import annotations

import re
from string import ascii_uppercase, digits
from urllib.parse import urlsplit, urlunsplit

# the schema's own pattern of LinkDoPlatnosci
_LINK = re.compile(
    r"(https?)://([a-zA-Z0-9][a-zA-Z0-9-]*\.)+[a-zA-Z]{2,}(:[0-9]{1,5})?(/[^\s?#]*)?"
    r"\?([^#\s]*&)?IPKSeF=[0-9]{3}[a-zA-Z0-9]{10}(&[^#\s]*)?(#.*)?"
)
_SIGNS = digits + ascii_uppercase
_LENGTH = 10


def is_provider_code(text: str) -> bool:
    return re.fullmatch(r"[0-9]{3}", text) is not None


def identifier(provider_code: str, number: int) -> str:
    """IPKSeF: the three digits of the provider, then `number` (of the invoice, unique) with base 36 and ten places."""
    tail = ""
    while number:
        number, place = divmod(number, len(_SIGNS))
        tail = _SIGNS[place] + tail
    if len(tail) > _LENGTH:
        raise ValueError("number too large for IPKSeF")
    return provider_code + tail.rjust(_LENGTH, "0")


def link(address: str, ipksef: str) -> str:
    """`address` of the payment page with the identifier in its query, other parameters kept."""
    parts = urlsplit(address)
    query = f"{parts.query}&IPKSeF={ipksef}" if parts.query else f"IPKSeF={ipksef}"
    return urlunsplit(parts._replace(query=query))


def is_address(address: str) -> bool:
    """Whether links made of `address` fit the schema."""
    try:
        made = link(address, identifier("000", 0))
    except ValueError:
        return False
    return len(made) <= 512 and _LINK.fullmatch(made) is not None
