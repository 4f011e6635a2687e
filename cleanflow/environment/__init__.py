"""Creates the virtual environment of a checkout once, and restarts the command line in it.

Responsible for `.venv` in a checkout: it holds what setup.cfg requires, it is never used half-made, and every
failure is one sentence that says what to do. Nothing outside the checkout is touched, so the system's Python
never is. A release contains its packages and does not use this module.

The stamp file (`.venv/cleanflow-ready.json`: what was installed, with which Python, where) marks a complete
environment: it is written last and removed before anything is changed.

Running pip is left to pip_run.py, finding what the system lacks to system.py.

Standard library only. This folder, `cleanflow/__init__.py` and the launchers use only the syntax of Python
3.6, so that an old Python prints a sentence and not a syntax error; hence the quoted type hints.
"""

import os
import sys

from cleanflow.environment.pip_run import LOG_NAME, PipFailed, disk_sentence, install, logged
from cleanflow.environment.system import (
    OLDEST_PYTHON,
    OfflineError,
    SetupRefused,
    old_python_sentence,
    require_tkinter,
    require_venv,
)

STAMP_NAME = "cleanflow-ready.json"
_HAND_OVERS = "CLEANFLOW_HAND_OVERS"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import IO, TypedDict

    class Stamp(TypedDict):
        """Content of `.venv`: requirement strings per group, its Python version, and its path `venv`."""

        venv: str
        python: str
        installed: "dict[str, list[str]]"


# --- entering ------------------------------------------------------------------------------------


def enter(
    root: str,
    command: "Sequence[str]",
    argv: "Sequence[str]",
    groups: "Sequence[str]" = (),
    window: bool = False,
) -> "int | None":
    """Continue in the virtual environment of the checkout `root`; create or repair it if necessary.

    `command` are the words after `python` that start the caller again, and `argv` its arguments. `groups`
    are the extras of setup.cfg to install besides the program's own requirements. `window`: the caller
    cannot work without tkinter.

    Returns None if this process already runs in the environment, else an exit status. On POSIX the restart
    replaces this process and does not return. Progress is written to standard error only.
    """
    old = old_python_sentence()
    if old:
        print(old, file=sys.stderr)
        return 1
    root = os.path.realpath(root)
    hand_overs = int(os.environ.pop(_HAND_OVERS, None) or 0)
    try:
        ready = is_ready(root, groups)
        inside = runs_inside(os.path.join(root, ".venv"))
        if window and (inside or not ready):
            require_tkinter()
        if ready and inside:
            return None
        if not ready:
            _set_up(root, groups)
        if hand_overs >= 2:  # one is normal, a second one follows an update of the system's Python
            raise SetupRefused("the environment in .venv cannot be used: delete that folder and start again.")
        os.environ[_HAND_OVERS] = str(hand_overs + 1)
        return _hand_over(root, list(command) + list(argv))
    except SetupRefused as refused:
        say(str(refused))
        return 1
    except KeyboardInterrupt:
        say("interrupted; the next start carries on.")
        return 130


def opens_window(argv: "Sequence[str]") -> bool:
    """Whether the program's arguments name no command and therefore open the window."""
    return not _from_the_command(argv)


def groups_of(argv: "Sequence[str]") -> "tuple[str, ...]":
    """The extras of setup.cfg that the program's arguments need: `serve` needs `server`."""
    return ("server",) if _from_the_command(argv)[:1] == ["serve"] else ()


def _from_the_command(argv: "Sequence[str]") -> "list[str]":
    rest = list(argv)
    while rest and (rest[0] == "--data" or rest[0].startswith("--data=")):
        rest = rest[2:] if rest[0] == "--data" else rest[1:]
    return rest


def runs_inside(venv: str) -> bool:
    """Whether this process runs in `venv`."""
    return os.path.realpath(sys.prefix) == os.path.realpath(venv)


def venv_python(venv: str) -> str:
    """The path of the Python in `venv`: pythonw.exe if this process was started by one."""
    if os.name == "nt":
        windowed = os.path.basename(sys.executable).lower() == "pythonw.exe"
        return os.path.join(venv, "Scripts", "pythonw.exe" if windowed else "python.exe")
    return os.path.join(venv, "bin", "python")


def say(text: str) -> None:
    """Print one line to standard error, which does not exist under pythonw.exe."""
    if sys.stderr is not None:
        print("CleanFlow: " + text, file=sys.stderr, flush=True)


def _hand_over(root: str, words: "list[str]") -> int:
    venv = os.path.join(root, ".venv")
    python = venv_python(venv)
    os.environ.pop("PYTHONHOME", None)  # it would make the environment's Python use another one's library
    command = [python, "-s", *words]  # -s: ignore the user's site-packages
    if sys.stdout is not None:
        sys.stdout.flush()
    if os.name != "nt":
        try:
            os.execv(python, command)
        except OSError as error:
            raise SetupRefused(
                f"{python} does not start ({error.strerror}): delete {venv} and start again."
            ) from None
    return _run_on_windows(command)


def _run_on_windows(command: "list[str]") -> int:
    # os.exec* on Windows returns to the shell at once, and the exit status is lost.
    import signal
    import subprocess

    child = subprocess.Popen(command)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # the child receives Ctrl-C too and decides
    try:
        return child.wait()
    finally:
        signal.signal(signal.SIGINT, before)


# --- is it ready? --------------------------------------------------------------------------------


