"""A page as a file: PDF/A-2b, tagged, with the same bytes for the same content."""

import hashlib
import struct
import zlib
from datetime import date
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from .canvas import HEIGHT, WIDTH, Canvas, Element
from .fonts import Face

PRODUCER = "BSS for Odoo"
# origin and licence: sRGB-v4.icc.txt
COLOURS = (Path(__file__).parent / "sRGB-v4.icc").read_bytes()
COMPRESSION = 4
CATALOG, PAGES, TREE, PARENTS, INFO, INTENT, METADATA, PROFILE = range(1, 9)
FIRST_FREE = 9


class Picture(NamedTuple):
    """An image of the page. ``entries``: of its dictionary beside type and length; ``pixels``: width and height."""

    name: str
    entries: str
    data: bytes
    pixels: tuple[int, int]

    def size(self, width: float, height: float) -> tuple[float, float]:
        """Its own proportions in a box."""
        scale = min(width / self.pixels[0], height / self.pixels[1])
        return self.pixels[0] * scale, self.pixels[1] * scale


class Meta(NamedTuple):
    """What the file says of itself. ``language``: of the text, as in ``pl``."""

    title: str
    author: str
    language: str
    day: date | None


class _File:
    """Objects as they come; small ones together in one compressed stream."""

    def __init__(self) -> None:
        self.parts = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"]
        self.length = len(self.parts[0])
        self.places: dict[int, tuple[int, int, int]] = {}
        self.small: list[tuple[int, str]] = []
        self.last = FIRST_FREE - 1

    def number(self) -> int:
        self.last += 1
        return self.last

    def add(self, number: int, body: str) -> None:
        self.small.append((number, body))

    def stream(self, number: int, entries: str, data: bytes) -> None:
        head = f"{number} 0 obj\n<<{entries}/Length {len(data)}>>stream\n".encode("ascii")
        self.places[number] = (1, self.length, 0)
        self.parts += (head, data, b"\nendstream\nendobj\n")
        self.length += len(head) + len(data) + 18

    def finish(self, name: str) -> bytes:
        """The whole file. ``name``: its two identifiers, in hexadecimal digits."""
        holder = self.number()
        heads, bodies, offset = [], [], 0
        for place, (number, body) in enumerate(self.small):
            self.places[number] = (2, holder, place)
            heads.append(f"{number} {offset}")
            bodies.append(body)
            offset += len(body) + 1
        head = " ".join(heads) + "\n"
        data = zlib.compress((head + "\n".join(bodies)).encode("ascii"), COMPRESSION)
        self.stream(holder, f"/Type/ObjStm/N {len(self.small)}/First {len(head)}/Filter/FlateDecode", data)
        table, start = self.number(), self.length
        self.places[table] = (1, start, 0)
        rows = [self.places[number] for number in range(1, table + 1)]
        entries = b"\0\0\0\0\0\xff\xff" + b"".join([struct.pack(">BIH", *row) for row in rows])
        self.stream(
            table,
            f"/Type/XRef/Size {table + 1}/W[1 4 2]/Root {CATALOG} 0 R/Info {INFO} 0 R/ID[<{name}><{name}>]/Filter/FlateDecode",
            zlib.compress(entries, COMPRESSION),
        )
        self.parts.append(f"startxref\n{start}\n%%EOF\n".encode("ascii"))
        return b"".join(self.parts)


