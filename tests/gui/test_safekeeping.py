"""Backups from the window: made, brought back, by themselves; and the window for records that do not open."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cleanflow.cli import main
from cleanflow.cli.window import _done, _opened
from cleanflow.dao import customers
from cleanflow.dao.jobs import create_job
from cleanflow.db import Database, open_database
from cleanflow.errors import NotSaved, Refusal
from cleanflow.gui.dialogs.bring_back import BringBackDialog, explanation
from cleanflow.gui.dialogs.damaged import Damaged
from cleanflow.gui.entrance.trouble import TroubleWindow
from cleanflow.gui.tasks.backups import Goodbye
from cleanflow.safekeeping.automatic import all_backups, back_up_today, beside, choose_folder
from cleanflow.safekeeping.backup import back_up
from cleanflow.safekeeping.instance import only_instance
from cleanflow.safekeeping.restore import prepare
from cleanflow.safekeeping.verify import verify
from tests.gui.conftest import Hands, window_on


def allow(hands: Hands) -> None:
    assert "An owner's PIN, please" in hands.texts()
    hands.type("1234")
    hands.press("Return")


def to_safekeeping(hands: Hands, name: str = "Carl") -> None:
    hands.sign_in(name)
    hands.press("Shift-F2")
    assert "Last good backup" in hands.texts()


def damage(path: Path, *, header: bool = False) -> None:
    """Overwrite a few pages in the middle, or the first one."""
    data = bytearray(path.read_bytes())
    pages = len(data) // 4096
    for page in [0] if header else range(pages * 2 // 3, pages, 5):
        data[page * 4096 : (page + 1) * 4096] = b"\xee" * 4096
    path.write_bytes(data)


# --- the screen ------------------------------------------------------------------------------------------


def test_a_backup_is_one_key_and_shows_in_the_list_and_on_today(hands: Hands) -> None:
    to_safekeeping(hands)
    assert "No backup yet. Ctrl+S makes the first one." in hands.texts()
    hands.press("Control-s")
    hands.wait_for("The backup is made and checked")
    assert [row[0:2] for row in hands.rows()] == [["10/03/2026", "C1"]]
    assert "nothing was recorded since" in hands.texts()
    hands.press("F2")
    assert "today 09:00" in hands.texts()


def test_where_backups_go_is_an_owners_choice_and_a_folder_that_is_there(
    hands: Hands, tmp_path: Path
) -> None:
    to_safekeeping(hands)
    hands.press("Control-w", "Control-a", "Delete")
    hands.type(str(tmp_path / "gone"))
    hands.press("Control-s")
    allow(hands)
    assert f"There is no folder {tmp_path / 'gone'}" in hands.texts()
    (tmp_path / "gone").mkdir()
    hands.press("Control-s")
    allow(hands)
    hands.press("Control-s")
    hands.wait_for("The backup is made and checked")
    assert all_backups(hands.window.db)[0].path.parent == tmp_path / "gone"


@pytest.fixture
def until_closed() -> Iterator[ExitStack]:
    """What must stay open until the window is gone; named before the window."""
    with ExitStack() as stack:
        yield stack


def test_bringing_back_shows_what_is_in_it_first_and_needs_an_owner(
    until_closed: ExitStack, hands: Hands
) -> None:
    db = hands.window.db
    customers.add_customer(db, name="Ann")
    kept = back_up_today(db).made
    assert kept is not None
    customers.add_customer(db, name="Zoe")
    to_safekeeping(hands)
    hands.press("Home", "Control-o")
    allow(hands)
    hands.wait_for("Bring this backup back?")
    assert "In the backup" in hands.texts() and "This PC's new code" in hands.texts()
    hands.press("Escape")
    assert hands.window.step is None
    assert not (db.path.parent / ".restoring").exists(), "nothing is left of what was not wanted"
    hands.press("Control-o")
    allow(hands)
    hands.wait_for("Bring this backup back?")
    hands.press("Control-a", "Delete")
    hands.type("C8")
    assert isinstance(hands.window.focus_get().winfo_toplevel(), BringBackDialog)  # type: ignore[union-attr]
    dialog = hands.window.focus_get().winfo_toplevel()  # type: ignore[union-attr]
    reopened: list[object] = []
    hands.window.reopen = reopened.append  # type: ignore[method-assign, assignment]
    dialog.save()
    hands.settle()
    path = db.path
    db.close()
    said = _done(reopened[0])  # type: ignore[arg-type]
    assert "goes on as C8" in said and "is kept as cleanflow-before-" in said
    hands.window.db = again = until_closed.enter_context(open_database(path))
    hands.window.attempts._db = again
    assert [row[0] for row in again.rows("SELECT name FROM customers")] == ["Ann"]


def test_a_file_that_is_no_backup_is_said_in_words(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        "cleanflow.gui.dialogs.bring_back.Messagebox.show_error", lambda words, **_more: said.append(words)
    )
    to_safekeeping(hands, "Olga")
    hands.press("Control-g")
    hands.type(str(tmp_path / "nothing.db"))
    hands.press("Control-s")
    assert "cannot be read: there is no such file" in hands.texts()
    (tmp_path / "nothing.db").write_text("no backup")
    hands.press("Control-s")
    until = time.monotonic() + 20
    while not said and time.monotonic() < until:
        hands.settle()
    assert "is not a CleanFlow database" in said[0]


def close_the_day(hands: Hands) -> None:
    hands.press("F9")
    hands.type("2")
    hands.window.navigation.current._reason.insert(0, "Found")  # type: ignore[union-attr]
    hands.press("Control-s")


# --- by itself -------------------------------------------------------------------------------------------


def test_closing_the_day_makes_a_backup_while_work_goes_on(hands: Hands) -> None:
    hands.sign_in("Olga")
    close_the_day(hands)
    hands.wait_for("The backup is made and checked.")
    assert "Closed: C1-Z000001" in hands.texts(), "the closing is still told"
    assert len(all_backups(hands.window.db)) == 1


def test_the_end_of_the_program_makes_one_when_something_was_recorded(db: Database) -> None:
    customers.add_customer(db, name="Ann")
    with window_on(db) as hands:
        ended: list[bool] = []
        real = hands.window.destroy
        hands.window.destroy = lambda: ended.append(True)  # type: ignore[method-assign]
        hands.window.keeping.say_goodbye()
        until = time.monotonic() + 20
        while not ended and time.monotonic() < until:
            hands.settle()
        hands.window.destroy = real  # type: ignore[method-assign]
        assert ended and len(all_backups(db)) == 1
        ended.clear()
        hands.window.keeping._goodbye = None
        hands.window.destroy = lambda: ended.append(True)  # type: ignore[method-assign]
        hands.window.keeping.say_goodbye()
        assert ended, "nothing new: it closes at once"
        hands.window.destroy = real  # type: ignore[method-assign]


def test_esc_ends_the_program_without_the_backup(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    customers.add_customer(db, name="Ann")
    with window_on(db) as hands:
        ended: list[bool] = []
        real = hands.window.destroy
        hands.window.destroy = lambda: ended.append(True)  # type: ignore[method-assign]
        monkeypatch.setattr(
            "cleanflow.safekeeping.automatic.back_up_today", lambda db, report, only_if_due: time.sleep(0.3)
        )
        hands.window.keeping.say_goodbye()
        goodbye = hands.window.keeping._goodbye
        assert isinstance(goodbye, Goodbye)
        goodbye.close()
        assert ended
        hands.window.destroy = real  # type: ignore[method-assign]
    assert all_backups(db) == []


def test_a_missing_stick_is_told_in_a_box_once(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        "cleanflow.gui.tasks.backups.Messagebox.show_warning", lambda words, **_more: said.append(words)
    )
    db = hands.window.db
    db.session.user_id = db.value("SELECT id FROM users WHERE role = 'OWNER'")
    (tmp_path / "stick").mkdir()
    choose_folder(db, str(tmp_path / "stick"))
    (tmp_path / "stick").rmdir()
    hands.sign_in("Olga")
    for evening in (1, 2):
        close_the_day(hands)
        until = time.monotonic() + 20
        while len(list(beside(db.path).glob("*.db"))) < 1 and time.monotonic() < until:
            hands.settle()
        hands.wait_for("Closed: C1-Z00000" + str(evening))
        hands.window.update()
        time.sleep(0.5)
        hands.settle()
    assert len(said) == 1 and "is the USB stick plugged in?" in said[0]


# --- a damaged file --------------------------------------------------------------------------------------


@pytest.fixture
def full_shop(db: Database) -> Iterator[Database]:
    """Enough records that some pages hold nothing but jobs."""
    ann = customers.add_customer(db, name="Ann").id
    for number in range(120):
        create_job(db, customer_id=ann, amount_minor=100 + number, description="x" * 300)
    yield db


def test_damage_found_after_the_start_is_told_once_somebody_is_there(full_shop: Database) -> None:
    path, clock = full_shop.path, full_shop.clock
    full_shop.close()
    damage(path)
    with open_database(path, clock=clock) as db, window_on(db) as hands:
        hands.window.keeping._check()
        until = time.monotonic() + 20
        while not hands.window.keeping.damage and time.monotonic() < until:
            hands.settle()
        assert hands.window.keeping.damage
        assert "The records are damaged" not in hands.texts(), "nobody has signed in"
        hands.type("1234")
        hands.press("Return")
        hands.errors.clear()  # what the first screen could not read
        assert "The records are damaged" in hands.texts()
        assert isinstance(hands.window.focus_get().winfo_toplevel(), Damaged)  # type: ignore[union-attr]
        hands.press("Return")
        assert "Save what can be read" in hands.texts()


def test_sound_records_are_checked_in_silence(hands: Hands) -> None:
    hands.sign_in()
    hands.window.keeping._check()
    until = time.monotonic() + 20
    while hands.window.keeping._running is not None and time.monotonic() < until:
        hands.settle()
    assert hands.window.keeping._running is None and hands.window.keeping.damage == ""


# --- records that do not open ----------------------------------------------------------------------------


class TroubleHands(Hands):
    """Hands on the window of trouble."""

    window: TroubleWindow  # type: ignore[assignment]


@contextmanager
def trouble_on(path: Path, trouble: Refusal | NotSaved | None = None) -> Iterator[TroubleHands]:
    """The window for what opening ``path`` is refused with, or for ``trouble``."""
    if trouble is None:
        with pytest.raises((Refusal, NotSaved)) as caught:
            _opened(path).close()
        trouble = caught.value
    window = TroubleWindow(path, trouble)
    until = time.monotonic() + 10
    while not window.winfo_ismapped() and time.monotonic() < until:
        window.update()
    (window.focus_lastfor() or window).focus_force()
    window.update()
    try:
        yield TroubleHands(window)  # type: ignore[arg-type]
    finally:
        if not window.is_closed:
            window.destroy()


def test_a_damaged_file_offers_the_last_backup_and_brings_it_back(full_shop: Database) -> None:
    path = full_shop.path
    back_up_today(full_shop)
    full_shop.close()
    damage(path, header=True)
    damaged = path.read_bytes()
    with trouble_on(path) as hands:
        assert "is not a CleanFlow database" in hands.texts()
        assert "Bring back the last backup" in hands.texts()
        hands.press("Return")
        hands.wait_for("Go on with these records?")
        hands.window.focus_get().event_generate("<Return>")  # type: ignore[union-attr]
        assert hands.window.again and "goes on as C2" in hands.window.notice
    with _opened(path) as db:
        assert verify(db).is_clean and db.value("SELECT count(*) FROM jobs") == 120
    (aside,) = path.parent.glob("cleanflow-before-*.db")
    assert aside.read_bytes() == damaged, "the damaged file is kept as it was"


@pytest.mark.parametrize(
    "name",
    [
        "app_settings",
        "devices",
        "settings",
        "users",
        "sqlite_autoindex_users_1",
        "sqlite_autoindex_local_settings_1",
    ],
)
def test_damage_to_what_the_sign_in_shows_has_its_window_too(full_shop: Database, name: str) -> None:
    path = full_shop.path
    query = "SELECT rootpage FROM sqlite_schema WHERE name = :name"
    page = full_shop.value(query, {"name": name})
    back_up_today(full_shop)
    full_shop.close()
    data = bytearray(path.read_bytes())
    data[(page - 1) * 4096 : page * 4096] = bytes(4096)
    path.write_bytes(data)
    with trouble_on(path) as hands:
        assert "Bring back the last backup" in hands.texts() and "Save what can be read" in hands.texts()


@pytest.mark.parametrize("value", ["CAST(x'ff' AS TEXT)", "'XXX'", "NULL"])
def test_a_setting_that_is_broken_has_its_window_too(full_shop: Database, value: str) -> None:
    path = full_shop.path
    for (trigger,) in [
        *full_shop.rows("SELECT name FROM sqlite_schema WHERE tbl_name = 'settings' AND type = 'trigger'")
    ]:
        full_shop.execute(f"DROP TRIGGER {trigger}")
    full_shop.execute("PRAGMA ignore_check_constraints = ON")
    change = f"UPDATE settings SET value = {value}" if value != "NULL" else "DELETE FROM settings"
    full_shop.execute(f"{change} WHERE key = 'currency'")
    full_shop.close()
    with trouble_on(path) as hands:
        assert "Save what can be read" in hands.texts()


def test_records_that_are_gone_are_not_taken_for_a_new_shop(full_shop: Database) -> None:
    path = full_shop.path
    back_up_today(full_shop)
    full_shop.close()
    path.unlink()
    with trouble_on(path) as hands:
        assert "is missing, but its backups are here" in hands.texts()
    assert not path.exists()


def test_what_can_be_read_is_saved_where_there_is_no_backup(full_shop: Database) -> None:
    path = full_shop.path
    full_shop.close()
    damage(path)
    with trouble_on(path, Refusal("database_damaged", path=path)) as hands:
        assert "Save what can be read" in hands.texts()
        hands.press("Down", "Return")
        hands.wait_for("Go on with these records?")
        assert "could be read" in hands.texts()
        hands.window.focus_get().event_generate("<Return>")  # type: ignore[union-attr]
        assert hands.window.again
    with _opened(path) as db:
        assert db.value("SELECT count(*) FROM jobs") == 120, "rebuilt from the audit trail"


@pytest.mark.parametrize("kind", ["newer", "locked"])
def test_other_troubles_say_their_sentence_and_try_again(full_shop: Database, kind: str) -> None:
    path = full_shop.path
    trouble: Refusal | NotSaved | None = None
    words = "written by a newer CleanFlow"
    if kind == "newer":
        full_shop.execute("PRAGMA user_version = 99")
    else:
        words = "another program is using the records"
        trouble = NotSaved(f"{words}. Try again in a moment.")
    full_shop.close()
    with trouble_on(path, trouble) as hands:
        assert words in hands.texts()
        assert "Bring back" not in hands.texts()
        hands.window.focus_get().event_generate("<Return>")  # type: ignore[union-attr]
        assert hands.window.again


def test_a_second_window_on_the_same_records_says_so(
    db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    monkeypatch.setattr("cleanflow.gui.window.say_refused", said.append)
    with only_instance(db.path.parent):
        assert main(["--data", str(db.path.parent)]) == 1
    assert "already has these records open on this PC" in said[0] and said[0] in capsys.readouterr().err


def test_what_was_not_sent_yet_is_told_before_a_backup_takes_its_place(db: Database, tmp_path: Path) -> None:
    prepared = prepare(back_up(db, tmp_path / "b.db").path, db.path)
    here = prepared.contents
    assert "not sent" not in explanation(prepared, here)
    assert "3 entries on this PC were not sent" in explanation(prepared, replace(here, unsent=3))
    prepared.discard()


def test_after_a_restore_the_next_window_tells_it_above_the_pin(db: Database) -> None:
    from cleanflow.gui.window import Window

    window = Window(db)
    window.start(True, "The backup has been brought back; this PC goes on as C2.")
    hands = Hands(window)
    assert "goes on as C2" in hands.texts()
    window.destroy()
    shutil.rmtree(beside(db.path), ignore_errors=True)


def test_a_new_pc_goes_on_with_a_backup_from_a_file(
    until_closed: ExitStack, full_shop: Database, empty_hands: Hands, tmp_path: Path
) -> None:
    backup = back_up(full_shop, tmp_path / "b.db").path
    hands, window = empty_hands, empty_hands.window
    path = window.db.path
    hands.press("Down", "Down", "Return")
    hands.type(str(backup))
    hands.press("Control-s")
    hands.wait_for("Bring this backup back?")
    assert "Here now" not in hands.texts()
    window.reopen = lambda step: setattr(window, "step", step)  # type: ignore[method-assign]
    hands.press("Control-s")
    assert window.step is not None
    window.db.close()
    assert "goes on as C2" in _done(window.step)
    window.db = db = until_closed.enter_context(_opened(path))
    assert db.value("SELECT count(*) FROM jobs") == 120
    assert list(path.parent.glob("*-before-*")) == [], "an empty file is nothing to keep"
