"""What the import's tests share: writing a file and importing it, and reading all tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanflow.db import Database
from cleanflow.exchange.importing import Report, plan_import, run_import

Importer = Callable[..., Report]


@pytest.fixture
def import_text(db: Database, tmp_path: Path) -> Importer:
    """Import lines, given as text or bytes, as a kind of record."""

    def run(kind: str, content: str | bytes, *assignments: str, **options: Any) -> Report:
        path = tmp_path / f"{kind}.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return run_import(db, plan_import(db, kind, path, assignments), **options)

    return run


def everything(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    names = [row[0] for row in db.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {name: sorted(map(repr, map(tuple, db.rows(f'SELECT * FROM "{name}"')))) for name in names}


def counts(report: Report) -> tuple[int, int, int]:
    """Added, skipped, refused."""
    return report.added, report.skipped, report.refused


def column(db: Database, sql: str) -> list[Any]:
    return [row[0] for row in db.rows(sql)]
