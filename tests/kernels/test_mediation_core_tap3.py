"""TAP 3.12: values read off the octets, every kind of event, audits, notification, noise."""

from __future__ import annotations

import time
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usage_files import POLAND, SAMPLES, options, read, spoilt

from mediation_core import SourceProfile, get_format
from mediation_core.formats import ber
from mediation_core.formats.tap3 import name_parts
from mediation_core.values import NameParts

FOLDER = SAMPLES / "synthetic_asn1"
SAMPLE = (FOLDER / "CDXXXTAXXXTB00042").read_bytes()


def g(number: int, *contents: bytes) -> bytes:
    """A group of the application class."""
    return ber.element(ber.tag_octets(1, number, constructed=True), b"".join(contents))


def v(number: int, content: bytes | str | int) -> bytes:
    """A value of the application class: octets in hexadecimal, or a whole number."""
    if isinstance(content, int):
        content = content.to_bytes(content.bit_length() // 8 + 1, "big", signed=True)
    elif isinstance(content, str):
        content = bytes.fromhex(content)
    return ber.element(ber.tag_octets(1, number), content)


def stamp(number: int, local: str, code: int = 0) -> bytes:
    return g(number, v(16, local.encode()), v(232, code))


def zoned(number: int, local: str, offset: str = "+0200") -> bytes:
    return g(number, v(16, local.encode()), v(231, offset.encode()))


def details(*charges: tuple[str, int], rate: int = 1) -> bytes:
    parts = [g(63, v(71, kind.encode()), v(62, charge)) for kind, charge in charges]
    return g(69, v(66, b"D"), v(105, rate), g(64, *parts))


SUBSCRIBER = g(427, g(199, v(129, "260990000000001f"), v(152, "48500000001f")))


def mo_call(local: str = "20260930101500", seconds: int = 125, charge: int = 210, *more: bytes, code: int = 0) -> bytes:
    basic = g(147, SUBSCRIBER, g(89, v(407, "4930000001")), stamp(44, local, code), v(223, seconds))
    place = g(138, g(156, v(184, 1), v(45, "0102")))
    used = g(38, g(39, g(36, g(426, v(218, b"11"))), g(70, details(("00", charge), ("01", charge)))))
    return g(9, basic, place, used, *more)


def tap_file(
    *events: bytes,
    count: int | None = None,
    charge: int | None = None,
    earliest: str = "20260930101500",
    latest: str = "20260930101500",
    refund: int | None = None,
    head: bytes = b"",
    currency: bytes = b"SDR",
) -> bytes:
    control = g(4, v(196, b"XXXTA"), v(182, b"XXXTB"), v(109, b"00007"), v(201, 3), v(189, 12), head)
    accounting = g(5, v(135, b"EUR"), v(210, currency), g(80, g(106, v(105, 1), v(159, 5), v(104, 123_456))), v(244, 3))
    offsets = g(234, g(233, v(232, 0), v(231, b"+0200")), g(233, v(232, 1), v(231, b"+0100")))
    network = g(6, offsets, g(188, g(183, v(184, 1), v(186, 1), v(400, b"49170000001"))))
    tail = [zoned(101, earliest), zoned(133, latest)]
    if charge is not None:
        tail.append(v(415, charge))
    if refund is not None:
        tail.append(v(355, refund))
    tail.append(v(43, len(events) if count is None else count))
    return g(1, control, accounting, network, g(3, *events), g(15, *tail))


class TestSample:
    def test_rows(self) -> None:
        result = read("tap3", SAMPLE)
        assert result.file_problem is None and result.problems == [] and result.rows == 5
        control = result.control
        assert control is not None and not control.is_notification
        assert (control.sequence, control.rows, control.amount_micro, control.currency) == (42, 5, 817_000, "XDR")
        assert control.created_at == datetime.fromisoformat("2026-10-01 00:00:00")  # 02:00 +02:00
        call, home, received, message, data = result.events.iter_rows(named=True)
        assert (call["usage_kind"], call["direction"], call["units"]) == ("voice", "out", 125)
        assert (call["a_number"], call["b_number"], call["charged_number"]) == ("48500000001", "4930000001", None)
        assert (call["imsi"], call["network"]) == ("260990000000001", "XXXTA")
        assert call["started_at"] == datetime.fromisoformat("2026-09-30 08:15:00")
        assert (call["cost_micro"], call["cost_currency"]) == (210_000, "XDR")
        assert (home["b_number"], home["units"], home["cost_micro"]) == ("48500000002", 30, 60_000)
        assert (received["direction"], received["a_number"]) == ("in", "48220000003")
        assert (received["b_number"], received["charged_number"]) == ("48500000001", "48500000001")
        assert (received["units"], received["cost_micro"]) == (61, 20_000)
        assert (message["usage_kind"], message["units"], message["b_number"]) == ("sms", 1, "48500000004")
        assert message["cost_micro"] == 15_000
        assert (data["usage_kind"], data["service_code"], data["units"]) == ("data", "apn:internet", 10_234_567)
        assert (data["volume_down"], data["volume_up"], data["duration_s"]) == (9_000_000, 1_234_567, 3600)
        assert data["cost_micro"] == 512_000
        assert result.events["cost_micro"].sum() == 817_000

    def test_wrong_totals_are_refused(self) -> None:
        refused = read("tap3", (FOLDER / "CDXXXTAXXXTB00043_bad_audit").read_bytes()).file_problem
        assert refused is not None and refused.code == "AUDIT_MISMATCH"
        assert refused.params == {"field": "events", "declared": 6, "counted": 5}

    def test_gap_sample_is_a_good_file(self) -> None:
        result = read("tap3", (FOLDER / "CDXXXTAXXXTB00045_gap").read_bytes())
        assert result.file_problem is None and result.control is not None
        assert (result.control.sequence, result.rows) == (45, 1)

    def test_notification(self) -> None:
        result = read("tap3", (FOLDER / "CDXXXTAXXXTB00046_notification").read_bytes())
        assert result.file_problem is None and result.rows == 0 and result.control is not None
        assert (result.control.sequence, result.control.is_notification) == (46, True)

    def test_the_same_event_in_two_files_has_one_identity(self) -> None:
        other = read("tap3", (FOLDER / "CDXXXTAXXXTB00045_gap").read_bytes()).events["dedupe_key"][0]
        assert read("tap3", SAMPLE).events["dedupe_key"][0] == other

    def test_replay_gives_the_same_rows(self) -> None:
        events = read("tap3", SAMPLE).events
        assert get_format("tap3").replay(events["raw"].to_list(), POLAND).events.equals(events)

    def test_pieces(self) -> None:
        assert read("tap3", SAMPLE, chunk_rows=2).events.equals(read("tap3", SAMPLE).events)

    def test_file_names(self) -> None:
        assert name_parts("CDXXXTAXXXTB00042") == NameParts("XXXTA", "XXXTB", 42)
        assert name_parts("in/tdpolp1deud212345.dat") == NameParts("POLP1", "DEUD2", 12345, is_test=True)
        assert name_parts("CDXXXTAXXXTB000421") is None
        assert name_parts("Master.csv") is None


class TestCost:
    def test_only_the_total_of_each_charge_information_counts(self) -> None:
        (row,) = read("tap3", tap_file(mo_call(charge=210), charge=210)).events.iter_rows(named=True)
        assert row["cost_micro"] == 210_000

    @pytest.mark.parametrize(
        ("meaning", "cost"),
        # 0.210 XDR at 1.23456: times = 0.2592576, divided = 0.17010109...
        [("local_per_tap", 259_258), ("tap_per_local", 170_101)],
    )
    def test_local_currency(self, meaning: str, cost: int) -> None:
        profile = options(cost_currency="local", exchange_rate=meaning)
        result = read("tap3", tap_file(mo_call(charge=210)), profile)
        (row,) = result.events.iter_rows(named=True)
        assert (row["cost_micro"], row["cost_currency"]) == (cost, "EUR")
        assert get_format("tap3").replay([row["raw"]], profile).events["cost_micro"][0] == cost

    def test_unknown_rate(self) -> None:
        event = mo_call().replace(v(105, 1), v(105, 9))
        (problem,) = read("tap3", tap_file(event), options(cost_currency="local")).problems
        assert (problem.code, problem.field, problem.value) == ("UNKNOWN_VALUE", "exchangeRateCode", "9")
        assert read("tap3", tap_file(event)).problems == []

    @pytest.mark.parametrize("total", [210, 235])
    def test_senders_differ_on_camel_fees_in_the_total(self, total: int) -> None:
        event = mo_call("20260930101500", 125, 210, g(57, v(422, 25)))
        result = read("tap3", tap_file(event, charge=total))
        assert result.file_problem is None and result.events["cost_micro"][0] == 235_000

    def test_refund(self) -> None:
        item = g(352, v(336, 5), v(344, 1), g(70, details(("00", 90))))
        charged = g(352, v(336, 5), g(70, details(("00", 100))))
        basic = g(304, stamp(300, "20260930101500"))
        party = g(324, g(310, g(309, v(305, 1), v(287, b"48500000001"))))
        event = g(17, basic, party, g(285, charged, item))
        result = read("tap3", tap_file(event, charge=100, refund=90))
        assert result.file_problem is None
        (row,) = result.events.iter_rows(named=True)
        assert (row["usage_kind"], row["service_code"], row["units"]) == ("content", "content:5", 1)
        assert (row["cost_micro"], row["a_number"]) == (10_000, "48500000001")
        refused = read("tap3", tap_file(event, charge=100, refund=91)).file_problem
        assert refused is not None and refused.params["field"] == "totalChargeRefund"

    def test_charge_beyond_sense(self) -> None:
        result = read("tap3", tap_file(mo_call(charge=2**60), charge=5))
        assert [problem.code for problem in result.problems] == ["NOT_A_NUMBER"]


class TestKinds:
    """Events that the sample does not have."""

    PARTY = g(436, v(129, "260990000000001f"), v(152, "48500000001f"))

    def one(self, event: bytes, charge: int, **more: str) -> dict[str, object]:
        result = read("tap3", tap_file(event, charge=charge), options(**more))
        assert result.file_problem is None, result.file_problem
        assert result.problems == []
        (row,) = result.events.iter_rows(named=True)
        assert row["cost_micro"] == charge * 1000
        assert row["imsi"] == "260990000000001"
        assert row["started_at"] == datetime.fromisoformat("2026-09-30 08:15:00")
        assert get_format("tap3").replay([row["raw"]], options(**more)).events.equals(result.events)
        return row

    def test_supplementary_service(self) -> None:
        used = g(206, v(209, b"21"), v(208, 2), stamp(74, "20260930101500"), details(("00", 5)))
        row = self.one(g(11, SUBSCRIBER, used), 5)
        assert (row["usage_kind"], row["service_code"], row["units"]) == ("content", "ss:21", 1)

    @pytest.mark.parametrize(("status", "direction"), [(0, "out"), (1, "in")])
    def test_message_centre(self, status: int, direction: str) -> None:
        person = g(430, g(286, v(129, "260990000000001f"), v(152, "48500000001f")))
        basic = g(191, person, v(67, status), v(402, "4930000001"))
        event = g(12, basic, v(195, b"XXXTC"), v(184, 1), details(("00", 7)), g(193, stamp(88, "20260930101500")))
        row = self.one(event, 7)
        assert (row["usage_kind"], row["direction"], row["network"]) == ("sms", direction, "XXXTC")
        assert {row["a_number"], row["b_number"]} == {"48500000001", "4930000001"}

    def test_location_service(self) -> None:
        asks = g(298, g(299, g(362, v(363, 2), v(364, b"260990000000001")), g(362, v(363, 1), v(364, b"48500000001"))))
        looked_for = g(367, g(370, g(372, v(363, 1), v(364, b"48599999999"))))
        used = g(382, stamp(74, "20260930101500"), g(70, details(("00", 9))))
        row = self.one(g(297, asks, looked_for, used), 9)
        assert (row["usage_kind"], row["service_code"], row["a_number"]) == ("content", "lcs", "48500000001")

    @pytest.mark.parametrize("kind", ["sms", "mms"])
    def test_messaging(self, kind: str) -> None:
        event = g(433, v(439, 1), self.PARTY, stamp(447, "20260930101500"), g(443, v(444, "4930000001")), v(62, 15))
        row = self.one(event, 15, messaging_kind=kind)
        assert (row["usage_kind"], row["units"], row["b_number"], row["direction"]) == (kind, 1, "4930000001", None)

    @pytest.mark.parametrize(("requested", "direction"), [(True, "out"), (False, "in")])
    def test_session(self, requested: bool, direction: str) -> None:
        destination = g(450, v(451, "4930000001")) if requested else b""
        event = g(
            434,
            v(440, 1),
            self.PARTY,
            stamp(447, "20260930101500"),
            v(223, 61),
            g(443, v(444, "4930000001")),
            destination,
            g(448, g(449, v(66, b"D"), g(64, g(63, v(71, b"00"), v(62, 33))))),
        )
        row = self.one(event, 33)
        assert (row["usage_kind"], row["units"], row["direction"]) == ("voice", 61, direction)

    def test_ansi_subscriber(self) -> None:
        person = g(427, g(254, v(146, "3101234567"), v(253, "15551234567f")))
        basic = g(147, person, stamp(44, "20260930101500"), v(223, 5))
        event = g(9, basic, g(38, g(39, g(70, details(("00", 1))))))
        (row,) = read("tap3", tap_file(event, charge=1)).events.iter_rows(named=True)
        assert (row["a_number"], row["imsi"], row["b_number"]) == ("15551234567", None, None)

    def test_offsets_tell_the_two_hours_apart(self) -> None:
        calls = [mo_call("20261025023000", 60, 0, code=0), mo_call("20261025023000", 60, 0, code=1)]
        tail = {"earliest": "20261025023000", "latest": "20261025033000"}
        result = read("tap3", tap_file(*calls, **tail))
        assert result.file_problem is None
        assert result.events["started_at"].to_list() == [
            datetime.fromisoformat("2026-10-25 00:30:00"),
            datetime.fromisoformat("2026-10-25 01:30:00"),
        ]

    def test_equal_events_without_a_reference_are_two(self) -> None:
        message = g(
            9,
            g(147, SUBSCRIBER, g(89, v(419, "4930000001")), stamp(44, "20260930101500"), v(223, 0)),
            g(38, g(39, g(36, g(426, v(218, b"22"))), g(70, details(("00", 15))))),
        )
        events = read("tap3", tap_file(message, message, charge=30)).events
        assert events["dedupe_key"].n_unique() == 2
        assert get_format("tap3").replay(events["raw"].to_list(), POLAND).events.equals(events)
        with_reference = read("tap3", tap_file(mo_call(), mo_call(), charge=420)).events
        assert with_reference["dedupe_key"].n_unique() == 1


class TestFile:
    def test_good(self) -> None:
        assert read("tap3", tap_file(mo_call(), charge=210)).file_problem is None

    @pytest.mark.parametrize(
        ("data", "what"),
        [
            (tap_file(mo_call(), charge=211), "totalCharge"),
            (tap_file(mo_call(), count=2), "events"),
            (tap_file(mo_call(), earliest="20260930101400"), "earliest"),
            (tap_file(mo_call(), latest="20260930101600"), "latest"),
            (tap_file(mo_call()) + b"rubbish", "bytes"),
        ],
    )
    def test_audit(self, data: bytes, what: str) -> None:
        refused = read("tap3", data).file_problem
        assert refused is not None
        assert (refused.code, refused.params["field"]) == ("AUDIT_MISMATCH", what)

    def test_times_are_shown_as_times(self) -> None:
        refused = read("tap3", tap_file(mo_call(), latest="20260930101600")).file_problem
        assert refused is not None
        shown = {"declared": "2026-09-30 08:16:00 UTC", "counted": "2026-09-30 08:15:00 UTC"}
        assert refused.params == {"field": "latest", **shown}

    def test_times_are_not_compared_by_option(self) -> None:
        data = tap_file(mo_call(), earliest="20260930101400")
        assert read("tap3", data, options(check_times="0")).file_problem is None

    def test_an_unreadable_event_leaves_its_charge_in_the_total(self) -> None:
        bad = mo_call("20260930101500", 125, 90, code=7)  # no such offset
        good = mo_call()
        result = read("tap3", tap_file(good, bad, charge=300))
        assert result.file_problem is None
        (problem,) = result.problems
        assert (problem.code, problem.field, problem.line_no) == ("UNREADABLE_DATE", "callEventStartTimeStamp", 2)
        refused = read("tap3", tap_file(good, bad, charge=301)).file_problem
        assert refused is not None and refused.params["field"] == "totalCharge"

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "NOT_THIS_FORMAT"),
            (b"accountcode,src,dst\n" * 5, "NOT_THIS_FORMAT"),
            (tap_file(mo_call()).replace(v(201, 3), v(201, 2)), "NOT_THIS_FORMAT"),
            (tap_file(mo_call()).replace(v(189, 12), v(189, 4)), "NOT_THIS_FORMAT"),
            (tap_file(mo_call(), head=v(110, b"T")), "NOT_THIS_FORMAT"),
            (g(1, g(3, mo_call())), "NOT_THIS_FORMAT"),
            (g(1, g(4, v(196, b"XXXTA"), v(109, b"00007"), v(201, 3), v(189, 12))), "TRUNCATED"),
            (SAMPLE[:40], "TRUNCATED"),
            (SAMPLE[:700], "TRUNCATED"),
            (SAMPLE[:-1], "TRUNCATED"),
        ],
    )
    def test_refused(self, data: bytes, code: str) -> None:
        refused = read("tap3", data).file_problem
        assert refused is not None and refused.code == code

    def test_filler_behind_the_file(self) -> None:
        assert read("tap3", SAMPLE + bytes(512)).file_problem is None

    def test_indefinite_lengths(self) -> None:
        inner = SAMPLE[4:]
        groups = ber.items(inner, 0, len(inner))
        assert groups is not None
        indefinite = b"\x61\x80"
        for name, start, stop in groups:
            indefinite += bytes([name]) + b"\x80" + inner[start:stop] + b"\x00\x00"
        assert read("tap3", indefinite + b"\x00\x00").events.equals(read("tap3", SAMPLE).events)

    def test_unknown_event_is_a_problem_not_a_loss(self) -> None:
        result = read("tap3", tap_file(g(99, v(62, 5)), mo_call(), charge=215))
        assert [(p.code, p.line_no) for p in result.problems] == [("INVALID_FORMAT", 1)]
        assert result.file_problem is None and result.events.height == 1

    @pytest.mark.parametrize("raw", ["", "hex:", "hex:6980 a;b", "hex:zz XXXTA;SDR;EUR;3;0=120;;", "no"])
    def test_spoilt_text_of_suspense(self, raw: str) -> None:
        (problem,) = get_format("tap3").replay([raw], POLAND).problems
        assert problem.code == "INVALID_FORMAT"


