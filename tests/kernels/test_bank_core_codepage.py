"""Which code page a file is written in: detection, restoring, and what must not be restored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_core.codepage import CANDIDATES, detect, is_known, restore

POLISH = "ZAPŁATA ZA ABONAMENT ŁÓDŹ ŚWIĘTOJAŃSKA; Zażółć gęślą jaźń, źdźbło, ćma"


@pytest.mark.parametrize("encoding", CANDIDATES)
def test_polish_text_is_found_in_each_code_page(encoding: str) -> None:
    page = detect(POLISH.encode(encoding))
    assert (page.encoding, page.misread_as, page.doubtful) == (encoding, "", False)


@pytest.mark.parametrize("wrong", ["cp1250", "iso-8859-2", "latin-1"])
def test_a_text_decoded_wrongly_once_is_restored(wrong: str) -> None:
    text = "ZAPŁATA ZA ABONAMENT ŁÓDŹ MIĘDZYBANKOWY KRAKÓW"
    saved = text.encode("cp852").decode(wrong).encode("utf-8")
    page = detect(saved)
    assert page.misread_as and page.encoding == "cp852"
    fix = page.fixer()
    assert fix is not None and fix(saved.decode("utf-8")) == text


@pytest.mark.parametrize("name", ["Empfänger", "MÜLLER", "José García", "Dvořák Łódź", "Zażółć Müller", "GEBÜHREN"])
def test_names_of_neighbours_are_not_restored(name: str) -> None:
    page = detect(name.encode("utf-8"))
    assert (page.encoding, page.misread_as) == ("utf-8", "")


def test_plain_and_marked_files() -> None:
    assert detect(b"ABONAMENT").encoding == "ascii"
    assert detect(b"\xef\xbb\xbfABONAMENT").encoding == "utf-8"


def test_a_sample_may_end_inside_of_a_character() -> None:
    assert detect("ŁÓDŹ".encode()[:-1]).encoding == "utf-8"


def test_code_pages_that_do_not_exist_are_told() -> None:
    assert is_known("cp852") and is_known("utf-8")
    assert not is_known("cp99999") and not is_known("") and not is_known("hex") and not is_known("utf-16")


@given(text=st.text(alphabet="ABCĄĆĘŁŃÓŚŹŻąćęłńóśźż .,;12", max_size=40), right=st.sampled_from(CANDIDATES))
def test_restoring_undoes_a_wrong_decoding(text: str, right: str) -> None:
    wrong = text.encode(right).decode("latin-1")
    assert restore(wrong, "latin-1", right) == text


@given(content=st.binary(max_size=500))
def test_any_bytes_have_a_code_page(content: bytes) -> None:
    assert content.decode(detect(content).encoding, "replace") is not None
