"""Tariff plans of CGRateS: what is taken over exactly, and that all else is named by file, line, field and reason."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_core.cgrates import ImportedTariff, ImportProblem, convert
from catalog_core.cgrates.rows import COLUMNS
from catalog_core.time_bands import DAY_TYPES, Band

BASE = {
    "Destinations.csv": "#Id,Prefix\nDE,+49\nDE_MOBILE,4915\nPL,48\n",
    "Rates.csv": "R1,0.1,0.2,60s,60s,0s\nR1,0,0.2,60s,1s,60s\nR2,0,0.01,1s,1s,0s\nS,0,0.05,1,1,0\n",
    "DestinationRates.csv": "D1,DE,R1,*middle,4,0,\nD2,PL,R2,*middle,2,0,\nS1,*any,S,*middle,4,0,\n",
    "Timings.csv": "PEAK,*any,*any,*any,1;2;3;4;5,08:00:00\nLATE,*any,*any,*any,1;2;3;4;5,18:00:00\n",
    "RatingPlans.csv": "P1,D1,*any,10\nP1,D2,*any,10\nSMS,S1,*any,10\n",
    "RatingProfiles.csv": "t,call,*any,2026-01-01T00:00:00+01:00,P1,\nt,sms,*any,2026-01-01T00:00:00Z,SMS,\n",
}


def imported(**changes: str) -> ImportedTariff:
    """The base set with files replaced: ``Rates=...``; "+" at the beginning adds to the file."""
    files = dict(BASE)
    for name, text in changes.items():
        file = f"{name}.csv"
        files[file] = files[file] + text[1:] if text.startswith("+") else text
    return convert({name: text.encode() for name, text in files.items()})


def told(tariff: ImportedTariff) -> list[tuple[str, int, str, str, str]]:
    return [(one.file.removesuffix(".csv"), one.line, one.field, one.code, one.value) for one in tariff.problems]


def rates(tariff: ImportedTariff, plan: str = "P1") -> list[tuple[str, str, int, int, tuple[int, ...]]]:
    (found,) = [one for one in tariff.plans if one.code == plan]
    return [(one.zone, one.band, one.price_micro, one.unit_size, one.chain) for one in found.rates]


class TestWhatIsTakenOver:
    def test_a_set_without_doubts(self) -> None:
        tariff = imported()
        assert told(tariff) == []
        assert {zone.code: zone.prefixes for zone in tariff.zones} == {
            "*any": ("1", "2", "3", "4", "5", "6", "7", "8", "9"),
            "PL": ("48",),
            "DE": ("49",),
            "DE_MOBILE": ("4915",),
        }
        # a mobile number has no price of its own in P1 and takes that of its shorter prefix
        assert rates(tariff) == [
            ("PL", "", 600_000, 60, (1, 1)),
            ("DE", "", 200_000, 60, (60, 1)),
            ("DE_MOBILE", "", 200_000, 60, (60, 1)),
        ]
        assert [one.zone for one in tariff.plans[1].rates] == ["*any", "PL", "DE", "DE_MOBILE"]
        first = tariff.assignments[0]
        assert (first.plan, first.usage_kind, first.active_from) == (
            "P1",
            "voice",
            datetime.fromisoformat("2025-12-31T23:00"),
        )

    def test_comments_empty_lines_returns_and_old_encodings(self) -> None:
        text = "# Żółw\r\n\r\nDE,+49\r\n".encode("cp1250")
        tariff = convert({**{name: value.encode() for name, value in BASE.items()}, "Destinations.csv": text})
        assert ("DE", ("49",)) in [(zone.code, zone.prefixes) for zone in tariff.zones]

    def test_connection_fee_highest_cost_and_places(self) -> None:
        tariff = imported(
            DestinationRates="D1,DE,R1,*middle,2,5.5,*free\nD2,PL,R2,*middle,4,,\nS1,*any,S,*middle,4,0,\n"
        )
        german = tariff.plans[0].rates[1]
        assert (german.connect_fee_micro, german.max_charge_micro, german.decimals) == (100_000, 5_500_000, 2)

    def test_categories_are_the_operators_own(self) -> None:
        files = {name: text.replace("t,call", "t,tel").encode() for name, text in BASE.items()}
        assert "UNKNOWN_CATEGORY" in [one.code for one in convert(files).problems]
        assert convert(files, {"tel": "voice", "sms": "sms"}).problems == ()


class TestTimings:
    PLAN = "P1,D1,PEAK,10\nP1,D1b,LATE,10\nP1,D1b,*any,{weight}\nP1,D2,*any,10\nSMS,S1,*any,10\n"
    CHEAP = "+D1b,DE,R2,*middle,4,0,\n"
    WORK = frozenset(DAY_TYPES[:5])

    def test_a_timing_ends_where_the_next_of_its_weight_begins(self) -> None:
        tariff = imported(RatingPlans=self.PLAN.format(weight=5), DestinationRates=self.CHEAP)
        assert tariff.bands == (
            Band("PEAK", self.WORK, 480, 1080, weight=1),
            Band("LATE", self.WORK, 1080, 1440, weight=1),
        )
        german = [one for one in rates(tariff) if one[0] == "DE"]
        assert [(band, price) for _zone, band, price, *_ in german] == [
            ("PEAK", 200_000),
            ("LATE", 600_000),
            ("", 600_000),
        ]
        assert [one[3] for one in told(tariff)] == ["HOLIDAYS_OPEN", "HOLIDAYS_OPEN"]

    def test_any_time_that_is_heavier_hides_the_others(self) -> None:
        tariff = imported(RatingPlans=self.PLAN.format(weight=20), DestinationRates=self.CHEAP)
        assert tariff.bands == ()
        assert [one[3] for one in told(tariff)] == ["TIMING_HIDDEN", "TIMING_HIDDEN"]

    def test_two_that_begin_together_with_one_weight(self) -> None:
        plan = self.PLAN.format(weight=10) + "P1,D1,ALL_DAY,10\n"
        tariff = imported(
            RatingPlans=plan, DestinationRates=self.CHEAP, Timings="+ALL_DAY,*any,*any,*any,6;7,00:00:00\n"
        )
        assert ("RatingPlans", 6, "TimingTag", "TIMING_TWICE", "ALL_DAY") in told(tariff)
        assert [one[0] for one in rates(tariff)] == ["PL"]

    def test_one_timing_that_ends_at_two_hours_is_two_bands(self) -> None:
        """A new rate from 16:00 on Fridays only."""
        tariff = imported(
            RatingPlans="P1,D1,PEAK,10\nP1,D1b,FRI,10\nP1,D1b,*any,0\nSMS,S1,*any,10\n",
            DestinationRates=self.CHEAP,
            Timings="+FRI,*any,7;8,*any,5,16:00:00\n",
        )
        assert {(band.code, band.days, band.start_min, band.end_min, band.months) for band in tariff.bands} == {
            ("PEAK", frozenset({"fri"}), 480, 960, frozenset({7, 8})),
            ("PEAK/3", self.WORK, 480, 1440, frozenset({1, 2, 3, 4, 5, 6, 9, 10, 11, 12})),
            ("PEAK/2", self.WORK - {"fri"}, 480, 1440, frozenset({7, 8})),
            ("FRI", frozenset({"fri"}), 960, 1440, frozenset({7, 8})),
        }

    def test_days_of_a_named_year_are_dates(self) -> None:
        tariff = imported(
            RatingPlans="P1,D1,FAIR,20\nP1,D1b,*any,10\nSMS,S1,*any,10\n",
            DestinationRates=self.CHEAP,
            Timings="+FAIR,2026,12,24;25;26,*any,00:00:00\n",
        )
        (fair,) = tariff.bands
        assert (str(fair.date_start), str(fair.date_end), fair.days) == (
            "2026-12-24",
            "2026-12-26",
            frozenset(DAY_TYPES),
        )

    @pytest.mark.parametrize(
        ("timing", "field"),
        [
            ("*any,1,1,*any,00:00:00", "MonthDays"),
            ("*any,*any,*any,*any,*asap", "Time"),
            ("*any,*any,*any,*any,00:00:30", "Time"),
            ("*any,*any,*any,8,00:00:00", "WeekDays"),
            ("*any,13,*any,*any,00:00:00", "Months"),
            ("2026,1;2,*any,*any,00:00:00", "Months"),
            ("2026,1,1;3,*any,00:00:00", "MonthDays"),
            ("soon,1,1,*any,00:00:00", "Years"),
        ],
    )
    def test_no_band(self, timing: str, field: str) -> None:
        plan = "P1,D1,ODD,20\nP1,D1b,*any,10\nP1,D2,*any,10\nSMS,S1,*any,10\n"
        tariff = imported(RatingPlans=plan, DestinationRates=self.CHEAP, Timings=f"+ODD,{timing}\n")
        assert [one[:4] for one in told(tariff)] == [
            ("RatingPlans", 1, "DestinationRatesId", "NOT_PRICED"),
            ("Timings", 3, field, "TIMING_NOT_A_BAND"),
        ]
        assert [one[0] for one in rates(tariff)] == ["PL"], "half of a price list would be a wrong one"


class TestWhatIsReported:
    @pytest.mark.parametrize(
        ("rows", "line", "field", "code"),
        [
            ("R1,0,0.2,60s,60s,0s\nR1,0,0.1,60s,1s,60s\n", 2, "Rate", "PRICE_CHANGES_IN_CALL"),
            ("R1,0,0.2,60s,60s,60s\n", 1, "GroupIntervalStart", "RATE_GROUP_HOLE"),
            ("R1,0,0.2,60s,60s,0s\nR1,0,0.2,60s,1s,90s\n", 1, "RateIncrement", "RATE_GROUP_UNEVEN"),
            ("R1,0,0.2,60s,60s,0s\nR1,0,0.2,60s,1s,0s\n", 2, "GroupIntervalStart", "RATE_GROUP_UNEVEN"),
            ("R1,0,0.2,60s,1s,0s\nR1,0,0.2,60s,60s,60s\n", 1, "RateIncrement", "CHAIN_TOO_LONG"),
            ("R1,0,0.2,60s,60s,0s\nR1,1,0.2,60s,1s,60s\n", 2, "ConnectFee", "CONNECT_FEE_TWICE"),
            ("R1,0,0.2,0,60s,0s\n", 1, "RateUnit", "BAD_UNIT"),
            ("R1,0,0.2,60s,0s,0s\n", 1, "RateIncrement", "BAD_UNIT"),
            ("R1,0,0.2,60,1s,0s\n", 1, "RateUnit", "UNIT_OF_OTHER_USAGE"),
            ("R1,0,0.0000001,60s,1s,0s\n", 1, "Rate", "PRICE_TOO_FINE"),
            ("R1,0.0000001,1,60s,1s,0s\n", 1, "ConnectFee", "PRICE_TOO_FINE"),
            ("R1,0,015,60s,1s,0s\n", 1, "Rate", "BAD_NUMBER"),
            ("R1,0,-1,60s,1s,0s\n", 1, "Rate", "BAD_NUMBER"),
            ("R1,0,1,60x,1s,0s\n", 1, "RateUnit", "BAD_DURATION"),
            ("R1,0,1,1500ms,1s,0s\n", 1, "RateUnit", "BAD_DURATION"),
            ("R1,0,1\n", 1, "RateUnit", "TOO_FEW_COLUMNS"),
        ],
    )
    def test_rates_that_cannot_be_said(self, rows: str, line: int, field: str, code: str) -> None:
        tariff = imported(Rates=rows + "R2,0,0.01,1s,1s,0s\nS,0,0.05,1,1,0\n")
        assert ("Rates", line, field, code) in [one[:4] for one in told(tariff)]
        assert ("RatingPlans", 1, "DestinationRatesId", "NOT_PRICED", "DE") in told(tariff)
        assert [one[0] for one in rates(tariff)] == ["PL"]

    @pytest.mark.parametrize(
        ("file", "row", "field", "code"),
        [
            ("Destinations", "VM,voicemail", "Prefix", "BAD_PREFIX"),
            ("Destinations", "VM,0800", "Prefix", "BAD_PREFIX"),
            ("Destinations", "VM,", "Prefix", "NO_VALUE"),
            ("RatingProfiles", "t,call,*any,2026-13-01T00:00:00Z,P1,", "ActivationTime", "BAD_INSTANT"),
            ("RatingProfiles", "t,call,*any,2026-01-01T00:00:00Z,P9,", "RatingPlanId", "UNKNOWN_PLAN"),
            ("RatingProfiles", "t,call,*any,2026-01-01T00:00:00Z,P1,other", "RatesFallbackSubject", "FALLBACK_SUBJECT"),
            ("RatingProfiles", "t,fax,*any,2026-01-01T00:00:00Z,P1,", "Category", "UNKNOWN_CATEGORY"),
            ("RatingPlans", "P9,D1,*any,10", "Id", "PLAN_UNUSED"),
            ("DestinationRates", "D2,DE_MOBILE,R9,*middle,4,0,", "RatesTag", "UNKNOWN_RATE"),
            ("DestinationRates", "D1,FR,R1,*middle,4,0,", "DestinationId", "UNKNOWN_DESTINATION"),
            ("DestinationRates", "D2,DE_MOBILE,R1,*odd,4,0,", "RoundingMethod", "ROUNDING_UNKNOWN"),
            ("DestinationRates", "D2,DE_MOBILE,R1,*up,4,0,", "RoundingMethod", "ROUNDING_DIFFERS"),
            ("DestinationRates", "D2,DE_MOBILE,R1,*middle,4,9,*disconnect", "MaxCostStrategy", "MAX_COST_STRATEGY"),
            ("DestinationRates", "D2,DE_MOBILE,R1,*middle,1.5,0,", "RoundingDecimals", "BAD_NUMBER"),
        ],
    )
    def test_rows(self, file: str, row: str, field: str, code: str) -> None:
        line = BASE[f"{file}.csv"].count("\n") + 1
        assert (file, line, field, code) in [one[:4] for one in told(imported(**{file: f"+{row}\n"}))]

    def test_rounding_up_is_told_only_where_something_is_rounded(self) -> None:
        """0.01 a second has no smaller parts; 0.2 a minute by the second has."""
        tariff = imported(DestinationRates="D1,DE,R1,*up,4,0,\nD2,PL,R2,*up,20,0,\nS1,*any,S,*down,4,0,\n")
        assert told(tariff) == [("DestinationRates", 1, "RoundingMethod", "ROUNDING_DIFFERS", "*up 4")]
        assert tariff.problems[0].severity == "warning"

    def test_a_missing_timing_or_list_breaks_no_more_than_its_own(self) -> None:
        tariff = imported(RatingPlans="P1,D1,NEVER,10\nP1,D2,*any,10\nSMS,S9,*any,10\n")
        codes = [one[3] for one in told(tariff)]
        assert {"UNKNOWN_TIMING", "UNKNOWN_DESTINATION_RATE", "NOT_PRICED"} == set(codes)
        assert [one[0] for one in rates(tariff)] == ["PL"]

    def test_a_price_list_with_an_unreadable_line_prices_nothing(self) -> None:
        """Whose price is lost is not known: it must not fall to a shorter prefix."""
        assert rates(imported(DestinationRates="+D1,DE_MOBILE\n")) == []
        assert rates(imported(RatingPlans="+P1,D1\n")) == []

    def test_two_destinations_of_one_prefix_in_one_plan(self) -> None:
        tariff = imported(Destinations="+PL_TOO,48\n", DestinationRates="+D1,PL_TOO,R1,*middle,4,0,\n")
        (problem,) = tariff.problems
        assert (problem.code, problem.value, dict(problem.params)) == (
            "DESTINATIONS_SHARE_PREFIX",
            "PL, PL_TOO",
            {"prefix": "48", "plan": "P1"},
        )
        assert [one[0] for one in rates(tariff)] == ["DE", "DE_MOBILE"]

    def test_files_that_are_not_there(self) -> None:
        assert [(one.file, one.code) for one in convert({}).problems] == [
            ("DestinationRates.csv", "NO_FILE"),
            ("Rates.csv", "NO_FILE"),
            ("RatingPlans.csv", "NO_FILE"),
            ("RatingProfiles.csv", "NO_FILE"),
        ]


@given(
    st.dictionaries(
        st.sampled_from(sorted(COLUMNS)), st.one_of(st.binary(max_size=80), st.text(max_size=80).map(str.encode))
    )
)
def test_no_content_raises(files: dict[str, bytes]) -> None:
    found = convert({**{name: text.encode() for name, text in BASE.items()}, **files})
    assert all(isinstance(one, ImportProblem) and one.file for one in found.problems)


@given(
    st.sampled_from(sorted(BASE)), st.integers(0, 400), st.sampled_from([",", "\n", '"', "9", "-", "*any", "\0", "٤"])
)
def test_no_slip_of_the_pen_raises(file: str, place: int, slip: str) -> None:
    text = BASE[file]
    place %= len(text)
    convert({**{name: one.encode() for name, one in BASE.items()}, file: (text[:place] + slip + text[place:]).encode()})
