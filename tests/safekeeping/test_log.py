"""The log says where the program failed but never names a person, and a failing disk cannot make it fail."""

from __future__ import annotations

import ast
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cleanflow.cli import main
from cleanflow.dao import jobs
from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.db import Database, with_transaction
from cleanflow.errors import NotSaved, Refusal
from cleanflow.safekeeping.log import LOG_NAME, Discreet, described, log_beside

ROOT = Path(__file__).resolve().parents[2]
SECRETS = ("Fatima Noor", "0300-7654321", "1234.56", "123456", "Mall Road", "fatima")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before = [*root.handlers]
    log_beside(tmp_path / "cleanflow.db")
    yield tmp_path / LOG_NAME
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()


def report(error: BaseException) -> None:
    """Log an exception as the window does with one from a callback."""
    logging.getLogger("cleanflow.gui.window").error(
        "a callback failed", exc_info=(type(error), error, error.__traceback__)
    )


def secretive(secret: str = "Fatima Noor, 0300-7654321, 1234.56 at Mall Road") -> None:
    raise ValueError(f"cannot do {secret!r}")


@with_transaction
def breaks_a_rule(db: Database) -> None:
    db.execute("INSERT INTO services_of_fatima VALUES ('Fatima Noor')")


@with_transaction
def too_short(db: Database) -> None:
    db.execute("INSERT INTO devices (id, device_id) VALUES ('Fatima Noor', 'Fatima Noor')")


def chained() -> None:
    try:
        secretive()
    except ValueError as error:
        raise KeyError("Fatima Noor") from error


def endless(name: str = "Fatima Noor") -> None:
    endless(name)


def no_disk() -> None:
    raise OSError(28, "No space left on device", "/home/fatima/Fatima Noor.pdf")


def two_names() -> None:
    os.rename("/home/fatima/Fatima Noor 1", "/home/fatima/Fatima Noor 2")


FAILURES: dict[str, tuple[Callable[[Database], object], str]] = {
    "value": (lambda db: secretive(), "ValueError"),
    "key": (lambda db: {}["Fatima Noor"], "KeyError"),
    "unicode": (lambda db: "Fatima Noor\ud800".encode(), "UnicodeEncodeError"),
    "int": (lambda db: int("Fatima Noor"), "ValueError"),
    "attribute": (lambda db: db.fatima, "AttributeError: 'Database' object has no attribute"),  # type: ignore[attr-defined]
    "none": (lambda db: None + 123456, "TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'"),  # type: ignore[operator]
    "sqlite": (breaks_a_rule, "OperationalError: SQLITE_ERROR"),
    "constraint": (too_short, "IntegrityError: SQLITE_CONSTRAINT"),
    "amount": (lambda db: create_job(db, customer_id=add_customer(db, name="Fatima Noor").id, amount_minor=1234.56),  # type: ignore[arg-type]
               "TypeError"),
    "refusal": (lambda db: _raise(Refusal("customer_unknown", text="Fatima Noor")), "Refusal: customer_unknown"),
    "not_saved": (lambda db: _raise(NotSaved("the disk is full. Free some space and try again.")),
                  "NotSaved: the disk is full."),
    "not_saved_freely": (lambda db: _raise(NotSaved("Fatima Noor is away")), "NotSaved"),
    "disk": (lambda db: no_disk(), "OSError: ENOSPC No space left on device (*.pdf)"),
    "rename": (lambda db: two_names(), "FileNotFoundError: ENOENT No such file or directory"),
    "chained": (lambda db: chained(), "because of ValueError"),
    "endless": (lambda db: endless(), "RecursionError"),
    "group": (lambda db: _raise(ExceptionGroup("Fatima Noor", [ValueError("0300-7654321")])), "ExceptionGroup"),
}  # fmt: skip


