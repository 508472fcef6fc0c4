"""RADIUS detail: blocks, counters, sessions across files in any order, reboots, missing Stops, calls."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usage_files import POLAND, SAMPLES, Loaded, load, options, read, shuffled_files, spoilt

from mediation_core import SourceProfile, get_format
from mediation_core.formats.radius_blocks import attributes, read_blocks, unquoted

T = 1_791_000_000  # 2026-10-03 04:00:00 UTC, 06:00 in Warsaw
ZERO = datetime.fromisoformat("2026-10-03 04:00:00")
NOW = ZERO + timedelta(days=1)
GIGA = 2**32
EVENING = 15 * 3600


def block(status: str, at: int, **attrs: object) -> bytes:
    """One record; ``Acct_Session_Time`` stands for Acct-Session-Time."""
    named = {"Acct-Status-Type": status, "NAS-IP-Address": "10.0.0.1", "User-Name": '"anna"'}
    named |= {"Acct-Session-Id": '"0001"'} if status not in ("Accounting-On", "Accounting-Off") else {}
    named |= {name.replace("_", "-"): str(value) for name, value in attrs.items()}
    lines = [f"\t{name} = {value}" for name, value in named.items() if value != ""]
    head = datetime.fromtimestamp(T + at, UTC).strftime("%a %b %e %H:%M:%S %Y")
    return "\n".join([head, *lines, f"\tTimestamp = {T + at}", ""]).encode()


def usage(status: str, at: int, seconds: int, up: int, down: int, **more: object) -> bytes:
    return block(
        status,
        at,
        Acct_Session_Time=seconds,
        Acct_Input_Octets=up % GIGA,
        Acct_Output_Octets=down % GIGA,
        Acct_Input_Gigawords=up // GIGA,
        Acct_Output_Gigawords=down // GIGA,
        **more,
    )


def rows(*blocks: bytes) -> bytes:
    return b"\n".join(blocks) + b"\n"


def loaded(*blocks: bytes, now: datetime = NOW, **setting: str) -> Loaded:
    return load("radius_detail", [rows(*blocks)], options(**setting), now)


def totals(result: Loaded) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for login, up, down in result.events.select("session_key", "volume_up", "volume_down").iter_rows():
        before = found.get(login, (0, 0))
        found[login] = (before[0] + up, before[1] + down)
    return found


class TestSample:
    DATA = (SAMPLES / "radius_detail/freeradius_one.txt").read_bytes()

    def test_start_alone(self) -> None:
        result = read("radius_detail", self.DATA)
        (leg,) = result.legs.iter_rows(named=True)
        assert (leg["role"], leg["login"], leg["line_no"]) == ("start", "bob", 1)
        assert leg["pair_key"] == "10.10.0.179|ed8119f6919c6f6f"
        # The server's Timestamp counts, not the head of the block, which is of another year.
        assert leg["at"] == datetime.fromisoformat("2019-04-02 17:38:01")
        assert leg["a_number"] is None  # 0123456789 is no number in Poland
        assert leg["raw"] == self.DATA.decode().rstrip()

    def test_start_without_usage_is_merged_in_the_end(self) -> None:
        result = load("radius_detail", [self.DATA], POLAND, datetime.fromisoformat("2019-04-02 18:00:00"))
        assert (result.waiting.height, result.events.height) == (1, 0)
        later = load("radius_detail", [self.DATA], POLAND, datetime.fromisoformat("2019-05-02 18:00:00"))
        assert (later.waiting.height, later.merged, later.events.height) == (0, 1, 0)


class TestSession:
    def test_one_event_of_the_counters_of_the_stop(self) -> None:
        result = loaded(
            block("Start", 0),
            usage("Interim-Update", 300, 300, 1000, 2000),
            usage("Interim-Update", 600, 600, 1500, 9000),
            usage("Stop", 900, 900, 1800, 9500),
        )
        (event,) = result.events.iter_rows(named=True)
        assert (event["usage_kind"], event["login"], event["direction"]) == ("data", "anna", "out")
        assert (event["volume_up"], event["volume_down"], event["units"]) == (1800, 9500, 11_300)
        assert (event["started_at"], event["duration_s"]) == (ZERO, 900)
        assert event["session_key"] == "10.0.0.1|0001|anna"
        assert event["line_no"] == 8 + 2 * 12  # the line of the Stop: behind a Start of 7 lines and two records of 12
        assert "without stop" not in event["raw"]
        assert (result.merged, result.waiting.height) == (3, 0)

    def test_gigawords(self) -> None:
        # Example of the facts: 536,870,912 octets and 2 gigawords.
        (event,) = loaded(usage("Stop", 60, 60, 0, 9_126_805_504)).events.iter_rows(named=True)
        assert event["volume_down"] == 9_126_805_504

    def test_delay_time_is_subtracted(self) -> None:
        result = loaded(usage("Stop", 960, 900, 1, 1, Acct_Delay_Time=60))
        assert result.events["started_at"].to_list() == [ZERO]

    @pytest.mark.parametrize(
        ("stamp", "at"),
        [
            ('"Oct  3 2026 06:15:00 CEST"', ZERO),
            (f"{T + 900}", ZERO),
        ],
    )
    def test_time_of_the_nas_by_option(self, stamp: str, at: datetime) -> None:
        result = loaded(usage("Stop", 5000, 900, 1, 1, Event_Timestamp=stamp), time="nas")
        assert result.events["started_at"].to_list() == [at]

    def test_time_of_the_head_when_there_is_no_other(self) -> None:
        data = usage("Stop", 0, 0, 1, 1).replace(f"\tTimestamp = {T}".encode(), b"\tClass = 0x41")
        data = data.replace(data.split(b"\n")[0], b"Sat Oct  3 06:00:00 2026")
        (leg,) = read("radius_detail", data).legs.iter_rows(named=True)
        assert leg["at"] == ZERO

    def test_session_without_usage_makes_no_event(self) -> None:
        result = loaded(block("Start", 0), usage("Stop", 60, 60, 0, 0))
        assert (result.events.height, result.merged) == (0, 2)

    def test_who_it_is(self) -> None:
        mobile = {
            "Calling_Station_Id": '"48501234567"',
            "3GPP_IMSI": '"260060000000001"',
            "Called_Station_Id": '"Internet"',
            "3GPP_SGSN_MCC_MNC": '"26202"',
            "3GPP_GGSN_MCC_MNC": '"26006"',
            "User_Name": "",
        }
        (event,) = loaded(usage("Stop", 60, 60, 1, 1, **mobile)).events.iter_rows(named=True)
        assert (event["a_number"], event["imsi"], event["login"]) == ("48501234567", "260060000000001", None)
        assert (event["service_code"], event["network"]) == ("apn:internet", "26202")
        fixed = {"Calling_Station_Id": '"00-11-22-33-44-55"', "Called_Station_Id": '"internet"'}
        (event,) = loaded(usage("Stop", 60, 60, 1, 1, **fixed)).events.iter_rows(named=True)
        assert (event["a_number"], event["service_code"], event["network"]) == (None, None, None)

    def test_event_can_be_replayed_alone(self) -> None:
        result = loaded(block("Start", 0), usage("Interim-Update", 300, 300, 5, 6), usage("Stop", 900, 900, 18, 95))
        again = get_format("radius_detail").replay(result.events["raw"].to_list(), POLAND)
        events = result.events.drop("file_id").with_columns(line_no=again.events["line_no"])
        assert again.events.drop("raw").equals(events.drop("raw"))
        corrected = result.events["raw"][0].replace('"anna"', '"hanna"')
        replayed = get_format("radius_detail").replay([corrected], POLAND).events
        assert replayed["login"].to_list() == ["hanna"]
        assert replayed["dedupe_key"].to_list() == result.events["dedupe_key"].to_list()
        assert replayed["units"].to_list() == [113]


class TestLives:
    def test_id_that_comes_again_after_a_reboot(self) -> None:
        result = loaded(
            usage("Stop", 900, 900, 10, 20),
            block("Start", 5000),
            usage("Stop", 5100, 100, 1, 2),
        )
        assert [(e["units"], e["duration_s"]) for e in result.events.iter_rows(named=True)] == [(30, 900), (3, 100)]

    def test_reconnect_within_minutes(self) -> None:
        result = loaded(
            block("Start", 0),
            usage("Interim-Update", 60, 60, 100, 100),
            block("Start", 90),
            usage("Stop", 120, 30, 7, 7),
            now=ZERO + timedelta(days=8),
        )
        assert sorted(result.events["units"]) == [14, 200]
        flags = {e["units"]: "without stop" in e["raw"] for e in result.events.iter_rows(named=True)}
        assert flags == {14: False, 200: True}

    def test_session_time_that_goes_back_is_another_session(self) -> None:
        result = loaded(usage("Interim-Update", 100, 100, 50, 0), usage("Stop", 200, 20, 9, 0), now=NOW + timedelta(9))
        assert sorted(result.events["units"]) == [9, 50]

    def test_open_session_waits_with_its_last_record_only(self) -> None:
        result = loaded(*(usage("Interim-Update", 300 * n, 300 * n, n, n) for n in range(1, 9)), now=NOW)
        assert (result.events.height, result.waiting.height, result.merged) == (0, 1, 7)

    def test_missing_stop_is_closed_at_the_last_record(self) -> None:
        blocks = [block("Start", 0), usage("Interim-Update", 300, 300, 10, 20)]
        other = usage("Interim-Update", 86_400 + 400, 50, 1, 1, Acct_Session_Id="other")
        assert loaded(*blocks, now=NOW).events.is_empty()
        result = loaded(*blocks, other, now=NOW + timedelta(days=1))
        (event,) = result.events.iter_rows(named=True)
        assert (event["units"], event["duration_s"], event["started_at"]) == (30, 300, ZERO)
        assert "Session-Closed = without stop" in event["raw"]

    def test_restart_of_the_nas_closes_sooner(self) -> None:
        blocks = [usage("Interim-Update", 300, 300, 10, 20), block("Accounting-On", 400)]
        heard = usage("Interim-Update", 400 + 6 * 3600, 50, 1, 1, Acct_Session_Id="other")
        assert loaded(*blocks).events.is_empty()
        assert loaded(*blocks, heard).events["units"].to_list() == [30]
        elsewhere = block("Accounting-On", 400, NAS_IP_Address="10.0.0.2")
        assert loaded(blocks[0], elsewhere, heard).events.is_empty()

    def test_session_that_goes_on_after_all_adds_only_the_rest(self) -> None:
        first = rows(usage("Interim-Update", 300, 300, 10, 20))
        second = rows(usage("Interim-Update", 90_000, 60, 0, 0, Acct_Session_Id="other"))
        third = rows(usage("Stop", 100_000, 100_000, 15, 90))
        result = load("radius_detail", [first, second, third], POLAND, NOW + timedelta(days=2))
        events = sorted(result.events.select("volume_up", "volume_down", "duration_s", "started_at").rows())
        assert events == [(5, 70, 99_700, ZERO + timedelta(seconds=300)), (10, 20, 300, ZERO)]

    def test_late_records_of_a_closed_session_are_merged(self) -> None:
        late = [
            rows(usage("Stop", 900, 900, 18, 95)),
            rows(block("Start", 0)),
            rows(usage("Interim-Update", 300, 300, 10, 20)),
            rows(usage("Stop", 900, 900, 18, 95)),
            rows(usage("Stop", 903, 900, 18, 95, Acct_Delay_Time=3)),
            rows(usage("Stop", 905, 900, 18, 95)),
        ]
        result = load("radius_detail", late, POLAND, NOW)
        assert (result.events.height, result.merged, result.waiting.height) == (1, 5, 0)
        assert result.memory["volume_down"].to_list() == [95]

    def test_memory_fades(self) -> None:
        old = rows(usage("Stop", 900, 900, 18, 95))
        new = rows(usage("Stop", 40 * 86_400, 900, 1, 1, Acct_Session_Id="other"))
        nothing = rows(usage("Stop", 40 * 86_400 + 5, 5, 1, 1, Acct_Session_Id="third"))
        result = load("radius_detail", [old, new, nothing], POLAND, NOW + timedelta(days=60))
        assert "10.0.0.1|0001|anna" not in result.memory["pair_key"].to_list()

    def test_different_sessions_do_not_mix(self) -> None:
        result = loaded(
            usage("Stop", 60, 60, 1, 0),
            usage("Stop", 60, 60, 2, 0, NAS_IP_Address="10.0.0.2"),
            usage("Stop", 60, 60, 4, 0, User_Name='"eva"'),
            usage("Stop", 60, 60, 8, 0, Acct_Session_Id="0002"),
            usage("Stop", 60, 60, 16, 0, Acct_Unique_Session_Id="abc"),
        )
        assert sorted(result.events["units"]) == [1, 2, 4, 8, 16]


class TestSplit:
    # From 21:00 on 3 October in Warsaw (19:00 UTC), a record an hour, 100 bytes each.

    BLOCKS = (
        block("Start", EVENING),
        *(usage("Interim-Update", EVENING + 3600 * n, 3600 * n, 0, 100 * n) for n in range(1, 6)),
        usage("Stop", EVENING + 6 * 3600, 6 * 3600, 0, 600),
    )

    def test_by_record(self) -> None:
        result = loaded(*self.BLOCKS, now=NOW + timedelta(days=9), split="interim")
        assert result.events["units"].to_list() == [100] * 6
        starts = result.events["started_at"].to_list()
        assert starts[0] == ZERO + timedelta(seconds=EVENING)
        assert starts[5] - starts[4] == timedelta(hours=1)
        assert result.events["duration_s"].to_list() == [3600] * 6

    def test_by_local_day(self) -> None:
        result = loaded(*self.BLOCKS, now=NOW + timedelta(days=9), split="day")
        # 21, 22, 23 o'clock belong to the third of October; midnight in Warsaw is 22:00 UTC.
        assert [(e["units"], e["duration_s"], e["started_at"]) for e in result.events.iter_rows(named=True)] == [
            (300, 3 * 3600, ZERO + timedelta(seconds=EVENING)),
            (300, 3 * 3600, datetime.fromisoformat("2026-10-03 22:00:00")),
        ]

    def test_by_day_only_the_edges_of_a_day_wait(self) -> None:
        files = [rows(usage("Interim-Update", EVENING + 60 * n, 60 * n, 0, n)) for n in range(1, 301)]
        result = load("radius_detail", files, options(split="day"), NOW)
        # 21:01 and 23:59 of the third of October, 0:00 and 2:00 of the fourth.
        assert (result.waiting.height, result.merged) == (4, 296)
        final = load("radius_detail", files, options(split="day"), NOW, last_now=NOW + timedelta(days=20))
        assert final.events["units"].to_list() == [180, 120]

    @pytest.mark.parametrize("split", ["day", "interim"])
    def test_long_session_is_billed_while_it_lasts(self, split: str) -> None:
        files = [rows(usage("Interim-Update", 3600 * n, 3600 * n, n, 10 * n)) for n in range(1, 100)]
        result = load("radius_detail", files, options(split=split), NOW + timedelta(days=4))
        billed = result.events["volume_down"].sum()
        assert 0 < billed < 990
        if split == "interim":
            assert billed == 10 * (99 - 6)  # all but the last six hours
        done = load(
            "radius_detail", [*files, rows(usage("Stop", 360_000, 360_000, 100, 1000))], options(split=split), NOW
        )
        assert done.events["volume_down"].sum() < 1000
        final = load(
            "radius_detail",
            [*files, rows(usage("Stop", 360_000, 360_000, 100, 1000))],
            options(split=split),
            NOW + timedelta(days=20),
        )
        assert (final.events["volume_up"].sum(), final.events["volume_down"].sum()) == (100, 1000)
        assert final.waiting.is_empty()


class TestAnyOrder:
    BLOCKS = (
        block("Start", 0),
        usage("Interim-Update", 300, 300, 10, 20),
        usage("Interim-Update", 600, 600, 15, 20),
        usage("Stop", 900, 900, 18, 95),
        usage("Stop", 900, 900, 18, 95),
        block("Start", 10, Acct_Session_Id="b"),
        usage("Stop", 700, 690, 1, 1, Acct_Session_Id="b"),
        usage("Stop", 800, 690, 3, 1, Acct_Session_Id="c"),
        usage("Interim-Update", 500, 500, 5, 5, Acct_Session_Id="open"),
        block("Accounting-Off", 1000, NAS_IP_Address="10.0.0.9"),
        block("Start", 5000),
        usage("Stop", 5100, 100, 7, 7),
        block("Tunnel-Start", 0),
        block("Start", 7, Timestamp="never", Acct_Session_Id=""),
    )

    @pytest.mark.parametrize("split", ["session", "day", "interim"])
    def test_of_the_records(self, split: str) -> None:
        final = NOW + timedelta(days=30)
        tick = rows(usage("Stop", 29 * 86_400, 1, 0, 0, Acct_Session_Id="tick"))

        @settings(max_examples=25)
        @given(shuffled_files(self.BLOCKS))
        def check(files: list[bytes]) -> None:
            result = self.both(files, tick, split, final)
            assert result == expected

        expected = self.both([rows(*self.BLOCKS)], tick, split, final)
        assert {event[2] for event in expected[0]} == (
            {113, 2, 4, 14, 10} if split != "interim" else {30, 5, 78, 2, 4, 10, 14}
        )
        check()

    @staticmethod
    def both(files: list[bytes], tick: bytes, split: str, final: datetime) -> tuple[object, ...]:
        """Events when the files come while the records are fresh, and the source is heard of later."""
        closing = load("radius_detail", [*files, tick], options(split=split), NOW, last_now=final)
        return (
            closing.facts("duration_s"),
            sorted(problem.code for problem in closing.problems),
            closing.ignored,
            closing.waiting.height,
        )

    @settings(max_examples=25)
    @given(
        st.lists(st.tuples(st.integers(1, 300), st.integers(0, 10**10)), min_size=1, max_size=12),
        st.data(),
        st.sampled_from(["session", "day", "interim"]),
    )
    def test_sum_of_a_session_never_depends_on_anything(
        self, steps: list[tuple[int, int]], data: st.DataObject, split: str
    ) -> None:
        at = total = 0
        blocks = []
        for number, (minutes, volume) in enumerate(steps):
            at, total = at + 60 * minutes, total + volume
            status = "Stop" if number == len(steps) - 1 else "Interim-Update"
            blocks.append(usage(status, at, at, total // 3, total - total // 3))
        files = data.draw(shuffled_files([*blocks, *blocks[:2]]))
        now = ZERO + timedelta(days=data.draw(st.integers(9, 30)))
        result = load("radius_detail", files, options(split=split), now)
        events = result.events.unique("dedupe_key")
        assert events["units"].sum() == total
        assert events.height == result.events.height

    # Length, shares of it with the bytes since the share before, Start and Stop not lost, gap before the next session.
    LIFE = st.tuples(
        st.integers(10, 5000),
        st.lists(st.tuples(st.floats(0.05, 0.95), st.integers(0, 10**9)), max_size=4),
        st.booleans(),
        st.booleans(),
        st.integers(1, 4000),
    )

    @settings(max_examples=60)
    @given(st.lists(LIFE, min_size=1, max_size=4), st.data(), st.sampled_from(["session", "day", "interim"]))
    def test_sessions_that_share_their_id_and_lose_records(
        self,
        lives: list[tuple[int, list[tuple[float, int]], bool, bool, int]],
        data: st.DataObject,
        split: str,
    ) -> None:
        at = expected = 0
        blocks = [block("Tunnel-Start", 0)]
        for number, (length, steps, has_start, has_stop, gap) in enumerate(lives):
            total = 0
            if has_start:
                blocks.append(block("Start", at))
            for share, volume in sorted(steps):
                # Sessions differ in their bytes: two equal ones within minutes are taken for one that was sent again.
                total += volume + number + 1
                blocks.append(usage("Interim-Update", at + int(share * length), int(share * length), 0, total))
            if has_stop:
                total += number + 1
                blocks.append(usage("Stop", at + length, length, 0, total))
            expected += total
            at += length + gap
        files = data.draw(st.one_of(st.just([rows(one) for one in blocks]), shuffled_files(blocks)))
        tick = rows(usage("Stop", 29 * 86_400, 1, 0, 0, Acct_Session_Id="tick"))
        result = load("radius_detail", [*files, tick], options(split=split), NOW, last_now=NOW + timedelta(days=29))
        assert result.events["units"].sum() == expected

    def test_record_that_came_late_is_of_its_session(self) -> None:
        result = loaded(
            usage("Interim-Update", 300, 300, 0, 30),
            usage("Interim-Update", 600, 600, 0, 60),
            usage("Interim-Update", 1190, 400, 0, 40),  # written down ten minutes late, without a delay time
            usage("Stop", 1200, 1200, 0, 120),
        )
        assert result.events["units"].to_list() == [120]

    def test_start_that_came_late_divides_nothing(self) -> None:
        result = loaded(usage("Interim-Update", 300, 300, 0, 30), block("Start", 400), usage("Stop", 900, 900, 0, 90))
        assert result.events["units"].to_list() == [90]


class TestCalls:
    CALL = {"Calling_Station_Id": '"501234567"', "Called_Station_Id": '"221234567"', "User_Name": ""}

    def test_stop_with_session_time(self) -> None:
        stop = block(
            "Stop", 240, Acct_Session_Time=240, **self.CALL, **{"h323-call-origin": '"h323-call-origin=originate"'}
        )
        result = loaded(stop)
        (event,) = result.events.iter_rows(named=True)
        assert (event["usage_kind"], event["units"], event["duration_s"]) == ("voice", 240, 240)
        assert (event["a_number"], event["b_number"]) == ("48501234567", "48221234567")
        assert event["started_at"] == event["answered_at"] == ZERO
        assert (event["volume_up"], event["volume_down"]) == (None, None)
        again = get_format("radius_detail").replay([event["raw"]], POLAND).events
        assert again.drop("raw", "line_no").equals(result.events.drop("raw", "line_no", "file_id"))

    @pytest.mark.parametrize(("leg", "events"), [("originate", 1), ("answer", 1), ("any", 2)])
    def test_one_leg_of_a_gateway(self, leg: str, events: int) -> None:
        legs = [
            block(
                "Stop",
                60,
                Acct_Session_Time=60,
                **self.CALL,
                **{"h323-call-origin": f'"h323-call-origin={origin}"', "Acct_Session_Id": origin},
            )
            for origin in ("originate", "answer")
        ]
        assert loaded(*legs, call_leg=leg).events.height == events

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_start_and_stop_without_session_time(self, order: tuple[int, int]) -> None:
        sip = {"Called_Station_Id": '"sip:221234567@host"', "Calling_Station_Id": '"sip:+48501234567@host"'}
        both = [
            block("Start", 10, **sip, **{"Sip-Method": "INVITE"}),
            block("Stop", 71, **sip, **{"Sip-Method": "BYE"}),
        ]
        files = [rows(both[place]) for place in order]
        result = load("radius_detail", files, POLAND, NOW)
        (event,) = result.events.iter_rows(named=True)
        assert (event["units"], event["b_number"]) == (61, "48221234567")
        assert event["started_at"] == ZERO + timedelta(seconds=10)

    @pytest.mark.parametrize("status", ["Start", "Stop"])
    def test_half_of_a_call_is_no_event(self, status: str) -> None:
        half = block(status, 10, **self.CALL)
        assert loaded(half, kind="voice").waiting.height == 1
        result = loaded(half, kind="voice", now=NOW + timedelta(days=9))
        assert [(p.code, p.value) for p in result.problems] == [("UNPAIRED", status.lower())]

    def test_unanswered_call(self) -> None:
        result = loaded(block("Stop", 60, Acct_Session_Time=0, **self.CALL), kind="voice")
        assert (result.ignored, result.events.height) == (1, 0)

    @pytest.mark.parametrize(
        ("change", "code", "field"),
        [
            ({"Called_Station_Id": '"alice"'}, "INVALID_NUMBER", "Called-Station-Id"),
            ({"Calling_Station_Id": '"anonymous"'}, "INVALID_NUMBER", "Calling-Station-Id"),
            ({"Acct_Session_Time": 9_999_999}, "DURATION_TOO_LONG", "Acct-Session-Time"),
        ],
    )
    def test_problem(self, change: dict[str, object], code: str, field: str) -> None:
        data = block("Stop", 60, **{"Acct_Session_Time": 60, **self.CALL, **change})
        (problem,) = read("radius_detail", data, options(kind="voice")).problems
        assert (problem.code, problem.field) == (code, field)


class TestBlocks:
    def test_values(self) -> None:
        found = attributes(
            'Sat Oct  3\n\tAcct-A = 1\n\tUser-Name = "x \\"y\\" \\\\ z"\n\tAcct-C:0 = VLAN\n\tSip-D := "\\303\\263w"\n'
            '  NAS-Identifier = "open\n\tAcct-A = 2\r\n\tService-Type = 2\nAcct-F = no\n'
        )
        assert found == {
            "Acct-A": "1",
            "User-Name": 'x "y" \\ z',
            "Acct-C": "VLAN",
            "Sip-D": "ów",
            "NAS-Identifier": "open",
        }

    def test_octal_text(self) -> None:
        assert unquoted('"\\000\\001a\\n"') == "\ufffd\x01a\n"

    def test_line_numbers_over_the_edges_of_pieces(self, monkeypatch: pytest.MonkeyPatch) -> None:
        blocks = [usage("Stop", n, n, n, n, Acct_Session_Id=f"s{n}") for n in range(50)]
        data = rows(*blocks)
        whole = read("radius_detail", data).legs
        monkeypatch.setattr("mediation_core.formats.radius_blocks.PIECE", 37)
        assert read("radius_detail", data).legs.equals(whole)
        lines = data.decode().split("\n")
        assert all(lines[number - 1][:3].isalpha() for number in whole["line_no"])
        assert read("radius_detail", data, chunk_rows=7).legs.equals(whole)

    @pytest.mark.parametrize(
        ("data", "code", "field"),
        [
            (block("Start", 0, Acct_Session_Id=""), "UNKNOWN_VALUE", "Acct-Session-Id"),
            (b"Sat Oct  3 06:00:00 2026\n\tUser-Name = x\n", "UNKNOWN_VALUE", "Acct-Status-Type"),
            (b"accountcode,src,dst\n", "INVALID_FORMAT", ""),
            (
                usage("Stop", 0, 0, 0, 0).replace(b"Acct-Session-Time = 0", b"Acct-Session-Time = -5"),
                "NOT_A_NUMBER",
                None,
            ),
            (block("Stop", 0, Acct_Input_Gigawords=1 << 30), "NOT_A_NUMBER", "Acct-Input-Gigawords"),
            (block("Start", -(10**9)), "DATE_OUT_OF_RANGE", "Timestamp"),
            (block("Accounting-On", 0, NAS_IP_Address=""), "UNKNOWN_VALUE", "NAS-IP-Address"),
            (block("Start", 0, User_Name=""), "INVALID_NUMBER", "User-Name"),
            (b"x\n\tAcct-Status-Type = Start\n\tAcct-Session-Id = 1\n", "UNREADABLE_DATE", "Timestamp"),
        ],
    )
    def test_problem(self, data: bytes, code: str, field: str | None) -> None:
        profile = SourceProfile(first_year=2010)
        (problem,) = read("radius_detail", data, profile).problems
        assert problem.code == code and (field is None or problem.field == field)
        again = get_format("radius_detail").replay([problem.raw], profile)
        assert [(p.code, p.dedupe_key) for p in again.problems] == [(code, problem.dedupe_key)]

    def test_access_requests_are_ignored(self) -> None:
        data = b"Sat Oct  3 06:00:00 2026\n\tPacket-Type = Access-Request\n\tUser-Name = x\n"
        assert read("radius_detail", data).ignored == 1

    def test_block_without_an_end(self) -> None:
        data = b"Sat Oct  3\n" + b"\tA = 1\n" * 300_000 + rows(usage("Stop", 0, 1, 1, 1))
        begun = time.process_time()
        result = read("radius_detail", data)
        assert time.process_time() - begun < 5
        assert Counter(p.code for p in result.problems) == {"INVALID_FORMAT": 1}
        assert len(result.problems[0].raw) < 3000
        assert result.legs["line_no"].to_list() == [300_002]

    def test_one_line_of_many_megabytes(self) -> None:
        class Long:
            left = 64

            def read(self, size: int = -1) -> bytes:
                Long.left -= 1
                return b"x" * size if Long.left > 0 else b""

        pieces = [blocks for blocks, _ in read_blocks(Long())]  # type: ignore[arg-type]
        assert sum(len(blocks) for blocks in pieces) == 1

    @settings(max_examples=100)
    @given(spoilt(rows(*TestAnyOrder.BLOCKS[:6])))
    def test_noise_never_raises(self, data: bytes) -> None:
        result = load("radius_detail", [data], POLAND, NOW)
        get_format("radius_detail").replay([problem.raw for problem in result.problems], POLAND)

    @given(st.lists(st.text(max_size=100), max_size=4))
    def test_replay_never_raises(self, raws: list[str]) -> None:
        assert get_format("radius_detail").replay(raws, POLAND).rows == len(raws)
