"""Document numbers in a title: written as they should be, or torn, joined, shortened and misread.

``clean_mentions`` finds the first kind with one regular expression per layout; ``other_mentions`` reads what is
left token by token. Neither looks anything up: a mention holds the match keys it may mean.
"""

from __future__ import annotations

from collections.abc import Sequence

from .lexicon import Lexicon
from .parsing import LONGEST, Mention, all_digits, may_be_year, parse
from .slips import digits_of
from .text import BLANK, LOOKALIKE
from .tokens import Token, follows, is_generic, may_begin, run_from, tokens_of


def clean_mentions(text: str, words: Lexicon, length: int) -> tuple[list[Mention], str]:
    """Numbers written as printed (leading zeros may lack), and the text without them."""
    found: list[Mention] = []
    several = False
    cut = len(text.rstrip()) if length >= LONGEST else len(text) + 1
    for layout in words.plain_layouts:
        if layout.clean is None:
            continue
        is_first = not found
        for match in layout.clean.finditer(text):
            prefix, *values = match.groups()
            keys = layout.keys((prefix,), values)
            start, end = match.span()
            if keys and end != cut:
                written = "".join(values)
                is_whole = len(keys) == 1 and keys[0] == prefix + written
                digits = (written,) if is_whole else all_digits([written], keys)
                found.append(Mention(match.group(), tuple(keys), digits, prefix, start, end, groups=tuple(values)))
                several = several or not is_first
    if not found:
        return found, text
    if len(found) > 1 and len(words.plain_layouts) > 1:
        # those of one layout do not overlap
        found = _without_overlaps(found) if several else sorted(found, key=_longest_first)
    return found, _without(text, found)


def _longest_first(mention: Mention) -> tuple[int, int]:
    return mention.start - mention.end, mention.start


def _without_overlaps(found: list[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in sorted(found, key=_longest_first):
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
                digits = all_digits(["".join(values)], keys)
                found.append(Mention(match.group(), tuple(keys), digits, prefix or "", start, end))
    if found:
        found = _without_overlaps(found)
        text = _without(text, found)
    if words.has_none(text, len(digits_of(text))):
        return found, text
    tokens = tokens_of(text)
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


def _mention_at(
    tokens: Sequence[Token], place: int, text: str, words: Lexicon, length: int
) -> tuple[Mention | None, int]:
    """A number that begins with this token, and the token to go on with."""
    token = tokens[place]
    if not token.digits:
        prefix = ""
        if token.text.endswith(words.prefixes):
            prefix = next(p for p in words.prefixes if token.text.endswith(p))
        if not prefix and place and tokens[place - 1].text + token.text in words.prefixes and token.gap == " ":
            # the line broke inside the letters
            torn = Token(tokens[place - 1].text + token.text, "", tokens[place - 1].start, token.end, "")
            return _mention_at([*tokens[: place - 1], torn, torn, *tokens[place + 1 :]], place, text, words, length)
        if not prefix:
            return None, place + 1
        run = run_from(tokens, place + 1)
        if not run or not follows(run[0]):
            return None, place + 1
        start = token.start if token.text == prefix else token.end - len(prefix)
        is_sure = start == token.start or is_generic(token.text[: -len(prefix)])
        for layout in words.plain_layouts:
            if prefix in layout.widths:
                mention, used = parse(run, layout, (prefix,), prefix, start, text, is_sure, length)
                if mention:
                    return mention, place + 1 + used
        return None, place + 1
    if not may_begin(tokens, place):
        return None, place + 1
    run = run_from(tokens, place)
    digits = sum([len(one.digits) for one in run])
    for layout in words.plain_layouts:
        if digits < layout.most - 1 and not may_be_year(token.digits, layout):
            continue  # neither one of our numbers nor one that was damaged
        mention, used = parse(run, layout, tuple(layout.widths), "", token.start, text, True, length)
        if mention:
            return mention, place + used
    return None, place + 1
