"""An account's day: opening balance, movements by kind, closing balance.

Read from ledger entries only, so the parts of a report add up to the books by construction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from cleanflow.db import Database
from cleanflow.records.chart import Account

#: The order of an account's movements: in before out.
KINDS = (
    "OPENING", "FLOAT", "PAY_IN", "JOB", "ADJUSTMENT", "DISCOUNT", "WRITE_OFF", "CANCELLATION",
    "PAYMENT", "PAYMENT_REVERSAL", "REFUND", "REFUND_REVERSAL", "EXPENSE", "EXPENSE_REVERSAL",
    "PAY_OUT", "BANK_DEPOSIT", "VARIANCE",
)  # fmt: skip


def kind_place(kind: str) -> int:
    """The place of a kind of entry in an account; one that this version does not know comes last."""
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


@dataclass(frozen=True)
class Entry:
    """The day's ledger entries of one PC, one kind and one pair of accounts, added up."""

    device_id: str
    kind: str
    debit: str
    credit: str
    count: int
    amount_minor: int


@dataclass(frozen=True)
class Movement:
    """All entries of one kind on an account; ``amount_minor`` < 0 is an outflow."""

    kind: str
    count: int
    amount_minor: int


@dataclass(frozen=True)
class AccountDay:
    """``opening_minor`` + the movements = ``closing_minor``, always."""

    opening_minor: int
    movements: tuple[Movement, ...]
    closing_minor: int

    def of(self, *kinds: str) -> Movement:
        """The sum of the movements of ``kinds``; zero if there were none."""
        chosen = [movement for movement in self.movements if movement.kind in kinds]
        return Movement(
            kinds[0], sum(item.count for item in chosen), sum(item.amount_minor for item in chosen)
        )


def entries_of(db: Database, day: str) -> list[Entry]:
    """All of ``day``'s ledger entries, grouped."""
    query = """
        SELECT device_id, kind, debit_account_id, credit_account_id, count(*), sum(amount_minor)
          FROM ledger_entries
         WHERE business_date = :day
         GROUP BY device_id, kind, debit_account_id, credit_account_id
         ORDER BY device_id, kind, debit_account_id, credit_account_id
    """
    return [Entry(*row) for row in db.rows(query, {"day": day})]


def openings(db: Database, day: str) -> dict[tuple[str, str], int]:
    """(account, PC) -> balance before ``day``, of cash, bank and receivables.

    Sums whole months, then the days of ``day``'s own month.
    """
    query = """
        SELECT account_id, device_id, sum(balance_minor) AS balance_minor FROM (
            SELECT account_id, device_id, debit_minor - credit_minor AS balance_minor
              FROM account_months
             WHERE account_id IN (:cash, :bank, :receivable) AND month < substr(:day, 1, 7)
            UNION ALL
            SELECT account_id, device_id, debit_minor - credit_minor
              FROM account_days
             WHERE account_id IN (:cash, :bank, :receivable)
               AND business_date >= substr(:day, 1, 7) AND business_date < :day)
         GROUP BY account_id, device_id
    """
    accounts = {"cash": Account.CASH, "bank": Account.BANK, "receivable": Account.RECEIVABLE}
    parameters = {name: str(account) for name, account in accounts.items()} | {"day": day}
    return {(row["account_id"], row["device_id"]): row["balance_minor"] for row in db.rows(query, parameters)}


def account_day(
    account: str,
    entries: Iterable[Entry],
    balances: dict[tuple[str, str], int],
    devices: Collection[str] | None = None,
) -> AccountDay:
    """``account``'s day on ``devices``, or on all PCs."""
    opening = sum(
        balance
        for (account_id, device_id), balance in balances.items()
        if account_id == account and (devices is None or device_id in devices)
    )
    movements: dict[str, Movement] = {}
    for entry in entries:
        if account not in (entry.debit, entry.credit) or not (devices is None or entry.device_id in devices):
            continue
        signed = entry.amount_minor if entry.debit == account else -entry.amount_minor
        so_far = movements.get(entry.kind, Movement(entry.kind, 0, 0))
        movements[entry.kind] = Movement(entry.kind, so_far.count + entry.count, so_far.amount_minor + signed)
    told = sorted(movements.values(), key=lambda movement: kind_place(movement.kind))
    return AccountDay(opening, tuple(told), opening + sum(movement.amount_minor for movement in told))
