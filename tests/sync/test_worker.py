"""The background thread that synchronises: schedule, pauses after failures, shutdown."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cleanflow.dao.remembered import remember
from cleanflow.db import Database
from cleanflow.safekeeping.verify import verify
from cleanflow.sync import client, worker
from cleanflow.sync.worker import AT_START, EVERY_MINUTES, Worker
from server.database import Shop
from tests.server.live import ROOT, Live, wait_until
from tests.sync.cuttable_proxy import CuttableProxy, proxy_to
from tests.sync.lying_server import answer, lying_server_at
from tests.sync.pcs import ShopPc, assert_same_books
from tests.sync.workers import another, finished, many_customers, working, write_times

Joined = Callable[[int], list[ShopPc]]


@pytest.fixture
def proxy(live: Live) -> Iterator[CuttableProxy]:
    with proxy_to(live.url) as proxy:
        yield proxy


@pytest.fixture
def pc(joined: Joined, proxy: CuttableProxy) -> Iterator[ShopPc]:
    """A PC that has joined and synchronises only when asked."""
    (pc,) = joined(1)
    lead_over(pc, proxy.url)
    remember(pc.db, AT_START, False)
    remember(pc.db, EVERY_MINUTES, 0)
    with pc.on_its_machine():
        yield pc


@pytest.fixture
def other(pc: ShopPc, live: Live, shop: Shop, new_pc: Callable[..., ShopPc]) -> ShopPc:
    """Another PC of the shop."""
    other = new_pc("C2")
    other.join(live.url, live.new_code(shop))
    other.sync()
    return other


def lead_over(pc: ShopPc, url: str) -> None:
    pc.db.execute("UPDATE sync_state SET server_url = :url", {"url": url})


def test_it_synchronises_at_the_start(pc: ShopPc) -> None:
    remember(pc.db, AT_START, True)
    pc.customer("Ann")
    with working(pc) as one:
        assert finished(one).pushed > 0


def test_switched_off_it_asks_the_network_nothing(pc: ShopPc, proxy: CuttableProxy) -> None:
    pc.customer("Ann")
    with working(pc) as one:
        time.sleep(0.5)
        assert one.progress == worker.Progress()
    assert proxy.requests == 0


def test_it_synchronises_when_asked_and_tells_which_tables_changed(pc: ShopPc, other: ShopPc) -> None:
    with working(pc) as one:
        assert another(one).pushed == 0
        assert one.take_changes() == {"devices", "audit_logs"}
        pc.customer("Ann")
        assert another(one).pushed > 0
        other.job(other.customer("Bob"), 700)
        other.sync()
        another(one)
        changed = one.take_changes()
    assert {"customers", "jobs", "ledger_entries"} <= changed
    assert one.take_changes() == set()


def test_it_synchronises_every_so_many_minutes(pc: ShopPc, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute is shortened to a quarter of a second."""
    monkeypatch.setattr(worker, "_MINUTE_S", 0.25)
    remember(pc.db, EVERY_MINUTES, 2)
    started = time.monotonic()
    with working(pc) as one:
        first = finished(one)
        assert time.monotonic() - started > 0.45
        wait_until(lambda: one.progress.last is not first and not one.progress.is_running)
        assert finished(one).code == ""
    assert time.monotonic() - started > 0.9


