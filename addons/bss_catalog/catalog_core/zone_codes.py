"""Codes of zones that no called number leads to: networks abroad, access points, rating groups, content.

A code is ``head:value`` in small letters. ``net:26006`` is usage in the network with this MCC and MNC (or TADIG code), ``net:260`` in
any network of the country, ``net:*`` in any other one; ``in:…`` are calls received there. The bare name of a kind of usage
("data") is the last resort of usage without a number.
"""

import re
from dataclasses import dataclass, field

HEADS = {
    "network": "net",
    "incoming": "in",
    "apn": "apn",
    "rating_group": "rg",
    "premium": "premium",
    "vod": "vod",
    "content": "content",
}
KINDS = (*HEADS, "usage", "other")
USAGES = frozenset(("voice", "sms", "mms", "data", "premium", "content"))
ABROAD = frozenset(("network", "incoming"))
NETWORK = re.compile(r"[0-9]{3}|[0-9]{5,6}|[a-z]{3}|[a-z]{3}[a-z0-9]{2}|\*")
MOST = 100


@dataclass(frozen=True, slots=True)
class CodeProblem:
    """CODE_EMPTY, CODE_SPACES, CODE_LONG, CODE_NETWORK, CODE_GROUP, CODE_USAGE, CODE_OTHER; ``params``: text."""

    code: str
    params: dict[str, str] = field(default_factory=dict)


def make_code(kind: str, value: str) -> str:
    """The code of a value of one of ``KINDS``; what people paste with its head is understood."""
    bare = value.strip().lower()
    head = HEADS.get(kind)
    return f"{head}:{bare.removeprefix(f'{head}:')}" if head else bare


def split_code(code: str) -> tuple[str, str]:
    """(kind, value) of a code."""
    text = code.strip().lower()
    head, colon, value = text.partition(":")
    kinds = {name: kind for kind, name in HEADS.items()}
    if colon and head in kinds:
        return kinds[head], value
    return ("usage" if text in USAGES else "other"), text


def check_code(kind: str, value: str) -> CodeProblem | None:
    """Why ``value`` is no code of that kind."""
    code = make_code(kind, value)
    bare = code.partition(":")[2] if kind in HEADS else code
    params = {"text": value.strip()}
    if not bare:
        return CodeProblem("CODE_EMPTY", params)
    if len(code) > MOST:
        return CodeProblem("CODE_LONG", {**params, "most": str(MOST)})
    if re.search(r"[\s,;]", code):
        return CodeProblem("CODE_SPACES", params)
    if kind in ABROAD and not NETWORK.fullmatch(bare):
        return CodeProblem("CODE_NETWORK", params)
    if kind == "rating_group" and not (bare.isascii() and bare.isdigit()):
        return CodeProblem("CODE_GROUP", params)
    if kind == "usage" and bare not in USAGES:
        return CodeProblem("CODE_USAGE", {**params, "usages": ", ".join(sorted(USAGES))})
    if kind == "other" and split_code(code)[0] != "other":
        return CodeProblem("CODE_OTHER", params)
    return None
