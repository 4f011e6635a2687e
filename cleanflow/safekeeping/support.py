"""The support file: one zip with versions, the state of the records and what failed, without any names.

Uses its own connection, on any thread, and also works when the records cannot be read: then it says why.
Everything that goes in is listed here; nothing else ever does.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cleanflow import __version__
from cleanflow.dao.remembered import LAST_BACKUP_AT
from cleanflow.db import Database, open_for_reading
from cleanflow.db.checkpoints import has_wal_reset_bug, wal_bytes
from cleanflow.files import written_whole
from cleanflow.paths import on_network_drive
from cleanflow.records import RECORDS
from cleanflow.safekeeping.log import described, log_files, program_facts
from cleanflow.safekeeping.verify import verify
from cleanflow.sync.state import attempts, get_state, waiting
from cleanflow.sync.worker import AT_START, EVERY_MINUTES

_README = """\
This file was made by CleanFlow for whoever helps you. Look into it before you send it: all of it is text.

facts.json     which CleanFlow, Python and system run here; the screen; sizes of files; how many records
               there are; how synchronising went (times, counts, codes of errors), the server's address
               without any password; a few settings (currency, order of dates, theme); what the check of
               the books found, as codes and with the numbers of papers.
cleanflow.log  when the program started, and where in the program something failed; cleanflow.log.1 is
               the part before it.

