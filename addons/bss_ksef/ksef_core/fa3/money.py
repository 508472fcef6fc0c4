"""What is to be paid, how and where: Rozliczenie and Platnosc."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Amount:
    """Obciazenia / Odliczenia of Rozliczenie: outside VAT, never part of P_15. Not negative."""

    amount: Decimal
    reason: str


@dataclass(frozen=True)
class BankAccount:
    number: str  # NrRB, 10 to 34 characters
    bank: str = ""
    swift: str = ""
    note: str = ""
    own_account: int | None = None  # RachunekWlasnyBanku 1 to 3: an account of the bank itself, e.g. of a factor


@dataclass(frozen=True)
class PartialPayment:
    """ZaplataCzesciowa."""

    paid_on: date
    amount: Decimal
    method: int | None = None
    other_method: str = ""  # OpisPlatnosci


@dataclass(frozen=True)
class DueTerm:
    """TerminPlatnosci in words: `count` `unit` after `event`, e.g. 30 days after receipt."""

    count: int
    unit: str
    event: str
    due: date | None = None


@dataclass(frozen=True)
class Discount:
    """Skonto: terms and size of the reduction for early payment, in words."""

    terms: str
    size: str


@dataclass(frozen=True)
class Payment:
    """Platnosc. `method`: 1 cash, 2 card, 3 voucher, 4 cheque, 5 credit, 6 transfer, 7 mobile.

    `paid_on` (all paid at once) and `partial` exclude each other. `ipksef` is the identifier that the payment
    provider assigns (3 digits, 10 letters or digits); `link` must carry the same in its parameter `IPKSeF`.
    """

    due_dates: tuple[date, ...] = ()
    method: int | None = None
    accounts: tuple[BankAccount, ...] = ()
    paid_on: date | None = None
    link: str = ""  # LinkDoPlatnosci
    ipksef: str = ""  # IPKSeF
    partial: tuple[PartialPayment, ...] = ()
    partial_is_all: bool = False  # ZnacznikZaplatyCzesciowej 2: the parts pay everything
    discount: Discount | None = None
    other_method: str = ""  # OpisPlatnosci, instead of `method`
    due_terms: tuple[DueTerm, ...] = ()
    factor_accounts: tuple[BankAccount, ...] = ()  # RachunekBankowyFaktora
