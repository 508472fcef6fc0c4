"""Codes read off letters by a hand scanner, and whether what they tell fits."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.printing import scan
from dunning_core.printing.ack import AckRow
from dunning_core.printing.ack_check import Posted, is_known, problem
from dunning_core.printing.manifest import barcode

ISSUED, SENT = date(2026, 10, 8), date(2026, 10, 12)
DAY = date(2026, 10, 14)


def row(delivered=None, reason="", returned=None, sent=None):
    return AckRow(0, 7, sent, "", delivered, reason, returned)


def known(**vals):
    return Posted(**{"issued": ISSUED, "sent": SENT, "franking": "receipt", **vals})


@given(st.integers(1, 2**31 - 1), st.sampled_from(["{}", "]C1{}", " {} ", "{}\t", "]C0{}\r"]))
def test_our_barcode_is_known_with_what_scanners_add(number, dress):
    code = barcode(number)
    assert scan.read(dress.format(code)) == scan.Scan("barcode", code)
    assert scan.read(dress.format(code.lower())) == scan.Scan("barcode", code)


@given(st.integers(1, 2**31 - 1), st.integers(3, 13), st.integers(1, 9))
def test_a_digit_read_wrongly_is_noticed(number, place, shift):
    code = barcode(number)
    wrong = str((int(code[place]) + shift) % 10)
    assert scan.read(code[:place] + wrong + code[place + 1 :]).kind == "misread"


@pytest.mark.parametrize("text", ["BSS", "BSS12", barcode(7)[:-1], barcode(7) + "0", barcode(7) * 2, "BSS١٢٣٤٥٦٧٨٩٠١"])
def test_a_code_cut_short_or_run_together_is_no_letter(text):
    assert scan.read(text).kind != "barcode"


def test_numbers_of_the_post_lose_their_brackets_and_blanks():
    assert scan.read("(00) 1590 0773 1234 5678 90") == scan.Scan("other", "00159007731234567890")
    assert scan.posting_number("rr 123 456 789 pl") == "RR123456789PL"
    assert scan.posting_number(barcode(7)) == "", "the letter was scanned again instead"
    assert scan.posting_number("ąę-!") == ""
    assert scan.read(" \r\n").kind == "empty"


@given(st.text(max_size=90))
def test_whatever_a_scanner_sends_is_answered(text):
    assert scan.read(text).kind in ("empty", "barcode", "misread", "other")
    assert scan.posting_number(text) == "" or len(scan.posting_number(text)) >= 5


@given(st.integers(-20, 20))
def test_no_day_before_posting_or_issue(shift):
    day = SENT + timedelta(days=shift)
    fault = problem(row(delivered=day), known())
    wanted = "BEFORE_ISSUED" if day < ISSUED else "BEFORE_SENT" if day < SENT else None
    assert (fault and fault.code) == wanted


def test_the_same_again_is_known_and_another_word_is_a_contradiction():
    delivered = known(settled=True, delivered=DAY)
    assert is_known(row(delivered=DAY), delivered)
    assert problem(row(delivered=DAY), delivered) is None
    for news in (row(delivered=DAY + timedelta(days=1)), row(reason="moved", returned=DAY)):
        assert not is_known(news, delivered)
        assert problem(news, delivered).code == "DELIVERED_OTHERWISE"
    moved = known(settled=True, reason="moved")
    assert is_known(row(reason="moved", returned=DAY), moved)
    assert problem(row(reason="unknown", returned=DAY), moved).code == "DELIVERED_OTHERWISE"
    assert problem(row(delivered=DAY), moved).code == "DELIVERED_OTHERWISE"


def test_what_was_delivered_by_post_was_posted_before():
    delivered = {"settled": True, "sent": None, "delivered": DAY}
    assert problem(row(sent=DAY), known(**delivered)) is None
    late = row(sent=DAY + timedelta(days=1))
    assert problem(late, known(**delivered)).code == "DELIVERED_OTHERWISE"
    assert problem(late, known(**delivered, by_post=False)) is None


def test_a_refusal_is_known_by_its_day():
    refused = known(settled=True, delivered=DAY, reason="refused")
    assert is_known(row(reason="refused", returned=DAY), refused)
    assert problem(row(reason="refused", returned=DAY + timedelta(days=1)), refused).code == "DELIVERED_OTHERWISE"


def test_a_return_without_a_reason_takes_one():
    silent = known(settled=True)
    assert problem(row(reason="moved", returned=DAY), silent) is None
    assert problem(row(delivered=DAY), silent).code == "DELIVERED_OTHERWISE"


def test_a_plain_letter_proves_no_delivery():
    assert problem(row(delivered=DAY), known(franking="plain")).code == "PLAIN_PROVES_NOTHING"
    assert problem(row(reason="unclaimed", returned=DAY), known(franking="plain")) is None
