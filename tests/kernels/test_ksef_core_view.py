"""The visualisation shows the whole invoice: every text of the XML, each as often as it stands there."""

import re
from collections import Counter
from html import unescape
from pathlib import Path

import pytest
from lxml import etree

from ksef_core import view
from ksef_core.view.labels import LABELS, SUMS
from ksef_core.view.values import FLAGS, number

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "data" / "ksef" / "fa3").glob("*.xml"))
SCHEMA = ROOT.parent / "addons" / "bss_ksef" / "ksef_core" / "fa3" / "xsd" / "schemat_FA(3)_v1-0E.xsd"
XSD = "{http://www.w3.org/2001/XMLSchema}"
NAMESPACE = "http://crd.gov.pl/wzor/2025/06/25/13775/"
ANSWERS = {"1": "tak", "2": "nie"}


def leaves(xml):
    """(element, text) of every element that holds text."""
    for element in etree.fromstring(xml).iter():
        if isinstance(element.tag, str) and not len(element) and (element.text or "").strip():
            yield etree.QName(element).localname, " ".join(element.text.split())


def texts(section):
    for row in section.rows:
        yield from (row.label, row.value)
    yield from section.paragraphs
    for grid in section.grids:
        yield from (grid.caption, grid.note, *grid.columns, *grid.sums)
        for row in grid.rows:
            yield from row
    for inner in section.sections:
        yield from texts(inner)


def told(text):
    """A text of the XML without what print does to numbers: group spaces and the comma."""
    return text.replace("\u00a0", "").replace(",", ".").strip()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_text_of_the_official_samples_is_shown(sample):
    xml = sample.read_bytes()
    shown = view.read(xml)
    printed = Counter()
    for section in (*shown.parties, *shown.sections):
        for text in texts(section):
            printed[told(text)] += 1
    wanted = Counter(told(ANSWERS[text] if name in FLAGS else text) for name, text in leaves(xml))
    whole = list(printed)
    for text, times in wanted.items():
        # a code stands before its word, a rate before its sign, a form code before its attributes, meta data in one note
        found = sum(printed[one] * one.count(text) for one in whole if text in one)
        assert found >= times, f"{text!r} stands {times} times in the XML, {found} times in the view"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_page_holds_what_was_read(sample):
    shown = view.read(sample.read_bytes())
    page = unescape(re.sub(r"<[^>]*>", "\n", view.html_page(shown)))
    lines = Counter(line.strip() for line in page.splitlines())
    wanted = Counter(
        text.strip() for section in (*shown.parties, *shown.sections) for text in texts(section) if text.strip()
    )
    assert not {text: times for text, times in wanted.items() if lines[text] < times}


def test_every_element_of_the_schema_has_a_polish_name():
    names = {element.get("name") for element in etree.parse(str(SCHEMA)).iter(f"{XSD}element")}
    sums = {name for name in names if re.match(r"P_1[34]_", name)}
    assert not names - sums - LABELS.keys()
    assert {re.sub(r"^P_1[34]_|W$", "", name) for name in sums} == SUMS.keys()


def test_flags_are_those_of_the_schema():
    tree = etree.parse(str(SCHEMA))
    choices = {
        element.get("name")
        for element in tree.iter(f"{XSD}element")
        if element.get("type", "").endswith(("TWybor1", "TWybor1_2"))
    }
    # says more than yes or no
    choices.remove("ZnacznikZaplatyCzesciowej")
    assert choices | {"JST", "GV"} == FLAGS


def test_what_nobody_knows_is_shown_by_its_own_name():
    xml = (
        f'<Faktura xmlns="{NAMESPACE}"><Fa><P_2>1/2026</P_2><Nowe><Pole>wartość</Pole></Nowe></Fa>'
        "<Nowszy>inna</Nowszy><Podmiot3><Nazwa>A</Nazwa></Podmiot3><Podmiot3><Nazwa>B</Nazwa></Podmiot3></Faktura>"
    )
    page = view.html_page(view.read(xml.encode()))
    for text in ("Nowe", "Pole", "wartość", "Nowszy", "inna", ">A<", ">B<"):
        assert text in page


def test_what_is_no_invoice_is_refused():
    with pytest.raises(ValueError):
        view.read(b"<Faktura/>")
    with pytest.raises(etree.XMLSyntaxError):
        view.read(b"PDF")


def test_texts_cannot_become_markup():
    xml = (
        f'<Faktura xmlns="{NAMESPACE}"><Fa><P_2>&lt;script&gt;alert(1)&lt;/script&gt;</P_2>'
        "<FaWiersz><P_7>&lt;img src=x&gt;</P_7></FaWiersz>"
        "<Platnosc><LinkDoPlatnosci>javascript:alert(1)</LinkDoPlatnosci></Platnosc></Fa></Faktura>"
    )
    page = view.html_page(view.read(xml.encode()), ksef_number="<b>", state="<i>", link='"><script>', qr_svg="<svg/>")
    assert "<script" not in page and "<img" not in page and "<i>" not in page and 'href="javascript' not in page


@pytest.mark.parametrize(
    ("text", "printed"),
    [("1234567.10", "1\u00a0234\u00a0567,10"), ("-1000", "-1\u00a0000"), ("0.00000001", "0,00000001"), ("abc", "abc")],
)
def test_numbers_keep_every_digit(text, printed):
    assert number(text) == printed


def test_number_and_code_are_printed_only_together():
    shown = view.read(SAMPLES[0].read_bytes())
    waiting = view.html_page(shown, link="https://qr/x", qr_svg="<svg/>", state="Jeszcze nie w KSeF")
    assert "Jeszcze nie w KSeF" in waiting and "<svg" not in waiting and "https://qr/x" not in waiting
    there = view.html_page(
        shown, ksef_number="5265877635-20250826-0100001AF629-AF", link="https://qr/x", qr_svg="<svg/>"
    )
    assert "5265877635-20250826-0100001AF629-AF" in there and "<svg" in there and "https://qr/x" in there
