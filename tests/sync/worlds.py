"""A whole world for the stateful test: a server that can be restarted, and PCs to which things happen.

Making a shop and letting PCs join takes seconds, so it is done once; each world starts from copies.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from cleanflow.errors import Refusal
from cleanflow.records import RECORDS
from cleanflow.safekeeping.verify import verify
from cleanflow.sync import client
from cleanflow.sync.repair.identity import settle_here
from server.database import Shop
from tests.dao.actions import act
from tests.server.live import Live, live_server, run_sql
from tests.sync.cuttable_proxy import CuttableProxy, proxy_to
from tests.sync.newer_pc import ODD_REASON, NewerPc
from tests.sync.pcs import ShopPc, assert_same_books, contents, on_server

MOST_PCS = 5
#: Facts and records whose rows a confirmed operation makes.
_MADE_BY_PEOPLE = [name for name in RECORDS if name not in ("settings", "accounts", "devices")]


def _id(row: dict[str, object]) -> str:
    return str(row["id"])


class Killed(BaseException):
    """The process is gone, this instant."""


@dataclass
class Template:
    """A database of the server and files of PCs that have joined one shop."""

    postgres: str
    database: str
    shop: Shop
    folder: Path


def make_template(postgres: str, database: str, folder: Path, new_shop_file: Path) -> Template:
    """Let :data:`MOST_PCS` PCs join a shop and fetch it."""
    with live_server(database) as live:
        shop = live.new_shop()
        for number in range(MOST_PCS):
            place = folder / f"C{number + 1}"
            place.mkdir()
            if number == 0:
                shutil.copy(new_shop_file, place / "cleanflow.db")
            pc = ShopPc(place, f"C{number + 1}")
            pc.join(live.url, live.new_code(shop))
            pc.sync()
            pc.db.close()
    return Template(postgres, database, shop, folder)


@dataclass
class Player:
    """One PC in the world: its file, its cable, its old backups."""

    pc: ShopPc
    cable: CuttableProxy
    backups: list[Path] = field(default_factory=list)
    has_copy: bool = False


class World:
    """The server, the PCs, and what people were told is done: ``confirmed`` is {(table, id)}."""

    def __init__(self, template: Template, pcs: int, *, has_newer: bool = False) -> None:
        self._stack = ExitStack()
        self._template = template
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        name = f"world_{uuid.uuid4().hex}"
        source = urlsplit(template.database).path[1:]
        run_sql(template.postgres, f"CREATE DATABASE {name} TEMPLATE {source}")
        self._stack.callback(run_sql, template.postgres, f"DROP DATABASE {name} WITH (FORCE)")
        self.database = urlunsplit(urlsplit(template.postgres)._replace(path=f"/{name}"))
        self._serving = ExitStack()
        self.live: Live = self._serving.enter_context(live_server(self.database))
        self._next_code = MOST_PCS
        self.players: list[Player] = []
        self.confirmed: set[tuple[str, str]] = set()
        for number in range(pcs):
            folder = self._folder / f"C{number + 1}"
            shutil.copytree(template.folder / f"C{number + 1}", folder)
            self._add(ShopPc(folder, f"C{number + 1}"))
        self.newer = NewerPc(self.live, self.live.new_code(template.shop)) if has_newer else None

    def _add(self, pc: ShopPc) -> Player:
        cable = self._stack.enter_context(proxy_to(self.live.url))
        with pc.on_its_machine():
            settle_here(pc.db)
        pc.db.execute("UPDATE sync_state SET server_url = :url", {"url": cable.url})
        player = Player(pc, cable)
        self.players.append(player)
        return player

    def close(self) -> None:
        for player in self.players:
            player.pc.db.close()
        self._serving.close()
        self._stack.close()

    # --- what people do ----------------------------------------------------------------------------

    def work(self, number: int, step: tuple[int, int, int, int]) -> None:
        """One operation; what was confirmed has to exist for ever."""
        pc = self._player(number).pc
        try:
            act(pc.db, *step)
        except Refusal:
            return
        self.confirmed |= self._made_last(pc)

    def _made_last(self, pc: ShopPc) -> set[tuple[str, str]]:
        at = pc.value("SELECT last_at FROM app_settings")
        return {
            (table, row[0])
            for table in _MADE_BY_PEOPLE
            for row in pc.db.rows(f"SELECT id FROM {table} WHERE created_at = :at", {"at": at})
        }

    def sync(self, number: int, faults: dict[int, str] | None = None) -> None:
        """Synchronise over a cable to which things happen."""
        player = self._player(number)
        player.cable.plan(faults or {})
        player.pc.try_sync()
        player.cable.plan({})

    def kill(self, number: int, after: int, seed: int) -> None:
        """Synchronise, and pull the plug at one of the moments between two transactions."""
        player = self._player(number)
        seen = 0
        image = self._folder / f"image-{uuid.uuid4().hex}"

        def report(_stage: str, _rows: int) -> None:
            nonlocal seen
            seen += 1
            if seen > after:
                image.mkdir()
                for suffix in ("", "-wal"):  # what a process leaves that is gone this instant
                    source = Path(f"{player.pc.path}{suffix}")
                    if source.exists():
                        shutil.copy(source, image / source.name)
                raise Killed

        try:
            player.pc.try_sync(report)
        except Killed:
            self._put_file(player, image)

    def _put_file(self, player: Player, source: Path) -> None:
        player.pc.db.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{player.pc.path}{suffix}").unlink(missing_ok=True)
        for file in source.iterdir():
            shutil.copy(file, player.pc.folder / file.name)
        player.pc.db = player.pc._open()
        player.pc.db.execute(
            "UPDATE sync_state SET server_url = :url WHERE token NOT NULL", {"url": player.cable.url}
        )

    def back_up(self, number: int) -> None:
        player = self._player(number)
        place = self._folder / f"backup-{uuid.uuid4().hex}"
        place.mkdir()
        copy = sqlite3.connect(place / "cleanflow.db")
        player.pc.db.connection.backup(copy)
        copy.close()
        player.backups.append(place)

    def restore(self, number: int) -> None:
        """Somebody copies an old file over the present one. What was only here is lost, as they were told."""
        player = self._player(number)
        if not player.backups:
            return
        only_here = self._unsent(player.pc)
        self._put_file(player, player.backups[-1])
        self.confirmed -= only_here - self._rows(player.pc)

    def _unsent(self, pc: ShopPc) -> set[tuple[str, str]]:
        return {
            (table, row[0])
            for table in _MADE_BY_PEOPLE
            for row in pc.db.rows(f"SELECT id FROM {table} WHERE sync_status <> 'SYNCED'")
        }

    def _rows(self, pc: ShopPc) -> set[tuple[str, str]]:
        return {(table, row[0]) for table in _MADE_BY_PEOPLE for row in pc.db.rows(f"SELECT id FROM {table}")}

    def copy(self, number: int, *, with_markers: bool) -> None:
        """Somebody copies a PC's folder to a new PC; or clones its whole disk, markers and all.

        One copy of a PC: of three that hold the same unsent records the last to come finds them taken, which
        it is told, but it keeps them under its own name (see reissue.py).
        """
        player = self._player(number)
        if len(self.players) >= MOST_PCS + 1 or player.has_copy:
            return
        player.has_copy = True
        source = player.pc
        folder = self._folder / f"copy-{uuid.uuid4().hex}"
        copied = source.copied_to(folder, source.code)
        if with_markers:
            self._add(copied).has_copy = True
        else:
            cable = self._stack.enter_context(proxy_to(self.live.url))
            copied.db.execute("UPDATE sync_state SET server_url = :url", {"url": cable.url})
            self.players.append(Player(copied, cable, has_copy=True))

    def turn_clock(self, number: int, delta: timedelta) -> None:
        pc = self._player(number).pc
        pc.clock.moment += delta

    def work_newer(self, kind: int, first: int, second: int) -> None:
        """The PC with the newer program does something and sends it."""
        assert self.newer
        self.newer.act(kind, first, second)

    # --- what happens to the server ----------------------------------------------------------------

    def restart_server(self) -> None:
        self._serving.close()
        self._serving = ExitStack()
        self.live = self._serving.enter_context(live_server(self.database))
        for player in self.players:
            player.cable.lead_to(self.live.url)
        if self.newer:
            self.newer.move_to(self.live)

    def cut_database(self) -> None:
        """The server's connections to PostgreSQL break."""
        query = """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()
        """
        run_sql(self.database, query)

    def replay(self, number: int, which: int) -> None:
        """An old push arrives again."""
        cable = self._player(number).cable
        if cable.pushes:
            cable.replay(cable.pushes[which % len(cable.pushes)])

    # --- in the end --------------------------------------------------------------------------------

    def everything_online(self) -> None:
        """All cables whole, all clocks right again; people answer what they are asked. Then: same books."""
        for _round in range(8):
            moved = 0
            for player in self.players:
                player.cable.plan({})
                moved += self._sync_and_answer(player)
            if not moved:
                break
        assert not moved, "they never come to rest"
        pcs = [player.pc for player in self.players]
        if self.newer:
            self._newer_is_kept(self.newer, pcs)
            return
        assert_same_books(*pcs)
        for pc in pcs:
            assert pc.value("SELECT difference FROM sync_state") is None, pc.code
        there = on_server(self.live, self._template.shop)
        here = self._rows(pcs[0])
        assert {(table, one) for table in _MADE_BY_PEOPLE for one in there[table]} | self._seeded(
            pcs[0]
        ) == here | self._seeded(pcs[0])
        assert self.confirmed <= here, f"lost: {sorted(self.confirmed - here)[:5]}"

    def _newer_is_kept(self, newer: NewerPc, pcs: list[ShopPc]) -> None:
        """What the newer program did is everywhere: later fields, carried rows, and what is set aside."""
        first = contents(pcs[0].db)
        unknown = sorted([*newer.facts.values(), *newer.labels.values()], key=_id)
        for pc in pcs:
            for name, rows in contents(pc.db).items():
                assert rows == first[name], f"{name} of {pc.code} differs from that of {pcs[0].code}"
            found = verify(pc.db).findings
            assert found == [], (pc.code, found)
            bodies = [json.loads(row[0]) for row in pc.db.rows("SELECT body FROM carried_rows")]
            assert sorted(bodies, key=_id) == unknown, pc.code
            aside = list(pc.db.rows("SELECT missing_id, reason, body FROM sync_waiting"))
            assert {(row["missing_id"], row["reason"]) for row in aside} <= {("", ODD_REASON)}
            operations = [frozenset(row["id"] for _table, row in json.loads(one["body"])) for one in aside]
            assert sorted(operations, key=sorted) == sorted(newer.odd, key=sorted), pc.code
            assert pc.value("SELECT count(*) FROM sync_pages") == 0
            difference = pc.value("SELECT difference FROM sync_state")
            assert (difference is None) == (not newer.odd), (pc.code, difference)
        here = self._rows(pcs[0])
        assert (self.confirmed | newer.made) <= here, sorted((self.confirmed | newer.made) - here)[:5]
        for name in ("customers", "payments", "ledger_entries"):
            query = f"SELECT id::text, extra::text FROM {name}"
            there = {row[0]: row[1] for row in run_sql(self.database, query, shop=self._template.shop)}
            told = {row[0]: row[1] for row in pcs[0].db.rows(f"SELECT id, extra FROM {name}")}
            odd = {one for operation in newer.odd for one in operation}
            assert {one: extra for one, extra in there.items() if one not in odd} == told, name

    def _sync_and_answer(self, player: Player) -> int:
        """How many rows were moved, as far as it matters."""
        joined_again = 0
        for _attempt in range(3):
            summary = player.pc.try_sync()
            if summary.code in (client.FORKED, client.MOVED):
                self._next_code += 1
                code = self.live.new_code(self._template.shop)
                player.pc.join(player.cable.url, code, f"C{self._next_code}", as_new=True)
                player.pc.code = f"C{self._next_code}"
                joined_again = 1
            elif summary.code == "":
                return summary.pushed + summary.pulled + joined_again
            elif summary.code in ("token_unknown", "token_revoked"):
                raise AssertionError(summary)
        raise AssertionError(f"{player.pc.code} cannot synchronise: {summary}")

    def _seeded(self, pc: ShopPc) -> set[tuple[str, str]]:
        query = "SELECT id FROM expense_categories WHERE device_id = '00000000-0000-0000-0000-000000000000'"
        return {("expense_categories", row[0]) for row in pc.db.rows(query)}

    def _player(self, number: int) -> Player:
        return self.players[number % len(self.players)]
