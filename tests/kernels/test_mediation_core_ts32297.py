"""TS 32.297 files and TS 32.298 records: values read off the octets, audits, bombs, noise."""

from __future__ import annotations

import struct
import time
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usage_files import POLAND, SAMPLES, options, read, spoilt, tlv

from mediation_core import SourceProfile, get_format
from mediation_core.values import Control

SAMPLE = (SAMPLES / "synthetic_asn1/pgw_ts32297_seq309.cdr").read_bytes()
IMSI, OPENED = tlv("83", "629009000000 00f1"), tlv("8d", "261001100000 2b 0200")
GATEWAY, CHARGING = tlv("a4", tlv("80", "0a000001")), tlv("85", "0dbba1")
MSISDN = tlv("96", "91 84 05 00 00 00 f1")
TYPE = tlv("80", "55")


def container(group: str, up: str, down: str, number: str | None, *more: bytes) -> bytes:
    local = b"" if number is None else tlv("84", number)
    return tlv("30", tlv("81", group), local, tlv("8c", up), tlv("8d", down), *more)


def pgw(*containers: bytes, more: bytes = b"", head: bytes | None = None) -> bytes:
    start = TYPE + IMSI + GATEWAY + CHARGING + OPENED + MSISDN if head is None else head
    return tlv("bf4f", start, tlv("bf22", *containers) if containers else b"", more)


def file_of(*records: bytes, count: int | None = None, sequence: int = 7, length: int | None = None) -> bytes:
    body = b"".join(struct.pack(">HBB", len(record), 0xC0, 0x27) + record for record in records)
    size = 52 + len(body) if length is None else length
    declared = len(records) if count is None else count
    head = struct.pack(">IIBBIIIIB20sBHH", size, 52, 0xC0, 0xC0, 0, 0, declared, sequence, 0, bytes(20), 0, 0, 0)
    # The header's last two lengths (filter, private extension) are 16 bits each: 52 octets in all.
    assert len(head) == 52
    return head + body


class TestSample:
    def test_rows(self) -> None:
        result = read("ts32297", SAMPLE)
        assert result.problems == [] and result.file_problem is None and result.ignored == 0
        assert result.control is not None and result.control.sequence == 309
        first, second, third = result.events.iter_rows(named=True)
        assert first["usage_kind"] == "data" and first["direction"] == "out"
        assert first["imsi"] == "260990000000001"
        assert first["a_number"] == "48500000001"
        assert first["service_code"] == "rg:100"
        assert first["session_key"] == "10.0.0.1-900001"
        assert (first["volume_up"], first["volume_down"]) == (1_234_567, 98_765_432)
        assert first["units"] == 99_999_999
        assert first["started_at"] == datetime.fromisoformat("2026-10-01 08:00:00")  # 10:00 +02:00
        assert first["duration_s"] == 3600
        assert (second["service_code"], second["units"], second["duration_s"]) == ("rg:200", 3000, 60)
        assert second["session_key"] == first["session_key"] != third["session_key"]
        assert second["started_at"] == datetime.fromisoformat("2026-10-01 09:00:00")
        assert (third["volume_down"], third["units"]) == (4_294_967_297, 4_294_967_297)
        # 02:30 happens twice that night; the record says which: +02:00.
        assert third["started_at"] == datetime.fromisoformat("2026-10-25 00:30:00")
        assert result.events["dedupe_key"].to_list() == [
            "p:10.0.0.1-900001:1:100:1",
            "p:10.0.0.1-900001:2:200:2",
            "p:10.0.0.1-900002:1:100:1",
        ]

    def test_second_hour_of_the_autumn_night(self) -> None:
        later = SAMPLE.replace(bytes.fromhex("261025023000 2b 0200"), bytes.fromhex("261025023000 2b 0100"))
        assert read("ts32297", later).events["started_at"][2] == datetime.fromisoformat("2026-10-25 01:30:00")

    def test_west_of_greenwich(self) -> None:
        west = SAMPLE.replace(bytes.fromhex("261001100000 2b 0200"), bytes.fromhex("261001100000 2d 0330"))
        assert read("ts32297", west).events["started_at"][0] == datetime.fromisoformat("2026-10-01 13:30:00")

    def test_replay_gives_the_same_rows(self) -> None:
        events = read("ts32297", SAMPLE).events
        again = get_format("ts32297").replay(events["raw"].to_list(), POLAND)
        assert again.events.equals(events)

    def test_pieces_of_one_row(self) -> None:
        assert read("ts32297", SAMPLE, chunk_rows=1).events.equals(read("ts32297", SAMPLE).events)

    def test_bare_records(self) -> None:
        bare, pos = b"", 52
        while pos < len(SAMPLE):
            size = int.from_bytes(SAMPLE[pos : pos + 2], "big")
            bare += SAMPLE[pos + 4 : pos + 4 + size] + b"\x00" * 3
            pos += 4 + size
        assert read("ts32298", bare).events.equals(read("ts32297", SAMPLE).events)


