"""Rate plans in workbooks: exact round trips, and every kind of bad input named by sheet, row and column."""

from __future__ import annotations

import io
import random
import tracemalloc
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from catalog_core.rate_sheet import SHEETS, BandRow, PlanBook, RateRow, ZoneRow
from catalog_core.rate_tiers import RateTier
from catalog_core.rate_xlsx import MAX_UNPACKED, Known, cell_name, read_book
from catalog_core.rate_xlsx_cells import Fault, format_tiers, micro_of, minute_of, tiers_of
from catalog_core.rate_xlsx_write import mark_errors, write_book
from catalog_core.time_bands import DAY_TYPES, Band

PEAK = BandRow("Szczyt", Band("PEAK", frozenset(DAY_TYPES[:5]), 480, 1080, weight=20))
SUMMER = BandRow(
    "Lato", Band("SUM", frozenset(DAY_TYPES), 0, 1440, frozenset((6, 7, 8)), date(2026, 1, 1), date(2026, 12, 31), 1)
)
BOOK = PlanBook(
    rates=(
        RateRow("FIX", "voice", 60_000, chain=(60, 1), connect_fee_micro=1, min_charge_micro=50_000),
        RateRow("FIX", "sms", 90_000, band="PEAK", max_charge_micro=2_000_000, decimals=2),
        RateRow("INT", "voice", 1_234_567, chain=(30, 30, 6)),
        RateRow("INT", "data", 20_000, tier_model="graduated", tiers=(RateTier(0, 500, 20_000), RateTier(500, 0, 1))),
        RateRow("PREM", "premium", 3_690_000, basis="event"),
        RateRow("ROAM", "voice", 0, basis="upstream", multiplier_micro=1_255_000),
        RateRow("ROAM", "mms", 200_000, step_bytes=100_000, rounding="session"),
        RateRow("ROAM", "content", 7_000_000, rounding="period"),
    ),
    zones=(
        ZoneRow("FIX", "Polska – stacjonarne", "national_fixed", (("4812", "Kraków"), ("4822", "Warszawa"))),
        ZoneRow("INT", "=Zagranica", "international", (("49", ""),)),
        ZoneRow("ONNET", "W sieci", "on_net"),
        ZoneRow("PREM", "Premium", "premium", (("48701", ""),), ("premium:77",)),
        ZoneRow("ROAM", "Roaming", "roaming", (), ("in:*", "net:26006", "net:deud1")),
    ),
    bands=(PEAK, SUMMER),
)
HEADER = ("Zone", "Usage", "Price")


def workbook(rates: list[Any], zones: list[Any] | None = None, bands: list[Any] | None = None) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in (("Rates", rates), ("Zones", zones), ("Bands", bands)):
        if rows is not None:
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def faults(content: bytes, known: Known | None = None) -> list[tuple[str, str, str]]:
    return [(error.sheet, cell_name(error), error.code) for error in read_book(content, known).errors]


class TestRoundTrip:
    @pytest.mark.parametrize("language", ["en", "pl"])
    def test_export_import_export(self, language: str) -> None:
        first = write_book(BOOK, language)
        found = read_book(first)
        assert found.errors == ()
        assert found.book == BOOK
        assert cells(write_book(found.book, language)) == cells(first)

    def test_a_name_with_an_equals_sign_is_no_formula(self) -> None:
        sheet = load_workbook(io.BytesIO(write_book(BOOK, "en")))["Zones"]
        assert [cell.data_type for cell in sheet["B"]] == ["s"] * 7

    def test_five_thousand_prefixes(self) -> None:
        dice = random.Random(7)
        numbers = sorted(dice.sample(range(100_000, 999_999), 5_000))
        zones = tuple(
            ZoneRow(f"Z{n}", f"Strefa {n}", "international", tuple((str(p), f"kraj {p}") for p in numbers[n::200]))
            for n in range(200)
        )
        rates = tuple(RateRow(f"Z{n}", "voice", dice.randrange(2**31)) for n in range(200))
        book = PlanBook(rates, zones, ())
        content = write_book(book, "pl")
        tracemalloc.start()
        found = read_book(content)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (found.errors, found.book) == ((), book)
        assert peak < 30 * 2**20

    @given(st.integers(0, 2**31 - 1), st.integers(0, 4))
    @settings(max_examples=40, deadline=None)
    def test_every_price_comes_back(self, micro: int, decimals: int) -> None:
        book = PlanBook((RateRow("A", "voice", micro, max_charge_micro=micro, decimals=decimals),))
        assert read_book(write_book(book, "en")).book == book


