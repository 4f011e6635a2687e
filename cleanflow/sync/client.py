"""One synchronisation, stage by stage: connect, push, pull, compare.

Every stage can be killed at any point and repeated. Nothing here decides by the clock what is newer, and
nothing holds the database's write lock while it waits for the network.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from cleanflow.clock import timestamp
from cleanflow.dao.users import ensure_owner
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.sync import inbox, marks, outbox
from cleanflow.sync.books import compare
from cleanflow.sync.enrolling import clock_ahead_s, give_up_joining, succeed
from cleanflow.sync.merge import CurrencyDiffers, FeaturesUnknown, Merger
from cleanflow.sync.outbox import Batch
from cleanflow.sync.protocol import (
    MAX_DECOMPRESSED_BYTES,
    PULL_ROWS,
    ProtocolError,
    PullRequest,
    PushAnswer,
    PushRequest,
)
from cleanflow.sync.repair.identity import is_in_its_place
from cleanflow.sync.repair.losses import settle_losses
from cleanflow.sync.state import (
    Attempt,
    get_state,
    identities,
    joined_state,
    note,
    note_attempt,
    note_peers,
)
from cleanflow.sync.wire import ServerRefused, Unreachable, Wire, in_words

T = TypeVar("T")

#: Rows requested per page; a page holds at least one whole push of another PC.
PAGE_ROWS = PULL_ROWS
#: Maximum rounds of push and pull: meanwhile more may be recorded here or pushed by others.
_MOST_ROUNDS = 5
#: A batch of more rows is split when the server finds it too large.
_SMALLEST_BATCH_ROWS = 50

#: Interval at which a wait for the server checks whether to stop.
_ASK_AGAIN_S = 0.2

#: Codes of a PC that is not the one it claims to be: a person must let it join again, as a new one.
FORKED = "identity_forked"
MOVED = "identity_unsure"
#: The server's code for a restored PC whose former token was revoked.
OUTDATED_ACCESS = "predecessor_unknown"


class Stopped(Exception):
    """The caller stops the synchronisation; everything done so far is kept."""


class IdentityTrouble(Exception):
    """This PC's records are not those of the PC that the server knows; ``code`` is FORKED or MOVED."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(IDENTITY_WORDS[code])


IDENTITY_WORDS = {
    FORKED: "The server has other records of this PC than this PC itself: a backup was brought back, or the"
    " records were copied. Join again with a new code and a new PC code; nothing is lost.",
    MOVED: "The records of this PC were moved or copied to another place. Please say which.",
}


@dataclass
class Summary:
    """Result of a synchronisation. ``words`` is the message for people, ``code`` is '' after success.

    ``tables`` are those whose rows here have changed; ``refused`` counts the server's reasons;
    ``owner_back`` is the name of an owner who was activated because the shop had none left;
    ``retry_after_s`` when the server said to come again.
    """

    pushed: int = 0
    pulled: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)
    is_same_books: bool = False
    overwritten: int = 0
    owner_back: str = ""
    code: str = ""
    words: str = ""
    retry_after_s: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0


_log = logging.getLogger(__name__)

#: A batch, or a part of one, with the server's answer to it.
Sent = tuple[Batch, PushAnswer]

#: Called for progress with the stage and the number of rows done.
Report = Callable[[str, int], None]


def synchronise(db: Database, report: Report = lambda stage, rows: None) -> Summary:
    """Synchronise once, as far as possible; the result is also stored for the Sync screen.

    ``report`` is called between steps and may raise :class:`Stopped`. Refuses with ``not_joined``; raises
    NotSaved when this PC's disk fails.
    """
    state = joined_state(db)
    summary, started_at = Summary(), timestamp(db.clock.now())
    with Wire(state.server_url or "", state.token or "") as wire:
        try:
            with _told(db, summary):
                _stages(db, wire, summary, report)
        finally:
            summary.bytes_sent, summary.bytes_received = wire.bytes_sent, wire.bytes_received
    attempt = Attempt(
        started_at=started_at,
        finished_at=timestamp(db.clock.now()),
        pushed=summary.pushed,
        pulled=summary.pulled,
        refused=sum(summary.refused.values()),
        code=summary.code,
        words=summary.words,
    )
    note_attempt(db, attempt)
    if attempt.code or attempt.pushed or attempt.pulled:
        counts = (attempt.pushed, attempt.pulled, attempt.refused)
        _log.info("sync: %d sent, %d fetched, %d refused %s", *counts, attempt.code)
    return summary


