"""The simulated National Bank is strict, and the product's question gets through to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import httpx
import pytest

from dunning_core.nbp import MidRate, rates_path, read_answer

from .nbp import NbpSimulator

DAYS = {date(2024, 12, 30): Decimal("4.2668"), date(2024, 12, 31): Decimal("4.2730")}


@pytest.fixture
def bank() -> Iterator[NbpSimulator]:
    with NbpSimulator({"EUR": dict(DAYS)}) as simulator:
        yield simulator


def ask(bank: NbpSimulator, path: str) -> httpx.Response:
    return httpx.get(f"{bank.address}{path}", params={"format": "json"}, timeout=5)


def test_a_span_of_days(bank: NbpSimulator) -> None:
    first, last = date(2024, 12, 1), date(2025, 1, 31)
    answer = ask(bank, rates_path("EUR", first, last))
    found = read_answer(answer.status_code, answer.content, "EUR", first, last)
    assert found == tuple(MidRate(day, mid) for day, mid in DAYS.items())
    assert bank.asked == [("EUR", first, last)]


def test_a_day_without_a_table(bank: NbpSimulator) -> None:
    day = date(2024, 12, 29)
    answer = ask(bank, rates_path("EUR", day, day))
    assert answer.status_code == 404
    assert read_answer(answer.status_code, answer.content, "EUR", day, day) == ()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (rates_path("EUR", date(2024, 1, 1), date(2024, 1, 1) + timedelta(days=93)), 400),
        (rates_path("EUR", date(2024, 1, 2), date(2024, 1, 1)), 400),
        (rates_path("EUR", date(2001, 12, 31), date(2002, 1, 31)), 400),
        (rates_path("EUR", date(2024, 12, 31), date(2024, 12, 31)).replace("/a/", "/b/"), 404),
        ("/api/exchangerates/rates/a/eur/31.12.2024/31.12.2024/", 404),
        (rates_path("USD", date(2024, 12, 31), date(2024, 12, 31)), 404),
    ],
)
def test_wrong_questions(bank: NbpSimulator, path: str, status: int) -> None:
    assert ask(bank, path).status_code == status


def test_ninety_three_days_are_allowed(bank: NbpSimulator) -> None:
    first = date(2024, 12, 31) - timedelta(days=92)
    assert ask(bank, rates_path("EUR", first, date(2024, 12, 31))).status_code == 200


def test_other_formats_and_methods_are_refused(bank: NbpSimulator) -> None:
    path = rates_path("EUR", date(2024, 12, 31), date(2024, 12, 31))
    assert httpx.get(f"{bank.address}{path}", params={"format": "xml"}).status_code == 400
    assert httpx.post(f"{bank.address}{path}").status_code == 405
