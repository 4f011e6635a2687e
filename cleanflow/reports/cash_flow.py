"""Cash flow: money in and out of cash and bank, by day and by kind.

Read from the ledger entries on cash or bank, so that opening + in - out = closing by construction.
Reversals are netted against what they reverse: a reversed payment is less money in, a reversed expense less
money out, as on the daily report. Money moved between drawer and bank is neither in nor out. The layout is
in cash_flow_page.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cleanflow.dao.blind_count import require_cash_shown
from cleanflow.dao.shop import Shop, get_shop
from cleanflow.db import Database, snapshot
from cleanflow.records.chart import Account
from cleanflow.reports.account_days import kind_place, openings
from cleanflow.reports.periods import Period, period

#: Reversals count with what they reverse, below zero.
_IN = {"OPENING", "FLOAT", "PAY_IN", "PAYMENT", "PAYMENT_REVERSAL"}
_OUT = {"EXPENSE", "EXPENSE_REVERSAL", "REFUND", "REFUND_REVERSAL", "PAY_OUT"}


@dataclass(frozen=True)
class FlowLine:
    """All movements of one kind; for expenses, of one category net of reversals. < 0 went out."""

    kind: str
    category: str
    account_id: str
    count: int
    cash_minor: int
    bank_minor: int


@dataclass(frozen=True)
class FlowDay:
    """A day's money in and out of cash and bank, and the closing balances.

    ``banked_minor`` went from the drawer to the bank.
    """

    date: str
    cash_in_minor: int
    cash_out_minor: int
    bank_in_minor: int
    bank_out_minor: int
    banked_minor: int
    cash_closing_minor: int
    bank_closing_minor: int


@dataclass(frozen=True)
class MethodFlow:
    """One method over the whole period: opening + in - out + moved = closing."""

    method: str
    opening_minor: int
    in_minor: int
    out_minor: int
    moved_minor: int
    closing_minor: int


@dataclass(frozen=True)
class CashFlowReport:
    """The money of a period. ``days`` has only the days on which money moved."""

    period: Period
    shop: Shop
    methods: tuple[MethodFlow, ...]
    lines: tuple[FlowLine, ...]
    days: tuple[FlowDay, ...]

    @property
    def in_minor(self) -> int:
        """All money that came in."""
        return sum(item.in_minor for item in self.methods)

    @property
    def out_minor(self) -> int:
        """All money that went out."""
        return sum(item.out_minor for item in self.methods)

    @property
    def opening_minor(self) -> int:
        """Cash and bank before the first day."""
        return sum(item.opening_minor for item in self.methods)

    @property
    def closing_minor(self) -> int:
        """Cash and bank after the last day."""
        return sum(item.closing_minor for item in self.methods)


def cash_flow_report(db: Database, first: date | str, last: date | str) -> CashFlowReport:
    """The money of the business dates from ``first`` to ``last``.

    Refuses with ``date_invalid`` or ``cash_hidden``.
    """
    chosen = period(first, last)
    require_cash_shown(db)
    with snapshot(db):
        moves = _moves(db, chosen)
        names = {row["id"]: row["name"] for row in db.rows("SELECT id, name FROM accounts")}
        before = openings(db, chosen.first)
        shop = get_shop(db)
    cash, bank = (
        sum(balance for (account_id, _pc), balance in before.items() if account_id == account)
        for account in (Account.CASH, Account.BANK)
    )
    days = _days(moves, cash, bank)
    return CashFlowReport(chosen, shop, _methods(days, cash, bank), _lines(moves, names), days)


@dataclass(frozen=True)
class _Move:
    """A day's entries of one kind on one pair of accounts."""

    date: str
    kind: str
    debit: str
    credit: str
    count: int
    amount_minor: int

    def on(self, account: str) -> int:
        """The change of ``account``; < 0 went out."""
        return self.amount_minor * ((self.debit == account) - (self.credit == account))

    @property
    def is_between(self) -> bool:
        """Whether the money only moved between cash and bank."""
        return {self.debit, self.credit} == {Account.CASH, Account.BANK}

    def flows(self, account: str) -> tuple[int, int]:
        """(in, out) of ``account``, without money moved inside the shop."""
        amount = 0 if self.is_between else self.on(account)
        is_in = self.kind in _IN or (self.kind not in _OUT and amount > 0)
        return (amount, 0) if is_in else (0, -amount)


def _moves(db: Database, chosen: Period) -> list[_Move]:
    query = """
        SELECT business_date, kind, debit_account_id, credit_account_id, count(*), sum(amount_minor)
          FROM ledger_entries
         WHERE business_date BETWEEN :first AND :last
           AND (debit_account_id IN (:cash, :bank) OR credit_account_id IN (:cash, :bank))
         GROUP BY business_date, kind, debit_account_id, credit_account_id
         ORDER BY business_date
    """
    accounts = {"cash": str(Account.CASH), "bank": str(Account.BANK)}
    return [_Move(*row) for row in db.rows(query, {"first": chosen.first, "last": chosen.last, **accounts})]


def _days(moves: Iterable[_Move], cash: int, bank: int) -> tuple[FlowDay, ...]:
    by_day: dict[str, list[_Move]] = {}
    for move in moves:
        by_day.setdefault(move.date, []).append(move)
    days = []
    for day, own in by_day.items():
        cash_in, cash_out, bank_in, bank_out = (
            sum(move.flows(account)[side] for move in own)
            for account in (Account.CASH, Account.BANK)
            for side in (0, 1)
        )
        banked = sum(move.on(Account.BANK) for move in own if move.is_between)
        cash += cash_in - cash_out - banked
        bank += bank_in - bank_out + banked
        days.append(FlowDay(day, cash_in, cash_out, bank_in, bank_out, banked, cash, bank))
    return tuple(days)


def _methods(days: tuple[FlowDay, ...], cash: int, bank: int) -> tuple[MethodFlow, ...]:
    banked = sum(day.banked_minor for day in days)
    sums = (
        (
            "CASH",
            cash,
            sum(day.cash_in_minor for day in days),
            sum(day.cash_out_minor for day in days),
            -banked,
        ),
        (
            "BANK",
            bank,
            sum(day.bank_in_minor for day in days),
            sum(day.bank_out_minor for day in days),
            banked,
        ),
    )
    return tuple(
        MethodFlow(method, opening, came, went, moved, opening + came - went + moved)
        for method, opening, came, went, moved in sums
    )


def _lines(moves: Iterable[_Move], names: dict[str, str]) -> tuple[FlowLine, ...]:
    """In the order of the report: in before out, expenses by the name of their category."""
    groups: dict[tuple[str, str], list[_Move]] = {}
    for move in moves:
        is_expense = move.kind in ("EXPENSE", "EXPENSE_REVERSAL")
        other = move.credit if move.debit in (Account.CASH, Account.BANK) else move.debit
        groups.setdefault(("EXPENSE", other) if is_expense else (move.kind, ""), []).append(move)
    lines = [
        FlowLine(
            kind=kind,
            category=names.get(account_id, ""),
            account_id=account_id,
            count=sum(move.count for move in own),
            cash_minor=sum(move.on(Account.CASH) for move in own),
            bank_minor=sum(move.on(Account.BANK) for move in own),
        )
        for (kind, account_id), own in groups.items()
    ]
    return tuple(sorted(lines, key=_place))


def _place(line: FlowLine) -> tuple[int, str, str, str]:
    return kind_place(line.kind), line.kind, line.category.casefold(), line.account_id
