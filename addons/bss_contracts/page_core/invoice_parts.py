"""Parts of the page of an invoice, from its head to its foot. Each begins at ``y`` and says where it ends."""

from typing import NamedTuple

from .canvas import Canvas, Style
from .colours import GREY, HAIR
from .frame import LEFT, MM, RIGHT, SMALL, WIDTH, Content, Page

BODY = Style(0, 8.5, "0 g")
STRONG = Style(1, 8.5, "0 g")
LABEL_STEP = 12.9
CAP = 0.711  # height of a capital letter, of the size
STEP = 1.311  # from line to line, of the size


# --- tables


class Column(NamedTuple):
    """``align``: 0 left, 1 right."""

    x: float
    width: float
    align: float


def columns(x: float, widths: list[float], aligns: str) -> list[Column]:
    """Side by side from ``x`` on; ``aligns``: a letter for each, l or r."""
    found = []
    for width, align in zip(widths, aligns, strict=True):
        found.append(Column(x, width, float(align == "r")))
        x += width
    return found


def _head(page: Page, places: list[Column], labels: list[str], y: float) -> float:
    """Labels of the columns above a rule of the colour of the seller."""
    canvas = page.canvas
    canvas.begin("TR")
    for place, label in zip(places, labels, strict=True):
        if label:
            canvas.text(_edge(place), y + 9, label, SMALL, "TH", place.align)
    canvas.end()
    first, last = places[0], places[-1]
    canvas.rule(first.x, y + 12.2, last.x + last.width - first.x, 1, page.theme.accent)
    return y + 12.7


def _edge(place: Column) -> float:
    return place.x + place.width - 4 if place.align else place.x + 4


def _row(
    page: Page, places: list[Column], texts: list[str], y: float, inset: float = 3.7, style: Style = BODY
) -> float:
    """A row as high as its highest cell, above a hairline."""
    canvas, step, highest = page.canvas, style.size * STEP, 1
    canvas.begin("TR")
    baseline = y + inset + style.size * CAP
    for place, text in zip(places, texts, strict=True):
        lines = canvas.wrap(text, style, place.width - 8)
        highest = max(highest, len(lines))
        canvas.text(_edge(place), baseline, lines, style, "TD", place.align, step)
    canvas.end()
    bottom = baseline + step * (highest - 1) + inset
    first, last = places[0], places[-1]
    canvas.rule(first.x, bottom - 0.25, last.x + last.width - first.x, 0.5, HAIR)
    return bottom


def _widest(canvas: Canvas, texts: list[str], style: Style) -> float:
    return max((canvas.width(text, style) for text in texts), default=0)


def lines_table(page: Page, y: float) -> float:
    """What is invoiced."""
    canvas, words = page.canvas, page.words
    rows = page.data["lines"]
    own = [row for row in rows if not row.get("section")]
    period = max(_widest(canvas, [row["period"] for row in own], BODY), canvas.width(words["line_period"], SMALL)) + 8
    fixed = [8 * MM, 0, period, 11 * MM, 9 * MM, 17 * MM, 11 * MM, 18 * MM]
    fixed[1] = WIDTH - sum(fixed)
    places = columns(LEFT, fixed, "rllrlrrr")
    names = ("position", "item", "line_period", "quantity", "unit", "price", "vat_rate", "net")
    canvas.begin("Table")
    y = _head(page, places, [words[name] for name in names], y)
    keys = ("name", "period", "quantity", "unit", "price", "vat_rate", "net")
    for row in rows:
        if row.get("section"):
            y = _row(page, columns(LEFT, [WIDTH], "l"), [row["name"]], y + 2, 3.3, STRONG)
        else:
            y = _row(page, places, [str(row["no"]), *(row[key] for key in keys)], y)
    canvas.end()
    return y