class TestContainers:
    def test_one_row_per_container_with_its_own_first_usage(self) -> None:
        late = tlv("85", "261001120000 2b 0200") + tlv("87", "1e")
        record = pgw(container("64", "0a", "14", "01"), container("00c8", "01", "02", "02", late))
        result = read("ts32297", file_of(record))
        assert result.rows == 2 and result.events["line_no"].to_list() == [1, 2]
        assert result.events["service_code"].to_list() == ["rg:100", "rg:200"]
        assert result.events["units"].to_list() == [30, 3]
        assert result.events["duration_s"].to_list() == [None, 30]
        assert result.events["started_at"][1] == datetime.fromisoformat("2026-10-01 10:00:00")

    def test_unnumbered_containers_keep_their_place_through_replay(self) -> None:
        record = pgw(*(container("64", "01", f"0{n}", None) for n in range(1, 4)), container("65", "01", "01", None))
        events = read("ts32297", file_of(record)).events
        assert events["dedupe_key"].to_list() == [
            "p:10.0.0.1-900001:0:100:o1",
            "p:10.0.0.1-900001:0:100:o2",
            "p:10.0.0.1-900001:0:100:o3",
            "p:10.0.0.1-900001:0:101:o1",
        ]
        assert get_format("ts32297").replay(events["raw"].to_list(), POLAND).events.equals(events)

    def test_record_without_containers_is_its_traffic(self) -> None:
        volumes = tlv(
            "ac",
            tlv("30", tlv("83", "0100"), tlv("84", "0200"), tlv("85", "02"), tlv("86", "261001110000 2b 0200")),
            tlv("30", tlv("83", "01"), tlv("84", "02"), tlv("85", "02"), tlv("86", "261001120000 2b 0200")),
        )
        result = read("ts32297", file_of(pgw(more=tlv("87", b"Internet".hex()) + volumes)))
        (row,) = result.events.iter_rows(named=True)
        assert (row["volume_up"], row["volume_down"], row["service_code"]) == (257, 514, "apn:internet")

    @pytest.mark.parametrize(
        ("serving", "own", "home", "network"),
        [
            ("62f260", None, "", "26206"),  # Germany, two digits of MNC
            ("130014", None, "", "310410"),  # USA, three digits of MNC
            ("62f099", None, "", None),  # the network of the IMSI 26099...
            ("62f260", "62f260", "", None),  # the gateway's own network
            ("62f260", None, "26201,26206", None),
        ],
    )
    def test_network(self, serving: str, own: str | None, home: str, network: str | None) -> None:
        more = tlv("9b", serving) + (tlv("9f25", own) if own else b"")
        record = pgw(container("64", "01", "01", "01"), more=more)
        assert read("ts32297", file_of(record), options(home_networks=home)).events["network"][0] == network

    def test_raw_of_a_long_record_does_not_repeat_it(self) -> None:
        record = pgw(*(container("64", "01", "01", f"{n:04x}") for n in range(1, 3000)))
        result = read("ts32297", file_of(record), chunk_rows=50_000)
        assert result.events.height == 2999
        assert result.events["raw"].str.len_bytes().sum() < 40 * len(record)


