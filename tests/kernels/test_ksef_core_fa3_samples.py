"""The 26 official samples of FA(3), rebuilt from data and compared with the published files element by element."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from tests.kernels import (
    fa3_samples_advances,
    fa3_samples_corrections,
    fa3_samples_foreign,
    fa3_samples_sales,
    fa3_samples_utility,
)
from tests.kernels.fa3_compare import differences

from ksef_core import fa3

FOLDER = Path(__file__).parent.parent / "data" / "ksef" / "fa3"
PUBLISHED = {int(re.findall(r"\d+", path.stem)[1]): path for path in FOLDER.glob("*.xml")}
REBUILT: dict[int, fa3.Invoice] = {
    **fa3_samples_sales.SAMPLES,
    **fa3_samples_corrections.SAMPLES,
    **fa3_samples_advances.SAMPLES,
    **fa3_samples_foreign.SAMPLES,
    **fa3_samples_utility.SAMPLES,
}
TODAY = date(2026, 11, 22)
# what our own check refuses although it was published: the sums of the sample do not agree
REFUSED = {
    1: [("gross_sum", "Fa/P_15")],  # 1666.66 + 383.33 + 0.95 + 0.05 = 2050.99, the sample says 2051
}


def test_every_published_sample_is_rebuilt() -> None:
    assert sorted(REBUILT) == sorted(PUBLISHED) == list(range(1, 27))


@pytest.mark.parametrize("number", sorted(REBUILT))
def test_says_the_same(number: int) -> None:
    assert differences(fa3.write(REBUILT[number]), PUBLISHED[number].read_bytes()) == []


@pytest.mark.parametrize("number", sorted(REBUILT))
def test_may_be_sent(number: int) -> None:
    found = fa3.freeze(REBUILT[number], TODAY)
    problems = [] if isinstance(found, fa3.Frozen) else [(problem.code, problem.element) for problem in found]
    assert problems == REFUSED.get(number, [])


def test_a_difference_is_seen() -> None:
    published = PUBLISHED[9].read_bytes()
    changed = published.replace(b"<P_15>2760</P_15>", b"<P_15>2760.01</P_15>").replace(b"<GV>2</GV>", b"")
    assert len(differences(published, changed)) == 2
    assert differences(published, published.replace(b"<P_15>2760</P_15>", b"<P_15> 2760.00</P_15>")) == []
