"""BER: lengths, tags, bombs, bounds."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation_core.formats import ber


class TestHeader:
    @pytest.mark.parametrize(
        ("octets", "expected"),
        [
            ("0203010203", (0x02, 2, 3)),
            ("bf2203010203", (0xBF22, 3, 3)),
            ("7f814703010203", (0x7F8147, 4, 3)),
            ("300b", (0x30, 2, 11)),
            ("3081c8", (0x30, 3, 200)),
            ("30820488", (0x30, 4, 1160)),
            ("3080", (0x30, 2, -1)),
        ],
    )
    def test_tag_and_length(self, octets: str, expected: tuple[int, int, int]) -> None:
        data = bytes.fromhex(octets)
        assert ber.header(data, 0, len(data)) == expected

    @pytest.mark.parametrize(
        "octets",
        [
            "",  # nothing
            "02",  # no length
            "1f",  # tag goes on
            "1f818283848586",  # tag without an end
            "0480",  # indefinite length of a primitive
            "3085",  # length of length without length
            "30850000000001",  # more octets of length than any file needs
        ],
    )
    def test_not_a_header(self, octets: str) -> None:
        data = bytes.fromhex(octets)
        assert ber.header(data, 0, len(data)) is None

    def test_tag_octets(self) -> None:
        assert ber.tag_octets(2, 3) == 0x83
        assert ber.tag_octets(2, 34, constructed=True) == 0xBF22
        assert ber.tag_octets(1, 199, constructed=True) == 0x7F8147
        assert ber.tag_octets(1, 30) == 0x5E


class TestContents:
    # 30: { 02 01 05, 30 80 { 04 01 AA } 00 00, 02 01 07 }
    NESTED = bytes.fromhex("02010530800401aa0000020107")

    def test_items_of_both_kinds_of_length(self) -> None:
        assert ber.items(self.NESTED, 0, 13) == [(0x02, 2, 3), (0x30, 5, 8), (0x02, 12, 13)]

    def test_first_of_equal_tags_counts(self) -> None:
        assert ber.fields(self.NESTED, 0, 13) == {0x02: (2, 3), 0x30: (5, 8)}

    def test_flat_goes_into_everything(self) -> None:
        found = ber.flat(self.NESTED, 0, 13, frozenset({0x02}))
        assert found is not None
        assert found[0] == {0x02: (2, 3), 0x30: (5, 8), 0x04: (7, 8)}
        assert found[1] == [(0x02, 2, 3), (0x02, 12, 13)]

    @pytest.mark.parametrize("octets", ["020205", "300302020500", "3080020105", "30050203", "0201"])
    def test_what_does_not_fit_is_none(self, octets: str) -> None:
        data = bytes.fromhex(octets)
        assert ber.flat(data, 0, len(data), frozenset()) is None
        if octets != "300302020500":  # only its inside is broken
            assert ber.items(data, 0, len(data)) is None
            assert ber.fields(data, 0, len(data)) is None

    def test_end_beyond_the_data(self) -> None:
        assert ber.items(b"\x02\x01\x05", 0, 9) is None
        assert ber.fields(b"\x02\x01\x05", 0, 9) is None
        assert ber.flat(b"\x02\x01\x05", 0, 9, frozenset()) is None

    def test_numbers(self) -> None:
        assert ber.unsigned(bytes.fromhex("0100000001"), (0, 5)) == 4_294_967_297
        assert ber.unsigned(b"\xff", (0, 1)) is None
        assert ber.unsigned(b"", (0, 0)) is None
        assert ber.unsigned(bytes(10), (0, 10)) is None
        assert ber.signed(b"\xff\x38", (0, 2)) == -200

    @given(st.binary(max_size=200))
    def test_any_bytes(self, data: bytes) -> None:
        for read in (ber.items, ber.fields):
            found = read(data, 0, len(data))
            spans = (
                [] if found is None else [item[-2:] for item in (found.values() if isinstance(found, dict) else found)]
            )
            assert all(0 <= start <= stop <= len(data) for start, stop in spans)
        walked = ber.flat(data, 0, len(data), frozenset({2, 4, 0x30}))
        if walked is not None:
            assert all(0 <= start <= stop <= len(data) for start, stop in walked[0].values())


class TestShapes:
    LOGGED = frozenset({2, 4})

    @given(st.lists(st.binary(max_size=40), min_size=1, max_size=12), st.data())
    def test_memory_changes_nothing(self, records: list[bytes], data: st.DataObject) -> None:
        shapes = ber.Shapes(self.LOGGED)
        built = [
            ber.element(0x30, ber.element(2, r[:3]) + ber.element(4, r[3:])) + ber.element(5, b"") for r in records
        ]
        for record in data.draw(st.permutations([*records, *built, *(b[:-1] + b"\x01" for b in built)])):
            assert shapes.walk(record) == ber.flat(record, 0, len(record), self.LOGGED)

    def test_same_shape_with_other_values(self) -> None:
        shapes = ber.Shapes(self.LOGGED)
        first, other = bytes.fromhex("300602010504017a"), bytes.fromhex("3006020107040130")
        assert shapes.walk(first) is shapes.walk(other)
        # A value that looks like a length is still a value; a length that differs is another shape.
        assert shapes.walk(bytes.fromhex("3006020205040130")) != shapes.walk(first)

    def test_memory_is_bounded(self) -> None:
        shapes = ber.Shapes(self.LOGGED)
        for number in range(20_000):
            shapes.walk(
                ber.element(2, bytes(number % 300)) + ber.element(number % 30 << 1 & 0xDF | 4, bytes(number % 97))
            )
        assert sum(map(len, shapes._known.values())) <= 1_000


class TestBombs:
    def test_nested_indefinite_lengths_are_refused_in_one_pass(self) -> None:
        data = b"\x30\x80" * 500_000
        begun = time.process_time()
        assert ber.end_of_contents(data, 2, len(data)) is None
        assert ber.items(data, 0, len(data)) is None
        assert ber.flat(data, 0, len(data), frozenset()) is None
        assert time.process_time() - begun < 1

    def test_nested_definite_lengths_end_at_the_limit_of_depth(self) -> None:
        data = b""
        for _ in range(200):
            data = ber.element(0x30, data)
        assert ber.flat(data, 0, len(data), frozenset()) is None

    def test_many_small_elements_end_at_the_limit(self) -> None:
        assert ber.items(b"\x05\x00" * 20, 0, 40, limit=10) is None

    def test_stream_of_an_endless_element_stops_at_the_limit(self) -> None:
        class Endless(io.RawIOBase):
            given = 0

            def read(self, size: int = -1) -> bytes:
                Endless.given += size
                return b"\x30\x80" + b"\x04\x01\xaa" * (size // 3)

        window = ber.Window(Endless())  # type: ignore[arg-type]
        assert window.element(1 << 20) == ber.TOO_LARGE
        assert Endless.given < 8 << 20


class TestWindow:
    def test_elements_over_the_edge_of_the_window(self) -> None:
        whole = b"".join(ber.element(0x04, bytes([n]) * n) for n in range(1, 100))
        window = ber.Window(io.BytesIO(whole), size=7)
        seen = []
        while not isinstance(found := window.element(1000), str):
            tag, start, stop = found
            assert tag == 0x04
            seen.append(window.data[start:stop])
        assert found == ber.END
        assert seen == [bytes([n]) * n for n in range(1, 100)]
        assert window.done == len(whole)

    @pytest.mark.parametrize(
        ("octets", "limit", "why"),
        [
            ("", 10, ber.END),
            ("0405aabb", 10, ber.TRUNCATED),
            ("04", 10, ber.TRUNCATED),
            ("0405aabbccddee", 4, ber.TOO_LARGE),
            ("30800401aa", 10, ber.TRUNCATED),
            ("1fffffffffffffffffffffff", 10, ber.MALFORMED),
        ],
    )
    def test_why_there_is_no_element(self, octets: str, limit: int, why: str) -> None:
        assert ber.Window(io.BytesIO(bytes.fromhex(octets))).element(limit) == why

    def test_indefinite_element(self) -> None:
        window = ber.Window(io.BytesIO(bytes.fromhex("30800401aa0000020107")), size=3)
        found = window.element(100)
        assert not isinstance(found, str)
        assert window.data[found[1] : found[2]] == bytes.fromhex("0401aa")
        again = window.element(100)
        assert not isinstance(again, str) and again[0] == 0x02

    @pytest.mark.parametrize("length", [9, -1])
    def test_blocks(self, length: int) -> None:
        data = bytes.fromhex("020105020106020107") + (b"\x00\x00" if length < 0 else b"") + b"\x04\x00"
        window = ber.Window(io.BytesIO(data), size=4)
        values = []
        for item in ber.blocks(window, length, 100):
            assert not isinstance(item, str)
            values.append(window.data[item[1] : item[2]])
        assert values == [b"\x05", b"\x06", b"\x07"]
        assert window.element(10)[0] == 0x04

    def test_block_that_leaves_its_list(self) -> None:
        window = ber.Window(io.BytesIO(bytes.fromhex("020105020406070809")))
        found = list(ber.blocks(window, 5, 100))
        assert found[-1] == ber.MALFORMED
