"""Regressions found by attacking the synchronisation: dead ends, and books that went wrong silently."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cleanflow.dao import users
from cleanflow.dao.jobs import job_by_reference
from cleanflow.dao.shop import change_settings, is_set_up, set_up_shop
from cleanflow.errors import Refusal
from cleanflow.sync import waiting
from cleanflow.sync.enrolling import leave
from cleanflow.sync.repair.conflicts import overwritten
from cleanflow.sync.state import get_state, last_attempt
from server.database import Shop
from tests.server.live import Live
from tests.sync.pcs import ShopPc, assert_same_books

Joined = Callable[[int], list[ShopPc]]
NewPc = Callable[..., ShopPc]


def meet(*pcs: ShopPc) -> None:
    for pc in (*pcs, *pcs):
        pc.sync()
    assert_same_books(*pcs)


def test_a_pc_that_joined_as_a_new_one_can_leave_and_join_again(
    joined: Joined, live: Live, shop: Shop
) -> None:
    first, second = joined(2)
    second.join(live.url, live.new_code(shop), "C9", as_new=True)
    second.sync()
    leave(second.db)
    second.customer("While away")
    second.join(live.url, live.new_code(shop), "C9")
    meet(first, second)


def test_a_copy_from_before_joining_does_not_put_the_first_pc_out(
    live: Live, shop: Shop, new_pc: NewPc, tmp_path: Path
) -> None:
    first = new_pc("C1", is_set_up=True)
    copy = first.copied_to(tmp_path / "copy", "C1")
    first.join(live.url, live.new_code(shop))
    first.sync()
    with pytest.raises(Refusal, match="joined already"):
        copy.join(live.url, live.new_code(shop))
    assert first.sync().is_same_books
    copy.db.close()


def test_a_code_of_another_shop_is_not_used_up(joined: Joined, live: Live, new_pc: NewPc) -> None:
    (first,) = joined(1)
    leave(first.db)
    code = live.new_code(live.new_shop())
    with pytest.raises(Refusal, match="another shop"):
        first.join(live.url, code)
    stranger = new_pc("C5")
    stranger.join(live.url, code)


def test_two_shops_of_different_currencies_do_not_meet_on_an_empty_server(
    live: Live, shop: Shop, new_pc: NewPc
) -> None:
    first, second = new_pc("C1", is_set_up=True), new_pc("C2")
    set_up_shop(second.db, name="Other", currency="JPY", pc_code="C2", owner="Otto", pin="4321")
    first.join(live.url, live.new_code(shop))
    with pytest.raises(Refusal, match="in USD, this PC's in JPY"):
        second.join(live.url, live.new_code(shop))
    with pytest.raises(Refusal) as caught:
        change_settings(first.db, {"currency": "JPY"})
    assert caught.value.code == "currency_shared"


def test_a_shop_whose_pcs_deactivated_each_others_owner_keeps_one(joined: Joined) -> None:
    first, second = joined(2)
    olga = first.value("SELECT id FROM users")
    wil = users.add_user(first.db, name="Wil", role="OWNER", pin="9876").id
    meet(first, second)
    users.edit_user(first.db, wil, is_active=False)
    second.db.session.user_id = wil
    users.edit_user(second.db, olga, is_active=False)
    meet(first, second)
    active = [row[0] for row in second.db.rows("SELECT name FROM users WHERE is_active = 1")]
    assert active == ["Olga"]


def test_a_pin_that_was_overwritten_is_told(joined: Joined) -> None:
    first, second = joined(2)
    bob = users.add_user(first.db, name="Bob", role="CASHIER", pin="1111").id
    meet(first, second)
    users.edit_user(first.db, bob, pin="2222")
    second.clock.moment = first.clock.moment
    users.edit_user(second.db, bob, pin="3333")
    second.sync()
    meet(first, second)
    assert [(one.pc_code, one.record) for one in overwritten(second.db)] == [("C1", "Bob")]


def test_a_half_finished_join_can_be_left_and_the_pc_set_up_as_a_shop(
    live: Live, shop: Shop, new_pc: NewPc
) -> None:
    pc = new_pc("C2")
    pc.join(live.url, live.new_code(shop))
    assert is_set_up(pc.db)
    leave(pc.db)
    assert not is_set_up(pc.db) and not get_state(pc.db).is_joined
    set_up_shop(pc.db, name="Own", currency="USD", pc_code="C1", owner="Olga", pin="1234")


def test_a_ticket_is_found_by_what_is_printed_on_it_whatever_code_the_pc_has_now(
    live: Live, shop: Shop, new_pc: NewPc
) -> None:
    first, second = new_pc("C1", is_set_up=True), new_pc("C2")
    set_up_shop(second.db, name="Sparkle", currency="USD", pc_code="C1", owner="Otto", pin="4321")
    printed = second.job(second.customer("Ann"), 700)
    second.job(second.customer("Bob"), 800)
    first.join(live.url, live.new_code(shop))
    first.sync()
    second.join(live.url, live.new_code(shop), "C2")
    meet(first, second)
    found = job_by_reference(first.db, "C1-1")
    assert found is not None and found.id == printed
    assert job_by_reference(first.db, "C2-000001") is None


def test_a_server_whose_numbers_begin_again_below_is_fetched_from_the_start(joined: Joined) -> None:
    first, second = joined(2)
    second.db.execute("UPDATE sync_state SET pull_cursor = pull_cursor + 1000000000000")
    first.customer("Ann")
    first.sync()
    meet(first, second)


def test_what_was_kept_aside_is_tried_again_and_forgotten_when_it_is_there(joined: Joined) -> None:
    first, second = joined(2)
    first.customer("Ann")
    meet(first, second)
    row = dict(second.db.one("SELECT * FROM customers") or {})
    wire = {name: row[name] for name in row if name not in ("sync_status", "sync_error")}
    wire["is_active"] = True
    second.db.execute("BEGIN")
    waiting.wait_for(second.db, [("customers", wire)], "", "other_content")
    second.db.execute("COMMIT")
    meet(first, second)


def test_attempts_stay_in_their_order_when_a_clock_was_years_ahead(joined: Joined) -> None:
    first, _second = joined(2)
    first.clock.moment += timedelta(days=30_000)
    first.customer("Ann")
    first.sync()
    first.clock.moment -= timedelta(days=30_000)
    first.customer("Bob")
    first.sync()
    last = last_attempt(first.db)
    assert last is not None and last.started_at < "2090" and last.pushed > 0


def test_a_window_that_stays_open_while_a_command_joins_as_a_new_pc_records_as_the_new_one(
    joined: Joined, live: Live, shop: Shop
) -> None:
    from cleanflow.db import open_database
    from cleanflow.sync.enrolling import join

    first, second = joined(2)
    assert first.db.device_id
    with first.on_its_machine(), open_database(first.path, clock=first.clock) as command:
        join(command, live.url, live.new_code(shop), "C8", as_new=True)
    job = first.job(first.customer("Ann"), 100)
    assert first.value("SELECT reference FROM jobs WHERE id = :id", id=job) == "C8-000001"
    meet(first, second)
