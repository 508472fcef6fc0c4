"""What our document numbers look like, compiled for reading titles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from .shapes import DIGITS, LITERAL, MONTH, YEAR, Part, Shape

#: between the parts of a number
GAP = r"[ /.\-_\\:]{1,3}"
GAP_OR_NOT = r"[ /.\-_\\:]{0,3}"


class Layout:
    """Numbers of one build that differ in leading letters and in the width of the running number."""

    def __init__(self, parts: tuple[Part, ...], running: int, widths: dict[str, set[int]]):
        self.parts = parts
        self.running = running
        self.widths = {prefix: tuple(sorted(found)) for prefix, found in widths.items()}
        self.prefixes = tuple(sorted((p for p in widths if p), key=lambda p: (-len(p), p)))
        self.has_literals = any(part.kind == LITERAL for part in parts)
        #: place of the running number among the runs of digits
        self.digit_index = sum(1 for part in parts[:running] if part.kind != LITERAL)
        self.width = max(width for found in widths.values() for width in found)
        #: fewest digits of a number whose zeros were left out, and all digits
        fixed = sum(part.width for index, part in enumerate(parts) if index != running)
        self.fewest = fixed + 1
        self.most = fixed + self.width
        self.least = min(width for found in widths.values() for width in found)
        self.clean = re.compile(self._clean_pattern()) if self.prefixes and not self.has_literals else None
        self.loose = re.compile(self._loose_pattern()) if self.has_literals else None

    def keys(self, prefixes: Iterable[str], values: Sequence[str]) -> list[str]:
        """Match keys of a number with these digits, for each prefix and each width it may have been padded to."""
        index = self.digit_index
        bare = values[index].lstrip("0")
        found = []
        if not self.has_literals:
            before, behind = "".join(values[:index]), "".join(values[index + 1 :])
            for prefix in prefixes:
                for width in self.widths.get(prefix, ()):
                    if bare and len(bare) <= width:
                        found.append(prefix + before + bare.zfill(width) + behind)
            return found
        for prefix in prefixes:
            for width in self.widths.get(prefix, ()):
                if not bare or len(bare) > width:
                    continue
                digits = iter(values)
                body = ""
                for index, part in enumerate(self.parts):
                    if part.kind == LITERAL:
                        body += part.text
                        continue
                    value = next(digits)
                    body += bare.zfill(width) if index == self.running else value
                found.append(prefix + body)
        return found

    def _clean_pattern(self) -> str:
        """A number written as people should: letters, separators, nothing glued to it."""
        pieces = []
        for index, part in enumerate(self.parts):
            if index == self.running:
                pieces.append(self._running_pattern(index == len(self.parts) - 1))
            else:
                pieces.append(
                    {YEAR: r"((?:19|20)\d\d)", MONTH: r"(0[1-9]|1[0-2])"}.get(part.kind, rf"(\d{{{part.width}}})")
                )
        end = "" if self.running == len(self.parts) - 1 else r"(?![0-9A-Z]|[ /\-.\\]{1,2}\d)(?!$)"
        # the letters stand first: a search leaps from one of their initials to the next
        letters = "|".join(rf"{prefix}(?<![0-9A-Z]{prefix})" for prefix in map(re.escape, self.prefixes))
        return rf"({letters}){GAP_OR_NOT}" + GAP.join(pieces) + end

    def _running_pattern(self, is_last: bool) -> str:
        if not is_last:
            return rf"(\d{{1,{self.width}}})"
        torn = r"| \d" if self.least < self.width else ""
        whole = rf"\d{{{self.least},{self.width}}}(?![0-9A-Z]|[/\-.\\]\s?\d{torn})"
        # a short one at the end of the title may have lost its tail: it is read token by token
        short = rf"[1-9]\d{{0,{max(self.least - 2, 0)}}}(?![0-9A-Z]|[ /\-.\\]{{1,2}}\d)(?!$)"
        return f"({whole}|{short})" if self.least > 1 else f"({whole})"

    def _loose_pattern(self) -> str:
        """Numbers with letters inside them, digits perhaps torn by a blank."""
        pieces = []
        for index, part in enumerate(self.parts):
            if part.kind == LITERAL:
                pieces.append(re.escape(part.text))
            elif index == self.running:
                pieces.append(rf"([0-9OIL](?: ?[0-9OIL]){{0,{self.width - 1}}})")
            else:
                pieces.append(rf"([0-9OIL](?: ?[0-9OIL]){{{part.width - 1}}})")
        before = rf"(?:({'|'.join(map(re.escape, self.prefixes))})[ /.\-_\\:]{{0,3}})?" if self.prefixes else "()"
        return r"(?<![0-9])" + before + r"[ /.\-_\\:]{0,3}".join(pieces) + r"(?![0-9])"


class Lexicon:
    """All layouts of the journals' numbers."""

    def __init__(self, shapes: Iterable[Shape]):
        groups: dict[tuple[tuple[Part, ...], int], dict[str, set[int]]] = {}
        for shape in shapes:
            if shape.running < 0:
                continue
            first = shape.parts[0]
            prefix = first.text if first.kind == LITERAL else ""
            body, running = (shape.parts[1:], shape.running - 1) if prefix else (shape.parts, shape.running)
            width = body[running].width
            skeleton = (*body[:running], Part(DIGITS), *body[running + 1 :])
            groups.setdefault((skeleton, running), {}).setdefault(prefix, set()).add(width)
        self.layouts = tuple(Layout(parts, running, widths) for (parts, running), widths in sorted(groups.items()))
        self.plain_layouts = tuple(layout for layout in self.layouts if not layout.has_literals)
        self.loose_layouts = tuple(layout for layout in self.layouts if layout.has_literals)
        self.prefixes = tuple(
            sorted({p for layout in self.plain_layouts for p in layout.prefixes}, key=lambda p: (-len(p), p))
        )
        #: fewest digits of a damaged number without its letters, unless it begins with what may be a year
        self._bare = min((layout.most - 1 for layout in self.plain_layouts if len(layout.parts) > 2), default=10**6)
        self._begins = re.compile(self._begins_pattern()) if self.plain_layouts else None
        #: the letters of a number with the beginning of its digits
        self.stump = (
            re.compile(rf"(?:{'|'.join(map(re.escape, self.prefixes))})[ /.\-_\\:]{{0,3}}[0-9]")
            if self.prefixes
            else None
        )

    def _begins_pattern(self) -> str:
        """Where a number may begin that is short or has letters: behind the last of its letters, at what may be a
        year or looks like digits; anywhere when ours do not all begin with a year."""
        if any(layout.parts[0].kind != YEAR for layout in self.plain_layouts):
            return ""
        letters = "".join(sorted({re.escape(prefix[-1]) for prefix in self.prefixes}))
        behind = rf"[{letters}][ /.\-_\\:\n\r\t]{{0,3}}[0-9OIL]|" if letters else ""
        return rf"{behind}[0-9][OIL]|[OIL][0-9]|(?<![0-9])(?:[0-9]{{1,2}}(?![0-9])|19|20)"

    def has_none(self, text: str, digits: int) -> bool:
        """A quick look: no number of ours, damaged or not, begins in this plain text of so many digits."""
        return digits < self._bare and self._begins is not None and not self._begins.search(text)


@lru_cache(maxsize=16)
def lexicon(shapes: tuple[Shape, ...]) -> Lexicon:
    return Lexicon(shapes)
