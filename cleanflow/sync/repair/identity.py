"""Which PC this is: the marker that tells a moved or copied file, and taking a new identity.

Two files with one identity would give the same numbers to different records. So each database remembers a
secret that also lies outside of it, on the PC, together with the place where the database was; where they
do not fit any more, the file was moved or copied, and a person says which before anything is synchronised.
(A cloned disk carries both along: that is found by the server, in client.py.)
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cleanflow.dao.remembered import recall, remember
from cleanflow.dao.shop import check_pc_code
from cleanflow.dao.stamps import new_id, record_stamp
from cleanflow.db import Database, with_transaction
from cleanflow.sync.state import get_state

_REMEMBERED_AS = "machine_marker"
#: The identity to which the token belongs, where that is a former one: the PC has yet to show itself anew.
TOKEN_OF = "sync_token_of"


@dataclass(frozen=True)
class Marker:
    """What lies on the PC for one identity: the database's secret, and where that database is."""

    secret: str
    path: str


def marker_folder() -> Path:
    """Where the markers of this PC lie; CLEANFLOW_MARKERS names another folder."""
    chosen = os.environ.get("CLEANFLOW_MARKERS")
    if chosen:
        return Path(chosen)
    from platformdirs import user_config_path

    return user_config_path("CleanFlow", appauthor=False) / "pcs"


def is_in_its_place(db: Database) -> bool:
    """Whether the database is where its marker says. One without a marker gets one: it has just joined."""
    secret = recall(db, _REMEMBERED_AS, "")
    if not secret:
        settle_here(db)
        return True
    marker = _read_marker(db.device_id)
    return marker == Marker(secret, str(db.path.resolve()))


def settle_here(db: Database) -> None:
    """From now on this file is the PC's, here: a person said that it was moved, or it has just joined."""
    marker = Marker(secrets.token_hex(16), str(db.path.resolve()))
    folder = marker_folder()
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / f".{db.device_id}.new"
    written.write_text(json.dumps(vars(marker)), encoding="utf-8")
    remember(db, _REMEMBERED_AS, marker.secret)
    os.replace(written, folder / f"{db.device_id}.json")


def _read_marker(device_id: str) -> Marker | None:
    with suppress(OSError, ValueError, TypeError):
        return Marker(**json.loads((marker_folder() / f"{device_id}.json").read_text(encoding="utf-8")))
    return None


@with_transaction
def take_new_identity(db: Database, pc_code: str, *, device_id: str = "", same_drawer: bool = True) -> str:
    """Go on as another PC of the shop; the new device's id.

    Everything recorded stays, under the old identity; new records get new numbers, ``pc_code`` before them.
    What the old identity has not sent yet is still sent, by this PC as its successor. A restored PC keeps
    its drawer, a copy has one of its own.
    """
    code = check_pc_code(pc_code)
    former = db.device_id
    drawer_id = db.value("SELECT drawer_id FROM devices WHERE id = :id", {"id": former})
    device_id = device_id or new_id()
    db.insert("former_devices", {"device_id": former, "until": db.session.at})
    db.execute("UPDATE app_settings SET device_id = :id", {"id": device_id})
    db.forget_identity()
    db.execute("UPDATE reference_counters SET last_number = 0")
    db.insert(
        "devices",
        {
            "id": device_id,
            "code": code,
            "drawer_id": drawer_id if same_drawer else new_id(),
            **record_stamp(db),
        },
    )
    db.execute("DELETE FROM local_settings WHERE key = :key", {"key": _REMEMBERED_AS})
    db.execute("DELETE FROM sync_marks")
    if get_state(db).is_joined:
        remember(db, TOKEN_OF, recall(db, TOKEN_OF, former))
        db.execute("UPDATE sync_state SET fetching = 'RECORDS', fetch_cursor = 0, pull_cursor = 0")
    return device_id
