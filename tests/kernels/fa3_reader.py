"""A bookkeeper who reads an FA(3) document with paper and pencil: does it balance? Knows nothing of the generator.

It reads the XML alone, with its own table of rates, and answers what does not agree. What the law leaves out of the
document (the sums of advance invoices, the lines of a simplified invoice) cannot be judged from it.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from lxml import etree

NS = "{http://crd.gov.pl/wzor/2025/06/25/13775/}"
# P_12 → number of P_13_x, and the tax it brings in percent
RATES = {
    "23": ("1", 23),
    "22": ("1", 22),
    "8": ("2", 8),
    "7": ("2", 7),
    "5": ("3", 5),
    "4": ("4", 4),
    "3": ("4", 3),
    "0 KR": ("6_1", 0),
    "0 WDT": ("6_2", 0),
    "0 EX": ("6_3", 0),
    "zw": ("7", 0),
    "np I": ("8", 0),
    "np II": ("9", 0),
    "oo": ("10", 0),
}
SUMS = ("1", "2", "3", "4", "5", "6_1", "6_2", "6_3", "7", "8", "9", "10", "11")


def faults(xml: bytes) -> list[str]:
    """Every sum of the document that does not agree."""
    fa = etree.fromstring(xml).find(f"{NS}Fa")
    assert fa is not None
    return [*_total(fa), *_lines(fa), *_remarks(fa), *_settlement(fa), *_order(fa)]


def _amount(node: etree._Element, name: str) -> Decimal | None:
    text = node.findtext(f"{NS}{name}")
    return None if text is None else Decimal(text)


def _all(node: etree._Element, path: str) -> list[etree._Element]:
    return node.findall("/".join(f"{NS}{step}" for step in path.split("/")))


def _sum(node: etree._Element, path: str) -> Decimal:
    return sum((Decimal(found.text or "") for found in _all(node, path)), Decimal(0))


def _kind(fa: etree._Element) -> str:
    return fa.findtext(f"{NS}RodzajFaktury") or ""


def _total(fa: etree._Element) -> list[str]:
    """P_13 and P_14 make P_15; a simplified invoice may have P_15 alone."""
    parts = sum((_amount(fa, f"P_1{digit}_{key}") or Decimal(0) for digit in (3, 4) for key in SUMS), Decimal(0))
    present = any(_amount(fa, f"P_13_{key}") is not None for key in SUMS)
    total = _amount(fa, "P_15")
    if total == parts or (_kind(fa) == "UPR" and not present):
        return []
    return [f"P_15 {total} of {parts}"]


def _lines(fa: etree._Element) -> list[str]:
    """P_11 makes P_13 of its rate, P_11A makes P_13 with P_14; rows before a correction count backwards."""
    if _kind(fa) == "KOR_ROZ":  # shows the sale before and after, its sums are of the rest to pay
        return []
    net: dict[str, Decimal] = defaultdict(Decimal)
    taxed: dict[str, Decimal] = defaultdict(Decimal)
    loose: dict[str, int] = defaultdict(int)
    gross: set[str] = set()
    rows = [
        row for row in _all(fa, "FaWiersz") if row.find(f"{NS}P_11") is not None or row.find(f"{NS}P_11A") is not None
    ]
    if not rows and (_kind(fa) in ("UPR", "ZAL", "KOR_ZAL") or fa.find(f"{NS}OkresFaKorygowanej") is not None):
        return []
    for row in rows:
        sign = -1 if row.find(f"{NS}StanPrzed") is not None else 1
        key, percent = _rate(row)
        value = _amount(row, "P_11")
        if value is None:
            taxed[key] += sign * (_amount(row, "P_11A") or Decimal(0))
            gross.add(key)
        else:
            net[key] += sign * value
            taxed[key] += sign * value * (100 + percent) / 100
            loose[key] += 1
    found = []
    for key in SUMS:
        base, tax = _amount(fa, f"P_13_{key}") or Decimal(0), _amount(fa, f"P_14_{key}") or Decimal(0)
        if _kind(fa) == "ROZ":  # advances took their part
            if abs(base) > abs(taxed[key]):
                found.append(f"P_13_{key} {base} over {taxed[key]}")
        elif key in gross:
            if abs(base + tax - taxed[key]) > Decimal("0.01") * loose[key]:
                found.append(f"P_13_{key} and tax {base + tax} of {taxed[key]}")
        elif base != net[key]:
            found.append(f"P_13_{key} {base} of {net[key]}")
    return found


def _rate(row: etree._Element) -> tuple[str, Decimal]:
    code = row.findtext(f"{NS}P_12")
    if code:
        key, percent = RATES[code]
        return key, Decimal(percent)
    other = _amount(row, "P_12_XII")
    return ("11", Decimal(0)) if other is None else ("5", other)


def _remarks(fa: etree._Element) -> list[str]:
    """Adnotacje follow from what is sold; tax in PLN stands beside tax in another currency."""
    used = {node.text for path in ("FaWiersz/P_12", "Zamowienie/ZamowienieWiersz/P_12Z") for node in _all(fa, path)}
    used |= {
        code
        for code, (key, _percent) in RATES.items()
        if key in ("7", "9", "10") and _amount(fa, f"P_13_{key}") is not None
    }
    marks = next(iter(_all(fa, "Adnotacje")))
    found = []
    if "zw" in used and marks.find(f"{NS}Zwolnienie/{NS}P_19") is None:
        found.append("P_19 of exempt lines")
    if bool({"oo", "np II"} & used) != (marks.findtext(f"{NS}P_18") == "1"):
        found.append("P_18 of reverse charge")
    if _amount(fa, "P_13_11") is not None and marks.find(f"{NS}PMarzy/{NS}P_PMarzy") is None:
        found.append("P_PMarzy of margin")
    if fa.findtext(f"{NS}KodWaluty") != "PLN":
        found += [
            f"P_14_{key}W" for key in "1234" if _amount(fa, f"P_14_{key}") and _amount(fa, f"P_14_{key}W") is None
        ]
    return found


def _settlement(fa: etree._Element) -> list[str]:
    block = fa.find(f"{NS}Rozliczenie")
    if block is None:
        return []
    charges, deductions = _sum(block, "Obciazenia/Kwota"), _sum(block, "Odliczenia/Kwota")
    found = []
    if charges != (_amount(block, "SumaObciazen") or 0) or deductions != (_amount(block, "SumaOdliczen") or 0):
        found.append("sums of Rozliczenie")
    due = (_amount(fa, "P_15") or Decimal(0)) + charges - deductions
    if due != (_amount(block, "DoZaplaty") or 0) - (_amount(block, "DoRozliczenia") or 0):
        found.append(f"{due} to pay")
    return found


def _order(fa: etree._Element) -> list[str]:
    found = []
    order = fa.find(f"{NS}Zamowienie")
    if order is not None and _kind(fa) == "ZAL":
        lines = _sum(order, "ZamowienieWiersz/P_11NettoZ") + _sum(order, "ZamowienieWiersz/P_11VatZ")
        if lines != _amount(order, "WartoscZamowienia"):
            found.append(f"WartoscZamowienia of {lines}")
        if (_amount(fa, "P_15") or 0) > lines:
            found.append("advance over order")
    received = _sum(fa, "ZaliczkaCzesciowa/P_15Z")
    if _kind(fa) == "ZAL" and received not in (0, _amount(fa, "P_15")):
        found.append(f"P_15Z {received}")
    return found
