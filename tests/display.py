"""Provides a display for the window's tests: the existing one, or an Xvfb for the duration of the tests.

Responsible for DISPLAY naming a server that answers. `tests.__main__` installs Xvfb.
"""

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

SCREEN = "1366x768x24"  # the most common screen of the target PCs
START_TIMEOUT_S = 30.0
ATTEMPTS = 3

#: Names the display that this module started: whose keyboard layout may be changed, and real keys sent to.
OWN = "CLEANFLOW_TESTS_DISPLAY"

_OPENS_A_WINDOW = "import tkinter; tkinter.Tk().destroy()"


class NoDisplay(Exception):
    """No display exists and none could be started; the text says why."""


def answers() -> bool:
    """Whether a window can be opened on the display that DISPLAY names."""
    if sys.platform in ("win32", "darwin"):
        return True
    if not os.environ.get("DISPLAY"):
        return False
    try:
        probe = [sys.executable, "-I", "-c", _OPENS_A_WINDOW]
        return subprocess.run(probe, capture_output=True, timeout=START_TIMEOUT_S).returncode == 0
    except subprocess.TimeoutExpired:
        return False


@contextmanager
def display() -> Iterator[str]:
    """Within the block DISPLAY works; gives its value. An Xvfb that it started is always ended afterwards."""
    if answers():
        yield os.environ.get("DISPLAY", "")
        return
    before = os.environ.get("DISPLAY")
    server, name = _start_answering()
    try:
        yield name
    finally:
        if before is None:
            del os.environ["DISPLAY"]
        else:
            os.environ["DISPLAY"] = before
        _stop(server)


def _start_answering() -> tuple[subprocess.Popen[bytes], str]:
    """Start an Xvfb and open a window on it, so that a slow or failed start shows here; sets DISPLAY."""
    for attempt in range(ATTEMPTS):
        server, name = _start()
        os.environ["DISPLAY"] = os.environ[OWN] = name
        if answers():
            return server, name
        _stop(server)
        time.sleep(0.2 * attempt)
    raise NoDisplay(f"Xvfb was started {ATTEMPTS} times and never answered")


@contextmanager
def another_display(screen: str, dpi: int) -> Iterator[str]:
    """A display for another program, like ``1536x1152x24`` at 144 dpi; its name. The own one stays."""
    server, name = _start(screen, dpi)
    try:
        yield name
    finally:
        _stop(server)


def _start(screen: str = SCREEN, dpi: int = 96) -> tuple[subprocess.Popen[bytes], str]:
    readable, writable = os.pipe()
    # -displayfd lets the server choose a free number, so that parallel runs cannot collide; -noreset keeps it
    # running when the last window closes. A session of its own: Ctrl-C is for the tests.
    command = ["Xvfb", "-displayfd", str(writable), "-screen", "0", screen, "-dpi", str(dpi)]
    command += ["-nolisten", "tcp", "-noreset"]
    try:
        server = subprocess.Popen(
            command,
            pass_fds=(writable,),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        os.close(readable)
        raise NoDisplay(f"Xvfb does not start: {error.strerror}") from None
    finally:
        os.close(writable)

    try:
        number = _line(readable)
    finally:
        os.close(readable)
    if not number:
        _stop(server)
        raise NoDisplay(f"Xvfb gave no display (exit status {server.returncode})")
    return server, f":{number}"


def _line(readable: int) -> str:
    """The first line; "" if it never came.

    The server writes the number and the newline separately, and dies when nobody reads the second.
    """
    text = b""
    while not text.endswith(b"\n"):
        ready, _, _ = select.select([readable], [], [], START_TIMEOUT_S)
        piece = os.read(readable, 16) if ready else b""
        if not piece:
            return ""
        text += piece
    return text.decode().strip()


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
