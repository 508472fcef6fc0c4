"""Agreements with debtors and the settings of their company into kernel data."""

from decimal import Decimal

from .adapters import to_money
from .dunning_core.policy import instalment as instalment_kernel
from .dunning_core.policy import promise as promise_kernel


def promise_rules(company):
    """What a company accepts as a promise."""
    return promise_kernel.PromiseRules(
        percent_kept=Decimal(f"{company.bss_promise_percent:.2f}"),
        grace_days=company.bss_promise_grace_days,
        max_days=company.bss_promise_max_days,
        max_open=company.bss_promise_max_open,
        remind_days=company.bss_promise_remind_days,
    )


def promise_data(promise, taken=Decimal("0.00")):
    """A recorded promise with the rule under which it was made.

    :param taken: money that other promises have taken already
    """
    data = promise_kernel.Promise(
        promise.date_made, promise.date, to_money(promise.amount), to_money(promise.paid_before) + taken
    )
    rules = promise_kernel.PromiseRules(Decimal(f"{promise.percent_kept:.2f}"), promise.grace_days)
    return data, rules


def promise_needed(promise):
    """What kept a promise."""
    return promise_kernel.needed(*promise_data(promise))


def plan_rules(company):
    """What a company agrees to as an instalment plan."""
    return instalment_kernel.PlanRules(company.bss_instalment_max, to_money(company.bss_instalment_min_amount))


def instalments(plan):
    """Schedule of a recorded plan, in its order."""
    return tuple(
        instalment_kernel.Instalment(line.number, line.date_due, to_money(line.amount))
        for line in plan.line_ids.sorted("number")
    )
