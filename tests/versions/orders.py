"""A shop whose two PCs and server are updated one after the other, while people go on working."""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests.server.live import run_sql
from tests.versions.programs import Pc, Program, Server, assert_same_books

LATEST = 3
#: Each of PC A, PC B and the server is updated twice: 90 orders.
ORDERS = sorted({"".join(order) for order in permutations("AABBSS")})

#: What a program of a format knows of a customer.
_FIELDS = {1: ("name", "phone"), 2: ("name", "phone", "email"), 3: ("name", "phone", "email", "birthday")}


@dataclass
class Template:
    """A database of the server and the folders of two PCs of one shop, all of format 1."""

    postgres: str
    database: str
    shop: dict[str, str]
    folder: Path


def make_template(program: Program, postgres: str, database: str, folder: Path) -> Template:
    server = Server(program, database)
    for code in "AB":
        pc = Pc(program, folder / code)
        if code == "A":
            pc.do("set_up", pc_code=code)
        pc.do("join", url=server.url, code=server.code(), pc_code=code)
        pc.sync()
        pc.do("close")
    server.stop()
    return Template(postgres, database, server.shop, folder)


@dataclass
class Known:
    """What people have written, and so must be found in the end: id -> the values of its fields."""

    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    garments: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: set[str] = field(default_factory=set)
    payments: set[str] = field(default_factory=set)


class Shop:
    """The world of one order. Nobody edits what another has edited and not sent: that is another test's."""

    def __init__(self, programs: dict[int, Program], template: Template, folder: Path, database: str) -> None:
        self._programs, self._folder = programs, folder
        self.known = Known()
        self.server = Server(programs[1], database, template.shop)
        self.pcs: dict[str, Pc] = {}
        self._seen: dict[str, dict[str, int]] = {"server": defaultdict(int)}
        self._version: dict[str, int] = defaultdict(int)
        for code in "AB":
            shutil.copytree(template.folder / code, folder / code)
            self._add(code).do("move_in", url=self.server.url)

    def _add(self, code: str) -> Pc:
        self.pcs[code] = Pc(self._programs[1], self._folder / code)
        self._seen[code] = defaultdict(int)
        return self.pcs[code]

    def join_late(self, code: str) -> None:
        """Another PC comes to the shop, with the oldest program of all."""
        self._add(code).do("join", url=self.server.url, code=self.server.code(), pc_code=code)

    def update(self, name: str) -> None:
        if name == "S":
            self.server.update(self._programs[self.server.program.format + 1])
            return
        pc = self.pcs[name]
        pc.update(self._programs[pc.format + 1])
        # The newer program enters what the older one kept, although nobody is at the other end of the cable.
        pc.rows("UPDATE sync_state SET server_url = 'http://127.0.0.1:9'")
        assert pc.do("sync")["code"] == "unreachable"
        pc.rows("UPDATE sync_state SET server_url = :url", url=self.server.url)
        carried = {table for table, _body in pc.do("contents")["carried"]}
        assert carried <= _unknown_in(pc.format), carried

    def sync(self, *codes: str) -> None:
        for code in codes:
            self.pcs[code].sync()
            mine, there = self._seen[code], self._seen["server"]
            for record_id, version in mine.items():
                there[record_id] = max(there[record_id], version)
            mine.update(there)

    def restore(self, code: str, backup: Path) -> None:
        """Everything of the PC was sent before; what its backup lacks comes from the server."""
        self.sync(code)
        self.pcs[code].do("restore", file=str(backup))
        self.sync(code)

    # --- a day's work ------------------------------------------------------------------------------

    def work(self, code: str, chance: random.Random) -> None:
        """What the PC knows of: new records, and edits of records that it has seen the newest state of."""
        pc = self.pcs[code]
        fields = _FIELDS[pc.format]
        values = {name: _value(name, chance) for name in fields}
        customer = pc.customer(**values)
        self.known.customers[customer] = values
        self._wrote(code, customer)
        for record_id in self._editable(code, self.known.customers, chance):
            name = chance.choice(fields)
            value = _value(name, chance)
            pc.edit("customers", record_id, **{name: value})
            self.known.customers[record_id] |= {name: value}
            self._wrote(code, record_id)
        job = pc.job(customer)
        self.known.jobs.add(job)
        self.known.payments.add(pc.pay(customer, 400))
        if pc.format >= 2:
            garment = {"job_id": job, "name": _value("name", chance), "price_minor": chance.randrange(1000)}
            if pc.format >= 3:
                garment["colour"] = chance.choice(["red", "بنفسجي", ""])
            self.known.garments[pc.add("garments", **garment)] = garment
        if pc.format >= 3:
            for record_id in self._editable(code, self.known.tags, chance):
                self.known.tags[record_id] = {"name": _value("name", chance)}
                pc.edit("tags", record_id, **self.known.tags[record_id])
                self._wrote(code, record_id)
            tag = {"name": _value("name", chance)}
            record_id = pc.add("tags", **tag)
            self.known.tags[record_id] = tag
            self._wrote(code, record_id)

    def _wrote(self, code: str, record_id: str) -> None:
        self._version[record_id] += 1
        self._seen[code][record_id] = self._version[record_id]

    def _editable(self, code: str, records: dict[str, Any], chance: random.Random) -> list[str]:
        seen = [one for one in records if self._seen[code][one] == self._version[one]]
        return chance.sample(seen, min(len(seen), 3))

    # --- what has to hold --------------------------------------------------------------------------

    def check_between(self, *codes: str) -> None:
        """Those that have just synchronised hold the same of what both know."""
        found = {code: self.pcs[code].do("contents") for code in codes}
        for code, contents in found.items():
            pc = self.pcs[code]
            assert pc.sync()["is_same_books"], (code, pc.value("SELECT difference FROM sync_state"))
            assert contents["set aside"] == contents["pages"] == contents["failed"] == [], code
            assert {name for name, _body in contents["carried"]} <= _unknown_in(pc.format), code
        first, second = (found[code] for code in codes[:2])
        for name in first.keys() & second.keys() - {"carried"}:
            # later fields stand last, after `extra`, which both have
            assert [_common(row, first, second, name) for row in first[name]] == [
                _common(row, first, second, name) for row in second[name]
            ], name

    def check_end(self) -> None:
        assert_same_books(self.server, *self.pcs.values())
        for pc in self.pcs.values():
            assert pc.format == LATEST
            for table, empty in _EMPTY.items():
                told = {one: empty | values for one, values in getattr(self.known, table).items()}
                found = {row[0]: dict(zip(empty, row[1:], strict=True)) for row in pc.rows(_select(table))}
                wrong = {
                    one: (told.get(one), found.get(one))
                    for one in told | found
                    if told.get(one) != found.get(one)
                }
                assert not wrong, f"{table} of {pc.folder.name}, as written and as found: {wrong}"
            assert self.known.jobs == {row[0] for row in pc.rows("SELECT id FROM jobs")}
            assert self.known.payments == {row[0] for row in pc.rows("SELECT id FROM payments")}
            for record_id, values in self.known.customers.items():
                if email := values.get("email"):
                    assert record_id in pc.do("search", text=email), (pc.folder.name, values)


