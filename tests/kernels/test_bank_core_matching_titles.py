"""Reading titles: numbers written in all the ways people and banks write them, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_core.matching import match_key, name_key, shape_of, shapes_of
from bank_core.matching.lexicon import lexicon
from bank_core.matching.names import fits
from bank_core.matching.periods import months_in
from bank_core.matching.reading import read_title
from bank_core.matching.slips import digit_forms, is_one_slip, neighbour_keys
from bank_core.matching.text import plain

WORDS = lexicon(shapes_of(["FA/2026/10/00123", "KOR/2026/10/00001", "210F1033"]))
NIP_KSEF = "5265877635-20250826-0100001AF629-AF"
A, B = "FA20261000123", "FA20261000124"

#: title -> match keys of each mention; the letters dropped leave both kinds of document
TITLES: list[tuple[str, list[set[str]]]] = [
    ("FA/2026/10/00123", [{A}]),
    ("Zapłata za fakturę nr FA/2026/10/00123.", [{A}]),
    ("fa-2026-10-00123", [{A}]),
    ("FA 2026 10 00123", [{A}]),
    ("FA.2026.10.00123 z dnia 15.10.2026", [{A}]),
    ("FA20261000123", [{A}]),
    ("ZAPLATAZAFAKTUREFA/2026/10/00123ZAINTERNET", [{A}]),
    ("FA/2026/10/00123FA/2026/10/00124", [{A}, {B}]),
    ("FA/2026/10/00123IFA/2026/10/00124", [{A}, {B}]),
    ("FA/2026/10/00123 I FA/2026/10/00124", [{A}, {B}]),
    ("FA/2026/10/00123,FA/2026/10/00124 MINUS KOR/2026/10/00001", [{A}, {B}, {"KOR20261000001"}]),
    ("FA/2026/10/123", [{A}]),
    ("FA/26/10/00123", [{A}]),
    ("FA/26/10/123 internet", [{A}]),
    ("FA/2O26/1O/OO123", [{A}]),
    ("FA/2026/I0/00l23", [{A}]),
    ("FA/2026/10/0 0123", [{A}]),
    ("FA/20 26/10/00123", [{A}]),
    ("FA / 2026 / 10 / 00123", [{A}]),
    ("FA/2026/10/00123 10 ZL", [{A}]),
    ("FA/2026/10/00123 49,99", [{A}]),
    ("2026/10/00123", [{A, "KOR20261000123"}]),
    ("faktura 2026/10/123", [{A, "KOR20261000123"}]),
    ("/VAT/9,35/IDC/5260250995/INV/FA/2026/10/00123/TXT/ZA NET", [{A}]),
    ("ZAPL.FV-210F1033,210F0995 MINUS FV. KORYG.210F24", [{"210F1033"}, {"210F0995"}, {"210F0024"}]),
    ("210 F 1033", [{"210F1033"}]),
    ("fv F A/2026/10/00123", [{A}]),
    ("FA2610123", [{A}]),
    ("PRZELEWZAUSLUGI2O26/10/00123", [{A, "KOR20261000123"}]),
    ("226/10/00123", [set()]),
    ("internetitv,f-ra2026/10/00123", [{A, "KOR20261000123"}]),
    # numbers that are no document of ours
    ("", []),
    ("za internet", []),
    # a blank inside of a number without separators
    ("FA202 61000123", [{A}]),
    ("F-RA NR 2 0261000123", [{A, "KOR20261000123"}]),
    ("/VAT/9,35/IDC/5260250995/I NV/2026/10/00123/TXT/NET", [{A, "KOR20261000123"}]),
    # a second number without its letters, not a day
    ("FA/2026/10/00123 2026/10/12", [{A}, {"FA20261000012", "KOR20261000012"}]),
    ("FA/2026/10/00123/2", [set()]),
    ("15.10.2026", []),
    ("26.10.2026 kwota 12345", []),
    ("FA/2026/10/001234", [set()]),
    ("FA/2026/13/00123", [set()]),
    ("FA/2026/1/00123", [set()]),
    ("FA/2026/10/0123", [set()]),
    ("FA/2026/10/123 10 ZL", [{A, "FA20261012310"}]),
    ("2026/10/7", [{"FA20261000007", "KOR20261000007"}]),
    ("FA/206/10/00123", [set()]),
    ("UPC/2026/10/00123", []),
    ("XFA2026/10/00123", [{A}]),
    ("2026-10-15", []),
    ("faktura nr 2026- 10-15", []),
    ("2026 -10-15", []),
    ("20 26-10-15", []),
    # with strokes it is as likely a number as a day
    ("2026/10/15", [{"FA20261000015", "KOR20261000015"}]),
    # separators are not moved; before a blank a short number may have ended
    ("rachunek 2026 1 00123", [set()]),
    ("F-RA 26/10/1 2312", [{"FA20261012312", "KOR20261012312", "FA20261000001", "KOR20261000001"}]),
    ("abonament 10/2026", []),
    ("tel. 601 234 567", []),
    ("za 10 2026 49.99", []),
    ("1234567/2026/10/00123", []),
    ("FA/2026/10/00000", [set()]),
]


@pytest.mark.parametrize(("title", "keys"), TITLES)
def test_numbers_in_titles(title: str, keys: list[set[str]]) -> None:
    assert [set(mention.keys) for mention in read_title(title, WORDS).mentions] == keys


def test_a_number_cut_at_the_end_of_a_long_title_is_not_sure() -> None:
    start = "OPLATA ZA USLUGI TELEKOMUNIKACYJNE ZGODNIE Z UMOWA ZAWARTA W DNIU PIERWSZYM STYCZNIA DLA LOKALU"
    title = f"{start:120.120}/ FA/2026/10/12345"[:135]
    assert title.endswith("FA/2026/10/12")
    assert [mention.is_sure for mention in read_title(title, WORDS).mentions] == [False]
    assert [mention.is_sure for mention in read_title("za FA/2026/10/12", WORDS).mentions] == [True]


def test_a_foreign_prefix_glued_to_ours_is_not_sure() -> None:
    assert [mention.is_sure for mention in read_title("XFA/2026/10/00123", WORDS).mentions] == [False]
    assert [mention.is_sure for mention in read_title("ZAFA/2026/10/00123", WORDS).mentions] == [True]


@pytest.mark.parametrize(
    "title",
    [
        f"KSEF {NIP_KSEF}",
        f"{NIP_KSEF[:27]} {NIP_KSEF[27:]}",
        f"ZAPLATA {NIP_KSEF[:19]}\n{NIP_KSEF[19:]} DZIEKUJE",
        NIP_KSEF.replace("-", ""),
        NIP_KSEF.replace("-", " ").replace("0100001", "OIOOOOl"),
        f"ZAPLATA{NIP_KSEF}ZANET",
    ],
)
def test_ksef_numbers(title: str) -> None:
    found = read_title(title, WORDS)
    assert found.ksef == (match_key(NIP_KSEF),)
    assert not found.numbers


@pytest.mark.parametrize("place", [place for place, char in enumerate(NIP_KSEF) if char != "-"])
def test_a_damaged_ksef_number_is_not_read(place: int) -> None:
    damaged = NIP_KSEF[:place] + ("3" if NIP_KSEF[place] != "3" else "4") + NIP_KSEF[place + 1 :]
    assert not read_title(damaged, WORDS).ksef


@pytest.mark.parametrize(
    ("title", "keys"),
    [
        ("klient 100000017", ["100000017"]),
        ("KLIENT100000017ZANET", ["100000017"]),
        ("klient100-000-017internet", ["100000017"]),
        ("100 000 017", ["100000017"]),
        ("100-000-017", ["100000017"]),
        ("1000 00017", ["100000017"]),
        ("1OOOOOO17", ["100000017"]),
        ("100000017, 100000025", ["100000017", "100000025"]),
        ("100000018", []),
        ("TEL 100000017", []),
        ("NIP: 100000017", []),
        ("9100000017", []),
        ("1000/00017", []),
        ("10 2026 123", []),
        ("1O0 00O 017", ["100000017"]),
        ("10 0000017", ["100000017"]),
        ("100000017/2026", []),
        ("46102055614444100000017815", []),
    ],
)
def test_customer_numbers(title: str, keys: list[str]) -> None:
    assert [number.key for number in read_title(title, WORDS).numbers if number.key.isdigit()] == keys


@pytest.mark.parametrize(
    ("title", "has_fragment"),
    [
        ("FA/2026/10/00123 z dnia 15.10.2026 tel. 601-234-567 kwota 49,99 zł", False),
        ("za 10/2026 klient 100000017", False),
        ("FA/2026/10/00123 FA.202", True),
        ("ABONAMENT FA/202", True),
        ("26/10/24", True),
        ("z dnia 21. 11.2026", True),
        ("5260250274-20261017-480", True),
        ("52602502742026101", True),
    ],
)
def test_pieces_of_numbers_are_noticed(title: str, has_fragment: bool) -> None:
    assert bool(read_title(title, WORDS).fragments) is has_fragment


def test_contract_numbers_glued_to_words() -> None:
    assert "UM201900255" in [n.key for n in read_title("wgumowynrum/2019/00255zdnia", WORDS).numbers]
    assert "UM202300762" in [n.key for n in read_title("wgumowynrum/2023/00762oplata", WORDS).numbers]


def test_contract_numbers_are_read_with_their_letters() -> None:
    assert [number.key for number in read_title("umowa UM/2026/00012", WORDS).numbers] == ["UM202600012"]


@pytest.mark.parametrize(
    ("title", "months", "clear"),
    [
        ("za październik", ((0, 10),), True),
        ("abonament wrzesień 2026", ((2026, 9),), True),
        ("za wrzesień i październik 2026", ((2026, 9), (2026, 10)), True),
        ("abonament październik i IX2026", ((0, 10), (2026, 9)), True),
        ("za l ipiec 2026", ((2026, 7),), True),
        ("maja i czerwca 2026", ((2026, 5), (2026, 6)), True),
        ("abonament 8.2026 i wrześ", ((2026, 8), (0, 9)), True),
        ("za grudzień i styczeń 2026", ((0, 12), (2026, 1)), True),
        ("oplata 10/2026", ((2026, 10),), True),
        ("oplata 2026-10", (), False),
        ("internet X 2026", ((2026, 10),), True),
        ("net za paź.", ((0, 10),), True),
        ("ZA LIPCA", ((0, 7),), True),
        ("ul. 3 Maja 5", (), False),
        ("z dnia 10 października 2026", (), False),
        ("faktura z 15.10.2026", (), True),
        ("2026-10-15", (), True),
        ("styczeń - marzec", ((0, 1), (0, 3)), False),
        ("prosze sie nie martwic", (), False),
        ("Maja Nowak", (), True),
        ("internet", (), True),
    ],
)
def test_months(title: str, months: tuple[tuple[int, int], ...], clear: bool) -> None:
    found = months_in(plain(title), frozenset())
    assert (set(found.named), found.is_clear) == (set(months), clear)


def test_a_surname_is_no_month() -> None:
    assert months_in("JAN MARZEC INTERNET", frozenset(("JAN", "MARZEC"))).named == ()


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("NOWAK ANNA", "Anna Nowak", True),
        ("Żółć, Łucja", "LUCJA ZOLC", True),
        ("Anna Nowak-Kowalska", "KOWALSKA NOWAK ANNA", True),
        ("TELE SP. Z O.O.", "Tele Spółka z ograniczoną odpowiedzialnością", True),
        ("TELE SP Z O O", "TELE", True),
        ("Tele S.A.", "TELE SA", True),
        ("Tele sp.j.", "Tele spółka jawna", True),
        ("Anna Nowak", "Adam Nowak", False),
        ("Sp. z o.o.", "S.A.", False),
        ("KOWALSKI JAN UL. DLUGA 12 00-950 WARSZAWA", "Jan Kowalski", True),
        ("TELE SPOLKA Z OGRANICZONA ODPOWIEDZ", "Tele sp. z o.o.", True),
    ],
)
def test_name_key(one: str, other: str, equal: bool) -> None:
    assert (name_key(one) == name_key(other)) is equal


@pytest.mark.parametrize(
    ("payer", "customer", "fit"),
    [
        ("KOWALSKI JAN", "Jan Kowalski", True),
        ("KOWALSKI JAN UL. DLUGA 5 WARSZAWA", "Jan Kowalski", True),
        ("JAN ADAM KOWALSKI", "Jan Kowalski", True),
        ("ANNA NOWAK", "Anna Nowak-Kowalska", False),
        ("JAN KOWALSKI", "Jan Adam Kowalski", True),
        ("TELE MARZEC WARSZAWA", "Tele Marzec Sp. z o.o.", True),
        ("ANNA KOWALSKA", "Jan Kowalski", False),
        ("JAN MARIA", "Jan Maria Rokita", False),
        ("PRZEDSIEBIORSTWO HANDLOWE ALFA", "Przedsiębiorstwo Handlowe Beta", False),
        ("JAN NOWAK", "Jan Kowalski", False),
        ("", "", False),
    ],
)
def test_fits(payer: str, customer: str, fit: bool) -> None:
    assert fits(name_key(payer), name_key(customer)) is fit


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("123", "124", True),
        ("123", "132", True),
        ("123", "12", True),
        ("123", "1023", True),
        ("123", "123", False),
        ("123", "321", False),
        ("1234", "2143", False),
        ("12", "1234", False),
        ("123", "145", False),
    ],
)
def test_one_slip(one: str, other: str, slip: bool) -> None:
    assert is_one_slip(one, other) is slip
    assert is_one_slip(other, one) is slip


@given(
    st.text("0123456789", min_size=1, max_size=12),
    st.integers(0, 11),
    st.sampled_from("0123456789"),
    st.sampled_from("cdis"),
)
def test_every_slip_is_seen_as_one(number: str, place: int, digit: str, kind: str) -> None:
    place %= len(number)
    slipped = {
        "c": number[:place] + digit + number[place + 1 :],
        "d": number[:place] + number[place + 1 :],
        "i": number[:place] + digit + number[place:],
        "s": number[:place] + number[place : place + 2][::-1] + number[place + 2 :],
    }[kind]
    assert is_one_slip(number, slipped) is (number != slipped)


@given(st.integers(1, 99999), st.integers(1, 99999))
def test_neighbour_keys_are_one_slip_away(one: int, other: int) -> None:
    number, second = f"FA/2026/10/{one:05}", f"FA/2026/10/{other:05}"
    keys = set(neighbour_keys(match_key(number), shape_of(number)))
    if any(is_one_slip(a, b) for a, b in ((f"{one:05}", f"{other:05}"), (str(one), str(other)))):
        assert match_key(second) in keys


def test_digit_forms() -> None:
    prefix, forms = digit_forms("FA/2026/09/00123")
    assert prefix == "FA"
    assert {"20260900123", "202609123", "260900123", "2609123"} <= forms


@given(number=st.integers(1, 99999), month=st.integers(1, 12), before=st.text("abc ,.żł;", max_size=20))
def test_the_printed_number_is_always_read(number: int, month: int, before: str) -> None:
    title = f"{before} FA/2026/{month:02}/{number:05}"
    assert [mention.keys for mention in read_title(title, WORDS).mentions] == [(f"FA2026{month:02}{number:05}",)]


@given(st.text(max_size=300))
def test_no_title_breaks_the_reader(title: str) -> None:
    found = read_title(title, WORDS)
    assert all(mention.start < mention.end for mention in found.mentions)
    months_in(found.rest, frozenset())


@given(st.text("FA/20261 0OIL-KR.,", max_size=80))
def test_no_wild_mix_of_our_own_characters_breaks_the_reader(title: str) -> None:
    for mention in read_title(title, WORDS).mentions:
        assert 0 <= mention.start < mention.end


@pytest.mark.parametrize(
    ("number", "near"),
    [
        ("FA/2026/10/99634", "FA202610996340"),
        ("FA/2026/10/99634", "FA202610199634"),
        ("FA/2026/10/00123", "FA202610100123"),
        ("FA/2026/10/208307", "FA20261020830"),
        ("FA/2026/10/208307", "FA20261008307"),
    ],
)
def test_neighbours_beyond_the_printed_width(number: str, near: str) -> None:
    """A series of five digits goes on with six."""
    assert near in neighbour_keys(match_key(number), shape_of(number))


@pytest.mark.parametrize("title", ["umowa UM-2024-1233", "nr umowy um/2024/1233 tel. 766300928", "UM 2024 1233"])
def test_contract_numbers_without_their_leading_zeros(title: str) -> None:
    assert "UM202401233" in {number.key for number in read_title(title, WORDS).numbers}
