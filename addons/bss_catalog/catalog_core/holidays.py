"""Days off by law in Poland (Act of 18 January 1951 on non-working days, as amended)."""

from dataclasses import dataclass
from datetime import date, timedelta

EPIPHANY_SINCE = 2011
CHRISTMAS_EVE_SINCE = 2025
# once, by an act of its own (Dz.U. 2018 item 2117)
CENTENARY = date(2018, 11, 12)


@dataclass(frozen=True, slots=True)
class Holiday:
    day: date
    name: str


def easter_sunday(year: int) -> date:
    """Western Easter (Gregorian computus of Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def polish_holidays(year: int) -> list[Holiday]:
    """Statutory holidays of ``year`` in the order of the calendar."""
    easter = easter_sunday(year)
    days = [
        Holiday(date(year, 1, 1), "Nowy Rok"),
        Holiday(easter, "Wielkanoc"),
        Holiday(easter + timedelta(days=1), "Poniedziałek Wielkanocny"),
        Holiday(date(year, 5, 1), "Święto Państwowe 1 Maja"),
        Holiday(date(year, 5, 3), "Święto Narodowe Trzeciego Maja"),
        Holiday(easter + timedelta(days=49), "Zielone Świątki"),
        Holiday(easter + timedelta(days=60), "Boże Ciało"),
        Holiday(date(year, 8, 15), "Wniebowzięcie Najświętszej Maryi Panny"),
        Holiday(date(year, 11, 1), "Wszystkich Świętych"),
        Holiday(date(year, 11, 11), "Narodowe Święto Niepodległości"),
        Holiday(date(year, 12, 25), "Boże Narodzenie – pierwszy dzień"),
        Holiday(date(year, 12, 26), "Boże Narodzenie – drugi dzień"),
    ]
    if year >= EPIPHANY_SINCE:
        days.append(Holiday(date(year, 1, 6), "Święto Trzech Króli"))
    if year >= CHRISTMAS_EVE_SINCE:
        days.append(Holiday(date(year, 12, 24), "Wigilia Bożego Narodzenia"))
    if year == CENTENARY.year:
        days.append(Holiday(CENTENARY, "Święto Narodowe z okazji Setnej Rocznicy Odzyskania Niepodległości"))
    return sorted(days, key=lambda holiday: (holiday.day, holiday.name))
