"""The collector of cycles rests for a batch, and goes on as before behind it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from bank_core.matching import Facts, more_needs, needs
from bank_core.matching.batches import no_cycles


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    yield
    gc.enable()


@pytest.mark.parametrize("was_on", [True, False])
def test_it_is_left_as_it_was_found(was_on: bool) -> None:
    if not was_on:
        gc.disable()
    with no_cycles():
        assert not gc.isenabled()
        with no_cycles():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled() == was_on


def test_it_goes_on_behind_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), no_cycles():
        _failed = 1 // 0
    assert gc.isenabled()


def test_both_questions_leave_it_on_and_rest_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    switched: list[str] = []
    monkeypatch.setattr("bank_core.matching.batches.gc.disable", lambda: switched.append("off"))
    monkeypatch.setattr("bank_core.matching.batches.gc.enable", lambda: switched.append("on"))
    needs([], [])
    more_needs([], Facts())
    assert switched == ["off", "on"] * 2
