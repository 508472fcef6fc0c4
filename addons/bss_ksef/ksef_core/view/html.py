"""The visualisation as one HTML page: no script, nothing loaded from outside."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from .model import Grid, Row, Section, View

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 14px/1.45 "Segoe UI", Roboto, Lato, Arial, sans-serif; color: #1d2530; background: #eef0f3; margin: 0; }
main { background: #fff; max-width: 1080px; margin: 24px auto; padding: 40px 48px; box-shadow: 0 1px 6px rgba(0,0,0,.15); }
header { display: flex; justify-content: space-between; gap: 32px; border-bottom: 3px solid #b5121b; padding-bottom: 16px; }
h1 { font-size: 24px; font-weight: 600; margin: 0 0 2px; } h1 small { display: block; font-size: 17px; font-weight: 400; }
h2 { font-size: 16px; margin: 28px 0 8px; padding-bottom: 3px; border-bottom: 1px solid #c9ced6; }
h3, caption { font-size: 14px; font-weight: 600; margin: 14px 0 4px; text-align: left; } caption { padding: 8px 0 4px; }
.state { margin: 10px 0 0; } .state b { font-family: Consolas, "DejaVu Sans Mono", monospace; font-weight: 600; overflow-wrap: anywhere; }
.due { font-size: 18px; margin: 10px 0 0; } .warn { color: #8a5300; }
.code { flex: none; width: 168px; text-align: center; font-size: 11px; } .code svg { width: 150px; height: 150px; }
.code span { display: block; overflow-wrap: anywhere; }
.parties { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 0 40px; }
dl { display: grid; grid-template-columns: minmax(150px, 34%) 1fr; gap: 2px 16px; margin: 4px 0; }
dt { color: #5b6573; } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; margin: 6px 0 10px; }
th { background: #f3f4f6; text-align: left; font-weight: 600; vertical-align: bottom; }
th, td { border: 1px solid #d5d9df; padding: 4px 7px; } td { vertical-align: top; overflow-wrap: break-word; }
.n { text-align: right; white-space: nowrap; } tfoot td { font-weight: 600; background: #f9fafb; }
section section { padding-left: 14px; border-left: 3px solid #e8eaee; } p { margin: 6px 0; } p.note { color: #5b6573; }
footer { margin-top: 32px; border-top: 1px solid #c9ced6; padding-top: 8px; color: #5b6573; font-size: 12px; }
footer a { overflow-wrap: anywhere; }
@media print { body { background: #fff; font-size: 11px; } main { box-shadow: none; margin: 0; padding: 0; max-width: none; }
  tr, dl, .code { break-inside: avoid; } h2, h3 { break-after: avoid; } }
@media (max-width: 640px) { main { padding: 16px; margin: 0; } header { flex-direction: column; } }
"""


def html_page(view: View, *, ksef_number: str = "", link: str = "", qr_svg: str = "", state: str = "") -> str:
    """A whole document in Polish.

    :param link: verification link; it and its code `qr_svg` (an ``<svg>`` of ours) are left out when empty
    :param state: what is said in place of the KSeF number as long as there is none
    """
    number = f"Numer KSeF: <b>{escape(ksef_number)}</b>" if ksef_number else escape(state)
    code = f'<div class="code">{qr_svg}<span>{escape(ksef_number)}</span></div>' if qr_svg and ksef_number else ""
    check = f'Sprawdź fakturę w KSeF: <a href="{escape(link)}">{escape(link)}</a>' if link and ksef_number else ""
    return (
        f'<!DOCTYPE html><html lang="pl"><head><meta charset="utf-8"/>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        f"<title>{escape(view.title)} {escape(view.number)}</title><style>{STYLE}</style></head><body><main>"
        f"<header><div><h1>{escape(view.title)}<small>nr {escape(view.number)}</small></h1>"
        f'<p class="state{"" if ksef_number else " warn"}">{number}</p>'
        f'<p class="due">Kwota należności ogółem: <strong>{escape(view.total)} {escape(view.currency)}</strong></p></div>'
        f"{code}</header>"
        f'<div class="parties">{"".join(_section(one, 2) for one in view.parties)}</div>'
        f"{''.join(_section(one, 2) for one in view.sections)}"
        f"<footer><p>Wizualizacja faktury ustrukturyzowanej FA(3). Fakturą jest plik XML.</p><p>{check}</p></footer>"
        f"</main></body></html>"
    )


def _section(section: Section, level: int) -> str:
    return (
        f"<section><h{level}>{escape(section.title)}</h{level}>"
        f"{_rows(section.rows)}{''.join(f'<p>{escape(text)}</p>' for text in section.paragraphs)}"
        f"{''.join(_grid(one) for one in section.grids)}"
        f"{''.join(_section(one, 3) for one in section.sections)}</section>"
    )


def _rows(rows: Iterable[Row]) -> str:
    pairs = "".join(f"<dt>{escape(row.label)}</dt><dd>{_linked(row.value)}</dd>" for row in rows)
    return f"<dl>{pairs}</dl>" if pairs else ""


def _linked(value: str) -> str:
    """Only a whole web address becomes a link, as the payment link of the invoice is one."""
    text = escape(value)
    if value.startswith(("https://", "http://")) and " " not in value:
        return f'<a href="{text}" rel="noopener noreferrer">{text}</a>'
    return text


def _grid(grid: Grid) -> str:
    caption = f"<caption>{escape(grid.caption)}</caption>" if grid.caption else ""
    head = "".join(_cell("th", text, grid, place) for place, text in enumerate(grid.columns))
    body = "".join(f"<tr>{_cells(row, grid)}</tr>" for row in grid.rows)
    foot = f"<tfoot><tr>{_cells(grid.sums, grid)}</tr></tfoot>" if grid.sums else ""
    note = f'<p class="note">{escape(grid.note)}</p>' if grid.note else ""
    return f'<div class="scroll"><table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}</table></div>{note}'


def _cells(row: tuple[str, ...], grid: Grid) -> str:
    return "".join(_cell("td", text, grid, place) for place, text in enumerate(row))


def _cell(tag: str, text: str, grid: Grid, place: int) -> str:
    numeric = place < len(grid.numeric) and grid.numeric[place]
    mark = ' class="n"' if numeric else ""
    return f"<{tag}{mark}>{escape(text)}</{tag}>"