@contextmanager
def _told(db: Database, summary: Summary) -> Iterator[None]:
    """The error boundary: an error that ends the synchronisation goes into its summary."""
    try:
        yield
    except ServerRefused as refused:
        summary.code, summary.words = refused.code, refused.words
        summary.retry_after_s = refused.retry_after_s
    except Unreachable as error:
        summary.code, summary.words = "unreachable", in_words(error)
    except ProtocolError as error:
        summary.code, summary.words = error.code, in_words(error)
    except IdentityTrouble as trouble:
        summary.code, summary.words = trouble.code, str(trouble)
    except FeaturesUnknown as error:
        refusal = Refusal("features_unknown", features="; ".join(error.descriptions))
        summary.code, summary.words = refusal.code, str(refusal)
    except CurrencyDiffers as error:
        give_up_joining(db)
        refusal = Refusal("currency_differs", ours=error.ours, theirs=error.theirs)
        summary.code, summary.words = refusal.code, str(refusal)


def _stages(db: Database, wire: Wire, summary: Summary, report: Report) -> None:
    if not is_in_its_place(db):
        raise IdentityTrouble(MOVED)
    Merger(db).try_kept_aside_again()  # this version may know what an older one set aside
    report("connect", 0)
    succeed(db, wire)
    _greet(db, wire)
    if get_state(db).fetching:
        _fetch_shop(db, wire, summary, report)
    for _round in range(_MOST_ROUNDS):
        _push(db, wire, summary, report)
        _pull(db, wire, summary, report)
        overwritten, owner = settle_losses(db), ensure_owner(db)
        summary.overwritten += overwritten
        if owner is not None:
            summary.owner_back = owner.name
            summary.tables.add("users")
        status = wire.status()
        if not overwritten and owner is None and status.change_seq <= get_state(db).pull_cursor:
            break
    note_peers(db, status.last_syncs)
    difference = compare(db, status)
    summary.is_same_books = difference is None
    if difference is None:
        note(db, same_books_at=timestamp(db.clock.now()), difference=None)
    else:
        note(db, difference=difference)


# --- greeting ------------------------------------------------------------------------------------------


def _greet(db: Database, wire: Wire) -> None:
    """Check that this PC is the one the server knows, and that the server has lost nothing."""
    status = wire.status()
    note(db, clock_ahead_s=clock_ahead_s(db, status.server_time))
    head = status.chain_heads.get(db.device_id)
    number = head.number if head else 0
    query = "SELECT hash, sync_status FROM ledger_entries WHERE device_id = :id AND chain_number = :number"
    if head is not None:
        ours = db.one(query, {"id": db.device_id, "number": number})
        if ours is None or ours["hash"] != head.hash:
            raise IdentityTrouble(FORKED)
    behind = db.one(query, {"id": db.device_id, "number": number + 1})
    has_lost = behind is not None and behind["sync_status"] == "SYNCED"
    told = status.last_syncs.get(db.device_id)
    match marks.judge(db, told.push_mark if told else None):
        case marks.Standing.STRANGER:
            raise IdentityTrouble(FORKED)
        case marks.Standing.OUTDATED:
            has_lost = True
    if has_lost:
        outbox.reset_all(db, identities(db))
    if status.change_seq < get_state(db).pull_cursor:
        note(db, pull_cursor=0)  # a restored server counts from lower; known rows are cheap
    marks.settle(db, told.push_mark if told else None)


# --- sending -------------------------------------------------------------------------------------------


