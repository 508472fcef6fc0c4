"""Field :86: of MT940: cut into sub-fields or labels by the dialect, then given its meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from .. import nrb
from ..model import Problem, Severity
from .dialects_base import Dialect

_BUSINESS_CODE = re.compile(r"\s?([0-9]{2,3})(?=[^0-9]|$)")
_CODE_LINE = re.compile(r"[0-9]{3}")
#: of a text whose words stand one blank apart; written out because IGNORECASE takes twice the time
_ADDRESS = re.compile(
    r" (?=[UuOoAaPp0-9])(?:(?:[Uu][Ll]|[Oo][Ss]|[Aa][Ll]|[Pp][Ll])[. ]"
    r"|[Aa][Ll][Ee][Jj][Aa] |[Pp][Ll][Aa][Cc] |[0-9]{2}-[0-9]{3} )"
)
_POSTCODE = re.compile(r"[0-9]{2}-[0-9]{3} ")
#: titles banks give to money that goes back, no words of an ordinary transfer
_GOES_BACK = re.compile(r"\bSTORNO\b|\bODRZUC|\bZWROT\s+(?:PRZELEWU|WP[ŁL]ATY|P[ŁL]ATNO)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3}")
_NO_REFERENCE = frozenset({"", "NONREF", "NOTPROVIDED"})


class Meaning(NamedTuple):
    business_code: str
    title: str
    party_name: str
    party_address: str
    party_account: str
    payer_key: str
    bank_id: str
    end_to_end: str


def is_doubled(texts: list[str]) -> bool:
    """ING writes :86: twice, the first one holds nothing but the code the second begins with."""
    return len(texts) > 1 and len(texts[0].strip()) == 3 and texts[1].startswith(texts[0].strip())


def cut_details(texts: list[str], dialect: Dialect) -> dict[str, str]:
    """Sub-fields or labels by their code; "" holds what stands before the first one."""
    if is_doubled(texts):
        texts = texts[1:]
    if dialect.layout == "plain" or not texts:
        return {"": "\n".join(texts)}
    if dialect.layout == "labels":
        return cut_labels("".join(texts), dialect)
    if dialect.one_per_line:
        return _cut_lines(texts, dialect)
    return _cut_pieces("".join(texts).split(dialect.separator), dialect)


def _cut_lines(texts: list[str], dialect: Dialect) -> dict[str, str]:
    """Sub-fields begin at the start of a line; only the first stands behind the business code."""
    mark = dialect.separator
    head, found, rest = texts[0].partition(mark)
    lines = [head, mark + rest, *texts[1:]] if found and len(head) <= 6 else texts
    pieces = [lines[0]]
    for line in lines[1:]:
        if line.startswith(mark):
            pieces.append(line[1:])
        else:
            pieces[-1] += line
    return _cut_pieces(pieces, dialect)


def _cut_pieces(pieces: list[str], dialect: Dialect) -> dict[str, str]:
    """A separator with no known new code behind it is text."""
    parts = {"": pieces[0]}
    current = ""
    known = dialect.known_set
    for piece in pieces[1:]:
        code = piece[:2]
        if code in known and code not in parts:
            current = code
            parts[code] = piece[2:]
        else:
            parts[current] += dialect.separator + piece
    fillers = dialect.filler_chars
    if fillers:
        for code, text in parts.items():
            if not text.strip(fillers):
                parts[code] = ""
    return parts


def cut_labels(text: str, dialect: Dialect) -> dict[str, str]:
    spots: dict[str, re.Match[str]] = {}
    for match in dialect.label_pattern.finditer(text):
        name = match.group(1)
        if name not in spots or name in dialect.last_labels:
            spots[name] = match
    # a payer may write "; OD: " in his title
    title = next((spots[name] for name in dialect.title if name in spots), None)
    kept = sorted(
        (
            match
            for name, match in spots.items()
            if title is None or match.start() <= title.start() or not dialect.after_title or name in dialect.after_title
        ),
        key=lambda match: match.start(),
    )
    ends = [*(match.start() for match in kept), len(text)]
    parts = {"": text[: ends[0]]}
    for match, end in zip(kept, ends[1:], strict=True):
        parts[match.group(1)] = text[match.end() : end].strip(dialect.label_edges)
    return parts


def _kind_in_words(parts: dict[str, str]) -> str:
    """What ``00`` says of an entry without title ("Prowizja"); a bare code there (PKO BP's "240") is no words of anybody."""
    said = parts.get("00", "")
    return said if _WORD.search(said) else ""


def meaning(parts: dict[str, str], dialect: Dialect, line: int, problems: list[Problem]) -> Meaning:
    """What the parts say; a damaged account or payer's key is left out and reported."""
    head = parts[""]
    code, start = business_code(head)
    if dialect.title_width:
        title = join([parts.get(name, "") for name in dialect.title], dialect.title_width).strip()
    else:
        title = "".join([parts[name] for name in dialect.title if name in parts]).strip()
    if not title:
        rest = head[start:]
        if dialect.code_last:
            rest, code = _code_at_the_end(rest, code)
        title = (_kind_in_words(parts) or " ".join(rest.split("\n"))).strip()
    name = _first(parts, dialect.names)
    address = _first(parts, dialect.addresses) if dialect.addresses else ""
    if name and not address:
        name, address = without_address(name)
    return Meaning._make(
        (
            code,
            title,
            name,
            address,
            _party_account(parts, dialect, line, problems),
            _payer_key(parts, dialect, line, problems),
            parts.get(dialect.bank_id, "").replace(" ", "") if dialect.bank_id else "",
            _end_to_end(parts, dialect) if dialect.end_to_end else "",
        )
    )


def _code_at_the_end(text: str, code: str) -> tuple[str, str]:
    lines = text.split("\n")
    if len(lines) > 1 and _CODE_LINE.fullmatch(lines[-1].strip()):
        return "\n".join(lines[:-1]), lines[-1].strip()
    return text, code


def _first(parts: dict[str, str], options: tuple[tuple[tuple[str, ...], int], ...]) -> str:
    for names, width in options:
        text = tidy([parts.get(name, "") for name in names], width)
        if text:
            return text
    return ""


def join(pieces: Iterable[str], width: int) -> str:
    """A full piece was cut in the middle of the text, a shorter one ended there."""
    text = ""
    for piece in pieces:
        if piece:
            text += piece if len(piece) >= width else piece + " "
    return text


def tidy(pieces: Iterable[str], width: int) -> str:
    """One text, its words one blank apart."""
    text = ""
    for piece in pieces:
        if piece:
            # a full piece was cut in the middle of the text, a shorter one ended there
            text += piece if len(piece) >= width else piece + " "
    # nothing but single blanks between the words: most of them are
    return " ".join(text.split()) if "  " in text or not text.isprintable() else text.strip(" ")


def tidy_all(columns: Sequence[Sequence[str]], width: int) -> list[str]:
    """:func:`tidy` of many texts, with the pieces of all of them in columns."""
    # a blank behind the last one would be taken away again
    *others, last = columns
    spaced = [[piece if len(piece) >= width or not piece else piece + " " for piece in column] for column in others]
    texts = [*map("".join, zip(*spaced, last, strict=True))]
    together = "".join(texts)
    if "  " in together or not together.isprintable():
        return [" ".join(text.split()) for text in texts]
    return [*map(str.strip, texts, repeat(" "))]


def without_address(name: str) -> tuple[str, str]:
    """(name, address)"""
    names, addresses = without_addresses([name])
    return names[0], addresses[0]


def without_addresses(texts: Iterable[str]) -> tuple[list[str], list[str]]:
    """:func:`without_address` of many texts: (names, addresses)"""
    names, addresses = [], []
    for text in texts:
        match = _ADDRESS.search(text, 2)
        if match is None and "-" in text:
            match = _POSTCODE.search(text, 3)
        if match is None:
            names.append(text)
            addresses.append("")
        else:
            at = match.start()
            names.append(text[:at].rstrip())
            addresses.append(text[at:].lstrip())
    return names, addresses


def _party_account(parts: dict[str, str], dialect: Dialect, line: int, problems: list[Problem]) -> str:
    for part in dialect.account:
        text = parts.get(part)
        if not text:
            continue
        if text.startswith("PL"):
            text = text[2:]
        if nrb.is_valid(text):
            return text
        text = nrb.normalise(text)
        if not text.strip("0"):
            continue
        result = nrb.read(text)
        if result.code and text.isdigit():
            problems.append(Problem(result.code, Severity.WARNING, line, f":86: {part}", {"value": text[:40]}))
        # a foreign account (another IBAN) is kept as it is; a damaged Polish one is not used
        return result.nrb or ("" if text.isdigit() else text[:40])
    return ""


def _payer_key(parts: dict[str, str], dialect: Dialect, line: int, problems: list[Problem]) -> str:
    for part, begins, pattern in dialect.payer_patterns:
        text = parts.get(part)
        if not text:
            continue
        match = pattern.match(text) or pattern.match(text.strip())
        if match:
            return match.group(1)
        text = text.strip()
        if not text or not text.startswith(begins):
            continue
        params = {"value": text[:40]}
        problems.append(Problem("PAYER_KEY_UNREADABLE", Severity.WARNING, line, f":86: {part}", params))
    return ""


@lru_cache(maxsize=512)
def business_code(head: str) -> tuple[str, int]:
    """(code, where the text behind it begins)"""
    code = _BUSINESS_CODE.match(head)
    return (code.group(1), code.end()) if code else ("", 0)


def _end_to_end(parts: dict[str, str], dialect: Dialect) -> str:
    text = parts.get(dialect.end_to_end, "").strip(" /")
    return "" if text in _NO_REFERENCE else text[:35]


def taken_back(mark: str, type_code: str, title: str, details: str, dialect: Dialect) -> tuple[str, str]:
    """(reference of the transaction taken back, why), as far as the bank names them.

    Nothing for an ordinary credit: its words are the payer's own, and anyone may name a reference in them.
    """
    if mark in ("C", "D") and not type_code.endswith("RTI") and not (mark == "D" and _GOES_BACK.search(title)):
        return "", ""
    # the patterns allow blanks in several places: a long run of them would take the square of its length
    text = " ".join(details.replace("\n", "").split())
    title = " ".join(title.split())
    original = next((match.group(1) for match in _matches(dialect.original_patterns, title)), "")
    reason = next((match.group(1).strip(" /") for match in _matches(dialect.reason_patterns, text)), "")
    return original, reason[:100]


def _matches(patterns: tuple[re.Pattern[str], ...], text: str) -> Iterator[re.Match[str]]:
    for pattern in patterns:
        yield from pattern.finditer(text)
