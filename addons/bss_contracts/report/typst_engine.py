"""PDF from a typst template and plain data, in process and without system fonts."""

import json
import re
import tempfile
import unicodedata
from calendar import timegm
from functools import lru_cache
from pathlib import Path

import typst

HERE = Path(__file__).parent
SHARED = HERE / "typst"
FONTS = HERE / "fonts"
ASSET_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")
# What the shipped fonts can write: Latin, Greek, Cyrillic, Hebrew, punctuation, currencies, arrows, mathematics, boxes.
PRINTABLE = re.compile(
    "[\t\n\r -~\u00a0-\u04ff\u05d0-\u05ea\u1e00-\u1eff\u2000-\u203f\u2070-\u209f\u20a0-\u20a4\u20a6-\u20bf\u2190-\u22ff\u2500-\u25ff"
    "\u2610-\u2612\u2713\u2714]"
)
NO_GLYPH = "\u25a1"


@lru_cache(maxsize=1)
def _fonts():
    """Reading fonts costs more than a page: once a process."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS)])


def render(template, data, assets=None, issued_on=None):
    """PDF/A-2b bytes of ``template`` (a path) with ``data`` (anything JSON can say).

    The template is compiled in a folder of its own, beside the shared ``letter_frame.typ`` and
    ``labels.typ``, ``data.json`` and the ``assets`` {name: bytes}; it reads nothing else.
    The same input gives the same bytes when ``issued_on`` (a date) is given. PDF/A refuses characters that no font has:
    they become an empty box, so that a name with a pictogram does not stop the printing of its document.
    """
    try:
        return _compile(Path(template), data, assets, issued_on)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
    return _compile(Path(template), printable(data), assets, issued_on)


def printable(data):
    """``data`` with an empty box for each character that the shipped fonts lack."""
    if isinstance(data, str):
        return "".join(
            char if PRINTABLE.match(char) and unicodedata.category(char) != "Cn" else NO_GLYPH for char in data
        )
    if isinstance(data, dict):
        return {key: printable(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [printable(value) for value in data]
    return data


def _compile(template, data, assets, issued_on):
    with tempfile.TemporaryDirectory(prefix="bss-typst-") as folder:
        root = Path(folder)
        for shared in SHARED.glob("*.typ"):
            (root / shared.name).write_bytes(shared.read_bytes())
        (root / template.name).write_bytes(template.read_bytes())
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        for name, content in (assets or {}).items():
            if not ASSET_NAME.fullmatch(name):
                raise ValueError(f"unsafe name of an asset: {name!r}")
            (root / name).write_bytes(content)
        options = {}
        if issued_on:
            options["timestamp"] = timegm(issued_on.timetuple())
        return typst.compile(
            str(root / template.name),
            root=folder,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            pdf_standards=["a-2b"],
            **options,
        )
