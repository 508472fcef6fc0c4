"""A forgiving tree of HTML, for whatever people and programs write."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

MAX_DEPTH = 60  # elements inside each other; deeper ones keep their text and lose their meaning

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
DROPPED = frozenset(["script", "style", "template", "head", "iframe", "object", "svg", "math"])
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 4, "h6": 4}
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "html",
        "main",
        "nav",
        "p",
        "pre",
        "section",
        "summary",
    ]
)
# an opening tag closes these open ones, up to the given container
IMPLIED_END = {
    "li": (frozenset({"li", "p"}), frozenset({"ul", "ol", "table"})),
    "td": (frozenset({"td", "th", "p", "ul", "ol", "li"}), frozenset({"tr", "table"})),
    "tr": (frozenset({"td", "th", "tr", "p", "ul", "ol", "li"}), frozenset({"table"})),
    "tbody": (frozenset({"td", "th", "tr", "thead", "tbody", "tfoot", "p", "ul", "ol", "li"}), frozenset({"table"})),
}
IMPLIED_END |= {"th": IMPLIED_END["td"], "thead": IMPLIED_END["tbody"], "tfoot": IMPLIED_END["tbody"]}


# Characters that stand for nothing on paper, or turn the order of the others round.
UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)


@dataclass
class Element:
    tag: str
    attrs: Mapping[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def has_class(self, name: str) -> bool:
        return name in self.attrs.get("class", "").split()

    def of(self, *tags: str) -> list["Element"]:
        return [child for child in self.children if isinstance(child, Element) and child.tag in tags]


class Tree(HTMLParser):
    """A forgiving tree: wrong nesting is repaired the way browsers do in the common cases."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("body")
        self._open = [self.root]
        self._dropped = 0
        self._too_deep = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in DROPPED:
            self._dropped += 1
        if self._dropped:
            return
        self._close_implied(tag)
        element = Element(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self._open[-1].children.append(element)
        elif len(self._open) >= MAX_DEPTH:
            self._too_deep += 1
        else:
            self._open[-1].children.append(element)
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # XHTML as QWeb writes it: <div/> is empty; what is dropped must not swallow the rest
        if tag not in DROPPED:
            self.handle_starttag(tag, attrs)
            if tag not in VOID:
                self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in DROPPED:
            self._dropped = max(0, self._dropped - 1)
        elif self._dropped:
            return
        elif self._too_deep:
            self._too_deep -= 1
        else:
            self._close(frozenset({tag}), frozenset() if tag == "table" else frozenset({"table"}), all_of_them=False)

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            # character references can bring in what was cleaned away before
            self._open[-1].children.append(UNPRINTABLE.sub("", data))

    def _close_implied(self, tag: str) -> None:
        if tag in IMPLIED_END:
            tags, within = IMPLIED_END[tag]
            self._close(tags, within, all_of_them=True)
        elif tag in BLOCKS or tag in HEADINGS or tag in {"ul", "ol", "table", "hr"}:
            self._close(frozenset({"p"}), frozenset({"table", "td", "th", "li", "div"}), all_of_them=False)

    def _close(self, tags: frozenset[str], within: frozenset[str], *, all_of_them: bool) -> None:
        """Close the innermost (or every) open element of ``tags`` that lies inside ``within``."""
        lowest = 0
        for index in range(len(self._open) - 1, 0, -1):
            if self._open[index].tag in within:
                break
            if self._open[index].tag in tags:
                lowest = index
                if not all_of_them:
                    break
        if lowest:
            del self._open[lowest:]


def parse(html: str) -> Element:
    """Root of the tree of ``html``; anything at all is accepted, nothing raises."""
    tree = Tree()
    tree.feed(UNPRINTABLE.sub("", html))
    tree.close()
    return tree.root
