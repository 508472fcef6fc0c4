"""One page: texts and shapes as the operators of PDF, and the tree of what they mean for screen readers.

Points from the top left corner. Whatever is not marked with a meaning is an artifact: rules, fills, running heads.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from .fonts import Face

HEIGHT, WIDTH = 841.89, 595.28
CURVE = 0.5523  # of a quarter of a circle
SLACK = 0.01  # columns as wide as their widest text, summed up otherwise
RUN = re.compile(r"M(\d+) (\d+)h(\d+)")
EDGES = (56.6, 550.0)  # of what is written
CODE_SIZE = re.compile(r'viewBox="0 0 (\d+)')


class NoRoomError(Exception):
    """A text that would be written over the edge of the page or over its neighbour."""


class Style(NamedTuple):
    """How a text looks. ``font``: 0 regular, 1 bold; ``ink``: operator of the colour; ``spacing``: between letters."""

    font: int
    size: float
    ink: str
    spacing: float = 0.0


@dataclass(slots=True)
class Element:
    """A node of the structure: its kind, that of its parent, its pieces of the page and its children in order."""

    kind: str
    parent: int
    kids: list[str] = field(default_factory=list)
    alt: str = ""


class Canvas:
    """Draws in the order of reading."""

    def __init__(self, faces: tuple[Face, Face]) -> None:
        self.faces = faces
        self.operators: list[str] = []
        self.elements = [Element("Document", -1)]
        self.marks: list[int] = []  # element of each marked piece
        self._open = [0]

    # --- meaning

    def begin(self, kind: str, alt: str = "") -> int:
        """What follows belongs to an element of this kind until ``end``."""
        parent, place = self._open[-1], len(self.elements)
        self.elements.append(Element(kind, parent, alt=alt))
        self.elements[parent].kids.append(f"e{place}")
        self._open.append(place)
        return place

    def end(self) -> None:
        self._open.pop()

    def _mark(self, kind: str) -> str:
        """Operator that begins a piece of its own element."""
        place = self.begin(kind)
        self._open.pop()
        mark = len(self.marks)
        self.marks.append(place)
        self.elements[place].kids.append(f"m{mark}")
        return f"/{kind}<</MCID {mark}>>BDC"

    # --- text

    def width(self, text: str, style: Style) -> float:
        """Of one line."""
        return self.faces[style.font].width(text) * style.size / 1000 + style.spacing * len(text)

    def wrap(self, text: str, style: Style, room: float) -> list[str]:
        """Lines no wider than the room; words that are wider are broken where it ends.

        :raises NoRoomError: not even a letter has room
        """
        if room < style.size:
            raise NoRoomError(text)
        lines: list[str] = []
        for paragraph in text.split("\n"):
            if self.width(paragraph, style) <= room + SLACK:
                lines.append(paragraph)
                continue
            line = ""
            for word in paragraph.split(" "):
                wanted = f"{line} {word}" if line else word
                while self.width(wanted, style) > room + SLACK:
                    if line:
                        lines.append(line)
                        line, wanted = "", word
                        continue
                    fitting = self._fitting(wanted, style, room)
                    lines.append(wanted[:fitting])
                    wanted = word = wanted[fitting:]
                line = wanted
            lines.append(line)
        return lines

    def _fitting(self, word: str, style: Style, room: float) -> int:
        """How many letters fit, at least one."""
        count = 1
        while count < len(word) and self.width(word[: count + 1], style) <= room:
            count += 1
        return count

    def text(
        self,
        x: float,
        y: float,
        lines: str | list[str],
        style: Style,
        tag: str = "P",
        align: float = 0,
        step: float = 0,
    ) -> None:
        """Lines on their baselines, the first at ``y``, the others ``step`` below each other.

        :param tag: kind of the element; "" for an artifact
        :param align: 0 from ``x`` on, 0.5 around it, 1 up to it
        :raises NoRoomError: it does not end before the edge
        """
        found = [lines] if isinstance(lines, str) else lines
        parts = [self._mark(tag) if tag else "/Artifact BMC", f"BT /F{style.font} {style.size:g} Tf {style.ink}"]
        if style.spacing:
            parts.append(f"{style.spacing:g} Tc")
        glyphs = self.faces[style.font].hex
        for number, line in enumerate(found):
            width = self.width(line, style)
            left = x - align * width
            if left < EDGES[0] or left + width > EDGES[1]:
                raise NoRoomError(line)
            parts.append(f"1 0 0 1 {left:.2f} {HEIGHT - y - number * step:.2f} Tm<{glyphs(line)}>Tj")
        parts.append("0 Tc ET EMC" if style.spacing else "ET EMC")
        self.operators.append(" ".join(parts))

    def beside(self, left: str, style: Style, right: str, other: Style, room: float) -> None:
        """:raises NoRoomError: the two texts, of one line, meet"""
        if self.width(left, style) + self.width(right, other) + other.size > room:
            raise NoRoomError(left)

    # --- shapes

    def rule(self, x: float, y: float, width: float, thickness: float, ink: str) -> None:
        """A horizontal rule whose upper edge is at ``y``."""
        self.box(x, y, width, thickness, ink)

    def box(
        self, x: float, y: float, width: float, height: float, ink: str, radius: float = 0, *, top: bool = False
    ) -> None:
        """A filled box; with a radius its corners are round, with ``top`` only the upper ones."""
        low, high = HEIGHT - y - height, HEIGHT - y
        if radius:
            shape = _round(x, low, x + width, high, radius, radius * (not top))
        else:
            shape = f"{x:.2f} {low:.2f} {width:.2f} {height:.2f} re"
        self.operators.append(f"/Artifact BMC {ink} {shape} f EMC")

    def code(self, svg: str, x: float, y: float, size: float) -> None:
        """A QR code as ``document_core.qr_svg`` draws it, with its light margin."""
        modules, bits = _bitmap(svg)
        self.begin("Figure", "QR")
        # one bit for each module, 1 is dark
        self._figure(
            f"q {size:.2f} 0 0 {size:.2f} {x:.2f} {HEIGHT - y - size:.2f} cm"
            f" BI/W {modules}/H {modules}/CS/G/BPC 1/D[1 0]/F/AHx ID {bits}> EI Q"
        )

    def image(self, name: str, x: float, y: float, width: float, height: float, alt: str) -> None:
        """An image of the resources."""
        self.begin("Figure", alt)
        self._figure(f"q {width:.2f} 0 0 {height:.2f} {x:.2f} {HEIGHT - y - height:.2f} cm /{name} Do Q")

    def _figure(self, operators: str) -> None:
        """These make the figure that was begun."""
        place = self._open.pop()
        mark = len(self.marks)
        self.marks.append(place)
        self.elements[place].kids.append(f"m{mark}")
        self.operators.append(f"/Figure<</MCID {mark}>>BDC {operators} EMC")


def _bitmap(svg: str) -> tuple[int, str]:
    """(modules along a side, rows of bits as hexadecimal digits, a dark module is 1)"""
    found = CODE_SIZE.search(svg)
    modules = int(found.group(1)) if found else 1
    padding = -modules % 8
    rows, full = [0] * modules, modules + padding
    for left, top, width in RUN.findall(svg):
        run = int(width)
        rows[int(top)] |= (1 << run) - 1 << full - int(left) - run
    digits = full // 4
    return modules, "".join([f"{row:0{digits}x}" for row in rows])


def ink(color: tuple[float, float, float]) -> str:
    """Operator that fills with a colour of sRGB."""
    return " ".join(f"{part:.3f}".rstrip("0").rstrip(".") for part in color) + " rg"


def _round(left: float, low: float, right: float, high: float, upper: float, lower: float) -> str:
    parts = [f"{left + lower:.2f} {low:.2f} m {right - lower:.2f} {low:.2f} l"]
    if lower:
        parts.append(_arc(right - lower, low, right, low, right, low + lower))
    parts.append(f"{right:.2f} {high - upper:.2f} l")
    parts.append(_arc(right, high - upper, right, high, right - upper, high))
    parts.append(f"{left + upper:.2f} {high:.2f} l")
    parts.append(_arc(left + upper, high, left, high, left, high - upper))
    parts.append(f"{left:.2f} {low + lower:.2f} l")
    if lower:
        parts.append(_arc(left, low + lower, left, low, left + lower, low))
    return " ".join(parts) + " h"


def _arc(x: float, y: float, corner_x: float, corner_y: float, to_x: float, to_y: float) -> str:
    """A quarter of a circle around a corner."""
    points = (x + (corner_x - x) * CURVE, y + (corner_y - y) * CURVE)
    ends = (to_x + (corner_x - to_x) * CURVE, to_y + (corner_y - to_y) * CURVE)
    return f"{points[0]:.2f} {points[1]:.2f} {ends[0]:.2f} {ends[1]:.2f} {to_x:.2f} {to_y:.2f} c"
