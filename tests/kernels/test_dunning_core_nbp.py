"""Questions about mid rates of the National Bank and what is read from the answers."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.nbp import MAX_DAYS, MidRate, read_answer, spans
from dunning_core.result import Failure

FIRST, LAST = date(2024, 12, 1), date(2024, 12, 31)


def body(**changes: object) -> bytes:
    row = {"no": "252/A/NBP/2024", "effectiveDate": "2024-12-31", "mid": 4.273}
    return json.dumps({"table": "A", "currency": "euro", "code": "EUR", "rates": [row], **changes}).encode()


def read(status: int, content: bytes, last: date = LAST) -> tuple[MidRate, ...] | Failure:
    return read_answer(status, content, "EUR", FIRST, last)


def code_of(answer: object) -> str:
    assert isinstance(answer, Failure)
    return answer.code


@given(st.dates(date(2002, 1, 2), date(2030, 1, 1)), st.integers(-5, 2000))
def test_questions_cover_every_day_once(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    asked = list(spans(first, last))
    covered = [start + timedelta(days=number) for start, end in asked for number in range((end - start).days + 1)]
    assert covered == [first + timedelta(days=number) for number in range(days + 1)]
    assert all((end - start).days < MAX_DAYS for start, end in asked)


def test_rates_are_exact_and_in_order() -> None:
    rows = [{"effectiveDate": "2024-12-31", "mid": 4.273}, {"effectiveDate": "2024-12-30", "mid": 4}]
    assert read(200, body(rates=rows)) == (
        MidRate(date(2024, 12, 30), Decimal(4)),
        MidRate(date(2024, 12, 31), Decimal("4.273")),
    )


def test_no_table_in_a_few_days_is_no_failure_but_in_a_month_it_is() -> None:
    assert read(404, b"404 NotFound - Not Found - Brak danych", FIRST + timedelta(days=6)) == ()
    assert code_of(read(404, b"<html>nie ma takiej strony</html>")) == "NBP_STATUS"


@pytest.mark.parametrize(
    ("status", "content", "code"),
    [
        (500, b"", "NBP_STATUS"),
        (302, b"", "NBP_STATUS"),
        (200, b"<html>", "NBP_NO_JSON"),
        (200, b"[" * 100_000, "NBP_NO_JSON"),
        (200, b"[]", "NBP_OTHER_ANSWER"),
        (200, body(table="C"), "NBP_OTHER_ANSWER"),
        (200, body(code="USD"), "NBP_OTHER_ANSWER"),
        (200, body(rates=[]), "NBP_NO_RATES"),
        (200, body(rates="x"), "NBP_NO_RATES"),
        (200, body(rates=[{"effectiveDate": "2024-12-31", "mid": 0}]), "NBP_BAD_RATE"),
        (200, body(rates=[{"effectiveDate": "2024-12-31", "mid": -1.5}]), "NBP_BAD_RATE"),
        (200, body(rates=[{"effectiveDate": "2024-12-31", "mid": "4.27"}]), "NBP_BAD_RATE"),
        (200, body(rates=[{"effectiveDate": "2024-12-31", "mid": True}]), "NBP_BAD_RATE"),
        (200, body(rates=[{"effectiveDate": "31.12.2024", "mid": 4.2}]), "NBP_BAD_RATE"),
        (200, body(rates=[{"effectiveDate": "2025-01-02", "mid": 4.2}]), "NBP_BAD_RATE"),
        (200, body(rates=[{"effectiveDate": "2024-12-31", "mid": 4.2}] * 2), "NBP_BAD_RATE"),
        (200, body(rates=[4.2]), "NBP_BAD_RATE"),
        (200, b'{"table": "A", "code": "EUR", "rates": [{"effectiveDate": "2024-12-31", "mid": NaN}]}', "NBP_BAD_RATE"),
    ],
)
def test_answers_that_make_no_sense(status: int, content: bytes, code: str) -> None:
    assert code_of(read(status, content)) == code
