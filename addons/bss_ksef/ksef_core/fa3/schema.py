"""Validation against the official FA(3) schema, offline: no network, no entities, no external files."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from lxml import etree

from ..problems import Problem

_FOLDER = Path(__file__).parent / "xsd"
_MAIN = "schemat_FA(3)_v1-0E.xsd"
_ELEMENT = re.compile(r"Element '(?:\{[^}]*\})?([^']+)'")
_VALUE = re.compile(r"The value '(.*?)'(?: has| is)", re.DOTALL)
_BAD_VALUE = re.compile(r": '(.*?)' is not a valid value", re.DOTALL)
_FACET = re.compile(r"\[facet '([a-zA-Z]+)'\]")
_LIMIT = re.compile(r"'([^']*)'\)?\.$")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*?) \)")
_NAMESPACE = re.compile(r"\{[^}]*\}")
_MOST = 100  # entries of the log that are read: each is looked for among all its twins
_SHOWN = 60  # characters of a wrong value that a reason repeats


class _LocalFiles(etree.Resolver):
    """Every schema location is a file of our folder; anything else is empty and so fails to compile."""

    def resolve(self, system_url: str, public_id: str, context: object) -> object:  # type: ignore[override]  # the stubs of lxml lack it
        path = _FOLDER / system_url.rsplit("/", 1)[-1]
        if path.is_file():
            return self.resolve_filename(str(path), context)  # type: ignore[attr-defined]  # the stubs of lxml lack it
        return self.resolve_empty(context)  # type: ignore[attr-defined]  # the stubs of lxml lack it


def _safe_parser() -> etree.XMLParser:
    return etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False, huge_tree=False)


class Validator:
    """The compiled schema. Compiling takes a moment, so keep one per process (`validator()`)."""

    def __init__(self) -> None:
        parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
        parser.resolvers.add(_LocalFiles())
        self._schema = etree.XMLSchema(etree.parse(str(_FOLDER / _MAIN), parser))
        self._lock = threading.Lock()

    def problems(self, xml: bytes) -> tuple[Problem, ...]:
        """What the schema refuses in `xml`, one problem per element; the first ones of very many."""
        try:
            root = etree.fromstring(xml, _safe_parser())
        except etree.XMLSyntaxError as exc:
            return (Problem("not_xml", "", {"message": str(exc)}),)
        tree = root.getroottree()
        if tree.docinfo.doctype:  # type: ignore[union-attr]  # the stubs of lxml lack it
            return (Problem("has_dtd", ""),)
        with self._lock:
            if self._schema.validate(tree):
                return ()
            entries = [(entry.path, entry.message) for entry in islice(self._schema.error_log, _MOST)]  # type: ignore[call-overload]  # the stubs of lxml lack it
        return tuple(_distinct(_read(tree, path, message) for path, message in entries))


@lru_cache(maxsize=1)
def validator() -> Validator:
    return Validator()


def _distinct(problems: Iterator[Problem]) -> Iterator[Problem]:
    """libxml2 repeats itself (facet, then type): the first word about an element is the useful one."""
    seen: set[str] = set()
    for problem in problems:
        if problem.element not in seen:
            seen.add(problem.element)
            yield problem


def _read(tree: etree._ElementTree, path: str | None, message: str) -> Problem:
    node = _node(tree, path)
    element = _names(node) if node is not None else _first(_ELEMENT, message)
    params = {"message": _NAMESPACE.sub("", message)}
    text = node.text if node is not None and not len(node) else None
    value = text or _first(_VALUE, message) or _first(_BAD_VALUE, message)
    if value:
        params["value"] = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    facet = _first(_FACET, message)
    if facet:
        params["limit"] = _first(_LIMIT, message)
        return Problem(f"xsd_{facet.lower()}", element, params)
    expected = _first(_EXPECTED, message)
    if expected:
        params["expected"] = _NAMESPACE.sub("", expected)
        code = "xsd_missing_child" if "Missing child" in message else "xsd_unexpected"
        return Problem(code, element, params)
    return Problem("xsd_value" if value else "xsd", element, params)


def _first(pattern: re.Pattern[str], message: str) -> str:
    match = pattern.search(message)
    return match.group(1) if match else ""


def _node(tree: etree._ElementTree, path: str | None) -> etree._Element | None:
    found = tree.xpath(path) if path else None
    return found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else None


def _names(found: etree._Element) -> str:
    """Element names below Faktura, numbered where names repeat: `Fa/FaWiersz[2]/P_12`."""
    names: list[str] = []
    node: etree._Element | None = found
    while node is not None and node.getparent() is not None:
        parent = node.getparent()
        assert parent is not None
        name = etree.QName(node).localname
        twins = [child for child in parent if child.tag == node.tag]
        names.append(f"{name}[{twins.index(node) + 1}]" if len(twins) > 1 else name)
        node = parent
    return "/".join(reversed(names))
