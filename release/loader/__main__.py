# Starts CleanFlow out of one file: `python3 cleanflow-linux.pyz [COMMAND ...]`.
#
# Responsible for the way from a double click to `cleanflow.cli`: whether this Python will do, where the
# program was unpacked to, and that everything which prevents a start is one sentence that a person gets
# to see. This file is compiled anew at every start, so it is short; unpacking and mending, which happen
# once, are cleanflow_unpacking.py's.
#
# Every Python since 2.7 must be able to read this file, or its sentence would be a syntax error: hence
# no hints, no f-strings, and nothing but ASCII.
# ruff: noqa: B904, BLE001, RUF005, SIM115, UP004, UP024
import os
import sys

# Filled in when the release is built: kind, version, key, system, pieces.
FACTS = {}

NEWEST, OLDEST = (3, 14), (3, 11)


class Refused(Exception):
    """CleanFlow cannot start; the text is the sentence that a person reads."""


def main(argv):
    """Start the program with `argv`; the exit status."""
    try:
        require_python(FACTS, sys.version_info[:2], extension_tag(), sys.platform)
        home = prepared_home(argv)
        keep_only(home)
        return run(home, argv)
    except Refused as refused:
        say(str(refused), argv)
        return 1
    except KeyboardInterrupt:
        return 130


# --- will this Python do? ------------------------------------------------------------------------


def extension_tag():
    """What tells this Python's compiled modules from another one's: "cpython-311-x86_64-linux-gnu"."""
    try:
        from importlib.machinery import EXTENSION_SUFFIXES
    except ImportError:  # Python 2
        return ""
    return EXTENSION_SUFFIXES[0].split(".")[1]


def require_python(facts, version, tag, platform):
    """Refuse a Python that the file has nothing for, with what to do instead."""
    found = ".".join(str(number) for number in version)
    if version < OLDEST or version > NEWEST:
        raise Refused(
            "this file needs Python 3.11 to 3.14, and it was started with Python "
            + found
            + ". "
            + another_python()
        )
    if tag in facts["pieces"]:
        return
    here = {"win32": "Windows", "linux": "Linux"}.get(platform, platform)
    if here != facts["system"]:
        raise Refused("this file is the one for " + facts["system"] + ", and this PC runs " + here + ".")
    raise Refused(
        "this file needs an ordinary Python for 64-bit " + here + " on an Intel or AMD processor; "
        "the one that started it is another kind (" + tag + ")."
    )


def another_python():
    """How to start the file with a Python that will do, as far as this PC shows."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        name = "python3." + str(minor)
        if any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders if folder):
            return "Start it with " + name + "."
    return "Install a Python from 3.11 to 3.14; others may stay beside it."


# --- where it is unpacked ------------------------------------------------------------------------


def prepared_home(argv):
    """The folder with the unpacked program, which is made when there is none yet."""
    home = os.path.join(cache_folder(), "-".join((FACTS["kind"], FACTS["key"], extension_tag())))
    if entered(home):
        return home
    import cleanflow_unpacking

    try:
        return cleanflow_unpacking.unpacked_home(FACTS, home, Notice(argv))
    except cleanflow_unpacking.NotUnpacked as error:
        raise Refused(str(error))


def cache_folder():
    """The user's cache folder, as platformdirs names it; CLEANFLOW_CACHE names another one."""
    named = os.environ.get("CLEANFLOW_CACHE")
    if named:
        return os.path.abspath(named)
    if os.name == "nt":
        local = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
        return os.path.join(local, "CleanFlow", "Cache")
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "CleanFlow")


# Open for as long as the program runs: an update does not delete what is in use (Windows lets nobody
# delete the folder of an open file; elsewhere the lock says so).
_in_use = []


