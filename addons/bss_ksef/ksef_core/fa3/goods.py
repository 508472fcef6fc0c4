"""What is sold: lines, orders of advance invoices, sums per rate, vehicles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .codes import Rate


@dataclass(frozen=True)
class Line:
    """FaWiersz. Either `net` (P_11) or `gross` (P_11A) is authoritative, the unit price only explains it.

    A line with neither carries no money: allowed on simplified invoices and on collective corrections.
    """

    number: int
    name: str
    net: Decimal | None  # P_11
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
    gross: Decimal | None = None  # P_11A, art. 106e(7) and (8)
    gross_price: Decimal | None = None  # P_9B, gross per unit
    tax: Decimal | None = None  # P_11Vat, art. 106e(10)
    procedure: str = ""  # Procedura, e.g. TT_D
    cn: str = ""
    pkob: str = ""
    gtin: str = ""
    excise: Decimal | None = None  # KwotaAkcyzy
    annex15: bool = False  # P_12_Zal_15
    rate_oss: Decimal | None = None  # P_12_XII, percent, with Rate.OSS


@dataclass(frozen=True)
class RateTotal:
    """Sums of one rate. `tax_pln` is the tax in PLN on invoices in another currency (P_14_xW)."""

    rate: Rate
    net: Decimal
    tax: Decimal = Decimal(0)
    tax_pln: Decimal | None = None


@dataclass(frozen=True)
class OrderLine:
    """ZamowienieWiersz: what was ordered, on an advance invoice."""

    number: int
    name: str
    net: Decimal | None  # P_11NettoZ
    tax: Decimal | None  # P_11VatZ
    rate: Rate | None  # P_12Z
    quantity: Decimal | None = None  # P_8BZ
    unit: str = ""  # P_8AZ
    price: Decimal | None = None  # P_9AZ, net per unit
    uid: str = ""  # UU_IDZ
    index: str = ""
    gtin: str = ""
    pkwiu: str = ""
    cn: str = ""
    pkob: str = ""
    rate_oss: Decimal | None = None  # P_12Z_XII
    annex15: bool = False  # P_12Z_Zal_15
    gtu: str = ""
    procedure: str = ""
    excise: Decimal | None = None
    before: bool = False  # StanPrzedZ


@dataclass(frozen=True)
class Order:
    """Zamowienie. `value`: gross value of the whole order (WartoscZamowienia), after a correction."""

    value: Decimal
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True)
class Advance:
    """FakturaZaliczkowa: number in KSeF, or own number when it was issued outside KSeF.

    `totals` are not written: with them the check proves lines - advances = sums of the final invoice.
    """

    ksef_number: str = ""
    number: str = ""
    totals: tuple[RateTotal, ...] = ()


@dataclass(frozen=True)
class ReceivedPayment:
    """ZaliczkaCzesciowa: one of several payments that one invoice documents."""

    received_on: date  # P_6Z
    amount: Decimal  # P_15Z
    exchange_rate: Decimal | None = None  # KursWalutyZW


@dataclass(frozen=True)
class Vehicle:
    """NowySrodekTransportu. Exactly one of `mileage` (land), `hours_afloat` (boat) and `hours_flown` (aircraft)."""

    first_use: date  # P_22A
    line: int  # P_NrWierszaNST
    make: str = ""  # P_22BMK
    model: str = ""  # P_22BMD
    colour: str = ""  # P_22BK
    registration: str = ""  # P_22BNR
    year: str = ""  # P_22BRP
    mileage: str = ""  # P_22B
    vin: str = ""  # P_22B1
    body_number: str = ""  # P_22B2
    chassis_number: str = ""  # P_22B3
    frame_number: str = ""  # P_22B4
    type: str = ""  # P_22BT
    hours_afloat: str = ""  # P_22C
    hull_number: str = ""  # P_22C1
    hours_flown: str = ""  # P_22D
    serial_number: str = ""  # P_22D1


@dataclass(frozen=True)
class NewVehicles:
    """NoweSrodkiTransportu: intra-Community supply of new means of transport."""

    vehicles: tuple[Vehicle, ...]
    must_inform: bool = False  # P_42_5: the duty of art. 42(5)
