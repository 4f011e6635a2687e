"""The numbers of the owner's page: the day's takings, money owed, and when each PC synchronised. Read only.

owner_view.py draws them. The server does not know the shop's time zone: “today” is the latest business date
that the PCs have sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from cleanflow.records.chart import Account

from .database import Connection, Shop

_MOST_DEBTORS: Final = 10
_MOST_REFUSED: Final = 20

_NO_DECIMALS: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()
_THREE_DECIMALS: Final = "BHD IQD JOD KWD LYD OMR TND".split()


@dataclass(frozen=True)
class Takings:
    """What one PC took on the day, less what was reversed; minor units."""

    pc: str
    cash_minor: Decimal
    bank_minor: Decimal


@dataclass(frozen=True)
class Debtor:
    """A customer who owes; minor units."""

    name: str
    balance_minor: Decimal


@dataclass(frozen=True)
class PcSync:
    """When a PC last pushed and pulled, in UTC."""

    code: str
    name: str
    is_ended: bool
    pushed_at: datetime | None
    pulled_at: datetime | None


@dataclass(frozen=True)
class RefusedRecord:
    """A record that the server could not store, or found in conflict with what it has."""

    pc: str
    table: str
    reason: str
    is_alarm: bool
    refused_at: datetime


@dataclass(frozen=True)
class OwnerView:
    """Everything on the page. ``day`` is None while the books are empty."""

    shop_name: str
    currency: str
    day: date | None
    day_before: date | None
    day_after: date | None
    takings: tuple[Takings, ...]
    paid_out_cash_minor: Decimal
    paid_out_bank_minor: Decimal
    owed_minor: Decimal
    debtor_count: int
    credit_minor: Decimal
    debtors: tuple[Debtor, ...]
    pcs: tuple[PcSync, ...]
    refused: tuple[RefusedRecord, ...]
    as_of: datetime

    @property
    def decimals(self) -> int:
        """Number of decimals of the shop's amounts."""
        if self.currency in _NO_DECIMALS:
            return 0
        return 3 if self.currency in _THREE_DECIMALS else 2


