"""A program of some format in a process of its own, and what runs under it: PCs' data folders and the server."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DRIVER = Path(__file__).with_name("driver.py")


class Refused(Exception):
    """The program refused what it was told; ``code`` as of its Refusal."""

    def __init__(self, code: str, words: str) -> None:
        self.code = code
        super().__init__(f"{code}: {words}")


class Program:
    """One copy of the program, running; ``format`` is that of its database."""

    def __init__(self, folder: Path, latest: int) -> None:
        self.format = latest
        driver = shutil.copy(DRIVER, folder / "driver.py")
        self._process = subprocess.Popen(
            [sys.executable, "-s", str(driver)],
            cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip

    def do(self, command: str, **arguments: Any) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([command, arguments]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"format {self.format} died at {command}"
        answer = json.loads(line)
        if "refused" in answer:
            raise Refused(answer["refused"], answer["words"])
        assert "error" not in answer, f"format {self.format}, {command}:\n{answer['error']}"
        return answer["value"]

    def end(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


@contextmanager
def running(folder: Path, latest: int) -> Iterator[Program]:
    program = Program(folder, latest)
    try:
        yield program
    finally:
        program.end()


class Pc:
    """One PC: a data folder, open in the program that it has now."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program, self.folder = program, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.do("open")

    @property
    def format(self) -> int:
        return self.program.format

    def do(self, command: str, **arguments: Any) -> Any:
        return self.program.do(command, folder=str(self.folder), **arguments)

    def update(self, program: Program) -> None:
        """Start the newer program on the same folder."""
        self.do("close")
        self.program = program
        self.do("open")

    def sync(self) -> dict[str, Any]:
        """Synchronise, and expect that nothing of another version disturbs it."""
        summary: dict[str, Any] = self.do("sync")
        assert summary["code"] == "", summary
        assert summary["refused"] == {}, summary
        return summary

    def add(self, table: str, **values: Any) -> str:
        return str(self.do("add", table=table, values=values))

    def edit(self, table: str, row_id: str, **changes: Any) -> None:
        self.do("edit", table=table, row_id=row_id, changes=changes)

    def call(self, function: str, **values: Any) -> str:
        return str(self.do("call", function=function, values=values))

    def rows(self, query: str, **values: Any) -> list[list[Any]]:
        found: list[list[Any]] = self.do("execute", statement=query, values=values)
        return found

    def value(self, query: str, **values: Any) -> Any:
        (row,) = self.rows(query, **values)
        return row[0]

    def customer(self, name: str, **values: Any) -> str:
        blank = {"name": name, "phone": "", "address": "", "notes": ""}
        return self.add("customers", **(blank | values))

    def job(self, customer_id: str, amount: int = 1000) -> str:
        return self.call("dao.jobs.create_job", customer_id=customer_id, amount_minor=amount)

    def pay(self, customer_id: str, amount: int = 1000) -> str:
        return self.call(
            "dao.payments.record_payment", customer_id=customer_id, amount_minor=amount, method="CASH"
        )


@dataclass
class Server:
    """The shop's server in the program that it has now; it stays at its port."""

    program: Program
    database: str
    shop: dict[str, str] = field(default_factory=dict)
    port: int = 0

    def __post_init__(self) -> None:
        self.port = self.program.do("serve", database=self.database, port=self.port)
        self.shop = self.shop or self.program.do("new_shop", database=self.database)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def update(self, program: Program) -> None:
        """Stop it, and start the newer one on the same database."""
        self.stop()
        self.program = program
        self.program.do("serve", database=self.database, port=self.port)

    def stop(self) -> None:
        self.program.do("stop_serving", port=self.port)

    def code(self) -> str:
        return str(self.program.do("new_code", database=self.database, shop=self.shop))

    def contents(self) -> dict[str, Any]:
        found: dict[str, Any] = self.program.do("on_server", database=self.database, shop=self.shop)
        return found


def assert_same_books(server: Server, *pcs: Pc) -> None:
    """All programs are of one format by now: every row is everywhere, and nothing waits or was set aside."""
    first = pcs[0].do("contents")
    for pc in pcs:
        found = pc.do("contents")
        for name, rows in first.items():
            assert found[name] == rows, (
                f"{name} of {pc.folder.name} differs from that of {pcs[0].folder.name}"
            )
        for name in ("carried", "set aside", "pages", "failed"):
            assert found[name] == [], (pc.folder.name, name)
        assert pc.do("check") == [], pc.folder.name
        summary = pc.sync()
        assert summary["is_same_books"], pc.value("SELECT difference FROM sync_state")
        assert (summary["pushed"], summary["pulled"]) == (0, 0), summary
    there = server.contents()
    assert there.pop("carried") == []
    counts = there.pop("counts")
    for name, rows in there.items():
        width = len(rows[0]) if rows else 0
        here = sorted(row[:width] for row in first[name])
        told = sorted([int(cell) if isinstance(cell, bool) else cell for cell in row] for row in rows)
        assert told == here, f"{name} of the server differs"
        made = [row for row in here if row[1] != "00000000-0000-0000-0000-000000000000"]
        assert counts[name] == len(made), name
