"""Names, addresses and contacts as FA(3) takes them."""

from __future__ import annotations

from ..ksef_core import fa3
from ..parties import identity_of


def address(street, street2, postcode, city, country, default_country="") -> fa3.Address | None:
    street = ", ".join(part for part in (street, street2) if part)
    place = " ".join(part for part in (postcode, city) if part)
    if not street and not place:
        return None
    country = country or default_country
    return fa3.Address(country, street, place) if street else fa3.Address(country, place)


def phone(text) -> str:
    number = (text or "").strip()
    if len(number) > 16:
        number = "".join(number.split())
    return number if len(number) <= 16 else ""


def email(text) -> str:
    found = (text or "").strip()
    return found if "@" in found[1:-1] and len(found) <= 255 else ""


def buyer(head, extra) -> fa3.Buyer:
    """Podmiot2 of a row of ``queries.heads``."""
    identity = identity_of(head.vat or "", head.country or "")
    return fa3.Buyer(
        name=head.buyer_name or "",
        address=address(
            head.street, head.street2, head.zip, head.city, head.country, "PL" if identity.get("nip") else ""
        ),
        customer_number=extra.get("customer_number") or "",
        email=email(head.email),
        phone=phone(head.phone),
        is_public_subunit=bool(head.is_public_subunit or extra.get("is_public_subunit")),
        is_vat_group_member=bool(head.is_vat_group_member or extra.get("is_vat_group_member")),
        internal_id=extra.get("internal_id") or "",
        **identity,
    )
