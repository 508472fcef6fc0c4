"""Reading a UPO page. Its bytes are evidence and are never changed; this only looks inside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lxml import etree


@dataclass(frozen=True)
class UpoEntry:
    ksef_number: str
    invoice_number: str
    sha256: str  # of the invoice XML, base64
    numbered_at: datetime | None
    mode: str  # Online or Offline


def read(page: bytes) -> tuple[UpoEntry, ...]:
    """Documents confirmed by the page, whatever version of the schema it follows. ValueError when it is no UPO."""
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(page, parser)
    except etree.XMLSyntaxError as exc:
        raise ValueError(f"not a UPO: {exc}") from exc
    if etree.QName(root).localname != "Potwierdzenie":
        raise ValueError(f"not a UPO: {etree.QName(root).localname}")
    space = f"{{{etree.QName(root).namespace}}}"
    return tuple(_entry(node, space) for node in root.iterfind(f"{space}Dokument"))


def is_readable(page: bytes) -> bool:
    try:
        read(page)
    except ValueError:
        return False
    return True


def _entry(node: etree._Element, space: str) -> UpoEntry:
    def text(tag: str) -> str:
        return (node.findtext(f"{space}{tag}") or "").strip()

    moment = text("DataNadaniaNumeruKSeF")
    return UpoEntry(
        text("NumerKSeFDokumentu"),
        text("NumerFaktury"),
        text("SkrotDokumentu"),
        datetime.fromisoformat(moment) if moment else None,
        text("TrybWysylki"),
    )