class TestCircuitCore:
    # Served 48500000001, called 48221234567 (international), seized 17:58:20, answered 17:58:30 +02:00, 240 s.
    MO_CALL = tlv(
        "a0",
        tlv("80", "00"),
        IMSI.replace(b"\x83", b"\x81", 1),
        tlv("83", "91 84 05 00 00 00 f1"),
        tlv("85", "91 84 22 21 43 65 f7"),
        tlv("89", "91 84 60 00 00 01"),
        tlv("96", "261014175820 2b 0200"),
        tlv("97", "261014175830 2b 0200"),
        tlv("99", "00f0"),
        tlv("9e", "00"),
        tlv("9f20", "0a0b0c"),
    )
    MT_CALL = tlv(
        "a1",
        tlv("80", "01"),
        tlv("81", "629009000000 00f1"),
        tlv("83", "91 84 05 00 00 00 f1"),
        tlv("84", "a1 22 21 43 65 f7"),
        tlv("86", "91 84 60 00 00 01"),
        tlv("94", "261014175830 2b 0200"),
        tlv("96", "3d"),
        tlv("9d", "0a0b0d"),
    )
    MO_SMS = tlv(
        "a6",
        tlv("80", "06"),
        tlv("81", "629009000000 00f1"),
        tlv("83", "91 84 05 00 00 00 f1"),
        tlv("86", "91 84 60 00 00 01"),
        tlv("88", "2a"),
        tlv("89", "261014180000 2b 0200"),
        tlv("8c", "0b 91 84 05 10 32 54 f6"),
    )

    def test_outgoing_call(self) -> None:
        (row,) = read("ts32297", file_of(self.MO_CALL)).events.iter_rows(named=True)
        assert (row["usage_kind"], row["direction"]) == ("voice", "out")
        assert (row["a_number"], row["b_number"], row["charged_number"]) == ("48500000001", "48221234567", None)
        assert row["started_at"] == datetime.fromisoformat("2026-10-14 15:58:20")
        assert row["answered_at"] == datetime.fromisoformat("2026-10-14 15:58:30")
        assert (row["duration_s"], row["units"]) == (240, 240)
        assert row["dedupe_key"] == "c:0:918460000001:0a0b0c:0:48500000001"

    def test_incoming_call_is_charged_to_the_called_side(self) -> None:
        (row,) = read("ts32297", file_of(self.MT_CALL)).events.iter_rows(named=True)
        assert row["direction"] == "in"
        # a1 = national number: nine digits of Poland.
        assert (row["a_number"], row["b_number"], row["charged_number"]) == (
            "48221234567",
            "48500000001",
            "48500000001",
        )
        assert row["units"] == 61

    def test_partial_records_share_the_session(self) -> None:
        part = self.MO_CALL[2:] + tlv("9f21", "02")
        result = read("ts32297", file_of(self.MO_CALL, tlv("a0", part)))
        assert result.events["session_key"].n_unique() == 1
        assert result.events["dedupe_key"].n_unique() == 2

    def test_unanswered_call_is_ignored(self) -> None:
        unanswered = self.MO_CALL.replace(tlv("97", "261014175830 2b 0200"), tlv("98", "261014175830 2b 0200"))
        result = read("ts32297", file_of(unanswered))
        assert (result.ignored, result.events.height) == (1, 0)

    @pytest.mark.parametrize("destination", ["0b 91 84 05 10 32 54 f6", "91 84 05 10 32 54 f6"])
    def test_message_with_and_without_the_count_of_digits(self, destination: str) -> None:
        record = tlv("a6", self.MO_SMS[2:].replace(tlv("8c", "0b 91 84 05 10 32 54 f6"), tlv("8c", destination)))
        (row,) = read("ts32297", file_of(record)).events.iter_rows(named=True)
        assert (row["usage_kind"], row["units"], row["b_number"]) == ("sms", 1, "48500123456")

    def test_failed_message_is_ignored(self) -> None:
        failed = tlv("a6", self.MO_SMS[2:] + tlv("aa", tlv("80", "26")))
        assert read("ts32297", file_of(failed)).ignored == 1

    def test_types_that_are_not_billed(self) -> None:
        result = read("ts32297", file_of(self.MO_CALL, self.MT_CALL, self.MO_SMS), options(records="mo_call"))
        assert (result.events.height, result.ignored) == (1, 2)

    def test_the_same_tag_of_another_specification_is_ignored(self) -> None:
        foreign = tlv("a0", tlv("80", "1e"), tlv("81", "00"))  # mMO1SRecord of MMS
        assert read("ts32297", file_of(foreign)).ignored == 1

    def test_replay(self) -> None:
        events = read("ts32297", file_of(self.MO_CALL, self.MT_CALL, self.MO_SMS)).events
        assert get_format("ts32297").replay(events["raw"].to_list(), POLAND).events.equals(events)


