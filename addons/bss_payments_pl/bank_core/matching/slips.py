"""One slip: a digit changed, missing or extra, or two neighbouring digits swapped."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from .shapes import YEAR, Shape, digit_runs, shape_of

_DIGITS = "0123456789"
_NO_DIGITS = {code: None for code in range(128) if chr(code) not in _DIGITS}


def is_one_slip(one: str, other: str) -> bool:
    """Exactly one slip lies between two strings of digits; equal ones are no slip."""
    if not -2 < len(one) - len(other) < 2 or one == other:
        return False
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    place = 0
    for left, right in zip(longer, shorter, strict=False):
        if left != right:
            break
        place += 1
    if len(longer) > len(shorter):
        return longer[place + 1 :] == shorter[place:]
    if longer[place + 1 :] == shorter[place + 1 :]:
        return True
    swapped = shorter[place + 1 : place + 2] + shorter[place : place + 1]
    return longer[place : place + 2] == swapped and longer[place + 2 :] == shorter[place + 2 :]


def is_far(written: str, number: str) -> bool:
    """A quick look at the last digits: no single slip leads from these digits to that number.

    A slip leaves the last digit alone, or else the digits two and three places before it (moved by one place when
    a digit is missing or extra). Where leading zeros may have been left out this says nothing.
    """
    digits = number.translate(_NO_DIGITS)
    if digits[-4:-3] in "0" or digits[-4:-2] in ("19", "20") or not number[-1:].isdigit():
        return False
    if written[-1:] == digits[-1]:
        return False
    ours = digits[-4:-2]
    return written[-4:-2] != ours and written[-3:-1] != ours and written[-4:-2] != digits[-3:-1]


def digits_of(text: str) -> str:
    """The digits of a plain text."""
    return text.translate(_NO_DIGITS)


@lru_cache(maxsize=65536)
def digit_forms(number: str) -> tuple[str, frozenset[str]]:
    """Leading letters of a number, and its digits in each way people write them: all of them, without
    the zeros before the running number, with a year of two digits."""
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


def neighbour_keys(key: str, shape: Shape) -> Iterator[str]:
    """Match keys one slip away from a match key of that shape; most of them belong to no document."""
    places = [place for place, char in enumerate(key) if char in _DIGITS]
    for place in places:
        head, old, tail = key[:place], key[place], key[place + 1 :]
        for digit in _DIGITS:
            if digit != old:
                yield head + digit + tail
    for left, right in zip(places, places[1:], strict=False):
        if key[left] != key[right]:
            yield key[:left] + key[right] + key[left + 1 : right] + key[left] + key[right + 1 :]
    yield from _longer_and_shorter(key, shape)


def _longer_and_shorter(key: str, shape: Shape) -> Iterator[str]:
    """A digit missing or extra in the running number, whose leading zeros people leave out."""
    if shape.running < 0:
        return
    start = sum(len(part.text) or part.width for part in shape.parts[: shape.running])
    width = shape.parts[shape.running].width
    head, run, tail = key[:start], key[start : start + width], key[start + width :]
    bare = run.lstrip("0")
    for place in range(len(bare)):
        yield head + (bare[:place] + bare[place + 1 :]).zfill(width) + tail
    # a series that outgrew its printed width goes on with one digit more
    if len(bare) == width > 1:
        for place in range(width):
            yield head + bare[:place] + bare[place + 1 :] + tail
    for place in range(width + 1 if run[0] != "0" else 1):
        for digit in _DIGITS[not place :]:
            yield head + run[:place] + digit + run[place:] + tail
    if len(bare) < width:
        for place in range(len(bare) + 1):
            for digit in _DIGITS:
                yield head + (bare[:place] + digit + bare[place:]).zfill(width) + tail
