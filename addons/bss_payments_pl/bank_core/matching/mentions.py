"""Document numbers in a title: written as they should be, or torn, joined, shortened and misread.

``clean_mentions`` finds the first kind with one regular expression per layout; ``other_mentions`` reads what is
left token by token. Neither looks anything up: a mention holds the match keys it may mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .lexicon import Layout, Lexicon
from .shapes import MONTH, YEAR
from .slips import digits_of
from .text import LOOKALIKE

BLANK = "\x00"
_TOKEN = re.compile(r"[0-9][0-9OIL]*|[OIL]+[0-9][0-9OIL]*|[A-Z]+")
_INSIDE = frozenset(" /.-_\\:\n\r\t")
_GLUE = frozenset("/-\\_")
#: words that stand before a number and are no part of it
_GENERIC = ("FV", "FVAT", "FAKTURA", "FAKTURE", "FAKTURY", "FAKT", "FAKTUR", "NR", "VAT", "NUMER", "ZA", "RACH",
            "RACHUNEK", "DO", "INV", "F", "ZAPLATA", "OPLATA", "WPLATA", "KORYGUJACA", "KORYG", "I", "ORAZ", "RA", "FRA")  # fmt: skip
_MAX_TOKENS = 9
#: a title of this length has lost its tail
_LONGEST = 140


class Mention(NamedTuple):
    """One number in a title.

    ``keys``: match keys it may mean, none when no number of ours is built like this; ``digits``: its digits as
    written (several readings when it is torn) and as the numbers meant are printed; ``prefix`` empty when the letters were left out; ``is_sure`` False
    when it may be the rest of a longer number that was cut off.
    """

    written: str
    keys: tuple[str, ...]
    digits: tuple[str, ...]
    prefix: str
    start: int
    end: int
    is_sure: bool = True
    #: whole, but the title was cut behind it: it names nothing for certain
    is_cut: bool = False


class Token(NamedTuple):
    """``digits`` is empty for letters; ``gap`` stands between the token before and this one."""

    text: str
    digits: str
    start: int
    end: int
    gap: str


def clean_mentions(text: str, words: Lexicon, length: int) -> tuple[list[Mention], str]:
    """Numbers written as printed (leading zeros may lack), and the text without them."""
    found: list[Mention] = []
    for layout in words.plain_layouts:
        if layout.clean is None:
            continue
        for match in layout.clean.finditer(text):
            prefix, *values = match.groups()
            keys = layout.keys((prefix,), values)
            start, end = match.span()
            if keys and not (length >= _LONGEST and end == len(text)):
                digits = _all_digits(["".join(values)], keys)
                found.append(Mention(match.group(), tuple(keys), digits, prefix, start, end))
    if not found:
        return found, text
    if len(found) > 1 and len(words.plain_layouts) > 1:
        found = _without_overlaps(found)
    return found, _without(text, found)


def _without_overlaps(found: list[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda m: (m.start - m.end, m.start)):
        if all(mention.end <= other.start or mention.start >= other.end for other in kept):
            kept.append(mention)
    return kept


def other_mentions(text: str, words: Lexicon, length: int) -> tuple[list[Mention], str]:
    """Numbers written in other ways; ``length`` of the title as the bank gave it."""
    found: list[Mention] = []
    for layout in words.loose_layouts:
        for match in layout.loose.finditer(text) if layout.loose else ():
            prefix, *values = match.groups()
            values = [value.replace(" ", "").translate(LOOKALIKE) for value in values]
            prefixes = (prefix,) if prefix else tuple(layout.widths)
            keys = layout.keys(prefixes, values)
            if keys:
                start, end = match.span()
                digits = _all_digits(["".join(values)], keys)
                found.append(Mention(match.group(), tuple(keys), digits, prefix or "", start, end))
    found = _without_overlaps(found)
    text = _without(text, found)
    tokens = _tokens(text)
    place = 0
    more: list[Mention] = []
    while place < len(tokens):
        seen, place = _mention_at(tokens, place, text, words, length)
        if seen:
            more.append(seen)
    return found + more, _without(text, more)


def _without(text: str, mentions: Sequence[Mention]) -> str:
    for mention in mentions:
        text = text[: mention.start] + BLANK * (mention.end - mention.start) + text[mention.end :]
    return text


def _tokens(text: str) -> list[Token]:
    tokens = []
    before = 0
    for match in _TOKEN.finditer(text):
        word = match.group()
        start, end = match.span()
        if word[0] in "0123456789" or any(char in "0123456789" for char in word):
            bare = word.rstrip("OIL")
            if bare != word and text[end : end + 1].isalpha():
                # the letters begin a word that was glued to the number
                end -= len(word) - len(bare)
                tail = Token(text[end : match.end()], "", end, match.end(), "")
                tokens.append(Token(bare, bare.translate(LOOKALIKE), start, end, text[before:start]))
                tokens.append(tail)
            else:
                tokens.append(Token(word, word.translate(LOOKALIKE), start, end, text[before:start]))
        elif tokens and not tokens[-1].digits and start == before and not tokens[-1].gap:
            last = tokens.pop()
            tokens.append(Token(last.text + word, "", last.start, end, last.gap))
        else:
            tokens.append(Token(word, "", start, end, text[before:start]))
        before = match.end()
    return tokens


def _mention_at(
    tokens: Sequence[Token], place: int, text: str, words: Lexicon, length: int
) -> tuple[Mention | None, int]:
    """A number that begins with this token, and the token to go on with."""
    token = tokens[place]
    if not token.digits:
        prefix = next((p for p in words.prefixes if token.text.endswith(p)), "")
        if not prefix and place and tokens[place - 1].text + token.text in words.prefixes and token.gap == " ":
            # the line broke inside the letters
            torn = Token(tokens[place - 1].text + token.text, "", tokens[place - 1].start, token.end, "")
            return _mention_at([*tokens[: place - 1], torn, torn, *tokens[place + 1 :]], place, text, words, length)
        if not prefix:
            return None, place + 1
        run = _run(tokens, place + 1)
        if not run or len(run[0].gap) > 3 or not _INSIDE.issuperset(run[0].gap):
            return None, place + 1
        start = token.start if token.text == prefix else token.end - len(prefix)
        is_sure = start == token.start or _is_generic(token.text[: -len(prefix)])
        for layout in words.plain_layouts:
            if prefix in layout.widths:
                mention, used = _parse(run, layout, (prefix,), prefix, start, text, is_sure, length)
                if mention:
                    return mention, place + 1 + used
        return None, place + 1
    if not _may_begin(tokens, place):
        return None, place + 1
    run = _run(tokens, place)
    for layout in words.plain_layouts:
        mention, used = _parse(run, layout, tuple(layout.widths), "", token.start, text, True, length)
        if mention:
            return mention, place + used
    return None, place + 1


def _may_begin(tokens: Sequence[Token], place: int) -> bool:
    """A number without its letters: no other letters and no digits are glued to its front."""
    token = tokens[place]
    if not place:
        return True
    before = tokens[place - 1]
    if before.digits:
        return not token.gap or token.gap[0] not in "/-\\_.:"
    # letters with a stroke are another series; letters without anything between are words that lost their blanks
    return not _GLUE.intersection(token.gap) or _is_generic(before.text)


def _is_generic(word: str) -> bool:
    return word in _GENERIC or any(len(end) > 1 and word.endswith(end) for end in _GENERIC)


def _run(tokens: Sequence[Token], place: int) -> list[Token]:
    """Tokens of digits from this one on, with nothing between them that ends a number."""
    run: list[Token] = []
    for token in tokens[place : place + _MAX_TOKENS]:
        if not token.digits or (run and (len(token.gap) > 3 or not _INSIDE.issuperset(token.gap))):
            break
        run.append(token)
    return run


class _Way(NamedTuple):
    """One way to read a run: the values of the parts, tokens used, blanks bridged inside a part."""

    values: tuple[str, ...]
    used: int
    bridged: int


def _parse(
    run: Sequence[Token],
    layout: Layout,
    prefixes: tuple[str, ...],
    prefix: str,
    start: int,
    text: str,
    is_sure: bool,
    length: int,
) -> tuple[Mention | None, int]:
    ways = [way for way in _walk(run, layout, 0, 0, 0, bool(prefix)) if _ends(run, way.used)]
    if not prefix:
        ways = [way for way in ways if _is_full(way, layout, run, text)]
    if not ways:
        return _damaged(run, layout, prefix, start, text)
    ways = _best(ways, layout)
    keys = dict.fromkeys(key for way in ways for key in layout.keys(prefixes, way.values))
    if not keys:
        return _damaged(run, layout, prefix, start, text)
    used = max(way.used for way in ways)
    end = run[used - 1].end
    written_whole = layout.least > 2 and len(ways[0].values[layout.running]) >= layout.least
    at_end = end >= len(text.rstrip())
    is_cut = at_end and length >= _LONGEST
    if is_cut and not written_whole:
        return _damaged(run, layout, prefix, start, text)
    cut = not written_whole and at_end and _may_be_cut(length)
    digits = _all_digits(["".join(token.digits for token in run[: way.used]) for way in ways], keys)
    return Mention(text[start:end], tuple(keys), digits, prefix, start, end, is_sure and not cut, is_cut), used


def _all_digits(written: Sequence[str], keys: Iterable[str]) -> tuple[str, ...]:
    """As written, and as the numbers meant are printed."""
    return tuple(dict.fromkeys((*written, *(digits_of(key) for key in keys))))


def _may_be_cut(length: int) -> bool:
    return (
        length >= 135 or any(width - 1 <= length % width or length % width == 0 for width in (27, 35)) and length > 26
    )


def _walk(run: Sequence[Token], layout: Layout, part: int, place: int, offset: int, has_prefix: bool) -> Iterator[_Way]:
    """All ways to spread the digits of a run over the parts of a layout."""
    if part == len(layout.parts):
        if not offset:
            yield _Way((), place, 0)
        return
    if place >= len(run):
        return
    token = run[place]
    value = token.digits[offset:]
    upto = place
    bridged = 0
    while True:
        fit = _fit(layout, part, value)
        if fit:
            for way in _walk(run, layout, part + 1, upto + 1, 0, has_prefix):
                yield _Way((fit, *way.values), way.used, way.bridged + bridged)
        upto += 1
        if upto >= len(run) or run[upto].gap.strip() or len(value) >= 12:
            break
        bridged += 1
        value += run[upto].digits
    value = token.digits[offset:]
    if part == layout.running:
        return
    for width in (4, 2) if layout.parts[part].kind == YEAR else (layout.parts[part].width,):
        if len(value) <= width:
            continue
        if width == 2 and layout.parts[part].kind == YEAR and not has_prefix:
            continue
        fit = _fit(layout, part, value[:width])
        if fit:
            for way in _walk(run, layout, part + 1, place, offset + width, has_prefix):
                yield _Way((fit, *way.values), way.used, way.bridged)


def _fit(layout: Layout, part: int, value: str) -> str:
    """The value as the number has it, empty when it cannot be this part."""
    if part == layout.running:
        # leading zeros are left out all or none: what begins with some of them is a piece of a number
        if not value.strip("0") or len(value) > layout.width or (value[0] == "0" and len(value) < layout.least):
            return ""
        return value
    kind, _text, width = layout.parts[part]
    if kind == YEAR:
        if len(value) == 4:
            return value if value[:2] in ("19", "20") else ""
        return "20" + value if len(value) == 2 else ""
    if kind == MONTH:
        return value if len(value) == 2 and "01" <= value <= "12" else ""
    return value if len(value) == width else ""


def _ends(run: Sequence[Token], used: int) -> bool:
    """The number ends here: no slash, dash or dot leads to more digits."""
    return used >= len(run) or not run[used].gap or run[used].gap[0] not in "/-\\_." or run[used].gap[:2] == ". "


def _is_full(way: _Way, layout: Layout, run: Sequence[Token], text: str) -> bool:
    """Without its letters a number must not look like a date, a period or an amount."""
    bare = way.values[layout.running].lstrip("0")
    if len(layout.parts) == 1:
        return len(way.values[0]) >= layout.least > 3 and way.bridged == 0
    if len(layout.parts) == 2:
        return len(way.values[layout.running]) >= layout.least > 2
    running = way.values[layout.running]
    if layout.parts[0].kind == YEAR and len(run[0].digits) == 2:
        return len(running) > 2 and not (len(running) == 4 and running[:2] in ("19", "20"))
    return len(running) >= layout.least > 2 or len(running) != 2 or bare > "31" or not _is_date(way, run, text)


def _is_date(way: _Way, run: Sequence[Token], text: str) -> bool:
    """Year, month and day stand alone, with one kind of separator; torn or glued ones may be anything."""
    inside = {token.gap for token in run[1 : way.used]}
    start, end = run[0].start, run[way.used - 1].end
    return (
        len(inside) == 1
        and inside <= {"-", ".", "/"}
        and not text[start - 1 : start].isalnum()
        and not text[end : end + 1].isalnum()
    )


def _best(ways: list[_Way], layout: Layout) -> list[_Way]:
    """Readings worth keeping."""
    torn_apart = [way for way in ways if way.bridged]
    if torn_apart and len(torn_apart) < len(ways):
        # a blank ends a number of the whole width, and may stand inside of a shorter one: both are meant
        whole = [way for way in ways if not way.bridged and len(way.values[layout.running]) >= layout.width]
        return whole or ways
    return ways


def _damaged(run: Sequence[Token], layout: Layout, prefix: str, start: int, text: str) -> tuple[Mention | None, int]:
    """A number built nearly like ours: one digit too many or too few somewhere, or no such month."""
    first = run[0].digits
    if not prefix:
        is_year = first[:2] in ("19", "20") or (len(run) >= len(layout.parts) > 2 and 2 < len(first) < 6)
        if layout.parts[0].kind != YEAR or not is_year:
            return None, 0
    digits = []
    joined = ""
    used = 0
    for count, token in enumerate(run, 1):
        joined += token.digits
        if len(joined) > layout.most + 1:
            break
        least = layout.fewest - 1 if prefix else layout.most - 1
        if (
            len(joined) >= max(least, 4)
            and _ends(run, count)
            and count >= min(2, len(layout.parts))
            or len(joined) >= layout.most - 1
            and _ends(run, count)
        ):
            digits.append(joined)
            used = count
    if not digits:
        return None, 0
    end = run[used - 1].end
    return Mention(text[start:end], (), tuple(digits), prefix, start, end), used
