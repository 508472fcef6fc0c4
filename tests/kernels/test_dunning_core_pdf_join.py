"""Letters joined into one PDF, read back by an independent library."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from functools import cache
from typing import BinaryIO

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject, NumberObject, TextStringObject

from dunning_core.printing.pdf_join import JoinFault, PdfJoin

SOURCE = """
#set document(title: "%(name)s")
#set text(size: 10pt)
= %(name)s
Kwota (1 0 R) \\\\ zł, #link("https://bss.example/zaplac?(5 0 R)")[zapłać]
%(more)s
"""


@cache
def letter(name: str, pages: int = 1) -> bytes:
    more = "\n".join(f"#pagebreak()\nStrona dalsza {page} pisma {name}" for page in range(2, pages + 1))
    pdf: bytes = typst.compile(
        (SOURCE % {"name": name, "more": more}).encode(), format="pdf", pdf_standards=["a-2b"], timestamp=0
    )
    return pdf


def joined(contents: list[bytes]) -> tuple[bytes, list[int | JoinFault]]:
    file = io.BytesIO()
    join = PdfJoin(file)
    added = [join.add(content) for content in contents]
    assert join.finish() == sum(pages for pages in added if isinstance(pages, int))
    return file.getvalue(), added


def texts(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf), strict=True).pages]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ABCĄŻ"), st.integers(1, 3)), max_size=6))
def test_every_page_stands_in_its_place(letters: list[tuple[str, int]]) -> None:
    contents = [letter(name, pages) for name, pages in letters]
    merged, added = joined(contents)
    assert added == [pages for _name, pages in letters]
    assert texts(merged) == [text for content in contents for text in texts(content)]


def test_links_and_fonts_come_along() -> None:
    merged, _added = joined([letter("A"), letter("B")])
    pages = PdfReader(io.BytesIO(merged), strict=True).pages
    for page in pages:
        (note,) = page["/Annots"]
        assert note.get_object()["/A"]["/URI"] == "https://bss.example/zaplac?(5 0 R)"
        assert page["/Resources"]["/Font"]
        assert page["/Parent"]["/Count"] == 2
    assert "Kwota (1 0 R)" in pages[0].extract_text()


def test_what_letters_share_is_written_once() -> None:
    alone, _added = joined([letter("A")])
    twice, _added = joined([letter("A")] * 50)
    assert len(twice) < 3 * len(alone)


def test_pages_of_a_tree_come_in_their_order() -> None:
    writer = PdfWriter()
    for name in "ABC":
        writer.append(io.BytesIO(letter(name, 2)), import_outline=False)
    nested = io.BytesIO()
    writer.write(nested)
    merged, added = joined([nested.getvalue()])
    assert added == [6]
    assert texts(merged) == texts(nested.getvalue())


def of_writer(change: Callable[[PdfWriter], object]) -> bytes:
    """A letter as a general library writes it, changed before."""
    writer = PdfWriter()
    writer.append(io.BytesIO(letter("A")), import_outline=False)
    change(writer)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


@pytest.mark.parametrize("name", ["/Rotate", "/CropBox"])
def test_how_pages_inherit_to_lie_is_not_lost(name: str) -> None:
    value = NumberObject(90) if name == "/Rotate" else ArrayObject(map(NumberObject, (0, 0, 200, 200)))
    turned = of_writer(lambda writer: writer.pages[0]["/Parent"].update({NameObject(name): value}))
    assert joined([turned])[1] == [JoinFault("INHERITED")]


def test_a_tree_that_keeps_its_kids_apart_is_no_page() -> None:
    def apart(writer: PdfWriter) -> None:
        tree, page = writer.pages[0]["/Parent"], writer.pages[0]
        tree[NameObject("/Kids")] = writer._add_object(tree["/Kids"])
        tree.update({NameObject(key): page[key] for key in ("/Resources", "/MediaBox")})

    assert joined([of_writer(apart)])[1] == [JoinFault("NO_PAGES")]


def test_text_with_brackets_is_no_reference() -> None:
    address = "https://bss.example/(a)/(b(c)) 5 0 R"
    pdf = of_writer(lambda writer: writer.pages[0].update({NameObject("/Note"): TextStringObject("x" * len(address))}))
    pdf = pdf.replace(b"x" * len(address), address.encode())
    merged, added = joined([pdf])
    assert added == [1]
    assert PdfReader(io.BytesIO(merged)).pages[0]["/Note"] == address


@pytest.mark.parametrize(("old", "new"), [(b"trailer", b"tr_iler"), (b"\n0000", b"\nx000"), (b" n", b"  n")])
def test_a_damaged_table_is_a_fault(old: bytes, new: bytes) -> None:
    """A file that somebody put in by hand stops no other letter."""
    good = letter("A")
    at = good.rindex(b"xref", 0, good.rindex(b"startxref"))
    _merged, added = joined([good[:at] + good[at:].replace(old, new, 9)])
    assert isinstance(added[0], JoinFault)


def test_a_letter_made_for_the_web_is_a_fault() -> None:
    """Its first table, at the beginning, knows only some objects and names the other one."""
    good = letter("A")
    at = good.index(b"trailer")
    start = good.index(b"startxref")
    web = (
        good[:at]
        + good[at:start].replace(b"/Root", b"/Prev 9/Root")
        + b"trailer\n<</Size 9/Root 1 0 R>>\n"
        + good[start:]
    )
    assert joined([web])[1] == [JoinFault("NO_TABLE")]


@pytest.mark.parametrize("code", ["NO_TABLE", "ENCRYPTED", "BROKEN", "NO_PAGES", "INHERITED", "CYCLE"])
def test_a_fault_leaves_nothing_behind(code: str) -> None:
    clean, _added = joined([letter("A"), letter("B")])
    merged, added = joined([letter("A"), faulty(code), letter("B")])
    assert added == [1, JoinFault(code), 1]
    assert merged == clean


def faulty(code: str) -> bytes:
    good = letter("C")
    if code == "NO_TABLE":
        return b"%PDF-1.7 nothing else"
    if code == "ENCRYPTED":
        return good.replace(b"/Info ", b"/Encrypt ")
    # of the same length, so that the offsets stay
    if code == "BROKEN":
        return good.replace(b"\n1 0 obj", b"\n7 0 obj", 1)
    if code == "CYCLE":
        at = good.index(b"/Kids[") + len(b"/Kids[")
        end = good.index(b"]", at)
        return good[:at] + b"1 0 R".ljust(end - at) + good[end:]
    name = {"NO_PAGES": b"/Pages ", "INHERITED": b"/MediaBox["}[code]
    assert name in good
    return good.replace(name, name.replace(name[1:2], b"X", 1))


class Hole:
    """A file that keeps nothing."""

    def write(self, data: bytes) -> int:
        return len(data)


def test_memory_does_not_grow_with_the_letters() -> None:
    contents = [letter(name) for name in "ABCDEFGH"]
    hole: BinaryIO = Hole()  # type: ignore[assignment]  # only written to
    join = PdfJoin(hole)
    tracemalloc.start()
    try:
        peaks = []
        for _round in range(2):
            tracemalloc.reset_peak()
            for number in range(400):
                assert join.add(contents[number % 8]) == 1
            peaks.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000, "four hundred letters more are a few numbers more"
