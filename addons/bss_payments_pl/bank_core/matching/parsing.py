"""Digits of a title as the parts of a number of ours: torn, joined, shortened, or nearly right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .lexicon import Layout
from .shapes import MONTH, YEAR
from .slips import digits_of
from .tokens import Token

#: a title of this length has lost its tail
LONGEST = 140
#: a blank may tear a number between the first tokens only; behind them other numbers follow
_TORN = 3


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
    #: its digits, group by group as separators and blanks divide them
    groups: tuple[str, ...] = ()


class _Way(NamedTuple):
    """One way to read a run: the values of the parts, tokens used, blanks bridged inside a part."""

    values: tuple[str, ...]
    used: int
    bridged: int


def parse(
    run: Sequence[Token],
    layout: Layout,
    prefixes: tuple[str, ...],
    prefix: str,
    start: int,
    text: str,
    is_sure: bool,
    length: int,
) -> tuple[Mention | None, int]:
    """The number at the beginning of these tokens, and how many of them it takes.

    :param prefixes: letters it may mean; ``prefix`` those that are written, where it begins with them at ``start``
    :param length: characters of the whole title
    """
    if not prefix and not may_be_year(run[0].digits, layout):
        return _damaged(run, layout, prefix, start, text)
    mention, used = _parse_whole(run, layout, prefixes, prefix, start, text, is_sure, length)
    if mention:
        return mention, used
    for place in range(1, min(len(run), _TORN)):
        if run[place].gap == " ":
            mention, used = _parse_whole(_closed(run, place), layout, prefixes, prefix, start, text, False, length)
            # in a number written in all its groups the separators stand where they stand
            if mention and mention.keys and used >= place and used != len(layout.parts) - 1:
                return mention, used + 1
    return _damaged(run, layout, prefix, start, text)


def may_be_year(first: str, layout: Layout) -> bool:
    """A number without its letters may begin with these digits: its year, of two digits only where they stand alone."""
    return layout.parts[0].kind != YEAR or len(first) < 3 or first[:2] in ("19", "20")


def _closed(run: Sequence[Token], place: int) -> list[Token]:
    """The tokens with the blank before one of them closed: the line broke there."""
    before, after = run[place - 1], run[place]
    joined = Token(before.text + after.text, before.digits + after.digits, before.start, after.end, before.gap)
    return [*run[: place - 1], joined, *run[place + 1 :]]


def _parse_whole(
    run: Sequence[Token],
    layout: Layout,
    prefixes: tuple[str, ...],
    prefix: str,
    start: int,
    text: str,
    is_sure: bool,
    length: int,
) -> tuple[Mention | None, int]:
    ways = _ways(run, layout, bool(prefix))
    if not prefix:
        full = [way for way in ways if _is_full(way, layout, run, text)]
        # where only a torn reading is whole, the short one before the blank may be meant as well
        ways = ways if full and all(way.bridged for way in full) else full
    if not ways:
        return None, 0
    ways = _best(ways, layout)
    keys = dict.fromkeys(key for way in ways for key in layout.keys(prefixes, way.values))
    if not keys:
        return None, 0
    used = max(way.used for way in ways)
    end = run[used - 1].end
    written_whole = layout.least > 2 and len(ways[0].values[layout.running]) >= layout.least
    at_end = end >= len(text.rstrip())
    is_cut = at_end and length >= LONGEST
    if is_cut and not written_whole:
        return None, 0
    cut = not written_whole and at_end and may_be_cut(length)
    digits = all_digits(["".join(token.digits for token in run[: way.used]) for way in ways], keys)
    groups = tuple(token.digits for token in run[:used])
    return Mention(text[start:end], tuple(keys), digits, prefix, start, end, is_sure and not cut, is_cut, groups), used


def all_digits(written: Sequence[str], keys: Iterable[str]) -> tuple[str, ...]:
    """As written, and as the numbers meant are printed."""
    return tuple(dict.fromkeys((*written, *(digits_of(key) for key in keys))))


def may_be_cut(length: int) -> bool:
    """A title of so many characters may have lost its tail: at the end of all, or at the end of a line."""
    return (
        length >= 135 or any(width - 1 <= length % width or length % width == 0 for width in (27, 35)) and length > 26
    )


def _ways(run: Sequence[Token], layout: Layout, has_prefix: bool) -> list[_Way]:
    """All ways to read a number from the beginning of a run."""
    if len(run) == len(layout.parts) and not any(_ends(run, place) for place in range(1, len(run))):
        # separators everywhere and as many groups as parts: each group is a part, or it is no number
        values = tuple([_fit(layout, part, token.digits) for part, token in enumerate(run)])
        return [_Way(values, len(run), 0)] if all(values) else []
    return [way for way in _walk(run, layout, 0, 0, 0, has_prefix) if _ends(run, way.used)]


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
    """Year, month and day with dashes, perhaps with a blank; with dots only where they stand alone.

    With strokes it is as likely a number.
    """
    inside = {token.gap.strip() for token in run[1 : way.used]} - {""}
    if inside == {"-"}:
        return True
    start, end = run[0].start, run[way.used - 1].end
    return inside == {"."} and not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum()


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
    whole = layout.most - 1
    least = max(layout.fewest - 1, 4) if prefix else max(whole, 4)
    groups_needed = min(2, len(layout.parts))
    for count, token in enumerate(run, 1):
        joined += token.digits
        length = len(joined)
        if length > layout.most + 1:
            break
        if (length >= whole or length >= least and count >= groups_needed) and _ends(run, count):
            digits.append(joined)
            used = count
    if not digits:
        return None, 0
    end = run[used - 1].end
    groups = tuple(token.digits for token in run[:used])
    return Mention(text[start:end], (), tuple(digits), prefix, start, end, groups=groups), used
