"""Official samples 2, 3, 5, 6 and 7: corrections by state, by difference, of the buyer, collective."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.kernels.fa3_samples_common import CDE, KOWALSKI, D, R, made, original, piece, sample, total

from ksef_core import fa3

S2 = sample(
    kind=fa3.Kind.CORRECTION,
    number="FK2026/03/200",
    issue_date=date(2026, 3, 15),
    supply_date=date(2026, 1, 27),
    buyer=replace(KOWALSKI, customer_number="fdfd778343"),
    correction=fa3.Correction(
        (original(date(2026, 2, 15), "FV2026/02/150"),), "obniżka ceny o 200 zł z uwagi na uszkodzenia estetyczne", 3
    ),
    lines=(
        piece(1, "lodówka Zimnotech mk1", "1626.01", R.R23, uid="aaaa111133339990", before=True),
        piece(1, "lodówka Zimnotech mk1", "1463.41", R.R23, uid="aaaa111133339990"),
    ),
    totals=(total(R.R23, "-162.60", "-37.40"),),
    total=D(-200),
)
S3 = replace(S2, lines=(piece(1, "lodówka Zimnotech mk1", "-162.60", R.R23, uid="aaaa111133339990"),))

RENAMED = replace(CDE, name="CeDeE s.c.")
S5 = sample(
    kind=fa3.Kind.CORRECTION,
    number="FK2026/04/23",
    issue_date=date(2026, 4, 1),
    created_at=made("2026-02-15T09:30:47"),
    system="Samplofaktur",
    buyer=replace(RENAMED, internal_id="0001"),
    correction=fa3.Correction(
        (original(date(2026, 2, 15), "FV2026/02/150"),),
        "błędna nazwa nabywcy",
        1,
        buyer_before=replace(CDE, internal_id="0001"),
    ),
    total=D(0),
)

S6 = sample(
    kind=fa3.Kind.CORRECTION,
    number="FK2026/07/243",
    issue_date=date(2026, 7, 15),
    created_at=made("2026-07-15T09:30:47"),
    system="Samplofaktur",
    buyer=RENAMED,
    correction=fa3.Correction(
        (
            original(date(2026, 1, 15), "FV2026/01/134"),
            original(date(2026, 2, 15), "FV2026/02/150", "9999999999-20230908-76B2B580D4DC-80"),
            original(date(2026, 3, 15), "FV2026/03/143", "9999999999-20230908-4191312C0E57-09"),
            original(date(2026, 4, 15), "FV2026/04/23", "9999999999-20230908-2B9266CEF3C4-DD"),
            original(date(2026, 5, 15), "FV2026/05/54", "9999999999-20230908-16B99491C78B-3D"),
            original(date(2026, 6, 15), "FV2026/06/15", "9999999999-20230908-D08FB95950BE-3E"),
        ),
        "rabat 50000 z uwagi na poziom zakupów pierwszym półroczu 2026",
        2,
        "pierwsze półrocze 2026",
    ),
    totals=(total(R.R23, "-40650.41", "-9349.59"),),
    total=D(-50000),
)
# the discount is of one kind of goods: the line names it and carries no money
S7 = replace(S6, lines=(fa3.Line(1, "lodówka Zimnotech mk1", None, None, D(1000), "szt.", cn="8418 21 91"),))

SAMPLES = {2: S2, 3: S3, 5: S5, 6: S6, 7: S7}
