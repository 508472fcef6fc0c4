"""100,000 events of random worlds rated by the kernel and by the second-by-second oracle: no difference."""

from __future__ import annotations

from collections.abc import Callable
from random import Random, SystemRandom

from tests.kernels.rating_checks import check
from tests.kernels.rating_stories import world
from tests.kernels.rating_stories_dense import pools, tier_ends

STORIES = ((world, (30, 125, 125, 600)), (pools, (25, 60)), (tier_ends, (25, 60)))


def test_no_difference_to_the_oracle(soak_size: Callable[[int, int], int]) -> None:
    """Seven events in ten are of crooked worlds, the others of worlds about allowances and ends of tiers."""
    seed = SystemRandom().randrange(10**12)
    waiting = soak_size(500, 100_000)
    while waiting > 0:
        dice = Random(seed)
        teller, sizes = dice.choices(STORIES, (3, 4, 4))[0]
        size = min(dice.choice(sizes), waiting)
        check(teller(Random(seed), size), f"{teller.__name__}(Random({seed}), {size})")
        waiting -= size
        seed += 1
