"""Random timelines of services, charged bill after bill, against the day-by-day oracle: no grosz of difference."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.kernels.charges_checks import check_story
from tests.kernels.charges_stories import story


def test_no_difference_to_the_oracle(soak_size: Callable[[int, int], int]) -> None:
    first = random.SystemRandom().randrange(10**12)
    for seed in range(first, first + soak_size(50, 20_000)):
        try:
            check_story(story(random.Random(seed)))
        except AssertionError as error:
            raise AssertionError(f"story(Random({seed})): {error}") from error
