"""A line that comes back is noticed within a minute and without a packet; a PC by hand only stays by hand."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from cleanflow.cli import main
from cleanflow.dao.remembered import recall, remember
from cleanflow.sync import worker
from cleanflow.sync.network import own_addresses
from cleanflow.sync.worker import AT_START, DEFAULT_MINUTES, EVERY_MINUTES, is_by_hand, set_by_hand
from server.database import Shop
from tests.server.live import ROOT, Live, wait_until
from tests.sync.cuttable_proxy import CuttableProxy, proxy_to
from tests.sync.lying_server import answer, lying_server_at
from tests.sync.pcs import ShopPc
from tests.sync.workers import another, finished, working


@pytest.fixture
def proxy(live: Live) -> Iterator[CuttableProxy]:
    with proxy_to(live.url) as proxy:
        yield proxy


@pytest.fixture
def pc(joined: Callable[[int], list[ShopPc]], proxy: CuttableProxy) -> Iterator[ShopPc]:
    """A PC that has joined, and synchronises every five minutes but not at the start."""
    (pc,) = joined(1)
    pc.db.execute("UPDATE sync_state SET server_url = :url", {"url": proxy.url})
    remember(pc.db, AT_START, False)
    with pc.on_its_machine():
        yield pc


class Networks:
    """The networks in which the PC is, one after the other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.addresses: tuple[str, ...] = ("192.168.1.7", "")
        self.asked = 0
        monkeypatch.setattr(worker, "_LOOK_EVERY_S", 0.05)
        monkeypatch.setattr(worker, "own_addresses", self._own_addresses)

    def _own_addresses(self, _host: str) -> tuple[str, ...]:
        self.asked += 1
        return self.addresses


def test_a_line_that_comes_back_is_tried_at_once(
    pc: ShopPc, proxy: CuttableProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks = Networks(monkeypatch)
    with working(pc) as one:
        proxy.is_cut = True
        for _ in range(9):
            another(one, "unreachable")
        assert one._failures == 9, "the pause is half an hour by now"
        networks.addresses = ("", "")
        wait_until(lambda: one._addresses == ("", ""))
        before, requests = one.progress.last, proxy.requests
        time.sleep(0.3)
        assert one.progress.last is before and proxy.requests == requests, "no network: nothing is tried"
        proxy.is_cut = False
        networks.addresses = ("192.168.1.7", "")
        wait_until(lambda: one.progress.last is not before and not one.progress.is_running)
        assert finished(one).code == ""


def test_a_server_that_is_down_keeps_the_doubling_pause(
    pc: ShopPc, proxy: CuttableProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks = Networks(monkeypatch)
    proxy.is_cut = True
    with working(pc) as one:
        for _ in range(3):
            another(one, "unreachable")
        looked, tried = networks.asked, one.progress.last
        wait_until(lambda: networks.asked > looked + 5)
        assert one.progress.last is tried
        networks.addresses = ("10.0.0.2", "")
        wait_until(lambda: one.progress.last is not tried and not one.progress.is_running)
        assert one._failures == 1, "in another network the pause begins anew, and doubles again"


def test_another_network_does_not_hurry_a_server_that_said_when_to_come_again(
    pc: ShopPc, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks = Networks(monkeypatch)
    with lying_server_at(live.url) as lying_server, working(pc) as one:
        pc.db.execute("UPDATE sync_state SET server_url = :url", {"url": lying_server.url})
        lying_server.instead = {"/v1/status": answer(503, b"", "Retry-After: 900")}
        tried = another(one, "unavailable")
        networks.addresses = ("10.0.0.2", "")
        time.sleep(0.3)
        assert one.progress.last is tried


def test_by_hand_only_a_failure_is_not_repeated_in_another_network(
    pc: ShopPc, proxy: CuttableProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks = Networks(monkeypatch)
    remember(pc.db, EVERY_MINUTES, 0)
    proxy.is_cut = True
    with working(pc) as one:
        tried = another(one, "unreachable")
        networks.addresses = ("10.0.0.2", "")
        time.sleep(0.3)
        assert one.progress.last is tried


def test_new_settings_are_read_without_synchronising(pc: ShopPc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_MINUTE_S", 0.1)
    remember(pc.db, EVERY_MINUTES, 10)
    with working(pc) as one:
        set_by_hand(pc.db, True)
        one.read_settings()
        time.sleep(1.3)
        assert one.progress == worker.Progress()


def test_the_way_out_is_looked_up_without_a_packet() -> None:
    """Towards an address that nobody has, and towards this PC itself; a name is not looked up."""
    ours, *rest = own_addresses("127.0.0.1")
    assert ours == "127.0.0.1"
    assert tuple(rest) == own_addresses("shop.example.com")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 9))
        listening.settimeout(0.2)
        own_addresses("127.0.0.1")
        with pytest.raises(TimeoutError):
            listening.recv(1)


@pytest.mark.skipif(shutil.which("unshare") is None, reason="no unshare here")
def test_a_network_that_comes_up_changes_the_addresses() -> None:
    """In a network namespace of its own, whose loopback begins switched off."""
    script = (
        "import fcntl, socket, struct;"
        "from cleanflow.sync.network import own_addresses as own;"
        "before = own('127.0.0.1');"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
        "fcntl.ioctl(s, 0x8914, struct.pack('16sh', b'lo', 1 | 64));"  # SIOCSIFFLAGS: IFF_UP, IFF_RUNNING
        "print(before, own('127.0.0.1'))"
    )
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    if "unshare" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.stdout.strip() == "('', '', '') ('127.0.0.1', '', '')", done.stderr


def test_by_hand_is_both_settings_and_an_interval_that_was_chosen_stays(pc: ShopPc) -> None:
    remember(pc.db, AT_START, True)
    remember(pc.db, EVERY_MINUTES, 30)
    set_by_hand(pc.db, False)
    assert recall(pc.db, EVERY_MINUTES, DEFAULT_MINUTES) == 30
    set_by_hand(pc.db, True)
    assert is_by_hand(pc.db)
    assert (recall(pc.db, AT_START, True), recall(pc.db, EVERY_MINUTES, DEFAULT_MINUTES)) == (False, 0)
    set_by_hand(pc.db, False)
    assert (recall(pc.db, AT_START, False), recall(pc.db, EVERY_MINUTES, 0)) == (True, DEFAULT_MINUTES)


@pytest.mark.parametrize(("words", "expected"), [([], False), (["--by-hand"], True)])
def test_the_join_command_can_choose_by_hand(
    live: Live, shop: Shop, new_pc: Callable[..., ShopPc], words: list[str], expected: bool
) -> None:
    pc = new_pc("C1", is_set_up=True)
    pc.db.close()
    with pc.on_its_machine():
        assert main(["--data", str(pc.folder), "join", live.url, live.new_code(shop), *words]) == 0
    pc.restart()
    assert is_by_hand(pc.db) is expected
