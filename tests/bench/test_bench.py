"""The benchmark itself: it runs at a small scale, and the shop it builds has honest books."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanflow.db import open_database
from cleanflow.safekeeping.verify import verify
from tests.bench.budget import Budget, percentile
from tests.bench.scale import Scale, build
from tests.bench.table import print_table


def test_the_benchmarks_shop_has_honest_books_but_no_audit_trail(tmp_path: Path) -> None:
    path = build(tmp_path / "bench.db", Scale.full().times(0.002))
    with open_database(path) as db:
        verdict = verify(db)
    assert verdict.entries == 2000
    assert {finding.code for finding in verdict.findings} == {"audit_missing"}


def test_the_table_shows_each_budget_with_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([Budget("fast", 1.0, 2.0, "ms", "x"), Budget("slow", 6.0, 2.0, "ms", "y", allowed=2.5)])
    printed = capsys.readouterr().out.splitlines()
    assert "0.50" in printed[1] and "held" in printed[1]
    assert "3.00" in printed[2] and "MISSED" in printed[2]


def test_percentile_takes_the_slow_end() -> None:
    assert percentile([float(number) for number in range(100)], 0.99) == 99.0
