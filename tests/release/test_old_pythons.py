"""An unsuitable Python prints one sentence that says what to do."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.release.conftest import ROOT, Pc

FACTS = {"system": "Linux", "pieces": ["cpython-311-x86_64-linux-gnu"]}


@pytest.fixture
def loader() -> ModuleType:
    spec = importlib.util.spec_from_file_location("loader", ROOT / "release" / "loader" / "__main__.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("version", "tag", "platform", "words"),
    [
        ((3, 10), "cpython-310-x86_64-linux-gnu", "linux", "needs Python 3.11 to 3.14"),
        ((3, 15), "cpython-315-x86_64-linux-gnu", "linux", "started with Python 3.15"),
        ((3, 11), "cp311-win_amd64", "win32", "this PC runs Windows"),
        ((3, 13), "cpython-313t-x86_64-linux-gnu", "linux", "another kind"),
        ((3, 11), "cpython-311-aarch64-linux-gnu", "linux", "Intel or AMD"),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    loader: ModuleType, version: tuple[int, int], tag: str, platform: str, words: str
) -> None:
    with pytest.raises(loader.Refused, match=words):
        loader.require_python(FACTS, version, tag, platform)


def test_the_python_it_is_for_is_let_in(loader: ModuleType) -> None:
    loader.require_python(FACTS, (3, 11), "cpython-311-x86_64-linux-gnu", "linux")


def test_old_pythons_of_this_machine_get_the_sentence(pc: Pc) -> None:
    old = [
        path
        for path in Path(sys.base_prefix).parent.glob("*/bin/python")
        if path.parent.parent.name.startswith(("2.7", "3.6", "3.8", "3.10."))
    ]
    if not old:
        pytest.skip("no old Python here")
    for python in old:
        done = subprocess.run([python, pc.file, "init"], capture_output=True, text=True, env=pc.environ)
        assert done.returncode == 1 and done.stdout == ""
        assert "needs Python 3.11 to 3.14" in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_python_without_tkinter_is_told_how_to_get_it(known_pc: Pc) -> None:
    """A module that cannot be imported hides tkinter, as on systems that package it separately."""
    hidden = known_pc.home / "hidden"
    hidden.mkdir()
    (hidden / "_tkinter.py").write_text("raise ImportError('not here')")
    done = subprocess.run(
        [known_pc.python, known_pc.file, "--data", known_pc.home / "data"],
        capture_output=True,
        text=True,
        env={**known_pc.environ, "PYTHONPATH": str(hidden)},
    )
    assert done.returncode == 1 and "needs tkinter" in done.stderr and "Traceback" not in done.stderr
