"""Text of a document, written in HTML by people and templates, as plain data for the letter frame.

The subset: ``h1`` – ``h6``, paragraphs (``p``, ``div`` and the like), ``b``/``strong``, ``i``/``em``, ``u``, ``small``, ``br``,
``pre``, ``ul``/``ol`` (nested, ``start``), ``table`` with header rows, ``colspan``, alignment and widths of columns, ``hr``, links as
text with their address, page breaks (class ``page-break`` or the style of that name), blocks kept on one page (class ``keep``)
signature lines (class ``signatures``: one line per block inside) and codes that the printer knows (class ``code``, its name in
``title``). Other tags keep their text; scripts and styles are dropped.
Nodes are data: whoever prints them sets their text as text, so nothing in it can become markup.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypedDict

from .html_tree import BLOCKS, HEADINGS, Element, parse

MAX_NESTED = 5  # lists and tables inside each other: what a page can show
MAX_COLUMNS = 16

INLINE_STYLE = {
    "b": "b",
    "strong": "b",
    "th": "b",
    "i": "i",
    "em": "i",
    "cite": "i",
    "u": "u",
    "ins": "u",
    "small": "small",
}
SPACES = re.compile(r"[ \t\n\r\f]+")
ALIGNMENTS = {
    "left": "left",
    "start": "left",
    "right": "right",
    "end": "right",
    "center": "center",
    "justify": "justify",
}
ALIGN_CLASS = re.compile(r"(?:^|\s)text-(start|left|center|end|right|justify)(?:\s|$)")
ALIGN_STYLE = re.compile(r"text-align\s*:\s*(start|left|center|end|right|justify)")
WIDTH_STYLE = re.compile(r"(?:^|[;\s])width\s*:\s*(\d{1,3})(?:\.\d+)?%")
WIDTH_CLASS = re.compile(r"(?:^|\s)w-(25|50|75|100)(?:\s|$)")
BREAK_BEFORE = re.compile(r"(?:page-)?break-before\s*:\s*(?:always|page)")
BREAK_AFTER = re.compile(r"(?:page-)?break-after\s*:\s*(?:always|page)")


class Run(TypedDict, total=False):
    """Text of one style, or a line break (``br``)."""

    text: str
    b: bool
    i: bool
    u: bool
    small: bool
    br: bool


class Cell(TypedDict):
    blocks: list["Node"]
    span: int
    align: str


class Column(TypedDict):
    align: str
    width: int  # per cent of the table, 0 = as the contents need


class Node(TypedDict, total=False):
    """``t`` says which: p, h, list, table, hr, page, keep, sign, code; the rest belongs to some of them."""

    t: str
    name: str
    align: str
    level: int
    runs: list[Run]
    ordered: bool
    start: int
    items: list[list["Node"]]
    columns: list[Column]
    head: list[list[Cell]]
    rows: list[list[Cell]]
    blocks: list["Node"]
    parties: list[list["Node"]]


@dataclass(frozen=True)
class _Style:
    """What a piece of text takes over from the elements around it."""

    b: bool = False
    i: bool = False
    u: bool = False
    small: bool = False
    pre: bool = False
    align: str = ""
    nested: int = 0


def html_nodes(html: str) -> list[Node]:
    """Blocks of ``html`` from top to bottom; anything at all is accepted, nothing raises."""
    return _blocks(parse(html).children, _Style())


def plain_text(nodes: list[Node]) -> str:
    """The words of the nodes, one line per block or line break."""
    return "\n".join(_lines(nodes))


def take_title(nodes: list[Node]) -> tuple[str, list[Node]]:
    """(text of a level-1 heading at the very top, the nodes after it), or ("", all nodes)."""
    if nodes and nodes[0]["t"] == "h" and nodes[0]["level"] == 1:
        return " ".join(plain_text(nodes[:1]).split()), nodes[1:]
    return "", nodes


def _lines(nodes: list[Node]) -> list[str]:
    lines: list[str] = []
    for node in nodes:
        if "runs" in node:
            lines += "".join("\n" if run.get("br") else run["text"] for run in node["runs"]).split("\n")
        for blocks in (*node.get("items", ()), *node.get("parties", ()), node.get("blocks", [])):
            lines += _lines(blocks)
        for row in (*node.get("head", ()), *node.get("rows", ())):
            for cell in row:
                lines += _lines(cell["blocks"])
    return lines


class _Writer:
    """Collects runs into paragraphs and paragraphs into blocks."""

    def __init__(self, kind: Node) -> None:
        self.blocks: list[Node] = []
        self._kind = kind
        self._runs: list[Run] = []
        self._align = ""

    def text(self, text: str, style: _Style) -> None:
        if style.pre:
            for number, line in enumerate(text.replace("\r\n", "\n").replace("\f", "\n").split("\n")):
                if number:
                    self.line_break(style)
                self._add(line.replace("\t", " " * 4).replace("\r", "").replace(" ", "\u00a0"), style)
        else:
            self._add(SPACES.sub(" ", text), style)

    def line_break(self, style: _Style) -> None:
        self._align = self._align or style.align
        self._runs.append({"br": True})

    def block(self, node: Node) -> None:
        self.end_paragraph()
        self.blocks.append(node)

    def end_paragraph(self) -> None:
        runs, self._runs = _trimmed(self._runs), []
        align, self._align = self._align, ""
        if runs:
            self.blocks.append({**self._kind, "align": align or "left", "runs": runs})

    def _add(self, text: str, style: _Style) -> None:
        if not text:
            return
        self._align = self._align or style.align
        run: Run = {"text": text}
        if style.b:
            run["b"] = True
        if style.i:
            run["i"] = True
        if style.u:
            run["u"] = True
        if style.small:
            run["small"] = True
        self._runs.append(run)


def _trimmed(runs: list[Run]) -> list[Run]:
    """One space between words, none at the ends of lines, no empty lines at the ends of the paragraph."""
    result: list[Run] = []
    at_start = True
    for run in runs:
        if run.get("br"):
            _strip_end(result)
            result.append(run)
            at_start = True
            continue
        text = run["text"].lstrip(" ") if at_start else run["text"]
        if text:
            at_start = text.endswith(" ")
            result.append({**run, "text": text})
    _strip_end(result)
    while result and result[0].get("br"):
        result.pop(0)
    while result and result[-1].get("br"):
        result.pop()
        _strip_end(result)
    return result


def _strip_end(runs: list[Run]) -> None:
    while runs and not runs[-1].get("br"):
        text = runs[-1]["text"].rstrip(" ")
        if text:
            runs[-1] = {**runs[-1], "text": text}
            return
        runs.pop()


def _blocks(children: list[Element | str], style: _Style, kind: Node | None = None) -> list[Node]:
    writer = _Writer(kind or {"t": "p"})
    _write(writer, children, style)
    writer.end_paragraph()
    return writer.blocks


def _write(writer: _Writer, children: list[Element | str], style: _Style) -> None:
    for child in children:
        if isinstance(child, str):
            writer.text(child, style)
        elif child.tag == "br":
            writer.line_break(style)
        elif child.tag in BLOCKS or child.tag in HEADINGS or child.tag in {"ul", "ol", "table", "hr"}:
            _write_block(writer, child, _styled(style, child))
        else:
            _write_inline(writer, child, _styled(style, child))


def _write_inline(writer: _Writer, element: Element, style: _Style) -> None:
    _write(writer, element.children, style)
    address = element.attrs.get("href", "") if element.tag == "a" else ""
    if address.startswith(("http://", "https://")) and address not in _words(element):
        writer.text(f" ({address})", style)


def _words(element: Element) -> str:
    return "".join(child if isinstance(child, str) else _words(child) for child in element.children)


def _write_block(writer: _Writer, element: Element, style: _Style) -> None:
    writer.end_paragraph()
    css = element.attrs.get("style", "").lower()
    marked = element.has_class("page-break")
    on_page = not style.nested  # nothing breaks a page from inside a table, a list or a block that stays together
    if on_page and (marked or BREAK_BEFORE.search(css)) and writer.blocks:
        writer.block({"t": "page"})
    if element.tag == "hr":
        if not marked:
            writer.block({"t": "hr"})
    elif element.tag in HEADINGS:
        writer.blocks += _blocks(element.children, style, {"t": "h", "level": HEADINGS[element.tag]})
    elif style.nested < MAX_NESTED and (node := _container(element)):
        writer.blocks += node(element, replace(style, nested=style.nested + 1))
    else:
        _write(writer, element.children, style)
        writer.end_paragraph()
    if on_page and BREAK_AFTER.search(css):
        writer.block({"t": "page"})


def _container(element: Element) -> Callable[[Element, _Style], list[Node]] | None:
    if element.tag == "table":
        return _table
    if element.tag in {"ul", "ol"}:
        return _list
    if element.has_class("signatures"):
        return _signatures
    if element.has_class("code"):
        return _code
    return _kept if element.has_class("keep") else None


def _signatures(element: Element, style: _Style) -> list[Node]:
    parties = [blocks for child in element.children if (blocks := _blocks([child], style))]
    if not parties:
        return []
    # more than three lines do not fit side by side: what is more belongs to the last
    head, tail = parties[:3], parties[3:]
    head[-1] += [block for party in tail for block in party]
    return [{"t": "sign", "parties": head}]


def _code(element: Element, _style: _Style) -> list[Node]:
    return [{"t": "code", "name": element.attrs.get("title", "")}]


def _kept(element: Element, style: _Style) -> list[Node]:
    blocks = _blocks(element.children, style)
    return [{"t": "keep", "blocks": blocks}] if blocks else []


def _styled(style: _Style, element: Element) -> _Style:
    changes: dict[str, bool] = {}
    if element.tag in INLINE_STYLE:
        changes[INLINE_STYLE[element.tag]] = True
    if element.has_class("fw-bold"):
        changes["b"] = True
    if element.tag == "pre":
        changes["pre"] = True
    align = "center" if element.tag == "center" else _align(element)
    return replace(style, align=align or style.align, **changes)


def _align(element: Element) -> str:
    found = ALIGN_STYLE.search(element.attrs.get("style", "").lower()) or ALIGN_CLASS.search(
        element.attrs.get("class", "")
    )
    return ALIGNMENTS.get(found.group(1) if found else element.attrs.get("align", "").lower(), "")


def _list(element: Element, style: _Style) -> list[Node]:
    items: list[list[Node]] = []
    for child in element.children:
        # text and lists beside the items, as editors write them, belong to an item of their own
        blocks = _blocks(child.children if isinstance(child, Element) and child.tag == "li" else [child], style)
        if blocks and items and isinstance(child, Element) and child.tag in {"ul", "ol"}:
            items[-1] += blocks
        elif blocks or (isinstance(child, Element) and child.tag == "li"):
            items.append(blocks)
    if not items:
        return []
    start = element.attrs.get("start", "1")
    number = int(start) if re.fullmatch(r"[0-9]{1,4}", start) else 1
    return [{"t": "list", "ordered": element.tag == "ol", "start": number, "items": items}]


def _table(element: Element, style: _Style) -> list[Node]:
    before: list[Node] = []
    head: list[list[Cell]] = []
    rows: list[list[Cell]] = []
    widths: list[int] = []
    for part in _parts(element, before, style):
        if part.tag == "colgroup":
            widths = [_width(column) for column in part.of("col")]
            continue
        for row in [part] if part.tag == "tr" else part.of("tr"):
            cells = row.of("td", "th")
            is_head = part.tag == "thead" or (not rows and bool(cells) and all(cell.tag == "th" for cell in cells))
            (head if is_head else rows).append([_cell(cell, _styled(style, row)) for cell in cells])
            widths = widths or _cell_widths(cells)
    everything = [row for row in (*head, *rows) if row]
    if not everything:
        return before
    count = min(MAX_COLUMNS, max(sum(cell["span"] for cell in row) for row in everything))
    columns = _columns(head, rows, widths, count)
    table: Node = {
        "t": "table",
        "columns": columns,
        "head": [_fitted(row, columns) for row in head if row],
        "rows": [_fitted(row, columns) for row in rows if row],
    }
    return [*before, table]


def _parts(element: Element, before: list[Node], style: _Style) -> list[Element]:
    """Groups and rows of a table; what stands between them, a caption or lost text, goes ``before`` it as browsers do."""
    allowed = {"table": {"colgroup", "thead", "tbody", "tfoot", "tr"}, "tr": {"td", "th"}, "colgroup": {"col"}}
    found = []
    for child in element.children:
        if isinstance(child, Element) and child.tag in allowed.get(element.tag, {"tr"}):
            found.append(child)
            if child.tag not in {"td", "th", "col"}:
                _parts(child, before, style)
        else:
            before += _blocks([child], style)
    return found


def _cell_widths(cells: list[Element]) -> list[int]:
    found = [_width(cell) for cell in cells]
    return found if any(found) and not any(_span(cell) > 1 for cell in cells) else []


def _width(element: Element) -> int:
    css = element.attrs.get("style", "").lower()
    found = WIDTH_STYLE.search(css) or WIDTH_CLASS.search(element.attrs.get("class", ""))
    found = found or re.fullmatch(r"(\d{1,3})%", element.attrs.get("width", ""))
    return min(100, int(found.group(1))) if found else 0


def _span(element: Element) -> int:
    span = element.attrs.get("colspan", "1")
    return max(1, min(MAX_COLUMNS, int(span))) if re.fullmatch(r"[0-9]{1,3}", span) else 1


def _cell(element: Element, style: _Style) -> Cell:
    own = _styled(replace(style, align=""), element)
    align = own.align or style.align
    return {"blocks": _blocks(element.children, replace(own, align=align)), "span": _span(element), "align": align}


def _columns(head: list[list[Cell]], rows: list[list[Cell]], widths: list[int], count: int) -> list[Column]:
    """A column is aligned as its heading, else as its first cell that says so."""
    aligns = [""] * count
    for row in (*head, *rows):
        position = 0
        for cell in row:
            if position < count and cell["span"] == 1:
                aligns[position] = aligns[position] or cell["align"]
            position += cell["span"]
    known = [*widths, *[0] * count][:count]
    return [{"align": align or "left", "width": width} for align, width in zip(aligns, known, strict=True)]


def _fitted(row: list[Cell], columns: list[Column]) -> list[Cell]:
    """Exactly as wide as the table; what does not fit joins the last cell."""
    result: list[Cell] = []
    position = 0
    for cell in row:
        if position >= len(columns):
            result[-1]["blocks"] += cell["blocks"]
            continue
        span = min(cell["span"], len(columns) - position)
        align = cell["align"] or columns[position]["align"]
        blocks: list[Node] = [
            {**block, "align": align} if block["t"] == "p" and block["align"] == "left" and not cell["align"] else block
            for block in cell["blocks"]
        ]
        result.append({"blocks": blocks, "span": span, "align": align})
        position += span
    while position < len(columns):
        result.append({"blocks": [], "span": 1, "align": columns[position]["align"]})
        position += 1
    return result
