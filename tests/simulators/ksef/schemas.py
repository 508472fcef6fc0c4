"""Official XML schemas, read without any network.

The FA(3) schema imports its base types by an absolute address; a resolver maps the last segment to the local copy.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from .spec import DATA

XSD = DATA / "xsd"
FA3_NAMESPACE = "http://crd.gov.pl/wzor/2025/06/25/13775/"
UPO_NAMESPACE = "http://upo.schematy.mf.gov.pl/KSeF/v4-3"


class _LocalResolver(etree.Resolver):
    """Serve every import from a local folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def resolve(self, url: str, public_id: str, context: Any) -> Any:
        name = url.rsplit("/", 1)[-1]
        for path in (self.folder / "bazowe" / name, self.folder / name):
            if path.exists():
                return self.resolve_filename(str(path), context)
        raise OSError(f"schema {name} is not available locally")


def _load(path: Path) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    parser.resolvers.add(_LocalResolver(path.parent))
    return etree.XMLSchema(etree.parse(str(path), parser))


@cache
def fa3() -> etree.XMLSchema:
    """FA(3) version 1-0E."""
    return _load(XSD / "fa" / "schemat_FA(3)_v1-0E.xsd")


@cache
def upo() -> etree.XMLSchema:
    """UPO version 4-3."""
    return _load(XSD / "upo" / "upo-v4-3.xsd")


@cache
def auth() -> etree.XMLSchema:
    """AuthTokenRequest version 2.1 (2.0 differs by its namespace and does not compile in libxml2)."""
    return _load(XSD / "auth" / "schemat_auth_v2-1.xsd")


def safe_parser(**options: Any) -> etree.XMLParser:
    """Parser for foreign documents: no network, no entities, no DTD."""
    return etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False, **options)