def requirements(root: str, groups: "Sequence[str]" = ()) -> "dict[str, list[str]]":
    """The requirement strings in setup.cfg, per group; "" is the program itself."""
    from configparser import Error, RawConfigParser

    setup = RawConfigParser()
    path = os.path.join(root, "setup.cfg")
    try:
        with open(path, encoding="utf-8") as file:
            setup.read_file(file)
        found = {"": setup.get("options", "install_requires")}
        for group in groups:
            found[group] = setup.get("options.extras_require", group)
    except (OSError, UnicodeError, Error) as error:
        raise SetupRefused(
            f"{path} cannot be read ({type(error).__name__}): this copy of CleanFlow is incomplete."
        ) from None
    return {
        group: [
            line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
        ]
        for group, text in found.items()
    }


def is_ready(root: str, groups: "Sequence[str]" = ()) -> bool:
    """Whether `.venv` is complete and holds what setup.cfg now requires. Reads two small files."""
    venv = os.path.join(root, ".venv")
    stamp = read_stamp(venv)
    if stamp is None or stamp["venv"] != venv or not os.access(venv_python(venv), os.X_OK):
        return False
    if runs_inside(venv) and stamp["python"] != _python_version():
        return False  # the system's Python was updated
    installed = stamp["installed"]
    wanted = requirements(root, groups)
    return all(installed.get(group) == wanted[group] for group in wanted)


def read_stamp(venv: str) -> "Stamp | None":
    """The stamp with its fields `venv`, `python`, `installed`; None if it is missing or damaged."""
    import json

    try:
        with open(os.path.join(venv, STAMP_NAME), encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return None
    whole = isinstance(stamp, dict) and isinstance(stamp.get("installed"), dict)
    return stamp if whole and {"venv", "python"} <= set(stamp) else None


def write_stamp(root: str, installed: "dict[str, list[str]]", python: str) -> None:
    """Mark `.venv` as complete: it holds `installed`, for Python version `python` ("3.11")."""
    import json

    venv = os.path.join(root, ".venv")
    path = os.path.join(venv, STAMP_NAME)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump({"venv": venv, "python": python, "installed": installed}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def _python_version() -> str:
    return "{}.{}".format(*sys.version_info[:2])


# --- making and repairing it ---------------------------------------------------------------------


def _set_up(root: str, groups: "Sequence[str]") -> None:
    try:
        with _alone(os.path.join(root, ".venv.lock")) as lock:
            if not is_ready(root, groups):  # another start may have done it meanwhile
                _make_or_repair(root, groups, lock)
    except OSError as error:
        raise SetupRefused(disk_sentence(root, error)) from None


def _make_or_repair(root: str, groups: "Sequence[str]", lock: int) -> None:
    import shutil
    import time

    started = time.monotonic()
    venv = os.path.join(root, ".venv")
    stamp_path = os.path.join(venv, STAMP_NAME)
    log_path = os.path.join(venv, LOG_NAME)
    stamp = read_stamp(venv)
    installed = stamp["installed"] if stamp else {}
    wanted = requirements(root, sorted((set(installed) & _extras(root)) | set(groups)))

    python = _version_of(venv_python(venv))
    if stamp:
        keep = python == stamp["python"]
    else:  # no stamp: half-made by us (our log is there), or made by a developer
        keep = bool(python) and not os.path.exists(log_path)
    if os.path.exists(stamp_path):
        os.remove(stamp_path)

    if keep:
        say("bringing the environment in .venv up to date …")
        try:
            install(venv_python(venv).replace("pythonw.exe", "python.exe"), venv, wanted, lock, say)
        except OfflineError:  # pip downloads everything before it changes anything: `.venv` is intact
            if stamp:
                write_stamp(root, installed, python)
            raise
        except PipFailed:
            keep = False
    if not keep:
        require_venv()
        if os.path.lexists(venv):
            say("the environment in .venv is unfinished or broken: making it again …")
            shutil.rmtree(venv)
        else:
            say("first start: making its own environment in .venv; this needs the internet, only once.")
        try:
            os.mkdir(venv)
            make = [
                getattr(sys, "_base_executable", sys.executable),
                "-I",
                "-m",
                "venv",
                "--prompt",
                "cleanflow",
                venv,
            ]
            for _ in logged(make, log_path, lock):
                pass
            install(venv_python(venv).replace("pythonw.exe", "python.exe"), venv, wanted, lock, say)
        except PipFailed:
            raise SetupRefused(
                f"the environment could not be made; what went wrong is in {log_path}."
            ) from None
    write_stamp(root, wanted, _version_of(venv_python(venv)))
    say(f"ready after {time.monotonic() - started:.0f} s.")


def _extras(root: str) -> "set[str]":
    from configparser import RawConfigParser

    setup = RawConfigParser()
    setup.read(os.path.join(root, "setup.cfg"), encoding="utf-8")
    return set(setup["options.extras_require"]) if setup.has_section("options.extras_require") else set()


def _version_of(python: str) -> str:
    """The version of `python`, such as "3.11", if it starts, is new enough and has pip; else ""."""
    import subprocess

    probe = "import sys, pip; print('{}.{}'.format(*sys.version_info[:2]))"
    try:
        answer = subprocess.run(
            [python, "-I", "-c", probe], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    version = answer.stdout.strip()
    new_enough = answer.returncode == 0 and tuple(map(int, version.split("."))) >= OLDEST_PYTHON
    return version if new_enough else ""


def _alone(path: str) -> "AbstractContextManager[int]":
    """Hold the lock file `path`, so that two simultaneous starts do not both install."""
    from contextlib import contextmanager

    @contextmanager
    def held() -> "Iterator[int]":
        with open(path, "a") as file:
            if not _try_lock(file):
                say("another start is setting up the environment, waiting for it …")
                _wait_for_lock(file)
            yield file.fileno()  # closing the file releases the lock

    return held()


def _try_lock(file: "IO[str]") -> bool:
    import errno

    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # On a file system without locks (some network drives) we go on without one.
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True


def _wait_for_lock(file: "IO[str]") -> None:
    import time

    while not _try_lock(file):
        time.sleep(0.25)
