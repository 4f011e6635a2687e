"""Environments of the other programs, created in the build folder on first use from the configured indexes.

A stamp with the requested packages is written last, so that a half-made environment is made again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / "build" / "alternatives"
_PIECASH = ("piecash>=1.2,<2",)
_POUCHDB = ("pouchdb@9", "express-pouchdb@4", "express@4")
_LIMIT_S = 300


class NotHere(Exception):
    """Another program cannot be measured on this PC; the text says why."""


def piecash_python(folder: Path = _FOLDER) -> str:
    """The Python of an environment with piecash."""
    place = folder / f"piecash-{sys.version_info.major}.{sys.version_info.minor}"
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not _is_made(place, _PIECASH):
        _make_again(place)
        run([sys.executable, "-m", "venv", str(place)], "no environment for piecash")
        pip = [str(python), "-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "20"]
        run([*pip, *_PIECASH], "piecash does not install here")
        _stamp(place, _PIECASH)
    return str(python)


def pouchdb_modules(folder: Path = _FOLDER) -> Path:
    """The node_modules folder with PouchDB and its server."""
    npm = shutil.which("npm")
    if not shutil.which("node") or not npm:
        raise NotHere("no node here (Debian has it in nodejs and npm)")
    place = folder / "pouchdb"
    if not _is_made(place, _POUCHDB):
        _make_again(place)
        (place / "package.json").write_text('{"private": true}')
        quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1", "--fetch-timeout=20000"]
        run([npm, "install", "--prefix", str(place), *quiet, *_POUCHDB], "PouchDB does not install here")
        _stamp(place, _POUCHDB)
    return place / "node_modules"


def _is_made(place: Path, wanted: Sequence[str]) -> bool:
    stamp = place / "made"
    return stamp.is_file() and stamp.read_text() == "\n".join(wanted)


def _stamp(place: Path, wanted: Sequence[str]) -> None:
    (place / "made").write_text("\n".join(wanted))


def _make_again(place: Path) -> None:
    if place.exists():
        shutil.rmtree(place)
    place.mkdir(parents=True)


def run(command: Sequence[str], trouble: str, limit_s: float = _LIMIT_S) -> None:
    """Run an installer. Raises NotHere with ``trouble`` and the installer's error if it fails."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotHere(f"{trouble}: not done after {limit_s:g} s") from None
    except OSError as error:
        raise NotHere(f"{trouble}: {error.strerror}") from None
    if done.returncode:
        raise NotHere(f"{trouble}: {_error_line(done.stderr + done.stdout)}")


def _error_line(text: str) -> str:
    """The last line of an installer's output that names an error, or else the last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    named = [line for line in lines if line.lower().startswith(("error:", "npm error code", "npm err! code"))]
    return (named or lines or ["without a word"])[-1][:160]
