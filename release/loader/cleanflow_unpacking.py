"""Unpacks the program from the release file once, and repairs the unpacked program.

Responsible for the cache folder: an incomplete program is never used, even after simultaneous starts, a
killed start, a power cut or a full disk. `__main__.py` decides when this module is called.

One start at a time (`unpacking.lock`) unpacks into a temporary folder (`….part`), marks it READY and renames
it. The folder's name holds the release's key, a hash of the whole content, so each release has its own
folder. Only what the running Python can use is unpacked.
"""

import atexit
import errno
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
import zlib
from contextlib import contextmanager

import __main__ as start

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENOENT}
#: A start that holds the lock longer than this is hanging, not slow.
_WAIT_S = 180.0
_MENDED = "CLEANFLOW_MENDED"


class NotUnpacked(Exception):
    """The program cannot be unpacked; the text is the sentence shown to the user."""


class _Occupied(OSError):
    """Another start does not release the lock."""


def unpacked_home(facts, home, notice):
    """`home`, unpacked or repaired and in use; a temporary folder if it cannot be written."""
    folder = os.path.dirname(home)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with _alone(folder):
            if not start.entered(home):  # another start may have made it meanwhile
                _make_or_mend(facts, home, notice)
                start.entered(home)
                _remove_others(folder, facts["kind"], facts["key"])
    except OSError as error:
        if error.errno in _FULL:
            raise NotUnpacked(_full(folder, facts)) from None
        if not isinstance(error, _Occupied) and error.errno not in _CLOSED:
            raise NotUnpacked(f"it cannot be unpacked into {folder}: {error.strerror or error}.") from None
        if _is_usable(home):  # complete, but READY cannot be written
            return home
        return _temporary_home(facts, home, notice, error)
    finally:
        notice.hide()
    return home


def after_a_crash(home, error, argv):
    """After a crash with `error`: repair and restart if a file is damaged, else report; the exit status."""
    damaged = damage(home)
    if not damaged:
        return _tell(home, error, argv)
    if os.environ.get(_MENDED):
        start.say(
            f"its file {os.path.join(home, damaged)} is damaged again and again: has a virus scanner put "
            "it aside? Allow CleanFlow there, delete that folder and start again.",
            argv,
        )
        return 1
    os.environ[_MENDED] = "1"
    _mark(home, "damaged")
    start.leave()
    command = [sys.executable, *sys.orig_argv[1:]]
    if os.name == "nt":  # where os.exec* returns to the shell at once
        return subprocess.call(command)
    return os.execv(sys.executable, command)


def _tell(home, error, argv):
    if sys.stderr is not None and (argv or sys.stderr.isatty()):
        raise error
    log = os.path.join(os.path.dirname(home), "crash.log")
    try:
        with open(log, "w", encoding="utf-8") as file:
            traceback.print_exception(error, file=file)
    except OSError:
        log = ""
    start.say(
        f"it has stopped: {error}." + (f" More for whoever looks after it is in {log}" if log else ""), argv
    )
    return 1


# --- making and mending ----------------------------------------------------------------------------


def _make_or_mend(facts, home, notice):
    """Unpack, unless what is there proves complete. Call with the lock held."""
    if os.path.isdir(home):
        notice.show("CleanFlow looks through its files …")
        if not damage(home, notice):
            _forget_compiled(home)
            _mark(home, "checked")
            return
        notice.hide()
    notice.show("CleanFlow is being set up on this PC, only this once …")
    part = f"{home}.{os.getpid()}.part"
    try:
        _unpack(facts, part, notice)
        if os.path.isdir(home):
            _remove(home)
        os.rename(part, home)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _unpack(facts, part, notice):
    made, compiling = set(), None
    os.mkdir(part, 0o700)
    entries = sorted(_entries(part), key=lambda found: _turn(facts, found[1].filename))
    for number, (piece, entry) in enumerate(entries):
        if compiling is None and _turn(facts, entry.filename):
            compiling = _compiled_ahead(facts, part)
        path = os.path.join(part, entry.filename)
        folder = os.path.dirname(path)
        if folder not in made:
            os.makedirs(folder, exist_ok=True)
            made.add(folder)
        with open(path, "wb", buffering=0) as file:
            file.write(piece.read(entry))
        if entry.external_attr >> 16 & 0o111:
            os.chmod(path, 0o755)
        if number % 25 == 0:
            notice.turn()
    if compiling:
        compiling.wait()
    with open(os.path.join(part, "READY"), "w", encoding="ascii") as file:
        file.write("unpacked " + start.run_of_the_machine())


def _turn(facts, path):
    return 0 if path.startswith(facts["ahead"]) else 1


def _compiled_ahead(facts, part):
    """Start compiling the largest package on the second core while this process unpacks the rest.

    Everything else is compiled when it is first imported. If this fails, nothing is lost but time.
    """
    folders = [os.path.join(part, name) for name in facts["ahead"] if os.path.isdir(os.path.join(part, name))]
    if not folders or (os.cpu_count() or 1) < 2:
        return None
    try:
        nobody = subprocess.DEVNULL
        words = [sys.executable, "-I", "-m", "compileall", "-q", *folders]
        return subprocess.Popen(words, stdin=nobody, stdout=nobody, stderr=nobody)
    except OSError:
        return None


