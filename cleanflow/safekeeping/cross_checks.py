"""The ledger against the records that it came from, and allocations against what they divide.

Each record of the shop has exactly the ledger entries that it calls for, and each entry its record, with the
same amount, customer, date and accounts. So a removed or altered row shows, even where no hash protects it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cleanflow.db import Database
from cleanflow.records import AUDITED, RECORDS
from cleanflow.records.book import ENTRY_KINDS, LEDGER_ENTRIES
from cleanflow.records.chart import ADJUSTMENT_ACCOUNT, MONEY_ACCOUNT, MOVEMENT_ACCOUNTS, Account
from cleanflow.records.types import NO_DEVICE
from cleanflow.safekeeping.finding import Finding


def _values(rows: Iterable[tuple[str | None, ...]]) -> str:
    """Rows as SQL; all of them are constants of the program."""
    told = (", ".join("NULL" if cell is None else f"'{cell}'" for cell in row) for row in rows)
    return f"(VALUES {', '.join(f'({row})' for row in told)})"


_CASH, _OWED, _OPENING, _REVENUE, _SHORT = (
    f"'{account}'"
    for account in (
        Account.CASH, Account.RECEIVABLE, Account.OPENING, Account.REVENUE, Account.CASH_VARIANCE,
    )
)  # fmt: skip

# What the ledger entries of every record have to say: a record with several entries has a row for each.
_EXPECTED = f"""
WITH money (method, account) AS {_values([*MONEY_ACCOUNT.items(), (None, Account.OPENING)])},
     against (kind, account) AS {_values(ADJUSTMENT_ACCOUNT.items())},
     moves (kind, debit, credit) AS {_values((kind, *pair) for kind, pair in MOVEMENT_ACCOUNTS.items())},
     expected (source_id, source, device_id, kind, amount_minor, debit, credit, customer_id, job_id,
               business_date) AS (
    SELECT id, 'job ' || reference, device_id, iif(kind = 'OPENING', 'OPENING', 'JOB'), amount_minor,
           {_OWED}, iif(kind = 'OPENING', {_OPENING}, {_REVENUE}), customer_id, id, business_date
      FROM jobs
    UNION ALL
    SELECT job_adjustments.id, 'adjustment of job ' || reference, job_adjustments.device_id,
           job_adjustments.kind, abs(job_adjustments.amount_minor),
           iif(job_adjustments.amount_minor > 0, {_OWED}, iif(is_undone, {_OPENING}, account)),
           iif(job_adjustments.amount_minor > 0, iif(is_undone, {_OPENING}, account), {_OWED}),
           customer_id, job_id, job_adjustments.business_date
      FROM (SELECT job_adjustments.*, reference, customer_id,
                   jobs.kind = 'OPENING' AND job_adjustments.kind = 'CANCELLATION' AS is_undone
              FROM job_adjustments JOIN jobs ON jobs.id = job_id) AS job_adjustments
      JOIN against ON against.kind = job_adjustments.kind
    UNION ALL
    SELECT id, 'payment ' || reference, device_id, iif(kind = 'REVERSAL', 'PAYMENT_REVERSAL', kind),
           amount_minor,
           iif(kind IN ('PAYMENT', 'OPENING', 'REFUND_REVERSAL'), account, {_OWED}),
           iif(kind IN ('PAYMENT', 'OPENING', 'REFUND_REVERSAL'), {_OWED}, account),
           customer_id, NULL, business_date
      FROM payments JOIN money ON money.method IS payments.method
    UNION ALL
    SELECT expenses.id, 'expense ' || reference, expenses.device_id,
           iif(kind = 'REVERSAL', 'EXPENSE_REVERSAL', 'EXPENSE'), amount_minor,
           iif(kind = 'REVERSAL', money.account, expense_categories.account_id),
           iif(kind = 'REVERSAL', expense_categories.account_id, money.account),
           NULL, NULL, business_date
      FROM expenses JOIN money ON money.method IS expenses.method
                    JOIN expense_categories ON expense_categories.id = category_id
    UNION ALL
    SELECT id, 'drawer movement ' || reference, device_id, drawer_movements.kind, amount_minor,
           debit, credit, NULL, NULL, business_date
      FROM drawer_movements JOIN moves ON moves.kind = drawer_movements.kind
    UNION ALL
    SELECT id, 'day closing ' || reference, device_id, 'VARIANCE', abs(variance_minor),
           iif(variance_minor > 0, {_CASH}, {_SHORT}), iif(variance_minor > 0, {_SHORT}, {_CASH}),
           NULL, NULL, business_date
      FROM day_closings WHERE variance_minor <> 0)
