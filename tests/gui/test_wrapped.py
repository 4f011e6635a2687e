"""Texts that wrap with their room come to rest: what they ask for never follows from what they got."""

from __future__ import annotations

from collections import Counter

import pytest

from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.dao.payments import record_payment
from cleanflow.gui.appearance import set_text_size
from cleanflow.gui.widgets.wrapped import Wrapped
from tests.gui.conftest import Hands

_MANY = 60  # far more than any layout needs; one that never rests would reach it at once
_WIDTHS = range(860, 1180)


@pytest.mark.parametrize("text_percent", [100, 130])
@pytest.mark.parametrize("name", ["today", "customer_page", "job_page"])
def test_a_page_of_any_width_comes_to_rest(
    hands: Hands, name: str, text_percent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = hands.window.db
    who = add_customer(
        db, name="Carla " * 20, phone="0300 1234567", address="Main Road 5, " * 12, notes="Careful. " * 15
    )
    job = create_job(db, customer_id=who.id, amount_minor=9_999_00, description="Suit, grey, " * 12)
    record_payment(db, customer_id=who.id, amount_minor=1_234_00, method="CASH")
    calls: Counter[tuple[int, Wrapped]] = Counter()
    width, fit = 0, Wrapped._fit

    def counted(label: Wrapped, room: int) -> None:
        calls[width, label] += 1
        if calls[width, label] < _MANY:  # else the test would not end either
            fit(label, room)

    monkeypatch.setattr(Wrapped, "_fit", counted)
    hands.sign_in()
    set_text_size(text_percent)
    which = {"today": {}, "customer_page": {"customer_id": who.id}, "job_page": {"job_id": job.id}}
    hands.window.minsize(1, 1)
    hands.window.show(name, **which[name])
    for width in _WIDTHS:
        hands.window.geometry(f"{width}x700")
        hands.settle()
    assert len(calls) > len(_WIDTHS)
    assert {width for (width, _label), count in calls.items() if count >= _MANY} == set()
