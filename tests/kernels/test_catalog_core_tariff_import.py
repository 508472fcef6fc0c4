"""Tariffs of others beside the zones that are there: prices stay those of the list, other plans lose nothing."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from tests.kernels.tariff_samples import tariff_sample

from catalog_core.tariff_import import (
    Columns,
    Existing,
    TariffDraft,
    draft_of_cgrates,
    guess_columns,
    headers_of,
    read_carrier,
    read_periods,
    unpack,
)
from catalog_core.tariff_import.carrier import Price
from catalog_core.tariff_import.fit import fit

NOTHING = Existing()
NAMES = {
    "prefix": "Code",
    "destination": "Destination",
    "price": "Rate",
    "valid_from": "Effective Date",
    "chain": "Increments",
}
SHEET = """Rate sheet of Carrier Sp. z o.o.;;;;
Destination;Code;Rate;Effective Date;Increments
Poland;48;0,0100;2026-12-01;1/1
Poland Mobile;4850, 4851;0,0250;2026-12-01;1/1
Poland Mobile;4860;0,0250;2026-12-01;1/1
Germany;49;0,0080;2026-12-01;60/60
Germany;49;0,0090;2027-01-01;60/60
"""


def price_of(draft: TariffDraft, existing: Existing, number: str, version: int = 0) -> int | None:
    """Price of a call as the rating engine finds it: longest prefix, its zone, the plan's rate of the zone."""
    zone_of = dict(existing.zone_of)
    zone_of.update({prefix: zone.code for zone in draft.zones for prefix in zone.prefixes if prefix not in zone_of})
    for length in range(len(number), 0, -1):
        if number[:length] in zone_of:
            zone = zone_of[number[:length]]
            rates = [rate.price_micro for rate in draft.plans[version].rates if rate.zone == zone]
            return rates[0] if rates else None
    return None


def carrier(
    text: str | bytes = SHEET, existing: Existing = NOTHING, before: dict[str, Price] | None = None
) -> TariffDraft:
    content = text.encode() if isinstance(text, str) else text
    return read_carrier("az.csv", content, Columns(NAMES, keeps_others=before is not None), "C", existing, before)


def told(draft: TariffDraft) -> list[tuple[int, str, str]]:
    return [(one.line, one.code, one.value) for one in draft.problems]


