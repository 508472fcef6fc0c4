"""Podmiot1, Podmiot2, Podmiot3, PodmiotUpowazniony, and the same data before a correction."""

from __future__ import annotations

import re
from typing import Final

from . import text
from .markup import Out, flag, leaf, number, quantity, section, words
from .parties import Address, Authorised, Buyer, Carrier, Seller, ThirdParty

_PHONE: Final = 16  # characters of TNumerTelefonu
_SEPARATORS: Final = re.compile(r"[\s()./-]+")


def seller(out: Out, party: Seller) -> None:
    with section(out, "Podmiot1"):
        leaf(out, "PrefiksPodatnika", "PL" if party.eu_prefix else "")
        words(out, "NrEORI", party.eori, 0)
        _tax_payer(out, party.nip, party.name)
        address(out, "Adres", party.address)
        address(out, "AdresKoresp", party.mail_address)
        _contacts(out, party)
        number(out, "StatusInfoPodatnika", party.status)


def seller_before(out: Out, party: Seller) -> None:
    with section(out, "Podmiot1K"):
        leaf(out, "PrefiksPodatnika", "PL" if party.eu_prefix else "")
        _tax_payer(out, party.nip, party.name)
        address(out, "Adres", party.address)


def buyer(out: Out, party: Buyer) -> None:
    with section(out, "Podmiot2"):
        words(out, "NrEORI", party.eori, 0)
        identity(out, party)
        address(out, "Adres", party.address)
        address(out, "AdresKoresp", party.mail_address)
        _contacts(out, party)
        words(out, "NrKlienta", party.customer_number, 0)
        words(out, "IDNabywcy", party.internal_id, 0)
        flag(out, "JST", party.is_public_subunit)
        flag(out, "GV", party.is_vat_group_member)


def buyer_before(out: Out, party: Buyer) -> None:
    with section(out, "Podmiot2K"):
        identity(out, party)
        address(out, "Adres", party.address)
        words(out, "IDNabywcy", party.internal_id, 0)


def third_party(out: Out, party: ThirdParty) -> None:
    with section(out, "Podmiot3"):
        words(out, "IDNabywcy", party.buyer_id, 0)
        words(out, "NrEORI", party.eori, 0)
        identity(out, party)
        address(out, "Adres", party.address)
        address(out, "AdresKoresp", party.mail_address)
        _contacts(out, party)
        if party.other_role:
            leaf(out, "RolaInna", "1")
            words(out, "OpisRoli", party.other_role, 256)
        else:
            number(out, "Rola", party.role)
        quantity(out, "Udzial", party.share)
        words(out, "NrKlienta", party.customer_number, 0)


def authorised(out: Out, party: Authorised) -> None:
    with section(out, "PodmiotUpowazniony"):
        words(out, "NrEORI", party.eori, 0)
        _tax_payer(out, party.nip, party.name)
        address(out, "Adres", party.address)
        address(out, "AdresKoresp", party.mail_address)
        _contacts(out, party, "PU")
        number(out, "RolaPU", party.role)


def identity(out: Out, party: Buyer | ThirdParty | Carrier) -> None:
    """DaneIdentyfikacyjne: the first number there is, or BrakID."""
    with section(out, "DaneIdentyfikacyjne"):
        if party.nip:
            leaf(out, "NIP", party.nip)
        elif isinstance(party, ThirdParty) and party.internal_id:
            leaf(out, "IDWew", party.internal_id)
        elif party.eu_number:
            leaf(out, "KodUE", party.eu_country)
            leaf(out, "NrVatUE", party.eu_number)
        elif party.other_number:
            leaf(out, "KodKraju", party.other_country)
            words(out, "NrID", party.other_number, 0)
        else:
            leaf(out, "BrakID", "1")
        words(out, "Nazwa", party.name, 512)


def address(out: Out, tag: str, place: Address | None) -> None:
    if place is None:
        return
    with section(out, tag):
        leaf(out, "KodKraju", place.country)
        words(out, "AdresL1", place.line1, 512)
        words(out, "AdresL2", place.line2, 512)
        words(out, "GLN", place.gln, 0)


def _tax_payer(out: Out, nip: str, name: str) -> None:
    with section(out, "DaneIdentyfikacyjne"):
        leaf(out, "NIP", nip)
        words(out, "Nazwa", name, 512)


def _contacts(out: Out, party: Seller | Buyer | ThirdParty | Authorised, suffix: str = "") -> None:
    for email, phone in ((party.email, party.phone), *((more.email, more.phone) for more in party.contacts)):
        number = _phone(phone)
        if email or number:
            with section(out, "DaneKontaktowe"):
                words(out, f"Email{suffix}", email, 0)
                leaf(out, f"Telefon{suffix}", number)


def _phone(phone: str) -> str:
    """Without separators where the number is too long with them; half a number would help nobody."""
    number = text.clean(phone)
    if len(number) > _PHONE:
        number = _SEPARATORS.sub("", number)
    return number if len(number) <= _PHONE else ""