def _raise(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_told_without_whom_it_was_about(db: Database, log: Path, name: str) -> None:
    failure, expected = FAILURES[name]
    try:
        failure(db)
    except Exception as error:
        report(error)
    else:
        pytest.fail("it did not fail")
    text = log.read_text(encoding="utf-8")
    assert expected in text
    assert "tests/safekeeping" not in text or "fatima" not in text.lower()
    for secret in SECRETS:
        assert secret not in text.replace("services_of_fatima", "") or name == "attribute"
    assert "test_log.py:" in text, "where it failed is what helps"
    assert len(text) < 20_000


def test_messages_keep_codes_ids_and_counts_and_nothing_else(log: Path) -> None:
    ours = logging.getLogger("cleanflow.sync.client")
    an_id = "0b3c7a52-1111-4222-8333-944444444444"
    ours.info("sync: %d sent, %s, %s, %s", 7, "message_invalid", an_id, "Fatima Noor")
    ours.warning("failed: %s", sqlite3.OperationalError("near Fatima Noor"))
    logging.getLogger("urllib3").warning("Fatima Noor at %s", "http://fatima:secret@x")
    wrong = logging.LogRecord("cleanflow.x", logging.INFO, __file__, 1, "wrong %d", ("Fatima Noor",), None)
    assert Discreet().format(wrong).endswith("INFO cleanflow.x wrong %d")
    text = log.read_text(encoding="utf-8")
    assert f"sync: 7 sent, message_invalid, {an_id}, …" in text
    assert "failed: OperationalError" in text
    assert not any(secret in text for secret in (*SECRETS, "secret"))


def test_every_message_of_the_program_is_a_literal() -> None:
    """Data must be passed as arguments, which the log filters."""
    for path in (ROOT / "cleanflow").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)) if "_log." in source else ():
            is_log = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_log and isinstance(node.func.value, ast.Name) and node.func.value.id == "_log":  # type: ignore[attr-defined]
                assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"  # type: ignore[attr-defined]


def test_the_log_stays_within_two_files_of_half_a_megabyte(log: Path) -> None:
    for _time in range(2700):
        try:
            chained()
        except KeyError as error:
            report(error)
    files = sorted(log.parent.glob("cleanflow.log*"))
    assert [file.name for file in files] == ["cleanflow.log", "cleanflow.log.1"]
    assert all(file.stat().st_size < 510_000 for file in files)


def test_a_file_that_cannot_be_put_aside_is_begun_anew(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_names: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "replace", locked)
    for _time in range(6000):
        logging.getLogger("cleanflow.x").warning("again and again, for half a megabyte or so of this, really")
    assert log.stat().st_size < 510_000
    assert "again" in log.read_text(encoding="utf-8")


CHILD = """
import logging, sys
from pathlib import Path
from cleanflow.safekeeping.log import log_beside
log_beside(Path(sys.argv[1]) / "cleanflow.db")
for _time in range(3):
    try:
        1 / 0
    except ZeroDivisionError:
        logging.getLogger("cleanflow.gui").exception("a callback failed")
print("goes on")
"""


@pytest.mark.parametrize("trouble", ["full", "missing", "a folder", "a file"])
def test_a_disk_that_takes_no_log_is_no_trouble(tmp_path: Path, trouble: str) -> None:
    folder = tmp_path / "shop"
    if trouble == "a file":
        folder.touch()
    elif trouble != "missing":
        folder.mkdir()
    if trouble == "full":
        (folder / LOG_NAME).symlink_to("/dev/full")
    if trouble == "a folder":
        (folder / LOG_NAME).mkdir()
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder)], cwd=ROOT, capture_output=True, check=False, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "goes on\n", "")


def test_a_bug_in_a_command_is_one_line_and_the_rest_is_in_the_log(
    db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], log: Path
) -> None:
    def broken(_db: Database) -> None:
        secretive()

    monkeypatch.setattr("cleanflow.cli.status._facts", broken)
    assert main(["--data", str(db.path.parent), "status"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("cleanflow: Something in the program failed (ValueError).")
    assert "Fatima" not in told.err + log.read_text(encoding="utf-8")
    assert "cleanflow/cli/status.py" in log.read_text(encoding="utf-8")


def test_places_name_no_folder_of_this_pc(log: Path) -> None:
    try:
        jobs.get_job(None, "x")  # type: ignore[arg-type]
    except AttributeError as error:
        report(error)
    text = log.read_text(encoding="utf-8")
    assert "    cleanflow/dao/jobs.py:" in text
    assert str(ROOT) not in text
    assert described(AttributeError("'NoneType' object has no attribute 'one'")) in text
