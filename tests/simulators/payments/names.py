"""Polish names of people and firms, with the clusters of namesakes and families that a real customer base has."""

from __future__ import annotations

import random
import unicodedata


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split())


WOMEN = _list(
    "Anna Maria Katarzyna Małgorzata Agnieszka Barbara Ewa Krystyna Elżbieta Magdalena Joanna Zofia Aleksandra Monika "
    "Teresa Danuta Natalia Julia Karolina Beata Dorota Marta Halina Irena Jolanta Iwona Maja Jadwiga Renata Urszula "
    "Wiktoria Grażyna Bożena Paulina Hanna Stanisława Łucja Oliwia Wanda Lidia Sylwia Żaneta Róża Aneta Kinga Alicja"
)
MEN = _list(
    "Piotr Krzysztof Andrzej Tomasz Jan Paweł Michał Marcin Stanisław Jakub Adam Marek Łukasz Grzegorz Mateusz Wojciech "
    "Mariusz Dariusz Zbigniew Jerzy Rafał Robert Kamil Józef Jacek Dawid Ryszard Kacper Tadeusz Maciej Bartosz Szymon "
    "Jarosław Janusz Artur Mirosław Sebastian Przemysław Sławomir Roman Leszek Daniel Patryk Henryk Filip Władysław"
)
GIVEN = frozenset(WOMEN + MEN)
#: the most frequent first: every tenth person bears one of the first six
COMMON = _list(
    "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Kozłowski "
    "Mazur Jankowski Kwiatkowski Krawczyk Wojciechowski Piotrowski Grabowski Pawłowski Michalski Król Wieczorek Wróbel "
    "Stępień Jaworski Malinowski Adamczyk Dudek Pawlak Górski Nowicki Sikora Walczak Witkowski Rutkowski Baran Szewczyk "
    "Lipiec Wrzesień Maj Gołąb Żak Kołodziej Lis Zając Ślusarczyk Ćwik Łuczak Święcicki Źrebiec"
)
_STEMS = _list(
    "Bogdan Bron Brzez Cies Czar Dobr Drozd Fran Gaj Gier Glin Grod Hal Jabłon Jagieł Jas Kalin Karp Klim Kras Kruk "
    "Lubos Łas Łęg Makow Marcin Młyn Mor Olsz Orłow Osin Pias Pod Pol Radom Rog Rybin Sad Sier Słom Sob Sosn Star Strz "
    "Sul Świer Tarn Topol Trzeb Ul Wach Wierzb Wil Woln Zagrod Zal Zar Zdan Ziel Żuraw"
)
_ENDINGS = ("owski", "iński", "icki", "ewicz", "czak", "iak", "owicz", "ek", "ik", "uk", "ecki", "ański")
_MIDDLES = ("", "al", "on", "er", "ar", "in", "os", "yn")
RARE = tuple(stem + middle + ending for stem in _STEMS for middle in _MIDDLES for ending in _ENDINGS)

_TRADES = _list(
    "Transport Budownictwo Meble Ogrody Serwis Logistyka Instalacje Konsulting Handel Elektronika Piekarnia Apteka "
    "Auto Okna Druk Turystyka Kancelaria Gastronomia Mleczarnia Stolarka Medycyna Energia Geodezja Papier"
)
_BRANDS = _list(
    "Kowalex Polbud Zenit Orion Wawel Bałtyk Tatra Nowtech Alfa Delta Mazovia Warta Pegaz Kormoran Jantar Sokół Optima "
    "Prima Vistula Arka Bursztyn Gryf Husar Impuls Kaskada Lumen Meteor Nestor Omega Promień Rubin Szafir Tytan Unia"
)
LEGAL_FORMS = ("sp. z o.o.", "sp. j.", "S.A.", "sp. k.")
_LONG_FORMS = {
    "sp. z o.o.": "SPÓŁKA Z OGRANICZONĄ ODPOWIEDZIALNOŚCIĄ",
    "sp. j.": "SPÓŁKA JAWNA",
    "S.A.": "SPÓŁKA AKCYJNA",
    "sp. k.": "SPÓŁKA KOMANDYTOWA",
}
_LEGAL_WORDS = frozenset(
    _list("SP Z O OO J S A SA K ZOO SPOLKA OGRANICZONA ODPOWIEDZIALNOSCIA JAWNA AKCYJNA KOMANDYTOWA")
)


def plain(text: str) -> str:
    """Upper case without Polish marks; everything else stays where it is, one character for one."""
    decomposed = unicodedata.normalize("NFD", text.upper().replace("Ł", "L"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """Words of a name; a hyphen separates, points vanish."""
    return "".join(char if char.isalnum() else " " for char in plain(text)).split()


def is_firm(name: str) -> bool:
    return name.endswith(LEGAL_FORMS)


def core_words(name: str) -> list[str]:
    """Words that tell a firm from another: without its legal form. All words of a person."""
    found = words(name)
    return [word for word in found if word not in _LEGAL_WORDS] if is_firm(name) else found


def surname(dice: random.Random) -> str:
    """Masculine form; a few surnames are borne by very many."""
    if dice.random() < 0.30:
        return COMMON[min(int(dice.expovariate(0.12)), len(COMMON) - 1)]
    return dice.choice(RARE)


def person(dice: random.Random, family: str = "") -> str:
    """A full name; ``family`` is the masculine form of the surname of a household."""
    family = family or surname(dice)
    woman = dice.random() < 0.5
    given = dice.choice(WOMEN if woman else MEN)
    if dice.random() < 0.04:
        given += " " + dice.choice([name for name in (WOMEN if woman else MEN) if name != given])
    if woman and family.endswith(("ski", "cki")):
        family = family[:-1] + "a"
    if woman and dice.random() < 0.03:
        family = f"{surname(dice)}-{family}"
    return f"{given} {family}"


def firm(dice: random.Random) -> str:
    kind = dice.random()
    if kind < 0.25:
        return f"{dice.choice(_TRADES)} {person(dice)}"
    place = dice.choice(RARE) if kind < 0.8 else ""
    return " ".join(filter(None, (dice.choice(_BRANDS), place, dice.choice(_TRADES), dice.choice(LEGAL_FORMS))))


def long_form(name: str) -> str:
    """The name with its legal form written out, as banks keep it."""
    for short, long in _LONG_FORMS.items():
        if name.endswith(short):
            return name.removesuffix(short) + long
    return name
