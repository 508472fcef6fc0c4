"""Preconditions of reporting a debtor to an economic information bureau (BIG; Dz.U. 2010/530).

Consumers by art. 14, businesses by art. 15, debts with an enforceable title by art. 16. Every condition says whether
it is met and, when time alone will meet it, from which day. "At least 30 days" and "at least a month passed" are
counted to their full end, so the first lawful day is the one after.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from ..result import Reason
from .terms import add_days, add_months, add_years

ONE_DAY = timedelta(days=1)
ZERO = Decimal("0.00")


class Ground(Enum):
    """Article that the report stands on."""

    CONSUMER = "consumer"
    BUSINESS = "business"
    TITLE = "title"


class DemandForm(Enum):
    """How the demand with the warning went out."""

    REGISTERED_LETTER = "registered_letter"
    BY_HAND = "by_hand"
    EMAIL = "email"
    OTHER = "other"


@dataclass(frozen=True)
class RegisterTerms:
    """Numbers of the law: amounts in PLN, ``age_years`` None where the law of the day has no limit of age."""

    consumer_amount: int
    business_amount: int
    due_days: int
    demand_months: int
    title_days: int
    update_days: int
    age_years: int | None = None


@dataclass(frozen=True)
class RegisterItem:
    """One receivable; ``due`` moved off free days, ``withheld`` what a complaint disputes, ``judged`` of a judgment.

    ``periodic``: a later payment of an obligation that the bureau already lists.
    """

    key: int
    due: date
    amount: Decimal
    withheld: Decimal = ZERO
    lapsed: bool = False
    judged: date | None = None
    periodic: bool = False


@dataclass(frozen=True)
class Demand:
    """The demand (or the letter about a title) with the warning; ``keys`` of the receivables that it names."""

    sent: date
    form: DemandForm
    keys: frozenset[int]
    names_bureau: bool
    informs_of_objection: bool
    covers_periodic: bool = False


@dataclass(frozen=True)
class Title:
    """Data of the enforceable title that the bureau needs (art. 16(1)(3))."""

    judged: date
    authority: str
    signature: str


@dataclass(frozen=True)
class Debtor:
    """Facts about the debtor and the contracts.

    ``consumer`` matters for the ground of a title, which may be held against anybody; ``listed``: the bureau already
    holds up-to-date data of this debt.
    """

    ground: Ground
    bureau_contract: bool
    consumer: bool = False
    email_agreed: bool = False
    listed: bool = False
    title: Title | None = None

    @property
    def is_consumer(self) -> bool:
        return self.consumer or self.ground is Ground.CONSUMER


@dataclass(frozen=True)
class Condition:
    """One condition: met or not, and the day from which it would be when nothing but time passes."""

    code: str
    met: bool
    earliest: date | None = None
    reason: Reason = Reason("")


@dataclass(frozen=True)
class RegisterCheck:
    """Answer: every condition, the receivables that may be reported, what each other one lacks."""

    conditions: tuple[Condition, ...]
    keys: tuple[int, ...]
    amount: Decimal
    left_out: tuple[Reason, ...]

    @property
    def allowed(self) -> bool:
        return all(condition.met for condition in self.conditions)

    @property
    def failing(self) -> tuple[Condition, ...]:
        return tuple(condition for condition in self.conditions if not condition.met)

    @property
    def earliest(self) -> date | None:
        """First day on which all would hold by time alone; None when something has to be done first."""
        days = [condition.earliest for condition in self.conditions]
        known = [day for day in days if day is not None]
        return max(known) if len(known) == len(days) else None


def check(
    debtor: Debtor, items: Iterable[RegisterItem], demand: Demand | None, as_of: date, terms: RegisterTerms
) -> RegisterCheck:
    """Check a report on a day."""
    left_out: list[Reason] = []
    usable = [item for item in items if _usable(item, debtor, demand, as_of, terms, left_out)]
    conditions = [_condition("BIG_BUREAU_CONTRACT", debtor.bureau_contract, {})]
    if debtor.ground is Ground.TITLE:
        conditions += _title_conditions(debtor, as_of, terms)
        conditions.append(_condition("BIG_ITEMS", bool(usable), {}))
    else:
        conditions.append(_amount_condition(debtor, usable, as_of, terms))
    if not _needs_no_demand(debtor, demand, usable):
        conditions += _demand_conditions(debtor, demand, as_of, terms)
    reported = [item for item in usable if debtor.ground is Ground.TITLE or _mature_from(item, terms) <= as_of]
    amount = sum((item.amount - item.withheld for item in reported), ZERO)
    return RegisterCheck(tuple(conditions), tuple(item.key for item in reported), amount, tuple(left_out))


def update_deadline(known_on: date, terms: RegisterTerms) -> date:
    """Last day to ask the bureau for an update or removal after a payment or other news (art. 29)."""
    return add_days(known_on, terms.update_days)


def listing_flags(objection_upheld: bool | None, lapsed: bool) -> tuple[str, ...]:
    """Marks that a report must carry: an objection not upheld (art. 15a(3)), a lapsed claim (art. 2(1)(4)(j))."""
    disputed = ("BIG_DISPUTED",) if objection_upheld is False else ()
    return (*disputed, *(("BIG_LAPSED",) if lapsed else ()))


def _condition(code: str, met: bool, params: dict[str, object], earliest: date | None = None) -> Condition:
    return Condition(code, met, earliest if earliest is not None or not met else date.min, Reason(code, params))


def _from_day(code: str, first: date, as_of: date, params: dict[str, object]) -> Condition:
    return Condition(code, as_of >= first, first, Reason(code, {**params, "from": first}))


def _mature_from(item: RegisterItem, terms: RegisterTerms) -> date:
    return add_days(item.due, terms.due_days) + ONE_DAY


def _usable(
    item: RegisterItem,
    debtor: Debtor,
    demand: Demand | None,
    as_of: date,
    terms: RegisterTerms,
    left_out: list[Reason],
) -> bool:
    """Tell whether a receivable may be reported at all; why not goes to ``left_out``."""
    code = ""
    if item.amount - item.withheld <= 0:
        code = "BIG_ITEM_DISPUTED"
    elif item.lapsed and debtor.is_consumer:
        code = "BIG_ITEM_LAPSED"
    elif debtor.ground is Ground.CONSUMER and _too_old(item.judged or item.due, as_of, terms):
        code = "BIG_ITEM_TOO_OLD"
    elif demand is not None and not _demanded(item, debtor, demand):
        code = "BIG_ITEM_NOT_DEMANDED"
    if code:
        left_out.append(Reason(code, {"key": item.key, "due": item.due, "amount": item.amount}))
    return not code


def _too_old(start: date, as_of: date, terms: RegisterTerms) -> bool:
    return terms.age_years is not None and as_of > add_years(start, terms.age_years)


def _demanded(item: RegisterItem, debtor: Debtor, demand: Demand) -> bool:
    return item.key in demand.keys or (item.periodic and debtor.listed and demand.covers_periodic)


def _needs_no_demand(debtor: Debtor, demand: Demand | None, usable: list[RegisterItem]) -> bool:
    """Later periodic payments of a listed debt need no letter of their own (art. 15b(1))."""
    if debtor.ground is Ground.TITLE or demand is None or not usable:
        return False
    return debtor.listed and demand.covers_periodic and all(item.periodic for item in usable)


def _amount_condition(debtor: Debtor, items: list[RegisterItem], as_of: date, terms: RegisterTerms) -> Condition:
    """Enough money due for long enough; the day on which growing older brings the sum there."""
    least = Decimal(terms.consumer_amount if debtor.ground is Ground.CONSUMER else terms.business_amount)
    total = reached = ZERO
    first: date | None = None
    for item in sorted(items, key=lambda item: item.due):
        reached += item.amount - item.withheld
        if _mature_from(item, terms) <= as_of:
            total = reached
        if first is None and reached >= least:
            first = _mature_from(item, terms)
    params = {"least": least, "total": total, "days": terms.due_days, "from": first}
    return Condition("BIG_AMOUNT", total >= least, first, Reason("BIG_AMOUNT", params))


def _title_conditions(debtor: Debtor, as_of: date, terms: RegisterTerms) -> list[Condition]:
    title = debtor.title
    complete = title is not None and bool(title.authority and title.signature)
    conditions = [_condition("BIG_TITLE", complete, {})]
    if title is not None and terms.age_years is not None:
        last = add_years(title.judged, terms.age_years)
        conditions.append(_condition("BIG_TITLE_AGE", as_of <= last, {"judged": title.judged, "last": last}))
    return conditions


def _demand_conditions(debtor: Debtor, demand: Demand | None, as_of: date, terms: RegisterTerms) -> list[Condition]:
    if demand is None:
        return [_condition("BIG_DEMAND", False, {})]
    forms = {DemandForm.REGISTERED_LETTER, DemandForm.BY_HAND}
    if debtor.ground is Ground.BUSINESS and debtor.email_agreed:
        forms.add(DemandForm.EMAIL)
    conditions = [
        _condition("BIG_DEMAND_FORM", demand.form in forms, {"form": demand.form.value}),
        _condition("BIG_DEMAND_BUREAU", demand.names_bureau, {}),
    ]
    if debtor.ground is Ground.TITLE:
        first = add_days(demand.sent, terms.title_days) + ONE_DAY
        return [
            *conditions,
            _from_day("BIG_LETTER_DAYS", first, as_of, {"sent": demand.sent, "days": terms.title_days}),
        ]
    first = add_months(demand.sent, terms.demand_months) + ONE_DAY
    params: dict[str, object] = {"sent": demand.sent, "months": terms.demand_months}
    return [
        *conditions,
        _condition("BIG_DEMAND_OBJECTION", demand.informs_of_objection, {}),
        _from_day("BIG_DEMAND_MONTH", first, as_of, params),
    ]