class TestCarrier:
    def test_versions_by_effective_dates(self) -> None:
        draft = carrier()
        assert told(draft) == []
        assert [(plan.code, plan.date_start) for plan in draft.plans] == [
            ("C", date(2026, 12, 1)),
            ("C", date(2027, 1, 1)),
        ]
        assert [(zone.code, zone.kind, zone.prefixes) for zone in draft.zones] == [
            ("C:POLAND", "national_fixed", ("48",)),
            ("C:POLAND-MOBILE", "national_mobile", ("4850", "4851", "4860")),
            ("C:GERMANY", "international", ("49",)),
        ]
        for version, german in ((0, 8_000), (1, 9_000)):
            assert price_of(draft, NOTHING, "49301234567", version) == german
            assert price_of(draft, NOTHING, "48501234567", version) == 25_000
            assert price_of(draft, NOTHING, "48221234567", version) == 10_000
        assert {rate.chain for rate in draft.plans[0].rates} == {(1, 1), (60, 60)}

    def test_workbook_reads_as_the_text_does(self) -> None:
        workbook = Workbook()
        for line in SHEET.splitlines():
            cells: list[object] = list(line.split(";"))
            if cells[1].isdigit():  # type: ignore[attr-defined]
                # as carriers type them: numbers and dates of Excel
                cells[1], cells[2] = int(str(cells[1])), float(str(cells[2]).replace(",", "."))
                cells[3] = date.fromisoformat(str(cells[3]))
            workbook.active.append(cells)
        buffer = io.BytesIO()
        workbook.save(buffer)
        assert carrier(buffer.getvalue()) == carrier()
        assert headers_of(buffer.getvalue()) == ["Destination", "Code", "Rate", "Effective Date", "Increments"]

    def test_rows_that_cannot_be_read_are_named(self) -> None:
        draft = carrier(
            "Code;Destination;Rate;Effective Date;Increments\n"
            "48;Poland;0,01;;\n"
            "0048;Poland;x;;\n"
            "4a;Poland;0,01;;\n"
            "49;Germany;-1;;\n"
            "49;Germany;;;\n"
            "49;Germany;0,0000001;;\n"
            "49;Germany;0,01;31/12/2026;\n"
            "49;Germany;0,01;;0/1\n"
            "48;Poland;0,02;;\n"
            ";;;;\n"
        )
        assert told(draft) == [
            (3, "NOT_A_NUMBER", "x"),
            (4, "RANGE_BAD_PREFIX", "4a"),
            (5, "NEGATIVE", "-1"),
            (6, "EMPTY", ""),
            (7, "TOO_PRECISE", "0,0000001"),
            (8, "NOT_A_DATE", "31/12/2026"),
            (9, "CHAIN_NOT_POSITIVE", "0/1"),
            (10, "PREFIX_TWICE", "48"),
        ]
        assert price_of(draft, NOTHING, "48221234567") == 10_000

    def test_a_missing_column_is_named(self) -> None:
        draft = carrier("Code;Destination\n48;Poland\n")
        assert [(one.code, one.value) for one in draft.problems] == [("NO_COLUMN", "rate")]

    def test_country_code_in_a_column_of_its_own(self) -> None:
        columns = Columns({"prefix": "Area", "country_code": "CC", "price": "Rate"})
        draft = read_carrier("a.csv", b"CC,Area,Rate\n48,22,0.01\n+49,,0.02\n48,50-51,0.03\n", columns, "C", NOTHING)
        assert told(draft) == []
        assert {p: z.code for z in draft.zones for p in z.prefixes} == {
            "4822": "C:4822", "49": "C:49", "4850": "C:4850", "4851": "C:4851",
        }  # fmt: skip

    def test_changes_keep_the_others(self) -> None:
        first = carrier()
        zone_of = {prefix: zone.code for zone in first.zones for prefix in zone.prefixes}
        existing = Existing(zone_of, frozenset(zone_of.values()), frozenset(zone_of.values()))
        before = {
            "48": Price("Poland", 10_000, 0, (1, 1)),
            "4850": Price("Poland Mobile", 25_000, 0, (1, 1)),
            "4851": Price("Poland Mobile", 25_000, 0, (1, 1)),
            "4860": Price("Poland Mobile", 25_000, 0, (1, 1)),
            "49": Price("Germany", 9_000, 0, (60, 60)),
        }
        text = "Code;Destination;Rate;Effective Date;Increments\n49;Germany;0,0070;2027-02-01;60/60\n420;Czechia;0,02;2027-02-01;\n"
        draft = carrier(text, existing, before)
        assert [(plan.date_start, len(plan.rates)) for plan in draft.plans] == [(date(2027, 2, 1), 4)]
        assert [price_of(draft, existing, number) for number in ("49301", "48501", "48221", "420222")] == [
            7_000, 25_000, 10_000, 20_000,
        ]  # fmt: skip
        assert [zone.prefixes for zone in draft.zones] == [("420",)]

    def test_a_zone_that_is_listed_in_part_names_the_line(self) -> None:
        existing = Existing({"49": "EU", "33": "EU"}, frozenset(), frozenset({"EU"}))
        assert told(carrier(existing=existing)) == [(6, "ZONE_PARTLY", "33")]

    @given(st.binary(max_size=300))
    def test_no_content_raises(self, content: bytes) -> None:
        read_carrier("x", content, Columns(NAMES), "C", NOTHING)
        headers_of(content)


