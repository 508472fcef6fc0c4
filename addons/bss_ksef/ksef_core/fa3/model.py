"""An FA(3) invoice as plain frozen data. Names follow the meaning, comments name the element of the schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .attachment import Attachment
from .codes import Kind, Margin
from .goods import Advance, Line, NewVehicles, Order, RateTotal, ReceivedPayment
from .money import Amount, Payment
from .parties import Authorised, Buyer, Seller, ThirdParty
from .terms import Contract, Delivery, OrderNumber


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
    period: str = ""  # OkresFaKorygowanej of a collective correction, art. 106j(3)
    buyer_before: Buyer | None = None  # Podmiot2K: data of the buyer on the corrected invoice
    other_buyers_before: tuple[Buyer, ...] = ()  # further Podmiot2K: additional buyers
    seller_before: Seller | None = None  # Podmiot1K
    right_number: str = ""  # NrFaKorygowany, where the number of the corrected invoice was wrong
    due_before: Decimal | None = None  # P_15ZK: payment or rest to pay before a correction of ZAL or ROZ
    rate_before: Decimal | None = None  # KursWalutyZK


@dataclass(frozen=True)
class Note:
    """DodatkowyOpis."""

    key: str
    value: str
    line: int | None = None


@dataclass(frozen=True)
class Annotations:
    """Adnotacje. P_19 (exemption) follows from the rates, P_18 (reverse charge) from those that always mean it."""

    cash_method: bool = False  # P_16
    self_billing: bool = False  # P_17
    reverse_charge: bool = False  # P_18 of a sale whose rate does not say it, e.g. goods delivered in another country
    split_payment: bool = False  # P_18A
    exemption_act: str = ""  # P_19A: provision of the Polish act
    exemption_directive: str = ""  # P_19B: provision of the directive
    exemption_other: str = ""  # P_19C: other ground
    triangular: bool = False  # P_23
    margin: Margin | None = None  # PMarzy
    new_vehicles: NewVehicles | None = None  # P_22


@dataclass(frozen=True)
class Register:
    """One more entry of Rejestry, e.g. of a branch."""

    name: str = ""  # PelnaNazwa
    krs: str = ""
    regon: str = ""
    bdo: str = ""


@dataclass(frozen=True)
class Footer:
    text: str = ""
    krs: str = ""
    regon: str = ""
    bdo: str = ""
    more_texts: tuple[str, ...] = ()  # three texts at most together with `text`
    full_name: str = ""  # PelnaNazwa
    registers: tuple[Register, ...] = ()


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
    authorised: Authorised | None = None  # PodmiotUpowazniony
    delivery_notes: tuple[str, ...] = ()  # WZ
    advance_rate: Decimal | None = None  # KursWalutyZ, exchange rate of an advance
    received: tuple[ReceivedPayment, ...] = ()  # ZaliczkaCzesciowa
    receipt: bool = False  # FP: invoice for a sale that a cash register recorded
    advances: tuple[Advance, ...] = ()  # FakturaZaliczkowa
    excise_refund: bool = False  # ZwrotAkcyzy
    order_numbers: tuple[OrderNumber, ...] = ()  # WarunkiTransakcji/Zamowienia
    delivery: Delivery | None = None
    order: Order | None = None  # Zamowienie
    attachment: Attachment | None = None  # Zalacznik
    smallest: Decimal = Decimal("0.01")  # amount of the currency that sums of tax are rounded to, 1 for the yen