class TestBadRecords:
    @pytest.mark.parametrize(
        ("record", "code", "field"),
        [
            (pgw(container("64", "01", "01", "01"), head=TYPE + IMSI + GATEWAY + CHARGING), "UNREADABLE_DATE", None),
            (
                pgw(head=TYPE + IMSI + GATEWAY + CHARGING + tlv("8d", "261301100000 2b 0200")),
                "UNREADABLE_DATE",
                "recordOpeningTime",
            ),
            (
                pgw(head=TYPE + IMSI + GATEWAY + CHARGING + tlv("8d", "261001100000 2b 9900")),
                "UNREADABLE_DATE",
                "recordOpeningTime",
            ),
            (pgw(head=TYPE + GATEWAY + CHARGING + OPENED), "INVALID_NUMBER", "servedIMSI"),
            (pgw(head=TYPE + IMSI + GATEWAY + OPENED), "INVALID_FORMAT", ""),
            (pgw(container("64", "ff", "01", "01")), "NOT_A_NUMBER", None),
            (pgw(container("64", "01", "7fffffffffffffffff", "01")), "NOT_A_NUMBER", None),
            (tlv("bf4f", TYPE, b"\x83\x50\x01"), "INVALID_FORMAT", ""),
            (b"\xbf\x4f\x82\x01\x00" + TYPE, "INVALID_FORMAT", ""),
        ],
    )
    def test_one_problem_with_its_record(self, record: bytes, code: str, field: str | None) -> None:
        result = read("ts32297", file_of(pgw(container("64", "01", "01", "01")), record))
        assert result.file_problem is None and result.events.height == 1
        (problem,) = result.problems
        assert problem.code == code and (field is None or problem.field == field)
        assert problem.line_no == 2 and problem.raw == "hex:" + record.hex()
        (again,) = get_format("ts32297").replay([problem.raw], POLAND).problems
        assert (again.code, again.dedupe_key) == (problem.code, problem.dedupe_key)

    def test_other_encoding(self) -> None:
        data = bytearray(SAMPLE)
        data[55] = 0x47  # format 2: PER
        result = read("ts32297", bytes(data))
        assert [problem.code for problem in result.problems] == ["INVALID_FORMAT"]
        assert result.events.height == 2

    def test_year_out_of_range(self) -> None:
        profile = SourceProfile(first_year=2027)
        assert {problem.code for problem in read("ts32297", SAMPLE, profile).problems} == {"DATE_OUT_OF_RANGE"}

    @pytest.mark.parametrize("raw", ["", "hex:", "hex:zz", "no hex", "hex:bf4f", "hex:0000", "hex:" + "30" * 9])
    def test_spoilt_text_of_suspense(self, raw: str) -> None:
        result = get_format("ts32297").replay([raw], POLAND)
        assert result.rows == 1 and (result.ignored or [p.code for p in result.problems] == ["INVALID_FORMAT"])


