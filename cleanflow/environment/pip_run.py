"""Runs pip, and says in plain words what it does and why it failed.

Standard library and syntax of Python 3.6 only, like the rest of this folder.
"""

import os

from cleanflow.environment.system import OfflineError, SetupRefused

LOG_NAME = "cleanflow-setup.log"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class PipFailed(Exception):
    """A step failed for a reason that is only in the log."""


def install(
    python: str, venv: str, wanted: "dict[str, list[str]]", lock: int, say: "Callable[[str], None]"
) -> None:
    """Install the requirements of all groups in `wanted` into `venv`, whose Python is `python`.

    Progress goes to `say`. Raises like :func:`logged`.
    """
    command = [python, "-I", "-u", "-m", "pip", "install"]
    command += [
        "--disable-pip-version-check",
        "--no-input",
        "--no-color",
        "--progress-bar",
        "off",
        "--prefer-binary",
    ]
    packages = [requirement for group in wanted.values() for requirement in group]
    if not packages:
        return
    command += packages
    waiting = False
    for line in logged(command, os.path.join(venv, LOG_NAME), lock):
        progress = progress_of(line)
        if progress:
            say(progress)
        elif "Retrying (" in line and not waiting:
            waiting = True
            say("the network does not answer, trying again …")


def progress_of(line: str) -> str:
    """The progress message for a line of pip's output; "" for a line without news."""
    words = line.split()
    if words[:1] in (["Downloading"], ["Processing"]) or words[:2] == ["Using", "cached"]:
        file = next((word for word in words if word.endswith((".whl", ".tar.gz", ".zip"))), "")
        name = file.replace("\\", "/").rpartition("/")[2].split("-")
        size = line[line.rindex("(") :] if line.endswith("B)") else ""
        return " ".join(["fetching", *name[:2], size]).rstrip() if len(name) > 1 else ""
    if line.startswith("Building wheel"):
        return "building " + words[3] if len(words) > 3 else ""
    if line.startswith("Installing collected packages:"):
        return f"installing {line.count(',') + 1} packages …"
    return ""


def logged(command: "list[str]", log_path: str, lock: int) -> "Iterator[str]":
    """Run `command`; write its output to the log and yield it line by line.

    Raises SetupRefused if the output shows a cause that the user can remove, else PipFailed.
    """
    import subprocess

    environment = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    # The child inherits the lock: if we are killed, the next start waits until the child has ended.
    inherited = () if os.name == "nt" else (lock,)
    tail = []  # type: list[str]
    with open(log_path, "a", encoding="utf-8") as log:
        log.write("$ " + " ".join(command) + "\n")
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=environment,
            cwd=os.path.dirname(log_path),
            pass_fds=inherited,
        )
        assert child.stdout is not None
        try:
            for line in child.stdout:
                log.write(line)
                tail = [*tail[-199:], line]
                yield line.rstrip()
            status = child.wait()
        except BaseException:
            child.terminate()
            child.wait()
            raise
        finally:
            child.stdout.close()
    if status != 0:
        raise _failure("".join(tail))


# The user's settings of pip or Python that would make pip install elsewhere.
_MISLEADING = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_USER",
    "PIP_PYTHON",
    "PIP_DRY_RUN",
)

_OFFLINE = (
    "failed to establish a new connection",
    "newconnectionerror",
    "connecttimeout",
    "readtimeout",
    "read timed out",
    "name resolution",
    "name or service not known",
    "getaddrinfo failed",
    "nodename nor servname",
    "network is unreachable",
    "connection refused",
    "connection aborted",
    "proxyerror",
    "failed to connect",
)


_DISK_FULL = "the disk is full: free about 500 MB and start again."


def _failure(output: str) -> Exception:
    text = output.lower()
    if "no space left" in text or "not enough space" in text or "quota exceeded" in text:
        return SetupRefused(_DISK_FULL)
    if "certificate verify failed" in text or "certificate_verify_failed" in text:
        return OfflineError(
            "the download server's certificate was not accepted: check this PC's date and time, "
            "and whether a proxy reads its traffic, then start again."
        )
    # Without retries pip does not mention the connection; it only reports that it found no version.
    nothing_seen = "(from versions: none)" in text and "require a different python" not in text
    if nothing_seen or any(sign in text for sign in _OFFLINE):
        return OfflineError(
            "packages have to be fetched from the internet, and there is no connection: "
            "connect and start again."
        )
    if "read-only file system" in text or "permission denied" in text:
        return SetupRefused(
            "its folder cannot be written to: copy CleanFlow into a folder of your own and start it there."
        )
    return PipFailed()


def disk_sentence(root: str, error: OSError) -> str:
    import errno

    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return _DISK_FULL
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        # Windows locks the files of a running program; elsewhere only permissions can be the cause.
        first = "close other CleanFlow windows, or " if os.name == "nt" else ""
        return (
            f"{error.filename or root} cannot be written to ({error.strerror}): "
            f"{first}copy CleanFlow into a folder of your own and start it there."
        )
    return f"its environment in {root} could not be made: {error}."