class TestFit:
    def test_zones_that_are_there_are_used(self) -> None:
        existing = Existing({"4850": "MOB", "4860": "MOB", "49": "DE"}, frozenset(), frozenset({"MOB", "DE"}))
        fitted = fit({"48": "PL", "4850": "PL-M", "4860": "PL-M", "49": "D", "420": "CZ"}, existing)
        assert fitted.misfits == ()
        assert fitted.zones == {"PL-M": ("MOB",), "D": ("DE",), "PL": ("PL",), "CZ": ("CZ",)}
        assert fitted.new == {"PL": ("PL", ("48",)), "CZ": ("CZ", ("420",))}

    def test_a_zone_of_two_prices_gets_none(self) -> None:
        existing = Existing({"4850": "MOB", "4860": "MOB"}, frozenset(), frozenset({"MOB"}))
        fitted = fit({"4850": "PLAY", "4860": "PLUS"}, existing)
        assert [(one.code, one.zone, one.prefixes) for one in fitted.misfits] == [
            ("ZONE_DIFFERS", "MOB", ("4850", "4860"))
        ]
        assert fitted.zones == {} and fitted.new == {}

    def test_a_prefix_inside_a_zone_of_others_is_not_added(self) -> None:
        existing = Existing({"48": "PL"}, frozenset(), frozenset({"PL"}))
        fitted = fit({"48": "P", "4850": "M"}, existing)
        assert [(one.code, one.zone, one.prefixes) for one in fitted.misfits] == [("PREFIX_INSIDE", "PL", ("4850",))]
        assert fitted.new == {}

    def test_an_own_zone_may_be_divided(self) -> None:
        existing = Existing({"48": "C:P"}, frozenset({"C:P"}), frozenset({"C:P"}))
        fitted = fit({"48": "C:P", "4850": "C:M"}, existing)
        assert [(one.code, one.is_warning) for one in fitted.misfits] == [("PREFIX_SPLIT", True)]
        assert fitted.new == {"C:M": ("C:M", ("4850",))}

    def test_a_code_that_is_taken_gets_a_number(self) -> None:
        fitted = fit({"49": "DE"}, Existing({}, frozenset(), frozenset({"DE", "DE/2"})))
        assert fitted.new == {"DE": ("DE/3", ("49",))}

    prefixes = st.text("4589", min_size=1, max_size=4)

    @given(
        st.dictionaries(prefixes, st.sampled_from("ABC"), max_size=12),
        st.dictionaries(prefixes, st.sampled_from("XYZ"), max_size=12),
        st.sets(st.sampled_from("XYZ")),
        st.lists(st.text("4589", min_size=1, max_size=6), max_size=30),
    )
    def test_numbers_are_priced_as_the_list_says_or_not_at_all(
        self, listed: dict[str, str], there: dict[str, str], own: set[str], numbers: list[str]
    ) -> None:
        """And no number leaves a zone that other plans price."""
        fitted = fit(listed, Existing(there, frozenset(own), frozenset(there.values())))
        destination_of = {zone: destination for destination, zones in fitted.zones.items() for zone in zones}
        after = {**there, **{prefix: zone for zone, found in fitted.new.values() for prefix in found}}
        gone = {prefix for one in fitted.misfits if one.code == "PREFIX_GONE" for prefix in one.prefixes}
        for number in numbers:
            zone_before, zone = longest(number, there), longest(number, after)
            if zone_before and zone_before not in own:
                assert zone == zone_before
            if zone and zone in destination_of and longest(number, {prefix: prefix for prefix in after}) not in gone:
                assert destination_of[zone] == longest(number, listed)

    @given(st.dictionaries(prefixes, st.sampled_from("ABC"), max_size=12))
    def test_again_is_nothing_new(self, listed: dict[str, str]) -> None:
        first = fit(listed, NOTHING)
        there = {prefix: zone for zone, found in first.new.values() for prefix in found}
        assert there.keys() == listed.keys()
        zones = frozenset(there.values())
        for own in (zones, frozenset[str]()):
            again = fit(listed, Existing(there, own, zones))
            assert (again.new, again.misfits, again.zones) == ({}, (), {k: tuple(v) for k, v in first.zones.items()})


def longest(number: str, table: dict[str, str]) -> str:
    return next((table[number[:end]] for end in range(len(number), 0, -1) if number[:end] in table), "")


