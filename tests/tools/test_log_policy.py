"""Which lines of the server log fail a run."""

import pytest

from bss_cli.log_policy import ALLOWED, violations

HEAD = "2026-11-21 19:38:07,012 9253"


def test_informative_lines_pass() -> None:
    assert violations([f"{HEAD} INFO db odoo.registry: Registry loaded in 46.331s", "stray output"]) == []


def test_a_warning_is_found_with_its_logger() -> None:
    (found,) = violations([f"{HEAD} WARNING db odoo.models: unknown field: x"])
    assert (found.level, found.logger, found.message) == ("WARNING", "odoo.models", "unknown field: x")


def test_a_traceback_belongs_to_its_error() -> None:
    lines = [
        f"{HEAD} ERROR db odoo.http: boom",
        "Traceback (most recent call last):",
        "ValueError: x",
        f"{HEAD} INFO db odoo.http: next",
    ]
    (found,) = violations(lines)
    assert found.message.splitlines()[-1] == "ValueError: x"


def test_a_library_may_deprecate_but_our_addons_may_not() -> None:
    theirs = f"{HEAD} WARNING db py.warnings: /x/odoo/addons/auth_signup/m.py:82: DeprecationWarning: old"
    ours = f"{HEAD} WARNING db py.warnings: /x/addons/bss_rating/m.py:82: DeprecationWarning: old"
    assert violations([theirs]) == []
    assert len(violations([ours])) == 1


def test_the_list_is_short_and_says_why() -> None:
    assert len(ALLOWED) <= 8
    assert all(len(entry.reason) > 20 for entry in ALLOWED)


@pytest.mark.parametrize("level", ["WARNING", "ERROR", "CRITICAL"])
def test_every_bad_level_counts(level: str) -> None:
    assert len(violations([f"{HEAD} {level} ? odoo.x: y"])) == 1
