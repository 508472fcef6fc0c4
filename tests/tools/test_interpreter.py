"""Which Python `./bss` runs with."""

import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ENTRY = Path(__file__).parents[2] / "bss"


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    for name in ("BSS_PYTHON", "BSS_PYTHON_TRIED"):
        monkeypatch.delenv(name, raising=False)
    loader = importlib.machinery.SourceFileLoader("bss_entry", str(ENTRY))
    spec = importlib.util.spec_from_loader("bss_entry", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def distribution(prefix: Path, name: str, *, ensurepip: bool) -> Path:
    """A folder as Debian's `/usr`, with an interpreter of that name as the default one."""
    (prefix / "bin").mkdir()
    program = prefix / "bin" / name
    program.touch(0o755)
    (prefix / "bin" / "python3").symlink_to(program)
    (prefix / "lib" / name).mkdir(parents=True)
    if ensurepip:
        (prefix / "lib" / name / "ensurepip").mkdir()
    return program


def test_distributions_own_is_preferred(entry: ModuleType, tmp_path: Path) -> None:
    program = distribution(tmp_path, "python3.12", ensurepip=True)
    assert entry.distributions(str(tmp_path)) == str(program)


@pytest.mark.parametrize(("name", "ensurepip"), [("python3.11", False), ("python3.9", True), ("python3.14", True)])
def test_one_that_cannot_serve_is_passed_over(entry: ModuleType, tmp_path: Path, name: str, ensurepip: bool) -> None:
    distribution(tmp_path, name, ensurepip=ensurepip)
    assert entry.distributions(str(tmp_path)) is None


def test_running_one_stays(entry: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "distributions", lambda: str(Path(sys.executable).resolve()))
    assert entry.preferred() is None
    monkeypatch.setattr(entry, "distributions", lambda: None)
    assert entry.preferred() is None


def test_choice_is_made_once(entry: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "distributions", lambda: "/usr/bin/another")
    assert entry.preferred() == "/usr/bin/another"
    monkeypatch.setenv("BSS_PYTHON_TRIED", "1")
    assert entry.preferred() is None
    assert entry.preferred() == "/usr/bin/another", "the mark is not handed on"


def test_user_may_name_one(entry: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BSS_PYTHON", sys.executable)
    assert entry.preferred() == sys.executable
    monkeypatch.setenv("BSS_PYTHON", "python-that-is-not-there")
    with pytest.raises(SystemExit, match="python-that-is-not-there"):
        entry.preferred()
