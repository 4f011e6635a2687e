"""The daily report's money: in and out by method and category, the drawer, and each special movement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cleanflow.dao.closings import DayClosing, closings_of, this_drawer
from cleanflow.db import Database
from cleanflow.records.chart import MONEY_ACCOUNT, Account
from cleanflow.reports.account_days import AccountDay, Entry, account_day


@dataclass(frozen=True)
class MoneyIn:
    """Customers' payments by one method, and their reversals (``reversals_minor`` <= 0)."""

    method: str
    payment_count: int
    payments_minor: int
    reversal_count: int
    reversals_minor: int
    net_minor: int


@dataclass(frozen=True)
class MoneyOut:
    """Expenses and refunds by one method; reversals are negative."""

    method: str
    expense_count: int
    expenses_minor: int
    expense_reversal_count: int
    expense_reversals_minor: int
    refund_count: int
    refunds_minor: int
    refund_reversal_count: int
    refund_reversals_minor: int
    net_minor: int


@dataclass(frozen=True)
class CategoryExpenses:
    """Expenses of one category by one method, before reversals."""

    category: str
    method: str
    count: int
    amount_minor: int


@dataclass(frozen=True)
class PcMoney:
    """Payments less reversals recorded on one PC."""

    pc: str
    cash_minor: int
    bank_minor: int


@dataclass(frozen=True)
class MoneyMove:
    """One movement of money other than a payment; ``amount_minor`` < 0 left the drawer or the bank.

    ``whom`` is the customer or the expense category. A BANK_DEPOSIT is seen from the drawer.
    """

    reference: str
    kind: str
    method: str
    whom: str
    words: str
    user: str
    amount_minor: int


@dataclass(frozen=True)
class Closing:
    """The count of the drawer; ``denominations`` are pairs of (value in minor units, number).

    ``entered_after_minor`` is cash recorded after the count.
    """

    reference: str
    counted_minor: int
    difference_minor: int
    entered_after_minor: int
    reason: str
    denominations: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Drawer:
    """The cash drawer that this PC uses, with all PCs that share it.

    ``expected_minor`` excludes the differences that counts have booked, so that expected + difference =
    counted + entered after the count.
    """

    pcs: tuple[str, ...]
    cash: AccountDay
    expected_minor: int
    closing: Closing | None


def money_in(method: str, moved: AccountDay) -> MoneyIn:
    paid, reversed_ = moved.of("PAYMENT"), moved.of("PAYMENT_REVERSAL")
    net = paid.amount_minor + reversed_.amount_minor
    return MoneyIn(method, paid.count, paid.amount_minor, reversed_.count, reversed_.amount_minor, net)


def money_out(method: str, moved: AccountDay) -> MoneyOut:
    kinds = ("EXPENSE", "EXPENSE_REVERSAL", "REFUND", "REFUND_REVERSAL")
    spent = [(moved.of(kind).count, -moved.of(kind).amount_minor) for kind in kinds]
    return MoneyOut(method, *spent[0], *spent[1], *spent[2], *spent[3], sum(amount for _, amount in spent))


def expenses_of(db: Database, entries: Iterable[Entry]) -> tuple[CategoryExpenses, ...]:
    names = {row["id"]: row["name"] for row in db.rows("SELECT id, name FROM accounts")}
    methods = {str(account): method for method, account in MONEY_ACCOUNT.items()}
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for entry in entries:
        if entry.kind == "EXPENSE":
            key = (entry.debit, methods[entry.credit])
            count, amount = sums.get(key, (0, 0))
            sums[key] = (count + entry.count, amount + entry.amount_minor)
    lines = [
        CategoryExpenses(names[account], method, *numbers) for (account, method), numbers in sums.items()
    ]
    return tuple(sorted(lines, key=lambda line: (line.method != "CASH", line.category.casefold())))


def takings_by_pc(entries: Iterable[Entry], codes: dict[str, str]) -> tuple[PcMoney, ...]:
    taking = [entry for entry in entries if entry.kind in ("PAYMENT", "PAYMENT_REVERSAL")]
    lines = []
    for device_id in {entry.device_id for entry in taking}:
        own = [entry for entry in taking if entry.device_id == device_id]
        cash, bank = (account_day(account, own, {}) for account in (Account.CASH, Account.BANK))
        lines.append(PcMoney(codes.get(device_id, "?"), cash.closing_minor, bank.closing_minor))
    return tuple(sorted(lines, key=lambda line: line.pc))


def money_moves(db: Database, day: str) -> tuple[MoneyMove, ...]:
    query = """
        SELECT reference, kind, method, whom, words, coalesce(users.name, ''), amount_minor FROM (
            SELECT reference, payments.kind AS kind, method, customers.name AS whom, reason AS words,
                   payments.user_id AS user_id, payments.created_at AS created_at,
                   CASE payments.kind WHEN 'REFUND_REVERSAL' THEN amount_minor ELSE -amount_minor END
                   AS amount_minor
              FROM payments JOIN customers ON customers.id = customer_id
             WHERE business_date = :day AND method IS NOT NULL
               AND payments.kind IN ('REFUND', 'REVERSAL', 'REFUND_REVERSAL')
            UNION ALL
            SELECT reference, CASE kind WHEN 'REVERSAL' THEN 'EXPENSE_REVERSAL' ELSE kind END, method, name,
                   description, user_id, expenses.created_at,
                   CASE kind WHEN 'REVERSAL' THEN amount_minor ELSE -amount_minor END
              FROM expenses JOIN expense_categories ON expense_categories.id = category_id
             WHERE business_date = :day
            UNION ALL
            SELECT reference, kind, 'CASH', '', reason, user_id, created_at,
                   CASE WHEN kind IN ('FLOAT', 'PAY_IN') THEN amount_minor ELSE -amount_minor END
              FROM drawer_movements WHERE business_date = :day
        ) AS moves LEFT JOIN users ON users.id = moves.user_id
        ORDER BY moves.created_at, reference
    """
    return tuple(MoneyMove(*row) for row in db.rows(query, {"day": day}))


def drawer_of(
    db: Database,
    day: str,
    entries: Iterable[Entry],
    balances: dict[tuple[str, str], int],
    counting: DayClosing | None = None,
) -> Drawer:
    devices = {
        row["id"]: row["code"]
        for row in db.rows(
            "SELECT id, code FROM devices"
            " WHERE drawer_id = (SELECT drawer_id FROM devices WHERE id = :id) ORDER BY code",
            {"id": db.device_id},
        )
    }
    cash = account_day(Account.CASH, entries, balances, devices)
    difference = cash.of("VARIANCE").amount_minor
    expected = cash.closing_minor - difference
    drawer_id = this_drawer(db)
    counted = counting or next(
        (closing for closing in reversed(closings_of(db, day)) if closing.drawer_id == drawer_id), None
    )
    return Drawer(tuple(devices.values()), cash, expected, _told(counted, expected, difference))


def _told(counted: DayClosing | None, expected: int, difference: int) -> Closing | None:
    if counted is None:
        return None
    return Closing(
        counted.reference,
        counted.counted_minor,
        difference,
        expected + difference - counted.counted_minor,
        counted.reason,
        tuple(sorted(counted.denominations.items(), reverse=True)),
    )
