"""Who stands on an FA(3) invoice. Names follow the meaning, comments name the element of the schema."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Address:
    country: str  # KodKraju, ISO 3166 alpha-2
    line1: str  # AdresL1
    line2: str = ""  # AdresL2
    gln: str = ""  # GLN, global location number


@dataclass(frozen=True)
class Contact:
    """One more DaneKontaktowe (three at most, the first stands on the party itself)."""

    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Seller:
    """Podmiot1, and Podmiot1K where it is the seller as the corrected invoice shows him."""

    nip: str
    name: str
    address: Address
    email: str = ""
    phone: str = ""
    eu_prefix: bool = False  # PrefiksPodatnika PL, for supplies inside the EU
    eori: str = ""  # NrEORI
    mail_address: Address | None = None  # AdresKoresp
    contacts: tuple[Contact, ...] = ()
    status: int | None = None  # StatusInfoPodatnika: 1 liquidation, 2 restructuring, 3 bankruptcy, 4 inherited firm


@dataclass(frozen=True)
class Buyer:
    """Podmiot2. Exactly one identity: `nip`, `eu_number` (with country), `other_number`, or none (BrakID)."""

    name: str
    address: Address | None
    nip: str = ""
    eu_country: str = ""
    eu_number: str = ""
    other_country: str = ""
    other_number: str = ""
    customer_number: str = ""  # NrKlienta
    email: str = ""
    phone: str = ""
    is_public_subunit: bool = False  # JST
    is_vat_group_member: bool = False  # GV
    internal_id: str = ""  # IDNabywcy: the same key in Podmiot2K binds the data before to the data after
    eori: str = ""  # NrEORI
    mail_address: Address | None = None  # AdresKoresp
    contacts: tuple[Contact, ...] = ()


def tax_number(buyer: Buyer) -> tuple[str, ...]:
    """What says who a buyer is; equal for the same one."""
    return buyer.nip, buyer.eu_country, buyer.eu_number, buyer.other_country, buyer.other_number


@dataclass(frozen=True)
class ThirdParty:
    """Podmiot3, e.g. role 2 recipient, 6 payer, 8 recipient of a local government, 10 member of a VAT group.

    A role that is not on the list stands in words in `other_role`; `role` is not written then.
    """

    role: int  # Rola
    name: str
    address: Address | None = None
    nip: str = ""
    other_country: str = ""
    other_number: str = ""
    customer_number: str = ""
    other_role: str = ""  # OpisRoli
    share: Decimal | None = None  # Udzial of an additional buyer (role 4), percent
    eu_country: str = ""
    eu_number: str = ""
    internal_id: str = ""  # IDWew: internal identifier of a unit, NIP-XXXXX
    buyer_id: str = ""  # IDNabywcy
    eori: str = ""
    mail_address: Address | None = None
    email: str = ""
    phone: str = ""
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True)
class Authorised:
    """PodmiotUpowazniony. `role`: 1 enforcement authority, 2 court bailiff, 3 tax representative."""

    role: int
    nip: str
    name: str
    address: Address
    email: str = ""
    phone: str = ""
    eori: str = ""
    mail_address: Address | None = None
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True)
class Carrier:
    """Przewoznik; identity as of a buyer."""

    name: str
    address: Address
    nip: str = ""
    eu_country: str = ""
    eu_number: str = ""
    other_country: str = ""
    other_number: str = ""
