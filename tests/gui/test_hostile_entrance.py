"""Hostile texts in the fields that come before work begins: the first start and the question for a PIN."""

from __future__ import annotations

import tkinter

import pytest

from cleanflow.dao.shop import is_set_up, set_up_shop
from cleanflow.dao.users import get_user
from cleanflow.gui.entrance.first_start import FirstStart
from cleanflow.gui.entrance.sign_in import SignIn
from tests.gui.conftest import Hands
from tests.gui.test_hostile_fields import FEW, Walk


def test_the_first_start_and_the_question_for_a_pin_break_at_nothing(
    empty_hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = empty_hands.window
    monkeypatch.chdir(window.db.path.parent)
    found = Walk(empty_hands, (*FEW, "USD", "1234"))

    def first_start() -> tkinter.Misc | None:
        if isinstance(window.stages.page, FirstStart):
            window.stages.page._ask_for_shop()
            window.update()
        return window.stages.page

    def save(page: tkinter.Misc) -> None:
        if isinstance(page, FirstStart):
            page._on_save()

    found.attack("first start", first_start, save)
    assert found.attacked > 30
    if not is_set_up(window.db):
        set_up_shop(window.db, name="S", currency="USD", pc_code="C1", owner="Olga", pin="1234")
        window.stages.work(get_user(window.db, window.db.session.user_id or ""))
    window.lock()
    found.attack(
        "sign in",
        lambda: window.stages.page if isinstance(window.stages.page, SignIn) else None,
        lambda _page: None,
    )
    assert not found.broken, "\n".join(found.broken)
