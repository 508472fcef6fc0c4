"""Agreements with debtors and the settings of their company into kernel data."""

from decimal import Decimal

from odoo.addons.bss_catalog import polish_day

from .adapters import to_money
from .dunning_core.law import complaint as complaint_kernel
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
        min_percent=Decimal(f"{company.bss_promise_min_percent:.2f}"),
        broken_days=company.bss_promise_broken_days,
        max_broken=company.bss_promise_max_broken,
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


def complaint_data(complaint):
    """Facts of a complaint for its clocks."""
    return complaint_kernel.Complaint(
        lodged=complaint.received_on,
        basis=complaint.basis_date or complaint.received_on,
        disputed=to_money(complaint.disputed_amount),
        requested=to_money(complaint.requested_amount),
        confirmed=complaint.confirmed_on or None,
        answer_sent=complaint.answer_sent_on or None,
        answer_delivered=_delivered_on(complaint.sudo().answer_id),
        decision=complaint_kernel.Decision(complaint.decision) if complaint.decision else None,
        granted=to_money(complaint.granted_amount),
        awarded=to_money(complaint.awarded_amount),
        paid=complaint.paid_on or None,
        copy_asked=complaint.copy_asked_on or None,
        copy_sent=complaint.copy_sent_on or None,
    )


def complaint_pause(complaint, clock):
    """How long a complaint lets limitation stand still, None when it does not."""
    return complaint_kernel.limitation_pause(complaint_data(complaint), clock)


def _delivered_on(document):
    if not document.delivered_at or document.state == "returned":
        return None
    return polish_day.day_of(document.delivered_at)
