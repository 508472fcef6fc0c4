"""100,000 events of random worlds rated by the kernel and by the second-by-second oracle: no difference."""

from __future__ import annotations

from collections.abc import Callable
from random import Random, SystemRandom

from tests.kernels.rating_checks import check
from tests.kernels.rating_stories import world

SIZES = (30, 125, 125, 125, 600)


def test_no_difference_to_the_oracle(soak_size: Callable[[int, int], int]) -> None:
    seed = SystemRandom().randrange(10**12)
    waiting = soak_size(500, 100_000)
    while waiting > 0:
        size = min(Random(seed).choice(SIZES), waiting)
        check(world(Random(seed), size), f"world(Random({seed}), {size})")
        waiting -= size
        seed += 1
