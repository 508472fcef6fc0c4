"""An ordinary invoice on one page, laid out as ``report/typst/invoice.typ`` does; content of ``document_core.invoice``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from .canvas import Canvas, NoRoomError, Style
from .colours import GREY
from .fonts import CORE, WIDE, MissingCharacterError, face
from .frame import BOTTOM, LEFT, RIGHT, Content, Page, address, block, footer, header, references, theme_of, title
from .invoice_parts import chart, lines_table, payment, sums, usage_table
from .pdf_file import Meta, Picture, write_pdf

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
            fits = _draw(Page(canvas, data, words, theme_of(data)), logo)
        except MissingCharacterError:
            continue
        except NoRoomError:
            return None
        name = " ".join(part for part in (data["title"], data["number"]) if part)
        meta = Meta(name, data["seller"]["name"], data["lang"], day)
        return write_pdf([canvas], meta, logo) if fits else None
    return None


def _draw(page: Page, logo: Picture | None) -> bool:
    """:return: whether all of it is on the page"""
    header(page, logo)
    y = title(page, references(page))
    y = _parties(page, y)
    y = lines_table(page, y + 15)
    y = sums(page, y + 10)
    y = payment(page, y)
    y = chart(page, y)
    y = _message(page, y)
    y = usage_table(page, y)
    footer(page)
    return y <= BOTTOM


def _parties(page: Page, y: float) -> float:
    """Seller, buyer and what is to pay. :return: lower edge"""
    canvas, data, words = page.canvas, page.data, page.words
    strong, plain, room = Style(1, 9, "0 g"), Style(0, 9, "0 g"), 150.2
    bottom = y
    for x, label, party in ((LEFT, "seller", data["seller"]), (229.6, "buyer", data["buyer"])):
        canvas.text(x, y + 5, words[label].upper(), Style(0, 7, GREY, 0.4))
        lines = address(party, [])
        if party.get("vat"):
            lines.append(f"{words['nip']} {party['vat']}")
        bottom = max(bottom, block(canvas, x, y + 18.7, party["name"], lines, strong, plain, room, 10.9) - 10.9)
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
    for text, style, _step in rows:
        canvas.beside(text, style, "", small, 147.4 - 11)
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
