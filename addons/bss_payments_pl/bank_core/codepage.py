"""Which code page is a Polish bank file written in?

Valid UTF-8 wins; otherwise the candidates are scored by the Polish letters they produce inside
words. A file that was decoded wrongly once and saved again as UTF-8 is recognised and restored.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

CANDIDATES = ("iso-8859-2", "cp1250", "cp852")
UPPER = frozenset("ĄĆĘŁŃÓŚŹŻ")
LOWER = frozenset("ąćęłńóśźż")
#: (read as, in truth) pairs seen in the wild.
_WRONG_PAIRS = (
    ("cp1250", "cp852"),
    ("iso-8859-2", "cp852"),
    ("latin-1", "cp852"),
    ("cp1252", "cp852"),
    ("cp1250", "iso-8859-2"),
    ("latin-1", "iso-8859-2"),
    ("cp1252", "cp1250"),
    ("latin-1", "cp1250"),
    ("iso-8859-2", "cp1250"),
    ("cp1250", "utf-8"),
    ("cp1252", "utf-8"),
    ("latin-1", "utf-8"),
)
_WORD = re.compile(rb"[A-Za-z\x80-\xfe]*[\x80-\xfe][A-Za-z\x80-\xfe]*")
_TEXT_WORD = re.compile(r"[^\W\d_]*[^\x00-\x7f][^\x00-\x40\x5b-\x60\x7b-\x7f]*")
#: letters of neighbours' names; written wrongly decoded, they mostly stand in the wrong case
_FOREIGN = frozenset("äöüßéèáíúçñëâêîôûàìùåøæý")
_FILLER = "\u02d9\ufeff"
_MAX_WORDS = 1500
_MAX_DIFFERENT = 300


@dataclass(frozen=True, slots=True)
class CodePage:
    encoding: str
    #: a second candidate gives a different text with the same score
    doubtful: bool = False
    #: wrong code page the text went through once, empty normally
    misread_as: str = ""

    def fixer(self) -> Callable[[str], str] | None:
        """Function that restores a line which was decoded wrongly before it was saved."""
        if not self.misread_as:
            return None
        wrong, right = self.misread_as, self.encoding
        return lambda text: restore(text, wrong, right) or text


def is_known(encoding: str) -> bool:
    """Can Python decode it as a stream, and are plain letters one byte each?"""
    try:
        codecs.getincrementaldecoder(encoding)("replace")
        return ":61:".encode(encoding) == b":61:"
    except (LookupError, ValueError, TypeError, AssertionError):
        return False


def detect(sample: bytes, preferred: Sequence[str] = ()) -> CodePage:
    if sample.isascii():
        return CodePage("ascii")
    if _is_utf8(sample):
        return _detect_misread(sample.decode("utf-8", "ignore"))
    found = dict.fromkeys(match.group() for match in islice(_WORD.finditer(sample), _MAX_WORDS))
    words = list(islice(found, _MAX_DIFFERENT))
    order = [*preferred, *(name for name in CANDIDATES if name not in preferred)]
    order = [name for name in order if name in CANDIDATES]
    if not words:
        return CodePage(order[0])
    texts = {name: [word.decode(name, "replace") for word in words] for name in order}
    scores = {name: sum(map(_score, texts[name])) for name in order}
    best = max(order, key=lambda name: scores[name])
    doubtful = any(name != best and scores[name] == scores[best] and texts[name] != texts[best] for name in order)
    return CodePage(best, doubtful)


def restore(text: str, wrong: str, right: str) -> str | None:
    """Undo one wrong decoding; None when the text cannot have come about that way."""
    data = bytearray()
    for char in text:
        if ord(char) < 0x80:
            data.append(ord(char))
            continue
        try:
            data += char.encode(wrong)
        except UnicodeEncodeError:
            if not 0x80 <= ord(char) < 0xA0:
                return None
            data.append(ord(char))
    try:
        return data.decode(right)
    except UnicodeDecodeError:
        return None


def _detect_misread(text: str) -> CodePage:
    words = [match.group() for match in islice(_TEXT_WORD.finditer(text), _MAX_WORDS)]
    plain = sum(map(_score, words))
    best, result = plain, CodePage("utf-8")
    for wrong, right in _WRONG_PAIRS:
        restored = [restore(word, wrong, right) for word in words]
        score = sum(-8 if word is None else _score(word) for word in restored)
        if None not in restored and score > best and score > 0 > plain:
            best, result = score, CodePage(right, misread_as=wrong)
    return result


def _is_utf8(sample: bytes) -> bool:
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        # a sample may end inside a character
        return error.start >= len(sample) - 3 and error.reason == "unexpected end of data"
    return True


def _score(word: str) -> int:
    uppers = sum(1 for char in word if "A" <= char <= "Z")
    lowers = sum(1 for char in word if "a" <= char <= "z")
    score = 0
    for char in word:
        if char < "\x80" or char in _FILLER:
            continue
        if char in UPPER:
            score += 3 if uppers >= lowers else 1
        elif char in LOWER:
            score += 3 if lowers >= uppers and (lowers or not uppers) else 1
        elif char.isalpha():
            score -= 0 if _is_foreign_name(char, uppers, lowers) else 2
        else:
            score -= 4
    return score


def _is_foreign_name(char: str, uppers: int, lowers: int) -> bool:
    return lowers >= uppers if char in _FOREIGN else char.lower() in _FOREIGN and uppers > lowers
