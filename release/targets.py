"""What is built: the files of a release, and what each of them is made for."""

from __future__ import annotations

from dataclasses import dataclass

PYTHONS = ("3.11", "3.12", "3.13", "3.14")

_MANYLINUX = tuple(
    f"manylinux{level}_x86_64" for level in ("_2_28", "_2_27", "_2_17", "2014", "_2_12", "2010", "_2_5", "1")
)


@dataclass(frozen=True)
class Target:
    """One file: its packages are setup.cfg's requirements and those of ``extras``, less ``without``."""

    name: str
    file_name: str
    kind: str  # "pc" opens the window, "server" serves
    system: str  # as `platform.system()` calls it
    platforms: tuple[str, ...]  # for which pip looks for wheels, best first
    tag: str  # of a compiled module's file name, with the Python's digits in place of {}
    rooms: tuple[str, ...]  # of the checkout
    extras: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    besides: tuple[
        str, ...
    ] = ()  # asked for by packages on that system alone, which pip does not see from ours

    @property
    def tags(self) -> dict[str, str]:
        """Python version -> what its compiled modules carry in their names."""
        return {python: self.tag.format(python.replace(".", "")) for python in PYTHONS}


_ON_LINUX = ("Linux", _MANYLINUX, "cpython-{}-x86_64-linux-gnu")
_ON_WINDOWS = ("Windows", ("win_amd64",), "cp{}-win_amd64")
_PC = ("cleanflow", "sql")
_SERVER = ("cleanflow", "sql", "server")
#: What the window, paper and tables need, and a server never does.
_WINDOW = """
ttkbootstrap requests urllib3 openpyxl reportlab pypdfium2 pillow arabic-reshaper python-bidi
charset-normalizer
phonenumberslite
"""

TARGETS = (
    Target("linux", "cleanflow-linux.pyz", "pc", *_ON_LINUX, _PC, extras=("shaping",)),
    # tzdata: 600 files for the names of time zones, which nothing of the program asks for.
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
