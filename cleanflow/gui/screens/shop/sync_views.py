"""The lists of the Sync screen: refused records, overwritten changes, overlaps, double customers."""

from __future__ import annotations

from collections.abc import Callable

from cleanflow.dao.audit_lists import AuditLine
from cleanflow.db import Database
from cleanflow.gui.dialogs.make_one import ask_make_one, described, effect_words
from cleanflow.gui.screens.shop.sync_view import SyncView
from cleanflow.gui.widgets.audit_words import TABLES, field_changes, record_word
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.gui.widgets.labels import balance_words, short_moment
from cleanflow.gui.widgets.records import Column
from cleanflow.language import _
from cleanflow.sync.repair.conflicts import Overwritten, overwritten, put_back
from cleanflow.sync.repair.doubles import Double, double_customers, merge_customers
from cleanflow.sync.repair.failed import FailedRecord, failed_records
from cleanflow.sync.repair.namesakes import Namesakes, merge_namesakes, namesakes
from cleanflow.sync.repair.overlaps import Overlap, overlaps, put_right

_KINDS = {
    **TABLES,
    "payment_allocations": _("Part of a payment"),
    "ledger_entries": _("Ledger entry"),
    "audit_logs": _("Audit trail"),
}


class FailedView(SyncView[FailedRecord]):
    """Records that the server refused."""

    name = "sync_failed"
    words = _(
        "The server would not store these. They are safe on this PC and are sent again each time it"
        " synchronises (Ctrl+S)."
    )
    empty = _("Nothing: the server has taken everything that was sent.")

    def columns(self) -> list[Column[FailedRecord]]:
        """Kind, record, time, reason."""
        return [
            Column("kind", _("What"), 150, lambda line: _KINDS.get(line.table, line.table)),
            Column("label", _("Which"), 170, lambda line: _called(line.table, line.label), stretches=True),
            Column("at", _("Recorded"), 125, lambda line: short_moment(line.at, self.desk.shop.date_order)),
            Column("why", _("Why"), 320, lambda line: line.words, stretches=True),
        ]

    def read(self, db: Database) -> list[FailedRecord]:
        """The records refused now."""
        return failed_records(db)

    def key(self, line: FailedRecord) -> str:
        """The record."""
        return line.record_id

    def more(self, line: FailedRecord) -> str:
        """The whole reason, which a narrow column cuts."""
        return line.words


class OverwrittenView(SyncView[Overwritten]):
    """Changes that lost against newer ones."""

    name = "sync_overwritten"
    remedy = _("Put back")
    words = _(
        "Two PCs changed one record before they synchronised. The newer change counts; this is the other one."
    )
    empty = _("Nothing was overwritten.")

    def columns(self) -> list[Column[Overwritten]]:
        """Time, record, PC, and the values."""
        return [
            Column("at", _("Found"), 125, lambda line: short_moment(line.at, self.desk.shop.date_order)),
            Column("kind", _("What"), 90, lambda line: TABLES.get(line.table, line.table)),
            Column("record", _("Which"), 140, lambda line: _called(line.table, line.record), stretches=True),
            Column("pc", _("Changed on"), 90, lambda line: line.pc_code),
            Column(
                "values", _("What gave way"), 260, lambda line: "; ".join(self._lost(line)), stretches=True
            ),
            Column("state", _("Now"), 90, lambda line: _("put back") if line.is_put_back else ""),
        ]

    def read(self, db: Database) -> list[Overwritten]:
        """The newest first."""
        return overwritten(db)

    def key(self, line: Overwritten) -> str:
        """The id of its audit row."""
        return line.audit_id

    def more(self, line: Overwritten) -> str:
        """Every lost value, one to a line."""
        return "\n".join(self._lost(line))

    def _lost(self, line: Overwritten) -> list[str]:
        audit = AuditLine(
            line.audit_id, line.at, "", line.pc_code, "OVERWRITTEN", line.table, line.record_id, line.record,
            dict(line.old), dict(line.new),
        )  # fmt: skip
        changes = field_changes(self.desk.db, self.desk.shop, audit)
        words = _("{field}: {before} (the newer change: {after})")
        return [
            words.format(field=one.field, before=one.before, after=one.after)
            for one in changes
            if one.is_changed
        ]

    def open_lines(self) -> int:
        """Those not put back yet."""
        return sum(not line.is_put_back for line in self.lines)

    def put_right(self, line: Overwritten) -> str:
        """Restore the lost values, as a new change."""
        put_back(self.desk.db, line.audit_id)
        return _("Put back: {record}").format(record=_called(line.table, line.record))


