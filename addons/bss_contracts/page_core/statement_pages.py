"""Long statements of settlements, page after page, laid out as ``report/typst/settlement.typ`` does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from .canvas import Canvas, NoRoomError, Style
from .colours import GREY, HAIR
from .fonts import CORE, WIDE, Face, MissingCharacterError, face
from .frame import (
    BOTTOM,
    LEFT,
    RIGHT,
    SMALL,
    WIDTH,
    Content,
    Page,
    footer,
    header,
    next_header,
    references,
    theme_of,
    title,
)
from .pdf_file import Meta, Picture, write_pdf

TOP = 90.7
BODY, STRONG = Style(0, 8, "0 g"), Style(1, 8, "0 g")
LATE, LATE_STRONG = Style(0, 8, "0.643 0.149 0.173 rg"), Style(1, 8.5, "0.643 0.149 0.173 rg")
INSET, STEP, GAP = 3.5, 10.0, 7.0
# of a row, which the page below the head of the table holds
MOST_LINES = 60
# keys and headings of the columns after the first three
WHOLE = (("debit", "debit"), ("credit", "credit"), ("balance", "balance"), ("amount_open", "open"))
OPEN = (("debit", "debit"), ("credit", "credit"), ("amount_open", "open"), ("overdue_days", "overdue_days"))


def statement_pdf(
    data: Content, words: dict[str, str], fonts: Path, day: date | None, logo: Picture | None = None
) -> bytes | None:
    """The file, or None where a letter is asked for that is no list (a confirmation), or written with other letters.

    :param data: of ``report.settlement_letter`` with the frame
    :param words: labels of the frame in the language of the document
    """
    if data["kind"] == "confirmation":
        return None
    for characters in (CORE, WIDE):
        faces = face(fonts / "Roboto-Regular.ttf", characters), face(fonts / "Roboto-Bold.ttf", characters)
        statement = _Statement(data, words, faces, logo)
        try:
            statement.draw()
        except MissingCharacterError:
            continue
        except NoRoomError:
            return None
        name = " ".join(part for part in (data["title"], data["number"]) if part)
        canvases = [page.canvas for page in statement.pages]
        return write_pdf(canvases, Meta(name, data["seller"]["name"], data["lang"], day), logo)
    return None


class _Statement:
    """Rows flow from page to page below the head of the table."""

    def __init__(self, data: Content, words: dict[str, str], faces: tuple[Face, Face], logo: Picture | None) -> None:
        self.data, self.words, self.faces, self.logo = data, words, faces, logo
        self.say: dict[str, str] = data["words"]
        self.whole = data["kind"] == "movements"
        self.theme = theme_of(data)
        self.numbers = WHOLE if self.whole else OPEN
        self.pages: list[Page] = []

    def draw(self) -> None:
        page = self._page()
        header(page, self.logo)
        y = self._summary(self._facts(title(page, references(page))))
        if not self.data["rows"]:
            page.canvas.text(LEFT, y + 8, self.say["nothing"], Style(0, 9, "0 g"))
            y += 12
        else:
            y = self._table(y)
        self._ending(y)
        for number, one in enumerate(self.pages, 1):
            footer(one, number, len(self.pages))

    def _page(self) -> Page:
        page = Page(Canvas(self.faces), self.data, self.words, self.theme)
        if self.pages:
            next_header(page)
        self.pages.append(page)
        return page

    @property
    def canvas(self) -> Canvas:
        """Of the page that is drawn on."""
        return self.pages[-1].canvas

    # --- above the table

    def _pairs(self, rows: list[tuple[str, str, Style]], y: float) -> float:
        x = LEFT + 8 + max(self.canvas.width(label, SMALL) for label, _value, _style in rows)
        for label, value, style in rows:
            self.canvas.text(LEFT, y + 6.4, label, SMALL)
            self.canvas.text(x, y + 6.4, value, style)
            y += 11.8
        return y

    def _facts(self, y: float) -> float:
        strong = Style(1, 9, "0 g")
        span = (
            (self.say["period"], self.data["period"])
            if self.data["period"]
            else (self.say["as_of"], self.data["as_of"])
        )
        return self._pairs([(*span, strong), (self.say["currency"], self.data["currency"], strong)], y) + 3

    def _summary(self, y: float) -> float:
        """Sums of the statement in a shaded box."""
        data, say, canvas = self.data, self.say, self.canvas
        places = [LEFT + 10 + place * (WIDTH - 19) / 4.3 for place in range(4)]
        x = places[3] if self.whole else places[0]
        below = [data["verdict"].lower()] if self.whole else []
        if data["in_words"]:
            room = (RIGHT - 9 if self.whole else places[2] - 9) - x
            below += canvas.wrap(f"{say['in_words']}: {data['in_words']}", SMALL, room)
        height = 46 + 8.5 * max(len(below) - 1, 0)
        canvas.box(LEFT, y, WIDTH, height, self.theme.soft, 3)
        canvas.box(LEFT, y, 2.5, height, self.theme.accent)
        small, plain, big = Style(0, 7, GREY, 0.4), Style(0, 11, "0 g"), Style(1, 14, self.theme.accent)
        if self.whole:
            for left, name in zip(places, ("opening", "debit", "credit"), strict=False):
                canvas.text(left, y + 15, say[name].upper(), small)
                canvas.text(left, y + 29, data[name], plain)
        canvas.text(x, y + 15, (say["closing"] if self.whole else data["verdict"]).upper(), small)
        canvas.text(x, y + 31, data["closing_money"], big)
        if below:
            canvas.text(x, y + 41, below, SMALL, step=8.5)
        if not self.whole:
            self._dues(places[2], y)
        return y + height + 12

    def _dues(self, x: float, y: float) -> None:
        data, say, canvas = self.data, self.say, self.canvas
        small = Style(0, 7, GREY, 0.4)
        if data["overdue"]:
            canvas.text(x, y + 15, say["overdue"].upper(), small)
            canvas.text(x + 110, y + 15, data["overdue"], LATE_STRONG)
        if data["nrb"]:
            canvas.text(x, y + 27, say["pay_to"].upper(), small)
            canvas.text(x, y + 38, data["nrb"], STRONG)

    # --- table

    def _edges(self) -> list[tuple[float, float]]:
        """(left edge, room) of each column; of the numbers the right edge counts. As wide as their widest text."""
        rows, canvas = self.data["rows"], self.canvas

        def wide(key: str, heading: str, *more: str) -> float:
            longest = {row[key] for row in rows} | set(more)
            return GAP + max([canvas.width(text, STRONG) for text in longest] + [canvas.width(heading, SMALL)])

        day = wide("day", self.say["date"], self.data["opening_day"])
        due = wide("due", self.say["due"])
        totals = {"debit": "debit", "credit": "credit", "balance": "closing", "amount_open": "amount_open"}
        numbers = [
            wide(key, self.say[heading], self.data[totals[key]] if key in totals else "")
            for key, heading in self.numbers
        ]
        rooms = [day, WIDTH - day - due - sum(numbers), due, *numbers]
        edges, x = [], LEFT
        for room in rooms:
            edges.append((x, room))
            x += room
        return edges

    def _table(self, y: float) -> float:
        self.edges = self._edges()
        y = self._head(y)
        data, say = self.data, self.say
        if data["opening_day"]:
            values = {"balance": data["opening"], "amount_open": data["opening_open"]}
            y = self._row(y, data["opening_day"], [(say["opening"], STRONG)], "", values, BODY, BODY)
        for row in data["rows"]:
            late = LATE if row["overdue_days"] else BODY
            y = self._row(y, row["day"], self._document(row), row["due"], row, BODY, late)
        sums = {name: data[name] for name in ("debit", "credit", "amount_open")} | {"balance": data["closing"]}
        y = self._row(y, "", [(say["total"], STRONG)], "", sums, STRONG, STRONG)
        self.canvas.end()
        return y

    def _head(self, y: float) -> float:
        canvas = self.canvas
        canvas.begin("Table")
        canvas.begin("TR")
        headings = [self.say[name] for name in ("date", "document", "due")] + [
            self.say[name] for _key, name in self.numbers
        ]
        for place, ((x, room), heading) in enumerate(zip(self.edges, headings, strict=True)):
            canvas.text(*self._at(place, x, room, y + INSET + 5.4), heading, SMALL, "TH", float(place > 2))
        canvas.end()
        canvas.rule(LEFT, y + 12.2, WIDTH, 1, self.theme.accent)
        return y + 13

    @staticmethod
    def _at(place: int, x: float, room: float, y: float) -> tuple[float, float]:
        return (x + room - INSET, y) if place > 2 else (x + INSET, y)

    def _document(self, row: Content) -> list[tuple[str, Style]]:
        """Number, kind and account of a movement, and what settled it."""
        small = [row["kind"]] if row["number"] else []
        small += [row["account"]] if row["account"] else []
        said = [(row["number"] or row["kind"], STRONG)]
        if small:
            said.append((" · ".join(small), SMALL))
        if self.whole and row["links"]:
            said.append((f"{self.say['settled_with']}: {row['links']}", SMALL))
        room = self.edges[1][1] - GAP
        return [(line, style) for text, style in said for line in self.canvas.wrap(text, style, room)]

    def _row(
        self, y: float, day: str, lines: list[tuple[str, Style]], due: str, values: Content, style: Style, late: Style
    ) -> float:
        """:return: lower edge; the row may have gone to the next page"""
        if len(lines) > MOST_LINES:
            y = self._row(y, day, lines[:MOST_LINES], due, values, style, late)
            return self._row(y, "", lines[MOST_LINES:], "", {}, style, late)
        height = 2 * INSET + 5.7 + STEP * (len(lines) - 1)
        if y + height > BOTTOM:
            self.canvas.end()
            self._page()
            y = self._head(TOP)
        canvas, base = self.canvas, y + INSET + 5.7
        canvas.begin("TR")
        if day:
            canvas.text(self.edges[0][0] + INSET, base, day, style, "TD")
        canvas.begin("TD")
        for number, (line, own) in enumerate(lines):
            canvas.text(self.edges[1][0] + INSET, base + STEP * number, line, own)
        canvas.end()
        if due:
            canvas.text(self.edges[2][0] + INSET, base, due, late, "TD")
        for (x, room), (key, _heading) in zip(self.edges[3:], self.numbers, strict=True):
            text = values.get(key) or ""
            if text:
                own = late if key in ("amount_open", "overdue_days") else style
                canvas.text(x + room - INSET, base, text, own, "TD", 1)
        canvas.end()
        canvas.rule(LEFT, y + height - 0.25, WIDTH, 0.5, HAIR)
        return y + height

    def _ending(self, y: float) -> None:
        """What of a statement of movements is late, and where to pay."""
        data, say = self.data, self.say
        rows = [(say["overdue"], data["overdue"], LATE_STRONG)] if data["overdue"] else []
        rows += [(say["pay_to"], data["nrb"], Style(1, 9, "0 g"))] if data["nrb"] else []
        if not (self.whole and rows):
            return
        if y + 36 > BOTTOM:
            self._page()
            y = TOP
        self._pairs(rows, y + 10)
