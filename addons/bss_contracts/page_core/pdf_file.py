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
# "Compact ICC Profiles" by Clinton Ingram, public domain (CC0 1.0)
COLOURS = (Path(__file__).parent / "sRGB-v4.icc").read_bytes()
COMPRESSION = 4
CATALOG, PAGES, PAGE, TREE, PARENTS, INFO, INTENT, CONTENT, METADATA, PROFILE = range(1, 11)
FIRST_FREE = 11


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


def write_pdf(canvas: Canvas, meta: Meta, picture: Picture | None = None) -> bytes:
    """The page of the canvas as a file of its own."""
    file = _File()
    content = "\n".join(canvas.operators).encode("ascii")
    file.stream(CONTENT, "/Filter/FlateDecode", zlib.compress(content, COMPRESSION))
    file.stream(PROFILE, "/N 3", COLOURS)
    file.stream(METADATA, "/Type/Metadata/Subtype/XML", _metadata(meta))
    fonts = "".join(f"/F{place} {_font(file, face)} 0 R" for place, face in enumerate(canvas.faces))
    images = ""
    if picture:
        number = file.number()
        file.stream(number, f"/Type/XObject/Subtype/Image{picture.entries}", picture.data)
        images = f"/XObject<</{picture.name} {number} 0 R>>"
    first = _structure(file, canvas)
    language = f"({meta.language})"
    file.add(
        CATALOG,
        f"<</Type/Catalog/Pages {PAGES} 0 R/Metadata {METADATA} 0 R/OutputIntents[{INTENT} 0 R]/Lang{language}"
        f"/StructTreeRoot {TREE} 0 R/MarkInfo<</Marked true>>/ViewerPreferences<</DisplayDocTitle true>>>>",
    )
    file.add(PAGES, f"<</Type/Pages/Kids[{PAGE} 0 R]/Count 1>>")
    file.add(
        PAGE,
        f"<</Type/Page/Parent {PAGES} 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]/Contents {CONTENT} 0 R/StructParents 0/Tabs/S"
        f"/Resources<</Font<<{fonts}>>{images}>>>>",
    )
    file.add(
        INTENT,
        f"<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)/DestOutputProfile {PROFILE} 0 R>>",
    )
    file.add(TREE, f"<</Type/StructTreeRoot/K {first} 0 R/ParentTree {PARENTS} 0 R/ParentTreeNextKey 1>>")
    file.add(INFO, _info(meta))
    digest = hashlib.sha256(content)
    digest.update(repr(meta).encode())
    return file.finish(digest.hexdigest()[:32])


def _structure(file: _File, canvas: Canvas) -> int:
    """Objects of the elements. :return: number of the first one"""
    first = file.last + 1
    file.last += len(canvas.elements)
    for number, element in enumerate(canvas.elements, first):
        file.add(number, _element(element, first))
    marks = " ".join([f"{first + place} 0 R" for place in canvas.marks])
    file.add(PARENTS, f"<</Nums[0[{marks}]]>>")
    return first


def _element(element: Element, first: int) -> str:
    kids = " ".join([kid[1:] if kid[0] == "m" else f"{first + int(kid[1:])} 0 R" for kid in element.kids])
    parent = f"{first + element.parent} 0 R" if element.parent >= 0 else f"{TREE} 0 R"
    alt = f"/Alt {_text(element.alt)}" if element.alt else ""
    scope = "/A<</O/Table/Scope/Column>>" if element.kind == "TH" else ""
    return f"<</S/{element.kind}/P {parent}/Pg {PAGE} 0 R{alt}{scope}/K[{kids}]>>"


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
