"""Makes the checkout's own Python environment once, and hands the command line over to it.

Responsible for `.venv` in a checkout: what setup.cfg asks for is in it, it is never half made, and
whatever goes wrong on the way is one sentence that says what to do. It touches nothing outside the
checkout, so never the system's Python. A release brings its packages along and does not come here.

How a half-made environment is told from a whole one: the stamp (`.venv/cleanflow-ready.json`: what
was installed, with which Python, where) is written last and removed before anything is changed.

Standard library only. This file, `cleanflow/__init__.py` and the launchers keep to what Python 3.6
can read, so that an old Python gets a sentence instead of a syntax error; hence the quoted hints.
"""

import os
import sys

OLDEST_PYTHON = (3, 11)
STAMP_NAME = "cleanflow-ready.json"
LOG_NAME = "cleanflow-setup.log"
_HAND_OVERS = "CLEANFLOW_HAND_OVERS"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import IO, TypedDict

    class Stamp(TypedDict):
        """What `.venv` holds: requirement strings per group, of Python `python`, at the path `venv`."""

        venv: str
        python: str
        installed: "dict[str, list[str]]"


class SetupRefused(Exception):
    """The environment cannot be made; the text is the one sentence that a person reads."""


class OfflineError(SetupRefused):
    """What has to be fetched cannot be: nothing has been changed."""


# --- entering ------------------------------------------------------------------------------------


def enter(
    root: str,
    command: "Sequence[str]",
    argv: "Sequence[str]",
    groups: "Sequence[str]" = (),
    window: bool = False,
) -> "int | None":
    """Go on in the environment of the checkout `root`, which is made or repaired when it must be.

    `command` are the words after `python` that start the caller again, `argv` its arguments,
    `groups` the extras of setup.cfg wanted besides the program's own requirements; `window` says
    that nothing can be done without tkinter.

    None: this process runs in the environment, go on. A number: an exit status. On POSIX the hand-over
    replaces this process, so it returns no status. Says what it does on standard error only.
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
        if hand_overs >= 2:  # one is usual; one more when the system's Python was replaced
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
    """Whether the program's arguments name no command, and so ask for the window."""
    rest = list(argv)
    while rest and (rest[0] == "--data" or rest[0].startswith("--data=")):
        rest = rest[2:] if rest[0] == "--data" else rest[1:]
    return not rest


def runs_inside(venv: str) -> bool:
    """Whether this process is the Python of `venv`."""
    return os.path.realpath(sys.prefix) == os.path.realpath(venv)


def venv_python(venv: str) -> str:
    """The path of the Python inside `venv`; the one without a console if that started us."""
    if os.name == "nt":
        windowed = os.path.basename(sys.executable).lower() == "pythonw.exe"
        return os.path.join(venv, "Scripts", "pythonw.exe" if windowed else "python.exe")
    return os.path.join(venv, "bin", "python")


def say(text: str) -> None:
    """One line on standard error (there is none under pythonw.exe)."""
    if sys.stderr is not None:
        print("CleanFlow: " + text, file=sys.stderr, flush=True)


def _hand_over(root: str, words: "list[str]") -> int:
    venv = os.path.join(root, ".venv")
    python = venv_python(venv)
    os.environ.pop("PYTHONHOME", None)  # it would point the environment's Python at another one's library
    command = [python, "-s", *words]  # -s: nothing from the user's own site-packages
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
    # os.exec* on Windows returns to the shell at once and loses the exit status.
    import signal
    import subprocess

    child = subprocess.Popen(command)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the child as well: it decides
    try:
        return child.wait()
    finally:
        signal.signal(signal.SIGINT, before)


# --- is it ready? --------------------------------------------------------------------------------


def requirements(root: str, groups: "Sequence[str]" = ()) -> "dict[str, list[str]]":
    """What setup.cfg asks for, per group, as requirement strings; "" is the program itself."""
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
    """Whether `.venv` is whole and holds what setup.cfg asks for now. Reads two small files."""
    venv = os.path.join(root, ".venv")
    stamp = read_stamp(venv)
    if stamp is None or stamp["venv"] != venv or not os.access(venv_python(venv), os.X_OK):
        return False
    if runs_inside(venv) and stamp["python"] != _python_version():
        return False  # the system's Python was replaced under it
    installed = stamp["installed"]
    wanted = requirements(root, groups)
    return all(installed.get(group) == wanted[group] for group in wanted)


