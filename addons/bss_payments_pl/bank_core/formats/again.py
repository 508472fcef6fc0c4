"""One entry read again from its kept text, as it is or as a person corrected it."""

from __future__ import annotations

from dataclasses import replace

from ..model import Problem, Severity, Transaction, Unreadable
from . import camt, mt940, report
from .registry import Options
from .report_profile import SHIPPED


def read_entry(
    format: str, raw: str, options: Options, line: int = 1, position: int = 1
) -> Transaction | Unreadable:  # ``format`` as in ``open_file``
    """:param format: code of the format the file was read by, empty = MT940"""
    if format == "camt":
        return _camt(raw, options, line, position)
    if format == "report":
        profile = options.profile or SHIPPED.get(options.dialect)
        if profile is None:
            return Unreadable(line, position, Problem("PROFILE_UNKNOWN", Severity.ERROR, line), raw)
        return report.read_row(raw, profile, line, position)
    return mt940.read_entry(raw, options.dialect, options.currency, line, position)


def _camt(raw: str, options: Options, line: int, position: int) -> Transaction | Unreadable:
    rows = camt.read_entry(raw, options.currency, options.own_account, line)
    if len(rows) > 1:
        # a batch would become several payments, this is about one
        problem = Problem("ENTRY_IS_BATCH", Severity.ERROR, line, "NtryDtls", {"count": str(len(rows))})
        return Unreadable(line, position, problem, raw)
    row = rows[0]
    if isinstance(row, Unreadable):
        return replace(row, line=line, position=position, raw=raw)
    return row._replace(line=line, position=position, raw=raw)