class TestNoise:
    @settings(max_examples=400)
    @given(spoilt(SAMPLE))
    def test_never_raises(self, data: bytes) -> None:
        result = read("tap3", data)
        get_format("tap3").replay([problem.raw for problem in result.problems], POLAND)

    @settings(max_examples=200)
    @given(spoilt(mo_call()), st.sampled_from([SourceProfile(), options(cost_currency="local")]))
    def test_spoilt_events(self, event: bytes, profile: SourceProfile) -> None:
        read("tap3", tap_file(event), profile)

    @given(st.lists(st.text(max_size=80), max_size=5))
    def test_replay_never_raises(self, raws: list[str]) -> None:
        assert get_format("tap3").replay(raws, POLAND).rows == len(raws)

    @pytest.mark.parametrize(
        "bomb",
        [
            b"\x61\x80" + b"\x63\x80" * 2_000_000,
            b"\x61\x80\x63\x80" + b"\x69\x80" * 2_000_000,
            b"\x61\x80" + b"\x64\x80" * 6_000_000,
            b"\x61\x80\x63\x80" + b"\x69\x00" * 30_000,
        ],
    )
    def test_bombs_end_quickly(self, bomb: bytes) -> None:
        begun = time.process_time()
        read("tap3", bomb, chunk_rows=50_000)
        assert time.process_time() - begun < 5
