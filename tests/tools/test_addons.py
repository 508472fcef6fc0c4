"""Which addons a run needs, and when a template is out of date."""

from pathlib import Path

import pytest

from bss_cli import addons
from bss_cli.errors import UserError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, depends in {
        "bss_catalog": ["account"],
        "bss_contracts": ["bss_catalog", "sale_management"],
        "bss_dunning": ["bss_contracts"],
        "bss_ksef": ["account"],
    }.items():
        (tmp_path / name / "models").mkdir(parents=True)
        (tmp_path / name / "__manifest__.py").write_text(repr({"name": name, "depends": depends}))
        (tmp_path / name / "models" / "a.py").write_text("x = 1\n")
    return tmp_path


def test_present_in_install_order(folder: Path) -> None:
    assert addons.present(folder) == ["bss_catalog", "bss_contracts", "bss_ksef", "bss_dunning"]


def test_closure_is_lowest_first(folder: Path) -> None:
    assert addons.closure(["bss_dunning"], folder) == ["bss_catalog", "bss_contracts", "bss_dunning"]
    assert addons.closure(["bss_ksef"], folder) == ["bss_ksef"]


def test_a_broken_manifest_is_named(folder: Path) -> None:
    (folder / "bss_ksef" / "__manifest__.py").write_text("{")
    with pytest.raises(UserError, match="bss_ksef/__manifest__.py"):
        addons.closure(["bss_ksef"], folder)


@pytest.mark.parametrize("name", ["models/a.py", "views/new.xml", "i18n/pl.po"])
def test_code_changes_the_hash(folder: Path, name: str) -> None:
    before = addons.code_hash(["bss_ksef"], folder)
    path = folder / "bss_ksef" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("changed")
    assert addons.code_hash(["bss_ksef"], folder) != before


@pytest.mark.parametrize("name", ["tests/test_x.py", "README.md", "ksef_core/fa3/x.py", "static/src/x.js"])
def test_tests_docs_and_kernels_do_not(folder: Path, name: str) -> None:
    before = addons.code_hash(["bss_ksef"], folder)
    path = folder / "bss_ksef" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("changed")
    assert addons.code_hash(["bss_ksef"], folder) == before


def test_neighbours_do_not(folder: Path) -> None:
    before = addons.code_hash(["bss_ksef"], folder)
    (folder / "bss_dunning" / "models" / "a.py").write_text("changed")
    assert addons.code_hash(["bss_ksef"], folder) == before
