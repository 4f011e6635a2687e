"""The state of synchronising: facts, when each PC last connected, and the last attempts."""

from __future__ import annotations

import tkinter
from datetime import datetime

from ttkbootstrap import Frame, Label

from cleanflow.dao.paging import Page, Slice, page_of
from cleanflow.dao.remembered import recall
from cleanflow.gui.appearance import px
from cleanflow.gui.desk import Desk
from cleanflow.gui.sync_words import COUNTED, clock_words, count_words, shown_time
from cleanflow.gui.widgets.facts import Facts
from cleanflow.gui.widgets.records import Column, Order, RecordList
from cleanflow.language import _
from cleanflow.sync.peers import Peer, peers
from cleanflow.sync.state import Attempt, SyncState, Waiting, attempts, waiting
from cleanflow.sync.worker import AT_START, DEFAULT_MINUTES, EVERY_MINUTES


class Overview(Frame):
    """Facts, the shop's PCs and the history, read by :meth:`reload`."""

    def __init__(self, parent: tkinter.Misc, desk: Desk) -> None:
        super().__init__(parent)
        self._desk = desk
        self._facts = Facts(self, columns=2, wrap=280)
        self._facts.pack(anchor="w", pady=px(0, 10))
        self._peers = self._list_of_peers()
        self._peers.pack(fill="x", pady=px(0, 6))
        self._more = Label(self, wraplength=px(800), justify="left")
        self._more.pack(side="bottom", anchor="w", pady=px(8, 0))
        self._attempts = self._list_of_attempts()
        self._attempts.pack(fill="both", expand=True)

    def _list_of_peers(self) -> RecordList[Peer]:
        columns: list[Column[Peer]] = [
            Column("code", _("PC"), 150, _code),
            Column("pushed", _("Sent last"), 150, lambda peer: self._at(peer.pushed_at)),
            Column("pulled", _("Fetched last"), 150, lambda peer: self._at(peer.pulled_at), stretches=True),
        ]

        def read(_part: Slice) -> Page[Peer]:
            return page_of(peers(self._desk.db))

        return RecordList(
            self,
            self._desk,
            "sync_peers",
            columns,
            read,
            identify=lambda peer: peer.device_id,
            order=Order("code"),
            empty=_("No PC yet."),
            height=4,
        )

    def _list_of_attempts(self) -> RecordList[Attempt]:
        columns: list[Column[Attempt]] = [
            Column("at", _("When"), 150, lambda attempt: self._at(attempt.finished_at)),
            Column("pushed", _("Sent"), 80, lambda attempt: f"{attempt.pushed:,}", is_right=True),
            Column("pulled", _("Fetched"), 80, lambda attempt: f"{attempt.pulled:,}", is_right=True),
            Column("words", _("How it went"), 300, _how, stretches=True),
        ]

        def read(part: Slice) -> Page[Attempt]:
            return page_of(attempts(self._desk.db, part.limit))

        return RecordList(
            self,
            self._desk,
            "sync_attempts",
            columns,
            read,
            identify=lambda attempt: f"{attempt.started_at} {attempt.finished_at}",
            order=Order("at"),
            empty=_("Not synchronised yet."),
            height=6,
            on_choose=lambda attempt: self._more.configure(text=_how(attempt)),
        )

    def reload(self, state: SyncState) -> None:
        """Read the state again."""
        waits = waiting(self._desk.db, COUNTED)
        self._facts.show(
            (_("Shop"), state.shop_name or ""),
            (_("Books"), self._books(state)),
            (_("Server"), state.server_url or ""),
            (_("To send"), self._to_send(waits)),
            (_("Synchronises"), self._when()),
            (_("Not taken"), self._refused(waits)),
            (_("To enter"), self._parked(waits)),
            (_("Clock"), clock_words(state.clock_ahead_s)),
        )
        self._peers.reload()
        self._attempts.reload()

    def _now(self) -> datetime:
        return self._desk.db.clock.now().astimezone()

    def _at(self, at: str | None) -> str:
        return shown_time(at, self._now(), self._desk.shop.date_order) if at else "–"

    def _books(self, state: SyncState) -> str:
        if state.difference:
            return state.difference
        if state.same_books_at:
            return _("Same books as the server at {at}").format(at=self._at(state.same_books_at))
        return _("not compared yet")

    def _to_send(self, waits: Waiting) -> str:
        if not waits.unsent:
            return _("nothing")
        words = _("{count}, the oldest since {at}")
        return words.format(count=count_words(waits), at=self._at(waits.oldest_at))

    def _refused(self, waits: Waiting) -> str:
        return _("{count} (Ctrl+K)").format(count=f"{waits.refused:,}") if waits.refused else ""

    def _parked(self, waits: Waiting) -> str:
        if not waits.parked:
            return ""
        return _("{count} waiting for the record they belong to").format(count=f"{waits.parked:,}")

    def _when(self) -> str:
        db = self._desk.db
        minutes = recall(db, EVERY_MINUTES, DEFAULT_MINUTES)
        ways = [_("at the start")] if recall(db, AT_START, True) else []
        ways += [_("every {number} minutes").format(number=minutes)] if minutes > 0 else []
        return ", ".join(ways) or _("only when asked")


def _code(peer: Peer) -> str:
    return _("{code} (this PC)").format(code=peer.code) if peer.is_this else peer.code


def _how(attempt: Attempt) -> str:
    if attempt.words:
        return attempt.words[:1].upper() + attempt.words[1:]
    if attempt.refused:
        return _("{count} not taken").format(count=f"{attempt.refused:,}")
    return _("well")
