"""Recognising an Odoo tree."""

from pathlib import Path

import pytest

from bss_cli import odoo_source
from bss_cli.errors import UserError


def make_tree(top: Path, version: str = "(19, 0, 0, FINAL, 0, '')") -> Path:
    (top / "odoo" / "addons").mkdir(parents=True)
    (top / "odoo" / "release.py").write_text(f"version_info = {version}\n")
    return top


def test_a_checkout_uses_both_addon_folders(tmp_path: Path) -> None:
    top = make_tree(tmp_path)
    (top / "addons" / "account").mkdir(parents=True)
    (top / "addons" / "account" / "__manifest__.py").write_text("{}")
    found = odoo_source.describe_tree(top, "git", "x")
    assert found is not None
    assert found.addons_path == f"{top}/odoo/addons,{top}/addons"


def test_the_packaged_tree_uses_only_the_inner_folder(tmp_path: Path) -> None:
    inner = make_tree(tmp_path / odoo_source.DIST)
    (inner / "addons").mkdir()
    found = odoo_source.describe_tree(tmp_path, "debian", "x")
    assert found is not None
    assert found.python_path == inner
    assert found.addons_path == f"{inner}/odoo/addons"


def test_another_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="another version"):
        odoo_source.describe_tree(make_tree(tmp_path, "(18, 0, 0, FINAL, 0, '')"), "git", "x")


def test_an_empty_folder_is_no_tree(tmp_path: Path) -> None:
    assert odoo_source.describe_tree(tmp_path, "git", "x") is None


def test_a_wrong_setting_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BSS_ODOO", str(tmp_path))
    with pytest.raises(UserError, match="BSS_ODOO"):
        odoo_source.from_environment()


def test_links_are_turned_into_the_unpacked_root(tmp_path: Path) -> None:
    (tmp_path / "usr/share/js").mkdir(parents=True)
    (tmp_path / "usr/share/js/jquery.js").write_text("x")
    (tmp_path / "usr/lib").mkdir()
    link = tmp_path / "usr/lib/jquery.js"
    link.symlink_to("/usr/share/js/jquery.js")
    odoo_source.relink(tmp_path)
    assert link.resolve() == (tmp_path / "usr/share/js/jquery.js").resolve()
    assert link.read_text() == "x"
