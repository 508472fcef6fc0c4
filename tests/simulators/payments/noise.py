"""What people and banks do to numbers and titles: each kind by its name, with the rates of one month's mix.

Every function takes the dice, changes a text and says which kinds it applied. At most one slip per number. Never done, because no
person could read it: digits of two numbers run together, also by a lone "i" (and) taken for a 1; a number without prefix, separators and century at once.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from .names import plain
from .numbers import WIDTH

#: kind → (rate, what it is); rates are per number for writing, per title for layout
KINDS: dict[str, tuple[float, str]] = {
    "separators": (0.25, "separators of a number changed or dropped"),
    "zeros": (0.12, "leading zeros of the running number dropped"),
    "prefix": (0.16, "letters of the journal dropped or replaced by FV"),
    "year2": (0.07, "year of two digits"),
    "ocr": (0.04, "O for 0, I or l for 1"),
    "slip": (0.06, "one digit changed, missing, extra, or two swapped"),
    "case": (0.35, "other case, diacritics lost"),
    "split": (0.10, "title broken at 27 or 35 characters, a blank put in or lost"),
    "joined": (0.05, "words run together"),
    "cut": (0.03, "the tail of the title lost"),
    "free_text": (0.30, "words, a date, a telephone number around"),
}
INTROS = (
    "Zapłata za fakturę nr", "faktura", "FV", "za fakturę", "opłata", "Przelew za usługi", "internet i tv, f-ra", "rachunek",
    "Zapł. fakt.", "płatność za", "Abonament, faktura VAT nr", "należność", "zapłata", "dot. faktury:", "f-ra nr",
)  # fmt: skip
TAILS = (
    "dziękuję", "pozdrawiam", "internet", "usługi telekomunikacyjne", "za internet i telewizję", "proszę o potwierdzenie",
    "abonament", "przelew z konta żony", "opłata miesięczna", "mieszkanie na Długiej", "za telefon", "wg umowy",
)  # fmt: skip
LONG = (
    "Zapłata za usługi telekomunikacyjne dostępu do sieci internet wraz z telewizją kablową i telefonem stacjonarnym oraz "
    "dzierżawą urządzeń, zgodnie z fakturą "
)


def happens(dice: random.Random, kind: str) -> bool:
    return dice.random() < KINDS[kind][0]


@dataclass(frozen=True, slots=True)
class Written:
    text: str
    kinds: tuple[str, ...]


def document(dice: random.Random, number: str) -> Written:
    """A document's number the way a payer writes it."""
    journal, year, month, running = number.split("/")
    kinds = [kind for kind in ("separators", "zeros", "prefix", "year2") if happens(dice, kind)]
    if "zeros" in kinds and running[0] != "0":
        kinds.remove("zeros")
    if "prefix" in kinds and "year2" in kinds and "separators" in kinds:
        kinds.remove("separators")
    if "zeros" in kinds:
        running = str(int(running))
    if "year2" in kinds:
        year = year[2:]
    separator = dice.choice(("", "", "-", ".", " ", "\\")) if "separators" in kinds else "/"
    groups = [year, month, running]
    kinds += _damage(dice, groups, dice.choices((0, 1, 2), (12, 8, 80))[0])
    head = "" if "prefix" in kinds else journal + separator
    return Written(head + separator.join(groups), tuple(kinds))


def _damage(dice: random.Random, groups: list[str], at: int) -> list[str]:
    """One slip in the group, or confused letters anywhere; never both."""
    if happens(dice, "slip"):
        groups[at] = slip(dice, groups[at])
        return ["slip"]
    if happens(dice, "ocr"):
        read = [confuse(dice, group) for group in groups]
        if read != groups:
            groups[:] = read
            return ["ocr"]
    return []


def slip(dice: random.Random, digits: str) -> str:
    """One digit changed, missing, extra, or two neighbours swapped; never the same number in another form."""
    while True:
        at, kind = dice.randrange(len(digits)), dice.randrange(4)
        head, tail = digits[:at], digits[at + 1 :]
        other = str(dice.randrange(10))
        if kind == 0:
            made = head + other + tail
        elif kind == 1:
            made = head + tail
        elif kind == 2:
            made = head + other + digits[at:]
        else:
            made = head + tail[:1] + digits[at] + tail[1:]
        if made and made.lstrip("0") != digits.lstrip("0"):
            return made


def confuse(dice: random.Random, digits: str) -> str:
    """Inside of the text only, so that a word joined to it keeps its letters apart from digits."""
    inner = [index for index in range(1, len(digits) - 1) if digits[index] in "01"]
    chosen = set(dice.sample(inner, min(len(inner), dice.randrange(1, 3))))
    return "".join(
        ("O" if char == "0" else dice.choice("Il")) if index in chosen else char for index, char in enumerate(digits)
    )


