"""The benchmark runs at a small scale, and the shop that it builds passes verify."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from cleanflow.db import open_database
from cleanflow.errors import Refusal
from cleanflow.safekeeping.verify import verify
from tests import bench
from tests.bench import alternative_setup, alternatives, ours
from tests.bench.alternative_setup import NotHere, piecash_python, pouchdb_modules, run
from tests.bench.alternatives import Alternative, Comparison, measure_alternatives, print_alternatives
from tests.bench.budget import Budget, Failure, percentile
from tests.bench.parts import Part, measure_parts
from tests.bench.scale import LAST_DAY, Scale, build
from tests.bench.shops import Shops
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


def test_a_part_that_fails_leaves_its_line_and_the_others_are_measured(tmp_path: Path) -> None:
    def fails(_shops: Shops) -> list[Budget]:
        raise OSError("no network\nthe index does not answer")

    parts = [Part("broken", fails), Part("whole", lambda _shops: [Budget("fast", 1.0, 2.0, "ms", "x")])]
    failed, measured = measure_parts(parts, Shops(tmp_path, 0.001))
    assert failed == Failure("broken", "OSError: the index does not answer")
    assert isinstance(measured, Budget) and measured.is_held


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no alarm")
def test_a_part_that_hangs_is_ended_and_says_so(tmp_path: Path) -> None:
    def hangs(_shops: Shops) -> list[Budget]:
        threading.Event().wait(60)
        return []

    (failed,) = measure_parts([Part("hanging", hangs)], Shops(tmp_path, 0.001), limit_s=0.1)
    assert failed == Failure("hanging", "TooLong: not done after 0.1 s")
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_failed_part_is_in_the_table_and_not_held(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([Budget("fast", 1.0, 2.0, "ms", "x"), Failure("zipapp", "no network")])
    printed = capsys.readouterr().out.splitlines()
    assert printed[2].split(maxsplit=1) == ["zipapp", "NOT MEASURED: no network"]
    assert printed[3] == "1 of 2 held"


def test_only_the_parts_that_were_asked_for_are_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = [
        Part("one", lambda _shops: [Budget("fast", 1.0, 2.0, "ms", "x")]),
        Part("two", lambda _shops: 1 / 0),
    ]
    monkeypatch.setattr(bench, "PARTS", parts)
    assert bench.main(["--only", "one"]) == 0
    assert bench.main(["--only", "one", "two"]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        bench.main(["--only", "three"])


def test_a_shop_is_built_when_first_asked_for_and_once(tmp_path: Path) -> None:
    shops = Shops(tmp_path, 0.002)
    assert not list(tmp_path.iterdir())
    assert shops.small() == shops.small() == tmp_path / "small.db"
    assert [file.name for file in tmp_path.glob("*.db")] == ["small.db"]


def test_a_shop_that_cannot_be_built_is_not_tried_again(tmp_path: Path) -> None:
    (tmp_path / "no-folder").touch()
    shops = Shops(tmp_path / "no-folder", 0.002)
    errors = []
    for ask in (shops.large, shops.large, shops.settled):
        with pytest.raises((OSError, Refusal)) as caught:
            ask()
        errors.append(caught.value)
    assert errors[0] is errors[1] is errors[2]


def test_an_alternative_that_is_not_to_be_had_says_so_and_the_next_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def is_not_here(_shops: Shops) -> Alternative:
        raise NotHere("no node here")

    measured = Alternative("other", (Comparison("10 payments", 0.5, 2.0),), ("it has no audit",))
    both = {"missing": is_not_here, "other": lambda _shops: measured}
    monkeypatch.setattr(alternatives, "ALTERNATIVES", both)
    print_alternatives(measure_alternatives(["missing", "other"], Shops(tmp_path, 0.001)))
    printed = capsys.readouterr().out
    assert "missing\n  not measured: no node here" in printed
    assert "500.0 ms    2000.0 ms      4.00 times as long" in printed
    assert "- it has no audit" in printed


def test_without_node_or_an_index_the_words_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotHere, match="no node here"):
        pouchdb_modules(tmp_path)
    with pytest.raises(NotHere, match="it does not: ERROR: no index"):
        run([sys.executable, "-c", "import sys; sys.exit('ERROR: no index')"], "it does not")


def test_a_half_made_environment_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[Sequence[str]] = []
    monkeypatch.setattr(alternative_setup, "run", lambda command, _trouble: commands.append(command))
    python = piecash_python(tmp_path)
    assert piecash_python(tmp_path) == python and len(commands) == 2
    next(tmp_path.glob("*/made")).unlink()
    piecash_python(tmp_path)
    assert len(commands) == 4


def test_our_side_of_a_comparison_records_what_it_says(tmp_path: Path) -> None:
    with ours.shop_of(tmp_path / "ours.db", 300) as db:
        before = db.value("SELECT count(*) FROM payments")
        assert ours.record(db, 5) > 0
        assert db.value("SELECT count(*) FROM payments") == before + 5
        assert ours.report(db, f"{LAST_DAY:%Y-%m}") > 0
