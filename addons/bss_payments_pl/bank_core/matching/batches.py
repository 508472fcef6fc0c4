"""What is worth doing for a whole batch of payments."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_cycles() -> Iterator[None]:
    """The search for garbage in cycles rests while one batch is read or matched.

    What is made of a payment are tuples without cycles, kept until the batch is done: each search would go through
    all of them, again and again, and free nothing. Whoever had switched it off before finds it off behind.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
