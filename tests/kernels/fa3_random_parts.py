"""Random parties, texts, payments, transports and attachments of FA(3) invoices; all of them allowed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar

from ksef_core import fa3

T = TypeVar("T")
D = Decimal
WORDS = (
    "Internet",
    "światłowód",
    "Żółć",
    "& Synowie",
    "<b>",
    "„cudzysłów”",
    "e\u0301",
    "naïve",
    "Straße",
    "№ 7",
    "]]>",
)
HOSTILE = ("\x00", "\x7f", "\ufeff", "\u200b", "\ufdd0", "\U0001ffff", "\t", "\r\n", "  ", "\u2028", "\ud800")
COUNTRIES = ("PL", "DE", "CZ", "US", "GB", "UA")
PREFIXES = ("DE", "CZ", "EL", "XI")
DAY = date(2026, 11, 21)


class Dice(Random):
    """Random numbers in the words of invoices."""

    def chance(self, percent: int) -> bool:
        return self.random() * 100 < percent

    def maybe(self, percent: int, value: T, other: T) -> T:
        return value if self.chance(percent) else other

    def day(self, back: int = 400) -> date:
        return DAY - timedelta(days=self.randint(0, back))

    def amount(self, low: int = 1, high: int = 500_000) -> Decimal:
        return D(self.randint(low, high)).scaleb(-2)


def words(dice: Dice, limit: int = 60) -> str:
    """Something readable first, then anything that data may hold."""
    pieces = [dice.choice(WORDS[:3])]
    while dice.chance(45):
        pieces.append(dice.choice((*WORDS, *HOSTILE)))
    if dice.chance(3):
        pieces.append("długi opis " * (limit // 5))
    return " ".join(pieces)


def nip(dice: Dice) -> str:
    weights = (6, 5, 7, 2, 3, 4, 5, 6, 7)
    while True:
        digits = [dice.randint(1, 9) for _ in weights]
        check = sum(weight * digit for weight, digit in zip(weights, digits, strict=True)) % 11
        if check < 10:
            return "".join(map(str, (*digits, check)))


def ksef_number(dice: Dice) -> str:
    return f"{nip(dice)}-20260{dice.randint(1, 9)}15-{dice.randrange(16**12):012X}-{dice.randrange(256):02X}"


def address(dice: Dice) -> fa3.Address:
    return fa3.Address(
        dice.choice(COUNTRIES),
        words(dice, 512),
        dice.maybe(60, "00-001 Warszawa", ""),
        dice.maybe(10, "5901234123457", ""),
    )


def contacts(dice: Dice) -> tuple[fa3.Contact, ...]:
    return tuple(fa3.Contact("a@b.pl", "") for _ in range(dice.maybe(8, dice.randint(1, 2), 0)))


def phone(dice: Dice) -> str:
    return dice.choice(("", "+48 22 123 45 67", "0048 (22) 123-45-67", "22 123 45 67 wew. 12345, po 18.00"))


def seller(dice: Dice) -> fa3.Seller:
    return fa3.Seller(
        nip(dice),
        words(dice, 512),
        address(dice),
        dice.maybe(40, "biuro@example.com", ""),
        phone(dice),
        eu_prefix=dice.chance(15),
        eori=dice.maybe(10, "PL123456789000000", ""),
        mail_address=dice.maybe(10, address(dice), None),
        contacts=contacts(dice),
        status=dice.maybe(10, dice.randint(1, 4), None),
    )


def identity(dice: Dice) -> dict[str, str]:
    return dice.choice(
        (
            {"nip": nip(dice)},
            {"nip": nip(dice)},
            {"eu_country": dice.choice(PREFIXES), "eu_number": f"{dice.randrange(10**9):09}"},
            {"other_country": dice.maybe(50, "US", ""), "other_number": f"98-{dice.randrange(10**7):07}"},
            {},
        )
    )


def buyer(dice: Dice) -> fa3.Buyer:
    return fa3.Buyer(
        words(dice, 512),
        address(dice),
        **identity(dice),
        customer_number=dice.maybe(60, f"{dice.randrange(10**9)}", ""),
        email=dice.maybe(40, "klient@example.com", ""),
        phone=phone(dice),
        is_public_subunit=dice.chance(10),
        is_vat_group_member=dice.chance(10),
        internal_id=dice.maybe(20, "0001", ""),
        eori=dice.maybe(10, "DE1234567", ""),
        mail_address=dice.maybe(10, address(dice), None),
        contacts=contacts(dice),
    )


def third_party(dice: Dice) -> fa3.ThirdParty:
    role = dice.randint(0, 11)
    unit = {"internal_id": f"{nip(dice)}-{dice.randrange(10**5):05}"}
    return fa3.ThirdParty(
        role,
        words(dice, 512),
        dice.maybe(70, address(dice), None),
        **(unit if dice.chance(25) else identity(dice)),
        customer_number=dice.maybe(20, "77", ""),
        other_role="" if role else "Zarządca nieruchomości",
        share=D(dice.randint(1, 999)).scaleb(-1) / 3 if role == 4 else None,
        buyer_id=dice.maybe(15, "0002", ""),
        eori=dice.maybe(15, "PL1", ""),
        mail_address=dice.maybe(15, address(dice), None),
        email=dice.maybe(30, "x@example.com", ""),
        phone=phone(dice),
        contacts=contacts(dice),
    )


def authorised(dice: Dice) -> fa3.Authorised:
    return fa3.Authorised(
        dice.randint(1, 3),
        nip(dice),
        words(dice),
        address(dice),
        "k@example.com",
        "123456789",
        dice.maybe(50, "PL2", ""),
        dice.maybe(50, address(dice), None),
    )


def account(dice: Dice, own: int | None = None) -> fa3.BankAccount:
    return fa3.BankAccount(
        f"{dice.randrange(10**26):026}",
        dice.maybe(50, words(dice), ""),
        dice.maybe(30, "BREXPLPWXXX", ""),
        dice.maybe(30, "PLN", ""),
        own,
    )


def payment(dice: Dice) -> fa3.Payment:
    method, other = dice.choice(((6, ""), (6, ""), (1, ""), (None, "kompensata"), (None, "")))
    paid = dice.choice(("no", "no", "all", "parts"))
    ipksef = dice.maybe(30, f"123{dice.randrange(36**4):010}", "")
    link = f"https://pay.example.com:8443/p?id=7&IPKSeF={ipksef or '123abcDEF7890'}&x=<1>#a"
    parts = tuple(
        fa3.PartialPayment(dice.day(90), dice.amount(), *dice.choice(((1, ""), (None, "bon"), (None, ""))))
        for _ in range(dice.randint(1, 3) if paid == "parts" else 0)
    )
    return fa3.Payment(
        tuple(DAY + timedelta(days=14 * n) for n in range(dice.randint(0, 3))),
        method,
        tuple(account(dice) for _ in range(dice.randint(0, 2))),
        dice.day(30) if paid == "all" else None,
        dice.maybe(40, link, ""),
        ipksef,
        parts,
        dice.chance(30),
        dice.maybe(20, fa3.Discount("zapłata w 7 dni", "2 %"), None),
        other,
        tuple(
            fa3.DueTerm(30, "dni", "otrzymanie faktury", dice.maybe(50, DAY, None)) for _ in range(dice.randint(0, 1))
        ),
        tuple(account(dice, dice.randint(1, 3)) for _ in range(dice.maybe(20, 1, 0))),
    )


def delivery(dice: Dice) -> fa3.Delivery:
    agreed = dice.chance(40)
    return fa3.Delivery(
        tuple(f"P/{n}" for n in range(dice.randint(0, 2))),
        dice.maybe(50, "CIP", ""),
        D("4.123456") if agreed else None,
        "EUR" if agreed else "",
        tuple(transport(dice) for _ in range(dice.randint(0, 2))),
        dice.chance(30),
    )


def transport(dice: Dice) -> fa3.Transport:
    start = datetime(2026, 11, 20, 8, 0, 0, tzinfo=UTC)
    return fa3.Transport(
        *dice.choice(((3, ""), (8, ""), (None, "dron"))),
        carrier=dice.maybe(50, fa3.Carrier(words(dice), address(dice), **identity(dice)), None),
        order_number=dice.maybe(40, "ZT/1", ""),
        **dice.choice(({"cargo": 13}, {"other_cargo": "luzem"})),
        packaging=dice.maybe(50, "paleta", ""),
        start=dice.maybe(50, start, None),
        end=dice.maybe(50, start + timedelta(hours=5), None),
        ship_from=dice.maybe(50, address(dice), None),
        via=tuple(address(dice) for _ in range(dice.randint(0, 2))),
        ship_to=dice.maybe(50, address(dice), None),
    )


def footer(dice: Dice) -> fa3.Footer:
    return fa3.Footer(
        dice.maybe(60, words(dice, 3500), ""),
        dice.maybe(60, "0000099999", ""),
        dice.choice(("", "123456785", "12345678512347")),
        dice.maybe(30, "000099999", ""),
        tuple(words(dice) for _ in range(dice.maybe(20, 2, 0))),
        dice.maybe(30, words(dice), ""),
        tuple(fa3.Register("Oddział", "0000011111") for _ in range(dice.maybe(20, 1, 0))),
    )


def attachment(dice: Dice) -> fa3.Attachment:
    return fa3.Attachment(
        tuple(
            fa3.Block(
                dice.maybe(50, words(dice), ""),
                tuple((words(dice), words(dice)) for _ in range(dice.randint(1, 3))),
                tuple(words(dice) for _ in range(dice.randint(0, 3))),
                tuple(_table(dice) for _ in range(dice.randint(0, 3))),
            )
            for _ in range(dice.randint(1, 2))
        )
    )


def _table(dice: Dice) -> fa3.Table:
    columns = tuple(
        fa3.Column(dice.maybe(90, words(dice), ""), dice.choice(fa3.COLUMN_KINDS)) for _ in range(dice.randint(1, 20))
    )
    return fa3.Table(
        columns,
        tuple(
            tuple(dice.maybe(80, words(dice), "") for _ in range(dice.randint(1, len(columns))))
            for _ in range(dice.randint(1, 8))
        ),
        tuple("-" for _ in columns) if dice.chance(50) else (),
        dice.maybe(50, words(dice), ""),
        tuple((words(dice), words(dice)) for _ in range(dice.maybe(30, 1, 0))),
    )


def vehicles(dice: Dice) -> fa3.NewVehicles:
    land = dice.choice(({"vin": "V1"}, {"body_number": "B1"}, {"chassis_number": "C1"}, {"frame_number": "F1"}, {}))
    kinds: tuple[dict[str, str], ...] = (
        {"mileage": "100 km", "type": dice.maybe(50, "SUV", ""), **land},
        {"hours_afloat": "20 h", "hull_number": dice.maybe(50, "H1", "")},
        {"hours_flown": "30 h", "serial_number": dice.maybe(50, "S1", "")},
    )
    named = {"make": "Autex", "model": "X", "colour": "biały", "registration": "WA1", "year": "2026"}
    return fa3.NewVehicles(
        tuple(
            fa3.Vehicle(dice.day(), 1, **{key: text for key, text in named.items() if dice.chance(60)}, **kind)
            for kind in dice.sample(kinds, dice.randint(1, 3))
        ),
        dice.chance(50),
    )
