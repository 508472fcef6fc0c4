"""How the payer's bank writes his name: capitals, surname first, couples on one account, typing errors, addresses, cut fields."""

from __future__ import annotations

import random

from . import names
from .noise import Written

#: kind → (rate among those it can happen to, what it is)
KINDS: dict[str, tuple[float, str]] = {
    "joint_name": (0.06, "two holders of one account: Jan i Anna Kowalscy"),
    "name_typo": (0.03, "one letter of the payer's name changed, missing, doubled, or two swapped"),
}
_STREETS = ("Długa", "Polna", "Leśna", "Krótka", "Ogrodowa")
_LETTERS = "aeiouyknrstwz"


def bank_name(dice: random.Random, name: str, partner: str = "") -> Written:
    """The payer's field; ``partner`` holds the account, too, and shows there as well."""
    kinds = []
    if names.is_firm(name):
        name = names.long_form(name) if dice.random() < 0.4 else name
    elif partner:
        name = joint(dice, name, partner)
        kinds.append("joint_name")
    elif dice.random() < 0.4:
        name = _surname_first(name)
    if dice.random() < KINDS["name_typo"][0] and (damaged := typo(dice, name)) != name:
        name = damaged
        kinds.append("name_typo")
    if dice.random() < 0.25:
        name += f" ul. {dice.choice(_STREETS)} {dice.randrange(1, 90)}"
    if dice.random() < 0.6:
        name = name.upper()
    written = (names.plain(name) if dice.random() < 0.4 else name)[: 70 if dice.random() < 0.9 else 35].strip()
    return Written(written, tuple(kinds))


def joint(dice: random.Random, name: str, partner: str) -> str:
    """Two people in one field: their common surname once, in the plural or of one of them; or each name whole."""
    pair = [name, partner]
    dice.shuffle(pair)
    (first, one), (second, other) = map(_parted, pair)
    and_ = dice.choice((" i ", " i ", " oraz ", ", ", " "))
    if masculine(one) != masculine(other) or dice.random() < 0.4:
        turned = map(_surname_first, pair) if dice.random() < 0.4 else pair
        return and_.join(turned)
    family = dice.choice((plural(one), plural(one), one))
    both = f"{first}{and_ if and_ != ' ' else ' i '}{second}"
    return f"{both} {family}" if dice.random() < 0.6 else f"{family} {both}"


def partner_of(dice: random.Random, name: str) -> str:
    """Somebody to share a person's account: mostly of one surname, at times of his own."""
    woman = name.split()[0] in names.WOMEN
    given = dice.choice(names.MEN if woman else names.WOMEN)
    family = masculine(_parted(name)[1].rpartition("-")[2]) if dice.random() < 0.8 else names.surname(dice)
    return f"{given} {family[:-1] + 'a' if not woman and family.endswith(('ski', 'cki')) else family}"


def masculine(family: str) -> str:
    return family[:-1] + "i" if family.endswith(("ska", "cka")) else family


def plural(family: str) -> str:
    """Kowalska, Kowalski → Kowalscy; other surnames stay as they are."""
    family = masculine(family)
    return family[:-2] + "cy" if family.endswith(("ski", "cki")) else family


def typo(dice: random.Random, name: str) -> str:
    """One slip in one of the longer words."""
    words = name.split(" ")
    long = [index for index, word in enumerate(words) if len(word) > 3 and word.isalpha() and word != "oraz"]
    if not long:
        return name
    index = dice.choice(long)
    word = words[index]
    at, kind = dice.randrange(1, len(word) - 1), dice.randrange(4)
    head, letter, tail = word[:at], word[at], word[at + 1 :]
    if kind == 0:
        made = head + dice.choice(_LETTERS) + tail
    elif kind == 1:
        made = head + tail
    elif kind == 2:
        made = head + letter + letter + tail
    else:
        made = head + tail[0] + letter + tail[1:]
    return " ".join((*words[:index], made, *words[index + 1 :]))


def _parted(name: str) -> tuple[str, str]:
    given, _blank, family = name.rpartition(" ")
    return given, family


def _surname_first(name: str) -> str:
    given, family = _parted(name)
    return f"{family} {given}"
