"""The window itself: keys, lock, help, the owner's PIN, background work, and what happens when it breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from tkinter import ttk

import pytest

from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.dao.remembered import recall, remember
from cleanflow.dao.services import add_service
from cleanflow.db import Database
from cleanflow.errors import NotSaved
from cleanflow.gui.screen import Screen
from cleanflow.gui.screens import SCREENS
from cleanflow.gui.tasks.background import Cancelled, Task
from cleanflow.gui.widgets.dialog import Dialog
from cleanflow.gui.window import Window
from tests.gui.conftest import Hands, window_on


def dialogs(hands: Hands) -> list[Dialog]:
    hands.settle()
    return [widget for widget in hands.window.winfo_children() if isinstance(widget, Dialog)]


@pytest.mark.parametrize("kind", SCREENS, ids=lambda kind: kind.name)
def test_every_screen_opens_by_its_key_has_help_and_goes_back(hands: Hands, kind: type[Screen]) -> None:
    hands.sign_in()
    hands.press("F7" if kind.key != "F7" else "F2")
    hands.press(kind.key)
    assert kind.title in hands.texts()
    hands.press("F1")
    assert "On this screen" in hands.texts()
    assert kind.help and kind.help in hands.texts()
    hands.press("Escape")
    assert "On this screen" not in hands.texts()


def test_no_two_screens_share_a_key_and_no_action_hides_one() -> None:
    keys = [screen.key for screen in SCREENS]
    assert len(set(keys)) == len(keys)
    for screen in SCREENS:
        own = [action.key for action in screen.actions]
        assert len(set(own)) == len(own), screen
        assert not {*own} & {*keys, "F1", "F12"}, screen


def test_who_comes_back_finds_the_form_as_it_was_left(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F7")
    hands.type("rent")
    hands.press("Return")
    hands.type("300")
    hands.press("F12")
    assert "300" not in hands.texts()
    assert hands.window.db.session.user_id is None
    hands.type("2222")
    hands.press("Return")
    assert hands.window.focus_get().get() == "300"
    assert hands.window.db.session.user_id == hands.window.user.id


def test_somebody_else_starts_afresh(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F7")
    hands.type("rent")
    hands.press("F12")
    hands.sign_in("Olga")
    hands.press("F7")
    assert hands.window.focus_get().get() == ""


@pytest.mark.parametrize(
    ("key", "words"), [("F3", "The customer must not be empty."), ("F6", "Name must not be empty.")]
)
def test_what_was_wrong_with_a_field_is_gone_when_one_comes_back(hands: Hands, key: str, words: str) -> None:
    hands.sign_in()
    hands.press(key, "Control-s")
    assert words in hands.texts()
    hands.press("F2", key)
    assert words not in hands.texts()


def shown_dialogs(hands: Hands) -> list[Dialog]:
    return [dialog for dialog in dialogs(hands) if dialog.winfo_viewable()]


def lock_by_idling(hands: Hands) -> None:
    remember(hands.window.db, "lock_after_minutes", 5)
    hands.window.stages.idle.look()
    assert "Who is there?" not in hands.texts()
    hands.window.stages.idle.last_sign_at -= 5 * 60 + 1
    hands.window.stages.idle.look()
    assert "Who is there?" in hands.texts()


def lock_by_key(hands: Hands) -> None:
    hands.press("F12")
    assert "Who is there?" in hands.texts()


def unlock(hands: Hands, pin: str = "2222") -> None:
    hands.type(pin)
    hands.press("Return")
    assert "Who is there?" not in hands.texts()


LOCKS = pytest.mark.parametrize("lock", [lock_by_idling, lock_by_key])


@LOCKS
def test_the_lock_hides_a_dialog_and_the_same_person_goes_on_in_it(
    hands: Hands, lock: Callable[[Hands], None]
) -> None:
    hands.sign_in()
    hands.press("F9", "Control-o")
    hands.type("75")
    field = hands.window.focus_get()
    (dialog,) = shown_dialogs(hands)
    lock(hands)
    assert shown_dialogs(hands) == []
    assert "75" not in hands.texts()
    unlock(hands)
    assert shown_dialogs(hands) == [dialog]
    assert hands.window.focus_get() is field and field.get() == "75"  # type: ignore[union-attr]
    assert hands.window.grab_current() is dialog
    hands.type("0")
    assert field.get() == "750"  # type: ignore[union-attr]
    hands.press("Escape")
    assert dialogs(hands) == []


@LOCKS
def test_somebody_elses_sign_in_closes_the_dialogs(hands: Hands, lock: Callable[[Hands], None]) -> None:
    hands.sign_in()
    hands.press("F9", "Control-o")
    lock(hands)
    hands.sign_in("Olga")
    assert dialogs(hands) == []
    assert hands.window.grab_current() is None
    assert "Today" in hands.texts()


@LOCKS
def test_the_lock_keeps_focus_cursor_and_selection(hands: Hands, lock: Callable[[Hands], None]) -> None:
    hands.sign_in()
    hands.press("F7")
    hands.type("rent")
    hands.press("Return")
    hands.type("12345")
    field = hands.window.focus_get()
    assert isinstance(field, ttk.Entry)
    field.selection_range(1, 3)
    field.icursor(3)
    lock(hands)
    unlock(hands)
    assert hands.window.focus_get() is field
    assert (field.index("sel.first"), field.index("sel.last"), field.index("insert")) == (1, 3, 3)
    hands.type("9")
    assert field.get() == "1945"


def test_the_lock_keeps_the_line_of_a_list_and_a_half_typed_name(hands: Hands) -> None:
    db = hands.window.db
    hands.sign_in()
    for name in ("Ann", "Anna", "Bob"):
        add_customer(db, name=name)
    hands.press("F6")
    hands.focus_list()
    hands.press("Down")
    lock_by_key(hands)
    unlock(hands)
    assert isinstance(hands.window.focus_get(), ttk.Treeview)
    assert hands.list().chosen().name == "Anna"
    hands.press("F3")
    hands.type("ann")
    lock_by_key(hands)
    unlock(hands)
    assert hands.window.focus_get().get() == "ann", "the lock took a customer"  # type: ignore[union-attr]
    hands.type("a")
    hands.press("Return")
    assert "Anna" in hands.texts()


def test_an_open_choice_is_closed_by_the_lock_and_its_field_has_the_focus_after(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F11")
    field = next(widget for widget in hands._shown() if isinstance(widget, ttk.Combobox))
    field.focus_force()
    hands.settle()
    field.event_generate("<Down>")
    hands.settle()
    assert ".popdown" in str(hands.window.tk.call("focus"))
    lock_by_idling(hands)
    unlock(hands)
    assert hands.window.focus_get() is field


def test_background_work_goes_on_behind_the_lock_and_tells_its_result_to_the_same_person(
    hands: Hands,
) -> None:
    hands.sign_in()
    may_end = threading.Event()
    results: list[str | None] = []

    def work(task: Task) -> None:
        task.progress("half")
        assert may_end.wait(20)

    def done(_nothing: object) -> None:
        results.append(hands.window.db.session.user_id)

    hands.window.in_background("Counting …", work, done)
    lock_by_key(hands)
    time.sleep(1.2)  # after which its progress would appear
    assert shown_dialogs(hands) == []
    hands.wait_until(lambda: hands.window.focus_get() is not None)
    hands.type("22")
    may_end.set()
    hands.wait_until(lambda: dialogs(hands) == [])
    assert results == []
    unlock(hands, "22")
    assert results == [hands.window.user.id]


def test_work_behind_the_lock_ends_when_somebody_else_signs_in(hands: Hands) -> None:
    hands.sign_in()
    seen: list[str] = []

    def work(task: Task) -> None:
        try:
            while True:
                task.progress("still at it")
                time.sleep(0.01)
        except Cancelled:
            seen.append("cancelled")
            raise

    hands.window.in_background("Counting …", work, lambda _nothing: seen.append("done"))
    hands.wait_until(lambda: "still at it" in hands.texts())
    lock_by_idling(hands)
    hands.sign_in("Olga")
    hands.wait_until(lambda: seen == ["cancelled"])
    assert dialogs(hands) == []


def test_wrong_pins_make_one_wait_wherever_they_are_asked(hands: Hands) -> None:
    for _try in range(3):
        hands.type("9999")
        hands.press("Return")
    hands.press("Shift-Tab")
    hands.type("Olga")
    hands.press("Return")
    hands.type("1234")
    hands.press("Return")
    assert "Signed in: Olga" in hands.texts()
    assert hands.window.attempts.wait_s(hands.window.user.id) == 0


def test_a_key_that_closes_the_window_ends_without_a_word_of_tcl(
    db: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    window = Window(db)
    window.start(True)
    window.update()
    window.bind("<F9>", lambda _event: window.reopen(str))
    window.focus_force()
    window.update()
    window.event_generate("<F9>")
    assert window.next_path is not None
    with window_on(db) as hands:  # whose loop is where Tcl would tell
        hands.settle()
    assert capfd.readouterr().err == ""


def test_background_work_leaves_the_window_free_and_tells_its_result(hands: Hands) -> None:
    hands.sign_in()
    may_end = threading.Event()
    results: list[int] = []
    threads: list[str] = []

    def work(task: Task) -> int:
        threads.append(threading.current_thread().name)
        task.progress("half")
        assert may_end.wait(10)
        return 42

    hands.window.in_background("Counting …", work, results.append)
    hands.wait_until(lambda: "half" in hands.texts())
    assert results == []
    may_end.set()
    hands.wait_until(lambda: results == [42])
    assert threads == ["background"]
    assert dialogs(hands) == []


def test_background_work_is_cancelled_with_escape(hands: Hands) -> None:
    hands.sign_in()
    seen: list[str] = []
    results: list[object] = []

    def work(task: Task) -> None:
        try:
            while True:
                task.progress("still at it")
                time.sleep(0.01)
        except Cancelled:
            seen.append("cancelled")
            raise

    hands.window.in_background("Counting …", work, results.append)
    hands.wait_until(lambda: "still at it" in hands.texts())
    hands.press("Escape")
    hands.wait_until(lambda: seen == ["cancelled"])
    assert "Cancelled." in hands.texts()
    assert (results, dialogs(hands)) == ([], [])


def test_a_worker_that_fails_ends_in_one_message_and_the_window_goes_on(hands: Hands) -> None:
    hands.sign_in()

    def work(task: Task) -> None:
        raise ZeroDivisionError("in a worker")

    hands.window.in_background("Counting …", work, lambda _nothing: None)
    hands.wait_until(lambda: bool(hands.errors))
    assert [str(error) for error in hands.errors] == ["in a worker"]
    hands.errors.clear()
    hands.press("F7")
    assert "New expense" in hands.texts()


def test_work_that_is_done_before_anybody_looks_leaves_no_progress_behind(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker may be faster than the window that starts it."""
    hands.sign_in()
    start = threading.Thread.start

    def start_and_end(thread: threading.Thread) -> None:
        start(thread)
        thread.join()

    results: list[int] = []
    with monkeypatch.context() as faster:
        faster.setattr(threading.Thread, "start", start_and_end)
        hands.window.in_background("Counting …", lambda _task: 42, results.append)
    assert results == []
    hands.wait_until(lambda: results == [42])
    assert dialogs(hands) == []
    until = time.monotonic() + 1.3  # a dialog appears after a second
    while time.monotonic() < until:
        hands.settle()
    assert dialogs(hands) == []


