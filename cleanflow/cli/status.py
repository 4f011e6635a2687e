"""Show where the records are, how many there are, and the state of database and synchronising."""

from __future__ import annotations

import argparse
from typing import Any

from cleanflow import __version__
from cleanflow.cli.console import open_shop, print_json
from cleanflow.dao.clock_doubts import find_doubt
from cleanflow.dao.overview import record_counts
from cleanflow.dao.shop import get_shop
from cleanflow.dao.stamps import today
from cleanflow.db import Database
from cleanflow.db.checkpoints import has_wal_reset_bug, wal_bytes
from cleanflow.db.engine import engine_version
from cleanflow.db.migrations import LATEST
from cleanflow.sync.state import get_state, last_attempt, waiting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``status``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print the state of this PC's records."""
    with open_shop(options) as db:
        facts = _facts(db)
    if options.json:
        print_json(facts)
    else:
        for name, value in facts.items():
            print(f"{name.replace('_', ' '):<24} {_in_words(value)}")
    return 0


def _in_words(value: object) -> str:
    """A fact for people; programs use ``--json``."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _facts(db: Database) -> dict[str, Any]:
    shop = get_shop(db)
    counts = record_counts(db)
    sync, left = get_state(db), waiting(db)
    last, doubt = last_attempt(db), find_doubt(db, today(db))
    return {
        "version": __version__,
        "shop": shop.name,
        "currency": shop.currency.code,
        "pc_code": shop.pc_code,
        "device_id": db.device_id,
        "business_date": today(db).isoformat(),
        "clock_doubt": doubt.reason if doubt else None,
        "database": str(db.path),
        "database_format": LATEST,
        "database_bytes": db.path.stat().st_size,
        "waiting_log_bytes": wal_bytes(db),
        "sqlite": engine_version(),
        "sqlite_wal_reset_bug": has_wal_reset_bug(),
        "checkpoints": "guarded",
        "customers": counts.customers,
        "jobs": counts.jobs,
        "payments": counts.payments,
        "ledger_entries": counts.chain_length,
        "chain_head": counts.chain_head,
        "sync_server": sync.server_url,
        "sync_shop": sync.shop_name if sync.is_joined else None,
        "sync_pending": left.unsent if sync.is_joined else None,
        "sync_refused": left.refused,
        "sync_waiting": left.parked,
        "sync_oldest_pending_at": left.oldest_at if sync.is_joined else None,
        "sync_same_books_at": sync.same_books_at,
        "sync_difference": sync.difference,
        "sync_clock_ahead_seconds": sync.clock_ahead_s,
        "sync_last_at": last.finished_at if last else None,
        "sync_last_code": last.code if last else None,
        "sync_last_words": last.words if last else None,
    }
