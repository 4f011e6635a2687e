"""The wheel installs one top-level package, and the program works from it without the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from tests.release.conftest import ROOT

#: Sources of the wheel, copied because a build leaves files beside them.
_SOURCES = ("cleanflow", "server", "sql", "setup.cfg", "setup.py", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in _SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    _pip("wheel", "--no-deps", "--wheel-dir", str(folder), str(source))
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with only the installed package; its dependencies are those of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    _pip("install", "--no-deps", "--target", str(folder), str(wheel))
    return folder


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", *words, "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def run(installed: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the installed program outside the checkout."""
    command = [sys.executable, "-s", "-m", "cleanflow", "--data", str(home / "data"), *words]
    environ = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(installed)}
    done = subprocess.run(command, cwd=home, env=environ, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done


def test_the_package_takes_one_top_level_name(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
        (top_level,) = (name for name in names if name.endswith("/top_level.txt"))
        assert file.read(top_level).split() == [b"cleanflow"]
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"cleanflow"}
    assert [name for name in names if name.endswith("/LICENSE")], "whoever gets the package gets its licence"


def test_everything_of_the_checkout_is_in_the_package(wheel: Path) -> None:
    expected = set()
    for room, place in (("cleanflow", ""), ("server", "cleanflow/"), ("sql", "cleanflow/")):
        for path in (ROOT / room).rglob("*"):
            if path.suffix in (".py", ".sql"):
                expected.add(place + path.relative_to(ROOT).as_posix())
    with zipfile.ZipFile(wheel) as file:
        assert expected <= set(file.namelist())


def test_the_installed_program_makes_a_shop_and_verifies_it(installed: Path, tmp_path: Path) -> None:
    assert "usage" in run(installed, tmp_path, "--help").stdout
    made = (
        "init",
        "--shop",
        "Sparkle",
        "--currency",
        "USD",
        "--pc",
        "C1",
        "--owner",
        "Olga",
        "--pin",
        "1234",
    )
    run(installed, tmp_path, *made)
    assert (tmp_path / "data" / "cleanflow.db").is_file()
    assert json.loads(run(installed, tmp_path, "verify", "--json").stdout)["findings"] == []


def test_the_installed_program_has_its_server(installed: Path) -> None:
    # Not in pytest's folder, which PostgreSQL's user cannot enter.
    with tempfile.TemporaryDirectory(prefix="cleanflow-wheel-") as name:
        assert "new-shop" in run(installed, Path(name), "serve", "--help").stdout
        made = json.loads(run(installed, Path(name), "serve", "new-shop", "Sparkle", "--json").stdout)
        assert made["shop"] == "Sparkle" and made["join_code"]
