"""Joining a shop's server, and leaving it.

Until the owner joins, nothing uses the network. A PC without a shop becomes one of the shop's PCs; one that
has records brings them along. A restored or copied PC joins again as a new one.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from cleanflow.clock import parse_timestamp
from cleanflow.dao.remembered import recall, remember
from cleanflow.dao.shop import check_pc_code, get_shop, is_set_up
from cleanflow.dao.stamps import new_id, record_stamp, update_record
from cleanflow.dao.users import first_owner, require_owner
from cleanflow.db import Database, with_transaction
from cleanflow.errors import Refusal
from cleanflow.sync.protocol import MOST_PREDECESSORS, JoinAnswer, JoinRequest, ProtocolError
from cleanflow.sync.repair.identity import TOKEN_OF, settle_here, take_new_identity
from cleanflow.sync.state import SyncState, get_state, waiting
from cleanflow.sync.wire import (
    ServerRefused,
    Unreachable,
    Wire,
    clean_url,
    in_words,
    is_readable_by_others,
)

#: Key of the device id that a PC uses to join, kept so that a repeated request comes from the same id.
_TENTATIVE_ID = "joining_as"


@dataclass(frozen=True)
class Prospect:
    """What joining would mean, shown beforehand. ``is_open``: the connection is not encrypted."""

    url: str
    is_open: bool
    has_shop: bool
    records: int


def look(db: Database, address: str) -> Prospect:
    """Check that a server answers at ``address``. Refuses with ``address_invalid`` or ``server_silent``."""
    url = clean_url(address)
    with Wire(url) as wire:
        try:
            wire.health()
        except (Unreachable, ServerRefused, ProtocolError) as error:
            raise Refusal("server_silent", address=url, reason=in_words(error)) from error
    return Prospect(url, is_readable_by_others(url), is_set_up(db), waiting(db).unsent)


def join(
    db: Database, address: str, join_code: str, pc_code: str = "", *, as_new: bool = False
) -> JoinAnswer:
    """Join the shop that issued ``join_code``. The first synchronisation then fetches and sends everything.

    A PC that has a code may omit ``pc_code``. ``as_new``: this PC was restored or copied and continues with a
    new identity. Refuses with ``joined_already``, ``join_refused``, ``server_silent``, ``pc_code_taken``,
    ``code_invalid``, ``owner_needed``.
    """
    url, state = clean_url(address), get_state(db)
    if is_set_up(db):
        require_owner(db)
    if state.is_joined and not as_new:
        raise Refusal("joined_already", server=state.server_url)
    with Wire(url) as wire:
        wanted = replace(
            _wanted(db, join_code, pc_code, as_new),
            previous_token=_proof(state, url),
            shop_id=state.shop_id or "",
            currency=get_shop(db).currency.code if _has_books(db) else "",
        )
        try:
            answer = wire.join(wanted)
        except ServerRefused as refused:
            if refused.code == "pc_code_taken":
                suggestion = str(refused.facts.get("suggestion", ""))[:6]
                raise Refusal("pc_code_taken", pc_code=wanted.pc_code, suggestion=suggestion) from refused
            raise Refusal("join_refused", reason=in_words(refused)) from refused
        except (Unreachable, ProtocolError) as error:
            raise Refusal("server_silent", address=url, reason=in_words(error)) from error
    _become_member(db, url, wanted, answer, is_first=state.shop_id is None)
    settle_here(db)
    return answer


def succeed(db: Database, wire: Wire) -> None:
    """Register the new identity of a PC that was restored from a backup with the server, if there is one.

    It proves itself with its former token. A PC code that another PC has taken meanwhile is replaced by a
    free one. Raises what the wire raises.
    """
    if not recall(db, TOKEN_OF, ""):
        return
    state = get_state(db)
    former = [row[0] for row in db.rows("SELECT device_id FROM former_devices ORDER BY until DESC")]
    wanted = JoinRequest(
        "",
        db.device_id,
        _own_code(db),
        predecessors=tuple(former[:MOST_PREDECESSORS]),
        previous_token=state.token or "",
        shop_id=state.shop_id or "",
        currency=get_shop(db).currency.code,
    )
    try:
        answer = wire.join(wanted)
    except ServerRefused as refused:
        if refused.code != "pc_code_taken":
            raise
        wanted = replace(wanted, pc_code=check_pc_code(str(refused.facts.get("suggestion", ""))[:6]))
        answer = wire.join(wanted)
    _become_member(db, state.server_url or "", wanted, answer, is_first=False)
    wire.use_token(answer.token)


def _proof(state: SyncState, url: str) -> str:
    """The token that this PC has, or had when it left, for ``url``; never sent to another server."""
    if state.server_url == url:
        return state.token or ""
    return (state.left_token or "") if state.left_url == url else ""


def _has_books(db: Database) -> bool:
    """Whether this PC was set up as a shop or has fetched one; a half-finished join has no owner yet."""
    return is_set_up(db) and first_owner(db) is not None


def _wanted(db: Database, join_code: str, pc_code: str, as_new: bool) -> JoinRequest:
    former = [row[0] for row in db.rows("SELECT device_id FROM former_devices ORDER BY until DESC")]
    if is_set_up(db) and not as_new:
        code = check_pc_code(pc_code) if pc_code else _own_code(db)
        return JoinRequest(join_code, db.device_id, code, predecessors=tuple(former))
    tentative = recall(db, _TENTATIVE_ID, "") or new_id()
    remember(db, _TENTATIVE_ID, tentative)
    if as_new:
        former = [db.device_id, *former]
    code = check_pc_code(pc_code)
    return JoinRequest(join_code, tentative, code, predecessors=tuple(former))


def _own_code(db: Database) -> str:
    return str(db.value("SELECT code FROM devices WHERE id = :id", {"id": db.device_id}))


@with_transaction
def _become_member(
    db: Database, url: str, wanted: JoinRequest, answer: JoinAnswer, *, is_first: bool
) -> None:
    if not is_set_up(db):
        db.execute("UPDATE app_settings SET device_id = :id", {"id": wanted.device_id})
        db.forget_identity()
        device = {"id": wanted.device_id, "code": wanted.pc_code, "drawer_id": new_id()}
        db.insert("devices", {**device, **record_stamp(db)})
    elif wanted.device_id != db.device_id:
        take_new_identity(db, wanted.pc_code, device_id=wanted.device_id)
    elif wanted.pc_code != _own_code(db):  # the shop has a PC of this code; existing numbers stay
        update_record(db, "devices", db.device_id, {"code": wanted.pc_code})
    for key in (_TENTATIVE_ID, TOKEN_OF):
        db.execute("DELETE FROM local_settings WHERE key = :key", {"key": key})
    db.execute(
        "UPDATE sync_state SET server_url = :url, token = :token, shop_id = :shop_id, shop_name = :shop_name,"
        " fetching = 'RECORDS', fetch_cursor = 0, pull_cursor = 0, takes_over = :is_first,"
        " same_books_at = NULL, difference = NULL, clock_ahead_s = :ahead",
        {
            "url": url,
            "token": answer.token,
            "shop_id": answer.shop_id,
            "shop_name": answer.shop_name,
            "is_first": int(is_first),
            "ahead": clock_ahead_s(db, answer.server_time),
        },
    )


def clock_ahead_s(db: Database, server_time: str) -> int:
    """Seconds that this PC's clock is ahead of the server's; 0 if the server's time is unreadable."""
    try:
        return round((db.clock.now() - parse_timestamp(server_time)).total_seconds())
    except ValueError:
        return 0


@with_transaction
def leave(db: Database) -> None:
    """Leave the server; all records stay. Refuses with ``owner_needed``.

    Pages that are not merged yet stay too, and joining again continues from there.
    """
    if _has_books(db):
        require_owner(db)
        forget_server(db)
        return
    # A half-finished join that has fetched nothing: this PC is as empty as before.
    give_up_joining(db)
    db.execute("UPDATE app_settings SET device_id = NULL")
    db.forget_identity()


@with_transaction
def give_up_joining(db: Database) -> None:
    """Undo joining because the books cannot be merged; only what was merged already stays."""
    db.execute("DELETE FROM sync_pages")
    db.execute("DELETE FROM sync_waiting")
    forget_server(db)
    db.execute("UPDATE sync_state SET shop_id = NULL, shop_name = NULL")


@with_transaction
def forget_server(db: Database) -> None:
    """Forget the server but not which shop it was. Part of leaving."""
    db.execute(
        "UPDATE sync_state SET left_url = server_url, left_token = token, server_url = NULL, token = NULL,"
        " fetching = NULL, same_books_at = NULL, difference = NULL"
    )
