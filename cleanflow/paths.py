"""Where things are on this PC: the data folder, the kind of disk it is on, and the schema's scripts."""

from __future__ import annotations

import sys
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

DATABASE_NAME = "cleanflow.db"
#: The demo shop's own file beside the shop's.
DEMO_NAME = "demo.db"

#: Maximum length of a folder's or a file's name, on every common disk, and of a whole path.
_LONGEST_NAME, _LONGEST_PATH = 255, 259 if sys.platform == "win32" else 4_095

_NETWORK_FILE_SYSTEMS = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "afpfs",
    "9p",
    "fuse.sshfs",
    "davfs",
    "ncpfs",
}


def default_data_folder() -> Path:
    """``./data`` beside a checkout's launcher; in a release the user's data folder."""
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "cleanflow.py").is_file():
        return checkout / "data"
    from platformdirs import user_data_path

    return user_data_path("CleanFlow", appauthor=False)


def is_too_long(path: Path) -> bool:
    """Whether a name in ``path``, or all of it, is longer than the system takes.

    Asked beforehand, because Windows calls such a path missing. Windows counts characters (UTF-16 units),
    other systems bytes.
    """
    encoding, unit = ("utf-16-le", 2) if sys.platform == "win32" else ("utf-8", 1)

    def length(text: str) -> int:
        return len(text.encode(encoding, "surrogatepass")) // unit

    return any(length(part) > _LONGEST_NAME for part in path.parts) or length(str(path)) > _LONGEST_PATH


def schema_folder() -> Traversable:
    """The folder `sql`: inside of an installed package, beside it in a checkout or its zipapp."""
    installed = files("cleanflow").joinpath("sql")
    return installed if installed.is_dir() else files("sql")


def on_network_drive(folder: Path) -> bool:
    """Whether ``folder`` is on a drive of another machine, where WAL does not work.

    Asks Windows for the drive's type and Linux for the mount's file system; elsewhere says no.
    """
    if sys.platform == "win32":
        import ctypes

        drive_remote = 4  # DRIVE_REMOTE of GetDriveTypeW
        root = folder.resolve().anchor
        return root.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(root) == drive_remote
    mounts = Path("/proc/self/mounts")
    if not mounts.is_file():
        return False
    target = folder.resolve()
    best, kind = -1, ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _device, mount_point, file_system, *_rest = line.split(" ")
        point = Path(mount_point.replace("\\040", " "))
        if len(point.parts) > best and (point == target or point in target.parents):
            best, kind = len(point.parts), file_system
    return kind in _NETWORK_FILE_SYSTEMS
