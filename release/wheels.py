"""Chooses, fetches and verifies the wheels of a release file.

A lock file (`wheels-linux.txt` …) has one line per wheel, `SHA-256  file name`, in the format of
`sha256sum --check`. `python3 -m release lock` makes it from the requirements of setup.cfg, and a build uses
nothing else. pip fetches the wheels, from the index that it is configured for.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from cleanflow import environment
from release.targets import PYTHONS, Target

HERE = Path(__file__).resolve().parent


class NotBuilt(Exception):
    """A file cannot be built; the text says why."""


def lock_file(target: Target) -> Path:
    """The path of ``target``'s lock file."""
    return HERE / f"wheels-{target.name}.txt"


def locked(target: Target) -> dict[str, str]:
    """File name -> SHA-256 of every wheel in ``target``'s lock file. Raises NotBuilt if it is missing."""
    path = lock_file(target)
    if not path.is_file():
        raise NotBuilt(f"{path.name} is missing: python3 -m release lock makes it.")
    lines = (line.split() for line in path.read_text(encoding="ascii").splitlines() if line)
    return {name: digest for digest, name in lines}


def wheels_for(names: list[str], target: Target, python: str) -> list[str]:
    """The wheels of ``names`` that fit Python version ``python``, judged by their file names."""
    digits = python.replace(".", "")
    return [name for name in names if _fits(name, digits)]


def _fits(name: str, digits: str) -> bool:
    pythons, abi = name.removesuffix(".whl").split("-")[-3:-1]
    return f"cp{digits}" in pythons.split(".") or abi in ("none", "abi3")


# --- fetching --------------------------------------------------------------------------------------


def fetch(target: Target, folder: Path, say: Callable[[str], None]) -> None:
    """Fetch the locked wheels of ``target`` that are not yet in ``folder``. Raises NotBuilt."""
    wanted = locked(target)
    folder.mkdir(parents=True, exist_ok=True)
    for python in PYTHONS:
        missing = [
            name for name in wheels_for(list(wanted), target, python) if not _is_there(folder / name, wanted)
        ]
        if missing:
            say(f"fetching {len(missing)} packages for {target.system}, Python {python} …")
            with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="ascii") as file:
                file.writelines(_requirement(name, wanted[name]) for name in missing)
                file.flush()
                _download(target, python, folder, ["--no-deps", "--require-hashes", "-r", file.name])
    for name in wanted:
        if not _is_there(folder / name, wanted):
            raise NotBuilt(f"{name}, which {lock_file(target).name} names, could not be fetched.")


def _requirement(name: str, digest: str) -> str:
    distribution, version = name.split("-")[:2]
    return f"{distribution}=={version} --hash=sha256:{digest}\n"


def _is_there(path: Path, wanted: dict[str, str]) -> bool:
    return path.is_file() and sha256(path) == wanted[path.name]


def sha256(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(target: Target, python: str, folder: Path, words: list[str]) -> None:
    command = [sys.executable, "-I", "-m", "pip", "download", "--quiet", "--no-input", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--dest", str(folder)]
    command += ["--python-version", python, "--implementation", "cp"]
    command += [word for platform in target.platforms for word in ("--platform", platform)]
    done = subprocess.run([*command, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["no message"]
        raise NotBuilt(f"pip cannot fetch for {target.system}, Python {python}: {lines[-1][:300]}")


# --- locking ---------------------------------------------------------------------------------------


def lock(target: Target, say: Callable[[str], None]) -> None:
    """Choose the newest wheels that setup.cfg allows, one version for all Pythons; write the lock file."""
    if "{}.{}".format(*sys.version_info[:2]) != PYTHONS[0]:
        # pip evaluates the packages' requirements for the Python that runs it.
        raise NotBuilt(f"lock must be run with Python {PYTHONS[0]}.")
    say(f"choosing packages for {lock_file(target).name} …")
    wanted = requirements(target)
    found: dict[str, str] = {}
    for python in PYTHONS:
        with tempfile.TemporaryDirectory() as folder:
            _download(target, python, Path(folder), wanted)
            wheels = sorted(Path(folder).iterdir())
            found |= {wheel.name: sha256(wheel) for wheel in wheels}
            # The other Pythons get the same versions.
            wanted = [*requirements(target), *("{}=={}".format(*wheel.name.split("-")) for wheel in wheels)]
    lines = [f"{digest}  {name}\n" for name, digest in sorted(found.items())]
    lock_file(target).write_text("".join(lines), encoding="ascii", newline="\n")


def requirements(target: Target) -> list[str]:
    """The requirements of setup.cfg on ``target``'s system, without those that the target leaves out."""
    groups = environment.requirements(str(HERE.parent), target.extras)
    asked = [line for lines in groups.values() for line in lines]
    kept = []
    for line in asked:
        requirement, _, marker = (part.strip() for part in line.partition(";"))
        if marker and marker != f'platform_system == "{target.system}"':
            continue
        distribution = re.split(r"[\[<>=!~ ]", requirement)[0]
        if distribution not in target.without:
            kept.append(requirement)
    return [*kept, *target.besides]