def cells(content: bytes) -> list[list[tuple[Any, ...]]]:
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames in ([names[0] for names in SHEETS.values()], [names[1] for names in SHEETS.values()])
    return [list(sheet.values) for sheet in book.worksheets]


class TestAsPeopleTypeIt:
    def test_text_numbers_comma_and_empty_rows(self) -> None:
        content = workbook(
            [
                (),
                HEADER,
                (),
                ("FIX", "voice", "0,29"),
                (None, None, None),
                ("INT", "Połączenia głosowe", " 1 234.5 "),
                (7, "SMS", 0.1),
            ]
        )
        rates = read_book(content).book.rates
        assert [(rate.zone, rate.usage_kind, rate.price_micro, rate.row) for rate in rates] == [
            ("FIX", "voice", 290_000, 4),
            ("INT", "voice", 1_234_500_000, 6),
            ("7", "sms", 100_000, 7),
        ]

    def test_codes_of_zones(self) -> None:
        zones = [
            ("Zone", "Prefix", "Codes"),
            ("A", None, "NET:26006, apn:Internet"),
            ("A", "4822", "data"),
            ("B", 49, None),
        ]
        found = read_book(workbook([HEADER, ("A", "voice", 1)], zones))
        assert found.errors == ()
        assert [zone.codes for zone in found.book.zones] == [("apn:internet", "data", "net:26006"), ()]
        # a workbook that says nothing of codes leaves them
        found = read_book(workbook([HEADER, ("A", "voice", 1)], [("Zone", "Prefix"), ("A", "4822")]))
        assert [zone.codes for zone in found.book.zones] == [None]

    def test_wrong_codes(self) -> None:
        zones = [
            ("Zone", "Prefix", "Codes"),
            ("A", None, "net:2600"),
            ("B", None, "rg:x"),
            ("C", None, "vod:1"),
            ("D", None, "vod:1"),
        ]
        content = workbook([HEADER, ("A", "voice", 1)], zones)
        assert faults(content) == [
            ("Zones", "C2", "CODE_NETWORK"),
            ("Zones", "C3", "CODE_GROUP"),
            ("Zones", "C5", "CODE_IN_ZONES"),
        ]

    def test_marked_up_costs(self) -> None:
        header = (*HEADER, "Charged", "Narzut (%)")
        rates = [header, ("A", "voice", 0, "Według kosztu", "12,5"), ("B", "voice", 0, "By the cost", -100)]
        assert [rate.multiplier_micro for rate in read_book(workbook(rates)).book.rates] == [1_125_000, 0]
        wrong = [header, ("A", "voice", 0, "By the cost", -101), ("B", "voice", 0, "By the cost", "0,00001")]
        assert faults(workbook(wrong)) == [("Rates", "E2", "OUT_OF_RANGE"), ("Rates", "E3", "TOO_PRECISE")]

    def test_ranges_and_lists_of_prefixes(self) -> None:
        zones = [
            ("Strefa", "Prefiks"),
            ("A", "48600-48609"),
            ("A", "+4822, 4823"),
            ("B", 48700),
            ("B", "48711 – 48712"),
        ]
        book = read_book(workbook([HEADER, ("A", "voice", 1)], zones)).book
        assert {zone.code: [prefix for prefix, _note in zone.prefixes] for zone in book.zones} == {
            "A": ["4822", "4823", "4860"],
            "B": ["48700", "48711", "48712"],
        }

    def test_hours_of_excel(self) -> None:
        days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Holidays")
        rows = [
            ("Time band", *days, "From", "To"),
            ("A", *"xxxxxxxx", time(8, 30), "24:00"),
            ("B", 1, *[0] * 7, 0, 8.5),
        ]
        bands = read_book(workbook([HEADER, ("Z", "voice", 1)], bands=rows)).book.bands
        assert [(row.band.start_min, row.band.end_min, len(row.band.days)) for row in bands] == [
            (510, 1440, 8),
            (0, 510, 1),
        ]

    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("0,29", 290_000), ("0.29", 290_000), (" 1 234,5 ", 1_234_500_000), ("1\u00a0000", 1_000_000_000), (0.1 + 0.2, 300_000),
            ("1.234,5", "NOT_A_NUMBER"), ("abc", "NOT_A_NUMBER"), ("1e3", "NOT_A_NUMBER"), ("-1", "NEGATIVE"), (True, "NOT_A_NUMBER"),
            ("0.0000001", "TOO_PRECISE"), (2_148, "TOO_LARGE"), (float("inf"), "NOT_A_NUMBER"), ("--1", "NOT_A_NUMBER"), ("", 0),
        ],
    )  # fmt: skip
    def test_amounts(self, typed: object, expected: int | str) -> None:
        found = micro_of(typed)
        assert (found.code if isinstance(found, Fault) else found) == expected

    @pytest.mark.parametrize("typed", ["25:00", "8:60", "8:5", "x", -1, 24.5, datetime(2026, 1, 1)])  # noqa: DTZ001
    def test_no_hours(self, typed: object) -> None:
        assert minute_of(typed) == Fault("NOT_A_TIME")

    @given(st.lists(st.builds(RateTier, *[st.integers(0, 2**31 - 1)] * 4), max_size=4))
    def test_tiers_come_back(self, tiers: list[RateTier]) -> None:
        assert tiers_of(format_tiers(tuple(tiers))) == tuple(tiers)


