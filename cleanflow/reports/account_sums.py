"""The turnover of accounts in a period, and their balances at the end of a day.

Read from account_days and account_months, which triggers maintain: the cost depends on the number of days,
not of entries.
"""

from __future__ import annotations

from dataclasses import dataclass

from cleanflow.db import Database
from cleanflow.reports.periods import Period

#: Prefix of the ids of accounts that every shop has; a shop's own categories have random ids.
_SEEDED = "00000000-0000-4000-8000-"
_KINDS = ("ASSET", "LIABILITY", "EQUITY", "INCOME", "EXPENSE")


@dataclass(frozen=True)
class AccountSum:
    """An account with the sums of its debits and credits, in minor units."""

    id: str
    name: str
    kind: str
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        """Debits less credits."""
        return self.debit_minor - self.credit_minor


def turnover(db: Database, of: Period) -> tuple[AccountSum, ...]:
    """Every account with its turnover in a period, in the order of the chart of accounts."""
    query = """
        SELECT accounts.id, name, kind, coalesce(sum(debit_minor), 0), coalesce(sum(credit_minor), 0)
          FROM accounts
          LEFT JOIN account_days ON account_days.account_id = accounts.id
                                AND business_date BETWEEN :first AND :last
         GROUP BY accounts.id
    """
    return _in_order(db, query, {"first": of.first, "last": of.last})


def sums_until(db: Database, day: str) -> tuple[AccountSum, ...]:
    """Every account with its turnover up to the end of ``day``: whole months, then single days."""
    query = """
        SELECT accounts.id, name, kind, coalesce(sum(debit_minor), 0), coalesce(sum(credit_minor), 0)
          FROM accounts LEFT JOIN (
            SELECT account_id, debit_minor, credit_minor
              FROM account_months WHERE month < substr(:day, 1, 7)
            UNION ALL
            SELECT account_days.account_id, debit_minor, credit_minor
              FROM accounts AS charted
             CROSS JOIN account_days ON account_days.account_id = charted.id
             WHERE business_date BETWEEN substr(:day, 1, 7) AND :day
          ) AS moved ON moved.account_id = accounts.id
         GROUP BY accounts.id
    """
    return _in_order(db, query, {"day": day})


def _in_order(db: Database, query: str, parameters: dict[str, str]) -> tuple[AccountSum, ...]:
    return tuple(sorted((AccountSum(*row) for row in db.rows(query, parameters)), key=_place))


def _place(account: AccountSum) -> tuple[int, bool, str]:
    """Sort key: by kind, standard accounts by number, then the shop's own by name."""
    is_own = not account.id.startswith(_SEEDED)
    return (
        _KINDS.index(account.kind),
        is_own,
        f"{account.name.casefold()} {account.id}" if is_own else account.id,
    )
