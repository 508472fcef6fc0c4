"""Do the sums agree? Lines with P_13 and P_14 of their rate, and those with P_15; to the grosz."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ..problems import Problem
from .codes import TOTAL_ELEMENTS, Kind, Rate
from .goods import Line, RateTotal
from .model import Invoice

_ZERO: Final = Decimal(0)
_GROSZ: Final = Decimal("0.01")
_SIMPLIFIED_LIMIT: Final = {"PLN": Decimal(450), "EUR": Decimal(100)}  # art. 106e(5)(3)
_PERCENT: Final[dict[Rate, Decimal]] = {
    Rate.R23: Decimal("0.23"),
    Rate.R22: Decimal("0.22"),
    Rate.R8: Decimal("0.08"),
    Rate.R7: Decimal("0.07"),
    Rate.R5: Decimal("0.05"),
    Rate.R4: Decimal("0.04"),
    Rate.R3: Decimal("0.03"),
}


@dataclass
class _Group:
    """What lines and sums say about one element P_13_x."""

    net: Decimal = _ZERO  # of the lines with net amounts
    gross: Decimal = _ZERO  # of the lines with gross amounts
    tax: Decimal = _ZERO  # that the net lines bring, not rounded
    net_lines: int = 0
    gross_lines: int = 0
    total_net: Decimal = _ZERO
    total_tax: Decimal = _ZERO


def sums(invoice: Invoice) -> Iterator[Problem]:
    if invoice.kind is Kind.SIMPLIFIED:
        yield from _simplified(invoice)
    if any(line.rate is None and not _bare(line) for line in invoice.lines):
        return  # told already, and every comparison would be wrong
    gross = sum((total.net + total.tax for total in invoice.totals), _ZERO)
    # a simplified invoice may give the rates alone: then its total stands by itself
    if gross != invoice.total and (invoice.totals or invoice.kind is not Kind.SIMPLIFIED):
        yield Problem("gross_sum", "Fa/P_15", {"sum": f"{gross:.2f}", "total": f"{invoice.total:.2f}"})
    yield from _taxes(invoice)
    if invoice.kind is Kind.SETTLEMENT:
        yield from _final(invoice)
    elif _lines_say_sums(invoice):
        yield from _compare(_groups(invoice))


def _bare(line: Line) -> bool:
    return line.net is None and line.gross is None


def _lines_say_sums(invoice: Invoice) -> bool:
    """False where the law does not want amounts on lines that add up to P_13."""
    if invoice.kind.of_advance:
        return bool(invoice.lines)
    if invoice.kind is Kind.CORRECTED_SETTLEMENT:
        return False  # lines are the whole sale, sums what changes in the rest to pay
    correction = invoice.correction
    without_amounts = invoice.kind is Kind.SIMPLIFIED or bool(correction and correction.period)
    return not (without_amounts and all(_bare(line) for line in invoice.lines))


def _simplified(invoice: Invoice) -> Iterator[Problem]:
    limit = _SIMPLIFIED_LIMIT.get(invoice.currency)
    if limit is not None and invoice.total > limit:
        yield Problem("simplified_limit", "Fa/P_15", {"limit": f"{limit} {invoice.currency}"})


def _percent(line: Line) -> Decimal:
    if line.rate is Rate.OSS:
        return (line.rate_oss or _ZERO) / 100
    return _PERCENT.get(line.rate, _ZERO) if line.rate else _ZERO


def _groups(invoice: Invoice) -> dict[str, _Group]:
    groups: dict[str, _Group] = {}
    for line in invoice.lines:
        if line.rate is None or _bare(line):
            continue
        group = groups.setdefault(TOTAL_ELEMENTS[line.rate][0], _Group())
        if line.net is not None:
            net = -line.net if line.before else line.net
            group.net += net
            group.tax += net * _percent(line)
            group.net_lines += 1
        elif line.gross is not None:
            group.gross += -line.gross if line.before else line.gross
            group.gross_lines += 1
    _add_totals(groups, invoice.totals)
    return groups


def _add_totals(groups: dict[str, _Group], totals: tuple[RateTotal, ...], sign: int = 1) -> None:
    for total in totals:
        group = groups.setdefault(TOTAL_ELEMENTS[total.rate][0], _Group())
        group.total_net += sign * total.net
        group.total_tax += sign * total.tax


def _compare(groups: dict[str, _Group]) -> Iterator[Problem]:
    for element, group in sorted(groups.items()):
        if not group.gross_lines:
            if group.net != group.total_net:
                yield _differs("net_sum", element, group.net, group.total_net)
            continue
        lines, total = group.net + group.tax + group.gross, group.total_net + group.total_tax
        # tax of net lines is rounded once or per line; gross lines alone have their tax inside
        if abs(lines - total) > _GROSZ * group.net_lines:
            yield _differs("gross_lines", element, lines, total)


def _differs(code: str, element: str, lines: Decimal, total: Decimal) -> Problem:
    return Problem(code, f"Fa/{element}", {"lines": f"{lines:.2f}", "total": f"{total:.2f}"})


def _final(invoice: Invoice) -> Iterator[Problem]:
    """The lines of a final invoice are the whole sale; its sums are what the advances left of it."""
    groups = _groups(invoice)
    if invoice.advances and all(advance.totals for advance in invoice.advances):
        for advance in invoice.advances:
            _add_totals(groups, advance.totals)
        yield from _compare(groups)
        return
    for element, group in sorted(groups.items()):
        lines, total = group.net, group.total_net
        if group.gross_lines:
            lines, total = group.net + group.tax + group.gross, group.total_net + group.total_tax
        if abs(total) > abs(lines) + _GROSZ * group.net_lines * bool(group.gross_lines) or total * lines < 0:
            yield _differs("rest_over_sale", element, lines, total)


def _taxes(invoice: Invoice) -> Iterator[Problem]:
    """Tax where the rate has none, in another currency without PLN, or far from what the rate gives.

    Tax may be rounded per line or in sum, so a grosz (or what is smallest in the currency) per line is in order. Corrections are exempt: they may correct
    just the tax.
    """
    slack = invoice.smallest * (len(invoice.lines) + len(invoice.advances) + 2)
    for total in invoice.totals:
        tax_element = TOTAL_ELEMENTS[total.rate][1]
        percent = _PERCENT.get(total.rate)
        if tax_element is None:
            if total.tax:
                yield Problem("tax_without_rate", f"Fa/{TOTAL_ELEMENTS[total.rate][0]}", {"tax": f"{total.tax:.2f}"})
            continue
        if percent is None:
            continue
        if total.tax and total.tax_pln is None and invoice.currency != "PLN":
            yield Problem("missing_tax_pln", f"Fa/{tax_element}W")
        expected = total.net * percent
        if not invoice.kind.corrects and abs(total.tax - expected) > slack:
            yield Problem("tax_sum", f"Fa/{tax_element}", {"tax": f"{total.tax:.2f}", "expected": f"{expected:.2f}"})
