"""PDF from a typst template and plain data, in process and without system fonts."""

import hashlib
import json
import os
import re
import tempfile
import threading
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
PAGES = re.compile(rb"/Type\s*/Pages\b[^>]*?/Count (\d+)")
NO_GLYPH = "\u25a1"
WORKSHOPS = 8

_guard = threading.Lock()
_workshops = {}


@lru_cache(maxsize=1)
def _fonts():
    """Reading fonts costs more than a page: once a process."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS)])


@lru_cache(maxsize=1)
def labels():
    """{language of documents: {key: words}}, as the templates print them."""
    return json.loads((SHARED / "labels.json").read_text(encoding="utf-8"))


def render_short(template, data, assets=None, issued_on=None):
    """``render`` for documents that mostly fit on one page: a page that need not ask for its number is set faster.

    When there are more pages after all, they are set again with their numbers.
    """
    pdf = render(template, {**data, "single": True}, assets, issued_on)
    return pdf if page_count(pdf) == 1 else render(template, data, assets, issued_on)


def page_count(pdf):
    """Pages of a PDF made here."""
    return max(int(count) for count in PAGES.findall(pdf))


def render(template, data, assets=None, issued_on=None):
    """PDF/A-2b bytes of ``template`` (a path) with ``data`` (anything JSON can say).

    The template is compiled in a folder of its own, beside the shared ``letter_frame.typ`` and
    ``labels.typ``, ``data.json`` and the ``assets`` {name: bytes}; it reads nothing else. The folder and its compiler
    serve the documents that follow; many in one compilation, split afterwards, would save little more and leave
    every customer the fonts, the tags and the title of all.
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
    options = {}
    if issued_on:
        options["timestamp"] = timegm(issued_on.timetuple())
    return _workshop(Path(template), assets or {}).compile(data, options)


def _workshop(template, assets):
    """The workshop of a template and its assets, kept for the next document."""
    for name in assets:
        if not ASSET_NAME.fullmatch(name):
            raise ValueError(f"unsafe name of an asset: {name!r}")
    sources = [template, *SHARED.glob("*.json"), *sorted(SHARED.glob("*.typ"))]
    digest = tuple(sorted((name, hashlib.sha256(content).digest()) for name, content in assets.items()))
    # threads of a process do not live on in its forks: each has its own
    key = os.getpid(), str(template), tuple(source.stat().st_mtime_ns for source in sources), digest
    with _guard:
        if key not in _workshops:
            while len(_workshops) >= WORKSHOPS:
                _workshops.pop(next(iter(_workshops)))
            _workshops[key] = Workshop(sources, assets)
        return _workshops[key]


class Workshop:
    """A folder with a template and a compiler that stays: what documents have in common is parsed and set once."""

    def __init__(self, sources, assets):
        self.lock = threading.Lock()
        # removes itself with the object, and at the end of the process
        self.folder = tempfile.TemporaryDirectory(prefix="bss-typst-")
        root = Path(self.folder.name)
        for source in reversed(sources):
            (root / source.name).write_bytes(source.read_bytes())
        for name, content in assets.items():
            (root / name).write_bytes(content)
        self.data = root / "data.json"
        self.data.write_text("{}", encoding="utf-8")
        self.compiler = typst.Compiler(
            str(root / sources[0].name), root=str(root), font_paths=_fonts(), ignore_system_fonts=True
        )

    def compile(self, data, options):
        text = json.dumps(data, ensure_ascii=False)
        with self.lock:
            self.data.write_text(text, encoding="utf-8")
            return self.compiler.compile(format="pdf", pdf_standards=["a-2b"], **options)
