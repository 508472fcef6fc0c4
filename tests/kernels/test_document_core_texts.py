from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from document_core import (
    NBSP,
    amount_in_words,
    decimal_from_float,
    format_amount,
    format_duration,
    format_money,
    format_nip,
    format_nrb,
    format_period,
    format_quantity,
    integer_in_words,
)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "zero złotych zero groszy"),
        ("1.01", "jeden złoty jeden grosz"),
        ("2.02", "dwa złote dwa grosze"),
        ("5.12", "pięć złotych dwanaście groszy"),
        ("12.22", "dwanaście złotych dwadzieścia dwa grosze"),
        ("22", "dwadzieścia dwa złote zero groszy"),
        ("93.30", "dziewięćdziesiąt trzy złote trzydzieści groszy"),
        ("100", "sto złotych zero groszy"),
        ("121", "sto dwadzieścia jeden złotych zero groszy"),
        ("1000", "tysiąc złotych zero groszy"),
        ("1234.56", "tysiąc dwieście trzydzieści cztery złote pięćdziesiąt sześć groszy"),
        ("2000000", "dwa miliony złotych zero groszy"),
        ("-7.50", "minus siedem złotych pięćdziesiąt groszy"),
        ("-0.50", "minus zero złotych pięćdziesiąt groszy"),
    ],
)
def test_amount_in_words(amount: str, words: str) -> None:
    assert amount_in_words(Decimal(amount)) == words


@given(st.integers(min_value=0, max_value=999_999_999_999))
def test_integers_agree_with_num2words(number: int) -> None:
    # num2words says "jeden tysiąc", documents say "tysiąc"
    def bare(text: str) -> str:
        return " ".join(text.split()).replace("jeden tysiąc", "tysiąc").replace("jeden mili", "mili")

    assert bare(integer_in_words(number)) == bare(num2words(number, lang="pl"))


def test_numbers_without_a_name() -> None:
    with pytest.raises(ValueError, match="no name"):
        integer_in_words(10**21)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0,00"),
        ("1234.5", "1_234,50"),
        ("-1234567.895", "−1_234_567,90"),
        ("999.999", "1_000,00"),
        ("-0.001", "0,00"),
    ],
)
def test_format_amount(value: str, text: str) -> None:
    assert format_amount(Decimal(value)) == text.replace("_", NBSP)


def test_format_money() -> None:
    assert format_money(Decimal("93.3")) == f"93,30{NBSP}zł"
    assert format_money(Decimal(1), "EUR") == f"1,00{NBSP}EUR"


@pytest.mark.parametrize(
    ("value", "text"),
    [("1", "1"), ("1.000000", "1"), ("0.5", "0,5"), ("100", "100"), ("0.645161", "0,645161"), ("0", "0")],
)
def test_format_quantity(value: str, text: str) -> None:
    assert format_quantity(Decimal(value)) == text


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2026, 11, 1), date(2026, 11, 30), "01–30.11.2026"),
        (date(2026, 11, 15), date(2026, 12, 14), "15.11–14.12.2026"),
        (date(2026, 12, 1), date(2027, 1, 31), "01.12.2026–31.01.2027"),
        (date(2026, 11, 1), date(2026, 11, 1), "01.11.2026"),
        (None, date(2026, 11, 1), "01.11.2026"),
        (None, None, ""),
    ],
)
def test_format_period(start: date | None, end: date | None, text: str) -> None:
    assert format_period(start, end) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (61, "1:01"), (3599, "59:59"), (3661, "1:01:01"), (360000, "100:00:00")]
)
def test_format_duration(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


def test_numbers_are_grouped() -> None:
    grouped = "61 1090 1014 0000 0712 1981 2874".replace(" ", NBSP)
    assert format_nrb("61109010140000071219812874") == grouped
    assert format_nrb("PL61 1090 1014 0000 0712 1981 2874") == grouped
    assert format_nrb("DE89370400440532013000") == "DE89370400440532013000"
    assert format_nip("PL526-10-40-567") == "5261040567"
    assert format_nip("DE 123456789") == "DE123456789"


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False, allow_infinity=False))
def test_money_survives_the_float_of_the_database(amount: Decimal) -> None:
    assert decimal_from_float(float(amount)) == amount
