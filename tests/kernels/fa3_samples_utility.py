"""Official samples 24 and 25: a bill of an electricity supplier with its readings and charges in the attachment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.kernels.fa3_samples_common import ACCOUNT, KOWALSKI, WARSAW_1, D, R, made, sample, total

from ksef_core import fa3

EXCISE = (
    "Informacja o akcyzie",
    "Od 20 kWh energii elektrycznej czynnej naliczono akcyzę w kwocie 0,10 zł",
)
DAY = "2026-02-28"


def columns(*pairs: str) -> tuple[fa3.Column, ...]:
    """`"Ilość int"` → a column of whole numbers."""
    return tuple(fa3.Column(*pair.rsplit(" ", 1)) for pair in pairs)


def meta(period_from: str) -> tuple[tuple[str, str], ...]:
    return (
        ("Miejsce poboru energii", "ul. Polna 1, 00-001 Warszawa"),
        ("Kod PPE", "999999999999999999"),
        ("Nr kontrahenta (odbiorcy)", "99999999"),
        ("Za okres od", period_from),
        ("Za okres do", DAY),
        ("Grupa taryfowa", "G11"),
        ("Energia zużyta w roku 2025", "999 kWh"),
        ("Energia zużyta w analogicznym okresie poprzedniego roku kalendarzowego", "118 kWh"),
    )


READINGS = fa3.Table(
    caption="Odczyty",
    columns=columns(
        "Licznik/Strefa txt",
        "Data date",
        "Wskazanie bieżące int",
        "Wskazanie poprzednie int",
        "Mnożna int",
        "Ilość int",
        "Sposób odczytu txt",
        "Straty int",
        "Razem int",
    ),
    rows=(
        ("Licznik rozliczeniowy energii czynnej nr 99999999",),
        ("całodobowa", DAY, "1020", "1000", "1", "20", "Fizyczny", "0", "20"),
    ),
)


def energy(blank: str) -> fa3.Table:
    return fa3.Table(
        meta=(EXCISE,),
        caption="Rozliczenie - sprzedaż energii",
        columns=columns(
            "Opis/Strefa txt",
            "j. m. txt",
            "Ilość int",
            "Cena jedn. netto (zł) dec",
            "Należność netto (zł) dec",
            "Stawka VAT(%) int",
        ),
        rows=(
            ("Energia elektryczna czynna",),
            ("całodobowa", "kWh", "20", "0.9000", "18.00", "23"),
        ),
        sums=("Ogółem wartość - sprzedaż energii:", blank, blank, blank, "18.00", blank),
    )


def distribution(blank: str) -> fa3.Table:
    def monthly(name: str, price: str, value: str) -> tuple[tuple[str, ...], ...]:
        return (name,), (blank, "zł/mc", DAY, blank, "2", "0.0000", price, value, "23")

    def by_usage(name: str, price: str, value: str) -> tuple[tuple[str, ...], ...]:
        return (name,), ("całodobowa", "kWh", DAY, "20", blank, blank, price, value, "23")

    return fa3.Table(
        caption="Rozliczenie - usługa dystrybucji energii",
        columns=columns(
            "Opis/Strefa txt",
            "j. m. txt",
            "Data date",
            "Ilość int",
            "Ilość m-cy int",
            "Współczynniki dec",
            "Cena jedn. netto (zł) dec",
            "Należność netto (zł) dec",
            "Stawka VAT(%) int",
        ),
        rows=(
            *monthly("Opłata stała sieciowa - układ 1-fazowy", "7.3000", "14.60"),
            *monthly("Opłata przejściowa <500 kWh", "0.0300", "0.06"),
            *monthly("Opłata mocowa <500 kWh", "0.0000", "0.00"),
            *by_usage("Opłata zmienna sieciowa", "0.2500", "5.00"),
            *by_usage("Opłata jakościowa", "0.0400", "0.80"),
            *by_usage("Opłata OZE", "0.0040", "0.08"),
            *by_usage("Opłata kogeneracyjna", "0.0030", "0.06"),
            *monthly("Opłata abonamentowa", "2.5000", "5.00"),
        ),
        sums=("Ogółem wartość - usługa dystrybucji:", *[blank] * 6, "25.60", blank),
    )


def attachment(period_from: str, blank: str) -> fa3.Attachment:
    return fa3.Attachment((fa3.Block("", meta(period_from), tables=(READINGS, energy(blank), distribution(blank))),))


S24 = sample(
    number="FV2026/02/150",
    issue_date=date(2026, 2, 28),
    created_at=made("2026-02-28T00:00:00"),
    period=(date(2026, 1, 1), date(2026, 2, 28)),
    seller=fa3.Seller(
        "9999999999", "Elektrownia S.A.", WARSAW_1, email="elektrownia@elektrownia.pl", phone="667444555"
    ),
    buyer=replace(KOWALSKI, customer_number="99999999"),
    lines=(
        fa3.Line(1, "Razem za energię czynną", D("18.00"), R.R23),
        fa3.Line(2, "Razem za usługi dystrybucji", D("25.60"), R.R23),
    ),
    totals=(total(R.R23, "43.60", "10.03"),),
    total=D("53.63"),
    notes=(fa3.Note(*EXCISE),),
    charges=(fa3.Amount(D("0.00"), "Odsetki"),),
    deductions=(fa3.Amount(D("0.00"), "Nadpłata"),),
    payment=fa3.Payment((date(2026, 3, 15),), 6, (ACCOUNT,)),
    attachment=attachment("2026-01-01", "-"),
)
S25 = replace(S24, attachment=attachment("2026-02-01", ""))

SAMPLES = {24: S24, 25: S25}
