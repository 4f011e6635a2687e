"""The daily report's cost depends on the day alone: no query scans the history."""

from __future__ import annotations

import re

from cleanflow.db import Database, with_transaction
from cleanflow.reports.daily import daily_report
from tests.conftest import TestClock
from tests.reports.stories import TODAY, full_day

#: Tables with few rows, which may be scanned.
SMALL = {"devices", "settings", "accounts", "sync_state", "app_settings", "chain_heads", "expense_categories"}


@with_transaction
def _join_server(db: Database) -> None:
    db.execute("UPDATE sync_state SET server_url = 'https://example.test', token = 't'")


def _statements(db: Database) -> list[str]:
    seen: list[str] = []
    db.connection.set_trace_callback(seen.append)
    daily_report(db, TODAY)
    db.connection.set_trace_callback(None)
    return [statement for statement in seen if statement.lstrip().startswith(("SELECT", "WITH"))]


def test_no_query_scans_a_table_that_grows(db: Database, clock: TestClock) -> None:
    full_day(db, clock)
    _join_server(db)
    statements = _statements(db)
    assert len(statements) > 10
    for statement in statements:
        for row in db.rows(f"EXPLAIN QUERY PLAN {statement}"):
            scan = re.match(r"SCAN (?!CONSTANT)(\w+)( .*)?$", row["detail"])
            if scan:
                by_partial_index = (scan[2] or "").strip().endswith("_unsynced")
                derived = scan[1] in ("moved", "moves", "subquery") or scan[1].startswith("(")
                assert scan[1] in SMALL or by_partial_index or derived, (row["detail"], statement)
