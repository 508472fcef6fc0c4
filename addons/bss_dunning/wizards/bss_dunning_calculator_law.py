"""From a typed question to the answers of the law kernel, in words; kept apart from the screen that asks."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo.tools import format_date, formatLang

from .. import adapters, adapters_law
from ..dunning_core.law.chain_plan import fastest_course
from ..dunning_core.law.compensation import Compensation, Performance, compensation, compensation_rate_day
from ..dunning_core.law.interest import Allocation, Claim, Interest, Payment, Terms, interest
from ..dunning_core.law.limitation_course import limitation
from ..dunning_core.law.setoff import Debt, SetOff, set_off

ZERO = Decimal("0.00")
#: the law is known for much less; a day beyond is a slip of the hand
LATEST = date(2199, 12, 31)


@dataclass(frozen=True)
class Question:
    """What somebody typed; amounts with their due dates, payments with their days."""

    regime: str
    as_of: date
    interest_first: bool
    delivered: date | None
    eur_rate: Decimal
    amounts: tuple[tuple[Decimal, date], ...]
    payments: tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True)
class Block:
    title: str
    lines: list[str]


@dataclass(frozen=True)
class Answer:
    principal: Decimal
    interest: Decimal
    compensation: Decimal
    blocks: list[Block]


def spread(question):
    """Payments of each amount: all of them of a single one, else the debt due longest first (art. 451).

    :return: ([payments of each amount], sum that no amount took)
    """
    paid = sorted(payment for payment in question.payments if payment[1] > 0)
    if len(question.amounts) < 2:
        return [tuple(Payment(day, amount) for day, amount in paid)] * len(question.amounts), ZERO
    left = [amount for amount, _due in question.amounts]
    parts = [[] for _amount in question.amounts]
    surplus = ZERO
    for day, amount in paid:
        debts = [Debt(key, due, left[key]) for key, (_amount, due) in enumerate(question.amounts)]
        result = set_off(amount, day, debts)
        if isinstance(result, SetOff):
            surplus += result.surplus
            for part in result.parts:
                left[part.key] -= part.amount
                parts[part.key].append(Payment(day, part.amount))
    return [tuple(one) for one in parts], surplus


def answer(env, question):
    """Interest, compensation, limitation and the earliest lawful steps, each with its arithmetic."""
    principal = interest_sum = compensation_sum = ZERO
    blocks = []
    if problem := _problem(env, question):
        return Answer(ZERO, ZERO, ZERO, [Block(env._("Not calculated"), [problem])])
    payments, surplus = spread(question)
    for (amount, due), paid in zip(question.amounts, payments, strict=True):
        lines, left, accrued, flat = _one_amount(env, question, Claim(amount, due, paid))
        principal, interest_sum, compensation_sum = principal + left, interest_sum + accrued, compensation_sum + flat
        title = env._("%(amount)s due on %(due)s", amount=_money(env, amount), due=format_date(env, due))
        blocks.append(Block(title, lines))
    if surplus:
        blocks.append(Block(env._("Overpaid"), [_money(env, surplus)]))
    if question.delivered:
        blocks.append(_chain(env, question))
    return Answer(principal, interest_sum, compensation_sum, blocks)


def _problem(env, question):
    """What of the question cannot be meant, in words; empty when all can."""
    days = [question.as_of, question.delivered, *(day for _amount, day in question.amounts)]
    if any(day and day > LATEST for day in (*days, *(day for day, _amount in question.payments))):
        return env._("Days after %(day)s cannot be calculated with.", day=format_date(env, LATEST))
    if any(amount < 0 for amount, _due in question.amounts) or any(amount < 0 for _day, amount in question.payments):
        return env._("Amounts and payments have to be greater than zero.")
    return env._("The rate of the euro has to be greater than zero.") if question.eur_rate < 0 else ""


def _one_amount(env, question, claim):
    calendar = adapters.free_days(env)
    words = env["bss.legal.text"]
    table = adapters.rate_tables(env).get(question.regime)
    single = len(question.amounts) < 2  # between several amounts the payments are spread over principals
    order = Allocation.INTEREST_FIRST if question.interest_first and single else Allocation.PRINCIPAL_FIRST
    terms = Terms(allocation=order, divisor=adapters_law.interest_terms(env, question.as_of).divisor)
    if table is None:
        return [env._("No interest rate of this kind is recorded.")], claim.principal, ZERO, ZERO
    result = interest(claim, table, question.as_of, calendar, terms)
    if not isinstance(result, Interest):
        return words._bss_sentences([result]), claim.principal, ZERO, ZERO
    lines = words._bss_sentences(result.explain)
    lines.append(
        env._(
            "Interest %(amount)s, %(per_day)s for each further day.",
            amount=_money(env, result.amount),
            per_day=_money(env, result.per_day),
        )
    )
    flat = ZERO
    if question.regime != "civil":
        flat, more = _compensation(env, question, claim, calendar)
        lines += more
    return lines + _limitation(env, claim, question), result.principal_left, result.interest_left, flat


def _compensation(env, question, claim, calendar):
    reading = adapters_law.due_reading(env, question.as_of)
    day = compensation_rate_day(claim.due, calendar, reading)
    rate = _mid_rate(env, day) or question.eur_rate
    bands = adapters_law.bands(env, "compensation")
    result = compensation(
        Performance(claim.principal, claim.due), question.as_of, bands, {day: rate} if rate else {}, calendar, reading
    )
    if isinstance(result, Compensation):
        return result.amount, env["bss.legal.text"]._bss_sentences(result.explain)
    return ZERO, env["bss.legal.text"]._bss_sentences([result])


def _mid_rate(env, day):
    """Rate of EUR kept for exactly this day."""
    euro = env.ref("base.EUR")
    kept = env["res.currency.rate"].search(
        [("currency_id", "=", euro.id), ("name", "=", day), ("company_id", "in", [False, env.company.id])], limit=1
    )
    return Decimal(f"{kept.inverse_company_rate:.4f}") if kept else None


def _limitation(env, claim, question):
    result = limitation(claim.due, adapters_law.limitation_rules(env), (), question.as_of)
    lines = env["bss.legal.text"]._bss_sentences(result.explain)
    if result.lapsed(question.as_of):
        lines.append(env._("The claim has lapsed."))
    return lines


def _chain(env, question):
    terms = adapters.chain_terms(env, question.delivered)
    title = env._("Earliest lawful steps, if every notice is delivered on the day on which it may go out")
    if terms is None:
        return Block(title, [env._("the statutory terms of that day are not recorded.")])
    names = {
        "restrict": env._("Restrict services"),
        "n2": env._("Notice of suspension"),
        "suspend": env._("Suspend services"),
        "n3": env._("Notice of termination"),
        "terminate": env._("Terminate the contract"),
    }
    words = env["bss.legal.text"]
    return Block(
        title,
        [
            f"{format_date(env, step.day)}: {names[step.step.value]}. {' '.join(words._bss_sentences(step.explain))}"
            for step in fastest_course(question.delivered, adapters.free_days(env), terms)
        ],
    )


def _money(env, amount):
    return formatLang(env, float(amount), currency_obj=env.company.currency_id)