"""

_KNOWN_KINDS = ", ".join(f"'{kind}'" for kind in ENTRY_KINDS)

_MISMATCHES = f"""
    {_EXPECTED}
    SELECT expected.source, expected.source_id,
           count(DISTINCT expected.kind || expected.debit || expected.credit) AS wanted,
           count(DISTINCT entry.id) AS entries,
           coalesce(sum(entry.kind = expected.kind
                    AND entry.device_id = expected.device_id
                    AND entry.amount_minor = expected.amount_minor
                    AND entry.debit_account_id = debit
                    AND entry.credit_account_id = credit
                    AND entry.customer_id IS expected.customer_id
                    AND entry.job_id IS expected.job_id
                    AND entry.business_date = expected.business_date), 0) AS matching
      FROM expected LEFT JOIN (SELECT * FROM ledger_entries WHERE kind IN ({_KNOWN_KINDS})) AS entry
                           ON entry.source_id = expected.source_id
     GROUP BY expected.source_id
    HAVING entries <> wanted OR matching <> wanted
"""

#: The records that entries come from: all that have a date of the shop's.
_SOURCES = [
    record.name for record in RECORDS.values() if record is not LEDGER_ENTRIES and record.get("business_date")
]

# Of a kind that a later version posts, the record may be in a table that this one does not know.
_ORPHANS = f"""
    SELECT code, chain_number, kind
      FROM ledger_entries LEFT JOIN devices ON devices.id = ledger_entries.device_id
     WHERE kind IN ({_KNOWN_KINDS})
       AND {" AND ".join(f"NOT EXISTS (SELECT 1 FROM {table} WHERE id = source_id)" for table in _SOURCES)}
"""

# What one PC alone can never have written. PCs that were apart can over-allocate a job or spend one credit
# twice; with several PCs that is a conflict to be listed, and not damage.
_ALONE = "(SELECT count(*) FROM devices) < 2"
_ALLOCATIONS = {
    "has more paid to it than it costs": f"""
        SELECT 'job ' || reference FROM jobs JOIN job_totals ON job_totals.job_id = jobs.id
         WHERE allocated_minor NOT BETWEEN 0 AND total_minor AND {_ALONE}
    """,
    "is used for more than was received": f"""
        SELECT 'payment ' || reference FROM payments JOIN payment_totals ON payment_id = payments.id
         WHERE unallocated_minor < 0 AND {_ALONE}
    """,
    "is used for a job of another customer": """
        SELECT 'payment ' || payments.reference
          FROM payment_allocations JOIN payments ON payments.id = payment_id
                                   JOIN jobs ON jobs.id = job_id
         WHERE jobs.customer_id <> payments.customer_id
    """,
    "is not covered by the payments it gives back": f"""
        SELECT 'refund ' || reference FROM payments
         WHERE kind = 'REFUND' AND {_ALONE}
           AND coalesce((SELECT sum(amount_minor) FROM payment_allocations WHERE refund_id = payments.id), 0)
               <> iif(EXISTS (SELECT 1 FROM payments AS reversal WHERE reversal.reverses_id = payments.id),
                      0, amount_minor)
    """,
}


def check_sources(db: Database) -> Iterator[Finding]:
    """Records and entries one to one, allocations within bounds, an audit row for every record.

    Not while the shop is still being fetched from its server: records come before what was booked on them.
    """
    if db.value("SELECT fetching FROM sync_state") is not None:
        return
    for row in db.rows(_MISMATCHES):
        if row["entries"] == row["wanted"]:
            words = "Its ledger entry says something else than the record."
        else:
            words = "It has several ledger entries." if row["entries"] else "It has no ledger entry."
        yield Finding("ledger_mismatch", row["source"], words)
    for row in db.rows(_ORPHANS):
        where = f"ledger of PC {row['code']}, entry {row['chain_number']}"
        yield Finding("ledger_orphan", where, f"The record behind it ({row['kind']}) is gone.")
    for words, query in _ALLOCATIONS.items():
        for (what,) in db.rows(query):
            yield Finding("allocation_wrong", what, f"It {words}.")
    for table in AUDITED:
        when = RECORDS[table].audited_when.format(row=table) or "1"
        query = f"""
            SELECT count(*) FROM {table}
             WHERE device_id <> '{NO_DEVICE}' AND {when}
               AND NOT EXISTS (SELECT 1 FROM audit_logs WHERE record_id = {table}.id AND action = 'INSERT')
        """
        missing = db.value(query)
        if missing:
            yield Finding("audit_missing", table, f"The audit trail lacks {missing} of these records.")
