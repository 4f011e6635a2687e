"""Keys: each reaches the screen that is shown, whatever the speed, layout, lock keys and keypad."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from tkinter import ttk

import pytest
from ttkbootstrap import Combobox

from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.gui.keys import held_keys, is_typing, key_name
from cleanflow.gui.screens import SCREENS
from cleanflow.gui.widgets.choices import fix_choices
from tests.display import OWN
from tests.gui.conftest import _KEYSYMS, Hands

# --- which key it is: tables of what both systems report ------------------------------------------------

SHIFT, CAPS_LOCK, CONTROL = 0x1, 0x2, 0x4
X11_ALT, X11_NUM_LOCK, X11_SCROLL_LOCK, X11_SUPER, X11_ALTGR, X11_GROUP_2 = (
    0x8,
    0x10,
    0x20,
    0x40,
    0x80,
    0x2000,
)
WIN_NUM_LOCK, WIN_SCROLL_LOCK, WIN_ALT, WIN_KEYPAD = 0x8, 0x20, 0x20000, 0x40000

LOCKS = {
    "x11": (0, CAPS_LOCK, X11_NUM_LOCK, X11_SCROLL_LOCK, X11_NUM_LOCK | CAPS_LOCK | X11_SCROLL_LOCK),
    "win32": (0, CAPS_LOCK, WIN_NUM_LOCK, WIN_SCROLL_LOCK, WIN_NUM_LOCK | CAPS_LOCK | WIN_SCROLL_LOCK),
}

#: Keycode -> what the groups of a layout have there: what `layout_symbols` reads from the display.
US = {10: "1", 24: "q", 38: "a", 39: "s", 47: ";", 55: "v", 57: "n", 58: "m", 59: ","}
FRENCH = {10: "&", 24: "a", 38: "q", 39: "s", 47: "m", 55: "v", 57: "n", 58: ",", 59: ";"}
DVORAK = {10: "1", 24: "'", 38: "a", 39: "o", 47: "s", 55: "k", 57: "b", 58: "m", 59: "w"}
HEBREW = {10: "1", 24: "/", 59: ",", 47: ";"}  # its letters are not in ASCII
RUSSIAN: dict[int, str] = {10: "1"}

X11_KEYS = [
    ("Latin", "s", 39, US, "Control-s"),
    ("Caps Lock gives a capital", "S", 39, US, "Control-s"),
    ("Russian beside US", "Cyrillic_yeru", 39, US, "Control-s"),
    ("Russian alone", "Cyrillic_yeru", 39, RUSSIAN, "Control-s"),
    ("Arabic beside French, whose A is where Q is", "Arabic_dad", 24, FRENCH, "Control-a"),
    ("Arabic beside French, the key of the French M", "Arabic_kaf", 47, FRENCH, "Control-m"),
    ("Greek alone", "Greek_sigma", 39, {}, "Control-s"),
    ("Hebrew alone: Q has a slash", "slash", 24, HEBREW, "Control-q"),
    ("Hebrew beside US", "slash", 24, US, "Control-q"),
    ("Dvorak: Q has an apostrophe, and means it", "apostrophe", 24, DVORAK, "Control-apostrophe"),
    ("French comma is where M is", "comma", 58, FRENCH, "Control-comma"),
    ("French digits need Shift", "ampersand", 10, FRENCH, "Control-1"),
    ("Persian digits", "Farsi_1", 10, {}, "Control-1"),
    ("no letter at all", "Delete", 119, US, "Control-Delete"),
]


def named(keysym: str, keycode: int, state: int, system: str, layout: dict[int, str] | None = None) -> str:
    return key_name(keysym, keycode, state, system, lambda code: [*(layout or {}).get(code, "")])


@pytest.mark.parametrize("words, keysym, keycode, layout, name", X11_KEYS, ids=[row[0] for row in X11_KEYS])
def test_ctrl_and_a_letter_is_the_same_on_every_layout(
    words: str, keysym: str, keycode: int, layout: dict[int, str], name: str
) -> None:
    for locks, group in itertools.product(LOCKS["x11"], (0, X11_GROUP_2)):
        assert named(keysym, keycode, CONTROL | locks | group, "x11", layout) == name


@pytest.mark.parametrize(
    "keysym, keycode, name",
    [
        ("s", 0x53, "Control-s"),
        ("S", 0x53, "Control-s"),
        ("Cyrillic_yeru", 0x53, "Control-s"),
        ("??", 0x53, "Control-s"),
        ("ampersand", 0x31, "Control-1"),
        ("Next", 0x22, "Control-Next"),
        ("comma", 0xBC, "Control-comma"),
    ],
)
def test_ctrl_and_a_letter_on_windows_is_its_virtual_key(keysym: str, keycode: int, name: str) -> None:
    for locks in LOCKS["win32"]:
        assert named(keysym, keycode, CONTROL | locks, "win32") == name


@pytest.mark.parametrize("system, alt", [("x11", X11_ALT), ("win32", WIN_ALT)])
def test_a_function_key_is_itself_with_any_lock_and_another_key_with_alt_or_control(
    system: str, alt: int
) -> None:
    for locks in LOCKS[system]:
        assert named("F4", 70, locks, system) == "F4"
        assert named("F4", 70, locks | SHIFT, system) == "Shift-F4"
        assert named("F4", 70, locks | alt, system) == "Alt-F4"
        f4 = 0x73 if system == "win32" else 70  # on Windows also the code of a small s
        assert named("F4", f4, locks | CONTROL, system) == "Control-F4"
        assert named("s", 39, locks | CONTROL | alt, system, US) == "Control-Alt-s"
    assert named("F4", 70, X11_SUPER, "x11") == "Super-F4"


def test_the_keypad_means_the_same_keys() -> None:
    assert named("KP_Enter", 104, X11_NUM_LOCK, "x11") == "Return"
    assert named("KP_Next", 89, 0, "x11") == "Next"
    assert named("Return", 13, WIN_KEYPAD, "win32") == "Return"


@pytest.mark.parametrize("system, alt", [("x11", X11_ALT), ("win32", WIN_ALT)])
def test_a_letter_is_typed_with_any_lock_and_not_with_alt_or_control(system: str, alt: int) -> None:
    for locks in LOCKS[system]:
        assert is_typing("b", locks, system)
        assert is_typing("B", locks | SHIFT, system)
        assert not is_typing("b", locks | alt, system)
        assert not is_typing("b", locks | CONTROL, system)
        assert not is_typing("\r", locks, system)
    assert is_typing("ę", CONTROL | WIN_ALT, "win32"), "AltGr on Windows"
    assert is_typing("ę", X11_ALTGR, "x11"), "AltGr on X11"
    assert held_keys(X11_NUM_LOCK | X11_ALTGR | 0x100, "x11") == ()


# --- in the window --------------------------------------------------------------------------------------


def send(hands: Hands, sequence: str, **options: object) -> None:
    """One key press as Tk would report it, to whatever has the focus."""
    widget = hands.window.tk.call("focus")
    words = [word for name, value in options.items() for word in (f"-{name}", value)]
    hands.window.tk.call("event", "generate", widget, sequence, *words)
    hands.settle()


def screen_name(hands: Hands) -> str:
    hands.settle()
    current = hands.window.navigation.current
    assert current is not None
    return current.name


def test_alt_f4_closes_and_does_not_open_a_screen(hands: Hands) -> None:
    hands.sign_in()
    closed: list[str] = []
    hands.window.protocol("WM_DELETE_WINDOW", lambda: closed.append("closed"))
    send(hands, "<F4>", state=X11_ALT)
    assert (closed, screen_name(hands)) == (["closed"], "today")
    send(hands, "<Control-F4>")
    assert screen_name(hands) == "today"
    send(hands, "<F4>", state=X11_NUM_LOCK | CAPS_LOCK | X11_SCROLL_LOCK)
    assert screen_name(hands) == "jobs"


def test_alt_f4_closes_the_dialog_that_is_open_and_not_the_window(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F6", "F1")
    assert "On this screen" in hands.texts()
    send(hands, "<Alt-F4>")
    assert "On this screen" not in hands.texts()
    assert hands.window.winfo_exists()


def test_enter_on_the_keypad_is_enter_in_forms_lists_and_dialogs(hands: Hands) -> None:
    db = hands.window.db
    ann = add_customer(db, name="Ann Baker")
    create_job(db, customer_id=ann.id, amount_minor=5000, description="Coat")
    hands.type("2222")
    hands.press("KP_Enter")
    assert "Signed in: Carl" in hands.texts()
    hands.press("F5")
    hands.type("ann")
    hands.press("KP_Enter")
    hands.type("20")
    hands.press("KP_Enter", "KP_Enter", "KP_Enter")  # amount, method, received: saves
    assert "Saved: receipt C1-R000001, Ann Baker, 20.00" in hands.texts()
    hands.press("F4", "KP_Down", "KP_Enter")
    assert screen_name(hands) == "job_page"
    hands.press("Control-n")
    hands.type("hot")
    hands.press("KP_Enter")
    assert "Saved: job C1-000001" in hands.texts()


def test_enter_on_the_keypad_presses_a_button_once(hands: Hands) -> None:
    hands.sign_in()
    pressed: list[int] = []
    button = ttk.Button(hands.window, text="Once", command=lambda: pressed.append(1))
    button.pack()
    button.focus_set()
    hands.press("KP_Enter")
    assert pressed == [1]


def test_a_keypad_arrow_keeps_the_match_that_it_chose(hands: Hands) -> None:
    for name in ("Ann", "Anna"):
        add_customer(hands.window.db, name=name)
    hands.sign_in()
    hands.press("F3")
    hands.type("ann")
    hands.press("KP_Down", "Return")
    page = hands.window.navigation.current
    assert page._picker.customer.name == "Anna"  # type: ignore[union-attr]


def test_letters_choose_in_a_list_with_the_bit_of_num_lock_on_windows(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.sign_in()
    field = Combobox(hands.window, values=["Cash", "Bank"])
    fix_choices(field)
    field.pack()
    field.focus_force()
    monkeypatch.setattr("cleanflow.gui.widgets.choices.windowing_system", lambda widget: "win32")
    send(hands, "<KeyPress>", keysym="b", state=WIN_NUM_LOCK)
    assert field.get() == "Bank"


# --- no key reaches the screen just left ----------------------------------------------------------------

KEYS = [kind.key for kind in SCREENS]
PAIRS = list(itertools.permutations(KEYS, 2))


def burst(hands: Hands, keys: Sequence[str]) -> None:
    """All keys in the queue before the window looks at the first, as after a hiccup of the PC."""
    for key in keys:
        name = f"<{key}>" if len(key) > 1 else "<KeyPress>"
        keysym = () if len(key) > 1 else ("-keysym", _KEYSYMS.get(key, key))
        hands.window.tk.call("event", "generate", hands.window, name, *keysym, "-when", "tail")
    hands.settle()


def fields_of(hands: Hands, name: str) -> dict[str, str]:
    """Tcl name of every field of a screen -> its text."""
    found = {}
    todo = list(hands.window.navigation.screens[name].winfo_children())
    while todo:
        widget = todo.pop()
        todo += widget.winfo_children()
        if isinstance(widget, ttk.Entry):
            found[str(widget)] = str(widget.get())
    return found


def check_pairs(hands: Hands, pairs: Sequence[tuple[str, str]]) -> None:
    """From the first screen to the second with letters right behind the key: none stays on the first."""
    names = {kind.key: kind.name for kind in SCREENS}
    for left, shown in pairs:
        hands.press(left)
        before = fields_of(hands, names[left])
        burst(hands, [shown, *"zqx"])
        assert screen_name(hands) == names[shown]
        focus = str(hands.window.tk.call("focus"))
        assert hands.window.tk.getboolean(hands.window.tk.call("winfo", "viewable", focus)), (left, shown)
        assert focus.startswith(str(hands.window.navigation.current)), (left, shown)
        assert fields_of(hands, names[left]) == before, (left, shown)
        widget = hands.window.nametowidget(focus)
        if type(widget).__name__ == "Entry":
            assert widget.get().endswith("zqx"), (left, shown, widget.get())
            widget.delete(0, "end")
        hands.window.navigation.screens[names[shown]].give_up()


def test_no_key_reaches_the_screen_just_left(hands: Hands) -> None:
    add_customer(hands.window.db, name="Zqxa")
    hands.sign_in("Olga")
    chosen = random.Random(15).sample(PAIRS, 40)
    check_pairs(hands, [("F3", "F6"), ("F6", "F3"), ("F5", "F7"), *chosen])


@pytest.mark.long
def test_no_key_reaches_the_screen_just_left_whichever_two_they_are(hands: Hands) -> None:
    add_customer(hands.window.db, name="Zqxa")
    hands.sign_in("Olga")
    check_pairs(hands, PAIRS)


def test_letters_behind_a_key_that_opens_a_dialog_stand_in_the_dialog(hands: Hands) -> None:
    add_customer(hands.window.db, name="Ann")
    hands.sign_in()
    hands.press("F3")
    burst(hands, [*"maya", "Control-n", *"0300"])
    assert "New customer" in hands.texts()
    field = hands.window.nametowidget(hands.window.tk.call("focus"))
    assert field.get() == "0300"
    burst(hands, ["Return", "F6", *"ma"])
    assert screen_name(hands) == "customers"
    assert hands.window.navigation.screens["customers"]._search.get() == "ma"  # type: ignore[attr-defined]


def test_letters_behind_the_key_that_closes_a_dialog_stand_on_the_screen(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F6")
    burst(hands, ["F1", "Escape", *"carla"])
    assert hands.window.navigation.current._search.get() == "carla"  # type: ignore[union-attr]


def test_a_pin_typed_right_behind_the_lock_is_not_written_into_the_form(hands: Hands) -> None:
    hands.sign_in()
    hands.press("F3")
    burst(hands, ["F12", *"2222", "Return", *"li"])
    form = hands.window.navigation.screens["new_job"]
    assert hands.window.db.session.user_id == hands.window.user.id, "signed in again"
    assert form._who.text() == "li"  # type: ignore[attr-defined]


def test_a_half_typed_name_on_a_form_that_is_left_takes_nobody(hands: Hands) -> None:
    add_customer(hands.window.db, name="Carla Miller")
    hands.sign_in()
    hands.press("F3")
    hands.type("car")
    hands.press("F6", "F3")
    form = hands.window.navigation.current
    assert (form._who.text(), form._picker.customer) == ("car", None)  # type: ignore[union-attr]


# --- a real keyboard ------------------------------------------------------------------------------------


class Keyboard:
    """Keys that the display's server sends, as a keyboard's."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands

    def press(self, *words: str) -> None:
        """What `xdotool` is told; the window works meanwhile."""
        child = subprocess.Popen(["xdotool", *words])
        self.hands.wait_until(lambda: child.poll() is not None)
        assert child.returncode == 0
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            self.hands.settle()

    def layout(self, words: str) -> None:
        subprocess.run(["setxkbmap", *words.split()], check=True)
        time.sleep(0.2)
        self.hands.settle()


