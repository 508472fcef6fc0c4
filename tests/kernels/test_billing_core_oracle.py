"""2,000 random timelines against the day-by-day oracle (20,000 in ``./bss soak charges``)."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernels.charges_checks import check_story
from tests.kernels.charges_stories import story


@settings(max_examples=2_000)
@given(st.randoms(use_true_random=False))
def test_kernel_and_oracle_agree_on_every_day(dice):
    check_story(story(dice))