def read_stamp(venv: str) -> "Stamp | None":
    """The stamp's fields `venv`, `python`, `installed`; None when there is none that can be trusted."""
    import json

    try:
        with open(os.path.join(venv, STAMP_NAME), encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return None
    whole = isinstance(stamp, dict) and isinstance(stamp.get("installed"), dict)
    return stamp if whole and {"venv", "python"} <= set(stamp) else None


def write_stamp(root: str, installed: "dict[str, list[str]]", python: str) -> None:
    """Declare `.venv` whole: it has `installed`, for Python `python` ("3.11")."""
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
            if not is_ready(root, groups):  # a start that we waited for may have done it
                _make_or_repair(root, groups, lock)
    except OSError as error:
        raise SetupRefused(_disk_sentence(root, error)) from None


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
    else:  # without a stamp: half made by us (there is our log), or whole and made by a developer
        keep = bool(python) and not os.path.exists(log_path)
    if os.path.exists(stamp_path):
        os.remove(stamp_path)

    if keep:
        say("bringing the environment in .venv up to date …")
        try:
            _install(venv, wanted, lock)
        except OfflineError:  # pip fetches everything before it changes anything: it is still whole
            if stamp:
                write_stamp(root, installed, python)
            raise
        except _PipFailed:
            keep = False
    if not keep:
        _require_venv()
        if os.path.lexists(venv):
            say("the environment in .venv is unfinished or broken: making it again …")
            shutil.rmtree(venv)
        else:
            say("first start: making its own environment in .venv; this needs the internet, only this once.")
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
            for _ in _logged(make, log_path, lock):
                pass
            _install(venv, wanted, lock)
        except _PipFailed:
            raise SetupRefused(
                f"the environment could not be made; what went wrong is in {log_path}."
            ) from None
    write_stamp(root, wanted, _version_of(venv_python(venv)))
    say(f"ready after {time.monotonic() - started:.0f} s.")


class _PipFailed(Exception):
    """A step failed for a reason that only the log can tell."""


def _install(venv: str, wanted: "dict[str, list[str]]", lock: int) -> None:
    command = [venv_python(venv).replace("pythonw.exe", "python.exe"), "-I", "-u", "-m", "pip", "install"]
    command += [
        "--disable-pip-version-check",
        "--no-input",
        "--no-color",
        "--progress-bar",
        "off",
        "--prefer-binary",
    ]
    packages = [requirement for group in wanted.values() for requirement in group]
    if not packages:
        return
    command += packages
    waiting = False
    for line in _logged(command, os.path.join(venv, LOG_NAME), lock):
        progress = progress_of(line)
        if progress:
            say(progress)
        elif "Retrying (" in line and not waiting:
            waiting = True
            say("the network does not answer, trying again …")


def progress_of(line: str) -> str:
    """What a line of pip's output means to the person who waits; "" when nothing."""
    words = line.split()
    if words[:1] in (["Downloading"], ["Processing"]) or words[:2] == ["Using", "cached"]:
        file = next((word for word in words if word.endswith((".whl", ".tar.gz", ".zip"))), "")
        name = file.replace("\\", "/").rpartition("/")[2].split("-")
        size = line[line.rindex("(") :] if line.endswith("B)") else ""
        return " ".join(["fetching", *name[:2], size]).rstrip() if len(name) > 1 else ""
    if line.startswith("Building wheel"):
        return "building " + words[3] if len(words) > 3 else ""
    if line.startswith("Installing collected packages:"):
        return f"installing {line.count(',') + 1} packages …"
    return ""


def _logged(command: "list[str]", log_path: str, lock: int) -> "Iterator[str]":
    """Run `command`, its output to the log and, line by line, to the caller.

    Raises SetupRefused for a cause that its output shows and a person can do something about,
    _PipFailed for others.
    """
    import subprocess

    environment = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    # The child keeps the lock open: should we be killed, the next start waits until it has ended.
    inherited = () if os.name == "nt" else (lock,)
    tail = []  # type: list[str]
    with open(log_path, "a", encoding="utf-8") as log:
        log.write("$ " + " ".join(command) + "\n")
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=environment,
            cwd=os.path.dirname(log_path),
            pass_fds=inherited,
        )
        assert child.stdout is not None
        try:
            for line in child.stdout:
                log.write(line)
                tail = [*tail[-199:], line]
                yield line.rstrip()
            status = child.wait()
        except BaseException:
            child.terminate()
            child.wait()
            raise
        finally:
            child.stdout.close()
    if status != 0:
        raise _failure("".join(tail))


# Settings of the person's pip or Python that would install elsewhere than into the environment.
_MISLEADING = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_USER",
    "PIP_PYTHON",
    "PIP_DRY_RUN",
)

_OFFLINE = (
    "failed to establish a new connection",
    "newconnectionerror",
    "connecttimeout",
    "readtimeout",
    "read timed out",
    "name resolution",
    "name or service not known",
    "getaddrinfo failed",
    "nodename nor servname",
    "network is unreachable",
    "connection refused",
    "connection aborted",
    "proxyerror",
    "failed to connect",
)


_DISK_FULL = "the disk is full: free about 500 MB and start again."


def _failure(output: str) -> Exception:
    text = output.lower()
    if "no space left" in text or "not enough space" in text or "quota exceeded" in text:
        return SetupRefused(_DISK_FULL)
    if "certificate verify failed" in text or "certificate_verify_failed" in text:
        return OfflineError(
            "the download server's certificate was not accepted: check this PC's date and time, "
            "and whether a proxy reads its traffic, then start again."
        )
    # Without retries pip keeps quiet about the connection and only says that it saw no version at all.
    nothing_seen = "(from versions: none)" in text and "require a different python" not in text
    if nothing_seen or any(sign in text for sign in _OFFLINE):
        return OfflineError(
            "packages have to be fetched from the internet, and there is no connection: "
            "connect and start again."
        )
    if "read-only file system" in text or "permission denied" in text:
        return SetupRefused(
            "its folder cannot be written to: copy CleanFlow into a folder of your own and start it there."
        )
    return _PipFailed()


