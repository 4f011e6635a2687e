"""Client and server as real processes: joining, synchronising, kills, and a network that fails."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.database import Shop
from tests.server.live import ROOT, Live, Serving, fresh_database, run_sql, serve_command, serving
from tests.sync.command_pcs import CommandPc, assert_on_server, assert_same, new_shop, work
from tests.sync.cuttable_proxy import CuttableProxy, proxy_to


@pytest.fixture
def proxy(live: Live) -> Iterator[CuttableProxy]:
    with proxy_to(live.url) as proxy:
        yield proxy


@pytest.fixture
def first(tmp_path: Path) -> CommandPc:
    return new_shop(tmp_path / "C1")


@pytest.fixture
def second(tmp_path: Path) -> CommandPc:
    return CommandPc(tmp_path / "C2", "C2")


def test_a_day_of_commands_over_a_real_serve(first: CommandPc, second: CommandPc) -> None:
    """Join, work, synchronise, show the status, be revoked, leave: exit status and JSON are as documented."""
    with tempfile.TemporaryDirectory(prefix="cleanflow-serve-") as name, serving(Path(name)) as server:
        assert first.run("sync", status=1) == "cleanflow: This PC has not joined a server.\n"
        assert "already" not in first.run("join", server.url, "XXXX-XXXX", status=1)
        first.run("join", server.url, str(server.told["join_code"]))
        assert "joined" in first.run("join", server.url, "AAAA", status=1)
        with first.open() as db:
            work(db, 10)
        told = first.sync()
        assert (told["code"], told["pending"], told["refused"], told["same_books"]) == ("", 0, {}, True)
        assert told["pushed"] > 20 and told["difference"] is None
        assert 0 < told["bytes_sent"] < 100_000 and told["bytes_received"] > 0
        code = json.loads(_serve(Path(name), "new-code", "My shop", "--json"))["join_code"]
        second.run("join", server.url, code, "--pc", "C2")
        assert second.sync()["pulled"] > 20
        with second.open() as db:
            work(db, 5, seed=2)
        pending = second.told("status")
        assert pending["sync_pending"] > 0 and pending["sync_oldest_pending_at"] is not None
        second.sync()
        first.sync()
        assert_same(first, second)
        state = first.told("status")
        assert state["sync_server"] == server.url and state["sync_shop"] == "My shop"
        assert (state["sync_pending"], state["sync_last_code"], state["sync_difference"]) == (0, "", None)
        assert state["sync_same_books_at"] is not None
        _serve(Path(name), "revoke", str(second.told("status")["device_id"]))
        told = second.sync(status=1)
        assert told["code"] == "token_revoked" and told["words"]
        assert told["words"] in second.run("sync", status=1)
        second.run("leave")
        assert second.told("status")["sync_server"] is None
        assert second.run("leave", status=1) == "cleanflow: This PC has not joined a server.\n"
        assert server.stop() == 0
        told = first.sync(status=1)
        assert (told["code"], told["same_books"]) == ("unreachable", False)
        assert "no connection" in told["words"]
    assert first.run("sync", "--what", status=2)


def _serve(data: Path, *words: str) -> str:
    return subprocess.run(
        serve_command(data, *words), cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    ).stdout


def join(live: Live, shop: Shop, pc: CommandPc, url: str) -> None:
    pc.run("join", url, live.new_code(shop), "--pc", pc.code)


def killed_sync(pc: CommandPc, after_s: float, meanwhile: Callable[[], object] = lambda: None) -> bool:
    """Kill a `sync` after ``after_s`` seconds; returns whether it was still running."""
    process = pc.start("sync", "--json")
    until = time.monotonic() + after_s
    meanwhile()
    time.sleep(max(0.0, until - time.monotonic()))
    was_running = process.poll() is None
    process.kill()
    process.communicate(timeout=60)
    return was_running


def kill_again_and_again(
    live: Live, shop: Shop, pcs: tuple[CommandPc, CommandPc], proxy: CuttableProxy, rounds: int, seed: int
) -> None:
    """Kill syncs until ``rounds`` were killed while running; after one that had ended, kill earlier."""
    print(f"seed {seed}")
    chance = random.Random(seed)
    join(live, shop, pcs[0], proxy.url)
    pcs[0].sync()
    join(live, shop, pcs[1], proxy.url)
    pcs[1].sync()
    interrupted, latest_s = 0, 1.1
    for number in range(3 * rounds):
        if interrupted == rounds:
            break
        pc = pcs[number % 2]
        proxy.delay_s = chance.choice((0.0, 0.02, 0.05))
        proxy.plan({chance.randrange(6): chance.choice(("answer_lost", "cut_short"))} if number % 3 else {})
        with pc.open() as db:
            work(db, 10, seed=1000 + number)
            was_running = killed_sync(
                pc,
                chance.uniform(0.3, latest_s),
                lambda db=db, number=number: work(db, 8, seed=number),  # type: ignore[misc]
            )
        interrupted += was_running
        latest_s = min(1.1, latest_s * 1.1) if was_running else max(0.4, latest_s * 0.8)
    proxy.plan({})
    proxy.delay_s = 0
    assert interrupted > rounds // 2, f"only {interrupted} syncs were killed at work"
    for pc in (*pcs, *pcs):
        told = pc.sync()
    assert told["same_books"] and told["pending"] == 0
    assert_same(*pcs)
    assert_on_server(live.database, shop, pcs[0])


def test_syncs_that_are_killed_at_any_moment_lose_and_double_nothing(
    live: Live, shop: Shop, first: CommandPc, second: CommandPc, proxy: CuttableProxy
) -> None:
    kill_again_and_again(live, shop, (first, second), proxy, rounds=5, seed=1)


@pytest.mark.long
def test_a_hundred_syncs_that_are_killed_lose_and_double_nothing(
    live: Live, shop: Shop, first: CommandPc, second: CommandPc, proxy: CuttableProxy
) -> None:
    kill_again_and_again(live, shop, (first, second), proxy, rounds=100, seed=time.time_ns() % 10**6)


def test_a_first_fetch_that_is_killed_goes_on_where_it_was(
    live: Live, shop: Shop, tmp_path: Path, second: CommandPc, proxy: CuttableProxy
) -> None:
    first = CommandPc(tmp_path / "C1", "C1")
    first.run("demo", "--jobs", "400", "--seed", "3")
    join(live, shop, first, live.url)
    first.sync()
    join(live, shop, second, proxy.url)
    proxy.delay_s = 0.05
    seen = [second.cursors()]
    for number in range(30):
        if not killed_sync(second, 0.4 + 0.15 * number):
            break
        seen.append(second.cursors())
    assert seen == sorted(seen) and all(a[0] <= b[0] and a[1] <= b[1] for a, b in itertools.pairwise(seen))
    assert len(set(seen)) > 2, f"it was never killed on the way: {seen}"
    assert second.sync()["same_books"]
    first.sync()
    assert_same(first, second)


def test_a_server_that_is_killed_in_the_middle_of_pushes_has_each_record_once(
    postgres: str, first: CommandPc, second: CommandPc
) -> None:
    with fresh_database(postgres) as database, tempfile.TemporaryDirectory() as name:
        with serving(Path(name), "--database", database) as server, proxy_to(server.url) as proxy:
            first.run("join", proxy.url, str(server.told["join_code"]))
            for number in range(3):
                with first.open() as db:
                    work(db, 100, seed=number)
                process = first.start("sync", "--json")
                time.sleep(0.45 + 0.1 * number)
                server.process.kill()
                out, complaints = process.communicate(timeout=60)
                assert "Traceback" not in complaints
                assert json.loads(out)["code"] in ("unreachable", "")
                server.end()
                server = Serving(Path(name), "--database", database)
                proxy.lead_to(server.url)
            try:
                assert first.sync()["same_books"]
                code = json.loads(
                    _serve(Path(name), "--database", database, "new-code", "My shop", "--json")
                )["join_code"]
                second.run("join", proxy.url, code, "--pc", "C2")
                assert second.sync()["same_books"] and first.sync()["same_books"]
            finally:
                server.end()
        assert_same(first, second)
        schema = run_sql(database, "SELECT schema_name FROM cleanflow_control.shops")[0][0]
        for table in ("jobs", "payments", "ledger_entries"):
            with first.open() as db:
                here = db.value(f"SELECT count(*) FROM {table}")
            assert run_sql(database, f"SELECT count(*) FROM {schema}.{table}")[0][0] == here


def test_two_syncs_of_one_pc_at_the_same_moment_are_harmless(
    live: Live, shop: Shop, first: CommandPc, second: CommandPc, proxy: CuttableProxy
) -> None:
    join(live, shop, first, proxy.url)
    first.sync()
    join(live, shop, second, proxy.url)
    proxy.delay_s = 0.05
    with first.open() as db:
        work(db, 60)
    for pc in (first, second):
        both = [pc.start("sync", "--json") for _ in range(2)]
        for process in both:
            out, complaints = process.communicate(timeout=120)
            assert json.loads(out)["code"] == "", out
            assert "Traceback" not in complaints
    assert first.sync()["same_books"] and second.sync()["same_books"]
    assert_same(first, second)
    assert_on_server(live.database, shop, first)


def test_over_a_line_of_two_kilobytes_a_second_a_day_arrives(
    live: Live, shop: Shop, first: CommandPc, proxy: CuttableProxy
) -> None:
    join(live, shop, first, proxy.url)
    with first.open() as db:
        work(db, 5)
    proxy.bytes_per_s = 2000
    started = time.monotonic()
    told = first.sync()
    assert told["same_books"] and time.monotonic() - started > told["bytes_sent"] / 2000
    assert_on_server(live.database, shop, first)
