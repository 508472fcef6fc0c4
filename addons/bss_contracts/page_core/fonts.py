"""Faces of a document: what their subsets can write, how wide it is, and the objects that embed them."""

import hashlib
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase.ttfonts import TTFontFile

# what nearly every Polish invoice is written with; small subsets make small files
CORE = "".join(map(chr, range(0x20, 0x7F))) + "\u00a0ĄĆĘŁŃÓŚŹŻąćęłńóśźż§°·×–—‘’“”„…−→€²"
# beside it: Western and Central European letters, more punctuation
WIDE = CORE + "".join(
    map(chr, [*range(0xA1, 0xAD), *range(0xAE, 0x180), 0x218, 0x219, 0x21A, 0x21B, 0x2022, 0x2030, 0x2122])
)
COMPRESSION = 9


class MissingCharacterError(Exception):
    """A character that the subset cannot write."""


@dataclass(frozen=True, slots=True)
class Face:
    """One subset.

    :ivar codes: {character: its glyph as four hexadecimal digits}
    :ivar widths: {character: thousandths of an em}
    :ivar name: as the font calls itself, with the tag of the subset
    :ivar descriptor: entries of its descriptor but the name and the file
    :ivar program: the font file, compressed
    :ivar unicode_map: stream that says which characters the glyphs are, compressed
    """

    codes: dict[str, str]
    widths: dict[str, float]
    name: str
    descriptor: str
    width_array: str
    program: bytes
    program_length: int
    unicode_map: bytes

    def width(self, text: str) -> float:
        """Of the text at a size of 1000.

        :raises MissingCharacterError: the subset lacks one of the characters
        """
        try:
            return sum(map(self.widths.__getitem__, text))
        except KeyError as error:
            raise MissingCharacterError(error.args[0]) from None

    def hex(self, text: str) -> str:
        """Glyphs of the text as the digits of a string of PDF.

        :raises MissingCharacterError: the subset lacks one of the characters
        """
        try:
            return "".join(map(self.codes.__getitem__, text))
        except KeyError as error:
            raise MissingCharacterError(error.args[0]) from None


@lru_cache(maxsize=8)
def face(path: Path, characters: str) -> Face:
    """Subset of a TrueType font; made once a process."""
    font = TTFontFile(str(path))
    known = [char for char in dict.fromkeys(characters) if ord(char) in font.charToGlyph]
    program = font.makeSubset([ord(char) for char in known])
    glyphs = _glyphs(font, known)
    tag = "".join(chr(65 + byte % 26) for byte in hashlib.sha256(program).digest()[:6])
    widths = {char: float(round(font.charWidths[ord(char)])) for char in known}
    by_glyph = {glyph: widths[char] for char, glyph in reversed(glyphs.items())}
    box = " ".join(f"{value:.0f}" for value in font.bbox)
    return Face(
        codes={char: f"{glyph:04x}" for char, glyph in glyphs.items()},
        widths=widths,
        name=f"{tag}+{path.stem}",
        descriptor=f"/Flags 4/FontBBox[{box}]/ItalicAngle 0/Ascent {font.ascent:.0f}/Descent {font.descent:.0f}"
        f"/CapHeight {font.capHeight:.0f}/StemV {font.stemV:.0f}",
        width_array=" ".join(f"{glyph}[{width:.0f}]" for glyph, width in sorted(by_glyph.items())),
        program=zlib.compress(program, COMPRESSION),
        program_length=len(program),
        unicode_map=zlib.compress(_unicode_map(glyphs).encode("ascii"), COMPRESSION),
    )


def _glyphs(font: TTFontFile, known: list[str]) -> dict[str, int]:
    """Glyphs of the characters in the subset: in the order asked for, after that of the missing character."""
    places = {0: 0}
    for char in known:
        places.setdefault(font.charToGlyph[ord(char)], len(places))
    return {char: places[font.charToGlyph[ord(char)]] for char in known}


def _unicode_map(glyphs: dict[str, int]) -> str:
    found = {glyph: char for char, glyph in reversed(glyphs.items())}  # a space is a space, not one that does not break
    rows = [f"<{glyph:04x}> <{ord(char):04x}>" for glyph, char in sorted(found.items())]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
        f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    )
