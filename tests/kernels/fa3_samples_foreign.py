"""Official samples 20 to 23: EUR with exchange rates per line, supply inside the EU, export."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.kernels.fa3_samples_common import ABC_AGD, CDE, DELIVERY, FACTOR_ACCOUNT, D, R, sample, total

from ksef_core import fa3


def goods(number: int, name: str, cn: str, count: int, price: int, day: date, rate: str) -> fa3.Line:
    return fa3.Line(
        number,
        name,
        D(count * price),
        R.R23,
        D(count),
        "szt.",
        D(price),
        supply_date=day,
        uid=f"aaaa11113333999{number - 1}",
        cn=cn,
        exchange_rate=D(rate),
    )


S20 = sample(
    number="FV2026/02/150",
    issue_date=date(2026, 2, 15),
    system="Samplofaktur",
    currency="EUR",
    buyer=replace(CDE, address=fa3.Address("PL", "ul. Sadowa 1 lok. 3", "00-002 Kraków", gln="a")),
    lines=(
        goods(1, "lodówka Zimnotech mk1", "8418 21 91", 10, 406, date(2026, 2, 20), "4.5005"),
        goods(2, "zamrażarka Zimnotech mk2", "8418 40 20", 20, 250, date(2026, 2, 25), "4.5005"),
        goods(3, "zmywarka Bryza 100", "8422 11 00", 15, 300, date(2026, 2, 26), "4.5005"),
    ),
    totals=(total(R.R23, "13560", "3118.80", "14036.16"),),
    total=D("16678.80"),
    payment=fa3.Payment((date(2026, 3, 15),), 6, factor_accounts=(FACTOR_ACCOUNT,)),
    order_numbers=(fa3.OrderNumber("4354343", date(2026, 1, 26)),),
    delivery=DELIVERY,
)
S21 = replace(
    S20,
    lines=(
        goods(1, "lodówka Zimnotech mk1", "8418 21 91", 10, 406, date(2026, 2, 5), "4.4080"),
        goods(2, "zamrażarka Zimnotech mk2", "8418 40 20", 20, 250, date(2026, 2, 10), "4.5005"),
        goods(3, "zmywarka Bryza 100", "8422 11 00", 15, 300, date(2026, 2, 20), "4.3250"),
    ),
    totals=(total(R.R23, "13560", "3118.80", "13768.14"),),
)


def fridges(count: int, rate: fa3.Rate) -> fa3.Line:
    return fa3.Line(
        1,
        "lodówka Zimnotech mk1",
        D(400 * count),
        rate,
        D(count),
        "szt.",
        D(400),
        supply_date=date(2026, 1, 3),
        uid="aaaa111133339990",
    )


S22 = sample(
    number="FV2026/02/150",
    issue_date=date(2026, 2, 15),
    currency="EUR",
    seller=replace(ABC_AGD, eu_prefix=True),
    buyer=fa3.Buyer(
        "EFG GmbH",
        fa3.Address("DE", "Blümchenstraße 1", "10999 Berlin"),
        eu_country="DE",
        eu_number="999999999",
        email="johan@shmidt.de",
        phone="555777999",
    ),
    lines=(fridges(10, R.ZERO_EU),),
    totals=(total(R.ZERO_EU, "4000"),),
    total=D(4000),
)
S23 = sample(
    number="FV2026/02/150",
    issue_date=date(2026, 6, 15),
    currency="USD",
    buyer=fa3.Buyer(
        "EFG Ltd.",
        fa3.Address("US", "Flower (St) 1", "Seattle, WA 99999"),
        other_country="US",
        other_number="999999999",
        email="john@smith.us",
        phone="555777999",
    ),
    lines=(fridges(20, R.ZERO_EXPORT),),
    totals=(total(R.ZERO_EXPORT, "8000"),),
    total=D(8000),
)

SAMPLES = {20: S20, 21: S21, 22: S22, 23: S23}
