"""The C interface of this Python's SQLite, by ctypes: its VFS structures and its library.

Layouts from sqlite3.h (sqlite3_vfs, sqlite3_io_methods, sqlite3_file); they are SQLite's public ABI.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import sqlite3
from ctypes import POINTER, Structure, c_char_p, c_int, c_int64, c_void_p

OK = 0
READONLY = 8
IOERR = 10
FULL = 13
IOERR_WRITE = IOERR | 3 << 8
IOERR_FSYNC = IOERR | 4 << 8
IOERR_TRUNCATE = IOERR | 6 << 8
IOERR_SHMSIZE = IOERR | 19 << 8

OPEN_CREATE = 0x4
OPEN_MAIN_DB = 0x100
OPEN_MAIN_JOURNAL = 0x800
OPEN_WAL = 0x80000


class File(Structure):
    """sqlite3_file; a VFS may append private fields."""


X_CLOSE = ctypes.CFUNCTYPE(c_int, POINTER(File))
X_WRITE = ctypes.CFUNCTYPE(c_int, POINTER(File), c_void_p, c_int, c_int64)
X_TRUNCATE = ctypes.CFUNCTYPE(c_int, POINTER(File), c_int64)
X_SYNC = ctypes.CFUNCTYPE(c_int, POINTER(File), c_int)
X_SHM_MAP = ctypes.CFUNCTYPE(c_int, POINTER(File), c_int, c_int, c_int, POINTER(c_void_p))


class IoMethods(Structure):
    """sqlite3_io_methods, version 3."""

    _fields_ = (
        ("iVersion", c_int),
        ("xClose", X_CLOSE),
        ("xRead", c_void_p),
        ("xWrite", X_WRITE),
        ("xTruncate", X_TRUNCATE),
        ("xSync", X_SYNC),
        ("xFileSize", c_void_p),
        ("xLock", c_void_p),
        ("xUnlock", c_void_p),
        ("xCheckReservedLock", c_void_p),
        ("xFileControl", c_void_p),
        ("xSectorSize", c_void_p),
        ("xDeviceCharacteristics", c_void_p),
        ("xShmMap", X_SHM_MAP),
        ("xShmLock", c_void_p),
        ("xShmBarrier", c_void_p),
        ("xShmUnmap", c_void_p),
        ("xFetch", c_void_p),
        ("xUnfetch", c_void_p),
    )


File._fields_ = (("pMethods", POINTER(IoMethods)),)


class Vfs(Structure):
    """sqlite3_vfs, version 3."""


# The name is a bare pointer: SQLite keeps it while the file is open, and reads beyond its end.
X_OPEN = ctypes.CFUNCTYPE(c_int, POINTER(Vfs), c_void_p, POINTER(File), c_int, POINTER(c_int))
X_DELETE = ctypes.CFUNCTYPE(c_int, POINTER(Vfs), c_char_p, c_int)
SET_SYSTEM_CALL = ctypes.CFUNCTYPE(c_int, POINTER(Vfs), c_char_p, c_void_p)
GET_SYSTEM_CALL = ctypes.CFUNCTYPE(c_void_p, POINTER(Vfs), c_char_p)
OPEN_DIRECTORY = ctypes.CFUNCTYPE(
    c_int, c_char_p, POINTER(c_int)
)  # called by the unix VFS before it syncs a directory

Vfs._fields_ = (
    ("iVersion", c_int),
    ("szOsFile", c_int),
    ("mxPathname", c_int),
    ("pNext", POINTER(Vfs)),
    ("zName", c_char_p),
    ("pAppData", c_void_p),
    ("xOpen", X_OPEN),
    ("xDelete", X_DELETE),
    ("xAccess", c_void_p),
    ("xFullPathname", c_void_p),
    ("xDlOpen", c_void_p),
    ("xDlError", c_void_p),
    ("xDlSym", c_void_p),
    ("xDlClose", c_void_p),
    ("xRandomness", c_void_p),
    ("xSleep", c_void_p),
    ("xCurrentTime", c_void_p),
    ("xGetLastError", c_void_p),
    ("xCurrentTimeInt64", c_void_p),
    ("xSetSystemCall", SET_SYSTEM_CALL),
    ("xGetSystemCall", GET_SYSTEM_CALL),
    ("xNextSystemCall", c_void_p),
)


def library() -> ctypes.CDLL:
    """The SQLite library that the sqlite3 module uses.

    It is found through the extension module, which links SQLite dynamically or contains it with visible
    symbols. Raises if the symbols are hidden (SQLite linked statically): such a Python cannot run these tests
    and must not seem to have passed them.
    """
    try:
        found = ctypes.CDLL(getattr(_sqlite3, "__file__", None))  # None: built into the program itself
        found.sqlite3_libversion.restype = c_char_p
        found.sqlite3_vfs_find.argtypes = (c_char_p,)
        found.sqlite3_vfs_find.restype = POINTER(Vfs)
        found.sqlite3_vfs_register.argtypes = (POINTER(Vfs), c_int)
        found.sqlite3_vfs_unregister.argtypes = (POINTER(Vfs),)
    except (AttributeError, OSError) as error:
        raise RuntimeError(
            "The SQLite of this Python cannot be reached by ctypes, so its disk cannot be faked. Run these"
            f" tests with a Python whose sqlite3 links SQLite dynamically. ({error})"
        ) from error
    if found.sqlite3_libversion().decode() != sqlite3.sqlite_version:
        raise RuntimeError("ctypes reached another SQLite than that of the sqlite3 module.")
    return found