class TestFileAudit:
    def test_good_file(self) -> None:
        result = read("ts32297", file_of(pgw(container("64", "01", "01", "01"))))
        assert result.file_problem is None and result.control is not None and result.control.sequence == 7

    @pytest.mark.parametrize(
        ("data", "code", "what"),
        [
            (b"", "NOT_THIS_FORMAT", None),
            (SAMPLE[:30], "TRUNCATED", None),
            (SAMPLE[:60], "TRUNCATED", None),
            (SAMPLE[:-1], "TRUNCATED", None),
            (SAMPLE[:225], "TRUNCATED", "bytes"),  # cut between two records
            (b"accountcode,src,dst" * 10, "NOT_THIS_FORMAT", None),
            (file_of(pgw(container("64", "01", "01", "01")), count=2), "AUDIT_MISMATCH", "records"),
            (file_of(pgw(container("64", "01", "01", "01")), length=60), "AUDIT_MISMATCH", "bytes"),
        ],
    )
    def test_refused(self, data: bytes, code: str, what: str | None) -> None:
        refused = read("ts32297", data).file_problem
        assert refused is not None and refused.code == code
        assert what is None or refused.params["field"] == what

    def test_warnings_of_the_header(self) -> None:
        data = bytearray(SAMPLE)
        assert read("ts32297", SAMPLE).control == Control(sequence=309)
        data[26], data[47] = 128, 5  # closure reason behind the sequence number, lost records behind the node address
        control = read("ts32297", bytes(data)).control
        assert control is not None
        assert [(warning.code, warning.params) for warning in control.warnings] == [
            ("ABNORMAL_CLOSURE", {"reason": 128}),
            ("LOST_RECORDS", {"indicator": 5}),
        ]

    def test_unknown_length_and_count(self) -> None:
        data = file_of(pgw(container("64", "01", "01", "01")), count=0xFFFFFFFF, length=0xFFFFFFFF)
        assert read("ts32297", data).file_problem is None

    def test_header_with_filter_and_extension(self) -> None:
        plain = file_of(pgw(container("64", "01", "01", "01")))
        head = bytearray(plain[:48]) + b"\x00\x03abc" + b"\x00\x02xy" + b"\x00"
        struct.pack_into(">II", head, 0, len(head) + len(plain) - 52, len(head))
        assert read("ts32297", bytes(head) + plain[52:]).events.height == 1

    def test_release_extension_octet_of_a_record(self) -> None:
        record = pgw(container("64", "01", "01", "01"))
        body = struct.pack(">HBBB", len(record), 0xE0, 0x27, 0x05) + record
        data = file_of(record)[:52] + body
        data = struct.pack(">I", len(data)) + data[4:]
        assert read("ts32297", data).events.height == 1


class TestNoise:
    @settings(max_examples=300)
    @given(spoilt(SAMPLE))
    def test_never_raises(self, data: bytes) -> None:
        read("ts32297", data)

    @settings(max_examples=200)
    @given(spoilt(SAMPLE[56:225]))
    def test_bare_never_raises(self, data: bytes) -> None:
        result = read("ts32298", data)
        get_format("ts32298").replay(result.events["raw"].to_list() + [p.raw for p in result.problems], POLAND)

    @settings(max_examples=200)
    @given(spoilt(TestCircuitCore.MO_CALL + TestCircuitCore.MT_CALL + TestCircuitCore.MO_SMS))
    def test_circuit_core_never_raises(self, data: bytes) -> None:
        read("ts32298", data)

    @given(st.lists(st.text(max_size=60), max_size=5))
    def test_replay_never_raises(self, raws: list[str]) -> None:
        assert get_format("ts32297").replay(raws, POLAND).rows == len(raws)

    @pytest.mark.parametrize("bomb", [b"\x30\x80" * 2_000_000, b"\xbf\x4f\x80" * 1_000_000, bytes(8_000_000)])
    def test_bombs_end_quickly(self, bomb: bytes) -> None:
        begun = time.process_time()
        read("ts32298", bomb)
        read("ts32297", bomb)
        assert time.process_time() - begun < 5
