"""An ordinary invoice on one page, laid out as ``report/typst/invoice.typ`` does; content of ``document_core.invoice``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from .canvas import Canvas, Style, ink
from .colours import GREY, is_light, lighter, parse
from .fonts import CORE, WIDE, MissingCharacterError, face
from .invoice_parts import Page, Theme, chart, footer, header, lines_table, payment, sums, usage_table
from .pdf_file import Meta, Picture, write_pdf

Content = dict[str, Any]
LEFT, RIGHT, BOTTOM = 56.69, 549.92, 779.5
# content that only corrections and drafts have
SPECIAL = ("corrected", "states", "buyer_before", "watermark")


def invoice_pdf(
    data: Content, words: dict[str, str], fonts: Path, day: date | None, logo: Picture | None = None
) -> bytes | None:
    """The file, or None when the invoice is not an ordinary one that fits on a page.

    :param data: with the codes drawn
    :param words: labels in the language of the document
    :param fonts: folder of the faces
    :param day: day of issue; the same content of the same day gives the same bytes
    :param logo: image of the resources instead of the name of the seller
    """
    if any(data.get(name) for name in SPECIAL):
        return None
    for characters in (CORE, WIDE):
        faces = face(fonts / "Roboto-Regular.ttf", characters), face(fonts / "Roboto-Bold.ttf", characters)
        canvas = Canvas(faces)
        try:
            fits = _draw(Page(canvas, data, words, _theme(data)), logo)
        except MissingCharacterError:
            continue
        title = " ".join(part for part in (data["title"], data["number"]) if part)
        meta = Meta(title, data["seller"]["name"], data["lang"], day)
        return write_pdf(canvas, meta, logo) if fits else None
    return None


def _theme(data: Content) -> Theme:
    accent = parse(data["seller"].get("color") or "#0b5f7d")
    return Theme(
        accent=ink(accent),
        soft=ink(lighter(accent, 0.92)),
        bar=ink(lighter(accent, 0.55)),
        on_accent=ink((0, 0, 0) if is_light(accent) else (1, 1, 1)),
    )


def _draw(page: Page, logo: Picture | None) -> bool:
    """:return: whether all of it is on the page"""
    header(page, logo)
    y = _title(page, _references(page))
    y = _parties(page, y)
    y = lines_table(page, y + 15)
    y = sums(page, y + 10)
    y = payment(page, y)
    y = chart(page, y)
    y = _message(page, y)
    y = usage_table(page, y)
    footer(page)
    return y <= BOTTOM


def _references(page: Page) -> float:
    """Dates and numbers on the left, address window on the right. :return: where the title begins"""
    canvas, data = page.canvas, page.data
    label, value = Style(0, 7.5, GREY), Style(0, 9, "0 g")
    rows = data["references"]
    x = LEFT + 8 + max((canvas.width(name, label) for name, _text in rows), default=0)
    y = 98.2
    for name, text in rows:
        canvas.text(LEFT, y, name, label)
        found = canvas.wrap(text, value, 308.98 - 17 - x)
        canvas.text(x, y, found, value, step=12.9)
        y += 12.9 * len(found)
    recipient = data["recipient"]
    lines = _address(recipient, [*recipient.get("lines", ())])
    strong, plain = Style(1, 10.5, "0 g"), Style(0, 10.5, "0 g")
    bottom = _block(canvas, 308.98, 126.5, recipient["name"], lines, strong, plain, 240.9, 12.72)
    return max(212.6, y, bottom)


def _title(page: Page, y: float) -> float:
    canvas, data = page.canvas, page.data
    style = Style(1, 17, page.theme.accent)
    canvas.text(LEFT, y + 12.1, data["title"], style, "H1")
    x = LEFT + canvas.width(data["title"], style) + 7
    canvas.text(x, y + 12.1, data["number"], Style(0, 13, "0 g"))
    return y + 24.1


def _address(party: Content, lines: list[str]) -> list[str]:
    place = " ".join(part for part in (party.get("zip"), party.get("city")) if part)
    return [line for line in (*lines, party.get("street"), place, party.get("country")) if line]


def _block(
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


def _parties(page: Page, y: float) -> float:
    """Seller, buyer and what is to pay. :return: lower edge"""
    canvas, data, words = page.canvas, page.data, page.words
    strong, plain, room = Style(1, 9, "0 g"), Style(0, 9, "0 g"), 150.2
    bottom = y
    for x, label, party in ((LEFT, "seller", data["seller"]), (229.6, "buyer", data["buyer"])):
        canvas.text(x, y + 5, words[label].upper(), Style(0, 7, GREY, 0.4))
        lines = _address(party, [])
        if party.get("vat"):
            lines.append(f"{words['nip']} {party['vat']}")
        bottom = max(bottom, _block(canvas, x, y + 18.7, party["name"], lines, strong, plain, room, 10.9) - 10.9)
    return max(bottom, _amount(page, y))


def _amount(page: Page, y: float) -> float:
    canvas, words, totals = page.canvas, page.words, page.data["totals"]
    light = page.theme.on_accent
    returned = totals.get("returned") or ""
    given_back = bool(returned) and returned == totals["due"]
    head = "to_give_back" if given_back else "to_return" if totals["negative"] else "to_pay"
    rows = [(words[head], Style(0, 7.5, light), 12.9), (totals["due"], Style(1, 18, light), 19.2)]
    small = Style(0, 8, light)
    due, pay = page.data["dates"].get("due"), page.data["payment"] or {}
    if returned and not given_back:
        rows.append((f"{words['of_which_returned']} {returned}", small, 11.2))
    if due and not totals["negative"] and pay.get("nrb"):
        rows.append((f"{words['until']} {due}", small, 11.2))
    height = sum(step for _text, _style, step in rows) + 9.2
    canvas.box(402.5, y, 147.4, height, page.theme.accent, 4)
    baseline = y + 1.5
    for text, style, step in rows:
        baseline += step
        canvas.text(413.5, baseline, text, style)
    return y + height


def _message(page: Page, y: float) -> float:
    message = page.data.get("message")
    if not message:
        return y
    style = Style(0, 8.5, "0 g")
    found = page.canvas.wrap(message, style, RIGHT - LEFT - 20)
    top = y + 12
    page.canvas.box(LEFT, top, 2.5, 8 + 6 + 11.1 * (len(found) - 1), page.theme.accent)
    page.canvas.text(LEFT + 10, top + 10, found, style, step=11.1)
    return top + 14 + 11.1 * (len(found) - 1)