def _disk_sentence(root: str, error: OSError) -> str:
    import errno

    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return _DISK_FULL
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        # Windows keeps the files of a running program; elsewhere only the folder's owner can matter.
        first = "close other CleanFlow windows, or " if os.name == "nt" else ""
        return (
            f"{error.filename or root} cannot be written to ({error.strerror}): "
            f"{first}copy CleanFlow into a folder of your own and start it there."
        )
    return f"its environment in {root} could not be made: {error}."


def _extras(root: str) -> "set[str]":
    from configparser import RawConfigParser

    setup = RawConfigParser()
    setup.read(os.path.join(root, "setup.cfg"), encoding="utf-8")
    return set(setup["options.extras_require"]) if setup.has_section("options.extras_require") else set()


def _version_of(python: str) -> str:
    """ "3.11" for a Python that starts, is new enough and has pip; "" for any other."""
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
    """Hold the lock file `path`, so that two starts at once do not install into each other."""
    from contextlib import contextmanager

    @contextmanager
    def held() -> "Iterator[int]":
        with open(path, "a") as file:
            if not _try_lock(file):
                say("another start is setting up the environment, waiting for it …")
                _wait_for_lock(file)
            yield file.fileno()  # closing the file lets the lock go

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
        # A file system without locks (some network drives): better unguarded than never.
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True


def _wait_for_lock(file: "IO[str]") -> None:
    import time

    while not _try_lock(file):
        time.sleep(0.25)


# --- what the system lacks -----------------------------------------------------------------------


def old_python_sentence(version: "tuple[int, ...]" = tuple(sys.version_info[:3])) -> str:
    """What to tell somebody whose Python is too old; "" when it is not."""
    if version >= OLDEST_PYTHON:
        return ""
    import shutil

    newer = next(
        (name for name in (f"python3.{minor}" for minor in range(19, 10, -1)) if shutil.which(name)), ""
    )
    return "CleanFlow needs Python 3.11 or newer; this is {}{}.".format(
        ".".join(map(str, version)), ": start it with " + newer if newer else ""
    )


def require_tkinter() -> None:
    """Refuse, with the command that installs it, when this Python cannot open a window."""
    try:
        import _tkinter  # noqa: F401  # the C part is what the systems package apart
    except ImportError:
        raise SetupRefused("the window needs tkinter, which this Python lacks: " + install_hint()) from None


def _require_venv() -> None:
    from importlib.util import find_spec

    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise SetupRefused(
            "this Python lacks the venv module, which the first start needs: " + install_hint()
        )


def install_hint() -> str:
    """The command that gives this system's Python both venv and tkinter, as the end of a sentence."""
    if sys.platform == "win32":
        system = "windows"
    elif sys.platform == "darwin":
        system = "macos"
    else:
        system = _linux_family(_os_release())
    minor = sys.version_info[1]
    is_default = os.path.realpath("/usr/bin/python3").endswith(f"python3.{minor}")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return hint_for(system, minor, is_default, is_root)


def hint_for(system: str, minor: int, is_default: bool = True, is_root: bool = False) -> str:
    """The same for a named `system` and Python 3.`minor`, which `is_default` there or not."""
    if system == "windows":
        return (
            "run the python.org installer of this Python again, choose Modify and tick "
            '"tcl/tk and IDLE" and "pip".'
        )
    python = "python3" if is_default else f"python3.{minor}"
    commands = {
        "debian": f"apt install {python}-venv {python}-tk",
        "fedora": f"dnf install {python}-pip {python}-tkinter",
        "arch": "pacman -S python tk",
        "suse": f"zypper install python3{minor} python3{minor}-pip python3{minor}-tk",
        "alpine": "apk add python3 py3-pip python3-tkinter",
        "macos": f"brew install python@3.{minor} python-tk@3.{minor}",
    }
    if system not in commands:
        return "install your system's packages for Python's venv, pip and tkinter."
    become_root = {"macos": "", "alpine": "doas "}.get(system, "sudo ")
    return "run: " + ("" if is_root else become_root) + commands[system]


def _os_release() -> str:
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            continue
    return ""


def _linux_family(os_release: str) -> str:
    fields = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    names = (
        (fields.get("ID", "") + " " + fields.get("ID_LIKE", "")).replace('"', " ").replace("'", " ").split()
    )
    families = {
        "debian": "debian",
        "ubuntu": "debian",
        "fedora": "fedora",
        "rhel": "fedora",
        "centos": "fedora",
        "arch": "arch",
        "suse": "suse",
        "opensuse": "suse",
        "alpine": "alpine",
    }
    return next((families[name] for name in names if name in families), "")
