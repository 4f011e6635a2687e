"""`python3 -m tests`: installs what the tests need (packages, programs, a display) and runs them.

python3 -m tests [PYTEST ARGUMENTS]    all tests except those marked `long`, or those that the arguments
select python3 -m tests --long […]            the tests marked `long`, too python3 -m tests check
ruff, and mypy strict python3 -m tests bench […]             measure the budgets, and other programs for
comparison; --only PART …
python3 -m tests screenshots DIR       a picture of every screen
python3 -m tests setup                 only sets up

The exit status is that of the command run. This file uses only the syntax of Python 3.6, like
`cleanflow.environment`.
"""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Program that tests call -> the Debian package that contains it.
PROGRAMS = {
    "Xvfb": "xvfb",
    "setxkbmap": "x11-xkb-utils",
    "xdotool": "xdotool",
    "xwininfo": "x11-utils",
    "pdftotext": "poppler-utils",
    "hledger": "hledger",
}
# The same for the long tests, which check spreadsheets and the owner's page with these programs.
LONG_PROGRAMS = {"soffice": "libreoffice-calc-nogui", "chromium": "chromium"}


def main(argv: "list[str]") -> int:
    """Run the tests, or the tool that the first argument names; returns the exit status."""
    if argv[:1] in (["-h"], ["--help"]):
        print((__doc__ or "").strip())
        return 0

    if ROOT not in sys.path:
        sys.path.insert(0, ROOT)
    from cleanflow import environment

    status = environment.enter(ROOT, ["-m", "tests"], argv, groups=("tests",))
    if status is not None:
        return status

    _end_tidily_when_terminated()
    os.chdir(ROOT)  # `-m tests` was found here, or by PYTHONPATH
    word, rest = (argv[0], argv[1:]) if argv else ("", [])
    if word == "check":
        return _check()

    from tests.display import NoDisplay, display

    try:
        environment.require_tkinter()
        _require_programs({**PROGRAMS, **LONG_PROGRAMS} if "--long" in argv else PROGRAMS)
        if word == "setup":
            return 0
        with display():
            if word in ("bench", "screenshots"):
                from importlib import import_module

                return int(import_module("tests." + word).main(rest) or 0)
            return _pytest(argv)
    except (environment.SetupRefused, NoDisplay) as refused:
        environment.say(str(refused))
        return 1
    except KeyboardInterrupt:
        return 130


def _end_tidily_when_terminated() -> None:
    # Without a handler SIGTERM would end this process at once and leave Xvfb and the tests running.
    import signal

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)


def _pytest(argv: "list[str]") -> int:
    # Generated input is the same in every run, so that a failure comes from the change; the long run varies
    # it.
    everything = ["-m", ""] if "--long" in argv else ["--hypothesis-profile", "same"]
    rest = [word for word in argv if word != "--long"]
    if not rest:  # all tests: two processes, each with its own display and PostgreSQL
        everything += ["-n", "2", "--dist", "loadfile"]
    # In a process of its own: if Tk crashes it, the display is still closed and the status returned.
    return _run(["-m", "pytest", *everything, *rest])


def _check() -> int:
    rooms = [room for room in ("cleanflow", "server") if os.path.isfile(os.path.join(room, "__init__.py"))]
    ruff = _run(["-m", "ruff", "check", "."])
    mypy = _run(["-m", "mypy", *rooms])
    return ruff or mypy


def _run(words: "list[str]") -> int:
    import subprocess

    sys.stdout.flush()
    child = subprocess.Popen([sys.executable, "-s", *words])
    try:
        status = child.wait()
    except KeyboardInterrupt:  # the child received it too and prints its own summary
        status = child.wait()
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
    return status if status >= 0 else 128 - status


def _require_programs(programs: "dict[str, str]") -> None:
    """Install the missing ``programs``. Only a missing Xvfb stops the tests."""
    import shutil
    import subprocess

    from cleanflow import environment
    from tests import display

    needed = dict(programs)
    if sys.platform in ("win32", "darwin"):
        del needed["Xvfb"]
    missing = [program for program in needed if shutil.which(program) is None]
    if not missing:
        return
    packages = sorted(needed[program] for program in missing)
    has_apt = shutil.which("apt-get") is not None
    if has_apt and os.geteuid() == 0:
        environment.say("installing {} for the tests …".format(", ".join(packages)))
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        # The package lists may be missing or old, and the network may fail once.
        for update_first in (False, True, True):
            if update_first:
                subprocess.run(["apt-get", "update", "-qq"], stdin=subprocess.DEVNULL, capture_output=True)
            done = subprocess.run(
                install, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environ
            )
            if done.returncode == 0:
                break
        else:
            last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            environment.say("apt-get could not install them: " + last)

    missing = [program for program in missing if shutil.which(program) is None]
    if not missing:
        return
    if has_apt:
        how = "run: sudo apt install " + " ".join(sorted(needed[program] for program in missing))
    else:
        how = "install them with your system's package manager"
    text = "the tests use {}, which this system lacks: {}".format(", ".join(missing), how)
    if "Xvfb" in missing and not display.answers():
        raise environment.SetupRefused(text)
    environment.say(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