def _value(name: str, chance: random.Random) -> str | None:
    number = chance.randrange(10**9)
    match name:
        case "email":
            return chance.choice([f"ann{number}@example.org", ""])
        case "birthday":
            return chance.choice([f"19{10 + number % 80}-0{1 + number % 9}-11", None])
        case "phone":
            return f"+{number}"
    return f'Ann "{number}" محمد'


def _unknown_in(latest: int) -> set[str]:
    return {1: {"garments", "tags"}, 2: {"tags"}, 3: set()}[latest]


def _common(row: list[Any], first: dict[str, Any], second: dict[str, Any], name: str) -> list[Any]:
    return row[: min(len(first[name][0]), len(second[name][0]))]


#: Table -> its fields, with what the latest program reads where nobody wrote anything.
_EMPTY: dict[str, dict[str, Any]] = {
    "customers": {"name": "", "phone": "", "email": "", "birthday": None},
    "garments": {"job_id": None, "name": "", "price_minor": 0, "colour": ""},
    "tags": {"name": ""},
}


def _select(table: str) -> str:
    return f"SELECT id, {', '.join(_EMPTY[table])} FROM {table}"


@contextmanager
def world(programs: dict[int, Program], template: Template, folder: Path) -> Iterator[Shop]:
    """A shop of its own: copies of the template's database and folders."""
    name = f"order_{folder.name.lower()}"
    source = urlsplit(template.database).path[1:]
    run_sql(template.postgres, f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    try:
        shop = Shop(
            programs, template, folder, urlunsplit(urlsplit(template.postgres)._replace(path=f"/{name}"))
        )
        try:
            yield shop
        finally:
            for pc in shop.pcs.values():
                pc.do("close")
            shop.server.stop()
    finally:
        run_sql(template.postgres, f'DROP DATABASE "{name}" WITH (FORCE)')


def play(shop: Shop, order: str, folder: Path) -> None:
    """Update in this order; between updates both PCs work, and often one of them is offline."""
    chance = random.Random(order)
    backup_at, restored_at = 1, chance.choice([3, 4])
    late_at = chance.choice([2, 4, 6])
    shop.sync("A", "B", "A")
    for step, name in enumerate(order, start=1):
        shop.update(name)
        offline = chance.choice(["", "", "A", "B"])
        online = [code for code in shop.pcs if code != offline]
        shop.work("A", chance)
        shop.work("B", chance)
        shop.sync(*online)
        shop.work(online[0], chance)
        shop.sync(*online, *online[:-1])
        if len(online) > 1:
            shop.check_between(*online)
        if step == backup_at:
            shop.pcs["A"].do("backup", file=str(folder / "backup.db"))
        if step == restored_at:
            shop.restore("A", folder / "backup.db")
        if step == late_at:
            shop.join_late("C")
            shop.sync("C")
            shop.work("C", chance)
    while shop.pcs["C"].format < LATEST:
        shop.sync("C")
        shop.update("C")
        shop.work("C", chance)
    for _round in range(3):
        shop.sync("A", "B", "C")
    shop.check_end()
