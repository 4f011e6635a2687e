"""Load on the sync server: PCs that push and pull at once, over real HTTP, against a real PostgreSQL.

python3 -m tests.bench.load [--pcs 50] [--seconds 60] [--pause 0] [--database URL]

Each PC pushes a sale, then pulls what the others did. In the end everything is pulled again and counted: no
answer may be an error, and no row lost or duplicated.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from server import admin
from tests.server.live import Pc, serving, with_connection
from tests.sync.made_rows import merged


@dataclass
class Worker:
    """One PC in its own thread, and the rows that it has received."""

    pc: Pc
    pushed: set[str] = field(default_factory=set)
    pulled: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    spent_s: dict[str, list[float]] = field(default_factory=lambda: {"push": [], "pull": []})
    errors: list[str] = field(default_factory=list)
    cursor: int = 0

    def work_until(self, end: float, sales: int, pause_s: float) -> None:
        """Push and pull in turn until the time is over."""
        try:
            while time.monotonic() < end:
                self.push(sales)
                while self.pull():
                    pass
                time.sleep(pause_s * random.uniform(0.5, 1.5))
        except requests.RequestException as error:
            self.errors.append(repr(error))

    def push(self, sales: int) -> None:
        rows = merged(*(self.pc.made.sale() for _ in range(sales)))
        answer = self._timed("push", lambda: self.pc.push(rows))
        if answer is None:
            return
        outcomes = {
            one if type(one) is str else one["outcome"]
            for part in answer["outcomes"].values()
            for one in part
        }
        if outcomes != {"stored"}:
            self.errors.append(f"outcomes {outcomes}")
        self.pushed |= {row["id"] for part in rows.values() for row in part}
        self.rows += sum(map(len, rows.values()))

    def pull(self) -> bool:
        """Pull one page; returns whether there is more."""
        answer = self._timed("pull", lambda: self.pc.pull(self.cursor))
        if answer is None:
            return False
        ids = [row["id"] for part in answer["rows"].values() for row in part]
        self.pulled.update(ids)
        self.rows += len(ids)
        self.cursor = answer["cursor"]
        return bool(answer["more"])

    def _timed(self, what: str, ask: object) -> dict[str, object] | None:
        started = time.monotonic()
        answer: requests.Response = ask()  # type: ignore[operator]
        self.spent_s[what].append(time.monotonic() - started)
        if answer.status_code != 200:
            self.errors.append(f"{what}: {answer.status_code} {answer.text[:200]}")
            return None
        return answer.json()  # type: ignore[no-any-return]


def main(argv: list[str]) -> int:
    """Run the load test and print the results; returns 1 if a row or an answer was wrong."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.load", description=__doc__)
    parser.add_argument("--pcs", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--sales", type=int, default=5, help="sales of 8 rows in one push (5)")
    parser.add_argument("--pause", type=float, default=0, metavar="S", help="between two syncs of a PC (0)")
    parser.add_argument("--database", help="a PostgreSQL of one's own; without one an embedded one")
    options = parser.parse_args(argv)
    with _database(options.database) as url, serving(Path.cwd(), "--database", url) as server:
        workers = [Worker(server.pc(f"P{number}")) for number in range(options.pcs)]
        for worker, code in zip(workers, _join_codes(url, options.pcs), strict=True):
            assert worker.pc.join(code).status_code == 200
        started = time.monotonic()
        threads = [
            threading.Thread(
                target=worker.work_until, args=(started + options.seconds, options.sales, options.pause)
            )
            for worker in workers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        elapsed = time.monotonic() - started
        _print(workers, elapsed)
        return _check(workers)


def _join_codes(url: str, count: int) -> list[str]:
    async def work(connection: Any) -> list[str]:
        shop = await admin.first_shop(connection, "Load")
        return [await admin.new_code(connection, shop) for _ in range(count)]

    codes: list[str] = with_connection(url, work)
    return codes


def _check(workers: list[Worker]) -> int:
    for worker in workers:
        while worker.pull():
            pass
    everything = set().union(*(worker.pushed for worker in workers))
    lost = sum(len(everything - worker.pushed - set(worker.pulled)) for worker in workers)
    doubled = sum(count - 1 for worker in workers for count in worker.pulled.values())
    echoed = sum(len(worker.pushed & set(worker.pulled)) for worker in workers)
    errors = [error for worker in workers for error in worker.errors]
    print(
        f"{len(everything):,} rows written; lost {lost}, doubled {doubled}, echoed {echoed}, errors {len(errors)}"
    )
    for error in errors[:10]:
        print("   ", error)
    return 1 if lost or doubled or echoed or errors else 0


def _print(workers: list[Worker], elapsed: float) -> None:
    print(f"{len(workers)} PCs, {elapsed:.0f} s")
    total = sum(len(spent) for worker in workers for spent in worker.spent_s.values())
    rows = sum(worker.rows for worker in workers)
    print(f"{total / elapsed:,.0f} requests/s, {rows / elapsed:,.0f} rows/s")
    for what in ("push", "pull"):
        spent = [one * 1000 for worker in workers for one in worker.spent_s[what]]
        p50, p99 = statistics.median(spent), statistics.quantiles(spent, n=100)[98]
        print(
            f"{what}: {len(spent):,} requests, p50 {p50:.0f} ms, p99 {p99:.0f} ms, worst {max(spent):.0f} ms"
        )


@contextmanager
def _database(url: str | None) -> Iterator[str]:
    if url:
        yield url
        return
    from server.embedded import EmbeddedPostgres

    with tempfile.TemporaryDirectory(prefix="cleanflow-load-") as folder:
        embedded = EmbeddedPostgres(Path(folder))
        try:
            yield embedded.start()
        finally:
            embedded.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