def _push(db: Database, wire: Wire, summary: Summary, report: Report) -> None:
    """Push all batches: while the server stores one, mark the previous one and read the next."""
    summary.refused.clear()  # refused rows are sent again in every round

    def tell() -> None:
        report("push", summary.pushed)

    under_way: Future[list[Sent]] | None = None
    for batch in outbox.batches(db):
        tell()
        answered = _awaited(under_way, tell) if under_way else []
        under_way = beside(partial(_send, wire, batch, marks.next_mark(db)))
        _acknowledge(db, answered, summary)
    _acknowledge(db, _awaited(under_way, tell) if under_way else [], summary)


def _send(wire: Wire, batch: Batch, mark: str) -> list[Sent]:
    """Send a batch, in parts if it is too large; returns each part with its answer. Touches no database."""
    parts = _parts(batch)
    if len(parts) > 1:
        return [sent for part in parts for sent in _send(wire, part, mark)]
    try:
        return [(batch, wire.push(PushRequest(batch.rows, mark)))]
    except ServerRefused as refused:
        if refused.status != 413 or batch.count <= _SMALLEST_BATCH_ROWS:
            raise
    return [sent for part in batch.halves() for sent in _send(wire, part, mark)]


def _acknowledge(db: Database, answered: list[Sent], summary: Summary) -> None:
    """Mark the answered rows. Raises IdentityTrouble if a number belongs to another record on the server."""
    for batch, answer in answered:
        done = outbox.acknowledge(db, batch, answer)
        summary.pushed += done.stored
        summary.tables |= done.tables
        for reason, count in done.refused.items():
            summary.refused[reason] = summary.refused.get(reason, 0) + count
        if any(reason == "chain_forked" or reason.endswith("_reference_taken") for reason in done.refused):
            raise IdentityTrouble(FORKED)


def _parts(batch: Batch) -> list[Batch]:
    """The batch, split in advance if its rows are very long."""
    if batch.bytes_about() <= MAX_DECOMPRESSED_BYTES // 2 or batch.count <= 1:
        return [batch]
    return [part for half in batch.halves() for part in _parts(half)]


# --- fetching ------------------------------------------------------------------------------------------


def _fetch_shop(db: Database, wire: Wire, summary: Summary, report: Report) -> None:
    """Fetch the whole shop, including what this PC wrote under a former identity. Can be resumed."""
    if get_state(db).fetching == "RECORDS":
        _pull(db, wire, summary, report, only_records=True)
        note(db, fetching="ALL")
    _pull(db, wire, summary, report)
    note(db, fetching=None, takes_over=0)


def _pull(db: Database, wire: Wire, summary: Summary, report: Report, *, only_records: bool = False) -> None:
    merger = Merger(db)
    go_on = partial(report, "merge", summary.pulled)
    try:
        merger.try_kept_aside_again()
        merger.merge_kept(go_on)
        more = True
        under_way = beside(partial(wire.pull, _next_pull(db, only_records)))
        while more:
            stage = "fetch" if get_state(db).fetching else "pull"
            page = _awaited(under_way, partial(report, stage, summary.pulled + merger.rows))
            inbox.keep_page(db, page, only_records=only_records)
            more = page.more
            if more:  # fetch the next page while this one is merged
                under_way = beside(partial(wire.pull, _next_pull(db, only_records)))
            merger.merge_kept(go_on)
    finally:
        summary.pulled += merger.rows
        summary.tables |= merger.tables


def _next_pull(db: Database, only_records: bool) -> PullRequest:
    state = get_state(db)
    return PullRequest(
        state.fetch_cursor if only_records else state.pull_cursor,
        PAGE_ROWS,
        include_own=state.fetching is not None,
        only_records=only_records,
    )


# --- waiting for the network ---------------------------------------------------------------------------


def beside(ask: Callable[[], T]) -> Future[T]:
    """Run ``ask`` in a daemon thread, which does not keep the program from ending."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(ask())
        except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
            future.set_exception(error)

    threading.Thread(target=run, name="sync-http", daemon=True).start()
    return future


def _awaited(future: Future[T], still_wanted: Callable[[], object]) -> T:
    """The result of ``future``; calls ``still_wanted`` meanwhile, which may raise to stop waiting."""
    while True:
        still_wanted()
        try:
            return future.result(_ASK_AGAIN_S)
        except TimeoutError:
            if future.done():
                raise