class OverlapsView(SyncView[Overlap]):
    """Money or cancellations entered twice."""

    name = "sync_overlaps"
    remedy = _("Put right")
    words = _(
        "Two PCs entered the same thing before they synchronised. The balances are right; “Put right”"
        " adds the missing correction as new records."
    )
    empty = _("Nothing was done twice.")

    def columns(self) -> list[Column[Overlap]]:
        """Record, PC, amount, and the problem."""
        money = self.desk.shop.currency.format
        return [
            Column("label", _("Number"), 100, lambda line: line.label),
            Column("customer", _("Customer"), 170, lambda line: line.customer, stretches=True),
            Column("amount", _("Too much"), 110, lambda line: money(line.amount_minor), is_right=True),
            Column("words", _("What happened"), 400, lambda line: line.words, stretches=True),
        ]

    def read(self, db: Database) -> list[Overlap]:
        """The overlaps not put right yet."""
        return overlaps(db)

    def key(self, line: Overlap) -> str:
        """The record and its problem."""
        return f"{line.kind} {line.record_id}"

    def more(self, line: Overlap) -> str:
        """The whole problem, which a narrow column cuts."""
        return line.words

    def put_right(self, line: Overlap) -> str:
        """Add the correcting records."""
        put_right(self.desk.db, line)
        return _("Put right: {number}").format(number=line.label)


class DoublesView(SyncView[Double | Namesakes]):
    """Customers with one phone number; users, services and expense categories with one name."""

    name = "sync_doubles"
    remedy = _("Make one of them")
    words = _(
        "Customers with the same phone number, and users, services or expense categories of the same"
        " name: two PCs may have entered one twice. Customers may also be a family."
    )
    empty = _("Nothing is there twice.")

    def columns(self) -> list[Column[Double | Namesakes]]:
        """The kind, what both share, and both records."""
        return [
            Column("kind", _("What"), 110, _double_kind),
            Column("shared", _("The same"), 140, _shared),
            Column("keep", _("Stays"), 200, lambda line: self._both(line)[0], stretches=True),
            Column("other", _("Is put away"), 200, lambda line: self._both(line)[1], stretches=True),
            Column("balance", _("Is brought over"), 150, self._brought_over),
        ]

    def read(self, db: Database) -> list[Double | Namesakes]:
        """The present pairs, users first: they concern who may sign in."""
        return [*namesakes(db), *double_customers(db)]

    def key(self, line: Double | Namesakes) -> str:
        """The record that would become inactive."""
        return line.other_id if isinstance(line, Double) else line.other.id

    def more(self, line: Double | Namesakes) -> str:
        """What merging them does."""
        if isinstance(line, Namesakes):
            return effect_words(self.desk, line)
        words = _("“{other}” {balance}; that is brought over to “{keep}”. Both keep their history.")
        return words.format(
            other=line.other_name,
            keep=line.keep_name,
            balance=balance_words(line.other_balance_minor, self.desk.shop.currency),
        )

    def ask(self, line: Double | Namesakes, go_on: Callable[[], object]) -> None:
        """Ask, because merging cannot be undone with one key."""
        if isinstance(line, Namesakes):
            ask_make_one(self.desk, line, go_on)
            return
        dialog = FormDialog(
            self.desk,
            _("One customer of two"),
            f"{self.more(line)} {_('“{other}” is not active any more.').format(other=line.other_name)}",
            save=self.remedy,
        )
        dialog.ask(lambda: None, lambda _nothing: go_on())

    def put_right(self, line: Double | Namesakes) -> str:
        """Merge the two; both histories stay."""
        if isinstance(line, Namesakes):
            merge_namesakes(self.desk.db, line)
            return _("One of two: {name}").format(name=line.keep.name)
        merge_customers(self.desk.db, line.keep_id, line.other_id)
        return _("One customer: {name}").format(name=line.keep_name)

    def _both(self, line: Double | Namesakes) -> tuple[str, str]:
        if isinstance(line, Double):
            return line.keep_name, line.other_name
        return described(self.desk, line.table, line.keep), described(self.desk, line.table, line.other)

    def _brought_over(self, line: Double | Namesakes) -> str:
        if isinstance(line, Namesakes):
            return ""
        return balance_words(line.other_balance_minor, self.desk.shop.currency)


def _double_kind(line: Double | Namesakes) -> str:
    return TABLES["customers" if isinstance(line, Double) else line.table]


def _shared(line: Double | Namesakes) -> str:
    return line.phone if isinstance(line, Double) else line.keep.name


def _called(table: str, label: str) -> str:
    line = AuditLine("", "", "", "", "", table, "", label, {}, {})
    return record_word(line)
