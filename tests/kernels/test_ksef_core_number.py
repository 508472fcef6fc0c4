import json
from datetime import date
from pathlib import Path

import pytest

from ksef_core import nip, number

DATA = Path(__file__).parent.parent / "data" / "ksef"
VECTORS = json.loads((DATA / "vectors" / "ksef-number-crc8.json").read_text("utf-8"))["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["number"])
def test_official_numbers(vector):
    assert number.crc8(vector["crc_input"]) == vector["computed"]
    assert number.is_valid(vector["number"]) is vector["valid"]


def test_parts_of_a_number():
    found = number.parse("5265877635-20250826-0100001AF629-AF")
    assert (found.nip, found.received, found.technical, found.checksum_ok) == (
        "5265877635",
        date(2025, 8, 26),
        "0100001AF629",
        True,
    )


def test_a_wrong_checksum_is_reported_not_refused():
    assert number.parse("9999999999-20230908-8BEF280C8D35-4D").checksum_ok is False


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5265877635-20250826-0100001AF629",
        "5265877635-20251326-0100001AF629-AF",
        "5265877635-20250826-0100001af629-AF",
        "5265877635-20250826-010000-1AF629-AF",
    ],
)
def test_other_shapes_are_no_numbers(text):
    assert number.parse(text) is None
    assert not number.is_valid(text)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("5261040567", True),
        ("5265877635", True),
        ("5261040568", False),
        ("0000000000", False),
        ("526104056", False),
        ("52610405670", False),
        ("５２６１０４０５６７", False),
    ],
)
def test_nip_check_digit(text, valid):
    assert nip.is_valid(text) is valid


@pytest.mark.parametrize("text", ["526-10-40-567", "PL5261040567", "pl 526 104 05 67", "5261040567"])
def test_nip_is_normalised(text):
    assert nip.normalise(text) == "5261040567"
