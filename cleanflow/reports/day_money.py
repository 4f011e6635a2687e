"""The daily report's money: in and out by method and category, the drawer, and each special movement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cleanflow.dao.closings import DayClosing, closings_of, this_drawer
from cleanflow.dao.shop import get_shop
from cleanflow.db import Database
from cleanflow.records.chart import MONEY_ACCOUNT, Account
from cleanflow.reports.account_days import AccountDay, Entry, account_day


@dataclass(frozen=True)
class MoneyIn:
    """Customers' payments by one method, and their reversals (``reversals_minor`` <= 0).

    The amounts are ``None`` while they are a secret: see :mod:`cleanflow.dao.blind_count`.
    """

    method: str
    payment_count: int
    payments_minor: int | None
    reversal_count: int
    reversals_minor: int | None
    net_minor: int | None


@dataclass(frozen=True)
class DailyPayment:
    """A customer's payment; ``user`` is who took it."""

    reference: str
    customer: str
    method: str
    amount_minor: int
    user: str
    id: str = field(default="", compare=False)


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
    """One count of the drawer: what was expected then, what was counted, and why that differs.

    ``denominations`` are pairs of (value in minor units, number), ``by`` is who counted, and ``is_approved``
    tells that the difference is within the shop's limit or an owner was there.
    """

    reference: str
    expected_minor: int
    counted_minor: int
    difference_minor: int
    reason: str
    denominations: tuple[tuple[int, int], ...] = ()
    by: str = ""
    counted_at: str = field(default="", compare=False)
    is_approved: bool = True


@dataclass(frozen=True)
class Drawer:
    """The cash drawer that this PC uses, with all PCs that share it.

    ``closings`` are its counts of the day in their order, and ``closing`` the one that a paper is about: its
    own, or else the last. ``entered_after_minor`` is cash recorded after that count. What it should hold,
    and the closings, are left out (``None``) while they are a secret: see :mod:`cleanflow.dao.blind_count`.
    """

    pcs: tuple[str, ...]
    cash: AccountDay | None
    closings: tuple[Closing, ...]
    closing: Closing | None

    @property
    def expected_minor(self) -> int | None:
        """What should be in the drawer: at the count, or now while it was not counted."""
        if self.closing is not None:
            return self.closing.expected_minor
        return None if self.cash is None else self.cash.closing_minor

    @property
    def entered_after_minor(self) -> int:
        """Cash recorded after the count, later differences included."""
        if self.closing is None or self.cash is None:
            return 0
        return self.cash.closing_minor - self.closing.counted_minor

    @property
    def other_differences_minor(self) -> int:
        """What the other counts of the day have booked."""
        if self.closing is None or self.cash is None:
            return 0
        return self.cash.of("VARIANCE").amount_minor - self.closing.difference_minor


def money_in(method: str, moved: AccountDay, *, is_hidden: bool = False) -> MoneyIn:
    paid, reversed_ = moved.of("PAYMENT"), moved.of("PAYMENT_REVERSAL")
    if is_hidden:
        return MoneyIn(method, paid.count, None, reversed_.count, None, None)
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


def payments_of(db: Database, day: str) -> tuple[DailyPayment, ...]:
    query = """
        SELECT reference, customers.name, method, amount_minor, coalesce(users.name, ''), payments.id
          FROM payments
          JOIN customers ON customers.id = payments.customer_id
          LEFT JOIN users ON users.id = payments.user_id
         WHERE business_date = :day AND kind = 'PAYMENT'
         ORDER BY payments.created_at, reference
    """
    return tuple(DailyPayment(*row) for row in db.rows(query, {"day": day}))


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
    *,
    is_hidden: bool = False,
) -> Drawer:
    """This PC's drawer; ``counting`` is the closing that the paper is about, perhaps not written yet."""
    drawer_id = this_drawer(db)
    devices = {
        row["id"]: row["code"]
        for row in db.rows(
            "SELECT id, code FROM devices WHERE drawer_id = :id ORDER BY code", {"id": drawer_id}
        )
    }
    codes = tuple(devices.values())
    if is_hidden:
        return Drawer(codes, None, (), None)
    counted = {closing.id: closing for closing in closings_of(db, day) if closing.drawer_id == drawer_id}
    if counting is not None:
        counted[counting.id] = counting
    limit = get_shop(db).variance_limit_minor
    told = {key: _told(db, closing, limit) for key, closing in counted.items()}
    own = told[counting.id] if counting is not None else next(reversed(told.values()), None)
    cash = account_day(Account.CASH, entries, balances, devices)
    return Drawer(codes, cash, tuple(told.values()), own)


def _told(db: Database, closing: DayClosing, limit_minor: int | None) -> Closing:
    person = db.one("SELECT name, role FROM users WHERE id = :id", {"id": closing.user_id})
    is_within = limit_minor is None or abs(closing.variance_minor) <= limit_minor
    return Closing(
        closing.reference,
        closing.expected_minor,
        closing.counted_minor,
        closing.variance_minor,
        closing.reason,
        tuple(sorted(closing.denominations.items(), reverse=True)),
        person["name"] if person else "",
        closing.created_at,
        is_within or person is None or person["role"] == "OWNER",
    )
