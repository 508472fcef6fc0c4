"""MT940 dialects of Polish banks, as data.

A new dialect is one more entry of :data:`ALL` and a sample with its expected result. ``note`` says what is
not confirmed by a bank's document or a real file: those entries are guesses, the dialect is chosen on the
bank journal, and a corrected map changes nothing but this file.
"""

from __future__ import annotations

from dataclasses import replace

from .dialects_base import Dialect

_CODES = tuple(f"{n:02d}" for n in (0, 10, *range(20, 39), *range(60, 68)))
_TITLE = ("20", "21", "22", "23", "24", "25")
_NAME = (("32", "33"), 27)
_ADDRESS = (("62", "63"), 27)
_MULTICASH_NAME = (("27", "28", "29"), 35)
_LATIN2_FIRST = ("iso-8859-2", "cp1250", "cp852")

#: no bank documents how it names the original: the words people and banks use, with a reference behind them
_ORIGINAL = (
    r"\bTNR(?:\s+ORYG\w*\.?)?\s*[:.]?\s*([0-9]{15}\.[0-9]{6})\b",
    r"\bREF(?:\.|ERENCJ\w+)?(?:\s+ORYG\w*\.?)?(?:\s+NR)?\s*[:.]?\s*([A-Z]{0,4}[0-9][0-9A-Z./-]{7,34})",
)
_REASON = (r"(?:\bPOW[OÓ]D|\bPRZYCZYNA|\bREASON)\s*(?:ZWROTU)?\s*[:.]?\s*(\S.{0,100})",)

PKO_BP = Dialect(
    code="pko_bp",
    name="PKO BP",
    banks=("1020",),
    separator="~",
    one_per_line=True,
    encodings=_LATIN2_FIRST,
    known=_CODES,
    title=_TITLE,
    names=(_NAME,),
    account=("38",),
    payer_key=(("63", "SWRK", r"^SWRK\s*([0-9]{1,26})\s*$"),),
    fillers="\u02d9\xa0ÿ",
    looks=("\n~20",),
    original=_ORIGINAL,
    reason=_REASON,
    note="the bank's manual; code page inferred from its bytes, references of returns are a guess",
)

ING = Dialect(
    code="ing",
    name="ING Bank Śląski",
    banks=("1050",),
    separator="~",
    one_per_line=True,
    doubled=True,
    known=_CODES,
    title=_TITLE,
    names=(_NAME,),
    addresses=(_ADDRESS,),
    account=("38", "29"),
    looks=(":86:150\n:86:150", "\n~29"),
    original=_ORIGINAL,
    reason=_REASON,
    note="a public sample; code page unverified",
)

MBANK = Dialect(
    code="mbank",
    name="mBank",
    banks=("1140",),
    layout="labels",
    encodings=_LATIN2_FIRST,
    known=(
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
        "REF. MT103",
        "DATA NOSTRO",
        "DATA STEMPLA",
        "TNR",
    ),
    title=("TYT.",),
    names=((("OD",), 0), (("DLA",), 0)),
    account=("Z RACH.", "NA RACH."),
    payer_key=(("ID IPH", "", r"^(?:X{1,2})?([0-9]{1,26})$"),),
    bank_id="TNR",
    after_title=("WALUTA", "KWOTA", "KURS", "REF. KLIENTA", "REF. MT103", "DATA NOSTRO", "DATA STEMPLA", "TNR"),
    last_labels=("DATA STEMPLA", "TNR"),
    looks=("; TNR: ", "; TNR:\n", "; TYT.: "),
    original=_ORIGINAL,
    reason=_REASON,
    note="public files of the bank; references of returns are a guess",
)

MILLENNIUM = Dialect(
    code="millennium",
    name="Millennium",
    banks=("1160",),
    separator="<",
    known=_CODES,
    title=_TITLE,
    names=(_MULTICASH_NAME, _NAME),
    account=("38", "26"),
    looks=("<00", "\n<20"),
    original=_ORIGINAL,
    reason=_REASON,
    note="a book-keeping program's description",
)
BPH = replace(MILLENNIUM, code="bph", name="MultiCash (ex-BPH)", banks=("1060",), looks=(), note="a public file")
ALIOR = replace(
    MILLENNIUM,
    code="alior",
    name="Alior",
    banks=("2490",),
    looks=(),
    note="MultiCash is documented, the letters of the sub-fields are a guess",
)

