"""Lists of places: code pages, heads, rows and what is said of bad ones."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_core.address import fold, search_tokens
from catalog_core.location_csv import Table, read_rows, read_table
from catalog_core.location_row import ALIASES, COLUMNS, FileProblem, PlaceRow, Reach, RowProblem, place_key, read_row
from catalog_core.teryt import teryt_problem

HEAD = "miejscowość;ulica;nr budynku;klatka;lokal;kod pocztowy;technologie"


def table(data: bytes, **options: bool) -> Table:
    found = read_table(data, **options)
    assert isinstance(found, Table), found
    return found


def problem(data: bytes) -> FileProblem:
    found = read_table(data)
    assert isinstance(found, FileProblem), found
    return found


def row(**values: str) -> PlaceRow:
    found = read_row({"town": "Kutno", **values})
    assert isinstance(found, PlaceRow), found
    return found


def refused(**values: str) -> tuple[str, str]:
    found = read_row({"town": "Kutno", **values})
    assert isinstance(found, RowProblem), found
    return found.field, found.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250", "iso8859-2", "utf-16"])
def test_every_code_page_gives_the_same_words(encoding: str) -> None:
    text = f"{HEAD}\r\nŻółkiewka;Źródlana Łąkowa;5a;Ś;1;99-300;światłowód 300/50\r\n"
    found = table(text.encode(encoding))
    line, values, _beyond = next(iter(read_rows(found)))
    assert (line, values["town"], values["street"]) == (2, "Żółkiewka", "Źródlana Łąkowa")
    assert found.encoding == encoding.removesuffix("-sig")


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_separators(delimiter: str) -> None:
    text = HEAD.replace(";", delimiter) + "\nKutno" + delimiter + '"Plac, Wolności"\n'.replace(",", delimiter)
    found = table(text.encode())
    assert found.delimiter == delimiter
    assert next(iter(read_rows(found)))[1]["street"] == f"Plac{delimiter} Wolności".replace("\t", "").replace("  ", " ")


def test_order_and_language_of_the_head_are_free() -> None:
    found = table(b"House No,TOWN,Postcode\n5,Kutno,99-300\n")
    assert found.columns == ("building", "town", "zip")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "EMPTY"),
        (b"\xef\xbb\xbf \r\n", "EMPTY"),
        (b"PK\x03\x04rest", "SPREADSHEET"),
        (b"a;b\x00c", "BINARY"),
        (bytes(range(128, 160)) * 3, "UNREADABLE"),
        (b"foo;bar\n1;2\n", "NO_HEAD"),
        (b"ulica;lokal\nx;1\n", "COLUMN_MISSING"),
        (b"miasto;town\nx;1\n", "COLUMN_TWICE"),
        (b"miasto;kolor\nx;1\n", "UNKNOWN_COLUMN"),
    ],
)
def test_files_that_cannot_be_read(data: bytes, code: str) -> None:
    found = problem(data)
    assert found.code in ({"UNREADABLE", "BINARY"} if code == "UNREADABLE" else {code})


def test_unknown_columns_are_named_and_may_be_left_out() -> None:
    data = "miasto;kolor;budynek\nKutno;biały;5\n".encode()
    assert problem(data).params["column"] == "kolor"
    found = table(data, ignore_unknown=True)
    assert [dict(values) for _line, values, _beyond in read_rows(found)] == [{"town": "Kutno", "building": "5"}]


def test_the_error_list_can_be_read_again() -> None:
    assert table("wiersz;miejscowość;powód\n7;Kutno;źle\n".encode()).columns == (None, "town", None)


def test_lines_are_those_of_the_file() -> None:
    found = table(b'\nmiasto;ulica\n\nKutno;"Dluga\nKrotka"\nGniezno;X;nadmiar\n')
    assert [(line, beyond) for line, _values, beyond in read_rows(found)] == [(4, 0), (6, 1)]


def test_every_alias_is_unambiguous() -> None:
    names = [name for all_names in COLUMNS.values() for name in all_names]
    assert len({"".join(char for char in fold(name) if char.isalnum()) for name in names}) == len(ALIASES) == len(names)


def test_a_whole_row() -> None:
    found = row(
        simc="976089", terc="1002011", street="ul. Lipowa", ulic="1234", building="12 A", premises="5", zip="99300",
        technologies="Światłowód 1000/300 + HFC 500/50, radio brak", node="OLT1", port="1/1", latitude="52,23", longitude="19.36",
    )  # fmt: skip
    assert (found.simc, found.ulic, found.zip, found.street) == ("0976089", "01234", "99-300", "Lipowa")
    assert found.reaches == (Reach("fibre", 1000, 300), Reach("hfc", 500, 50), Reach("radio", 0, 0, True))
    assert (found.latitude, found.longitude) == (Decimal("52.230000"), Decimal("19.360000"))


def test_speeds_in_columns_of_their_own() -> None:
    assert row(technologies="FTTH", down="600 Mb/s", up="100").reaches == (Reach("fibre", 600, 100),)
    assert refused(technologies="FTTH, HFC", down="600") == ("down", "SPEED_OF_WHICH")
    assert refused(down="600") == ("down", "SPEED_OF_WHICH")


@pytest.mark.parametrize("text", ["wi-fi 60/10", "Radio - 60/10", "FWA-60/10", "radio 60 / 10 Mb/s"])
def test_a_dash_between_words_is_no_sign(text: str) -> None:
    assert row(technologies=text).reaches == (Reach("radio", 60, 10),)


def test_a_competitor_row() -> None:
    found = row(competitor="Sieć X", technologies="DSL", down="80", price="59,90 zł", date_start="01.02.2026")
    assert (found.technology, found.price, found.down, str(found.date_start)) == (
        "dsl",
        Decimal("59.90"),
        80,
        "2026-02-01",
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"town": ""}, ("town", "REQUIRED")),
        ({"premises": "5"}, ("building", "NEEDED_BY")),
        ({"ulic": "12345"}, ("street", "NEEDED_BY")),
        ({"building": "1", "port": "5"}, ("node", "NEEDED_BY")),
        ({"terc": "9902011"}, ("terc", "TERC_REGION")),
        ({"terc": "1002017"}, ("terc", "TERC_TYPE")),
        ({"simc": "09x"}, ("simc", "SIMC_DIGITS")),
        ({"street": "A", "ulic": "123456"}, ("ulic", "ULIC_DIGITS")),
        ({"zip": "99-30"}, ("zip", "ZIP")),
        ({"technologies": "gołąb 5/5"}, ("technologies", "TECHNOLOGY")),
        ({"technologies": "hfc, kabel"}, ("technologies", "TECHNOLOGY_TWICE")),
        ({"technologies": "hfc", "down": "dużo"}, ("down", "SPEED")),
        ({"technologies": "hfc", "down": "-5"}, ("down", "SPEED")),
        ({"technologies": "światłowód -5/0"}, ("technologies", "SPEED")),
        ({"technologies": "światłowód 300/-5"}, ("technologies", "SPEED")),
        ({"technologies": "światłowód abc/300"}, ("technologies", "SPEED")),
        ({"technologies": "HFC 500/50, radio 1,5"}, ("technologies", "TECHNOLOGY")),
        ({"technologies": "rurociąg -5"}, ("technologies", "TECHNOLOGY")),
        ({"latitude": "95", "longitude": "1"}, ("latitude", "LATITUDE")),
        ({"latitude": "52"}, ("longitude", "COORDINATES_HALF")),
        ({"latitude": "NaN", "longitude": "1"}, ("latitude", "LATITUDE")),
        ({"street": "x" * 200}, ("street", "TOO_LONG")),
        ({"competitor": "X", "technologies": "hfc", "price": "-5"}, ("price", "PRICE")),
        ({"date_end": "31.02.2026"}, ("date_end", "DATE")),
    ],
)
def test_bad_rows(values: dict[str, str], expected: tuple[str, str]) -> None:
    assert refused(**values) == expected


def test_every_mistake_of_a_row_is_said_at_once() -> None:
    found = read_row({"town": "Kutno", "terc": "6220", "technologies": "rurociąg", "zip": "9", "date_end": "x"})
    assert isinstance(found, RowProblem)
    codes = [found.code, *(other.code for other in found.others)]
    assert sorted(codes) == sorted(["TERC_REGION", "ZIP", "TECHNOLOGY", "DATE"])


def test_shape_of_the_row() -> None:
    assert getattr(read_row({"town": "Kutno"}, 2), "code", "") == "TOO_MANY_CELLS"
    assert getattr(read_row({}, -1), "code", "") == "UNCLOSED_QUOTE"


@given(st.dictionaries(st.sampled_from(sorted(COLUMNS)), st.text(max_size=30)))
def test_no_row_breaks_the_reader(values: dict[str, str]) -> None:
    assert isinstance(read_row(values), PlaceRow | RowProblem)


@given(st.binary(max_size=300))
def test_no_file_breaks_the_reader(data: bytes) -> None:
    found = read_table(b"town;building\n" + data)
    if isinstance(found, Table):
        for _line, values, beyond in read_rows(found):
            read_row(values, beyond)


def test_codes_of_the_register() -> None:
    assert teryt_problem("terc", "1002011") is None
    assert teryt_problem("terc", "3003011") is None
    assert teryt_problem("terc", "1102011") == "region"
    assert teryt_problem("simc", "٠٩٧٦٠٨٩") == "digits"


def test_same_names() -> None:
    assert place_key("12 a") == place_key("12A")
    assert place_key("Łąkowa") == place_key("lakowa")


@pytest.mark.parametrize(
    ("typed", "key", "found"),
    [
        ("Lipowa 12/5", " lipowa 12 m5 kutno ", True),
        ("Lipowa 12 m. 5 Kutno", " lipowa 12 m5 kutno ", True),
        ("ul. Lipowa 12 lok 5", " lipowa 12 m5 kutno ", True),
        ("Lipowa 12 5", " lipowa 12 m5 kutno ", True),
        ("lipowa 12m5", " lipowa 12 m5 kutno ", False),
        ("Lipowa 5", " lipowa 12 m5 kutno ", False),
        ("3 Maja 5", " 3 maja 5 kutno ", True),
        ("Lipowa 12/14/5", " lipowa 12/14 m5 kutno ", True),
        ("Łąko 5 kl. B", " lakowa 5 klb kutno ", True),
    ],
)
def test_searching(typed: str, key: str, found: bool) -> None:
    assert any(all(piece in key for piece in reading) for reading in search_tokens(typed)) is found
