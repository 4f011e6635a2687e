# Starts CleanFlow from the release file: `python3 cleanflow-linux.pyz [COMMAND ...]`.
#
# Responsible for everything between a double click and `cleanflow.cli`: checking this Python, finding the
# unpacked program, and showing whatever prevents a start as one sentence. Python compiles this file at every
# start, so it is short; cleanflow_unpacking.py unpacks and repairs, which happens once.
#
# Every Python since 2.7 must be able to parse this file, or the user would see a syntax error instead of the
# sentence: hence no type hints, no f-strings, and only ASCII.
# ruff: noqa: B904, BLE001, RUF005, SIM115, UP004, UP024
import os
import sys

# Filled in when the release is built: kind, version, key, system, pieces.
FACTS = {}

NEWEST, OLDEST = (3, 14), (3, 11)


class Refused(Exception):
    """CleanFlow cannot start; the text is the sentence shown to the user."""


def main(argv):
    """Start the program with `argv`; returns the exit status."""
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
    """The tag of this Python's compiled modules, such as "cpython-311-x86_64-linux-gnu"."""
    try:
        from importlib.machinery import EXTENSION_SUFFIXES
    except ImportError:  # Python 2
        return ""
    return EXTENSION_SUFFIXES[0].split(".")[1]


def require_python(facts, version, tag, platform):
    """Refuse a Python that this file has no packages for, and say what to do."""
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
    """A sentence about a suitable Python: the one found on PATH, or that one must be installed."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        name = "python3." + str(minor)
        if any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders if folder):
            return "Start it with " + name + "."
    return "Install a Python from 3.11 to 3.14; others may stay beside it."


# --- where it is unpacked ------------------------------------------------------------------------


def prepared_home(argv):
    """The folder with the unpacked program, which is created if it does not exist."""
    home = os.path.join(cache_folder(), "-".join((FACTS["kind"], FACTS["key"], extension_tag())))
    if entered(home):
        return home
    import cleanflow_unpacking

    try:
        return cleanflow_unpacking.unpacked_home(FACTS, home, Notice(argv))
    except cleanflow_unpacking.NotUnpacked as error:
        raise Refused(str(error))


def cache_folder():
    """The user's cache folder, as in platformdirs; CLEANFLOW_CACHE overrides it."""
    named = os.environ.get("CLEANFLOW_CACHE")
    if named:
        return os.path.abspath(named)
    if os.name == "nt":
        local = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
        return os.path.join(local, "CleanFlow", "Cache")
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "CleanFlow")


# The READY file, open while the program runs, so that an update does not delete the folder in use. (Windows
# protects the folder of an open file; elsewhere the file lock does.)
_in_use = []


def entered(home):
    """Whether `home` is complete and ours; if so it counts as in use from now on.

    Its READY file says "checked", or during which boot of the machine it was unpacked. Until the next boot
    its files are certainly complete; after it (there may have been a power cut) they must be checked.
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
            return False  # another user's: never run code that another user has written
    words = mark.read().split()
    whole = words == ["checked"] or (words[:1] == ["unpacked"] and same_run_of_the_machine(words[-1]))
    if not whole or not os.path.exists(mark.name):
        mark.close()
        return False
    _in_use.append(mark)
    return True


def leave():
    """Stop using the unpacked program."""
    while _in_use:
        _in_use.pop().close()


def run_of_the_machine():
    """A word that changes with every boot of the machine."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return file.read().strip()
    except (OSError, IOError):
        import time

        return str(int(time.time() - time.monotonic()))


def same_run_of_the_machine(word):
    """Whether `word` is of this boot; setting the clock counts as another boot."""
    now = run_of_the_machine()
    if word.isdigit() and now.isdigit():
        return abs(int(word) - int(now)) < 120
    return word == now


def keep_only(home):
    """Put `home` first on sys.path and remove this file from it."""
    this = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [home] + [folder for folder in sys.path if os.path.abspath(folder) != this]
    sys.dont_write_bytecode = False  # keep compiled modules in our folder, whatever the user has set


# --- the program -----------------------------------------------------------------------------------


def run(home, argv):
    """Run the program that is unpacked in `home`; returns the exit status."""
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
    """Whether the arguments only ask for the version or help."""
    return any(word in ("--version", "--help", "-h") for word in argv)


# --- saying it -------------------------------------------------------------------------------------


def by_icon(argv):
    """Whether nobody sees printed text: started by a double click, not in a terminal or by a script."""
    if sys.stderr is None:
        return True
    return not sys.stderr.isatty() and not [word for word in argv if not word.startswith("-")]


def say(words, argv):
    """Show one sentence on standard error and, without a terminal, in a message box."""
    if sys.stderr is not None:
        sys.stderr.write("CleanFlow: " + words + "\n")
    if not by_icon(argv):
        return
    try:
        if os.name == "nt":  # works without tkinter, which may be what is missing
            import ctypes

            ctypes.windll.user32.MessageBoxW(0, words, "CleanFlow", 0x10)
            return
        from tkinter import Tk, messagebox

        root = Tk()
        root.withdraw()
        messagebox.showerror("CleanFlow", words, parent=root)
        root.destroy()
    except Exception:  # no display
        pass


class Notice(object):
    """Tells the user that this start takes longer, so that nobody clicks a second time."""

    def __init__(self, argv):
        self._by_icon = by_icon(argv)
        self._words = ""
        self._root = None
        self._began_at = 0.0

    def show(self, words):
        """Show `words`; a window opens only if the start takes long (see `turn`)."""
        self._words, self._began_at = words, clock()
        if sys.stderr is not None and sys.stderr.isatty():
            sys.stderr.write("CleanFlow: " + words + "\n")

    def turn(self):
        """Keep the notice's window alive; call often."""
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
        except Exception:  # no display: the program itself reports that
            self._root = None

    def hide(self):
        """Close the notice."""
        if self._root is not None:
            self._root.destroy()
            self._root = None


def clock():
    """The time in seconds."""
    import time

    return time.time()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
