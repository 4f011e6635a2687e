"""The size of the text, and what gives way to it on a small screen."""

from __future__ import annotations

import pytest
from ttkbootstrap import Button

from cleanflow.gui import appearance
from cleanflow.gui.widgets.side_bar import SideBar
from tests.gui.conftest import Hands


def labels(hands: Hands) -> list[Button]:
    (bar,) = (one for one in hands._shown() if isinstance(one, SideBar))
    return [one for one in bar.winfo_children() if isinstance(one, Button)]


def test_with_large_text_the_keys_stand_alone_and_all_of_them_are_seen(hands: Hands) -> None:
    hands.window.geometry("1024x740")
    hands.sign_in()
    assert "F2  Today" in hands.texts()
    try:
        for percent in (130, 150):
            appearance.set_text_size(percent)
            hands.window.geometry(f"1024x{740 - percent % 7}")  # a window that is fitted anew
            hands.wait_until(lambda: "F2  Today" not in hands.texts())
            bottom = hands.window.winfo_rooty() + hands.window.winfo_height()
            for button in labels(hands):
                assert button.winfo_rooty() + button.winfo_height() <= bottom
                assert button.winfo_height() >= button.winfo_reqheight() - 2, "cut"
    finally:
        appearance.set_text_size(100)
    hands.window.geometry("1024x740")
    hands.wait_until(lambda: "F2  Today" in hands.texts())


def test_a_size_that_the_screen_is_too_narrow_for_is_refused(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands.window, "winfo_screenwidth", lambda: 1024)
    assert appearance.largest_text_size(hands.window) in (115, 130)
    monkeypatch.setattr(hands.window, "winfo_screenwidth", lambda: 2560)
    assert appearance.largest_text_size(hands.window) == 150
    monkeypatch.setattr(appearance, "largest_text_size", lambda window: 115)
    hands.sign_in("Olga")
    hands.press("F11")
    screen = hands.window.navigation.screens["settings"]
    screen._text_size.set("150 %")  # type: ignore[attr-defined]
    hands.press("Control-s")
    assert "150 % is too large for this screen; at most 115 % fits." in hands.texts()
    assert appearance.remembered_text_size(hands.window.db) == 100