needs_xdotool = pytest.mark.skipif(
    shutil.which("xdotool") is None or os.environ.get(OWN) != os.environ.get("DISPLAY"),
    reason="xdotool is not installed, or the display is somebody's, whose layout stays as it is",
)


@pytest.fixture
def keyboard(hands: Hands) -> Iterator[Keyboard]:
    keyboard = Keyboard(hands)
    keyboard.layout("us")
    yield keyboard
    keyboard.layout("us")


@needs_xdotool
@pytest.mark.parametrize("pause_ms", [0, 5, 20])
def test_a_fast_hand_loses_no_letter_over_screens_and_dialogs(keyboard: Keyboard, pause_ms: int) -> None:
    hands = keyboard.hands
    add_customer(hands.window.db, name="Carla Miller")
    hands.sign_in()
    screens = hands.window.navigation.screens
    words = [
        "key",
        "--delay",
        str(pause_ms),
        "F3",
        *"li",
        "F6",
        *"carla",
        "F5",
        *"mil",
        "F1",
        "Escape",
        *"le",
    ]
    keyboard.press(*words, "F6", *"x")
    assert screens["new_job"]._who.text() == "li"  # type: ignore[attr-defined]
    assert screens["customers"]._search.get() == "x"  # type: ignore[attr-defined]
    assert screens["take_payment"]._who.text() == "mille"  # type: ignore[attr-defined]


