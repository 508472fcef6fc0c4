"""Official samples 10 to 14, 17 and 18: an advance, its corrections, the final invoice and its correction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tests.kernels.fa3_samples_common import (
    ABC_CONTACT,
    ACCOUNT,
    CRACOW,
    CRACOW_M,
    KOWALSKI,
    ORIGINAL_KSEF,
    POLNA,
    D,
    R,
    made,
    original,
    piece,
    sample,
    total,
)

from ksef_core import fa3

DEVELOPER = fa3.Seller("9999999999", "ABC Developex sp. z o. o.", CRACOW_M, **ABC_CONTACT)
SPOUSE = fa3.ThirdParty(
    4,
    "F.H.U. Grażyna Kowalska",
    POLNA,
    "3333333333",
    share=D(50),
    email="jan@kowalski.pl",
    phone="555777999",
)


def flat(net: str, tax: str, rate: fa3.Rate, **more: Any) -> fa3.OrderLine:
    return fa3.OrderLine(
        1, "mieszkanie 50m^2", D(net), D(tax), rate, D(1), "szt.", D(net), uid="aaaa111133339990", **more
    )


def extras(net: str, tax: str, **more: Any) -> fa3.OrderLine:
    return fa3.OrderLine(
        2, "usługi dodatkowe", D(net), D(tax), R.R23, D(1), "szt.", D(net), uid="aaaa111133339991", **more
    )


FLAT_8 = flat("341666.67", "27333.33", R.R8)

S10 = sample(
    kind=fa3.Kind.ADVANCE,
    number="FZ2026/02/150",
    issue_date=date(2026, 2, 15),
    created_at=made("2026-02-15T09:30:47"),
    system="Samplofaktur",
    supply_date=date(2026, 2, 15),
    seller=DEVELOPER,
    buyer=KOWALSKI,
    third_parties=(SPOUSE,),
    totals=(total(R.R23, "16260.16", "3739.84"),),
    total=D(20000),
    notes=(fa3.Note("wysokosć wpłaconego zadatku", "20000 zł"),),
    payment=fa3.Payment(method=6, paid_on=date(2026, 2, 15)),
    order=fa3.Order(D(375150), (flat("300000", "69000", R.R23), extras("5000", "1150"))),
)

S11 = replace(
    S10,
    kind=fa3.Kind.CORRECTED_ADVANCE,
    number="FK2026/03/5",
    issue_date=date(2026, 3, 15),
    totals=(total(R.R23, "-15993.6", "-3678.53"), total(R.R8, "18214.94", "1457.19")),
    total=D(0),
    correction=fa3.Correction(
        (original(date(2026, 2, 15), "FZ2026/02/150"),), "błędna stawka VAT", 3, due_before=D(20000)
    ),
    notes=(),
    payment=None,
    order=fa3.Order(
        D(375150),
        (
            flat("300000", "69000", R.R23, before=True),
            FLAT_8,
            extras("5000", "1150", before=True),
            extras("5000", "1150"),
        ),
    ),
)

S12 = replace(
    S11,
    number="FK2026/03/7",
    issue_date=date(2026, 3, 17),
    totals=(total(R.R23, "133.28", "30.65"), total(R.R8, "9107.47", "728.60")),
    total=D(10000),
    correction=replace(
        S11.correction,
        reason="błędne zafakturowanie zaniżonej kwoty zadatku 20000 powinno być 30000",
        effect=1,
    ),
    order=fa3.Order(
        D(375150),
        (replace(FLAT_8, before=True), FLAT_8, extras("5000", "1150", before=True), extras("5000", "1150")),
    ),
)

S13 = replace(
    S12,
    totals=(),
    total=D(0),
    correction=replace(S12.correction, reason="korekta wartości zamówienia o -10%", effect=3, due_before=D(30000)),
    order=fa3.Order(
        D(337635),
        (
            replace(FLAT_8, before=True),
            flat("307500", "24600", R.R8),
            extras("5000", "1150", before=True),
            extras("4500", "1035"),
        ),
    ),
)

# what samples 10, 11 and 12 together took in advance: sample 14 is the whole sale without it
TAKEN = (total(R.R23, "399.84", "91.96"), total(R.R8, "27322.41", "2185.79"))
SOLD = (
    piece(1, "mieszkanie 50m^2", "307500", R.R8, uid="aaaa111133339997", gtu="GTU_10"),
    piece(2, "usługi dodatkowe", "4500", R.R23, uid="aaaa111133339998"),
)
S14 = sample(
    kind=fa3.Kind.SETTLEMENT,
    number="FV2026/08/12",
    issue_date=date(2026, 8, 17),
    created_at=made("2026-08-17T00:00:00"),
    system="Samplofaktur",
    supply_date=date(2026, 9, 17),
    seller=replace(DEVELOPER, name="ABC Developex S.A."),
    buyer=KOWALSKI,
    third_parties=(
        SPOUSE,
        # the company that took the advance, before it became a joint-stock company
        fa3.ThirdParty(3, "ABC Developex sp. z o.o.", CRACOW, "9999999999", **ABC_CONTACT),
    ),
    lines=SOLD,
    totals=(total(R.R23, "4100.16", "943.04"), total(R.R8, "280177.59", "22414.21")),
    total=D(307635),
    notes=(
        fa3.Note("wysokość pozostałej do zapłaty kwoty", "307635 zł"),
        fa3.Note("W terminie 2026-09-15", "co najmniej 50% pozostałej kwoty"),
        fa3.Note("W terminie 2026-10-15", "pozostała część"),
    ),
    advances=(fa3.Advance(ORIGINAL_KSEF, totals=TAKEN),),
    payment=fa3.Payment((date(2026, 9, 15), date(2026, 10, 15)), 6, (ACCOUNT,)),
)

S17 = replace(
    S14,
    seller=replace(S14.seller, address=CRACOW),
    third_parties=(SPOUSE,),
    totals=(total(R.R23, "3998.40", "919.63"), total(R.R8, "273224.05", "21857.92")),
    total=D(300000),
    notes=(fa3.Note("wysokosć pozostałej do zapłaty kwoty", "300000 zł"),),
    advances=(fa3.Advance(ORIGINAL_KSEF),),
    payment=None,
)

S18 = replace(
    S17,
    kind=fa3.Kind.CORRECTED_SETTLEMENT,
    number="FK2026/09/1",
    totals=(total(R.R23, "101.76", "23.41"), total(R.R8, "6953.54", "556.29")),
    total=D(7635),
    correction=fa3.Correction(
        (original(date(2026, 8, 17), "FV2026/08/12"),),
        "błędne zafakturowanie kwoty pozostałej do zapłaty: było 300000, a powinno być 307635",
        1,
        due_before=D(300000),
    ),
    notes=(),
    advances=(fa3.Advance("9999999999-20230908-76B2B580D4DC-80"),),
    lines=(
        replace(SOLD[0], before=True),
        replace(SOLD[0], name="mieszkanie 50m2"),
        replace(SOLD[1], before=True),
        SOLD[1],
    ),
)

SAMPLES = {10: S10, 11: S11, 12: S12, 13: S13, 14: S14, 17: S17, 18: S18}
