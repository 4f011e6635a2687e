"""The files of a release, and the system and packages of each."""

from __future__ import annotations

from dataclasses import dataclass

PYTHONS = ("3.11", "3.12", "3.13", "3.14")

_MANYLINUX = tuple(
    f"manylinux{level}_x86_64" for level in ("_2_28", "_2_27", "_2_17", "2014", "_2_12", "2010", "_2_5", "1")
)


@dataclass(frozen=True)
class Target:
    """One release file. Its packages are setup.cfg's requirements and ``extras``, minus ``without``."""

    name: str
    file_name: str
    kind: str  # "pc" opens the window, "server" serves
    system: str  # the value of `platform.system()`
    platforms: tuple[str, ...]  # pip's platform tags, best first
    tag: str  # in the file names of compiled modules; {} stands for the Python's digits
    rooms: tuple[str, ...]  # folders of the checkout
    extras: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    besides: tuple[
        str, ...
    ] = ()  # required by packages on that system only, which pip cannot see from this one

    @property
    def tags(self) -> dict[str, str]:
        """Python version -> tag in the file names of its compiled modules."""
        return {python: self.tag.format(python.replace(".", "")) for python in PYTHONS}


_ON_LINUX = ("Linux", _MANYLINUX, "cpython-{}-x86_64-linux-gnu")
_ON_WINDOWS = ("Windows", ("win_amd64",), "cp{}-win_amd64")
_PC = ("cleanflow", "sql")
_SERVER = ("cleanflow", "sql", "server")
#: Packages for the window, printing and spreadsheets, which a server does not need.
_WINDOW = """
ttkbootstrap requests urllib3 openpyxl reportlab pypdfium2 pillow arabic-reshaper python-bidi
charset-normalizer
phonenumberslite
"""

TARGETS = (
    Target("linux", "cleanflow-linux.pyz", "pc", *_ON_LINUX, _PC, extras=("shaping",)),
    # tzdata: 600 files with named time zones, which the program does not use.
    Target("windows", "cleanflow-windows.pyzw", "pc", *_ON_WINDOWS, _PC, ("shaping",), ("tzdata",)),
    Target(
        "server", "cleanflow-server.pyz", "server", *_ON_LINUX, _SERVER, ("server",), tuple(_WINDOW.split())
    ),
    Target(
        "server-windows",
        "cleanflow-server-windows.pyz",
        "server",
        *_ON_WINDOWS,
        _SERVER,
        ("server",),
        (*_WINDOW.split(), "tzdata"),
        ("colorama",),
    ),
)
