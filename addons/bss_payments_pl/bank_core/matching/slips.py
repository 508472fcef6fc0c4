"""One slip: a digit changed, missing or extra, or two neighbouring digits swapped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache

from .shapes import YEAR, Shape, digit_runs, series_of, shape_of

_DIGITS = "0123456789"
YEARS = frozenset(("19", "20"))
_RUNS = re.compile(r"[0-9]+")
_NO_DIGITS = {code: None for code in range(128) if chr(code) not in _DIGITS}


def is_one_slip(one: str, other: str) -> bool:
    """Exactly one slip lies between two strings of digits; equal ones are no slip."""
    length, other_length = len(one), len(other)
    if not -2 < length - other_length < 2 or one == other:
        return False
    longer, shorter = (one, other) if length >= other_length else (other, one)
    # a slip lies in one half: the other half is untouched
    half = (min(length, other_length) - 1) // 2
    place = 0
    if half > 0:
        if one[:half] == other[:half]:
            place = half
        elif one[-half:] != other[-half:]:
            return False
    for left, right in zip(longer[place:], shorter[place:], strict=False):
        if left != right:
            break
        place += 1
    if len(longer) > len(shorter):
        return longer[place + 1 :] == shorter[place:]
    if longer[place + 1 :] == shorter[place + 1 :]:
        return True
    swapped = shorter[place + 1 : place + 2] + shorter[place : place + 1]
    return longer[place : place + 2] == swapped and longer[place + 2 :] == shorter[place + 2 :]


def one_slip_from(digits: str) -> Iterator[str]:
    """All strings one slip away, some of them more than once."""
    for place in range(len(digits) + 1):
        head, tail = digits[:place], digits[place:]
        for digit in _DIGITS:
            yield head + digit + tail
            if tail:
                yield head + digit + tail[1:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]


def is_far(written: str, number: str) -> bool:
    """A quick look at the last digits: no single slip leads from these digits to that number.

    A slip leaves the last digit alone, or else the digits two and three places before it (moved by one place when
    a digit is missing or extra). Where leading zeros may have been left out this says nothing.
    """
    if written[-1:] == number[-1:] or not number[-1:].isdigit():
        return False
    last = number[-4:]
    if not (last.isdigit() and last.isascii()):
        if _RUNS.findall(last)[-1][0] == "0":
            return False
        last = number.translate(_NO_DIGITS)[-4:]
        if written[-1:] == last[-1]:
            return False
    ours = last[:2]
    if len(last) < 4 or last[0] == "0" or ours in YEARS:
        return False
    return written[-4:-2] != ours and written[-3:-1] != ours and written[-4:-2] != last[1:3]


def digits_of(text: str) -> str:
    """The digits of a plain text."""
    return "".join(_RUNS.findall(text))


def digit_forms(number: str) -> tuple[str, Set[str]]:
    """Leading letters of a number, and its digits in each way people write them: all of them, without
    the zeros before the running number, with a year of two digits."""
    if not number.isascii():
        return _digit_forms(number)
    head, meaning, last = series_of(number)
    prefix, heads = series_forms(head, meaning)
    if not heads:
        return _digit_forms(number)
    bare = last.lstrip("0") or "0"
    ways = (last,) if bare == last else (last, bare)
    return prefix, {form + way for form in heads for way in ways}


@lru_cache(maxsize=4096)
def series_forms(head: str, last: str) -> tuple[str, tuple[str, ...]]:
    """Leading letters and forms of all digits before the last ones, where those are the running number; else no form."""
    shape = shape_of(head + last)
    if not last or shape.running != len(shape.parts) - 1:
        return "", ()
    prefix, forms = _digit_forms(head + last)
    return prefix, tuple({form[: -len(last)] for form in forms})


@lru_cache(maxsize=4096)
def _digit_forms(number: str) -> tuple[str, frozenset[str]]:
    shape = shape_of(number)
    runs = digit_runs(number)
    forms = {""}
    place = 0
    for index, part in enumerate(shape.parts):
        if part.text:
            continue
        run = runs[place]
        place += 1
        ways = {run}
        if index == shape.running:
            ways.add(run.lstrip("0") or "0")
        elif part.kind == YEAR:
            ways.add(run[2:])
        forms = {form + way for form in forms for way in ways}
    return shape.parts[0].text if shape.parts else "", frozenset(forms)


@lru_cache(maxsize=4096)
def _group_forms(number: str) -> tuple[tuple[str, ...], ...]:
    """Each group of digits of a number in the ways people write it."""
    shape = shape_of(number)
    kinds = [(index, part.kind) for index, part in enumerate(shape.parts) if not part.text]
    return tuple(
        (run, run.lstrip("0") or "0") if index == shape.running else (run, run[2:]) if kind == YEAR else (run,)
        for (index, kind), run in zip(kinds, digit_runs(number), strict=True)
    )


def is_one_group_off(groups: Sequence[str], number: str) -> bool:
    """All groups but one are those of the number, and one slip lies in that one.

    True as well when the digits stand in fewer groups than the number has: then this says nothing. In more of them a
    blank ended a number, perhaps one of somebody, unless its zeros show that it had to go on.
    """
    forms = _group_forms(number)
    joined = "".join(groups)
    if len(joined) <= (6 if joined[:2] in ("19", "20") else 4):
        return False  # a year and a month: nothing of the running number is there
    if len(groups) != len(forms):
        return len(groups) < len(forms) or groups[-2][0] == "0"
    wrong = [place for place, group in enumerate(groups) if group not in forms[place]]
    return len(wrong) == 1 and any(is_one_slip(groups[wrong[0]], form) for form in forms[wrong[0]])


#: for each digit the nine others
_OTHERS = {digit: [other for other in _DIGITS if other != digit] for digit in _DIGITS}


def neighbour_keys(key: str, shape: Shape) -> list[str]:
    """Match keys one slip away from a match key of that shape; most of them belong to no document."""
    found: list[str] = []
    before = -1
    for place, old in enumerate(key):
        if old not in _OTHERS:
            continue
        head, tail = key[:place], key[place + 1 :]
        found += [head + digit + tail for digit in _OTHERS[old]]
        if before >= 0 and key[before] != old:
            found.append(key[:before] + old + key[before + 1 : place] + key[before] + tail)
        before = place
    return found + _longer_and_shorter(key, shape)


def _longer_and_shorter(key: str, shape: Shape) -> list[str]:
    """A digit missing or extra in the running number, whose leading zeros people leave out."""
    if shape.running < 0:
        return []
    start = sum([len(part.text) or part.width for part in shape.parts[: shape.running]])
    width = shape.parts[shape.running].width
    head, run, tail = key[:start], key[start : start + width], key[start + width :]
    bare = run.lstrip("0")
    fewer = [bare[:place] + bare[place + 1 :] for place in range(len(bare))]
    found = [head + one.zfill(width) + tail for one in fewer]
    # a series that outgrew its printed width goes on with one digit more
    if len(bare) == width > 1:
        found += [head + one + tail for one in fewer]
    for place in range(width + 1 if run[0] != "0" else 1):
        left, right = head + run[:place], run[place:] + tail
        found += [left + digit + right for digit in (_DIGITS if place else _DIGITS[1:])]
    if len(bare) < width:
        zeros = "0" * (width - len(bare) - 1)
        for place in range(len(bare) + 1):
            left, right = head + zeros + bare[:place], bare[place:] + tail
            found += [left + digit + right for digit in _DIGITS]
    return found