def test_the_pause_grows_with_failures_and_is_gone_after_a_success(
    pc: ShopPc, proxy: CuttableProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(pc.db, EVERY_MINUTES, 5)
    proxy.is_cut = True
    pauses = []
    with working(pc) as one:
        for _ in range(12):
            another(one, "unreachable")
            pauses.append(_pause(one, pc.db))
        for number, pause in enumerate(pauses):
            full = min(15 * 2**number, 1800)
            assert 0.5 * full - 0.1 <= pause <= full, (number, pause)
        assert len({round(pause / min(15 * 2**number, 1800), 3) for number, pause in enumerate(pauses)}) > 6
        proxy.is_cut = False
        another(one)
        assert 299 < _pause(one, pc.db) <= 300
        proxy.is_cut = True
        another(one, "unreachable")
        assert _pause(one, pc.db) <= 15


def _pause(one: Worker, db: Database) -> float:
    due = one._next_time(db)
    assert due is not None
    return due - time.monotonic()


def test_a_server_that_says_when_to_come_again_is_obeyed(pc: ShopPc, live: Live) -> None:
    remember(pc.db, EVERY_MINUTES, 5)
    with lying_server_at(live.url) as lying_server, working(pc) as one:
        lead_over(pc, lying_server.url)
        lying_server.instead = {"/v1/status": answer(503, b"", "Retry-After: 900")}
        another(one, "unavailable")
        assert 899 < _pause(one, pc.db) <= 900


def test_with_an_interval_of_zero_a_failure_is_not_retried(pc: ShopPc, proxy: CuttableProxy) -> None:
    proxy.is_cut = True
    with working(pc) as one:
        another(one, "unreachable")
        assert one._next_time(pc.db) is None


def test_it_ends_within_a_second_while_a_request_hangs(pc: ShopPc, proxy: CuttableProxy, live: Live) -> None:
    pc.customer("Ann")
    proxy.delay_s = 5
    with working(pc) as one:
        one.sync_now()
        wait_until(lambda: one.progress.stage == "connect" and proxy.requests)
        started = time.monotonic()
        one.stop()
        assert time.monotonic() - started < 4
        proxy.delay_s = 0
    assert pc.value("SELECT sync_status FROM customers") == "PENDING"
    lead_over(pc, live.url)
    assert pc.sync().is_same_books


@pytest.mark.parametrize("stage", ["push", "merge"])
def test_it_ends_within_a_second_in_the_middle_of_many_rows_and_nothing_is_lost(
    pc: ShopPc, other: ShopPc, stage: str
) -> None:
    many_customers(pc if stage == "push" else other, 2000)
    if stage == "merge":
        other.sync()
    with working(pc) as one:
        one.sync_now()
        wait_until(lambda: one.progress.stage == stage)
        started = time.monotonic()
        one.stop()
        assert time.monotonic() - started < 4
        wait_until(lambda: not one._thread.is_alive())
        assert one.progress.last is None, "it was through already"
    for each in (pc, other, pc):
        assert each.sync().is_same_books
    assert_same_books(pc, other)
    assert pc.value("SELECT count(*) FROM customers") == 2000


def test_a_program_that_closes_is_gone_at_once_though_a_request_hangs(
    pc: ShopPc, proxy: CuttableProxy
) -> None:
    pc.customer("Ann")
    proxy.delay_s = 60
    code = (
        "import sys, time, pathlib; from cleanflow.sync.worker import Worker\n"
        "worker = Worker(pathlib.Path(sys.argv[1])); worker.start(); worker.sync_now()\n"
        "print('ready', flush=True); sys.stdin.readline(); worker.stop()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, pc.path],
        cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin and process.stdout
        process.stdout.readline()
        wait_until(lambda: proxy.requests)
        started = time.monotonic()
        process.stdin.write("close\n")
        process.stdin.flush()
        assert process.wait(20) == 0
        assert time.monotonic() - started < 10


def test_a_bug_in_a_stage_does_not_end_the_thread(
    pc: ShopPc, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object) -> None:
        raise KeyError("a bug")

    with working(pc) as one:
        monkeypatch.setattr(worker, "synchronise", broken)
        last = another(one, "internal")
        assert "log file" in last.words and "a bug" in caplog.text
        monkeypatch.undo()
        another(one)


def test_a_full_disk_is_told_and_synchronising_goes_on_when_there_is_room(
    pc: ShopPc, other: ShopPc, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_customers(other, 1000)
    other.sync()
    remember(pc.db, EVERY_MINUTES, 5)
    free_pages = iter([2, 10**6])

    def on_a_disk(db: Database, *arguments: Any) -> client.Summary:
        db.execute(f"PRAGMA max_page_count = {db.value('PRAGMA page_count') + next(free_pages)}")
        return client.synchronise(db, *arguments)

    monkeypatch.setattr(worker, "synchronise", on_a_disk)
    with working(pc) as one:
        last = another(one, "not_saved")
        assert "disk is full" in last.words
        assert pc.value("SELECT count(*) FROM customers") < 1000
        assert _pause(one, pc.db) <= 15
        another(one)
    other.sync()
    assert_same_books(pc, other)


def test_a_disk_that_was_away_at_the_start_is_used_when_it_is_back(pc: ShopPc, proxy: CuttableProxy) -> None:
    pc.customer("Ann")
    pc.db.close()
    away = pc.path.rename(pc.folder / "away.db")
    with working(pc) as one:
        last = finished(one, "not_saved")
        assert str(pc.path) in last.words and proxy.requests == 0
        away.rename(pc.path)
        assert another(one).pushed > 0
    pc.db = pc._open()
    assert pc.value("SELECT sync_status FROM customers") == "SYNCED"


def test_a_shop_that_was_left_meanwhile_ends_quietly(pc: ShopPc, proxy: CuttableProxy) -> None:
    from cleanflow.sync.enrolling import leave

    with working(pc) as one:
        another(one)
        leave(pc.db)
        asked = proxy.requests
        one.sync_now()
        time.sleep(0.3)
        assert proxy.requests == asked and not one.progress.is_running
        assert one._thread.is_alive()


def test_a_cashier_goes_first_while_twenty_thousand_rows_are_merged(pc: ShopPc, other: ShopPc) -> None:
    many_customers(other, 10_000)  # with an audit row each
    other.sync()
    alone = write_times(pc.db, lambda done: done < 200)
    with working(pc) as one:
        one.sync_now()
        wait_until(lambda: one.progress.stage == "merge")
        beside = write_times(pc.db, lambda _done: one.progress.is_running)
        assert finished(one).pulled >= 20_000
    for what, took in (("alone", alone), ("while rows are merged", beside)):
        p50, p99 = (took[int(len(took) * part)] * 1000 for part in (0.5, 0.99))
        print(
            f"{len(took)} writes {what}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, worst {took[-1] * 1000:.1f} ms"
        )
    assert len(beside) > 100
    assert p99 < 250 + 1000 * alone[-1]
    assert verify(pc.db).findings == []