def customer(dice: random.Random, number: str) -> Written:
    """A customer number: at times in threes, at times damaged."""
    groups = [number]
    kinds = _damage(dice, groups, 0)
    text = groups[0]
    if dice.random() < 0.15:
        text = dice.choice(" -").join(text[index : index + 3] for index in range(0, len(text), 3))
        kinds.append("separators")
    return Written(text, tuple(kinds))


def contract(dice: random.Random, number: str) -> Written:
    """A contract number keeps its letters: nobody knows it without them."""
    letters, year, running = number.split("/")
    separator = dice.choice((" ", "-")) if dice.random() < 0.1 else "/"
    groups = [year, running]
    kinds = _damage(dice, groups, 1)
    if len(groups[1]) > WIDTH:
        return Written(number, ())
    return Written(separator.join((letters, *groups)), tuple(kinds))


def ksef(dice: random.Random, number: str) -> Written:
    """A KSeF number, copied and so rarely wrong; a slip is in one of its digits."""
    roll = dice.random()
    if roll < 0.1:
        return Written(number.lower(), ("case",))
    if roll < 0.2:
        return Written(number.replace("-", ""), ("separators",))
    inner = [index for index in range(21, 31) if number[index].isdigit()]
    if roll < 0.26 and inner:
        at = dice.choice(inner)
        other = dice.choice([digit for digit in "0123456789" if digit != number[at]])
        return Written(number[:at] + other + number[at + 1 :], ("slip",))
    return Written(number, ())


def surround(dice: random.Random, text: str) -> Written:
    """Words before, and things that look like something else behind."""
    parts = [dice.choice(INTROS), text] if dice.random() < 0.75 else [text]
    if not happens(dice, "free_text"):
        return Written(" ".join(parts), ())
    extra = dice.random()
    if extra < 0.08:
        parts.append(f"z dnia {dice.randrange(1, 29):02d}.11.2026")
    elif extra < 0.10:
        parts.append(f"data 2026-10-{dice.randrange(10, 29)}")
    elif extra < 0.16:
        parts.append(f"tel. {dice.choice('5678')}{dice.randrange(10**8):08d}")
    elif extra < 0.22:
        parts.append(f"kwota {dice.randrange(30, 200)},{dice.randrange(100):02d} zł")
    else:
        parts.append(dice.choice(TAILS))
    return Written(" ".join(parts), ("free_text",))


def layout(dice: random.Random, title: str, only_words: bool) -> Written:
    """What the forms and the bank make of a whole title. ``only_words`` = nothing but words, which are not run together."""
    kinds = []
    if happens(dice, "case"):
        title = dice.choice((title.upper(), title.lower(), plain(title), plain(title), plain(title).lower()))
        kinds.append("case")
    if happens(dice, "cut") and any(char.isdigit() for char in title):
        if dice.random() < 0.6:
            # so many words before it that the end falls into the payer's own words or right behind them
            title = f"{LONG[: 140 - dice.randrange(len(title) + 6)].rpartition(' ')[0]} {title}"[:140]
        else:
            title = title[: dice.choice((35, 35, 70, 27))]
        kinds.append("cut")
    if happens(dice, "joined") and not only_words:
        title = join(title)
        kinds.append("joined")
    elif happens(dice, "split") and len(title) > 27:
        title = split(title, dice.choice((27, 35)), dice.random() < 0.5)
        kinds.append("split")
    return Written(title, tuple(kinds))


def join(title: str) -> str:
    """Blanks dropped, except where they keep two numbers apart."""
    made = ""
    for word in title.split():
        made += " " + word if _kept_apart(made, word) else word
        made += " " if word.lower() in _DIGIT_LIKE else ""
    return made.strip()


_DIGIT_LIKE = ("i", "o", "l")


def _kept_apart(left: str, right: str) -> bool:
    """Between two digits; and around a single letter that would be taken for one."""
    first, last = (right.split() or [""])[0].lower(), (left.split() or [""])[-1].lower()
    return left[-1:].isdigit() and (right[:1].isdigit() or first in _DIGIT_LIKE) or last in _DIGIT_LIKE


def split(title: str, width: int, blank: bool) -> str:
    """Lines of this width, put together with a blank between, or with the blanks at their ends lost."""
    lines = [title[index : index + width] for index in range(0, len(title), width)]
    if blank:
        return " ".join(line.strip() for line in lines)
    made = ""
    for line in lines:
        if not _kept_apart(made.rstrip(), line):
            made = made.rstrip()
        made += line
    return made
