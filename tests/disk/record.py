"""What SQLite did to a disk, in order, and the disk as it is at any moment of that.

A :class:`Recording` hears the shim and keeps events. A :class:`Disk` takes them in one by one and knows, of
every file, what is surely on it and what only may be: the writes since the last sync, in any mixture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.disk.shim import Listener, Opened

Picture = dict[str, bytes]  # path -> content


@dataclass(frozen=True)
class Event:
    """One operation on the disk, or `confirmed`: the program has said that something is saved."""

    what: str
    path: str = ""
    number: int = 0  # identifies the opening
    offset: int = 0  # of a write; for a truncate the new size
    data: bytes = b""
    label: str = ""  # for `confirmed`: the operation
    digest: bytes = b""  # for `confirmed`: hash of the books at that moment


class Recording(Listener):
    """Records all events of the database, its WAL and its journal; ``start`` is the disk before them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.start: Picture = {}
        for name in (str(path), f"{path}-wal", f"{path}-journal"):
            if Path(name).exists():
                self.start[name] = Path(name).read_bytes()
        self.events: list[Event] = []

    def events_of(self, what: str) -> list[Event]:
        return [event for event in self.events if event.what == what]

    def _is_ours(self, path: str) -> bool:
        return path.startswith(str(self.path)) and not path.endswith("-shm")

    def opened(self, file: Opened, *, creates: bool) -> None:
        if file.kind != "temporary" and self._is_ours(file.path):
            self.events.append(Event("open", file.path, file.number))

    def written(self, file: Opened, offset: int, data: bytes) -> None:
        if self._is_ours(file.path):
            self.events.append(Event("write", file.path, file.number, offset, data))

    def truncated(self, file: Opened, size: int) -> None:
        if self._is_ours(file.path):
            self.events.append(Event("truncate", file.path, file.number, size))

    def synced(self, file: Opened) -> None:
        if self._is_ours(file.path):
            self.events.append(Event("sync", file.path, file.number))

    def sync_failed(self, file: Opened) -> None:
        if self._is_ours(file.path):
            self.events.append(Event("sync_failed", file.path, file.number))

    def directory_synced(self) -> None:
        self.events.append(Event("dirsync"))

    def deleted(self, path: str) -> None:
        if self._is_ours(path):
            self.events.append(Event("delete", path))

    def confirm(self, label: str, digest: bytes) -> None:
        """Record that the program has confirmed an operation, with the books before and after it."""
        assert all(event.digest != digest for event in self.events_of("confirmed")), (
            f"{label}: nothing has changed"
        )
        self.events.append(Event("confirmed", label=label, digest=digest))


@dataclass
class Change:
    """A write or a truncate (``data`` None, ``offset`` the new size), and whether it is certainly on disk.

    A change whose sync failed stays in doubt for ever: the system may drop it although later syncs succeed.
    """

    offset: int
    data: bytes | None
    is_safe: bool = False
    is_given_up: bool = False


@dataclass
class Content:
    """A file's synced bytes and the changes since."""

    safe: bytearray = field(default_factory=bytearray)
    changes: list[Change] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.changes:
            change.is_safe = change.is_safe or not change.is_given_up
        while self.changes and self.changes[0].is_safe:
            apply(self.safe, self.changes.pop(0))

    def give_up(self) -> None:
        for change in self.changes:
            change.is_given_up = not change.is_safe


def apply(content: bytearray, change: Change) -> None:
    """Apply a change as a file system does: a write beyond the end fills the gap with zeros."""
    if change.data is None:
        if change.offset <= len(content):
            del content[change.offset :]
        else:
            content.extend(bytes(change.offset - len(content)))
        return
    if len(content) < change.offset:
        content.extend(bytes(change.offset - len(content)))
    content[change.offset : change.offset + len(change.data)] = change.data


#: The fate of unsynced changes: maps their list to those that are on disk, perhaps partly.
Fate = Callable[[list[Change]], list[Change | None]]


class Disk:
    """A folder on a disk that may lose power: file names and contents, each synced or in doubt."""

    def __init__(self, start: Picture) -> None:
        self._safe_names = {path: Content(bytearray(data)) for path, data in start.items()}
        self._names = dict(self._safe_names)
        self._name_changes: list[tuple[str, Content | None]] = []
        self._open: dict[int, Content] = {}

    def take_in(self, event: Event) -> None:
        """Apply an event to the disk."""
        match event.what:
            case "open":
                if event.path not in self._names:
                    self._name(event.path, Content())
                self._open[event.number] = self._names[event.path]
            case "write":
                self._open[event.number].changes.append(Change(event.offset, event.data))
            case "truncate":
                self._open[event.number].changes.append(Change(event.offset, None))
            case "sync":
                self._open[event.number].sync()
            case "sync_failed":
                self._open[event.number].give_up()
            case "delete":
                self._name(event.path, None)
            case "dirsync":
                self._safe_names, self._name_changes = dict(self._names), []

    def _name(self, path: str, content: Content | None) -> None:
        self._name_changes.append((path, content))
        self._names = _named(self._names, path, content)

    @property
    def names_in_doubt(self) -> int:
        return len(self._name_changes)

    def picture(self, fate: Fate, *, names_kept: int) -> Picture:
        """The files after a power cut now.

        ``fate`` decides about the changes in doubt of each file. Of the names created and removed since the
        folder's last sync, the first ``names_kept`` are done: file systems keep their order.
        """
        names = self._safe_names
        for path, content in self._name_changes[:names_kept]:
            names = _named(names, path, content)
        return {path: self._after(content, fate) for path, content in sorted(names.items())}

    @staticmethod
    def _after(content: Content, fate: Fate) -> bytes:
        data = bytearray(content.safe)
        fates = iter(fate([change for change in content.changes if not change.is_safe]))
        for change in content.changes:
            kept = change if change.is_safe else next(fates)
            if kept is not None:
                apply(data, kept)
        return bytes(data)


def _named(names: dict[str, Content], path: str, content: Content | None) -> dict[str, Content]:
    others = {name: one for name, one in names.items() if name != path}
    return others if content is None else {**others, path: content}
