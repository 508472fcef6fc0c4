"""Where the benchmark takes its wkhtmltopdf from; the network and apt stay out of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bss_cli import unpacked, wkhtmltopdf
from bss_cli.errors import UserError

APT = {"apt-get": "/usr/bin/apt-get", "dpkg": "/usr/bin/dpkg"}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wkhtmltopdf"
    monkeypatch.setattr(wkhtmltopdf, "UNPACKED", folder)
    monkeypatch.setattr(wkhtmltopdf, "WRAPPER", folder / "bin" / "wkhtmltopdf")
    monkeypatch.setattr(shutil, "which", APT.get)
    return folder


def test_the_systems_own_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert wkhtmltopdf.path() == "/usr/bin/wkhtmltopdf"


def test_unpacked_once_with_its_libraries(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def unpack(package: str, target: Path, title: str, cure: str) -> None:
        asked.append(package)
        library = target / "usr" / "lib" / "x86_64-linux-gnu"
        (library / "qt5" / "plugins").mkdir(parents=True)
        (library / "libQt5Core.so.5").touch()
        program = target / "usr" / "bin" / "wkhtmltopdf"
        program.parent.mkdir()
        program.write_text('#!/bin/sh\necho "$LD_LIBRARY_PATH $QT_PLUGIN_PATH $1"\n')
        program.chmod(0o755)

    monkeypatch.setattr(wkhtmltopdf, "unpack", unpack)
    found = wkhtmltopdf.path()
    assert found == wkhtmltopdf.path() == str(wkhtmltopdf.WRAPPER)
    assert asked == ["wkhtmltopdf"]
    library = place / "usr" / "lib" / "x86_64-linux-gnu"
    said = subprocess.run([found, "page"], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
    assert said.stdout.split() == [str(library), str(library / "qt5" / "plugins"), "page"]


def test_none_where_it_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def unpack(*_args: object) -> None:
        raise UserError("no network")

    monkeypatch.setattr(wkhtmltopdf, "unpack", unpack)
    assert wkhtmltopdf.path() is None
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert wkhtmltopdf.path() is None


def test_libraries_are_found_where_debian_puts_them(tmp_path: Path) -> None:
    for name in ("usr/lib/x86_64-linux-gnu/libA.so.1", "lib/x86_64-linux-gnu/libB.so", "usr/share/doc/x.so.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    folders = unpacked.library_path(tmp_path).split(os.pathsep)
    assert folders == [str(tmp_path / "lib/x86_64-linux-gnu"), str(tmp_path / "usr/lib/x86_64-linux-gnu")]