@needs_xdotool
@pytest.mark.parametrize("layout", ["us,ru", "ru", "us,ara", "il", "gr", "fr,ara", "ir"])
def test_ctrl_and_letters_work_on_the_layout(keyboard: Keyboard, layout: str) -> None:
    hands = keyboard.hands
    add_customer(hands.window.db, name="Ann")
    hands.sign_in()
    hands.press("F6")
    hands.window.clipboard_clear()
    hands.window.clipboard_append("Ann")
    hands.settle()
    keyboard.layout(f"{layout} -option grp:menu_toggle")
    if "," in layout:
        keyboard.press("key", "Menu")  # the second of the two
    keyboard.press("keydown", "37", "key", "55", "keyup", "37")  # Ctrl and the key of V
    assert hands.window.navigation.current._search.get() == "Ann"  # type: ignore[union-attr]
    keyboard.press("keydown", "37", "key", "57", "keyup", "37")  # Ctrl and the key of N: a new customer
    assert hands.window.navigation.current._fields["name"].text() == "Ann"  # type: ignore[union-attr]
    keyboard.press("keydown", "37", "key", "39", "keyup", "37")  # Ctrl and the key of S
    assert "Saved: Ann" in hands.texts()


@needs_xdotool
@pytest.mark.parametrize("lock", ["Num_Lock", "Caps_Lock", "Scroll_Lock"])
def test_locks_do_not_matter_to_keys(keyboard: Keyboard, lock: str) -> None:
    hands = keyboard.hands
    hands.sign_in()
    keyboard.press("key", lock)
    try:
        keyboard.press("key", "F7")
        keyboard.press("key", "r", "KP_Enter", "3", "KP_Enter")
        keyboard.press("key", "b")
        keyboard.press("keydown", "37", "key", "39", "keyup", "37")
        assert "Saved: expense C1-E000001, 3.00" in hands.texts()
    finally:
        keyboard.press("key", lock)
