"""Unpacks the program out of the release's one file, once, and mends what was unpacked.

Responsible for the cache folder: a program in it is whole or not used, whoever starts twice at once,
kills a start half way, pulls the plug or fills the disk. `__main__.py` decides when it is called.

The unpacked program is made beside its place (`….part`), marked READY and then renamed to it, by one start
at a time (`unpacking.lock`). Its name holds the release's key, a hash of the whole content, so that
another release is another folder. Only what the running Python can use is unpacked.
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
#: A start that holds the lock longer has been stopped, not slowed down.
_WAIT_S = 180.0
_MENDED = "CLEANFLOW_MENDED"


class NotUnpacked(Exception):
    """The program cannot be unpacked; the text is the sentence that a person reads."""


class _Occupied(OSError):
    """Another start does not let go of the lock."""


def unpacked_home(facts, home, notice):
    """`home`, made or mended and entered; or a temporary one, when it cannot be made there."""
    folder = os.path.dirname(home)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with _alone(folder):
            if not start.entered(home):  # a start that we waited for may have made it
                _make_or_mend(facts, home, notice)
                start.entered(home)
                _remove_others(folder, facts["kind"], facts["key"])
    except OSError as error:
        if error.errno in _FULL:
            raise NotUnpacked(_full(folder, facts)) from None
        if not isinstance(error, _Occupied) and error.errno not in _CLOSED:
            raise NotUnpacked(f"it cannot be unpacked into {folder}: {error.strerror or error}.") from None
        if _is_usable(home):  # whole, only not to be marked as such
            return home
        return _temporary_home(facts, home, notice, error)
    finally:
        notice.hide()
    return home


def after_a_crash(home, error, argv):
    """The program ended with `error`: mend it and start again if a file of it is damaged, else tell."""
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
    if os.name == "nt":  # os.exec* returns to the caller at once there
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
    """Under the lock: unpack, unless what is there is whole after all."""
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
    """The start's largest package, compiled by the second core while this process unpacks the rest.

    All else is compiled when it is first imported. A help that fails is no loss.
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
    """The first unpacked file that is not as it was in the release, by its path in `home`; "" for none."""
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
    """What belongs into `home`, each with the opened piece it is in. Refuses where there is no room."""
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
    needed = content_bytes * 1.2 + 5_000_000  # what Python compiles of it comes on top
    if shutil.disk_usage(folder).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), folder)


def _full(folder, facts):
    return (
        f"the disk is full: it needs about {facts['unpacked_mb']} MB in {folder} "
        "(CLEANFLOW_CACHE can name another folder). Make room and start again."
    )


def _forget_compiled(home):
    """What Python compiled before the machine was switched off may be cut short, and has no check sum."""
    for place, folders, _files in os.walk(home):
        if "__pycache__" in folders:
            folders.remove("__pycache__")
            shutil.rmtree(os.path.join(place, "__pycache__"), ignore_errors=True)


def _mark(home, words):
    try:  # in place: on Windows an open file cannot be replaced
        with open(os.path.join(home, "READY"), "w", encoding="ascii") as file:
            file.write(words)
    except OSError:
        pass  # a cache that may only be read: looked through again next time


# --- what is no longer used ------------------------------------------------------------------------


def _remove_others(folder, kind, key):
    """Under the lock: other releases of this kind that no program uses, and what killed starts left."""
    for name in os.listdir(folder):
        left_over = name.endswith((".part", ".old"))
        if name.startswith(kind + "-") and (left_over or not name.startswith(f"{kind}-{key}-")):
            _remove(os.path.join(folder, name))


def _remove(home):
    """Remove `home` unless a program runs in it."""
    try:
        with _unless_used(os.path.join(home, "READY")):
            os.rename(home, home + ".old")  # on Windows refused while a file in it is open
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
        yield  # closing the file lets the lock go


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
        # A file system without locks: renaming alone keeps a program whole.
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True


# --- where the cache cannot be used ----------------------------------------------------------------


def _temporary_home(facts, home, notice, error):
    """A home for this start alone."""
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
    """Temporary homes of starts that have ended; on Windows a program cannot delete what it has loaded."""
    for name in os.listdir(temporary):
        home = os.path.join(temporary, name)
        if name.startswith("cleanflow-once-") and "." not in name:
            try:
                if time.time() - os.stat(home).st_mtime > 3600:
                    _remove(home)
            except OSError:
                continue  # somebody else's
