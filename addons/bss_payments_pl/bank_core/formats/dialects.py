"""MT940 dialects of Polish banks, as data.

A dialect says how the text after ``:86:`` is cut and what its parts mean; the parser itself is
the same for all. A new dialect is one more entry in :data:`DIALECTS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Dialect:
    code: str
    name: str
    #: first digits of the clearing number of the banks that write it
    banks: tuple[str, ...] = ()
    #: "subfields" (``~20``), "labels" (``TYT.: ``) or "plain"
    layout: str = "subfields"
    separator: str = ""
    #: sub-fields begin only at the start of a line
    one_per_line: bool = False
    #: code pages in the order of likelihood, settles ties of the detection
    encodings: tuple[str, ...] = ()
    #: what a sub-field may start with; anything else behind a separator is text
    known: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    name_parts: tuple[str, ...] = ()
    address_parts: tuple[str, ...] = ()
    #: first non-empty one is the other party's account
    account: tuple[str, ...] = ()
    #: (sub-field or label, word it begins with, regular expression with one group):
    #: the bank's key of the virtual payer
    payer_key: tuple[tuple[str, str, str], ...] = ()
    #: sub-field or label with the bank's own transaction id
    bank_id: str = ""
    #: unlike the rest, this label may be followed by nothing else: its last occurrence counts
    last_labels: tuple[str, ...] = ()
    #: what the bank writes into empty sub-fields
    fillers: str = ""
    #: the ``//`` reference of :61: identifies the transaction at the bank for ever
    stable_bank_ref: bool = True
    extra: Mapping[str, str] = field(default_factory=dict)


_CODES = tuple(f"{n:02d}" for n in (0, 10, *range(20, 39), *range(60, 67)))
_TITLE = ("20", "21", "22", "23", "24", "25")
_MBANK_LABELS = (
    "ID IPH",
    "Z RACH.",
    "NA RACH.",
    "OD",
    "DLA",
    "TYT.",
    "RODZAJ SKŁADKI",
    "DEKLARACJA",
    "NIP",
    "NAZWA ZOBOW.",
    "ID UZUP.",
    "SYMBOL FORM.",
    "OKRES",
    "WALUTA",
    "KWOTA",
    "KURS",
    "REF. KLIENTA",
    "DATA NOSTRO",
    "DATA STEMPLA",
    "TNR",
)

DIALECTS: Mapping[str, Dialect] = {
    dialect.code: dialect
    for dialect in (
        Dialect(
            code="pko_bp",
            name="PKO BP",
            banks=("1020",),
            separator="~",
            one_per_line=True,
            encodings=("iso-8859-2", "cp1250", "cp852"),
            known=_CODES,
            title=_TITLE,
            name_parts=("32", "33"),
            account=("38",),
            payer_key=(("63", "SWRK", r"^SWRK\s*(\d{1,26})\s*$"),),
            fillers="\u02d9\xa0ÿ",
        ),
        Dialect(
            code="mbank",
            name="mBank",
            banks=("1140",),
            layout="labels",
            encodings=("iso-8859-2", "cp1250", "cp852"),
            known=_MBANK_LABELS,
            title=("TYT.",),
            name_parts=("OD", "DLA"),
            account=("Z RACH.", "NA RACH."),
            payer_key=(("ID IPH", "", r"^(?:X{1,2})?(\d{1,26})$"),),
            bank_id="TNR",
            last_labels=("DATA STEMPLA", "TNR"),
        ),
        Dialect(
            code="ing",
            name="ING Bank Śląski",
            banks=("1050",),
            separator="~",
            one_per_line=True,
            encodings=("cp852", "iso-8859-2", "cp1250"),
            known=_CODES,
            title=_TITLE,
            name_parts=("32", "33"),
            address_parts=("62", "63"),
            account=("38", "29"),
        ),
        Dialect(
            code="millennium",
            name="Millennium / MultiCash",
            banks=("1160", "1060", "2490"),
            separator="<",
            encodings=("cp852", "iso-8859-2", "cp1250"),
            known=_CODES,
            title=_TITLE,
            name_parts=("32", "33"),
            account=("38", "26"),
        ),
        Dialect(
            code="pekao",
            name="Pekao",
            banks=("1240",),
            separator="^",
            encodings=("cp852", "iso-8859-2", "cp1250"),
            known=_CODES,
            title=_TITLE,
            name_parts=("32", "33"),
            address_parts=("62", "63"),
            account=("38",),
        ),
        Dialect(
            code="bnp",
            name="BNP Paribas",
            banks=("1600", "1750", "2030"),
            separator="^",
            encodings=("cp852", "iso-8859-2", "cp1250"),
            known=_CODES,
            title=_TITLE,
            name_parts=("32", "33"),
            address_parts=("62", "63"),
            account=("38",),
        ),
        Dialect(
            code="nest",
            name="Nest Bank",
            banks=("1870", "2530"),
            layout="plain",
            encodings=("iso-8859-2", "cp1250", "cp852"),
            stable_bank_ref=False,
        ),
        Dialect(
            code="generic",
            name="SWIFT (?20)",
            separator="?",
            encodings=("iso-8859-2", "cp1250", "cp852"),
            known=_CODES,
            title=("20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "60", "61", "62", "63"),
            name_parts=("32", "33"),
            account=("38", "31"),
            stable_bank_ref=False,
        ),
    )
}


def by_clearing(account: str) -> Dialect | None:
    """Dialect of the bank that keeps an account (26 digits)."""
    clearing = account[2:10] if len(account) == 26 else ""
    for dialect in DIALECTS.values():
        if clearing and clearing.startswith(dialect.banks):
            return dialect
    return None


def by_text(text: str) -> Dialect:
    """Dialect by the look of the first details in a file."""
    for code, marks in (
        ("ing", (":86:150\n:86:150", "\n~29")),
        ("pko_bp", ("\n~20",)),
        ("pekao", ("^00", "\n^20")),
        ("millennium", ("<00", "\n<20")),
        ("mbank", ("; TNR: ", "; TYT.: ")),
    ):
        if any(mark in text for mark in marks):
            return DIALECTS[code]
    return DIALECTS["generic"]
