"""Names and addresses for a base of any size: common Polish ones in turn. All people and firms are invented."""

from __future__ import annotations

import random
from collections.abc import Iterator


def _words(text: str) -> list[str]:
    return text.split()


WOMEN = _words(
    "Anna Maria Katarzyna Małgorzata Agnieszka Barbara Ewa Krystyna Magdalena Elżbieta Joanna Aleksandra Monika Zofia "
    "Teresa Natalia Julia Karolina Beata Dorota Marta Halina Jadwiga Danuta Irena Alicja Paulina Sylwia Grażyna Bożena "
    "Weronika Iwona Renata Justyna Wiktoria Hanna Emilia Patrycja Urszula Edyta"
)
MEN = _words(
    "Piotr Krzysztof Tomasz Andrzej Paweł Michał Jan Jakub Adam Marcin Marek Łukasz Grzegorz Mateusz Wojciech Mariusz "
    "Dariusz Zbigniew Jerzy Maciej Rafał Robert Kamil Jacek Ryszard Szymon Tadeusz Kacper Dawid Bartosz Jarosław Artur "
    "Sławomir Stanisław Henryk Roman Patryk Przemysław Sebastian Filip"
)
# of the same form for women and men
SURNAMES = _words(
    "Nowak Wójcik Kowalczyk Woźniak Mazur Krawczyk Kaczmarek Zając Król Wieczorek Wróbel Stępień Adamczyk Dudek Pawlak "
    "Walczak Sikora Baran Michalak Szewczyk Pietrzak Marciniak Duda Bąk Włodarczyk Chmiel Sobczak Czerwiec Urban Kubiak "
    "Szulc Błaszczyk Kania Mróz Wilk Lis Kozak Cieślak Kołodziej Ratajczak Musiał Gajda Bednarek Bielak Tomczak"
)
# -ski and -cki: the last letter follows the gender
STEMS = _words(
    "Kowalsk Wiśniewsk Kamińsk Lewandowsk Zielińsk Szymańsk Dąbrowsk Kozłowsk Jankowsk Kwiatkowsk Piotrowsk Grabowsk "
    "Pawłowsk Michalsk Nowakowsk Majewsk Olszewsk Malinowsk Jaworsk Nowick Górsk Witkowsk Rutkowsk Ostrowsk Tomaszewsk "
    "Zawadzk Wróblewsk Jasińsk Jabłońsk Sadowsk Zakrzewsk Wysock Kucharsk Czarneck Sokołowsk Maciejewsk Kalinowsk Wasilewsk"
)
TRADES = _words(
    "Stolarnia Piekarnia Drukarnia Przychodnia Apteka Hurtownia Kancelaria Cukiernia Księgarnia Szkółka Pracownia Palarnia"
)
EPITHETS = _words(
    "Dębowa Złota Polna Leśna Zielona Słoneczna Stara Nowa Biała Królewska Zamkowa Wiejska Miejska Srebrna Lipowa Wiosenna"
)
FORMS = ("Sp. z o.o.", "S.A.", "Sp. j.", "Sp. z o.o. Sp. k.")
SERVICES = (
    "Usługi Remontowe", "Zakład Fryzjerski", "Auto-Naprawa", "Biuro Rachunkowe", "Gabinet Stomatologiczny", "Kwiaciarnia",
    "Studio Projektowe", "Usługi Transportowe", "Instalacje Elektryczne", "Serwis Komputerowy",
)  # fmt: skip
COMMUNES = _words("Modrzewiec Jesionka Olszynka Brzezie Sosnowo Lipnica Grabówka Topolno Wierzbno Kalinowo")
# town, postcode, streets
TOWNS = (
    ("Łęczyca", "99-100", ("Poznańska", "Belwederska", "Kaliska", "Ozorkowskie Przedmieście")),
    ("Krośniewice", "99-340", ("Łęczycka", "Toruńska", "Kolejowa")),
    ("Żychlin", "99-320", ("Narutowicza", "Łukasińskiego", "Traugutta")),
    ("Września", "62-300", ("Warszawska", "Fromborska", "Sienkiewicza", "Opieszyn", "Piastów")),
    ("Witkowo", "62-230", ("Gnieźnieńska", "Wrzesińska", "Jasna")),
    ("Trzemeszno", "62-240", ("Mickiewicza", "Langiewicza", "Kościuszki")),
)


def person(dice: random.Random) -> str:
    woman = dice.random() < 0.52
    if dice.random() < 0.5:
        surname = dice.choice(SURNAMES)
    else:
        surname = dice.choice(STEMS) + ("a" if woman else "i")
    return f"{dice.choice(WOMEN if woman else MEN)} {surname}"


def customer(dice: random.Random, kind: str) -> str:
    """Name of a customer of this kind."""
    if kind == "company":
        return f"{dice.choice(TRADES)} {dice.choice(EPITHETS)} {dice.choice(FORMS)}"
    if kind == "sole_trader":
        return f"{dice.choice(SERVICES)} {person(dice)}"
    if kind == "public":
        return f"Gmina {dice.choice(COMMUNES)}"
    return person(dice)


def nips(start: int = 100_000) -> Iterator[str]:
    """Tax numbers with a right check digit, each once, of offices that the demo's own numbers do not use."""
    weights = (6, 5, 7, 2, 3, 4, 5, 6, 7)
    for number in range(start, 10_000_000):
        base = f"{777 + number // 1_000_000 * 2}{number % 1_000_000:06d}"
        check = sum(int(digit) * weight for digit, weight in zip(base, weights, strict=True)) % 11
        if check < 10:
            yield f"{base}{check}"
