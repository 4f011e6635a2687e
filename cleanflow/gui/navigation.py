"""Which screen is shown: made when it is first asked for, its keys bound, the way back remembered."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from ttkbootstrap import Frame

from cleanflow.gui.desk import Action, Desk
from cleanflow.gui.focus import is_on_screen
from cleanflow.gui.keys import Keys, free_keys
from cleanflow.gui.screen import Screen

#: Screens that Esc can go back through.
_STEPS_BACK = 20


def side_bar_screens() -> tuple[type[Screen], ...]:
    """The screens of the side bar, the first one shown first.

    They are imported here and not at the top: reading their code takes longer than showing the sign-in page.
    """
    from cleanflow.gui.screens import SCREENS

    return SCREENS


def _kind(screen_name: str) -> type[Screen]:
    from cleanflow.gui.screens import PAGES, SCREENS

    return next(kind for kind in (*SCREENS, *PAGES) if kind.name == screen_name)


class Navigation:
    """The screens of the person at work, one of them shown."""

    def __init__(self, desk: Desk, keys: Keys) -> None:
        self._desk = desk
        self._keys = keys
        self.current: Screen | None = None
        self.screens: dict[str, Screen] = {}
        self._before: list[str] = []
        self._content: Frame
        self._mark: Callable[[str], object]

    def begin(self, content: Frame, mark: Callable[[str], object]) -> None:
        """Start without any screen, for somebody who has signed in; ``mark`` hears which one is shown."""
        self.current, self.screens, self._before = None, {}, []
        self._content, self._mark = content, mark

    # --- going to a screen -------------------------------------------------------------------------

    def show(self, screen_name: str, **what: Any) -> None:
        """Go to a screen; ``what`` is for its ``open``."""
        if self.current is not None and self.current.name != screen_name:
            self._before = [*self._before[-_STEPS_BACK:], self.current.name]
        screen = self._bring(screen_name, what)
        self._focus(screen.focus_first)

    def back(self) -> None:
        """Go to the screen that was shown before, or to the first one."""
        if self.current is not None:
            self.current.give_up()
        before = self._before.pop() if self._before else side_bar_screens()[0].name
        self._focus(self._bring(before, {}).focus_again)

    def _bring(self, screen_name: str, what: dict[str, Any]) -> Screen:
        screen = self.screens.get(screen_name) or self._make(screen_name)
        if self.current is not None:
            self._put_away(self.current)
        self.current = screen
        self._mark(screen.name)
        self._desk.tell("")
        if what:
            screen.open(**what)
        screen.refresh_now()
        screen.pack(fill="both", expand=True)
        screen.page.to_top()
        self._bind_keys(screen)
        return screen

    def _focus(self, give: Callable[[], object]) -> None:
        """``give`` the focus to a widget of the screen; without one to have it, the screen gets it."""
        screen = self.current
        if screen is None:
            return
        screen.update_idletasks()  # keys that are typed already are for this screen: map it before they come
        give()
        if not is_on_screen(str(screen.tk.call("focus")), screen):
            screen.focus_set()

    def focus_again(self) -> None:
        """Focus the screen that is shown; what had the focus is gone."""
        if self.current is not None and self.current.winfo_viewable():
            self._focus(self.current.focus_again)

    def _put_away(self, screen: Screen) -> None:
        screen.note_focus()
        screen.leave()
        screen.forget_refusals()
        self._keys.set_screen({})
        screen.pack_forget()

    def _make(self, screen_name: str) -> Screen:
        screen = self.screens[screen_name] = _kind(screen_name)(self._content, self._desk)
        free_keys(screen, (action.key for action in screen.actions))
        for event in screen.refresh_on:
            screen.bind(event, screen.on_changed)
        return screen

    # --- the screen that is shown ------------------------------------------------------------------

    def refresh(self) -> None:
        """Read again what is shown."""
        if self.current is not None:
            self.current.refresh_now()

    def resume(self) -> None:
        """Go on with the screen that was shown before the window was locked; the focus is the caller's."""
        if self.current is not None:
            self._bind_keys(self.current)
            self.current.refresh_now()

    def focus_first(self) -> None:
        """Focus where work on the shown screen starts."""
        if self.current is not None:
            self._focus(self.current.focus_first)

    def _bind_keys(self, screen: Screen) -> None:
        self._keys.set_screen({
            action.key: partial(self._act, screen, action) for action in screen.actions if action.method
        })  # fmt: skip

    def _act(self, screen: Screen, action: Action) -> None:
        button = screen.buttons.get(action.method)
        if button is None or not button.instate(["disabled"]):
            getattr(screen, action.method)()

    # --- all screens -------------------------------------------------------------------------------

    def changed(self, events: Collection[str]) -> None:
        """Let each screen read again that one of these events concerns, or when it is next shown."""
        for screen in self.screens.values():
            event = next((event for event in events if event in screen.refresh_on), None)
            if event is not None:  # one is enough: it reads everything again
                screen.event_generate(event)

    def forget_hidden(self) -> None:
        """Make every other screen than the one shown anew when it is next asked for."""
        for name, screen in [*self.screens.items()]:
            if screen is not self.current:
                self.screens.pop(name).destroy()
