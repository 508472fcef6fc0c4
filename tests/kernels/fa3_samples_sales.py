"""Official samples 1, 4, 8, 9, 15, 16, 19 and 26: sales, margin, leasing, simplified invoices, deposit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.kernels.fa3_samples_common import (
    ABC_AGD,
    ABC_CONTACT,
    ACCOUNT,
    CDE,
    CRACOW,
    DELIVERY,
    FACTOR_ACCOUNT,
    KOWALSKI,
    WARSAW_1,
    D,
    R,
    made,
    piece,
    sample,
    total,
)

from ksef_core import fa3

REGULAR = replace(KOWALSKI, customer_number="fdfd778343")

S1 = sample(
    number="FV2026/02/150",
    issue_date=date(2026, 2, 15),
    supply_date=date(2026, 1, 27),
    buyer=REGULAR,
    lines=(
        piece(1, "lodówka Zimnotech mk1", "1626.01", R.R23, uid="aaaa111133339990"),
        piece(2, "wniesienie sprzętu", "40.65", R.R23, uid="aaaa111133339991"),
        piece(3, "promocja lodówka pełna mleka", "0.95", R.R5, uid="aaaa111133339992"),
    ),
    totals=(total(R.R23, "1666.66", "383.33"), total(R.R5, "0.95", "0.05")),
    total=D("2051"),
    receipt=True,
    notes=(fa3.Note("preferowane godziny dowozu", "dni robocze 17:00 - 20:00"),),
    payment=fa3.Payment(method=6, paid_on=date(2026, 1, 27)),
    order_numbers=(fa3.OrderNumber("4354343", date(2026, 1, 26)),),
)

S4 = sample(
    number="FV2026/02/150",
    issue_date=date(2026, 2, 15),
    buyer=CDE,
    third_parties=(
        fa3.ThirdParty(
            1,
            "Bank Bankowości Bankowej S. A. BBB Faktoring",
            fa3.Address("PL", "ul. Bankowa 1", "00-003 Łódź"),
            "2222222222",
            email="bbb@efaktoring.pl",
            phone="666888999",
        ),
    ),
    delivery_notes=("44343434/2026",),
    lines=(
        fa3.Line(
            1,
            "lodówka Zimnotech mk1",
            D("16260.10"),
            R.R23,
            D(10),
            "szt.",
            D("1626.01"),
            supply_date=date(2026, 1, 3),
            uid="aaaa111133339990",
            cn="8418 21 91",
        ),
        fa3.Line(
            2,
            "zamrażarka Zimnotech mk2",
            D(18000),
            R.R23,
            D(20),
            "szt.",
            D(1000),
            unit_discount=D(100),
            supply_date=date(2026, 1, 10),
            uid="aaaa111133339991",
            cn="8418 40 20",
        ),
        fa3.Line(
            3,
            "zmywarka Bryza 100",
            D(18000),
            R.R23,
            D(15),
            "szt.",
            D(1200),
            supply_date=date(2026, 1, 15),
            uid="aaaa111133339992",
            cn="8422 11 00",
        ),
    ),
    totals=(total(R.R23, "52260.10", "12019.82"),),
    total=D("64279.92"),
    deductions=(fa3.Amount(D(1000), "nadwyżka salda nierozliczonych środków"),),
    payment=fa3.Payment((date(2026, 3, 15),), 6, factor_accounts=(FACTOR_ACCOUNT,)),
    order_numbers=(fa3.OrderNumber("4354343", date(2026, 1, 26)),),
    delivery=DELIVERY,
)

S8 = sample(
    number="FM2026/02/150",
    issue_date=date(2026, 2, 27),
    created_at=made("2026-02-15T09:30:47"),
    system="Samplofaktur",
    supply_date=date(2026, 1, 27),
    seller=fa3.Seller("9999999999", "Komis ABC AGD sp. z o. o.", WARSAW_1, **ABC_CONTACT),
    buyer=REGULAR,
    lines=(
        fa3.Line(
            1,
            "samochód używany marki Autex rocznik 2010",
            None,
            R.MARGIN,
            D(1),
            "szt.",
            gross_price=D(15000),
            gross=D(15000),
            gtu="GTU_07",
        ),
    ),
    totals=(total(R.MARGIN, "15000"),),
    total=D(15000),
    annotations=fa3.Annotations(margin=fa3.Margin.USED_GOODS),
    receipt=True,
    payment=fa3.Payment(
        method=6,
        accounts=(ACCOUNT,),
        partial=(fa3.PartialPayment(date(2026, 1, 27), D(10000), 1),),
        due_terms=(fa3.DueTerm(30, "Dzień", "Otrzymanie faktury"),),
    ),
)

S9 = sample(
    number="FV2026/02/150",
    issue_date=date(2026, 2, 15),
    created_at=made("2026-02-15T09:30:47"),
    system="Samplofaktur",
    period=(date(2026, 1, 1), date(2026, 1, 1)),
    seller=fa3.Seller("9999999999", "ABC Leasing S.A.", WARSAW_1, **ABC_CONTACT),
    buyer=fa3.Buyer(
        "Gmina Bzdziszewo",
        fa3.Address("PL", "Bzdziszewo 1", "00-007 Bzdziszewo"),
        "1111111111",
        customer_number="fdfd778343",
        email="bzdziszewo@tuwartoinwestowac.pl",
        phone="555777999",
        is_public_subunit=True,
    ),
    third_parties=(
        fa3.ThirdParty(
            8,
            "Szkoła Podstawowa w Bzdziszewie",
            fa3.Address("PL", "ul. Akacjowa 200", "00-007 Bzdziszewo"),
            "2222222222",
            email="sp@bzdziszewo.p",
            phone="666888999",
        ),
    ),
    lines=(
        piece(1, "rata leasingowa za 01/2026", "2000", R.R23, uid="aaaa111133339990"),
        piece(2, "pakiet ubezpieczeń za 01/2026", "300", R.EXEMPT, uid="aaaa111133339991"),
    ),
    totals=(total(R.R23, "2000", "460"), total(R.EXEMPT, "300")),
    total=D(2760),
    annotations=fa3.Annotations(exemption_act="art. 43 ust. 1 pkt 37 ustawy VAT"),
    notes=(fa3.Note("część odsetkowa raty", "netto 200, vat 46"),),
    payment=fa3.Payment((date(2026, 3, 15),), 6, (ACCOUNT,)),
)

# a simplified invoice needs neither name nor address of the buyer, and no amounts on its lines
S15 = sample(
    kind=fa3.Kind.SIMPLIFIED,
    number="FV2026/02/150",
    issue_date=date(2026, 2, 15),
    place="",
    supply_date=date(2026, 1, 3),
    buyer=fa3.Buyer("", None, "1111111111"),
    lines=(fa3.Line(1, "wiertarka Wiertex mk5", None, None),),
    totals=(total(R.R23, "365.85", "84.15"),),
    total=D(450),
)
S16 = replace(S15, lines=(fa3.Line(1, "wiertarka Wiertex mk5", None, R.R23),), totals=())

S19 = sample(
    number="FM2026/02/150",
    issue_date=date(2026, 2, 15),
    system="Samplofaktur",
    supply_date=date(2026, 1, 27),
    seller=fa3.Seller("9999999999", "Biuro Podróży ABC sp. z o. o.", CRACOW, **ABC_CONTACT),
    buyer=KOWALSKI,
    lines=(
        fa3.Line(
            1,
            "wycieczka na Mazury usługi obce",
            None,
            R.MARGIN,
            D(1),
            "szt.",
            gross_price=D(2000),
            gross=D(2000),
        ),
        fa3.Line(
            2,
            "wycieczka na Mazury usługa własna",
            None,
            R.R23,
            D(1),
            "szt.",
            gross_price=D(1000),
            gross=D(1000),
        ),
    ),
    totals=(total(R.R23, "813", "187"), total(R.MARGIN, "2000")),
    total=D(3000),
    annotations=fa3.Annotations(margin=fa3.Margin.TRAVEL),
)

S26 = sample(
    number="FA/2026/02/999",
    issue_date=date(2026, 2, 1),
    supply_date=date(2026, 2, 1),
    seller=replace(
        ABC_AGD,
        name="ABC sp. z o. o.",
        address=fa3.Address("PL", "ul. Kwiatowa 1, 00-001 Warszawa"),
        email="",
        phone="",
    ),
    buyer=fa3.Buyer("Jan Kowalski", fa3.Address("PL", "Akacjowa 1, 00-001 Warszawa"), "2222222222"),
    lines=(fa3.Line(1, "Napój Owocowy 1.5l", D(30), R.R5, D(10), "szt.", D(3)),),
    totals=(total(R.R5, "30", "1.5"),),
    total=D("31.5"),
    charges=(fa3.Amount(D(5), "Kaucja (system kaucyjny) 10 x 0,50 PLN"),),
    footer=None,
)

SAMPLES = {1: S1, 4: S4, 8: S8, 9: S9, 15: S15, 16: S16, 19: S19, 26: S26}
