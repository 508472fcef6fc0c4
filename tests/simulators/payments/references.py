"""Numbers in titles that are not the operator's: what payers write of their own accord, and how a careful person knows them.

Many a payer writes the same reference every month, beside our number or instead of it: his order, his policy, his PESEL, the
number of another supplier's invoice, an account number. None is a key to anybody. Another supplier's invoice names *something*
though, so that the amount chooses no document any more; it can be none of ours with a slip, because our numbers begin with the
year.
"""

from __future__ import annotations

import random
import re

from .numbers import nrb

#: kind → share; the words before the number, the number
KINDS = {"order": 0.25, "reference": 0.2, "policy": 0.1, "pesel": 0.1, "account": 0.1, "supplier": 0.25}
_WORDS = {
    "order": ("zam. ", "zamówienie nr ", "PO ", "zam.nr ", "zlecenie "),
    "reference": ("ref ", "ref. ", "nr ref. ", "id ", "dot. "),
    "policy": ("polisa ", "nr polisy ", "polisa nr "),
    "pesel": ("PESEL ", "PESEL: ", "pesel nr "),
    "account": ("", "rachunek ", "na konto ", "z rach. "),
    "supplier": ("FV/", "FV ", "FS/", "FA/", "F/", "FV-", "faktura VAT "),
}
_CLEARING = ("10201026", "11401010", "10501038", "12406292", "19401076")
_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)

_PESEL = re.compile(r"PESEL(?: NR)?[ .:]{0,2}(\d(?: ?\d){10})(?!\d)")
# it may begin at any group of digits: a year before it looks like one of its groups
_ACCOUNT = re.compile(r"(?<!\d)(?=(\d(?: ?\d){25})(?!\d))")
#: letters of an invoice, number, perhaps month, year; a line may end beside a separator or in the year
SUPPLIER = re.compile(
    r"(?:(?<![A-Z])F|FV|FS|FA|FVS|FAKTUR[AEY]|F-RA)(?: ?VAT)?(?: NR)?(?P<sign>[ ./-]{0,2})"
    r"(?P<running>\d{1,6}) ?[/-] ?(?:(?P<month>\d{1,2}) ?[/-] ?)?(?P<year>2 ?0 ?\d ?\d)(?!\d| ?[/\\.-] ?\d)"
)


def of(account: int) -> tuple[str, str]:
    """Kind and text of the reference that this customer writes every month."""
    dice = random.Random(f"reference {account}")
    kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
    return kind, dice.choice(_WORDS[kind]) + _number(kind, dice)


def _number(kind: str, dice: random.Random) -> str:
    if kind == "order":
        return dice.choice(
            (f"45{dice.randrange(10**5):05d}", f"{dice.randrange(1000, 10**5)}", f"45000{dice.randrange(10**5):05d}")
        )
    if kind == "reference":
        return str(dice.randrange(10**4, 10**7))
    if kind == "policy":
        return dice.choice((str(dice.randrange(10**4, 10**6)), f"9{dice.randrange(10**9):09d}"))
    if kind == "pesel":
        return pesel(
            f"{dice.randrange(45, 100)}{dice.randrange(1, 13):02d}{dice.randrange(1, 29):02d}{dice.randrange(10**4):04d}"
        )
    if kind == "account":
        digits = nrb(dice.choice(_CLEARING) + f"{dice.randrange(10**16):016d}")
        return dice.choice((digits, " ".join((digits[:2], *(digits[at : at + 4] for at in range(2, 26, 4))))))
    # below 13 it would be a month: "FV 10/2026" says nothing to anybody
    return f"{dice.choice((dice.randrange(13, 100), dice.randrange(100, 4000)))}/2026"


def pesel(first: str) -> str:
    """The eleventh digit behind ten (Act on population records: weights 1, 3, 7, 9)."""
    return first + str(-sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 10)


def hide(text: str) -> str:
    """A plain title with personal and account numbers taken out: no piece of them is a number of ours."""
    text = _PESEL.sub(lambda match: "#" * len(match[0]) if _is_pesel(match[1].replace(" ", "")) else match[0], text)
    for match in _ACCOUNT.finditer(text):
        digits = match[1].replace(" ", "")
        if nrb(digits[2:]) == digits:
            text = text[: match.start()] + "#" * len(match[1]) + text[match.end(1) :]
    return text


def _is_pesel(digits: str) -> bool:
    return pesel(digits[:10]) == digits
