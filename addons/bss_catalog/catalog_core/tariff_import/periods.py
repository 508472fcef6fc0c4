"""Price lists with a first and a following period (``period_prices``) as a plan."""

from __future__ import annotations

from datetime import date

from ..period_prices import read_period_prices
from .carrier import Price, _draft, _Sheet
from .draft import ERROR, ImportProblem, TariffDraft
from .fit import Existing

MINUTE = 60


def read_periods(file: str, content: bytes, code: str, day: date | None, existing: Existing) -> TariffDraft:
    """:param day: first day of the plan, None = from always"""
    prices, problems = read_period_prices(content.decode("utf-8-sig", "replace"))
    sheet = _Sheet(problems=[ImportProblem(file, one.line, one.field, one.code, one.value) for one in problems])
    state: dict[str, Price] = {}
    for one in prices:
        exact, rest = divmod(one.price_micro * MINUTE, one.unit_size)
        if rest:
            sheet.problems.append(ImportProblem(file, 0, "price", "PRICE_PER_OTHER_UNIT", one.prefix, ERROR))
        else:
            state[one.prefix] = Price(one.description, exact, 0, one.chain)
    if not state:
        return TariffDraft(problems=(*sheet.problems, ImportProblem(file, 0, "", "NO_ROWS")))
    return _draft(file, sheet, "voice", code, [(day, state)], existing)