PEKAO = Dialect(
    code="pekao",
    name="Pekao",
    banks=("1240",),
    separator="^",
    known=_CODES,
    title=_TITLE,
    names=(_NAME,),
    addresses=(_ADDRESS,),
    account=("38",),
    looks=("^00", "\n^20"),
    original=_ORIGINAL,
    reason=_REASON,
    note="an excerpt in a public document",
)
BNP = replace(
    PEKAO,
    code="bnp",
    name="BNP Paribas",
    banks=("1600", "1750", "2030"),
    looks=(),
    note="a public test of another program; code page unverified",
)
SANTANDER = replace(
    PEKAO,
    code="santander",
    name="Erste / Santander",
    banks=("1090", "1500", "1910"),
    encodings=("cp1250", "iso-8859-2", "cp852"),
    looks=(),
    note="guess: sub-fields with ^ as Pekao writes them; no file or document was seen",
)

NEST = Dialect(
    code="nest",
    name="Nest Bank",
    banks=("1870", "2530"),
    layout="plain",
    encodings=_LATIN2_FIRST,
    code_last=True,
    stable_bank_ref=False,
    original=_ORIGINAL,
    reason=_REASON,
    note="a book-keeping program's description",
)

CITI = Dialect(
    code="citi",
    name="Citi Handlowy",
    banks=("1030",),
    layout="labels",
    label_form="/{}/",
    encodings=("cp1250", "iso-8859-2", "cp852"),
    known=("PT", "PY", "BO", "BN", "BA", "OA", "CN", "RF", "CTC", "BI", "EREF"),
    title=("PY",),
    names=((("BO",), 0), (("BN",), 0)),
    account=("OA", "BA"),
    end_to_end="EREF",
    stable_bank_ref=False,
    looks=(":86:/PT/",),
    original=_ORIGINAL,
    reason=_REASON,
    note="guess: only /PT/ and /PY/ were seen, in a foreign file",
)

STRUCTURED = Dialect(
    code="structured",
    name="SWIFT (/REMI/)",
    layout="labels",
    label_form="/{}/",
    encodings=_LATIN2_FIRST,
    known=(
        "RTRN", "EREF", "PREF", "IREF", "MARF", "CSID", "CNTP", "ORDP", "BENM", "NAME", "ADDR",
        "REMI/USTD/", "REMI/STRD/CUR", "REMI", "ISDT", "PURP", "ULTC", "ULTD", "SUM",
    ),
    title=("REMI/USTD/", "REMI/STRD/CUR", "REMI"),
    names=((("NAME",), 0),),
    end_to_end="EREF",
    stable_bank_ref=False,
    looks=("/REMI/",),
    original=_ORIGINAL,
    reason=(r"/RTRN/\s*([A-Z0-9]{2,4})\b", *_REASON),
    note="foreign samples",
)  # fmt: skip

GENERIC = Dialect(
    code="generic",
    name="SWIFT (?20)",
    separator="?",
    encodings=_LATIN2_FIRST,
    known=(*_CODES, "70", "71", "72", "73"),
    title=("20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "60", "61", "62", "63"),
    title_width=27,
    names=(_NAME,),
    account=("38", "31"),
    stable_bank_ref=False,
    original=_ORIGINAL,
    reason=(r"MTLG:(.{1,100})", *_REASON),
    note="the layout German banks agreed on",
)
DEUTSCHE = replace(
    GENERIC,
    code="deutsche",
    name="Deutsche Bank Polska",
    banks=("1880",),
    stable_bank_ref=True,
    note="framing (SOH, ETX SOH) and code page documented; the sub-fields are a guess",
)

ALL = (
    ING, PKO_BP, PEKAO, MILLENNIUM, MBANK, BPH, ALIOR, BNP, SANTANDER, NEST, DEUTSCHE, CITI, STRUCTURED, GENERIC,
)  # fmt: skip
