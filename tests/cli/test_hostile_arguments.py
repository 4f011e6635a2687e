"""Every command with hostile arguments: exit status 0, 1 or 2, a message, no traceback, unchanged books."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanflow.cli import _COMMANDS, main
from cleanflow.db import open_database
from tests import hostile
from tests.dao.test_properties import fingerprint

ROOT = Path(__file__).resolve().parents[2]

#: Commands with their required arguments; the attacks replace {}.
LINES: tuple[str, ...] = (
    "init --shop {} --currency {} --pc {} --owner {} --pin {} --day-starts-at {} --date-order {}",
    "init --shop {} --currency USD --owner O --pin 1234", "init --shop S --currency USD --owner {} --pin {}",
    "init --shop S --currency USD --owner O --pin 1234 --address {} --phone {}",
    "demo --jobs {} --days {} --seed {}",
    "import {} {}", "import customers {}", "import jobs {} --map {}", "import payments {} --dry-run --strict --json",
    "report {}", "report daily --date {}", "report monthly --month {}", "report ledger --customer {}",
    "report ledger --customer Ann --from {} --to {}", "report cashflow --from {} --to {}",
    "report receivables --date {} --json", "report daily --pdf {}", "report daily --xlsx {}", "report daily --paper {}",
    "close --date {} --counted {} --reason {}", "close --counted {}", "close --date {} --again", "close --addendum --date {}",
    "close --counted 0 --reason R --pdf {}",
    "export {} {}", "export journal {}", "export journal --format {} x", "verify {}", "status {}", "leave {}",
    "join {} {}", "join http://127.0.0.1:9 {}", "join http://127.0.0.1:9 CODE --pc {}", "sync {}", "{}", "--data {} status",
    "backup {}", "restore {} --yes", "restore {} --look", "restore . --pc {}",
    "serve {} {}", "serve --port {}", "serve new-code {} --database {}",
)  # fmt: skip

#: Takes no arguments of its own.
NOT_ATTACKED = {"check"}
#: With a valid argument it would keep serving; it is attacked as a process of its own.
LEFT_OUT = {"serve"}

WORDS = tuple(
    word
    for word in dict.fromkeys((
        *hostile.TEXTS.values(), *hostile.AMOUNT_TEXTS, *hostile.DATE_TEXTS, *hostile.IDS.values(),
        "-", "--", "-1", "--json", "/", ".", "/dev/null", "/dev/full", "/proc/self/mem", "nothing/there", "a\nname",
        "@file", "*", "~", "cleanflow.db", "%s%n",
    ))
    if len(word) < 6_000 and "\0" not in word  # no system passes a NUL in arguments
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, new_shop_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a shop and a folder for files that may be overwritten."""
    (tmp_path / "shop").mkdir()
    shutil.copy(new_shop_file, tmp_path / "shop" / "cleanflow.db")
    (tmp_path / "place").mkdir()
    monkeypatch.chdir(tmp_path / "place")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    return tmp_path


def books(folder: Path) -> str:
    with open_database(folder / "shop" / "cleanflow.db") as db:
        return fingerprint(db)


def run(folder: Path, words: list[str]) -> tuple[int, str]:
    """The command's exit status and output; any exception fails the test."""
    out, err = io.StringIO(), io.StringIO()
    data = [] if words[:1] == ["--data"] else ["--data", str(folder / "shop")]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main([*data, *words])
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
    return status, out.getvalue() + err.getvalue()


def assert_answered(folder: Path, words: list[str]) -> None:
    before = books(folder)
    status, said = run(folder, words)
    shown = f"{words!r:.300} -> {status}: {said[-500:]}"
    assert status in (0, 1, 2), shown
    assert "Something in the program failed" not in said, shown
    assert "Traceback" not in said, shown
    assert status == 2 or "\x1b" not in said.replace("\\x1b", ""), "a terminal obeys escapes"
    assert len(said) < 50_000, shown
    if status != 0:
        assert said, shown
        assert books(folder) == before or " is closed (C1-Z" in said, shown


def test_every_command_is_attacked() -> None:
    assert {line.split()[0] for line in LINES} >= {*_COMMANDS} - NOT_ATTACKED


#: One attack of each kind, for the normal run.
FEW = (
    "",
    "=1+1",
    "\x1b[31m{} %s",
    "An\udcffn",
    "99999-12-31",
    "300+450+",
    "x" * 300,
    "/",
    "/dev/full",
    "nothing/there",
)


