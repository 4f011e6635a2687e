"""The first start: one command makes the environment, and repairs it after any interruption.

Each start is a real one, of a small checkout whose program only reports where it runs. Its single requirement
is a wheel made by the test, so no network is needed.
"""

import ast
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cleanflow import environment
from cleanflow.environment import pip_run, system

ROOT = Path(__file__).resolve().parent.parent
PYTHON = getattr(sys, "_base_executable", sys.executable)

TELLS_WHERE_IT_RUNS = """
import json, os, shelf, site, sys

def main(argv):
    facts = {"argv": argv, "cwd": os.getcwd(), "prefix": sys.prefix, "shelf": shelf.VERSION}
    print(json.dumps(dict(facts, user_site=bool(site.ENABLE_USER_SITE))))
    return 7
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and symbolic links of POSIX")


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str

    @property
    def facts(self) -> dict[str, Any]:
        assert self.status == 7, self.err
        return dict(json.loads(self.out))  # one JSON object on standard output, and nothing else


@dataclass(frozen=True)
class Checkout:
    """A checkout of a program that requires `shelf`; `wheels` is the folder of available packages."""

    path: Path
    wheels: Path

    def require(self, *requirements: str) -> None:
        lines = "".join(f"    {requirement}\n" for requirement in requirements)
        (self.path / "setup.cfg").write_text("[options]\ninstall_requires =\n" + lines, encoding="utf-8")

    def environ(self, online: bool, **more: str) -> dict[str, str]:
        environ = {
            name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))
        }
        environ["PIP_CONFIG_FILE"] = os.devnull
        if online:
            environ.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=self.wheels.as_uri())
        else:  # the discard port, where nobody listens
            environ.update(PIP_INDEX_URL="http://127.0.0.1:9/", PIP_RETRIES="0")
        return {**environ, **more}

    def begin(self, *argv: str, online: bool = True, **more: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [PYTHON, str(self.path / "cleanflow.py"), *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.wheels,  # anywhere but the checkout
            env=self.environ(online, **more),
            start_new_session=True,
        )

    def start(self, *argv: str, online: bool = True, **more: str) -> Answer:
        started = self.begin(*(argv or ("status",)), online=online, **more)
        out, err = started.communicate(timeout=60)
        assert "Traceback" not in err, err
        return Answer(started.returncode, out, err)

    @property
    def venv(self) -> Path:
        return self.path / ".venv"

    @property
    def stamp(self) -> Path:
        return self.venv / environment.STAMP_NAME


def _make_wheel(folder: Path, version: str) -> None:
    about = f"shelf-{version}.dist-info"
    with zipfile.ZipFile(folder / f"shelf-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("shelf.py", f"VERSION = {version!r}\n")
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: shelf\nVersion: {version}\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")


def _new_checkout(folder: Path) -> Checkout:
    wheels = folder / "wheels"
    wheels.mkdir()
    for version in ("1.0", "2.0"):
        _make_wheel(wheels, version)
    checkout = Checkout(folder / "Clean Flow قلم", wheels)
    (checkout.path / "cleanflow").mkdir(parents=True)
    shutil.copy(ROOT / "cleanflow.py", checkout.path)
    shutil.copy(ROOT / "cleanflow" / "__init__.py", checkout.path / "cleanflow")
    shutil.copytree(ROOT / "cleanflow" / "environment", checkout.path / "cleanflow" / "environment")
    (checkout.path / "cleanflow" / "cli.py").write_text(TELLS_WHERE_IT_RUNS, encoding="utf-8")
    checkout.require("shelf==1.0")
    return checkout


@pytest.fixture
def bare(tmp_path: Path) -> Checkout:
    """A fresh checkout without an environment."""
    return _new_checkout(tmp_path)


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> tuple[Checkout, Answer]:
    checkout = _new_checkout(tmp_path_factory.mktemp("first"))
    return checkout, checkout.start("status", "--json")


@pytest.fixture
def ready(first_start: tuple[Checkout, Answer], tmp_path: Path) -> Checkout:
    """A checkout with its environment (a copy of one, with the stamp adjusted)."""
    made = first_start[0]
    shutil.copytree(made.path, tmp_path / "checkout", symlinks=True)
    checkout = Checkout(tmp_path / "checkout", made.wheels)
    stamp = json.loads(checkout.stamp.read_text())
    checkout.stamp.write_text(json.dumps({**stamp, "venv": str(checkout.venv)}))
    return checkout


# --- the first start and the next ----------------------------------------------------------------


def test_the_first_start_makes_the_environment_and_hands_over(first_start: tuple[Checkout, Answer]) -> None:
    checkout, answer = first_start
    assert answer.facts == {
        "argv": ["status", "--json"],
        "cwd": str(checkout.wheels),  # the user's folder, not the checkout
        "prefix": str(checkout.venv),
        "shelf": "1.0",
        "user_site": False,
    }
    assert "first start" in answer.err
    assert "fetching shelf 1.0" in answer.err
    assert all(line.startswith("CleanFlow: ") for line in answer.err.splitlines())


def test_a_later_start_says_nothing_and_needs_no_network(ready: Checkout) -> None:
    before = ready.stamp.stat().st_mtime_ns
    answer = ready.start(online=False)
    assert answer.facts["shelf"] == "1.0"
    assert answer.err == ""
    assert ready.stamp.stat().st_mtime_ns == before


def test_a_later_start_costs_next_to_nothing(ready: Checkout) -> None:
    started = time.perf_counter()
    for _ in range(20):
        assert environment.is_ready(str(ready.path))
    assert (time.perf_counter() - started) / 20 < 0.050


def test_the_environment_s_own_python_goes_on_in_its_process(ready: Checkout) -> None:
    process = subprocess.run(
        [ready.venv / "bin" / "python", ready.path / "cleanflow.py", "status"],
        capture_output=True,
        text=True,
        env=ready.environ(online=False),
    )
    assert Answer(process.returncode, process.stdout, process.stderr).facts["prefix"] == str(ready.venv)
    assert process.stderr == ""


# --- changed, moved, broken ----------------------------------------------------------------------


def test_changed_requirements_are_installed_at_the_next_start(ready: Checkout) -> None:
    ready.require("shelf==2.0")
    answer = ready.start()
    assert answer.facts["shelf"] == "2.0"
    assert "up to date" in answer.err
    assert ready.start().err == ""


def test_changed_requirements_without_a_network_leave_the_environment_whole(ready: Checkout) -> None:
    ready.require("shelf==2.0")
    answer = ready.start(online=False)
    assert answer.status == 1
    assert "no connection" in answer.err.splitlines()[-1]

    ready.require("shelf==1.0")  # the version that is installed
    assert ready.start(online=False).facts["shelf"] == "1.0"


def test_a_moved_checkout_starts_without_a_network(ready: Checkout) -> None:
    moved = Checkout(ready.path.rename(ready.path.with_name("moved")), ready.wheels)
    assert moved.start(online=False).facts["prefix"] == str(moved.venv)
    assert moved.start(online=False).err == ""


def test_a_python_that_is_gone_means_that_the_environment_is_made_again(ready: Checkout) -> None:
    python = ready.venv / "bin" / "python"
    python.unlink()
    python.symlink_to("/nonexistent/python3.11")  # as after an upgrade of the system's Python
    assert ready.start().facts["shelf"] == "1.0"


@pytest.mark.parametrize("text", ["", '{"venv": ', "[]", "{}", '{"venv": "", "python": "", "installed": 1}'])
def test_a_stamp_that_is_not_whole_is_not_trusted(ready: Checkout, text: str) -> None:
    ready.stamp.write_text(text)
    assert not environment.is_ready(str(ready.path))


def test_another_python_under_the_environment_means_that_it_is_made_again(ready: Checkout) -> None:
    stamp = json.loads(ready.stamp.read_text())
    ready.stamp.write_text(json.dumps({**stamp, "python": "3.10"}))
    assert ready.start().facts["shelf"] == "1.0"
    assert json.loads(ready.stamp.read_text())["python"] == stamp["python"]


def test_a_developer_s_own_environment_is_completed_not_replaced(ready: Checkout) -> None:
    (ready.venv / environment.LOG_NAME).unlink()
    ready.stamp.unlink()
    (ready.venv / "mine").touch()
    assert ready.start().facts["shelf"] == "1.0"
    assert (ready.venv / "mine").exists()


def test_killed_in_the_middle_the_next_start_makes_it_whole(bare: Checkout) -> None:
    killed = bare.begin("status")
    assert killed.stderr is not None
    assert "first start" in killed.stderr.readline()
    while not (bare.venv / environment.LOG_NAME).exists():
        assert killed.poll() is None
        time.sleep(0.01)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert not bare.stamp.exists()

    (bare.venv / "half-unpacked").touch()
    answer = bare.start()
    assert answer.facts["shelf"] == "1.0"
    assert "making it again" in answer.err
    assert not (bare.venv / "half-unpacked").exists()


def test_ctrl_c_ends_the_first_start_cleanly(bare: Checkout) -> None:
    interrupted = bare.begin("status")
    assert interrupted.stderr is not None
    assert "first start" in interrupted.stderr.readline()
    os.killpg(interrupted.pid, signal.SIGINT)
    _, err = interrupted.communicate(timeout=30)
    assert interrupted.returncode == 130
    assert "Traceback" not in err
    assert not bare.stamp.exists()


def test_two_first_starts_at_once_make_one_environment(bare: Checkout) -> None:
    starts = [bare.begin("status"), bare.begin("status")]
    answers = [
        Answer(start.returncode, *ends) for start in starts for ends in [start.communicate(timeout=60)]
    ]
    assert [answer.facts["shelf"] for answer in answers] == ["1.0", "1.0"]
    assert sorted("waiting" in answer.err for answer in answers) == [False, True]
    assert sum("first start" in answer.err for answer in answers) == 1


# --- what cannot be done is one sentence ---------------------------------------------------------


def test_a_first_start_without_a_network_says_so_and_is_not_ready(bare: Checkout) -> None:
    answer = bare.start(online=False)
    assert answer.status == 1
    assert answer.out == ""
    assert answer.err.splitlines()[-1] == (
        "CleanFlow: packages have to be fetched from the internet, and there is no connection: "
        "connect and start again."
    )
    assert not bare.stamp.exists()


def test_a_package_that_does_not_exist_names_the_log(bare: Checkout) -> None:
    bare.require("shelf==3.0")
    answer = bare.start()
    assert answer.status == 1
    log = bare.venv / environment.LOG_NAME
    assert str(log) in answer.err.splitlines()[-1]
    assert "shelf==3.0" in log.read_text()
    assert not bare.stamp.exists()


def test_an_incomplete_download_says_so(bare: Checkout) -> None:
    (bare.path / "setup.cfg").unlink()
    answer = bare.start()
    assert answer.status == 1
    assert "incomplete" in answer.err
    assert len(answer.err.splitlines()) == 1


def test_without_tkinter_only_the_window_is_refused(ready: Checkout, tmp_path: Path) -> None:
    lacking = tmp_path / "lacking"
    lacking.mkdir()
    (lacking / "_tkinter.py").write_text("raise ImportError('not built')")
    window = ready.start("--data", "books", PYTHONPATH=str(lacking))
    assert window.status == 1
    assert "tkinter" in window.err
    assert len(window.err.splitlines()) == 1
    assert ready.start("status", PYTHONPATH=str(lacking)).status == 7


@pytest.mark.parametrize(
    ("argv", "window"),
    [
        ([], True),
        (["--data", "books"], True),
        (["--data=books"], True),
        (["status"], False),
        (["--data", "books", "status"], False),
        (["--help"], False),
    ],
)
def test_the_window_is_what_no_command_asks_for(argv: list[str], window: bool) -> None:
    assert environment.opens_window(argv) is window


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EROFS, "Read-only file system", "/cd/.venv"), "/cd/.venv cannot be written to"),
        (PermissionError(errno.EACCES, "Permission denied", "/cd/.venv.lock"), "into a folder of your own"),
    ],
)
def test_a_disk_that_cannot_be_written_to_is_told_in_words(error: OSError, words: str) -> None:
    assert words in pip_run.disk_sentence("/cd", error)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "disk is full",
        ),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: not yet valid", "date and time"),
        ("NewConnectionError: [Errno -3] Temporary failure in name resolution", "no connection"),
        ("ERROR: [Errno 30] Read-only file system: '/cd/.venv/lib'", "cannot be written to"),
    ],
)
def test_what_pip_complains_about_is_told_in_words(output: str, words: str) -> None:
    assert words in str(pip_run._failure(output))


def test_progress_names_what_is_fetched_and_hides_the_rest_of_pip() -> None:
    lines = {
        "Collecting requests>=2.32": "",
        "  Downloading requests-2.34.2-py3-none-any.whl.metadata (4.6 kB)": "",
        "Downloading requests-2.34.2-py3-none-any.whl (64 kB)": "fetching requests 2.34.2 (64 kB)",
        "Using cached idna-3.20-py3-none-any.whl (70 kB)": "fetching idna 3.20 (70 kB)",
        "Installing collected packages: idna, requests": "installing 2 packages …",
        "Successfully installed idna-3.20 requests-2.34.2": "",
    }
    assert {line: pip_run.progress_of(line) for line in lines} == lines


# --- an old or a bare system ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "cleanflow.py",
        "cleanflow/__init__.py",
        "cleanflow/environment/__init__.py",
        "cleanflow/environment/pip_run.py",
        "cleanflow/environment/system.py",
        "tests/__init__.py",
        "tests/__main__.py",
    ],
)
def test_what_runs_before_the_version_check_is_readable_to_python_3_6(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"), feature_version=(3, 6))
    # type hints that only a newer Python can evaluate must be quoted
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            hints = [argument.annotation for argument in [*function.args.args, *function.args.kwonlyargs]]
            for hint in [*hints, function.returns]:
                assert hint is None or isinstance(hint, ast.Constant | ast.Name), (path, function.name)


def test_an_old_python_gets_one_sentence() -> None:
    sentence = system.old_python_sentence((3, 6, 15))
    assert sentence.startswith("CleanFlow needs Python 3.11 or newer; this is 3.6.15")
    assert "\n" not in sentence
    assert system.old_python_sentence((3, 11, 0)) == ""
    assert system.old_python_sentence() == ""


@pytest.mark.parametrize(
    ("os_release", "command"),
    [
        ("ID=debian", "sudo apt install python3-venv python3-tk"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"', "sudo apt install python3-venv python3-tk"),
        ("ID=fedora", "sudo dnf install python3-pip python3-tkinter"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"', "sudo dnf install python3-pip python3-tkinter"),
        ("ID=manjaro\nID_LIKE=arch", "sudo pacman -S python tk"),
        (
            'ID="opensuse-leap"\nID_LIKE="suse opensuse"',
            "sudo zypper install python311 python311-pip python311-tk",
        ),
        ("ID=alpine", "doas apk add python3 py3-pip python3-tkinter"),
        ("ID=slackware", "install your system's packages for Python's venv, pip and tkinter"),
        ("", "install your system's packages for Python's venv, pip and tkinter"),
    ],
)
def test_each_linux_gets_its_own_command(os_release: str, command: str) -> None:
    assert command in system.hint_for(system._linux_family(os_release), 11)


def test_macos_windows_root_and_a_second_python_get_theirs() -> None:
    assert "brew install python@3.12 python-tk@3.12" in system.hint_for("macos", 12)
    assert "Modify" in system.hint_for("windows", 12)
    assert system.hint_for("debian", 12, is_root=True) == "run: apt install python3-venv python3-tk"
    assert "python3.12-venv python3.12-tk" in system.hint_for("debian", 12, is_default=False)