class TestErrors:
    def test_each_bad_cell_is_named(self) -> None:
        content = workbook(
            [
                (*HEADER, "Increments", "Decimals", "Charged", "Tiers"),
                ("A", "voice", "abc"),
                ("A", "fax", 1),
                ("", "voice", 1),
                ("A", "voice", None),
                ("A", "voice", -1),
                ("A", "voice", 1, "60:1"),
                ("A", "voice", 1, datetime(2026, 1, 1)),  # noqa: DTZ001
                ("A", "voice", 1, "1/1", 7),
                ("A", "voice", 1, "1/1", 2, "hour"),
                ("A", "voice", 1, "1/1", 2, None, "0:1"),
                ("A", "voice", "=1+1"),
            ]
        )
        assert faults(content) == [
            ("Rates", "C2", "NOT_A_NUMBER"),
            ("Rates", "B3", "UNKNOWN_WORD"),
            ("Rates", "4", "EMPTY"),
            ("Rates", "5", "EMPTY"),
            ("Rates", "C6", "NEGATIVE"),
            ("Rates", "D7", "CHAIN_NOT_A_NUMBER"),
            ("Rates", "D8", "CHAIN_AS_DATE"),
            ("Rates", "E9", "OUT_OF_RANGE"),
            ("Rates", "F10", "UNKNOWN_WORD"),
            ("Rates", "G11", "NOT_TIERS"),
            ("Rates", "C12", "FORMULA"),
        ]

    def test_duplicates_and_unknown_codes(self) -> None:
        content = workbook(
            [(*HEADER, "Time band"), ("A", "voice", 1), ("A", "voice", 2), ("B", "voice", 1), ("A", "sms", 1, "NIGHT")],
            [("Zone", "Prefix"), ("A", "48"), ("A", "48"), ("C", "48"), ("C", "49-400")],
        )
        assert faults(content, Known(frozenset("A"))) == [
            ("Rates", "A3", "DUPLICATE_RATE"),
            ("Zones", "B3", "PREFIX_TWICE"),
            ("Zones", "B4", "PREFIX_IN_ZONES"),
            ("Zones", "B5", "RANGE_LENGTHS"),
            ("Rates", "A4", "UNKNOWN_ZONE"),
            ("Rates", "D5", "UNKNOWN_BAND"),
            ("Zones", "4", "NEW_ZONE_KIND"),
        ]

    def test_bad_bands(self) -> None:
        days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Holidays")
        rows = [
            ("Time band", *days, "From", "To", "Months", "First day", "Last day"),
            ("A", *[None] * 8, 0, 24),
            ("B", *"xxxxxxxx", 9, 8),
            ("C", *"xxxxxxx?", 0, 24),
            ("D", *"xxxxxxxx", 0, 24, "13"),
            ("E", *"xxxxxxxx", 0, 24, None, "2026-02-01", "2026-01-01"),
            ("F", *"xxxxxxxx", 0, 24, None, "tomorrow"),
            ("G", *"xxxxxxxx", 0, 24),
            ("G", *"xxxxxxxx", 0, 24),
        ]
        codes = [code for _sheet, _cell, code in faults(workbook([HEADER, ("Z", "voice", 1)], bands=rows))]
        assert codes == [
            "BAND_WITHOUT_DAYS", "BAND_WITHOUT_TIME", "NOT_A_TICK", "NOT_MONTHS", "BAND_DATES", "NOT_A_DATE", "BAND_TWICE",
        ]  # fmt: skip

    def test_merged_cells_are_told(self) -> None:
        book = Workbook()
        book.active.title = "Stawki"
        for row in (HEADER, ("A", "voice", 1), ("", "sms", 1)):
            book.active.append(row)
        book.active.merge_cells("A2:A3")
        assert ("Stawki", "2", "MERGED") in faults(saved(book))

    @pytest.mark.parametrize(
        ("rows", "code"),
        [
            ([], "NO_HEADER"),
            ([("A", "voice", 1)], "NO_HEADER"),
            ([("Zone", "Usage")], "NO_COLUMN"),
            ([(*HEADER, "Price")], "COLUMN_TWICE"),
            ([(*HEADER, "Minimun charge")], "UNKNOWN_COLUMN"),
            ([HEADER], "NO_ROWS"),
        ],
    )
    def test_bad_headers(self, rows: list[Any], code: str) -> None:
        assert [found for _sheet, _cell, found in faults(workbook(rows))] == [code]

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "NOT_XLSX"),
            (b"Zone;Usage;Price\n", "NOT_XLSX"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "OLD_EXCEL"),
            (b"PK\x03\x04 torn", "NOT_XLSX"),
        ],
    )
    def test_other_files(self, content: bytes, code: str) -> None:
        assert faults(content) == [("", "", code)]

    def test_a_zip_that_is_no_workbook_or_bursts(self) -> None:
        assert faults(packed({"a.txt": b"x"})) == [("", "", "NOT_XLSX")]
        bomb = packed({"[Content_Types].xml": b"", "xl/workbook.xml": b" " * (MAX_UNPACKED + 1)})
        assert len(bomb) < 2**20
        assert faults(bomb) == [("", "", "UNPACKS_TOO_LARGE")]
        entities = packed({"[Content_Types].xml": b"", "xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'})
        assert faults(entities) == [("", "", "NOT_XLSX")]

    def test_a_torn_workbook_is_refused(self) -> None:
        whole = write_book(BOOK, "en")
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        for name in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
            found = read_book(packed({**parts, name: parts[name][: len(parts[name]) // 2]}))
            assert found.errors, name

    def test_no_sheet_of_rates(self) -> None:
        assert faults(saved(Workbook())) == [("", "", "NO_RATES_SHEET")]

    def test_errors_are_marked_in_the_workbook_of_the_user(self) -> None:
        content = workbook([HEADER, ("=A", "voice", "abc")])
        (error,) = read_book(workbook([HEADER, ("A", "voice", "abc")])).errors
        marked = load_workbook(
            io.BytesIO(mark_errors(content, [(error, "To nie liczba")], ("Błędy", "a", "b", "c", "d", "e")))
        )
        assert marked.sheetnames == ["Błędy", "Rates"]
        assert marked["Rates"]["C2"].comment.text == "To nie liczba"
        assert [cell.value for cell in marked["Błędy"][2]] == ["Rates", "C2", "Price", "abc", "To nie liczba"]


def packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()
