"""Records into kernel data and back; the only file that knows both sides."""

from decimal import Decimal

from .dunning_core.law.calendar import FreeDays
from .dunning_core.law.interest import Interest
from .dunning_core.law.limitation import LimitationTerm
from .dunning_core.law.rates import Rate, RateTable
from .dunning_core.law.service_chain import ChainTerms
from .dunning_core.policy.ladder import Outcome, Step, Strategy

GROSZ = Decimal("0.01")
OUTCOMES = {
    "planned": Outcome.WAITING,
    "failed": Outcome.FAILED,
    "done": Outcome.DONE,
    "skipped": Outcome.SKIPPED,
    "cancelled": Outcome.SKIPPED,
}


def to_money(value):
    """Exact grosz from a monetary field or a numeric column."""
    return Decimal(str(value or 0)).quantize(GROSZ)


def free_days(env):
    """Days on which no term ends, by the calendar of the catalogue."""
    return FreeDays(env["bss.holiday.calendar"]._bss_statutory_days())


def rate_tables(env):
    """{regime: table}"""
    groups = env["bss.interest.rate"].sudo().search([]).grouped("regime")
    return {
        regime: RateTable(regime, [Rate(row.date_start, Decimal(f"{row.rate:.4f}").normalize()) for row in rows])
        for regime, rows in groups.items()
    }


def legal_values(env, as_of):
    """{code: value in force on the day}"""
    rows = env["bss.legal.value"].sudo().search([("date_start", "<=", as_of)], order="date_start")
    return {row.code: row.value for row in rows}


def chain_terms(env, as_of):
    """Terms of the service chain, None when a number of the law is not known on this day."""
    values = legal_values(env, as_of)
    names = ChainTerms.__dataclass_fields__
    found = {name: values[f"chain_{name}"] for name in names if f"chain_{name}" in values}
    return ChainTerms(**found) if len(found) == len(names) else None


def limitation_terms(env, prefix="limitation"):
    """Rules of limitation by the day from which claims (or judgments) fall due under them."""
    codes = (f"{prefix}_years", f"{prefix}_year_end", f"{prefix}_takes_over")
    rows = env["bss.legal.value"].sudo().search([("code", "in", codes)], order="date_start").grouped("code")
    years, ends, taking = (rows.get(code, env["bss.legal.value"]) for code in codes)
    return tuple(
        LimitationTerm(
            row.date_start,
            row.value,
            year_end=bool(([1] + [end.value for end in ends if end.date_start <= row.date_start])[-1]),
            takes_over=any(take.value for take in taking if take.date_start == row.date_start),
        )
        for row in years
    )


def strategy_data(strategy):
    """Ladder of one strategy record."""
    steps = tuple(
        Step(
            key=step.id,
            code=step.channel,
            days_after_due=step.days_after_due,
            days_after_previous=step.days_after_previous,
            min_amount=to_money(step.min_amount),
            working_days_only=step.working_days_only,
            gate=step.gate or "",
            min_documents=step.min_documents,
            repeat_count=step.repeat_count,
            repeat_days=step.repeat_days,
        )
        for step in strategy._bss_ordered_steps()
    )
    return Strategy(
        steps=steps,
        min_amount=to_money(strategy.min_amount),
        min_days=strategy.min_days,
        max_contacts=strategy.max_contacts,
        min_documents=strategy.min_documents,
        absorb=strategy.absorb,
    )


def is_interest(result):
    return isinstance(result, Interest)
