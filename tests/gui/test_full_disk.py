"""Save on a full disk: “NOT saved” with the reason, the input stays, and Save works when there is room again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cleanflow.gui.window import Window
from cleanflow.safekeeping.verify import verify
from tests.disk.faults import TROUBLES, FaultyDisk
from tests.disk.shim import shimmed
from tests.gui.conftest import Hands
from tests.gui.test_payments import due, shop

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the disk is faked for POSIX systems")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[FaultyDisk]:
    """Under the shop's database; to be named before ``hands``."""
    faulty = FaultyDisk(tmp_path / "cleanflow.db")
    with shimmed(faulty):
        yield faulty


@pytest.fixture
def told(disk: FaultyDisk, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The dialogs that the window showed: heading and text."""
    dialogs: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "cleanflow.gui.window.Messagebox.show_error",
        lambda message, title, parent: dialogs.append((title, message)),
    )
    window = hands.window
    window.report_callback_exception = (  # type: ignore[method-assign]
        lambda *error: Window.report_callback_exception(window, *error)
    )
    return dialogs


def test_a_payment_on_a_full_disk_is_not_saved_and_is_saved_by_the_same_key_when_there_is_room(
    disk: FaultyDisk, hands: Hands, told: list[tuple[str, str]]
) -> None:
    db = hands.window.db
    _ann, jobs = shop(db)
    hands.sign_in()
    hands.press("F5")
    hands.type("bak")
    hands.press("Return", "Return", "Return")
    hands.type("150")
    disk.fail(TROUBLES["full"])
    for tries in (1, 2):
        hands.press("Control-s")
        assert len(told) == tries
        assert told[-1][0] == "NOT saved"
        assert "NOT saved: the disk is full" in told[-1][1]
        assert due(db, jobs) == [3000, 7000]
        assert "Change to give" in hands.texts() and "50.00" in hands.texts()
    disk.mend()
    hands.press("Control-s")
    assert "Saved: receipt C1-R000001, Ann Baker, 100.00, change 50.00" in hands.texts()
    assert db.value("SELECT count(*) FROM payments") == 1
    assert due(db, jobs) == [0, 0]
    assert len(told) == 2
    assert verify(db).findings == []


def test_an_expense_whose_sync_fails_keeps_its_input_and_is_saved_once(
    disk: FaultyDisk, hands: Hands, told: list[tuple[str, str]]
) -> None:
    db = hands.window.db
    hands.sign_in()
    hands.press("F7")
    hands.type("rent")
    hands.press("Return")
    hands.type("300")
    disk.fail(TROUBLES["a sync fails"])
    hands.press("Control-s")
    disk.mend()
    assert [title for title, _message in told] == ["NOT saved"]
    assert "the disk reported an error" in told[0][1]
    assert hands.window.focus_get().get() == "300"  # type: ignore[union-attr]
    assert db.value("SELECT count(*) FROM expenses") == 0
    hands.press("Control-s")
    assert db.value("SELECT amount_minor FROM expenses") == 30000
    assert db.value("SELECT count(*) FROM expenses") == 1
    assert verify(db).findings == []
