"""The PCs of the shop as known here: their codes, and when each last synchronised."""

from __future__ import annotations

from dataclasses import dataclass

from cleanflow.dao.shop import check_pc_code
from cleanflow.db import Database
from cleanflow.errors import Refusal


@dataclass(frozen=True)
class Peer:
    """One PC of the shop. Times are UTC timestamps reported by the server; None: never, or not reported."""

    device_id: str
    code: str
    is_this: bool
    pushed_at: str | None
    pulled_at: str | None


def peers(db: Database) -> list[Peer]:
    """Every PC that has written in this shop, by code, without this PC's former identities."""
    query = """
        SELECT devices.id, code, devices.id = (SELECT device_id FROM app_settings), pushed_at, pulled_at
          FROM devices LEFT JOIN sync_peers ON sync_peers.device_id = devices.id
         WHERE devices.id NOT IN (SELECT device_id FROM former_devices)
         ORDER BY code, devices.id
    """
    return [Peer(row[0], row[1], bool(row[2]), row[3], row[4]) for row in db.rows(query)]


def free_pc_code(db: Database) -> str:
    """A code (C2, C3, …) that no PC of the shop has, as far as is known here."""
    taken = {row[0] for row in db.rows("SELECT code FROM devices")}
    return next(f"C{number}" for number in range(2, len(taken) + 3) if f"C{number}" not in taken)


def free_or_refused(db: Database, pc_code: str) -> str:
    """``pc_code`` in its stored form, if no PC of the shop has or had it.

    Refuses with ``pc_code_taken`` or ``code_invalid``.
    """
    code = check_pc_code(pc_code)
    if db.value("SELECT 1 FROM devices WHERE code = :code", {"code": code}):
        raise Refusal("pc_code_taken", pc_code=code, suggestion=free_pc_code(db))
    return code