def sums(page: Page, y: float) -> float:
    """The amount in words with the notes, beside the sums by rate."""
    canvas, data, words = page.canvas, page.data, page.words
    table = columns(RIGHT - 89 * MM, [17 * MM, 25 * MM, 22 * MM, 25 * MM], "lrrr")
    canvas.text(LEFT, y + 5, words["in_words"].upper(), Style(0, 7, GREY, 0.4))
    room = table[0].x - LEFT - 28
    found = canvas.wrap(data["totals"]["words"], BODY, room)
    canvas.text(LEFT, y + 18, found, BODY, step=11.1)
    left = y + 18 + 11.1 * (len(found) - 1)
    for note in data.get("notes", ()):
        lines = canvas.wrap(note, SMALL, room)
        canvas.text(LEFT, left + 12, lines, SMALL, step=9.8)
        left += 12 + 9.8 * (len(lines) - 1)
    canvas.begin("Table")
    right = _head(page, table, [words[name] for name in ("rate", "net", "vat", "gross")], y)
    for tax in data["taxes"]:
        right = _row(page, table, [tax[name] for name in ("rate", "net", "vat", "gross")], right)
    totals = data["totals"]
    canvas.box(table[0].x, right, 89 * MM, 13.4, page.theme.soft)
    right = _row(page, table, [words["total"], totals["net"], totals["vat"], totals["gross"]], right, style=STRONG)
    canvas.end()
    return max(left, right)


# --- payment and KSeF


def payment(page: Page, y: float) -> float:
    """How to pay, and the code that shows the invoice in KSeF."""
    canvas, words = page.canvas, page.words
    pay, ksef = page.data["payment"], page.data["ksef"] or {}
    coded = bool(ksef.get("qr_svg"))
    if not (pay or coded):
        return y
    top = y + 12
    x, room = LEFT + 9, WIDTH - 18 - 52 * MM - 5 * MM
    rows, text, under = [], [], []
    if pay:
        if pay.get("qr_svg"):
            x, room = x + 30 * MM + 10, room - 30 * MM - 10
            under = canvas.wrap(
                words["scan_pay"] + (f". {words['type_amount']}" if pay.get("amount_open") else ""), SMALL, 30 * MM
            )
        text = canvas.wrap(pay["text"], BODY, room) if pay.get("text") else []
        if pay.get("nrb"):
            named = (
                ("receiver", "receiver"),
                ("bank_account", "nrb"),
                ("bank", "bank"),
                ("amount", "amount"),
                ("title", "title"),
            )
            rows = [(words[label], pay[name]) for label, name in named if pay.get(name)]
    label_width = _widest(canvas, [label for label, _value in rows], SMALL) + 8
    values = [(label, canvas.wrap(value, BODY, room - label_width)) for label, value in rows]
    said = 13 + 11.1 * len(text) + LABEL_STEP * sum(len(value) for _label, value in values)
    codes = 27 * MM + 9.8 * max(len(under), 2 * coded) + 2
    height = 14 + max(said, codes if under or coded else 0)
    canvas.box(LEFT, top, WIDTH, height, page.theme.soft, 4)
    if pay:
        _pay_words(page, pay, (x, top), text, values, label_width)
        if under:
            canvas.code(pay["qr_svg"], LEFT + 9 + 1.5 * MM, top + 7, 27 * MM)
            canvas.text(LEFT + 9 + 15 * MM, top + 7 + 27 * MM + 8, under, SMALL, "Caption", 0.5, 9.8)
    if coded:
        middle = RIGHT - 9 - 26 * MM
        canvas.code(ksef["qr_svg"], middle - 13.5 * MM, top + 7, 27 * MM)
        canvas.text(middle, top + 7 + 27 * MM + 8, words["ksef_scan"], SMALL, "Caption", 0.5)
        canvas.text(middle, top + 7 + 27 * MM + 17.5, ksef["label"], Style(0, 6.5, "0 g"), "P", 0.5)
    return top + height


