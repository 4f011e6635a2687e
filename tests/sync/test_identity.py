"""Restored, copied and cloned PCs are detected, explained and resolved without losing an entry."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cleanflow.dao import customers, payments
from cleanflow.dao.closings import close_day
from cleanflow.dao.shop import set_up_shop
from cleanflow.errors import Refusal
from cleanflow.sync import client
from cleanflow.sync.enrolling import leave
from cleanflow.sync.repair.identity import settle_here
from server.database import Shop
from tests.server.live import Live
from tests.sync.pcs import ShopPc, assert_same_books

Joined = Callable[[int], list[ShopPc]]
NewPc = Callable[..., ShopPc]


def image_of(pc: ShopPc, folder: Path) -> Path:
    """Copy the database file as it is now."""
    folder.mkdir()
    pc.restart()
    pc.db.close()
    shutil.copy(pc.path, folder / "cleanflow.db")
    pc.db = pc._open()
    return folder / "cleanflow.db"


def bring_back(pc: ShopPc, image: Path) -> None:
    pc.db.close()
    for suffix in ("-wal", "-shm"):
        Path(f"{pc.path}{suffix}").unlink(missing_ok=True)
    shutil.copy(image, pc.path)
    pc.db = pc._open()


def meet(*pcs: ShopPc) -> None:
    for pc in (*pcs, *pcs):
        pc.sync()
    assert_same_books(*pcs)


def names(pc: ShopPc) -> list[str]:
    return [row[0] for row in pc.db.rows("SELECT name FROM customers ORDER BY name")]


def test_a_backup_brought_back_is_found_and_the_server_gives_back_what_it_lacks(
    joined: Joined, live: Live, shop: Shop, tmp_path: Path
) -> None:
    first, second = joined(2)
    ann = first.customer("Ann")
    first.job(ann, 1000)
    meet(first, second)
    image = image_of(first, tmp_path / "backup")
    first.job(ann, 2000)
    first.pay(ann, 500)
    first.sync()
    bring_back(first, image)
    first.job(ann, 4000)  # in the old file, with numbers that were used already
    summary = first.try_sync()
    assert summary.code == client.FORKED and "Join again" in summary.words
    assert second.sync().is_same_books, "the others are not held up"
    first.join(live.url, live.new_code(shop), "C9", as_new=True)
    meet(first, second)
    assert first.value("SELECT balance_minor FROM customer_balances") == 1000 + 2000 - 500 + 4000
    references = [row[0] for row in first.db.rows("SELECT reference FROM jobs ORDER BY amount_minor")]
    assert references == ["C1-000001", "C1-000002", "C9-000001"]
    told = first.value(
        "SELECT old_value || new_value FROM audit_logs WHERE table_name = 'jobs' AND action = 'UPDATE'"
    )
    assert "C1-000002" in told and "C9-000001" in told


@pytest.mark.parametrize("has_markers", [False, True])
def test_a_copied_pc_goes_on_as_another_one_and_both_keep_everything(
    joined: Joined, live: Live, shop: Shop, tmp_path: Path, has_markers: bool
) -> None:
    first, second = joined(2)
    ann = first.customer("Ann")
    first.job(ann, 100)
    first.sync()
    first.job(ann, 200)  # not sent yet when the folder is copied
    copy = first.copied_to(tmp_path / "copy", "C1")
    if has_markers:
        shutil.copytree(first.machine, copy.machine)
    first.job(ann, 400)
    copy.job(ann, 800)
    copy.customer("Of the copy")
    first.sync()
    summary = copy.try_sync()
    assert summary.code == client.MOVED
    copy.join(live.url, live.new_code(shop), "C3", as_new=True)
    meet(first, copy, second)
    assert second.value("SELECT balance_minor FROM customer_balances") == 1500
    assert names(second) == ["Ann", "Of the copy"]
    copy.db.close()


def test_a_cloned_disk_is_found_by_the_server(joined: Joined, live: Live, shop: Shop, tmp_path: Path) -> None:
    (first,) = joined(1)
    ann = first.customer("Ann", phone="1")
    first.sync()
    clone = first.copied_to(tmp_path / "clone", "C1")
    with clone.on_its_machine():
        settle_here(clone.db)  # the markers were cloned, too
    customers.edit_customer(clone.db, ann, phone="of the clone")
    clone.sync()
    customers.edit_customer(first.db, ann, notes="of the first")
    assert first.try_sync().code == client.FORKED
    first.join(live.url, live.new_code(shop), "C2", as_new=True)
    meet(first, clone)
    clone.db.close()


def test_a_folder_that_was_moved_goes_on_when_a_person_says_so(joined: Joined, tmp_path: Path) -> None:
    first, second = joined(2)
    first.customer("Ann")
    first.db.close()
    moved = first.copied_to(tmp_path / "moved", "C1")
    shutil.copytree(first.machine, moved.machine)
    assert moved.try_sync().code == client.MOVED
    with moved.on_its_machine():
        settle_here(moved.db)
    meet(moved, second)
    moved.db.close()


def test_a_restored_pc_that_recorded_payments_refunds_and_a_closing_keeps_all_of_them(
    joined: Joined, live: Live, shop: Shop, tmp_path: Path
) -> None:
    first, second = joined(2)
    ann = first.customer("Ann")
    meet(first, second)
    image = image_of(first, tmp_path / "backup")
    first.pay(ann, 5000, jobs={})
    close_day(first.db, counted_minor=5000, report=lambda _closing: "{}")
    first.sync()
    bring_back(first, image)
    first.job(ann, 700)
    first.pay(ann, 900, jobs={})
    payments.refund(first.db, customer_id=ann, amount_minor=100, method="CASH", reason="Back")
    payments.use_credit(first.db, ann)
    close_day(first.db, counted_minor=800, report=lambda _closing: "{}")
    assert first.try_sync().code == client.FORKED
    first.join(live.url, live.new_code(shop), "C7", as_new=True)
    meet(first, second)
    assert second.value("SELECT count(*) FROM day_closings") == 2
    assert sorted(row[0] for row in second.db.rows("SELECT reference FROM day_closings")) == [
        "C1-Z000001",
        "C7-Z000001",
    ]
    assert second.value("SELECT balance_minor FROM customer_balances") == 700 - 900 + 100 - 5000


def test_a_server_that_was_restored_is_given_again_what_it_lost(
    live: Live, shop: Shop, new_pc: NewPc
) -> None:
    from tests.server.live import run_sql

    first = new_pc("C1", is_set_up=True)
    first.join(live.url, live.new_code(shop))
    first.sync()
    customer = first.customer("Ann")
    first.job(customer, 1000)
    first.sync()
    # As after restoring a backup from before the last push; a live database's triggers would refuse this.
    for table in ("customers", "jobs", "ledger_entries", "audit_logs"):
        run_sql(live.database, f"ALTER TABLE {table} DISABLE TRIGGER ALL", shop=shop)
        run_sql(
            live.database,
            f"DELETE FROM {table} WHERE change_seq = (SELECT max(change_seq) FROM pushes)",
            shop=shop,
        )
        run_sql(live.database, f"ALTER TABLE {table} ENABLE TRIGGER ALL", shop=shop)
    run_sql(
        live.database, "DELETE FROM pushes WHERE change_seq = (SELECT max(change_seq) FROM pushes)", shop=shop
    )
    mark = first.value("SELECT mark FROM sync_marks ORDER BY number LIMIT 1")
    run_sql(live.database, "UPDATE last_syncs SET push_mark = $1", mark, shop=shop)
    run_sql(
        live.database,
        "UPDATE synced_tables SET records = records - 1 WHERE name IN ('customers', 'jobs', 'ledger_entries')",
        shop=shop,
    )
    run_sql(
        live.database, "UPDATE synced_tables SET records = records - 2 WHERE name = 'audit_logs'", shop=shop
    )
    assert live.rows(shop, "jobs") == 0
    assert first.sync().is_same_books
    assert (live.rows(shop, "jobs"), live.rows(shop, "customers")) == (1, 1)


# --- joining ---------------------------------------------------------------------------------------------


def test_a_pc_with_records_of_its_own_brings_them_along_and_takes_the_shops_settings(
    live: Live, shop: Shop, new_pc: NewPc
) -> None:
    first, second = new_pc("C1", is_set_up=True), new_pc("C2")
    second.clock.moment = first.clock.moment
    set_up_shop(second.db, name="Other name", currency="USD", pc_code="C2", owner="Otto", pin="4321")
    ann = second.customer("Ann")
    second.job(ann, 700)
    for pc in (first, second):
        pc.join(live.url, live.new_code(shop))
        pc.sync()
    meet(first, second)
    assert first.value("SELECT value FROM settings WHERE key = 'shop_name'") == "Sparkle"
    assert sorted(row[0] for row in first.db.rows("SELECT name FROM users")) == ["Olga", "Otto"]
    assert first.value("SELECT balance_minor FROM customer_balances") == 700


def test_two_pcs_that_called_themselves_c1_meet_as_c1_and_c2(live: Live, shop: Shop, new_pc: NewPc) -> None:
    first, second = new_pc("C1", is_set_up=True), new_pc("C2", is_set_up=True)
    # both files are copies of one here; the second becomes a shop of its own first
    second.db.close()
    second.path.unlink()
    second.db = second._open()
    set_up_shop(second.db, name="Sparkle", currency="USD", pc_code="C1", owner="Otto", pin="4321")
    ann = second.customer("Ann")
    second.job(ann, 700)
    first.join(live.url, live.new_code(shop), "C1")
    first.sync()
    with pytest.raises(Refusal) as caught:
        second.join(live.url, live.new_code(shop), "C1")
    assert caught.value.facts["suggestion"] == "C2"
    second.join(live.url, live.new_code(shop), "C2")
    second.sync()
    second.job(ann, 800)
    meet(first, second)
    assert [row[0] for row in first.db.rows("SELECT reference FROM jobs ORDER BY created_at")] == [
        "C1-000001",
        "C2-000002",
    ]


def test_books_in_another_currency_do_not_join_and_stay_as_they_are(
    live: Live, shop: Shop, new_pc: NewPc
) -> None:
    first, second = new_pc("C1", is_set_up=True), new_pc("C2")
    set_up_shop(second.db, name="Other", currency="PKR", pc_code="C2", owner="Otto", pin="4321")
    second.job(second.customer("Ann"), 700)
    first.join(live.url, live.new_code(shop))
    first.job(first.customer("Bob"), 100)
    first.sync()
    with pytest.raises(Refusal, match="in USD, this PC's in PKR"):
        second.join(live.url, live.new_code(shop))
    assert second.value("SELECT server_url FROM sync_state") is None
    assert second.value("SELECT value FROM settings WHERE key = 'currency'") == "PKR"
    assert live.rows(shop, "jobs") == 1


def test_a_join_whose_answer_was_lost_is_repeated_as_the_same_pc(
    live: Live, shop: Shop, new_pc: NewPc
) -> None:
    from tests.sync.cuttable_proxy import proxy_to

    pc = new_pc("C1", is_set_up=True)
    with proxy_to(live.url) as proxy:
        proxy.plan({0: "answer_lost"})
        with pytest.raises(Refusal, match="no connection"):
            pc.join(proxy.url, live.new_code(shop))
    pc.join(live.url, live.new_code(shop))
    assert pc.sync().is_same_books
    assert live.rows(shop, "devices") == 1


def test_leaving_keeps_all_records_and_joining_again_goes_on(joined: Joined, live: Live, shop: Shop) -> None:
    first, second = joined(2)
    first.customer("Ann")
    meet(first, second)
    leave(second.db)
    with pytest.raises(Refusal, match="has not joined"):
        second.try_sync()
    second.customer("Bob")
    first.customer("Cid")
    first.sync()
    second.join(live.url, live.new_code(shop))
    meet(first, second)
    assert names(first) == ["Ann", "Bob", "Cid"]


def test_a_pc_does_not_mix_two_shops(joined: Joined, live: Live) -> None:
    (first,) = joined(1)
    leave(first.db)
    with pytest.raises(Refusal) as caught:
        first.join(live.url, live.new_code(live.new_shop()))
    assert "another shop" in str(caught.value)


def test_until_a_pc_has_joined_it_asks_the_network_nothing(
    new_pc: NewPc, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    def forbidden(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a packet left the PC")

    monkeypatch.setattr(socket.socket, "connect", forbidden)
    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    pc = new_pc("C1", is_set_up=True)
    pc.job(pc.customer("Ann"), 1000)
    with pytest.raises(Refusal, match="has not joined"):
        pc.try_sync()


def test_a_setting_changed_while_away_is_not_undone_by_joining_again(
    joined: Joined, live: Live, shop: Shop
) -> None:
    from cleanflow.dao.shop import change_settings

    first, second = joined(2)
    leave(second.db)
    change_settings(second.db, {"shop_phone": "0300 1234567"})
    second.join(live.url, live.new_code(shop))
    meet(first, second)
    assert first.value("SELECT value FROM settings WHERE key = 'shop_phone'") == "0300 1234567"
