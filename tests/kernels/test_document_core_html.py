import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from document_core import html_nodes, plain_text, take_title
from document_core.html import MAX_COLUMNS, MAX_NESTED


def runs(html):
    (node,) = html_nodes(html)
    return node["runs"]


def test_styles_of_text():
    assert runs("<p>a <b>b<i>c</i></b> <u>d</u><small>e</small></p>") == [
        {"text": "a "},
        {"text": "b", "b": True},
        {"text": "c", "b": True, "i": True},
        {"text": " "},
        {"text": "d", "u": True},
        {"text": "e", "small": True},
    ]
    assert runs("<strong>x</strong><em>y</em>") == [{"text": "x", "b": True}, {"text": "y", "i": True}]


def test_white_space_is_that_of_html():
    assert runs("<p>\n  one \n <b> two</b>  <br/>  three\u00a0\u00a0</p>") == [
        {"text": "one "},
        {"text": "two", "b": True},
        {"br": True},
        {"text": "three\u00a0\u00a0"},
    ]
    assert plain_text(html_nodes("<p><br>x<br><br>y<br></p><p> </p>")) == "x\n\ny"
    assert plain_text(html_nodes("<pre>a  b\n\tc</pre>")) == "a\u00a0\u00a0b\n\u00a0\u00a0\u00a0\u00a0c"


def test_headings_and_title():
    nodes = html_nodes("<h1>Umowa <i>o</i>\n usługi</h1><h2>A</h2><h6>B</h6>")
    assert [node["level"] for node in nodes] == [1, 2, 4]
    title, rest = take_title(nodes)
    assert (title, len(rest)) == ("Umowa o usługi", 2)
    assert take_title(rest) == ("", rest)
    assert take_title([]) == ("", [])


def test_alignment_is_inherited():
    nodes = html_nodes(
        "<div style='text-align: right'>a<p>b</p><p class='text-center'>c</p></div><p align=justify>d</p><center>e</center>f"
    )
    assert [node["align"] for node in nodes] == ["right", "right", "center", "justify", "center", "left"]


def test_nested_lists():
    (node,) = html_nodes("<ol start=3><li>a<ul><li>b</li></ul></li><li><p>c</p><p>d</p></li></ol>")
    assert (node["ordered"], node["start"]) == (True, 3)
    first, second = node["items"]
    assert [block["t"] for block in first] == ["p", "list"]
    assert first[1]["ordered"] is False
    assert [block["t"] for block in second] == ["p", "p"]


def test_a_list_beside_its_item_joins_it():
    (node,) = html_nodes("<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>")
    assert [len(item) for item in node["items"]] == [2, 1]


def test_table_with_head_alignment_and_widths():
    (table,) = html_nodes(
        """<table><thead><tr><th style="width: 60%">Usługa</th><th class="text-end">Cena</th></tr></thead>
        <tbody><tr><td>Internet</td><td>59,00</td></tr><tr><td colspan="2">Razem</td></tr></tbody></table>"""
    )
    assert table["columns"] == [{"align": "left", "width": 60}, {"align": "right", "width": 0}]
    assert [cell["blocks"][0]["runs"][0].get("b") for cell in table["head"][0]] == [True, True]
    price = table["rows"][0][1]
    assert (price["align"], price["blocks"][0]["align"]) == ("right", "right")
    assert [cell["span"] for cell in table["rows"][1]] == [2]


def test_a_first_row_of_th_is_the_head_and_ragged_rows_are_filled():
    (table,) = html_nodes("<table><tr><th>a<th>b<tr><td>1<tr><td>1<td>2<td>3</table>")
    assert [len(row) for row in (*table["head"], *table["rows"])] == [3, 3, 3]


def test_tables_do_not_grow_without_end():
    wide = "<td>x</td>" * (MAX_COLUMNS + 4)
    (table,) = html_nodes(f"<table><tr>{wide}</tr><tr><td colspan=900>y</td></tr></table>")
    assert len(table["columns"]) == MAX_COLUMNS
    assert plain_text([table]).count("x") == MAX_COLUMNS + 4
    assert table["rows"][1][0]["span"] == MAX_COLUMNS


def test_a_caption_stands_above_its_table():
    assert [node["t"] for node in html_nodes("<table><caption>Ceny</caption><tr><td>1</td></tr></table>")] == [
        "p",
        "table",
    ]


def test_links_show_their_address():
    assert plain_text(html_nodes('<a href="https://a.pl/x">regulamin</a>')) == "regulamin (https://a.pl/x)"
    assert plain_text(html_nodes('<a href="https://a.pl">https://a.pl</a>')) == "https://a.pl"
    assert plain_text(html_nodes('<a href="javascript:alert(1)">x</a>')) == "x"