def _is_usable(home):
    if os.name != "nt" and (not os.path.isdir(home) or os.stat(home).st_uid not in (0, os.geteuid())):
        return False
    return not damage(home)


def damage(home, notice=None):
    """The path within `home` of the first file that differs from the release; "" if there is none."""
    for number, (_piece, entry) in enumerate(_entries()):
        try:
            with open(os.path.join(home, entry.filename), "rb") as file:
                content = file.read()
        except OSError:
            return entry.filename
        if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
            return entry.filename
        if notice and number % 25 == 0:
            notice.turn()
    return ""


def _entries(room_in=""):
    """The entries that belong in `home`, each with its opened piece. Refuses if the disk has no room."""
    try:
        with zipfile.ZipFile(os.path.dirname(os.path.abspath(__file__))) as release:
            pieces = [
                zipfile.ZipFile(io.BytesIO(release.read(f"pieces/{name}.zip")))
                for name in ("common", start.extension_tag())
            ]
            if room_in:
                _require_room(sum(entry.file_size for piece in pieces for entry in piece.infolist()), room_in)
            for piece in pieces:
                for entry in piece.infolist():
                    yield piece, entry
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError):
        raise NotUnpacked("this file is damaged, it was not copied whole: copy or fetch it again.") from None
    except RuntimeError:
        raise NotUnpacked("this Python lacks zlib, with which the file is packed.") from None


def _require_room(content_bytes, folder):
    needed = content_bytes * 1.2 + 5_000_000  # plus room for compiled modules
    if shutil.disk_usage(folder).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), folder)


def _full(folder, facts):
    return (
        f"the disk is full: it needs about {facts['unpacked_mb']} MB in {folder} "
        "(CLEANFLOW_CACHE can name another folder). Make room and start again."
    )


def _forget_compiled(home):
    """Delete compiled modules: a power cut may have truncated them, and they have no checksum."""
    for place, folders, _files in os.walk(home):
        if "__pycache__" in folders:
            folders.remove("__pycache__")
            shutil.rmtree(os.path.join(place, "__pycache__"), ignore_errors=True)


def _mark(home, words):
    try:  # in place: on Windows an open file cannot be replaced
        with open(os.path.join(home, "READY"), "w", encoding="ascii") as file:
            file.write(words)
    except OSError:
        pass  # a read-only cache: the next start checks it again


# --- what is no longer used ------------------------------------------------------------------------


def _remove_others(folder, kind, key):
    """Remove unused releases of this kind and what killed starts left. Call with the lock held."""
    for name in os.listdir(folder):
        left_over = name.endswith((".part", ".old"))
        if name.startswith(kind + "-") and (left_over or not name.startswith(f"{kind}-{key}-")):
            _remove(os.path.join(folder, name))


def _remove(home):
    """Remove `home` unless a program is running from it."""
    try:
        with _unless_used(os.path.join(home, "READY")):
            os.rename(home, home + ".old")  # fails on Windows while a file in it is open
    except BlockingIOError:
        return
    shutil.rmtree(home + ".old", ignore_errors=True)


@contextmanager
def _unless_used(mark):
    if os.name == "nt" or not os.path.exists(mark):
        yield
        return
    import fcntl

    with open(mark, encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


# --- one start at a time ---------------------------------------------------------------------------


@contextmanager
def _alone(folder):
    with open(os.path.join(folder, "unpacking.lock"), "a", encoding="ascii") as file:
        give_up_at = time.monotonic() + _WAIT_S
        while not _try_lock(file):
            if time.monotonic() > give_up_at:
                raise _Occupied("another start does not finish")
            time.sleep(0.1)
        yield  # closing the file releases the lock


def _try_lock(file):
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # Without file locks, the rename alone keeps the program complete.
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True


# --- where the cache cannot be used ----------------------------------------------------------------


def _temporary_home(facts, home, notice, error):
    """Unpack into a temporary folder for this start only."""
    where, temporary = os.path.dirname(home), tempfile.gettempdir()
    if sys.stderr is not None:
        sys.stderr.write(
            f"CleanFlow: {where} cannot be used ({error.strerror or error}), so every start unpacks anew and "
            "takes longer; CLEANFLOW_CACHE can name a folder that may be written to.\n"
        )
    once = os.path.join(temporary, f"cleanflow-once-{os.getpid()}-{time.time_ns()}")
    try:
        _remove_ended(temporary)
        _make_or_mend(facts, once, notice)
    except OSError as second:
        if second.errno in _FULL:
            raise NotUnpacked(_full(temporary, facts)) from None
        raise NotUnpacked(
            f"it can be unpacked neither into {where} ({error.strerror or error}) nor into "
            f"{temporary} ({second.strerror or second})."
        ) from None
    atexit.register(shutil.rmtree, once, ignore_errors=True)
    start.entered(once)
    return once


def _remove_ended(temporary):
    """Remove temporary folders of earlier starts; on Windows a program cannot delete its own."""
    for name in os.listdir(temporary):
        home = os.path.join(temporary, name)
        if name.startswith("cleanflow-once-") and "." not in name:
            try:
                if time.time() - os.stat(home).st_mtime > 3600:
                    _remove(home)
            except OSError:
                continue  # another user's
