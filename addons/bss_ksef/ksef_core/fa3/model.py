"""An FA(3) invoice as plain frozen data. Names follow the meaning, comments name the element of the schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final


class Rate(StrEnum):
    """P_12; `code` values are those of the schema."""

    R23 = "23"
    R22 = "22"
    R8 = "8"
    R7 = "7"
    R5 = "5"
    R4 = "4"
    R3 = "3"
    ZERO = "0 KR"
    ZERO_EU = "0 WDT"
    ZERO_EXPORT = "0 EX"
    EXEMPT = "zw"
    REVERSE = "oo"
    OUTSIDE = "np I"
    OUTSIDE_EU_SERVICE = "np II"


# element of the net sum and, where the rate has tax, of the tax sum
TOTAL_ELEMENTS: Final[dict[Rate, tuple[str, str | None]]] = {
    Rate.R23: ("P_13_1", "P_14_1"),
    Rate.R22: ("P_13_1", "P_14_1"),
    Rate.R8: ("P_13_2", "P_14_2"),
    Rate.R7: ("P_13_2", "P_14_2"),
    Rate.R5: ("P_13_3", "P_14_3"),
    Rate.R4: ("P_13_4", "P_14_4"),
    Rate.R3: ("P_13_4", "P_14_4"),
    Rate.ZERO: ("P_13_6_1", None),
    Rate.ZERO_EU: ("P_13_6_2", None),
    Rate.ZERO_EXPORT: ("P_13_6_3", None),
    Rate.EXEMPT: ("P_13_7", None),
    Rate.OUTSIDE: ("P_13_8", None),
    Rate.OUTSIDE_EU_SERVICE: ("P_13_9", None),
    Rate.REVERSE: ("P_13_10", None),
}


class Kind(StrEnum):
    """RodzajFaktury, as far as this generator writes it."""

    INVOICE = "VAT"
    CORRECTION = "KOR"


@dataclass(frozen=True)
class Address:
    country: str  # KodKraju, ISO 3166 alpha-2
    line1: str  # AdresL1
    line2: str = ""  # AdresL2


@dataclass(frozen=True)
class Seller:
    """Podmiot1."""

    nip: str
    name: str
    address: Address
    email: str = ""
    phone: str = ""
    eu_prefix: bool = False  # PrefiksPodatnika PL, for supplies inside the EU


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


@dataclass(frozen=True)
class ThirdParty:
    """Podmiot3, e.g. role 2 recipient, 6 payer, 8 recipient of a local government, 10 member of a VAT group."""

    role: int
    name: str
    address: Address | None = None
    nip: str = ""
    other_country: str = ""
    other_number: str = ""
    customer_number: str = ""


@dataclass(frozen=True)
class Line:
    """FaWiersz with net prices. `net` is authoritative, the unit price only explains it."""

    number: int
    name: str
    net: Decimal  # P_11
    rate: Rate | None  # P_12
    quantity: Decimal | None = None  # P_8B
    unit: str = ""  # P_8A
    price: Decimal | None = None  # P_9A, net per unit
    unit_discount: Decimal | None = None  # P_10, per unit
    supply_date: date | None = None  # P_6A
    uid: str = ""  # UU_ID
    index: str = ""  # Indeks
    pkwiu: str = ""
    gtu: str = ""
    exchange_rate: Decimal | None = None  # KursWaluty
    before: bool = False  # StanPrzed: state before the correction


@dataclass(frozen=True)
class RateTotal:
    """Sums of one rate. `tax_pln` is the tax in PLN on invoices in another currency (P_14_xW)."""

    rate: Rate
    net: Decimal
    tax: Decimal = Decimal(0)
    tax_pln: Decimal | None = None


@dataclass(frozen=True)
class Original:
    """DaneFaKorygowanej; without `ksef_number` the original was issued outside KSeF."""

    issue_date: date
    number: str
    ksef_number: str = ""


@dataclass(frozen=True)
class Correction:
    originals: tuple[Original, ...]
    reason: str = ""
    effect: int | None = None  # TypKorekty 1 original date, 2 date of the correction, 3 mixed
    period: str = ""  # OkresFaKorygowanej of a collective correction
    buyer_before: Buyer | None = None  # Podmiot2K: data of the buyer on the corrected invoice


@dataclass(frozen=True)
class Note:
    """DodatkowyOpis."""

    key: str
    value: str
    line: int | None = None


@dataclass(frozen=True)
class Amount:
    """Obciazenia / Odliczenia of Rozliczenie: outside VAT, never part of P_15."""

    amount: Decimal
    reason: str


@dataclass(frozen=True)
class BankAccount:
    number: str
    bank: str = ""
    swift: str = ""
    note: str = ""


@dataclass(frozen=True)
class Payment:
    """Platnosc. `method`: 1 cash, 2 card, 3 voucher, 4 cheque, 5 credit, 6 transfer, 7 mobile."""

    due_dates: tuple[date, ...] = ()
    method: int | None = None
    accounts: tuple[BankAccount, ...] = ()
    paid_on: date | None = None


@dataclass(frozen=True)
class Contract:
    number: str
    signed_on: date | None = None


@dataclass(frozen=True)
class Annotations:
    """Adnotacje. P_18 (reverse charge) and P_19 (exemption) follow from the rates."""

    cash_method: bool = False  # P_16
    self_billing: bool = False  # P_17
    split_payment: bool = False  # P_18A
    exemption_act: str = ""  # P_19A: provision of the Polish act
    exemption_directive: str = ""  # P_19B: provision of the directive
    exemption_other: str = ""  # P_19C: other ground
    triangular: bool = False  # P_23


@dataclass(frozen=True)
class Footer:
    text: str = ""
    krs: str = ""
    regon: str = ""
    bdo: str = ""


@dataclass(frozen=True)
class Invoice:
    number: str  # P_2
    issue_date: date  # P_1
    created_at: datetime  # DataWytworzeniaFa, aware
    currency: str
    seller: Seller
    buyer: Buyer
    lines: tuple[Line, ...]
    totals: tuple[RateTotal, ...]
    total: Decimal  # P_15
    kind: Kind = Kind.INVOICE
    place: str = ""  # P_1M
    supply_date: date | None = None  # P_6
    period: tuple[date, date] | None = None  # OkresFa
    correction: Correction | None = None
    third_parties: tuple[ThirdParty, ...] = ()
    annotations: Annotations = Annotations()
    related_parties: bool = False  # TP
    notes: tuple[Note, ...] = ()
    charges: tuple[Amount, ...] = ()  # Rozliczenie/Obciazenia
    deductions: tuple[Amount, ...] = ()  # Rozliczenie/Odliczenia
    payment: Payment | None = None
    contracts: tuple[Contract, ...] = ()
    footer: Footer | None = None
    system: str = "BSS for Odoo"  # SystemInfo