def _pay_words(
    page: Page,
    pay: Content,
    at: tuple[float, float],
    text: list[str],
    rows: list[tuple[str, list[str]]],
    label_width: float,
) -> None:
    canvas, (x, top) = page.canvas, at
    baseline = top + 13
    canvas.text(x, baseline, pay["heading"], Style(1, 8.5, page.theme.accent), "H2")
    if text:
        canvas.text(x, baseline + 11.1, text, BODY, step=11.1)
        baseline += 11.1 * len(text)
    baseline += 4
    for label, value in rows:
        baseline += LABEL_STEP
        canvas.text(x, baseline, label, SMALL)
        canvas.text(x + label_width, baseline, value, BODY, step=LABEL_STEP)
        baseline += LABEL_STEP * (len(value) - 1)


# --- account and months before


def chart(page: Page, y: float) -> float:
    """The balance of the account, and bars of the last months."""
    balance, months = page.data.get("balance") or [], page.data.get("history") or []
    if not (balance or months):
        return y
    top = y + 10
    ends = [y]
    half = (WIDTH - 10 * MM) / 2
    if balance:
        ends.append(_balance(page, balance, top, half if months else 82 * MM))
    if months:
        x, width = (LEFT + half + 10 * MM, half) if balance else (LEFT, 100 * MM)
        ends.append(_months(page, months, (x, top), width))
    return max(ends)


def heading(page: Page, x: float, y: float, text: str) -> float:
    page.canvas.text(x, y + 7.5, text, Style(1, 10.5, page.theme.accent), "H2")
    return y + 13.5


def _balance(page: Page, rows: list[list[str]], y: float, width: float) -> float:
    canvas = page.canvas
    y = heading(page, LEFT, y, page.words["balance_title"]) - 5
    for label, value in rows:
        y += LABEL_STEP
        canvas.beside(label, SMALL, value, BODY, width)
        canvas.text(LEFT, y, label, SMALL)
        canvas.text(LEFT + width, y, value, BODY, "P", 1)
    return y + 2


def _months(page: Page, months: list[Content], at: tuple[float, float], width: float) -> float:
    canvas, (left, y), tall = page.canvas, at, 12 * MM
    y = heading(page, left, y, page.words["history_title"])
    each = width / len(months)
    for place, month in enumerate(months):
        x, high = left + each * place, tall * month["share"] / 100 + 1
        last = place == len(months) - 1
        canvas.box(
            x + 2,
            y + 10 + tall - high,
            each - 4,
            high,
            page.theme.accent if last else page.theme.bar,
            1 if high > 2 else 0,
            top=True,
        )
        canvas.text(x + each / 2, y + 7 + tall - high, month["amount"], Style(0, 6.5, "0 g"), "P", 0.5)
        canvas.text(x + each / 2, y + 18.5 + tall, month["label"], Style(0, 6.5, GREY), "P", 0.5)
    return y + tall + 22


# --- usage


def usage_table(page: Page, y: float) -> float:
    """Use of the services by direction, with bars of the amounts."""
    canvas, words, rows = page.canvas, page.words, page.data.get("usage") or []
    if not rows:
        return y
    y = heading(page, LEFT, y + 10, words["usage_title"])
    names = ("service", "zone", "count", "duration", "amount")
    labels = {name: words[f"usage_{name}"] for name in names}
    wide = {
        name: max(_widest(canvas, [row[name] for row in rows], BODY), canvas.width(labels[name], SMALL)) + 8
        for name in names
    }
    widths = [wide["service"], 0, wide["count"], wide["duration"], 26 * MM, wide["amount"]]
    widths[1] = WIDTH - sum(widths)
    places = columns(LEFT, widths, "llrrlr")
    canvas.begin("Table")
    y = _head(page, places, [*(labels[name] for name in names[:4]), "", labels["amount"]], y)
    bars = places[4]
    for row in rows:
        share = row.get("share", 0)
        if share:
            canvas.box(bars.x + 4, y + 3.8, (bars.width - 8) * share / 100, 4.5, page.theme.bar, 1)
        y = _row(page, places, [*(row[name] for name in names[:4]), "", row["amount"]], y, 3)
    canvas.end()
    return y