There is nobody's name in it, no phone number, address or note, no amount, no password, PIN or key.
"""

#: Books above this size are not verified here, because it takes minutes; the page “Safekeeping” does that.
_MOST_CHECKED_BYTES: Final = 300_000_000
_MOST_LOG_BYTES: Final = 600_000

#: Settings of the shop and of this PC that cannot contain personal data.
_SHOP_SETTINGS: Final = ("currency", "day_starts_at", "date_order", "blind_count")
_PC_SETTINGS: Final = (
    "theme", "text_size", "lock_after_minutes", EVERY_MINUTES, AT_START, LAST_BACKUP_AT,
)  # fmt: skip

#: Start of a finding of verify that names a customer; a name may look like a reference.
_NAMING: Final = ("customer ", "balance of a customer")

#: A code, optionally followed by its column.
_CODE: Final = re.compile(r"[a-z_0-9]{1,60}(:[a-z_]{1,60})?|")


def pack_support(database: Path, target: Path, *, screen: str = "") -> Path:
    """Write the zip ``target`` about the shop in ``database``, whole or not at all; returns ``target``.

    ``screen`` is the screen's size, like ``1024x768``. Refuses with ``file_unwritable`` or
    ``file_not_replaced``, never because of the records' state.
    """
    facts = json.dumps(support_facts(database, screen), ensure_ascii=True, indent=2)
    with written_whole(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("README.txt", _README)
        pack.writestr("facts.json", facts)
        for path in log_files(database.parent):
            with path.open("rb") as log:
                pack.writestr(path.name, log.read(_MOST_LOG_BYTES))
    return target


def support_facts(database: Path, screen: str = "") -> dict[str, Any]:
    """The facts by section; one that cannot be determined has the reason as a code."""
    facts: dict[str, Any] = {
        "made_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "program": {"version": __version__, "runs_on": program_facts(), "screen": screen},
        "files": _found(lambda: _files(database)),
    }
    try:
        db = open_for_reading(database)
    except Exception as error:  # noqa: BLE001 - damaged, gone, newer: what support wants to know
        return {**facts, "records": f"cannot be opened: {described(error)}"}
    with db:
        for name, find_out in _SECTIONS.items():
            facts[name] = _found(lambda find_out=find_out: find_out(db))  # type: ignore[misc]
    return facts


def _found(find_out: Callable[[], Any]) -> Any:
    try:
        return find_out()
    except Exception as error:  # noqa: BLE001 - a damaged file may break any; the others are wanted all the more
        return f"cannot be found out: {described(error)}"


def _files(database: Path) -> dict[str, Any]:
    names = ("", "-wal", "-shm")
    sizes = {f"database{name}": _size(Path(f"{database}{name}")) for name in names}
    return {
        **sizes,
        **{path.name: _size(path) for path in log_files(database.parent)},
        "free_mb": shutil.disk_usage(database.parent).free // 1_000_000,
        "on_network_drive": on_network_drive(database.parent),
        "file_system_encoding": sys.getfilesystemencoding(),
    }


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _database(db: Database) -> dict[str, Any]:
    pragmas = ("user_version", "page_size", "page_count", "freelist_count", "journal_mode", "encoding")
    return {
        **{name: db.value(f"PRAGMA {name}") for name in pragmas},
        "waiting_log_bytes": wal_bytes(db),
        "sqlite_wal_reset_bug": has_wal_reset_bug(),
    }


def _identity(db: Database) -> dict[str, Any]:
    return {
        "device_id": db.device_id,
        "pc_code": db.value("SELECT code FROM devices WHERE id = :id", {"id": db.device_id}),
        "former_ids": db.value("SELECT count(*) FROM former_devices"),
        "pcs": db.value("SELECT count(*) FROM devices"),
        "last_record_at": db.value("SELECT last_at FROM app_settings"),
    }


def _counts(db: Database) -> dict[str, Any]:
    return {table: _found(lambda table=table: db.value(f"SELECT count(*) FROM {table}")) for table in RECORDS}  # type: ignore[misc]


def _chains(db: Database) -> list[dict[str, Any]]:
    return [dict(row) for row in db.rows("SELECT device_id, chain_number, hash FROM chain_heads")]


def _sync(db: Database) -> dict[str, Any]:
    state, left = get_state(db), waiting(db)
    return {
        "is_joined": state.is_joined,
        "server": _without_secrets(state.server_url),
        "shop_id": state.shop_id,
        "pull_cursor": state.pull_cursor,
        "is_fetching": state.fetching is not None,
        "same_books_at": state.same_books_at,
        "has_difference": state.difference is not None,
        "clock_ahead_s": state.clock_ahead_s,
        "unsent": left.unsent,
        "refused": left.refused,
        "parked": left.parked,
        "oldest_unsent_at": left.oldest_at,
        "attempts": [
            {
                "started_at": one.started_at,
                "finished_at": one.finished_at,
                "pushed": one.pushed,
                "pulled": one.pulled,
                "refused": one.refused,
                "code": one.code if _CODE.fullmatch(one.code) else "…",
            }
            for one in attempts(db, 50)
        ],
        "refusals": _refusals(db),
    }


def _without_secrets(url: str | None) -> str | None:
    """Scheme and host only: no password and no path."""
    if not url:
        return None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _refusals(db: Database) -> dict[str, int]:
    """Table and code -> number of rows that the server refused."""
    found: Counter[str] = Counter()
    for table in RECORDS:
        for row in db.rows(f"SELECT sync_error FROM {table} WHERE sync_status = 'FAILED' LIMIT 1000"):
            code = str(row["sync_error"] or "")
            found[f"{table} {code if _CODE.fullmatch(code) else '…'}"] += 1
    return dict(found)


def _settings(db: Database) -> dict[str, Any]:
    shop = {row["key"]: row["value"] for row in db.rows("SELECT key, value FROM settings")}
    here = {row["key"]: row["value"] for row in db.rows("SELECT key, value FROM local_settings")}
    return {
        **{key: _short(shop.get(key)) for key in _SHOP_SETTINGS},
        **{key: _short(here.get(key)) for key in _PC_SETTINGS},
    }


def _short(value: str | None) -> str | None:
    """A word or a number, never a sentence."""
    return value if value is None or re.fullmatch(r"[\w.:\"+-]{0,40}", value) else "…"


def _check(db: Database) -> Any:
    """The findings of verify as codes, with the references they concern."""
    if db.path.stat().st_size > _MOST_CHECKED_BYTES:
        return "not checked: the books are large"
    codes = [row[0] for row in db.rows("SELECT code FROM devices")]
    paper = re.compile(
        rf"\b(?:{'|'.join(map(re.escape, codes)) or 'x'})-[REDZ]?[0-9]{{6,12}}\b|\bentry [0-9]+"
    )
    return [
        {"code": found.code, "about": [] if found.where.startswith(_NAMING) else paper.findall(found.where)}
        for found in verify(db).findings[:500]
    ]


_SECTIONS: Final[dict[str, Callable[[Database], Any]]] = {
    "database": _database,
    "identity": _identity,
    "counts": _counts,
    "chains": _chains,
    "sync": _sync,
    "settings": _settings,
    "check": _check,
}
