"""The frame of every letter: running heads, address window, title. As ``report/typst/letter_frame.typ`` sets it."""

from __future__ import annotations

from typing import Any, NamedTuple

from .canvas import Canvas, Style, ink
from .colours import GREY, HAIR, is_light, lighter, parse
from .pdf_file import Picture

Content = dict[str, Any]
LEFT, RIGHT, BOTTOM = 56.69, 549.92, 779.5
WIDTH = RIGHT - LEFT
MM = 2.8346
SMALL = Style(0, 7.5, GREY)


class Theme(NamedTuple):
    """Operators of the colours of the seller."""

    accent: str
    soft: str
    bar: str
    on_accent: str


class Page(NamedTuple):
    canvas: Canvas
    data: Content
    words: dict[str, str]
    theme: Theme


def theme_of(data: Content) -> Theme:
    accent = parse(data["seller"].get("color") or "#0b5f7d")
    return Theme(
        accent=ink(accent),
        soft=ink(lighter(accent, 0.92)),
        bar=ink(lighter(accent, 0.55)),
        on_accent=ink((0, 0, 0) if is_light(accent) else (1, 1, 1)),
    )


def header(page: Page, logo: Picture | None) -> None:
    """Name or logo of the seller, and how to reach him."""
    canvas, seller, theme = page.canvas, page.data["seller"], page.theme
    if logo:
        width, height = logo.size(190, 15 * MM)
        canvas.image(logo.name, LEFT, 61 - height, width, height, seller["name"])
    place = " ".join(part for part in (seller.get("zip"), seller.get("city")) if part)
    rows = [
        ", ".join(part for part in (seller.get("street"), place) if part),
        f"{page.words['phone']} {seller['phone']}" if seller.get("phone") else "",
        " · ".join(part for part in (seller.get("email"), seller.get("website")) if part),
    ]
    found = [row for row in rows if row]
    if not logo:
        strong = Style(1, 15, theme.accent)
        for row in found:
            canvas.beside(seller["name"], strong, row, SMALL, WIDTH - 10)
        canvas.box(LEFT, 40, 4, 15, theme.accent, 1)
        canvas.text(LEFT + 10, 52.2, seller["name"], strong, "")
    if found:
        canvas.text(RIGHT, 60.2 - 9.1 * (len(found) - 1), found, SMALL, "", 1, 9.1)
    canvas.rule(LEFT, 67.4, WIDTH, 1.2, theme.accent)


def next_header(page: Page) -> None:
    """Of the pages after the first."""
    canvas, data = page.canvas, page.data
    style = Style(0, 8, GREY)
    name = " ".join(part for part in (data["title"], data["number"]) if part)
    canvas.beside(data["seller"]["name"], style, name, style, WIDTH)
    canvas.text(LEFT, 61, data["seller"]["name"], style, "")
    canvas.text(RIGHT, 61, name, style, "", 1)
    canvas.rule(LEFT, 67.7, WIDTH, 0.5, HAIR)


def footer(page: Page, number: int = 1, count: int = 1) -> None:
    canvas, seller, words = page.canvas, page.data["seller"], page.words
    style = Style(0, 7, GREY)
    canvas.rule(LEFT, 796.5, WIDTH, 0.5, HAIR)
    parts = [
        seller["name"],
        f"{words['nip']} {seller['vat']}" if seller.get("vat") else "",
        f"{words['regon']} {seller['regon']}" if seller.get("regon") else "",
        seller.get("registry") or "",
    ]
    said, place = "  ·  ".join(part for part in parts if part), f"{words['page']} {number} {words['of']} {count}"
    canvas.beside(said, style, place, style, WIDTH)
    canvas.text(LEFT, 808, said, style, "")
    canvas.text(RIGHT, 808, place, style, "", 1)


def references(page: Page) -> float:
    """Dates and numbers on the left, address window on the right. :return: where the title begins"""
    canvas, data = page.canvas, page.data
    label, value = Style(0, 7.5, GREY), Style(0, 9, "0 g")
    rows = data["references"]
    x = LEFT + 8 + max((canvas.width(name, label) for name, _text in rows), default=0)
    y = 98.2
    if data.get("place_date"):
        canvas.text(LEFT, y, data["place_date"], value)
        y += 18
    for name, text in rows:
        canvas.text(LEFT, y, name, label)
        found = canvas.wrap(text, value, 308.98 - 17 - x)
        canvas.text(x, y, found, value, step=12.9)
        y += 12.9 * len(found)
    recipient = data["recipient"]
    lines = address(recipient, [*recipient.get("lines", ())])
    strong, plain = Style(1, 10.5, "0 g"), Style(0, 10.5, "0 g")
    bottom = block(canvas, 308.98, 126.5, recipient["name"], lines, strong, plain, 240.9, 12.72)
    return max(212.6, y, bottom)


def title(page: Page, y: float) -> float:
    canvas, data = page.canvas, page.data
    style = Style(1, 17, page.theme.accent)
    canvas.text(LEFT, y + 12.1, data["title"], style, "H1")
    x = LEFT + canvas.width(data["title"], style) + 7
    canvas.text(x, y + 12.1, data["number"], Style(0, 13, "0 g"))
    return y + 24.1


def address(party: Content, lines: list[str]) -> list[str]:
    place = " ".join(part for part in (party.get("zip"), party.get("city")) if part)
    return [line for line in (*lines, party.get("street"), place, party.get("country")) if line]


def block(
    canvas: Canvas,
    x: float,
    y: float,
    name: str,
    lines: list[str],
    strong: Style,
    plain: Style,
    room: float,
    step: float,
) -> float:
    """A name and its address. :return: baseline below"""
    head = canvas.wrap(name, strong, room)
    canvas.text(x, y, head, strong, step=step)
    y += step * len(head)
    rest = [line for text in lines for line in canvas.wrap(text, plain, room)]
    if rest:
        canvas.text(x, y, rest, plain, step=step)
    return y + step * len(rest)
