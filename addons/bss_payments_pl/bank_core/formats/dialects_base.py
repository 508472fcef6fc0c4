"""How a bank writes the text after ``:86:``; the dialects themselves are data in :mod:`.dialects_pl`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Dialect:
    code: str
    name: str
    #: first digits of the clearing number of the banks that write it
    banks: tuple[str, ...] = ()
    #: "subfields" (``~20``), "labels" (``TYT.: `` or ``/REMI/``) or "plain"
    layout: str = "subfields"
    separator: str = ""
    #: sub-fields begin only at the start of a line
    one_per_line: bool = False
    #: :86: comes twice, first with the business code alone
    doubled: bool = False
    #: what stands around a label; ``{}`` is the label
    label_form: str = "; ?{}: ?"
    #: code pages in the order of likelihood, settles ties of the detection
    encodings: tuple[str, ...] = ("cp852", "iso-8859-2", "cp1250")
    #: what a sub-field or label may be; anything else behind a separator is text
    known: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    #: characters of a full piece of the title where a shorter one ends a line of the payer; 0 = all are joined
    title_width: int = 0
    #: (parts, characters of a full part): the first that is not empty is the other party;
    #: a full part was cut in the middle of the text, a shorter one ended there
    names: tuple[tuple[tuple[str, ...], int], ...] = ()
    addresses: tuple[tuple[tuple[str, ...], int], ...] = ()
    #: first non-empty one is the other party's account
    account: tuple[str, ...] = ()
    #: (sub-field or label, word it begins with, regular expression with one group):
    #: the bank's key of the virtual payer
    payer_key: tuple[tuple[str, str, str], ...] = ()
    #: sub-field or label with the bank's own transaction id
    bank_id: str = ""
    #: sub-field or label with the reference that goes from end to end
    end_to_end: str = ""
    #: labels that may follow the title; others behind it are the payer's words. Empty = all may.
    after_title: tuple[str, ...] = ()
    #: these close the text: their last occurrence counts
    last_labels: tuple[str, ...] = ()
    #: what the bank writes into empty sub-fields
    fillers: str = ""
    #: a line of three digits at the end is the business code
    code_last: bool = False
    #: the ``//`` reference of :61: identifies the transaction at the bank for ever
    stable_bank_ref: bool = True
    #: looks of a file that give the dialect away, tried in the order of the dialects
    looks: tuple[str, ...] = ()
    #: regular expressions with one group: reference of a transaction taken back, and why.
    #: Only asked where the bank itself says that money goes back (RC, RD, type RTI) or for money out.
    original: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    #: where the field map comes from, and what of it is a guess
    note: str = ""

    @cached_property
    def known_set(self) -> frozenset[str]:
        return frozenset(self.known)

    @cached_property
    def filler_chars(self) -> str:
        return self.fillers + " " if self.fillers else ""

    @cached_property
    def label_edges(self) -> str:
        """What may stand around a text between labels."""
        return " /" if self.label_form.startswith("/") else " "

    @cached_property
    def label_pattern(self) -> re.Pattern[str]:
        names = sorted(self.known, key=len, reverse=True)
        return re.compile(self.label_form.replace("{}", "(" + "|".join(map(re.escape, names)) + ")"))

    @cached_property
    def payer_patterns(self) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
        return tuple((part, begins, re.compile(pattern)) for part, begins, pattern in self.payer_key)

    @cached_property
    def original_patterns(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern, re.IGNORECASE) for pattern in self.original)

    @cached_property
    def reason_patterns(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern, re.IGNORECASE) for pattern in self.reason)
