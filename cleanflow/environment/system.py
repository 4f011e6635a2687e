"""Checks what this system's Python lacks, and names the command that installs it.

Standard library and syntax of Python 3.6 only, like the rest of this folder.
"""

import os
import sys

OLDEST_PYTHON = (3, 11)


class SetupRefused(Exception):
    """The environment cannot be made; the text is the one sentence shown to the user."""


class OfflineError(SetupRefused):
    """The packages cannot be downloaded; nothing has been changed."""


def old_python_sentence(version: "tuple[int, ...]" = tuple(sys.version_info[:3])) -> str:
    """The message for a Python that is too old; "" for one that is not."""
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
    """Refuse if this Python lacks tkinter, naming the command that installs it."""
    try:
        import _tkinter  # noqa: F401  # systems package the C part separately
    except ImportError:
        raise SetupRefused("the window needs tkinter, which this Python lacks: " + install_hint()) from None


def require_venv() -> None:
    """Refuse if this Python cannot create an environment, naming the command that installs venv."""
    from importlib.util import find_spec

    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise SetupRefused(
            "this Python lacks the venv module, which the first start needs: " + install_hint()
        )


def install_hint() -> str:
    """The command that installs venv and tkinter for this system's Python, as the end of a sentence."""
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
    """The command of :func:`install_hint` for `system` and Python 3.`minor`.

    `is_default`: `python3` is that version there. `is_root`: no sudo is needed.
    """
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
