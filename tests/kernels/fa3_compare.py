"""Two FA(3) documents compared element by element, in the value space of the official schema."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from lxml import etree

from ksef_core import fa3

XSD = Path(fa3.__file__).parent / "xsd" / "schemat_FA(3)_v1-0E.xsd"
_DECIMALS = {"tns:TKwotowy", "tns:TKwotowy2", "tns:TIlosci", "tns:TProcentowy"}


def elements() -> set[str]:
    """Name of every element that the schema declares."""
    return {node.get("name") for node in _declared()}


def _declared() -> list[etree._Element]:
    tree = etree.parse(str(XSD))
    return tree.findall(".//{http://www.w3.org/2001/XMLSchema}element")


_AMOUNTS = {node.get("name") for node in _declared() if node.get("type") in _DECIMALS}


def name(node: etree._Element) -> str:
    return etree.QName(node).localname


def differences(ours: bytes, theirs: bytes) -> list[str]:
    """Every place where two documents do not say the same; numbers by value, spaces collapsed as xsd:token does."""
    found: list[str] = []
    _compare(etree.fromstring(ours), etree.fromstring(theirs), "", found)
    return found


def _compare(ours: etree._Element, theirs: etree._Element, path: str, found: list[str]) -> None:
    here = f"{path}/{name(theirs)}"
    if ours.tag != theirs.tag or dict(ours.attrib) != dict(theirs.attrib):
        found.append(f"{here}: {name(ours)} {dict(ours.attrib)} for {name(theirs)} {dict(theirs.attrib)}")
        return
    mine, other = [name(child) for child in ours], [name(child) for child in theirs]
    if mine != other:
        found.append(f"{here}: {mine} for {other}")
        return
    if not mine and _value(ours) != _value(theirs):
        found.append(f"{here}: {ours.text!r} for {theirs.text!r}")
    for child, twin in zip(ours, theirs, strict=True):
        _compare(child, twin, here, found)


def _value(node: etree._Element) -> str | Decimal:
    text = " ".join((node.text or "").split())
    return Decimal(text) if name(node) in _AMOUNTS else text