def entered(home):
    """Whether `home` is whole and ours; from then on it is in use.

    Its mark says "checked", or in which run of the machine it was unpacked: until the machine is switched
    off nothing can be missing of it, after that (there may have been a power cut) it is looked through.
    """
    try:
        mark = open(os.path.join(home, "READY"))
    except (OSError, IOError):
        return False
    if hasattr(os, "geteuid"):
        import fcntl

        try:
            fcntl.flock(mark, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except (OSError, IOError):
            pass  # a file system without locks
        if os.fstat(mark.fileno()).st_uid not in (0, os.geteuid()):
            mark.close()
            return False  # somebody else's: nobody but this user decides what this user runs
    words = mark.read().split()
    whole = words == ["checked"] or (words[:1] == ["unpacked"] and same_run_of_the_machine(words[-1]))
    if not whole or not os.path.exists(mark.name):
        mark.close()
        return False
    _in_use.append(mark)
    return True


def leave():
    """Use the unpacked program no longer."""
    while _in_use:
        _in_use.pop().close()


def run_of_the_machine():
    """A word that is another one after the machine has been started anew."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return file.read().strip()
    except (OSError, IOError):
        import time

        return str(int(time.time() - time.monotonic()))


def same_run_of_the_machine(word):
    """Whether `word` is of this run; a clock that was set in between counts as another one."""
    now = run_of_the_machine()
    if word.isdigit() and now.isdigit():
        return abs(int(word) - int(now)) < 120
    return word == now


def keep_only(home):
    """Let modules be found in `home`, before all others, and no longer in this file."""
    this = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [home] + [folder for folder in sys.path if os.path.abspath(folder) != this]
    sys.dont_write_bytecode = False  # what is compiled in our own folder is kept, whatever is set elsewhere


# --- the program -----------------------------------------------------------------------------------


def run(home, argv):
    """Run the program that is unpacked in `home`."""
    try:
        from cleanflow import environment

        if environment.opens_window(argv) and not asks_only(argv):
            if FACTS["kind"] == "server":
                argv = argv + ["serve"]
            else:
                require_tkinter(environment)
        from cleanflow.cli import main as program

        return program(argv)
    except Refused:
        raise
    except Exception as error:
        sys.path.append(os.path.dirname(os.path.abspath(__file__)))
        import cleanflow_unpacking

        return cleanflow_unpacking.after_a_crash(home, error, argv)


def require_tkinter(environment):
    try:
        environment.require_tkinter()
    except environment.SetupRefused as refused:
        raise Refused(str(refused))


def asks_only(argv):
    """Whether the words on the command line only want to know something."""
    return any(word in ("--version", "--help", "-h") for word in argv)


# --- saying it -------------------------------------------------------------------------------------


def by_icon(argv):
    """Whether nobody sees what is printed: started by a click, not in a terminal or by a script."""
    if sys.stderr is None:
        return True
    return not sys.stderr.isatty() and not [word for word in argv if not word.startswith("-")]


def say(words, argv):
    """One sentence on standard error, and in a box for whom there is no terminal."""
    if sys.stderr is not None:
        sys.stderr.write("CleanFlow: " + words + "\n")
    if not by_icon(argv):
        return
    try:
        if os.name == "nt":  # also without tkinter, which may be what is missing
            import ctypes

            ctypes.windll.user32.MessageBoxW(0, words, "CleanFlow", 0x10)
            return
        from tkinter import Tk, messagebox

        root = Tk()
        root.withdraw()
        messagebox.showerror("CleanFlow", words, parent=root)
        root.destroy()
    except Exception:  # nothing to show it on
        pass


class Notice(object):
    """Says that this start takes longer, so that nobody clicks a second time."""

    def __init__(self, argv):
        self._by_icon = by_icon(argv)
        self._words = ""
        self._root = None
        self._began_at = 0.0

    def show(self, words):
        """Say it; in a window of its own only when it lasts."""
        self._words, self._began_at = words, clock()
        if sys.stderr is not None and sys.stderr.isatty():
            sys.stderr.write("CleanFlow: " + words + "\n")

    def turn(self):
        """Lets the person, and the system, see that we are alive."""
        if self._root is not None:
            self._root.update()
        elif self._by_icon and clock() - self._began_at > 0.7:
            self._by_icon = False
            self._open()

    def _open(self):
        try:
            import tkinter

            self._root = tkinter.Tk()
            self._root.title("CleanFlow")
            tkinter.Label(self._root, text=self._words, padx=40, pady=30).pack()
            self._root.update()
        except Exception:  # no display: the program itself will say so
            self._root = None

    def hide(self):
        """It is over."""
        if self._root is not None:
            self._root.destroy()
            self._root = None


def clock():
    """Seconds from some moment on."""
    import time

    return time.time()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