def answer_all(folder: Path, line: str, words: tuple[str, ...]) -> None:
    for word in words:
        if line != "{}" or word not in ("-", "--"):  # these open the window
            assert_answered(folder, [word if part == "{}" else part for part in line.split()])


@pytest.mark.parametrize("line", [line for line in LINES if line.split()[0] not in LEFT_OUT])
def test_a_command_answers_nonsense_in_words(folder: Path, line: str) -> None:
    answer_all(folder, line, FEW)


@pytest.mark.long
@pytest.mark.parametrize("line", [line for line in LINES if line.split()[0] not in LEFT_OUT])
def test_a_command_answers_all_nonsense_in_words(folder: Path, line: str) -> None:
    answer_all(folder, line, WORDS)


@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_behind_a_command_are_answered(folder: Path, data: st.DataObject) -> None:
    line = data.draw(
        st.sampled_from([line for line in LINES if line.split()[0] not in (*LEFT_OUT, "{}", "demo")])
    )
    text = st.text(st.characters(exclude_characters="\0"), max_size=12)
    words = [data.draw(text) if part == "{}" else part for part in line.split()]
    assert_answered(folder, words)


@pytest.fixture
def process(folder: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run a command as a process with the given standard input, output and error."""

    def start(*words: str | bytes, **streams: Any) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "cleanflow", "--data", str(folder / "shop"), *words]
        given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        done = subprocess.run(
            command,
            cwd=folder / "place",
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
            timeout=60,
            **given,
        )
        assert done.returncode in (0, 1, 2), done.stderr
        assert b"Traceback" not in (done.stderr or b"") + (done.stdout or b"")
        assert b"Something in the program failed" not in (done.stderr or b"")
        return done

    return start


Process = Callable[..., subprocess.CompletedProcess[bytes]]


def test_names_that_are_no_utf8_are_answered(process: Process, folder: Path) -> None:
    before = books(folder)
    for words in ((b"report", b"ledger", b"--customer", b"\xff\xfe"), (b"import", b"customers", b"\xff.csv"),
                  (b"export", b"journal", b"\xff/\xff"), (b"\xff",), (b"serve", b"\xff"), (b"serve", b"--port", b"1e5"),
                  (b"join", b"http://\xff", b"x")):  # fmt: skip
        assert process(*words).returncode in (1, 2)
    assert books(folder) == before
    assert process(b"report", b"daily", b"--pdf", b"\xff.pdf").returncode == 0
    assert (folder / "place" / os.fsdecode(b"\xff.pdf")).is_file()


def test_whoever_closed_our_streams_gets_an_exit_status(process: Process, folder: Path) -> None:
    """Streams are closed by a shell's ``>&-`` and ``<&-``, or by a reader that has stopped."""
    shell = f"{sys.executable} -m cleanflow --data {folder / 'shop'}"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    for line, statuses in (
        (f"{shell} status <&-", {0}), (f"{shell} status >&-", {0, 1}), (f"{shell} status 2>&-", {0}),
        (f"{shell} report daily >&- 2>&- <&-", {0, 1}), (f"{shell} status --json | true", {0}),
        (f"{shell} init --shop S --currency USD --owner O <&-", {1}),
        (f"{shell} import customers nothing.csv 2>&-", {1}), (f"{shell} nonsense 2>&-", {2}),
    ):  # fmt: skip
        done = subprocess.run(
            line, shell=True, cwd=folder, env=environ, capture_output=True, check=False, timeout=60
        )
        assert done.returncode in statuses, (line, done)
        assert b"Traceback" not in done.stderr + done.stdout, (line, done.stderr)


def test_a_folder_where_a_file_should_be_and_a_shop_that_is_none(folder: Path, process: Process) -> None:
    place = folder / "place"
    (place / "a folder.csv").mkdir()
    (place / "bytes.csv").write_bytes(bytes(range(256)) * 50)
    (place / "secret.csv").write_text("Name\nAnn\n")
    for name in ("a folder.csv", "bytes.csv", "/dev/null", "/dev/tty"):
        assert run(folder, ["import", "customers", name])[0] == 1
    for data in (
        "/dev/null",
        "/proc",
        str(place / "bytes.csv"),
        "\n",
        "x" * 300,
        str(place / "a folder.csv"),
    ):
        for words in (["status"], ["verify", "--json"], ["report", "daily"], ["sync"]):
            status, said = run(folder, ["--data", data, *words])
            assert status == 1, (data, words, said)
            assert "Something in the program" not in said, (data, words, said)
