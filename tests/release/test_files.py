"""The content of the release files, without starting them: the Windows file cannot be started here."""

from __future__ import annotations

import ast
import io
import re
import zipfile
from pathlib import Path

import pytest

from release.targets import PYTHONS, TARGETS
from release.wheels import locked, requirements, wheels_for
from tests.release.conftest import ROOT, built, target_named

BUDGET_BYTES = 40_000_000


@pytest.fixture(scope="session")
def windows_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("windows", tmp_path_factory.mktemp("release"))


def names_in(file: Path) -> dict[str, list[str]]:
    """Piece -> names of its files."""
    with zipfile.ZipFile(file) as outer:
        pieces = [name for name in outer.namelist() if name.startswith("pieces/")]
        return {Path(name).stem: zipfile.ZipFile(io.BytesIO(outer.read(name))).namelist() for name in pieces}


def test_the_same_source_gives_the_same_bytes(linux_file: Path, tmp_path: Path) -> None:
    again = built("linux", tmp_path / "another folder")
    assert again.read_bytes() == linux_file.read_bytes()
    assert linux_file.stat().st_size < BUDGET_BYTES


def test_the_linux_file_has_modules_for_every_python(linux_file: Path) -> None:
    pieces = names_in(linux_file)
    assert set(pieces) == {"common", *target_named("linux").tags.values()}
    for tag in target_named("linux").tags.values():
        assert f"PIL/_imaging.{tag}.so" in pieces[tag]
    everything = [name for names in pieces.values() for name in names]
    assert "cleanflow/sql/0001_books/10_local.sql" in everything and "cleanflow/cli/__init__.py" in everything
    assert not [name for name in everything if name.endswith((".pyd", ".dll", ".exe", ".pyc"))]
    assert not [name for name in everything if "avif" in name.lower() and name.endswith(".so")]


def test_the_windows_file_has_modules_for_every_python_and_nothing_of_linux(windows_file: Path) -> None:
    assert windows_file.stat().st_size < BUDGET_BYTES
    pieces = names_in(windows_file)
    for python in PYTHONS:
        tag = f"cp{python.replace('.', '')}-win_amd64"
        assert f"PIL/_imaging.{tag}.pyd" in pieces[tag]
        assert f"PIL/_imagingtk.{tag}.pyd" in pieces[tag]
        assert any(
            name.startswith("charset_normalizer/") and name.endswith(f"{tag}.pyd") for name in pieces[tag]
        )
        assert any(name.startswith("bidi/") and name.endswith(f"{tag}.pyd") for name in pieces[tag])
    assert {"pypdfium2_raw/pdfium.dll", "cleanflow/printing/windows_calls.py"} <= set(pieces["common"])
    assert not [name for names in pieces.values() for name in names if re.search(r"\.so(\.|$)", name)]
    with zipfile.ZipFile(windows_file) as outer:
        assert windows_file.read_bytes().startswith(b"PK"), "the launcher takes its default Python"
        assert outer.testzip() is None


def test_whoever_gets_the_file_gets_the_licences(linux_file: Path) -> None:
    with zipfile.ZipFile(linux_file) as outer:
        licences = zipfile.ZipFile(io.BytesIO(outer.read("licences.zip"))).namelist()
    packages = {name.split("-")[0].lower() for name in locked(target_named("linux"))}
    assert {name.partition("-")[0].lower() for name in licences} == packages


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_the_lock_names_one_wheel_of_each_package_for_every_python(target) -> None:  # type: ignore[no-untyped-def]
    names = list(locked(target))
    for python in PYTHONS:
        packages = [
            name.split("-")[0].lower().replace("_", "-") for name in wheels_for(names, target, python)
        ]
        assert len(packages) == len(set(packages)), "two versions of one package"
        asked = {re.split(r"[\[<>=!~ ]", line)[0].lower() for line in requirements(target)}
        assert asked <= set(packages), "run: python3 -m release lock"


def test_the_loaders_first_file_is_readable_to_old_pythons() -> None:
    source = (ROOT / "release" / "loader" / "__main__.py").read_text(encoding="ascii")
    tree = ast.parse(source, feature_version=(3, 4))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.AnnAssign)]


def test_nothing_asks_for_time_zones_by_name_which_the_windows_file_lacks() -> None:
    for room in ("cleanflow", "server"):
        for path in (ROOT / room).rglob("*.py"):
            assert "zoneinfo" not in path.read_text(encoding="utf-8"), path