async def read(connection: Connection, shop: Shop, wanted_day: str = "") -> OwnerView:
    """The page's content, read in one snapshot; ``wanted_day`` is YYYY-MM-DD, '' for the latest day."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        settings = await _settings(connection)
        day, before, after = await _days(connection, _read_date(wanted_day))
        cash_out, bank_out = await _paid_out(connection, day)
        owed, debtor_count, credit = await _owed(connection)
        return OwnerView(
            shop_name=settings.get("shop_name") or shop.name,
            currency=settings.get("currency", "USD"),
            day=day,
            day_before=before,
            day_after=after,
            takings=await _takings(connection, day),
            paid_out_cash_minor=cash_out,
            paid_out_bank_minor=bank_out,
            owed_minor=owed,
            debtor_count=debtor_count,
            credit_minor=credit,
            debtors=await _debtors(connection),
            pcs=await _pcs(connection, shop),
            refused=await _refused(connection),
            as_of=await connection.fetchval("SELECT now()"),
        )


def _read_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


async def _settings(connection: Connection) -> dict[str, str]:
    query = "SELECT key, value FROM settings WHERE key IN ('shop_name', 'currency')"
    return {row["key"]: row["value"] for row in await connection.fetch(query)}


async def _days(connection: Connection, wanted: date | None) -> tuple[date | None, date | None, date | None]:
    # A PC whose clock is years ahead must not hide today: no time zone is ahead of UTC+14.
    query = """
        WITH today AS (
            SELECT max(business_date) AS day
              FROM ledger_entries
             WHERE business_date <= coalesce($1::date, (now() AT TIME ZONE 'UTC' + interval '14 hours')::date)
        )
        SELECT day,
               (SELECT max(business_date) FROM ledger_entries WHERE business_date < day) AS day_before,
               (SELECT min(business_date) FROM ledger_entries WHERE business_date > day) AS day_after
          FROM today
    """
    row = await connection.fetchrow(query, wanted)
    return row["day"], row["day_before"], row["day_after"]


async def _takings(connection: Connection, day: date | None) -> tuple[Takings, ...]:
    query = """
        SELECT coalesce(devices.code, '?') AS pc,
               sum(CASE $2::uuid WHEN debit_account_id THEN amount_minor
                                 WHEN credit_account_id THEN -amount_minor ELSE 0 END) AS cash_minor,
               sum(CASE $3::uuid WHEN debit_account_id THEN amount_minor
                                 WHEN credit_account_id THEN -amount_minor ELSE 0 END) AS bank_minor
          FROM ledger_entries
          LEFT JOIN devices ON devices.id = ledger_entries.device_id
         WHERE business_date = $1 AND kind IN ('PAYMENT', 'PAYMENT_REVERSAL')
         GROUP BY coalesce(devices.code, '?')
         ORDER BY pc
    """
    return tuple(
        Takings(**row) for row in await connection.fetch(query, day, Account.CASH.value, Account.BANK.value)
    )


async def _paid_out(connection: Connection, day: date | None) -> tuple[Decimal, Decimal]:
    query = """
        SELECT coalesce(sum(CASE $2::uuid WHEN credit_account_id THEN amount_minor
                                          WHEN debit_account_id THEN -amount_minor ELSE 0 END), 0) AS cash,
               coalesce(sum(CASE $3::uuid WHEN credit_account_id THEN amount_minor
                                          WHEN debit_account_id THEN -amount_minor ELSE 0 END), 0) AS bank
          FROM ledger_entries
         WHERE business_date = $1
           AND kind IN ('REFUND', 'REFUND_REVERSAL', 'EXPENSE', 'EXPENSE_REVERSAL')
    """
    row = await connection.fetchrow(query, day, Account.CASH.value, Account.BANK.value)
    return row["cash"], row["bank"]


async def _owed(connection: Connection) -> tuple[Decimal, int, Decimal]:
    query = """
        WITH balances AS (
            SELECT sum(CASE $1::uuid WHEN debit_account_id THEN amount_minor
                                     WHEN credit_account_id THEN -amount_minor ELSE 0 END) AS balance
              FROM ledger_entries
             WHERE customer_id IS NOT NULL
             GROUP BY customer_id
        )
        SELECT coalesce(sum(balance) FILTER (WHERE balance > 0), 0) AS owed,
               count(*) FILTER (WHERE balance > 0) AS debtors,
               coalesce(-sum(balance) FILTER (WHERE balance < 0), 0) AS credit
          FROM balances
    """
    row = await connection.fetchrow(query, Account.RECEIVABLE.value)
    return row["owed"], row["debtors"], row["credit"]


async def _debtors(connection: Connection) -> tuple[Debtor, ...]:
    query = """
        WITH largest AS (
            SELECT customer_id,
                   sum(CASE $1::uuid WHEN debit_account_id THEN amount_minor
                                     WHEN credit_account_id THEN -amount_minor ELSE 0 END) AS balance
              FROM ledger_entries
             WHERE customer_id IS NOT NULL
             GROUP BY customer_id
             ORDER BY balance DESC, customer_id
             LIMIT $2
        )
        SELECT coalesce(customers.name, '?') AS name, balance AS balance_minor
          FROM largest
          LEFT JOIN customers ON customers.id = customer_id
         WHERE balance > 0
         ORDER BY balance DESC, name
    """
    return tuple(
        Debtor(**row) for row in await connection.fetch(query, Account.RECEIVABLE.value, _MOST_DEBTORS)
    )


async def _pcs(connection: Connection, shop: Shop) -> tuple[PcSync, ...]:
    query = """
        SELECT joined.code, coalesce(nullif(joined.name, ''), devices.name, '') AS name,
               revoked_at IS NOT NULL AS is_ended, pushed_at, pulled_at
          FROM cleanflow_control.devices AS joined
          LEFT JOIN devices ON devices.id = joined.device_id
          LEFT JOIN last_syncs ON last_syncs.device_id = joined.device_id
         WHERE joined.shop_id = $1::uuid
         ORDER BY joined.code
    """
    return tuple(PcSync(**row) for row in await connection.fetch(query, shop.id))


async def _refused(connection: Connection) -> tuple[RefusedRecord, ...]:
    # A PC sends a refused record with every sync: each is shown once, with its last refusal.
    query = """
        WITH troubled AS (
            SELECT device_id, table_name, outcome, coalesce(error, '') AS error, finished_at,
                   coalesce(problem.value, '{}') AS problem
              FROM sync_operations
              LEFT JOIN LATERAL jsonb_array_elements(problems) AS problem ON true
             WHERE outcome <> 'DONE' AND finished_at > now() - interval '7 days'
        ), latest AS (
            SELECT DISTINCT ON (device_id, table_name, problem ->> 'id', error)
                   device_id, table_name, outcome, error, finished_at, problem
              FROM troubled
             ORDER BY device_id, table_name, problem ->> 'id', error, finished_at DESC
        )
        SELECT coalesce(devices.code, '?') AS pc, latest.table_name AS "table",
               coalesce(problem ->> 'reason', error) AS reason, outcome = 'ALARM' AS is_alarm,
               finished_at AS refused_at
          FROM latest
          LEFT JOIN devices ON devices.id = latest.device_id
         ORDER BY finished_at DESC
         LIMIT $1
    """
    return tuple(RefusedRecord(**row) for row in await connection.fetch(query, _MOST_REFUSED))
