"""Flatstore: calls paired within and across files, in any order; values read off the lines."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usage_files import POLAND, SAMPLES, load, options, read, shuffled_files, spoilt

from mediation_core import NumberingProfile, SourceProfile, get_format

FOLDER = SAMPLES / "kamailio_flatstore"
NOW = datetime.fromisoformat("2015-07-10 00:00:00")
T = 1_436_454_400  # 2015-07-09 15:06:40 UTC


def sample(name: str) -> bytes:
    return (FOLDER / f"{name}.csv").read_bytes()


def invite(call: str, at: int, code: int = 200, caller: str = "501234567", callee: str = "221234567") -> bytes:
    return f"INVITE|a{call}|b{call}|{call}@host|{code}|OK|{T + at}|*prepaid|{caller}|{callee}||1:2".encode()


def bye(call: str, at: int, *, reverse: bool = False, code: int = 200) -> bytes:
    tags = f"b{call}|a{call}" if reverse else f"a{call}|b{call}"
    return f"BYE|{tags}|{call}@host|{code}|OK|{T + at}|||||1:2".encode()


def rows(*lines: bytes) -> bytes:
    return b"\n".join(lines) + b"\n"


class TestSamples:
    def test_complete_calls(self) -> None:
        result = load("flatstore", [sample("fullSuccessfull")], POLAND, NOW)
        # Seconds between the epochs of INVITE and BYE, line by line: 10-08, 51-47, 61-57, 92-90.
        assert [
            (e["line_no"], e["a_number"], e["b_number"], e["units"]) for e in result.events.iter_rows(named=True)
        ] == [
            (1, "481001", "481002", 2),
            (3, "481002", "481001", 4),
            (5, "481001", "481002", 4),
            (7, "481001", "481002", 2),
        ]
        first = result.events.row(0, named=True)
        assert first["started_at"] == first["answered_at"] == datetime.fromisoformat("2015-07-09 15:06:48")
        assert (first["usage_kind"], first["duration_s"]) == ("voice", 2)
        assert (result.merged, result.waiting.height, result.ignored) == (4, 0, 0)

    def test_missed_calls_are_ignored(self) -> None:
        result = load("flatstore", [sample("fullMissed")], POLAND, NOW)
        assert (result.received, result.ignored, result.events.height) == (3, 3, 0)

    @pytest.mark.parametrize("order", [("part1", "part2"), ("part2", "part1")])
    def test_dialog_in_two_files(self, order: tuple[str, str]) -> None:
        result = load("flatstore", [sample(name) for name in order], POLAND, NOW)
        (event,) = result.events.iter_rows(named=True)
        assert (event["a_number"], event["b_number"], event["units"]) == ("481002", "481003", 4)
        (left,) = result.waiting.iter_rows(named=True)
        assert (left["role"], left["a_number"], left["b_number"]) == ("invite", "481001", "481002")

    def test_acknowledgement_carries_the_time(self) -> None:
        result = load("flatstore", [sample("ackSuccessfull")], options(start_method="ACK"), NOW)
        assert [event["units"] for event in result.events.iter_rows(named=True)] == [2, 4, 4, 2]
        assert result.ignored == 4 and result.problems == []

    def test_quoted_csv_with_local_stamps(self) -> None:
        profile = SourceProfile(
            options={
                "separator": ",",
                "fields": "id,method,from_tag,to_tag,callid,code,reason,time,caller,uri,ip,ip2,contact,x,callee",
            }
        )
        result = load("flatstore", [sample("ackSuccessfull2")], profile, datetime.fromisoformat("2021-06-02 00:00:00"))
        # 00:00:09 to 00:00:37 and 00:00:10 to 00:00:50, local time of Warsaw in June.
        assert [(e["a_number"], e["b_number"], e["units"]) for e in result.events.iter_rows(named=True)] == [
            ("481001", "481002", 28),
            ("481003", "481004", 40),
        ]
        assert result.events["started_at"][0] == datetime.fromisoformat("2021-05-31 22:00:09")
        assert result.ignored == 3  # two ACK, one CANCEL


class TestPairing:
    def test_bye_from_the_other_side(self) -> None:
        result = load("flatstore", [rows(invite("1", 0), bye("1", 60, reverse=True))], POLAND, NOW)
        assert result.events["units"].to_list() == [60]

    def test_twins_are_merged(self) -> None:
        lines = [invite("1", 0), invite("1", 0), bye("1", 60), bye("1", 60)]
        result = load("flatstore", [rows(*lines)], POLAND, NOW)
        assert (result.events.height, result.merged) == (1, 3)

    def test_first_invite_and_first_bye_count(self) -> None:
        lines = [invite("1", 30), invite("1", 0), bye("1", 61), bye("1", 60, reverse=True)]
        result = load("flatstore", [rows(*lines)], POLAND, NOW)
        (event,) = result.events.iter_rows(named=True)
        assert (event["line_no"], event["units"]) == (2, 60)

    def test_same_call_id_with_other_tags_is_another_dialog(self) -> None:
        forked = invite("1", 5).replace(b"|b1|", b"|c1|")
        result = load("flatstore", [rows(invite("1", 0), forked, bye("1", 60))], POLAND, NOW)
        assert result.events["units"].to_list() == [60] and result.waiting.height == 1

    def test_failed_bye_ends_the_call_too(self) -> None:
        assert load("flatstore", [rows(invite("1", 0), bye("1", 9, code=481))], POLAND, NOW).events["units"][0] == 9

    def test_bye_before_its_invite(self) -> None:
        result = load("flatstore", [rows(invite("1", 10), bye("1", 7))], POLAND, NOW)
        (problem,) = result.problems
        assert (problem.code, problem.value, problem.line_no) == ("NEGATIVE_DURATION", "-3", 2)
        assert result.waiting["role"].to_list() == ["invite"]

    def test_call_of_zero_seconds(self) -> None:
        assert load("flatstore", [rows(invite("1", 0), bye("1", 0))], POLAND, NOW).events["units"].to_list() == [0]

    def test_endless_call(self) -> None:
        profile = SourceProfile(max_duration_s=100)
        result = load("flatstore", [rows(invite("1", 0), bye("1", 101))], profile, NOW)
        (problem,) = result.problems
        assert (problem.code, problem.value, problem.line_no) == ("DURATION_TOO_LONG", "101", 1)

    def test_waits_and_then_gives_up(self) -> None:
        data = [rows(invite("1", 0), bye("2", 0))]
        assert load("flatstore", data, POLAND, NOW + timedelta(days=29)).waiting.height == 2
        result = load("flatstore", data, POLAND, NOW + timedelta(days=31))
        assert [(p.code, p.value, p.params["days"]) for p in result.problems] == [
            ("UNPAIRED", "invite", 30),
            ("UNPAIRED", "bye", 30),
        ]
        assert load("flatstore", data, options(wait_days="2"), NOW + timedelta(days=3)).waiting.is_empty()

    def test_long_identifiers_pair(self) -> None:
        name = "x" * 500
        result = load("flatstore", [rows(invite(name, 0), bye(name, 5, reverse=True))], POLAND, NOW)
        assert result.events["units"].to_list() == [5]
        assert result.events["dedupe_key"].str.len_bytes()[0] < 150

    LINES = (
        *(invite(str(n), n) for n in range(8)),
        *(bye(str(n), 10 + 7 * n, reverse=n % 2 == 0) for n in range(7)),
        bye("99", 3),
        invite("50", 0, code=486),
        invite("3", 3),
        bye("4", 38),
        b"ACK|a1|b1|1@host|200|OK|1436454400|x|1|2",
        b"INVITE|a1|b1|x@host|200|OK|never|x|501234567|221234567",
    )

    @settings(max_examples=150)
    @given(shuffled_files(LINES))
    def test_result_does_not_depend_on_files_and_their_order(self, files: list[bytes]) -> None:
        whole = load("flatstore", [rows(*self.LINES)], POLAND, NOW)
        assert len(whole.facts()) == 7
        result = load("flatstore", files, POLAND, NOW)
        assert result.facts() == whole.facts()
        assert sorted(p.code for p in result.problems) == ["UNREADABLE_DATE"]
        assert result.ignored == whole.ignored == 2

    def test_file_loaded_twice_gives_no_second_call(self) -> None:
        data = rows(invite("1", 0), bye("1", 60))
        result = load("flatstore", [data, data], POLAND, NOW)
        assert result.events["dedupe_key"].n_unique() == 1


class TestLines:
    @pytest.mark.parametrize(
        ("line", "code", "field"),
        [
            (invite("1", 0, callee="alice"), "INVALID_NUMBER", "callee"),
            (invite("1", 0, caller="anonymous"), "INVALID_NUMBER", "caller"),
            (b"INVITE|a|b|c|2xx|OK|1436454400||501234567|221234567", "UNKNOWN_VALUE", "code"),
            (b"INVITE|a||c|200|OK|1436454400||501234567|221234567", "UNKNOWN_VALUE", "to_tag"),
            (b"INVITE|a|b||200|OK|1436454400||501234567|221234567", "UNKNOWN_VALUE", "callid"),
            (b"BYE|a|b|c|200|OK|yesterday", "UNREADABLE_DATE", "time"),
            (b"BYE|a|b|c|200|OK|99999999999", "DATE_OUT_OF_RANGE", "time"),
            (b"BYE|a|b|c|200|OK|2026-03-29 02:30:00", "NONEXISTENT_TIME", "time"),
            (b"BYE|a|b", "TOO_FEW_COLUMNS", ""),
        ],
    )
    def test_problem(self, line: bytes, code: str, field: str) -> None:
        result = read("flatstore", line + b"\n")
        (problem,) = result.problems
        assert (problem.code, problem.field, problem.raw) == (code, field, line.decode())
        assert result.legs.is_empty()

    @pytest.mark.parametrize(
        ("callee", "number"),
        [
            ("sip:+48221234567@10.0.0.1:5060;user=phone", "48221234567"),
            ('"Anna" <sip:221234567@host>', "48221234567"),
            ("tel:+4930123456;phone-context=x", "4930123456"),
            ("0049301234567", "49301234567"),
        ],
    )
    def test_user_part_of_a_sip_address(self, callee: str, number: str) -> None:
        assert read("flatstore", invite("1", 0, callee=callee)).legs["b_number"].to_list() == [number]

    def test_replay(self) -> None:
        line = invite("1", 0, callee="5551234567").decode()
        assert read("flatstore", line.encode()).problems
        america = SourceProfile(numbering=NumberingProfile("1", 10, "011"))
        again = get_format("flatstore").replay([line.replace("501234567", "5011234567")], america)
        assert again.rows == 1 and again.events.is_empty()
        assert again.legs["b_number"].to_list() == ["15551234567"] and again.legs["line_no"].to_list() == [1]

    def test_replay_of_a_call(self) -> None:
        events = load("flatstore", [rows(invite("1", 0), bye("1", 60, reverse=True))], POLAND, NOW).events
        assert events["raw"][0].split("\n") == [invite("1", 0).decode(), bye("1", 60, reverse=True).decode()]
        again = get_format("flatstore").replay([bye("2", 0).decode(), *events["raw"]], POLAND)
        assert (again.rows, again.legs.height) == (2, 1)
        assert again.events.drop("line_no").equals(events.drop("file_id", "line_no"))
        assert again.events["line_no"].to_list() == [2]
        spoilt_call = events["raw"][0].replace("221234567", "alice")
        (problem,) = get_format("flatstore").replay([spoilt_call], POLAND).problems
        assert (problem.code, problem.field, problem.raw) == ("INVALID_NUMBER", "callee", spoilt_call)
        assert get_format("flatstore").replay(["", "ACK|a|b|c|200|OK|1"], POLAND).rows == 2

    @pytest.mark.parametrize(
        "setting", [{"fields": "method,from_tag,to_tag,callid,code"}, {"fields": ""}, {"separator": "||"}]
    )
    def test_columns_that_make_no_calls_refuse_the_file(self, setting: dict[str, str]) -> None:
        refused = read("flatstore", invite("1", 0), SourceProfile(options=setting)).file_problem
        if setting == {"fields": ""}:  # an empty setting is the default
            assert refused is None
        else:
            assert refused is not None and refused.code == "NOT_THIS_FORMAT"

    @settings(max_examples=200)
    @given(spoilt(rows(invite("1", 0), bye("1", 60), invite("2", 0, 486))))
    def test_noise_never_raises(self, data: bytes) -> None:
        load("flatstore", [data, data], POLAND, NOW)

    @given(st.binary(max_size=400), st.sampled_from([POLAND, options(separator=",")]))
    def test_rubbish_never_raises(self, data: bytes, profile: SourceProfile) -> None:
        load("flatstore", [data], profile, NOW)