def test_breaks_and_rules():
    nodes = html_nodes('<p>a</p><hr><p style="page-break-after: always">b</p><div class="page-break">c</div>')
    assert [node["t"] for node in nodes] == ["p", "hr", "p", "page", "page", "p"]
    assert [node["t"] for node in html_nodes('<div class="page-break"></div><p>a</p>')] == ["p"]


def test_signatures_and_blocks_kept_together():
    sign, keep = html_nodes(
        '<div class="signatures"><div>A<br>B</div> <p>C</p></div><div class="keep"><h3>x</h3>y</div>'
    )
    assert [plain_text(party) for party in sign["parties"]] == ["A\nB", "C"]
    assert [node["t"] for node in keep["blocks"]] == ["h", "p"]


def test_unknown_tags_keep_their_text_and_programs_are_dropped():
    html = (
        "<blink>a</blink><x-y>b</x-y><script>alert('c')</script><style>p{}</style><script/>d<svg><text>e</text></svg>f"
    )
    assert plain_text(html_nodes(html)) == "abdf"
    assert plain_text(html_nodes("a<script>b")) == "a"


@pytest.mark.parametrize(
    "html", ["", " \n", "<p></p>", "<table></table>", "<ul></ul>", "<div class='signatures'></div>", "<!-- x -->"]
)
def test_nothing_gives_nothing(html):
    assert html_nodes(html) == []


def test_characters_that_are_none_disappear():
    assert plain_text(html_nodes("a\x00b&#x202E;c\ud800d&#0;")) == "abcd\ufffd"


def test_wrong_nesting_keeps_every_word():
    html = "<p>a<b>b<p>c</b>d</p><table><tr>x<td>e<table><tr><td>f</tr></table>g</td></table></i>h<li>i</li>"
    assert sorted(re.sub(r"\s", "", plain_text(html_nodes(html)))) == sorted("abcdxefghi")


WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=6)
TAGS = st.sampled_from(
    [
        "p",
        "div",
        "b",
        "i",
        "u",
        "h1",
        "h3",
        "ul",
        "ol",
        "li",
        "table",
        "thead",
        "tbody",
        "tr",
        "td",
        "th",
        "pre",
        "span",
        "a",
        "blink",
        "section",
        "br",
        "hr",
    ]
    + ["div class='keep'", "div class='signatures'", "div class='page-break'", "td colspan=3", "ol start=x"]
)


@st.composite
def soups(draw):
    """(HTML of any shape, the words in it)"""
    parts, words = [], []
    for _step in range(draw(st.integers(0, 40))):
        kind = draw(st.integers(0, 2))
        if kind == 0:
            word = draw(WORDS)
            words.append(word)
            parts.append(f"{word} ")
        else:
            tag = draw(TAGS)
            parts.append(f"<{tag}>" if kind == 1 else f"</{tag.split()[0]}>")
    return "".join(parts), words


def depth(nodes):
    inside = 0
    for node in nodes:
        children = [*node.get("items", []), *node.get("parties", []), node.get("blocks", [])]
        children += [cell["blocks"] for row in (*node.get("head", []), *node.get("rows", [])) for cell in row]
        if node["t"] in ("list", "table", "keep", "sign"):
            inside = max(inside, 1 + max((depth(child) for child in children), default=0))
    return inside


@given(soups())
def test_no_word_is_lost_whatever_the_nesting(soup):
    html, words = soup
    nodes = html_nodes(html)
    text = re.sub(r"\s", "", plain_text(nodes))
    assert sorted(text) == sorted("".join(words))
    assert depth(nodes) <= MAX_NESTED
    for node in nodes:
        if node["t"] == "table":
            for row in (*node["head"], *node["rows"]):
                assert sum(cell["span"] for cell in row) == len(node["columns"])


@given(st.text() | soups().map(lambda soup: soup[0]))
def test_anything_gives_plain_data(html):
    nodes = html_nodes(html)
    assert json.loads(json.dumps(nodes, ensure_ascii=False).encode()) == nodes


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Z"))))
def test_escaped_text_comes_back_as_it_was(text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    assert plain_text(html_nodes(f"<p>{escaped}</p>")) == text


def test_depth_is_bounded():
    for opening in ("<ul><li>", "<table><tr><td>", "<b>", "<div class=keep>", "<div class='signatures'><div>"):
        nodes = html_nodes(opening * 5000 + "x")
        assert plain_text(nodes) == "x"
        assert depth(nodes) <= MAX_NESTED


def test_a_code_of_the_printer_is_named_by_its_title() -> None:
    nodes = html_nodes('<table><tr><td><div class="code" title="transfer"></div>Scan</td></tr></table>')
    blocks = nodes[0]["rows"][0][0]["blocks"]
    assert blocks[0] == {"t": "code", "name": "transfer"}
    assert plain_text(nodes) == "Scan"
