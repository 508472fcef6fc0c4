"""What is checked on one invoice, and what is read from it.

Source: faktury/weryfikacja-faktury.md, section by section. A document that breaks the XML rules or its schema gets
status 450 (as reported by integrators), a file of the wrong size or hash 430.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from lxml import etree

from . import schemas
from .numbers import nip_is_valid

F = f"{{{schemas.FA3_NAMESPACE}}}"
MAX_SIZE = 1_000_000
MAX_SIZE_WITH_ATTACHMENT = 3_000_000
BOM = b"\xef\xbb\xbf"
ENCODING = re.compile(rb"^<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)[\"']")
#: Characters the XML recommendation discourages; rejected by the system.
DISCOURAGED = re.compile(
    "[\x7f-\x84\x86-\x9f\ufdd0-\ufdef"
    + "".join(f"{chr(p * 65536 + 65534)}{chr(p * 65536 + 65535)}" for p in range(1, 17))
    + "]"
)
REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]+)|([0-9]+));")
KINDS = {
    "VAT": "Vat",
    "ZAL": "Zal",
    "KOR": "Kor",
    "ROZ": "Roz",
    "UPR": "Upr",
    "KOR_ZAL": "KorZal",
    "KOR_ROZ": "KorRoz",
}


class Rejection(Exception):
    """An invoice that gets no KSeF number."""

    descriptions = {
        410: "Nieprawidłowy zakres uprawnień",
        415: "Brak możliwości wysyłania faktury z załącznikiem",
        430: "Błąd weryfikacji pliku faktury",
        435: "Błąd odszyfrowania pliku",
        440: "Duplikat faktury",
        450: "Błąd weryfikacji semantyki dokumentu faktury",
        500: "Nieznany błąd (500)",
        550: "Operacja została anulowana przez system",
    }

    def __init__(self, code: int, *details: str, **extensions: str) -> None:
        super().__init__(f"{code}: {'; '.join(details)}")
        self.code = code
        self.details = list(details)
        self.extensions = extensions

    @property
    def description(self) -> str:
        """Official wording of the code."""
        return self.descriptions[self.code]


@dataclass(frozen=True)
class Facts:
    """Fields the system keeps about an invoice."""

    nip: str
    number: str
    kind: str
    issue_date: date
    seller_name: str
    buyer: dict[str, str]
    buyer_name: str
    currency: str
    net: Decimal
    vat: Decimal
    gross: Decimal
    self_invoicing: bool
    attachment: bool
    third_nips: tuple[str, ...] = ()
    other: dict[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """For the register; amounts as exact strings."""
        return {
            "sellerName": self.seller_name,
            "buyerIdentifier": self.buyer,
            "buyerName": self.buyer_name,
            "currency": self.currency,
            "netAmount": str(self.net),
            "vatAmount": str(self.vat),
            "grossAmount": str(self.gross),
            "isSelfInvoicing": self.self_invoicing,
            "hasAttachment": self.attachment,
            "thirdNips": list(self.third_nips),
        }


def examine(content: bytes, *, check_sums: bool) -> Facts:
    """Check one file by everything that does not depend on the session; raises Rejection."""
    if len(content) > MAX_SIZE_WITH_ATTACHMENT:
        raise Rejection(430, f"Rozmiar faktury przekracza {MAX_SIZE_WITH_ATTACHMENT} bajtów.")
    root = _parse(content)
    schema = schemas.fa3()
    if not schema.validate(root):
        raise Rejection(450, *[f"{entry.line}: {entry.message}" for entry in list(schema.error_log)[:5]])
    facts = _read(root)
    if not facts.attachment and len(content) > MAX_SIZE:
        raise Rejection(430, f"Rozmiar faktury bez załącznika przekracza {MAX_SIZE} bajtów.")
    if check_sums:
        _check_sums(root)
    return facts


def _parse(content: bytes) -> etree._Element:
    """XML rules ("Weryfikacja XML")."""
    if content.startswith(BOM):
        raise Rejection(450, "Nieprawidłowy XML", "Dokument zawiera znak BOM.")
    declared = ENCODING.match(content)
    if declared and declared.group(1).lower() != b"utf-8":
        raise Rejection(450, "Nieprawidłowy XML", "Kodowanie inne niż UTF-8.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejection(450, "Nieprawidłowy XML", "Treść nie jest poprawnie zakodowana w UTF-8.") from error
    if DISCOURAGED.search(text) or any(DISCOURAGED.match(chr(point)) for point in _references(content)):
        raise Rejection(450, "Nieprawidłowy XML", "Dokument zawiera niedozwolone znaki Unicode.")
    try:
        root = etree.fromstring(content, schemas.safe_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Rejection(450, "Nieprawidłowy XML", str(error)[:300]) from error
    tree = root.getroottree()
    if tree.docinfo.doctype:
        raise Rejection(450, "Nieprawidłowy XML", "Dokument zawiera DTD.")
    if tree.xpath("//processing-instruction()"):
        raise Rejection(450, "Nieprawidłowy XML", "Dokument zawiera instrukcje przetwarzania.")
    return root


def _references(content: bytes) -> list[int]:
    points = [int(h, 16) if h else int(d) for h, d in REFERENCE.findall(content)]
    return [point for point in points if point < 0x110000]


def _read(root: etree._Element) -> Facts:
    body = root.find(f"{F}Fa")
    seller, buyer = root.find(f"{F}Podmiot1"), root.find(f"{F}Podmiot2")
    assert body is not None and seller is not None and buyer is not None  # the schema says so

    def amounts(names: str) -> Decimal:
        return sum((Decimal(n.text or "0") for n in body if re.fullmatch(names, etree.QName(n).localname)), Decimal(0))

    return Facts(
        nip=seller.findtext(f"{F}DaneIdentyfikacyjne/{F}NIP", ""),
        number=body.findtext(f"{F}P_2", ""),
        kind=body.findtext(f"{F}RodzajFaktury", ""),
        issue_date=date.fromisoformat(body.findtext(f"{F}P_1", "")),
        seller_name=seller.findtext(f"{F}DaneIdentyfikacyjne/{F}Nazwa", ""),
        buyer=_buyer(buyer),
        buyer_name=buyer.findtext(f"{F}DaneIdentyfikacyjne/{F}Nazwa", ""),
        currency=body.findtext(f"{F}KodWaluty", ""),
        net=amounts(r"P_13_\d+(_\d)?"),
        vat=_vat(body),
        gross=Decimal(body.findtext(f"{F}P_15", "0")),
        self_invoicing=body.findtext(f"{F}Adnotacje/{F}P_17") == "1",
        attachment=root.find(f"{F}Zalacznik") is not None,
        third_nips=tuple(node.text or "" for node in root.findall(f"{F}Podmiot3/{F}DaneIdentyfikacyjne/{F}NIP")),
    )


def _vat(body: etree._Element) -> Decimal:
    """Tax in PLN: P_14_xW where the invoice is in a foreign currency."""
    total = Decimal(0)
    for index in range(1, 6):
        zloty = body.findtext(f"{F}P_14_{index}W")
        total += Decimal(zloty if zloty is not None else body.findtext(f"{F}P_14_{index}", "0"))
    return total


def _buyer(node: etree._Element) -> dict[str, str]:
    identity = node.find(f"{F}DaneIdentyfikacyjne")
    assert identity is not None
    if nip := identity.findtext(f"{F}NIP"):
        return {"type": "Nip", "value": nip}
    if number := identity.findtext(f"{F}NrVatUE"):
        return {"type": "VatUe", "value": identity.findtext(f"{F}KodUE", "") + number}
    if other := identity.findtext(f"{F}NrID"):
        return {"type": "Other", "value": other}
    return {"type": "None"}


def _check_sums(root: etree._Element) -> None:
    """Check sums of tax numbers ("Walidacja numeru NIP"; production, or X-KSeF-Feature: subject-identifier-validation)."""
    for name in ("Podmiot1", "Podmiot2", "Podmiot3", "PodmiotUpowazniony"):
        for party in root.findall(f"{F}{name}"):
            for field_name in ("NIP", "IDWew"):
                value = party.findtext(f"{F}DaneIdentyfikacyjne/{F}{field_name}")
                if value and not nip_is_valid(value[:10]):
                    raise Rejection(450, f"{name}: nieprawidłowa suma kontrolna numeru {field_name}.")


def check_issue_date(facts: Facts, received: date) -> None:
    """P_1 must not be later than the day of receipt ("Walidacja dat")."""
    if facts.issue_date > received:
        raise Rejection(450, "Data wystawienia faktury (P_1) nie może być późniejsza niż data przyjęcia do KSeF.")


def mode(facts: Facts, received: date, declared_offline: bool) -> str:
    """Online or Offline (offline/automatyczne-okreslanie-trybu-offline.md)."""
    return "Offline" if declared_offline or facts.issue_date < received else "Online"
