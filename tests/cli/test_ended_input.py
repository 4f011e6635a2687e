"""A question on a terminal whose input has ended, as NUL on Windows has at once: the answer is no."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cleanflow.cli import main

ROOT = Path(__file__).resolve().parents[2]
INIT = ["init", "--shop", "Sparkle", "--currency", "PKR", "--pc", "C1", "--owner", "Olga"]

pty = pytest.importorskip("pty", reason="Windows has no such terminals")


def run(*words: str, typed: bytes) -> subprocess.CompletedProcess[str]:
    """A command whose standard input is a terminal on which ``typed`` is typed again and again; Ctrl+D ends it.

    Again, because a question for a PIN discards what was typed before it.
    """
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "cleanflow", *words]
    try:
        with subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=slave,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # no /dev/tty to ask instead
        ) as process:
            for _try in range(120):
                os.write(master, typed)
                try:
                    out, err = process.communicate(timeout=0.5)
                except subprocess.TimeoutExpired:
                    continue
                return subprocess.CompletedProcess(command, process.returncode, out, err)
            process.kill()
            raise AssertionError(process.communicate())
    finally:
        os.close(master)
        os.close(slave)


def test_a_restore_is_not_done_when_the_input_has_ended(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "shop")]
    assert main([*data, *INIT, "--pin", "1234"]) == 0
    backup = str(tmp_path / "b.db")
    assert main([*data, "backup", backup]) == 0
    for typed in (b"\x04", b"n\n", b"\n"):
        done = run(*data, "restore", backup, typed=typed)
        assert done.returncode == 1
        assert "Nothing was changed." in done.stderr
        assert "EOFError" not in done.stderr and "failed" not in done.stderr
    assert run(*data, "restore", backup, typed=b" yes\n").returncode == 0


def test_a_shop_is_not_set_up_without_a_pin_when_the_input_has_ended(tmp_path: Path) -> None:
    done = run("--data", str(tmp_path / "shop"), *INIT, typed=b"\x04")
    assert done.returncode == 1
    assert "A PIN has at least 4 characters." in done.stderr
    assert "EOFError" not in done.stderr


def test_without_any_input_a_shop_is_not_set_up_without_a_pin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Programs without a console have none."""
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["--data", str(tmp_path / "shop"), *INIT]) == 1
    assert "A PIN has at least 4 characters." in capsys.readouterr().err
