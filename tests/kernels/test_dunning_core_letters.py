from hypothesis import given
from hypothesis import strategies as st

from dunning_core.letters.address import Address, address_of, address_problems
from dunning_core.letters.placeholders import LETTER_NAMES, SMS_NAMES, fill, paragraphs, unknown, without_dot

VALUES = dict.fromkeys(LETTER_NAMES, "x")


def test_unknown_placeholders_are_named_once_as_written():
    text = "Kwota $amount, $kwota i ${termin}; $kwota"
    assert unknown(text, LETTER_NAMES) == ["$kwota", "${termin}"]


def test_a_lone_dollar_sign_is_an_error_and_a_doubled_one_is_none():
    assert unknown("koszt 5 $ i $amount", LETTER_NAMES) == ["$"]
    assert unknown("koszt 5 $$ i $amount", LETTER_NAMES) == []
    assert fill("koszt 5 $$", VALUES) == "koszt 5 $"


def test_sms_knows_fewer_names():
    assert unknown("$amount $case", SMS_NAMES) == ["$case"]
    assert set(SMS_NAMES) < set(LETTER_NAMES)


@given(st.text(alphabet="ab${}_ 1", max_size=40))
def test_a_text_that_passes_leaves_no_hole(text):
    if not unknown(text, ("a", "b")):
        filled = fill(text.replace("$$", ""), {"a": "A", "b": "B"})
        assert "$" not in filled


def test_a_sentence_that_ends_with_a_name_has_one_dot():
    values = {"company": "Alfa Sp. z o.o.", "day": "5.10.2026"}
    assert fill("Dzwonię z firmy $company. Dzień dobry", values) == "Dzwonię z firmy Alfa Sp. z o.o. Dzień dobry"
    assert fill("${company}.", values) == "Alfa Sp. z o.o."
    assert fill("$company i $company...", values) == "Alfa Sp. z o.o. i Alfa Sp. z o.o...."
    assert fill("Do $day. $$5 $other.", values) == "Do 5.10.2026. $5 $other."
    assert without_dot("Alfa Sp. z o.o.") == "Alfa Sp. z o.o"
    assert without_dot("Beta") == "Beta"


def test_values_cannot_reach_into_anything():
    assert fill("{0.env} $amount", {"amount": "$case {x}"}) == "{0.env} $case {x}"


def test_paragraphs_drop_empty_lines():
    assert paragraphs(" a \n\n  \nb") == ["a", "b"]


def test_address_block_is_split():
    block = {"name": "Firma  S.A.", "lines": ["Jan Nowak"], "street": "ul. Prosta 1", "zip": "00-001", "city": "Łódź"}
    address = address_of(block)
    assert address == Address("Firma S.A.", "Jan Nowak", "ul. Prosta 1", "00-001", "Łódź")
    assert address_problems(address) == ()


def test_bad_addresses_say_why():
    assert address_problems(address_of({"name": "A", "street": "S", "zip": "00001", "city": "C"})) == ("BAD_POST_CODE",)
    assert address_problems(address_of({"name": "A", "street": "", "zip": "", "city": "C"})) == (
        "NO_STREET",
        "NO_POST_CODE",
    )
    abroad = {"name": "A", "street": "S", "zip": "10115", "city": "Berlin", "country": "Niemcy"}
    assert address_problems(address_of(abroad)) == ()
