"""Length, price and spelling of text messages; attempts that follow each other."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_core.text import Size, cost, measure, transliterate
from sms_core.timing import next_attempt

GSM = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789 .,:;!?@£$èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà\n\r\"#%&'()*+-/<=>_"
DOUBLE = "^{}\\[]~|€\f"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", Size("gsm7", 0, 0)),
        ("a" * 160, Size("gsm7", 160, 1)),
        ("a" * 161, Size("gsm7", 161, 2)),
        ("a" * 306, Size("gsm7", 306, 2)),
        ("a" * 307, Size("gsm7", 307, 3)),
        ("€" * 80, Size("gsm7", 160, 1)),
        ("a" * 159 + "€", Size("gsm7", 161, 2)),
        # 152 places, then a pair that would be cut: the first part stays one short
        ("a" * 152 + "€" + "a" * 152, Size("gsm7", 306, 3)),
        ("ą" * 70, Size("ucs2", 70, 1)),
        ("ą" * 71, Size("ucs2", 71, 2)),
        ("ą" * 134, Size("ucs2", 134, 2)),
        ("ą" * 135, Size("ucs2", 135, 3)),
        ("a" * 159 + "ł", Size("ucs2", 160, 3)),
        ("😀" * 35, Size("ucs2", 70, 1)),
        ("😀" * 36, Size("ucs2", 72, 2)),
        # a pair of surrogates is not cut either: 33 of them in a part of 67
        ("😀" * 67, Size("ucs2", 134, 3)),
    ],
)
def test_parts(text: str, size: Size) -> None:
    assert measure(text) == size


@given(st.text(alphabet=GSM, max_size=1000))
def test_parts_of_single_letters_are_a_division(text: str) -> None:
    length = len(text)
    expected = (1 if length else 0) if length <= 160 else math.ceil(length / 153)
    assert measure(text) == Size("gsm7", length, expected)


@given(st.text(alphabet=GSM + DOUBLE, max_size=600))
def test_a_letter_more_never_makes_a_text_shorter(text: str) -> None:
    size = measure(text)
    assert size.encoding == "gsm7"
    longer = measure(text + "a")
    assert size.units < longer.units
    assert size.parts <= longer.parts <= size.parts + 1


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("Zażółć gęślą jaźń", "Zazolc gesla jazn"),
        ("ZAŻÓŁĆ GĘŚLĄ JAŹŃ", "ZAZOLC GESLA JAZN"),
        ("1\u00a0234,56\u00a0zł", "1 234,56 zl"),
        ("„Faktura” – 5…", '"Faktura" - 5...'),
        ("Café Müller ñ ß", "Café Müller ñ ß"),
        ("Šťastný čaj Łódź", "Stastny caj Lodz"),
        ("e\u0301", "é"),
        ("100 €", "100 €"),
        ("Ξ", "Ξ"),
        # another script would stay unreadable in halves: the text is left alone
        ("Оплата żółta", "Оплата żółta"),
    ],
)
def test_spelling(text: str, spelled: str) -> None:
    assert transliterate(text) == spelled


@given(st.text(alphabet="ąćęłńóśźżĄĆĘŁŃÓŚŹŻ„”–… \u00a0abc019€", max_size=400))
def test_polish_always_fits_the_cheap_alphabet(text: str) -> None:
    spelled = transliterate(text)
    assert measure(spelled).encoding == "gsm7"
    assert transliterate(spelled) == spelled
    assert measure(spelled).parts <= max(measure(text).parts, measure(text + text).parts)


@given(st.text(max_size=200))
def test_spelling_never_loses_a_text_of_another_script(text: str) -> None:
    spelled = transliterate(text)
    assert spelled == text or measure(spelled).encoding == "gsm7"


def test_price_is_by_the_part_and_exact() -> None:
    assert cost(3, Decimal("0.0850")) == Decimal("0.2550")
    assert cost(0, Decimal("0.0850")) == 0


def test_attempts_lie_further_and_further_apart() -> None:
    now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    waits = [next_attempt(now, attempts) - now for attempts in range(1, 8)]
    assert waits[0] == timedelta(minutes=1)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=3)
