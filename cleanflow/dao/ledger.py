"""The ledger: posting entries and reading account balances.

Each entry debits one account and credits another by the same amount, so it cannot be out of balance. Each
business operation's own module decides which accounts it moves.
"""

from __future__ import annotations

from dataclasses import dataclass

from cleanflow.dao.stamps import new_id
from cleanflow.db import Database
from cleanflow.records.chain import GENESIS, entry_hash
from cleanflow.records.chart import Account


def post(
    db: Database,
    kind: str,
    *,
    debit: str,
    credit: str,
    amount_minor: int,
    source_id: str,
    business_date: str,
    customer_id: str | None = None,
    job_id: str | None = None,
) -> None:
    """Append one entry to this PC's hash chain, as part of the running operation."""
    head = db.one("SELECT chain_number, hash FROM chain_heads WHERE device_id = :id", {"id": db.device_id})
    entry = {
        "id": new_id(),
        "device_id": db.device_id,
        "chain_number": head["chain_number"] + 1 if head else 1,
        "kind": kind,
        "debit_account_id": str(debit),
        "credit_account_id": str(credit),
        "amount_minor": amount_minor,
        "customer_id": customer_id,
        "job_id": job_id,
        "source_id": source_id,
        "business_date": business_date,
        "user_id": db.session.user_id,
        "created_at": db.session.at,
        "previous_hash": head["hash"] if head else GENESIS,
        "extra": None,
    }
    db.insert("ledger_entries", {**entry, "hash": entry_hash(entry), "updated_at": db.session.at})


def post_receivable(
    db: Database,
    kind: str,
    *,
    signed_minor: int,
    against: str,
    customer_id: str,
    source_id: str,
    business_date: str,
    job_id: str | None = None,
) -> None:
    """Increase what a customer owes by ``signed_minor`` (decrease, if negative) against another account."""
    debit, credit = (Account.RECEIVABLE, against) if signed_minor > 0 else (against, Account.RECEIVABLE)
    post(
        db,
        kind,
        debit=debit,
        credit=credit,
        amount_minor=abs(signed_minor),
        source_id=source_id,
        business_date=business_date,
        customer_id=customer_id,
        job_id=job_id,
    )


@dataclass(frozen=True)
class AccountBalance:
    """An account and its balance, debits minus credits, in minor units."""

    id: str
    name: str
    kind: str
    balance_minor: int


def account_balances(db: Database) -> list[AccountBalance]:
    """Every account with its balance, in the order of the chart of accounts."""
    return [
        AccountBalance(row["id"], row["name"], row["kind"], row["balance_minor"])
        for row in db.rows(
            """
            SELECT accounts.id, accounts.name, accounts.kind,
                   coalesce(sum(debit_minor - credit_minor), 0) AS balance_minor
              FROM accounts LEFT JOIN account_days ON account_days.account_id = accounts.id
             GROUP BY accounts.id
             ORDER BY accounts.id
            """
        )
    ]