@pytest.mark.parametrize(
    ("error", "title", "words"),
    [
        (NotSaved("the disk is full"), "NOT saved", "NOT saved: the disk is full"),
        (ZeroDivisionError("by zero"), "CleanFlow", "cleanflow.log"),
    ],
    ids=["disk", "bug"],
)
def test_what_breaks_is_one_dialog_in_words(
    hands: Hands, monkeypatch: pytest.MonkeyPatch, error: Exception, title: str, words: str
) -> None:
    hands.sign_in()
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "cleanflow.gui.window.Messagebox.show_error",
        lambda message, title, parent: told.append((title, message)),
    )
    Window.report_callback_exception(hands.window, type(error), error, None)
    assert [heading for heading, _message in told] == [title]
    assert words in told[0][1]


def test_a_write_that_fails_on_the_disk_keeps_the_input(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise NotSaved("the disk is full")

    monkeypatch.setattr("cleanflow.gui.screens.money.expenses.record_expense", fail)
    hands.sign_in()
    hands.press("F7")
    hands.type("rent")
    hands.press("Return")
    hands.type("300")
    hands.press("Control-s")
    assert [str(error) for error in hands.errors] == ["NOT saved: the disk is full"]
    hands.errors.clear()
    assert hands.window.focus_get().get() == "300"


def test_a_change_refreshes_the_screen_that_shows_it_and_the_others_when_they_come(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F6")
    add_customer(hands.window.db, name="Ann Baker")
    hands.window.changed("<<CustomersChanged>>")
    assert any("Ann Baker" in row for row in hands.rows())


def test_a_column_that_was_dragged_is_that_wide_next_time(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F7")
    records = hands.list()
    records.table.column("category", width=222)
    records._remember_widths()
    assert recall(hands.window.db, "list.expenses", {})["dragged"]["category"] == 222
    hands.press("F12")
    hands.sign_in("Olga")
    hands.press("F7")
    assert int(hands.list().table.column("category", "width")) == 222


def test_the_second_of_two_quick_presses_opens_no_second_dialog(hands: Hands) -> None:
    window = hands.window
    customer = add_customer(window.db, name="Maya")
    create_job(window.db, customer_id=customer.id, description="Coat", amount_minor=5000)
    hands.sign_in()
    window.event_generate("<Control-g>")
    hands.type("1")
    hands.press("Return", "Control-j")
    hands.type("55")
    hands.press("Return")
    hands.type("Stain")
    # Both presses are in the queue before the first one's dialog is seen, as with a hurried finger.
    for _press in range(2):
        window.focus_get().event_generate("<Control-s>", when="tail")  # type: ignore[union-attr]
    assert [dialog.title() for dialog in dialogs(hands)] == [
        "Adjust job C1-000001",
        "An owner's PIN, please",
    ]
    hands.type("1234")
    hands.press("Return")
    assert dialogs(hands) == []
    assert "Adjusted: job C1-000001, due 55.00" in hands.texts()


def test_keys_of_actions_do_not_edit_the_field_and_work_with_caps_lock(hands: Hands) -> None:
    add_customer(hands.window.db, name="Maya")
    hands.window.clipboard_clear()
    hands.window.clipboard_append("99")
    hands.sign_in()
    hands.press("F5")
    hands.type("maya")
    hands.press("Return")
    hands.type("10")
    hands.press("Control-y")
    amount = hands.window.focus_get()
    assert isinstance(amount, ttk.Entry)
    assert amount.get() == "10"
    hands.press("Control-v")
    assert amount.get() == "1099"
    amount.event_generate("<KeyPress>", keysym="s", state=0x4 | 0x2)  # Control and Caps Lock
    assert "Saved: receipt C1-R000001, Maya, 1,099.00" in hands.texts()


def test_an_owners_pin_covers_the_approved_step_alone_and_not_what_follows_it(hands: Hands) -> None:
    """What the window writes once the step is done is audited as the cashier's, who goes on working."""
    window = hands.window
    db = window.db
    hands.sign_in()
    window.do(
        lambda: add_service(db, name="Tailoring", price_minor=100),
        lambda service: add_customer(db, name=f"Wants {service.name}"),
    )
    hands.type("1234")
    hands.press("Return")
    query = """
        SELECT table_name, name FROM audit_logs AS logs JOIN users ON users.id = logs.user_id
         WHERE table_name IN ('service_types', 'customers') ORDER BY logs.created_at DESC LIMIT 2
    """
    assert {tuple(row) for row in db.rows(query)} == {("service_types", "Olga"), ("customers", "Carl")}
    assert db.session.user_id == window.user.id


def test_a_remembered_value_of_another_kind_is_not_taken(hands: Hands) -> None:
    remember(hands.window.db, "lock_after_minutes", "soon")
    hands.sign_in()
    hands.window.stages.idle.look()
    assert "Today" in hands.texts()
    hands.window.stages.idle.last_sign_at -= 11 * 60
    hands.window.stages.idle.look()
    assert "Who is there?" in hands.texts()
