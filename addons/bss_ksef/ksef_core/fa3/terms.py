"""WarunkiTransakcji: contracts, orders, delivery and transport."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .parties import Address, Carrier


@dataclass(frozen=True)
class Contract:
    number: str
    signed_on: date | None = None


@dataclass(frozen=True)
class OrderNumber:
    """Zamowienia: the buyer's own order that the invoice answers."""

    number: str
    placed_on: date | None = None


@dataclass(frozen=True)
class Transport:
    """Transport. `mode` and `cargo` are codes of the schema; what is not on the list stands in words."""

    mode: int | None = None  # RodzajTransportu
    other_mode: str = ""  # OpisInnegoTransportu
    carrier: Carrier | None = None
    order_number: str = ""  # NrZleceniaTransportu
    cargo: int | None = None  # OpisLadunku
    other_cargo: str = ""  # OpisInnegoLadunku
    packaging: str = ""  # JednostkaOpakowania
    start: datetime | None = None  # aware
    end: datetime | None = None  # aware
    ship_from: Address | None = None
    via: tuple[Address, ...] = ()
    ship_to: Address | None = None


@dataclass(frozen=True)
class Delivery:
    """The rest of WarunkiTransakcji. `agreed_rate` and `agreed_currency` go together."""

    batches: tuple[str, ...] = ()  # NrPartiiTowaru
    terms: str = ""  # WarunkiDostawy, e.g. CIP
    agreed_rate: Decimal | None = None  # KursUmowny
    agreed_currency: str = ""  # WalutaUmowna
    transports: tuple[Transport, ...] = ()
    intermediary: bool = False  # PodmiotPosredniczacy, art. 22(2d)
