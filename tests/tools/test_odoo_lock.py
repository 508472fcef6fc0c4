"""The lock file of Debian packages."""

from pathlib import Path

import pytest

from bss_cli import odoo_lock, odoo_source
from bss_cli.errors import UserError
from bss_cli.paths import LOCK

SHA = "a" * 64


def test_round_trip() -> None:
    packages = [odoo_lock.LockedPackage("odoo-19", "19.0.0+dfsg-1", "sid", SHA)]
    assert odoo_lock.parse_lock(odoo_lock.format_lock(packages)) == packages


def test_comments_and_blank_lines_are_skipped() -> None:
    assert odoo_lock.parse_lock("# nothing\n\n   # more\n") == []


@pytest.mark.parametrize("line", ["odoo-19 19.0 sid", f"odoo-19 19.0 sid {SHA} more", "odoo-19 19.0 sid short"])
def test_a_damaged_line_is_named(line: str) -> None:
    with pytest.raises(UserError, match="line 2"):
        odoo_lock.parse_lock(f"# head\n{line}\n")


def test_the_epoch_is_escaped_in_the_file_name() -> None:
    package = odoo_lock.LockedPackage("fonts-roboto-unhinted", "2:3.016-1", "sid", SHA)
    assert package.deb_name == "fonts-roboto-unhinted_2%3a3.016-1_all.deb"


def test_the_repository_locks_every_package_it_needs() -> None:
    locked = {p.name: p.suite for p in odoo_lock.parse_lock(LOCK.read_text())}
    assert locked == odoo_source.PACKAGES


def test_checksum_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert odoo_lock.sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
