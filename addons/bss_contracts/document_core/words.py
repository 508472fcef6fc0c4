"""Amounts in words, in Polish."""

from decimal import ROUND_HALF_UP, Decimal

_UNITS = [
    "zero",
    "jeden",
    "dwa",
    "trzy",
    "cztery",
    "pięć",
    "sześć",
    "siedem",
    "osiem",
    "dziewięć",
    "dziesięć",
    "jedenaście",
    "dwanaście",
    "trzynaście",
    "czternaście",
    "piętnaście",
    "szesnaście",
    "siedemnaście",
    "osiemnaście",
    "dziewiętnaście",
]
_TENS = [
    ".",
    ".",
    "dwadzieścia",
    "trzydzieści",
    "czterdzieści",
    "pięćdziesiąt",
    "sześćdziesiąt",
    "siedemdziesiąt",
    "osiemdziesiąt",
    "dziewięćdziesiąt",
]
_HUNDREDS = [
    ".",
    "sto",
    "dwieście",
    "trzysta",
    "czterysta",
    "pięćset",
    "sześćset",
    "siedemset",
    "osiemset",
    "dziewięćset",
]
# one, two to four, five and more
_SCALES = (
    ("", "", ""),
    ("tysiąc", "tysiące", "tysięcy"),
    ("milion", "miliony", "milionów"),
    ("miliard", "miliardy", "miliardów"),
    ("bilion", "biliony", "bilionów"),
    ("biliard", "biliardy", "biliardów"),
    ("trylion", "tryliony", "trylionów"),
)
_ZLOTY = ("złoty", "złote", "złotych")
_GROSZ = ("grosz", "grosze", "groszy")


def _form(number: int, forms: tuple[str, str, str]) -> str:
    """The noun's form after ``number``: 1 złoty, 2 złote, 5 złotych, 12 złotych, 22 złote."""
    if number == 1:
        return forms[0]
    if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14):
        return forms[1]
    return forms[2]


def _below_thousand(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    words = [_HUNDREDS[hundreds]] if hundreds else []
    if rest < 20:
        return words + ([_UNITS[rest]] if rest else [])
    tens, units = divmod(rest, 10)
    return [*words, _TENS[tens], *([_UNITS[units]] if units else [])]


def integer_in_words(number: int) -> str:
    if number < 0:
        return "minus " + integer_in_words(-number)
    if number == 0:
        return _UNITS[0]
    if number >= 1000 ** len(_SCALES):
        msg = "the number has no name here"
        raise ValueError(msg)
    groups: list[list[str]] = []
    scale = 0
    while number:
        number, group = divmod(number, 1000)
        if group:
            words = [] if scale and group == 1 else _below_thousand(group)
            name = _form(group, _SCALES[scale]) if scale else ""
            groups.append([*words, *([name] if name else [])])
        scale += 1
    return " ".join(word for group in reversed(groups) for word in group)


def amount_in_words(amount: Decimal) -> str:
    """``sto dwadzieścia trzy złote czterdzieści pięć groszy``."""
    grosze = int(amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP).scaleb(2))
    sign = "minus " if grosze < 0 else ""
    zloty, rest = divmod(abs(grosze), 100)
    return f"{sign}{integer_in_words(zloty)} {_form(zloty, _ZLOTY)} {integer_in_words(rest)} {_form(rest, _GROSZ)}"
