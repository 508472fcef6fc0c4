"""Field :86: of MT940: cut into sub-fields or labels by the dialect, then given its meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .. import nrb
from ..model import Problem, Severity
from .dialects import Dialect

_BUSINESS_CODE = re.compile(r"^(\d{3})(?=\D|$)")
_ADDRESS = re.compile(r"(?<=\s)(?:(?:UL|OS|AL|PL)(?:\.|\s)|ALEJA\s|PLAC\s)|\d{2}-\d{3}\s", re.IGNORECASE)
_PIECE = 27
_PAYER_LABELS = frozenset({"ID IPH", "Z RACH.", "NA RACH.", "OD", "DLA"})


def raw_details(details: list[tuple[int, str]]) -> str:
    texts = [text for _no, text in details]
    if len(texts) > 1 and len(texts[0].strip()) == 3 and texts[1].startswith(texts[0].strip()):
        return "\n".join([f":86:{texts[0]}", f":86:{texts[1]}", *texts[2:]])
    return "\n".join([f":86:{texts[0]}", *texts[1:]])


def cut_details(details: list[tuple[int, str]], dialect: Dialect) -> dict[str, str]:
    """Sub-fields or labels by their code; "" holds what stands before the first one."""
    texts = [text for _no, text in details]
    if len(texts) > 1 and len(texts[0].strip()) == 3 and texts[1].startswith(texts[0].strip()):
        texts = texts[1:]
    if dialect.layout == "plain" or not texts:
        return {"": "\n".join(texts)}
    if dialect.layout == "labels":
        return _cut_labels("".join(texts), dialect)
    return _cut_subfields(texts, dialect)


def _cut_subfields(texts: list[str], dialect: Dialect) -> dict[str, str]:
    parts: dict[str, str] = {"": ""}
    current = ""
    mark = re.escape(dialect.separator)
    pattern = re.compile(f"{'^' if dialect.one_per_line else ''}{mark}([0-9]{{2}})")
    for index, text in enumerate(texts):
        start = 0
        for match in pattern.finditer(text) if index or not dialect.one_per_line else _anywhere(text, mark):
            code = match.group(1)
            if code not in dialect.known or code in parts:
                continue
            parts[current] += text[start : match.start()]
            current, start = code, match.end()
            parts[current] = ""
        parts[current] += text[start:]
    return {code: _without_filler(text, dialect) for code, text in parts.items()}


def _anywhere(text: str, mark: str) -> Iterator[re.Match[str]]:
    """The first line of :86: has its first sub-field behind the business code."""
    match = re.match(rf"^[^{mark}]{{0,6}}{mark}([0-9]{{2}})", text)
    if match:
        yield from re.compile(f"{mark}([0-9]{{2}})").finditer(text, match.start(1) - 1, match.end())


def _cut_labels(text: str, dialect: Dialect) -> dict[str, str]:
    names = sorted(dialect.known, key=len, reverse=True)
    pattern = re.compile("; ?(" + "|".join(map(re.escape, names)) + "): ?")
    spots: dict[str, re.Match[str]] = {}
    for match in pattern.finditer(text):
        name = match.group(1)
        if name not in spots or name in dialect.last_labels:
            spots[name] = match
    # after the title only the closing labels count: a payer may write "; OD: " in it
    title = next((spots[name] for name in dialect.title if name in spots), None)
    kept = sorted(
        (
            match
            for name, match in spots.items()
            if title is None or match.start() <= title.start() or name not in _PAYER_LABELS
        ),
        key=lambda match: match.start(),
    )
    ends = [*(match.start() for match in kept), len(text)]
    parts = {"": text[: ends[0]]}
    for match, end in zip(kept, ends[1:], strict=True):
        parts[match.group(1)] = text[match.end() : end].strip()
    return parts


def _without_filler(text: str, dialect: Dialect) -> str:
    return "" if dialect.fillers and not text.strip(dialect.fillers + " ") else text


def meaning(parts: dict[str, str], dialect: Dialect, line: int, problems: list[Problem]) -> dict[str, str]:
    head = parts.get("", "")
    code = _BUSINESS_CODE.match(head)
    title = "".join(parts.get(name, "") for name in dialect.title)
    if not title:
        rest = head[code.end() :] if code else head
        title = parts.get("00", "") or " ".join(rest.split("\n"))
    name, address = _name_and_address(
        _join_pieces(parts.get(part, "") for part in dialect.name_parts),
        _join_pieces(parts.get(part, "") for part in dialect.address_parts),
    )
    return {
        "business_code": code.group(1) if code else "",
        "title": title.strip(),
        "party_name": name,
        "party_address": address,
        "party_account": _party_account(parts, dialect, line, problems),
        "payer_key": _payer_key(parts, dialect, line, problems),
        "bank_id": parts.get(dialect.bank_id, "").replace(" ", "") if dialect.bank_id else "",
        "details": "\n".join(f"{part}: {text}" if part else text for part, text in parts.items() if text.strip()),
    }


def _join_pieces(pieces: Iterable[str]) -> str:
    """A full piece was cut in the middle of the text; a short one ended there."""
    return "".join(piece if len(piece) >= _PIECE else piece + " " for piece in pieces)


def _name_and_address(name: str, address: str) -> tuple[str, str]:
    name = " ".join(name.split())
    address = " ".join(address.split())
    if not address:
        match = _ADDRESS.search(name)
        if match and match.start() > 2:
            return name[: match.start()].strip(), name[match.start() :].strip()
    return name, address


def _party_account(parts: dict[str, str], dialect: Dialect, line: int, problems: list[Problem]) -> str:
    for part in dialect.account:
        text = nrb.normalise(parts.get(part, ""))
        if not text.strip("0"):
            continue
        result = nrb.read(text)
        if result.code and text.isdigit():
            problems.append(Problem(result.code, Severity.WARNING, line, f":86: {part}", {"value": text}))
        # a foreign account (another IBAN) is kept as it is; a damaged Polish one is not used
        return result.nrb or ("" if text.isdigit() else text)
    return ""


def _payer_key(parts: dict[str, str], dialect: Dialect, line: int, problems: list[Problem]) -> str:
    for part, begins, pattern in dialect.payer_key:
        text = parts.get(part, "").strip()
        if not text or not text.startswith(begins):
            continue
        match = re.match(pattern, text)
        if match:
            return match.group(1)
        params = {"value": text[:40]}
        problems.append(Problem("PAYER_KEY_UNREADABLE", Severity.WARNING, line, f":86: {part}", params))
    return ""
