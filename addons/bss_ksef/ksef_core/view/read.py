"""FA(3) bytes → what the visualisation shows.

The walk is general: whatever stands in the XML is shown, each element once, so that no kind of invoice and no later element
of the schema can lose a value. Known parts only get a place, an order or the form of a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from lxml import etree

from .labels import SUMS, label
from .model import Grid, Row, Section, View
from .values import KINDS, ROLES, is_number, number, shown

Element = etree._Element

# repeated elements that read best as a table
_TABLES = frozenset(
    [
        "FaWiersz",
        "ZamowienieWiersz",
        "DodatkowyOpis",
        "DaneFaKorygowanej",
        "Obciazenia",
        "Odliczenia",
        "ZaplataCzesciowa",
        "TerminPlatnosci",
        "Umowy",
        "Zamowienia",
        "FakturaZaliczkowa",
        "ZaliczkaCzesciowa",
        "NowySrodekTransportu",
        "Rejestry",
        "RachunekBankowy",
        "RachunekBankowyFaktora",
    ]
)
# wrappers without a title of their own
_OPEN = frozenset(
    ["DaneIdentyfikacyjne", "DaneKontaktowe", "OkresFa", "Zwolnienie", "NoweSrodkiTransportu", "PMarzy", "Informacje"]
)
_CORRECTION = frozenset(
    [
        "PrzyczynaKorekty",
        "TypKorekty",
        "DaneFaKorygowanej",
        "OkresFaKorygowanej",
        "NrFaKorygowany",
        "Podmiot1K",
        "Podmiot2K",
        "P_15ZK",
        "KursWalutyZK",
    ]
)
_ADVANCES = frozenset(["ZaliczkaCzesciowa", "FakturaZaliczkowa"])
# parts of Fa with a section of their own, in the order of print
_PARTS = ("FaWiersz", "Zamowienie", "Rozliczenie", "Platnosc", "DodatkowyOpis", "WarunkiTransakcji", "Adnotacje")
_NUMERIC_COLUMNS = frozenset(["dec", "int"])


def read(xml: bytes) -> View:
    """Everything that the invoice `xml` says. Raises ValueError, or XMLSyntaxError of lxml."""
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False, huge_tree=False)
    root = etree.fromstring(xml, parser)
    top: dict[str, list[Element]] = {}
    for child in _children(root):
        top.setdefault(_name(child), []).append(child)
    invoice = next(iter(top.pop("Fa", [])), None)
    if invoice is None:
        raise ValueError("no FA invoice: it has no Fa")
    header = top.pop("Naglowek", [])
    parties = [
        _party(element)
        for name in ("Podmiot1", "Podmiot2", "Podmiot3", "PodmiotUpowazniony")
        for element in top.pop(name, [])
    ]
    kind = _text(invoice, "RodzajFaktury")
    sections = [*_invoice(invoice)]
    attachments = top.pop("Zalacznik", [])
    sections += [_section(element) for group in top.values() for element in group]  # Stopka, and what is new
    sections += [_attachment(element) for element in attachments]
    sections += [_section(element) for element in header]
    return View(
        title=KINDS.get(kind, "Faktura"),
        number=_text(invoice, "P_2"),
        currency=_text(invoice, "KodWaluty"),
        total=number(_text(invoice, "P_15")),
        parties=tuple(parties),
        sections=tuple(one for one in sections if one),
    )


# ------------------------------------------------------------------ the general walk


def _name(element: Element) -> str:
    return etree.QName(element).localname


def _children(element: Element) -> list[Element]:
    return [child for child in element if isinstance(child.tag, str)]


def _value(element: Element) -> str:
    return " ".join((element.text or "").split())


def _text(parent: Element, name: str) -> str:
    return next((_value(child) for child in _children(parent) if _name(child) == name), "")


def _by_name(parent: Element) -> Iterator[tuple[str, Iterator[Element]]]:
    """Children in groups of neighbours with one name."""
    return groupby(_children(parent), _name)


def _section(element: Element, title: str = "", keep: Callable[[str], bool] | None = None) -> Section:
    """The children of `element`, all or those whose name `keep` takes."""
    rows: list[Row] = [] if _children(element) else [Row(label(_name(element)), _leaf(element))]
    grids: list[Grid] = []
    sections: list[Section] = []
    for name, group in _by_name(element):
        if keep and not keep(name):
            continue
        twins = list(group)
        if name in _TABLES and not _wide(twins):
            grids.append(_grid(twins, label(name)))
            continue
        for twin in twins:
            if not _children(twin):
                rows.append(Row(label(name), _leaf(twin)))
                continue
            inner = _section(twin, label(name))
            if name in _OPEN:
                rows += inner.rows
                grids += inner.grids
                sections += inner.sections
            else:
                sections.append(inner)
    return Section(title or label(_name(element)), tuple(rows), tuple(grids), (), tuple(sections))


def _leaf(element: Element) -> str:
    value = shown(_name(element), _value(element))
    return " ".join([value, *(f"({text})" for text in map(str, element.attrib.values()))])


def _wide(elements: list[Element]) -> bool:
    """One record of many columns reads better as rows."""
    return (
        len(elements) == 1
        and len(list(_leaves(elements[0]))) > 3
        and _name(elements[0]) not in ("FaWiersz", "ZamowienieWiersz")
    )


def _leaves(element: Element) -> Iterator[Element]:
    for child in _children(element):
        if _children(child):
            yield from _leaves(child)
        else:
            yield child


def _grid(elements: Iterable[Element], caption: str) -> Grid:
    """One row per element, one column per name that any of them has, in the order of the schema."""
    records: list[dict[str, str]] = []
    names: list[str] = []
    for element in elements:
        record: dict[str, str] = {}
        before = -1
        for leaf in _leaves(element):
            name, value = _name(leaf), _leaf(leaf)
            record[name] = f"{record[name]}, {value}" if name in record else value
            if name not in names:
                names.insert(before + 1, name)
            before = names.index(name)
        records.append(record)
    return Grid(
        columns=tuple(label(name) for name in names),
        rows=tuple(tuple(record.get(name, "") for name in names) for record in records),
        numeric=tuple(is_number(name) for name in names),
        caption=caption,
    )


# ------------------------------------------------------------------ parts of the invoice


def _party(element: Element) -> Section:
    role = ROLES.get(_text(element, "Rola"), "")
    name = label(_name(element))
    return _section(element, f"{name}: {role}" if role else name)


def _invoice(invoice: Element) -> Iterator[Section]:
    special = _CORRECTION | _ADVANCES | frozenset(_PARTS)
    yield _section(invoice, keep=lambda name: name not in special and not _is_sum(name))
    yield _section(invoice, "Korekta", lambda name: name in _CORRECTION)
    for part in _PARTS:
        found = [child for child in _children(invoice) if _name(child) == part]
        if part in ("FaWiersz", "DodatkowyOpis"):
            yield Section(label(part), grids=(_grid(found, ""),) if found else ())
        else:
            yield from (_section(child) for child in found)
        if part == "FaWiersz":
            yield _sums(invoice)
            yield _section(invoice, "Zaliczki", lambda name: name in _ADVANCES)


def _is_sum(name: str) -> bool:
    return name.startswith(("P_13_", "P_14_"))


def _sums(invoice: Element) -> Section:
    """Net and tax by rate as a table, the amount due as its sum."""
    by_rate: dict[str, dict[str, str]] = {}
    for child in _children(invoice):
        name = _name(child)
        if _is_sum(name):
            which, rate = name[:4], name[5:]
            in_zloty = which == "P_14" and rate.endswith("W")
            record = by_rate.setdefault(rate.removesuffix("W") if in_zloty else rate, {})
            record["PLN" if in_zloty else which] = number(_value(child))
    has_zloty = any("PLN" in record for record in by_rate.values())
    keys = ("P_13", "P_14", "PLN") if has_zloty else ("P_13", "P_14")
    grid = Grid(
        columns=("Sprzedaż", "Netto", "VAT", "VAT w PLN")[: len(keys) + 1],
        rows=tuple((SUMS.get(rate, rate), *(record.get(key, "") for key in keys)) for rate, record in by_rate.items()),
        numeric=(False, *(True for _key in keys)),
    )
    return Section("Podsumowanie stawek VAT", grids=(grid,) if by_rate else ())


def _attachment(element: Element) -> Section:
    blocks = [_block(block, place) for place, block in enumerate(_children(element), start=1)]
    return Section(label("Zalacznik"), sections=tuple(blocks))


def _block(block: Element, place: int) -> Section:
    title, rows, paragraphs, grids, others = "", [], [], [], []
    for child in _children(block):
        name = _name(child)
        if name == "ZNaglowek":
            title = _value(child)
        elif name == "MetaDane":
            rows.append(_pair(child))
        elif name == "Tekst":
            paragraphs += [_value(leaf) for leaf in _leaves(child)]
        elif name == "Tabela":
            grids.append(_table(child))
        elif _children(child):
            others.append(_section(child))
        else:
            rows.append(Row(label(name), _leaf(child)))
    return Section(
        title or f"{label('BlokDanych')} {place}", tuple(rows), tuple(grids), tuple(paragraphs), tuple(others)
    )


def _pair(element: Element) -> Row:
    key, *values = [_value(leaf) for leaf in _leaves(element)] or [""]
    return Row(key, " ".join(values))


def _table(element: Element) -> Grid:
    found = {name: list(group) for name, group in _by_name(element)}
    columns = [column for head in found.get("TNaglowek", ()) for column in _children(head)]
    numeric = tuple(column.get("Typ") in _NUMERIC_COLUMNS for column in columns)
    rows = [_cells(row, numeric) for row in found.get("Wiersz", ())]
    sums = [_cells(row, numeric) for row in found.get("Suma", ())]
    meta = [_pair(one) for one in found.get("TMetaDane", ())]
    return Grid(
        columns=tuple(" ".join(_value(leaf) for leaf in _leaves(column)) for column in columns),
        rows=tuple(rows),
        numeric=numeric,
        sums=sums[0] if sums else (),
        caption=" ".join(_value(one) for one in found.get("Opis", ())),
        note="; ".join(f"{row.label}: {row.value}" for row in meta),
    )


def _cells(row: Element, numeric: tuple[bool, ...]) -> tuple[str, ...]:
    values = [_value(leaf) for leaf in _leaves(row)]
    return tuple(
        number(value) if place < len(numeric) and numeric[place] else value for place, value in enumerate(values)
    )
