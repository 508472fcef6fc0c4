"""Statements that follow each other, or do not."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from bank_core.chain import GAPS, Link, after, awaited, before, late, problems

FIRST = date(2026, 10, 1)


def link(number: int, opening: str, closing: str, page: str = "", days: int | None = None, **more: object) -> Link:
    """The statement of one day, numbered from the first of October."""
    day = FIRST + timedelta(days=number - 1 if days is None else days)
    values = {"start": day, "end": day, "number": str(number), "page": page, "arrival": number}
    return Link(opening=Decimal(opening), closing=Decimal(closing), **{**values, **more})  # type: ignore[arg-type]


def codes(one: Link, previous: Link | None) -> list[str]:
    return [problem.code for problem in problems(one, previous)]


def test_days_in_order_have_no_gap() -> None:
    days = [link(n, str(n * 10), str(n * 10 + 10)) for n in range(1, 8)]
    for number, one in enumerate(days):
        others = days[:number] + days[number + 1 :]
        previous = before(one, others)
        assert previous == (days[number - 1] if number else None)
        assert after(one, others) == (days[number + 1] if number + 1 < len(days) else None)
        assert not problems(one, previous)


def test_a_missing_day_is_told_twice() -> None:
    first, third = link(1, "0", "10"), link(3, "25", "30", number_line=3, opening_line=4, line=1)
    found = {problem.code: problem for problem in problems(third, first)}
    assert set(found) == {"OPENING_DIFFERS", "STATEMENTS_MISSING"} <= GAPS
    assert found["STATEMENTS_MISSING"].params == {"before": "1", "value": "3", "missing": "1"}
    assert (found["STATEMENTS_MISSING"].line, found["OPENING_DIFFERS"].line) == (3, 4)
    assert found["OPENING_DIFFERS"].params == {"expected": "10", "value": "25"}


def test_a_missing_day_without_movement_in_all_is_told_by_its_number() -> None:
    assert codes(link(3, "10", "30"), link(1, "0", "10")) == ["STATEMENTS_MISSING"]


def test_days_without_movement_have_no_statement_and_no_number() -> None:
    friday, monday = link(2, "0", "10"), link(3, "10", "12", days=4)
    assert not problems(monday, friday)


def test_a_month_among_days_is_no_neighbour_of_them() -> None:
    days = [link(n, str(n), str(n + 1)) for n in range(1, 32)]
    month = Link(FIRST, FIRST + timedelta(days=30), Decimal(1), Decimal(32), number="10", arrival=99)
    assert before(month, days) is None
    assert after(month, days) is None
    for number, one in enumerate(days):
        assert before(one, [*days[:number], month]) == (days[number - 1] if number else None)
    november = link(32, "32", "40")
    assert not problems(november, before(november, [month]))
    assert before(november, [*days, month]) in (days[-1], month)


def test_numbers_of_days_after_a_month_are_another_series() -> None:
    month = Link(FIRST, FIRST + timedelta(days=30), Decimal(0), Decimal(5), number="10")
    assert not problems(link(305, "5", "6", days=31), month)
    assert codes(link(305, "7", "8", days=31), month) == ["OPENING_DIFFERS"]


def test_a_new_year_begins_with_number_one() -> None:
    old = Link(date(2026, 12, 31), date(2026, 12, 31), Decimal(1), Decimal(2), number="365")
    new = Link(date(2027, 1, 4), date(2027, 1, 4), Decimal(2), Decimal(3), number="3")
    assert not problems(new, old)


def test_pages() -> None:
    one = link(5, "0", "10", "1", to_page=True)
    two = link(5, "10", "20", "2", from_page=True, to_page=True)
    three = link(5, "20", "30", "3", from_page=True)
    assert before(three, [one, two]) == two
    assert before(two, [three, one]) == one
    assert not problems(two, one)
    assert not problems(three, two)
    found = problems(three, before(three, [one]))
    assert [problem.code for problem in found] == ["OPENING_DIFFERS", "PAGE_MISSING"]
    assert found[1].params == {"number": "5", "page": "2", "before": "1", "value": "3"}
    assert codes(two, None) == ["FIRST_PAGE_MISSING"]
    assert codes(two, link(4, "0", "10", days=3)) == ["FIRST_PAGE_MISSING"]
    assert awaited(two).params == {"number": "5", "page": "3"}


def test_the_last_page_is_missed_by_the_next_statement() -> None:
    page = link(5, "0", "10", "1", to_page=True)
    following = link(6, "15", "20")
    found = problems(following, page)
    assert [problem.code for problem in found] == ["OPENING_DIFFERS", "LAST_PAGE_MISSING"]
    assert found[1].params == {"number": "5", "page": "2"}


def test_one_that_comes_late_is_told_and_closes_the_gap() -> None:
    one, two, three = link(1, "0", "10"), link(2, "10", "20"), link(3, "20", "30")
    assert after(two, [one, three]) == three
    assert before(two, [one, three]) == one
    assert late(two, three).params == {"value": "2", "after": "3"}
    assert not problems(three, before(three, [one, two]))


def test_several_statements_of_one_day_follow_their_numbers_else_their_arrival() -> None:
    a, b = link(8, "0", "1", days=7), link(9, "1", "2", days=7)
    assert before(b, [a]) == a
    assert before(a, [b]) is None
    c = Link(FIRST, FIRST, Decimal(0), Decimal(1), number="01/2026/M", arrival=1)
    d = Link(FIRST, FIRST, Decimal(1), Decimal(2), number="02/2026/M", arrival=2)
    assert before(d, [c]) == c
    assert not problems(d, c)


def test_without_balances_only_numbers_speak() -> None:
    bare = Link(FIRST, FIRST, None, None, number="1")
    later = Link(FIRST + timedelta(days=5), FIRST + timedelta(days=5), None, None, number="4")
    assert codes(later, bare) == ["STATEMENTS_MISSING"]