def write_pdf(canvases: list[Canvas], meta: Meta, picture: Picture | None = None) -> bytes:
    """The pages as a file of their own; all have the faces of the first one."""
    file, digest = _File(), hashlib.sha256(repr(meta).encode())
    file.stream(PROFILE, "/N 3", COLOURS)
    file.stream(METADATA, "/Type/Metadata/Subtype/XML", _metadata(meta))
    fonts = "".join(f"/F{place} {_font(file, face)} 0 R" for place, face in enumerate(canvases[0].faces))
    images = ""
    if picture:
        number = file.number()
        file.stream(number, f"/Type/XObject/Subtype/Image{picture.entries}", picture.data)
        images = f"/XObject<</{picture.name} {number} 0 R>>"
    pages, roots, parents = [], [], []
    for place, canvas in enumerate(canvases):
        content = "\n".join(canvas.operators).encode("ascii")
        digest.update(content)
        page, stream = file.number(), file.number()
        file.stream(stream, "/Filter/FlateDecode", zlib.compress(content, COMPRESSION))
        file.add(
            page,
            f"<</Type/Page/Parent {PAGES} 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]/Contents {stream} 0 R/StructParents {place}"
            f"/Tabs/S/Resources<</Font<<{fonts}>>{images}>>>>",
        )
        first = _structure(file, canvas, page)
        pages.append(f"{page} 0 R")
        roots.append(f"{first} 0 R")
        parents.append(f"{place}[{' '.join([f'{first + mark} 0 R' for mark in canvas.marks])}]")
    file.add(
        CATALOG,
        f"<</Type/Catalog/Pages {PAGES} 0 R/Metadata {METADATA} 0 R/OutputIntents[{INTENT} 0 R]/Lang({meta.language})"
        f"/StructTreeRoot {TREE} 0 R/MarkInfo<</Marked true>>/ViewerPreferences<</DisplayDocTitle true>>>>",
    )
    file.add(PAGES, f"<</Type/Pages/Kids[{' '.join(pages)}]/Count {len(pages)}>>")
    file.add(
        INTENT,
        f"<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)/DestOutputProfile {PROFILE} 0 R>>",
    )
    file.add(
        TREE,
        f"<</Type/StructTreeRoot/K[{' '.join(roots)}]/ParentTree {PARENTS} 0 R/ParentTreeNextKey {len(pages)}>>",
    )
    file.add(PARENTS, f"<</Nums[{' '.join(parents)}]>>")
    file.add(INFO, _info(meta))
    return file.finish(digest.hexdigest()[:32])


def _structure(file: _File, canvas: Canvas, page: int) -> int:
    """Objects of the elements of a page. :return: number of the first one"""
    first = file.last + 1
    file.last += len(canvas.elements)
    for number, element in enumerate(canvas.elements, first):
        file.add(number, _element(element, first, page))
    return first


def _element(element: Element, first: int, page: int) -> str:
    kids = " ".join([kid[1:] if kid[0] == "m" else f"{first + int(kid[1:])} 0 R" for kid in element.kids])
    parent = f"{first + element.parent} 0 R" if element.parent >= 0 else f"{TREE} 0 R"
    alt = f"/Alt {_text(element.alt)}" if element.alt else ""
    scope = "/A<</O/Table/Scope/Column>>" if element.kind == "TH" else ""
    return f"<</S/{element.kind}/P {parent}/Pg {page} 0 R{alt}{scope}/K[{kids}]>>"


def _font(file: _File, face: Face) -> int:
    whole, descendant, descriptor, program, characters = (file.number() for _ in range(5))
    file.add(
        whole,
        f"<</Type/Font/Subtype/Type0/BaseFont/{face.name}/Encoding/Identity-H/DescendantFonts[{descendant} 0 R]"
        f"/ToUnicode {characters} 0 R>>",
    )
    file.add(
        descendant,
        f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{face.name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        f"/Supplement 0>>/FontDescriptor {descriptor} 0 R/CIDToGIDMap/Identity/W[{face.width_array}]>>",
    )
    file.add(
        descriptor,
        f"<</Type/FontDescriptor/FontName/{face.name}{face.descriptor}/FontFile2 {program} 0 R>>",
    )
    file.stream(program, f"/Length1 {face.program_length}/Filter/FlateDecode", face.program)
    file.stream(characters, "/Filter/FlateDecode", face.unicode_map)
    return whole


def _text(text: str) -> str:
    return f"<feff{text.encode('utf-16-be').hex()}>"


def _info(meta: Meta) -> str:
    day = f"/CreationDate(D:{meta.day:%Y%m%d}000000Z)/ModDate(D:{meta.day:%Y%m%d}000000Z)" if meta.day else ""
    return f"<</Title {_text(meta.title)}/Author {_text(meta.author)}/Producer({PRODUCER}){day}>>"


def _metadata(meta: Meta) -> bytes:
    """XMP that says the same as the document information."""
    day = f"{meta.day.isoformat()}T00:00:00Z" if meta.day else ""
    dates = f"<xmp:CreateDate>{day}</xmp:CreateDate><xmp:ModifyDate>{day}</xmp:ModifyDate>" if day else ""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
        "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(meta.title)}</rdf:li></rdf:Alt></dc:title>'
        f"<dc:creator><rdf:Seq><rdf:li>{escape(meta.author)}</rdf:li></rdf:Seq></dc:creator>"
        f"<dc:language><rdf:Bag><rdf:li>{meta.language}</rdf:li></rdf:Bag></dc:language>"
        f"<pdf:Producer>{PRODUCER}</pdf:Producer>{dates}"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()
