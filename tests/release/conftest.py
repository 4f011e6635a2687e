"""The release file, built once per session, and started in a clean environment as in a shop."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from release.building import build
from release.targets import PYTHONS, TARGETS, Target
from release.wheels import fetch

ROOT = Path(__file__).resolve().parents[2]
WHEELS = ROOT / "build" / "wheels"


def target_named(name: str) -> Target:
    return next(target for target in TARGETS if target.name == name)


@dataclass(frozen=True)
class Pc:
    """A PC that has only the release file, a Python, and its own home folder."""

    file: Path
    home: Path
    python: str = getattr(sys, "_base_executable", sys.executable)
    variables: dict[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()  # a command prefix for every start

    @property
    def cache(self) -> Path:
        return self.home / ".cache" / "CleanFlow"

    @property
    def environ(self) -> dict[str, str]:
        return {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **self.variables}

    def with_(self, **variables: str) -> Pc:
        return replace(self, variables={**self.variables, **variables})

    def begin(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.before, self.python, "-I", str(self.file), *words],
            env=self.environ,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start(self, *words: str) -> tuple[int, str, str]:
        """Start the file; returns (status, standard output, standard error)."""
        process = self.begin(*words)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def homes(self) -> list[Path]:
        """The unpacked programs in the cache, complete or not."""
        return sorted(path for path in self.cache.iterdir() if path.is_dir()) if self.cache.is_dir() else []


@pytest.fixture(scope="session")
def linux_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("linux", tmp_path_factory.mktemp("release"))


def built(name: str, folder: Path) -> Path:
    """The built release file; missing packages are fetched."""
    fetch(target_named(name), WHEELS, print)
    return build(target_named(name), WHEELS, folder)


@pytest.fixture
def pc(linux_file: Path, tmp_path: Path) -> Pc:
    return Pc(linux_file, tmp_path)


@pytest.fixture(scope="session")
def unpacked_home(linux_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder in which the file has been started before."""
    home = tmp_path_factory.mktemp("home")
    status, _out, err = Pc(linux_file, home).start("--version")
    assert status == 0, err
    return home


@pytest.fixture
def known_pc(linux_file: Path, unpacked_home: Path, tmp_path: Path) -> Pc:
    """A PC that has already unpacked the file; its data belong to this test."""
    cache = str(unpacked_home / ".cache" / "CleanFlow")
    return Pc(linux_file, tmp_path, variables={"CLEANFLOW_CACHE": cache})


def pythons() -> list[str]:
    """The supported CPythons on this machine, one per version."""
    found: dict[str, str] = {}
    for place in (Path(sys.base_prefix).parent, Path("/usr/bin"), Path("/usr/local/bin")):
        for version in PYTHONS:
            for path in (*place.glob(f"{version}*/bin/python3"), place / f"python{version}"):
                if version not in found and os.access(path, os.X_OK) and _is_cpython(path, version):
                    found[version] = str(path)
    return list(found.values()) or [sys.executable]


def _is_cpython(path: Path, version: str) -> bool:
    asked = "import sys; print(sys.implementation.name, '{}.{}'.format(*sys.version_info))"
    done = subprocess.run([path, "-I", "-c", asked], capture_output=True, text=True)
    return done.stdout.split() == ["cpython", version]


def has_tkinter(python: str) -> bool:
    return subprocess.run([python, "-I", "-c", "import _tkinter"], capture_output=True).returncode == 0
