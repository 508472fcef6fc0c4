"""A simple report of mass payments for tests, and the reader it is given to."""

from __future__ import annotations

from pathlib import Path

from bank_core import formats
from bank_core.formats.report_profile import Column, Profile
from bank_core.model import BankFile

DATA = Path(__file__).parent.parent / "data" / "bank" / "synthetic"
PAYER, VIRTUAL = "38109010140000071219812900", "96102055584444000000000101"
SIMPLE = Profile(
    "simple",
    "simple",
    (Column(1, field="date"), Column(2, field="amount"), Column(3, field="payer_key"), Column(4, field="title")),
    separator=";",
    quote="",
    encoding="cp1250",
)
ROW = f"20261002;4999;{VIRTUAL};FV 1"


def read(content: bytes | str, profile: Profile | None = SIMPLE) -> BankFile:
    data = content.encode("cp1250") if isinstance(content, str) else content
    return formats.read("report", data, profile=profile)


def codes(found: BankFile) -> list[str]:
    return [problem.code for problem in found.all_problems]
