"""Sorting what was asked into stages, and sharing files out to two workers."""

from pathlib import Path

import pytest

from bss_cli import odoo_run, testing
from bss_cli.errors import UserError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("addons/bss_x/tests/test_a.py", "tests/kernels/test_k.py", "tests/e2e/test_e.py", "docs/x.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_nothing_means_everything(root: Path) -> None:
    assert list(testing.select([], root).stages) == list(testing.STAGES)


def test_paths_find_their_stage(root: Path) -> None:
    chosen = testing.select(["addons/bss_x/", "tests/kernels/test_k.py::test_one", "tests/e2e"], root)
    assert chosen.stages == {
        "addons": ["addons/bss_x"],
        "kernels": ["tests/kernels/test_k.py::test_one"],
        "e2e": ["tests/e2e"],
    }


def test_a_stage_by_its_name(root: Path) -> None:
    assert testing.select(["matrix"], root).stages == {"matrix": []}


@pytest.mark.parametrize("path", ["addons/nothing", "docs/x.py"])
def test_what_is_no_test_is_told(root: Path, path: str) -> None:
    with pytest.raises(UserError):
        testing.select([path], root)


def test_shares_are_balanced_by_time() -> None:
    weights = {"a": 10.0, "b": 6.0, "c": 5.0}
    assert testing.split(["a", "b", "c"], weights, 2) == [["a"], ["b", "c"]]


def test_no_empty_share() -> None:
    assert testing.split(["a"], {}, 2) == [["a"]]


def test_a_chosen_port_is_left_alone() -> None:
    assert odoo_run.ports(["--http-port=1234"]) == []
    assert odoo_run.ports(["--no-http"]) == []
    assert len(odoo_run.ports(["-d", "x"])) == 2