class TestSets:
    def test_a_set_of_cgrates(self) -> None:
        folder = tariff_sample("cgrates_tariffplans", "tutorial2")
        files = {file.name: file.read_bytes() for file in folder.glob("*.csv")}
        draft = draft_of_cgrates(files, "T2:", lambda _codes: NOTHING)
        plans = {plan.code: plan for plan in draft.plans}
        assert {"T2:RP_STANDARD", "T2:RP_SMS", "T2:RP_DATA"} <= plans.keys()
        zones = {zone.code for zone in draft.zones}
        assert {rate.zone for plan in draft.plans for rate in plan.rates} <= zones
        assert {rate.band for plan in draft.plans for rate in plan.rates if rate.band} <= {b.code for b in draft.bands}
        sms = {rate.price_micro for rate in plans["T2:RP_SMS"].rates}
        assert sms == {100_000, 200_000}
        [problem] = [one for one in draft.problems if one.code == "DESTINATIONS_SHARE_PREFIX"][:1]
        assert (problem.file, problem.line > 0) == ("RatingPlans.csv", True)

    def test_misfits_of_a_set_name_the_line_of_the_destination(self) -> None:
        """Destination D1 of the hundred rates is prefix 101, in the first line of its file."""
        folder = tariff_sample("cgrates_tariffplans", "hundredrates")
        files = {file.name: file.read_bytes() for file in folder.glob("*.csv")}
        rows = [row.split(",") for row in files["Destinations.csv"].decode().splitlines()]
        line, prefix = next((line, row[1]) for line, row in enumerate(rows, 1) if row[0][:1] not in ("#", ""))
        there = Existing({prefix: "OTHER", "9999": "OTHER"}, frozenset(), frozenset({"OTHER"}))
        draft = draft_of_cgrates(files, "H:", lambda _codes: there)
        misfits = [(one.file, one.line, one.code, one.value) for one in draft.problems if one.code.startswith("ZONE")]
        assert misfits == [("Destinations.csv", line, "ZONE_PARTLY", "9999")]

    @pytest.mark.parametrize("name", sorted(path.name for path in tariff_sample("cgrates_tariffplans").iterdir()))
    def test_every_set_again_makes_nothing(self, name: str) -> None:
        files = {file.name: file.read_bytes() for file in tariff_sample("cgrates_tariffplans", name).glob("*.csv")}
        first = draft_of_cgrates(files, "S:", lambda _codes: NOTHING)
        zone_of = {prefix: zone.code for zone in first.zones for prefix in zone.prefixes}
        zones = frozenset(zone_of.values())
        again = draft_of_cgrates(files, "S:", lambda _codes: Existing(zone_of, zones, zones))
        assert (again.zones, again.plans, again.problems) == ((), first.plans, first.problems)

    def test_a_price_list_with_two_periods(self) -> None:
        content = tariff_sample("sigscale", "tariff-periods.csv").read_bytes()
        draft = read_periods("tariff-periods.csv", content, "SIG", None, NOTHING)
        assert [price_of(draft, NOTHING, number) for number in ("14165551234", "442071234567", "1800555")] == [
            12_300, 50_000, 0,
        ]  # fmt: skip
        assert [(one.line, one.code) for one in draft.problems] == [(5, "BAD_PRICE"), (6, "PRICE_CHANGES_IN_CALL")]


class TestPackage:
    def test_archive_and_single_files(self) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("set/Rates.csv", "a")
            archive.writestr("set/Timings.csv", "b")
        packed = unpack([("set.zip", buffer.getvalue()), ("Destinations.csv", b"c")])
        assert packed.files == {"Rates.csv": b"a", "Timings.csv": b"b", "Destinations.csv": b"c"}

    def test_what_is_not_opened(self) -> None:
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("zeros.csv", bytes(101 * 2**20))
        assert unpack([("bomb.zip", bomb.getvalue())]).problem == "UNPACKS_TOO_LARGE"
        assert unpack([("cut.zip", bomb.getvalue()[:500])]).problem == "DAMAGED"
        assert unpack([]).problem == "NO_FILES"

    def test_columns_are_guessed_by_their_usual_names(self) -> None:
        found = guess_columns(["Dial Code", "Destination", "Rate per minute", "Effective Date", "Rate"])
        assert found == {
            "prefix": "Dial Code", "country_code": "", "destination": "Destination", "price": "Rate",
            "valid_from": "Effective Date", "chain": "", "connect_fee": "",
        }  # fmt: skip
