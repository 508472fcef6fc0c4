"""2,000 random timelines against the day-by-day oracle (20,000 in ``./bss soak charges``)."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernels.charges_checks import check_story
from tests.kernels.charges_stories import story


@settings(max_examples=2_000)
@given(st.integers(0, 2**48))
def test_kernel_and_oracle_agree_on_every_day(seed):
    check_story(story(Random(seed)))
