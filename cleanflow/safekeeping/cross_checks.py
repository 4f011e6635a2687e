"""The ledger against the records that it came from, and allocations against what they divide.

Each record of the shop has exactly one ledger entry, and each entry its record, with the same amount,
customer, date and accounts. So a removed or altered row shows, even where no hash protects it.
"""

from __future__ import annotations

from collections.abc import Iterator

from cleanflow.db import Database
from cleanflow.safekeeping.finding import Finding

# What the ledger entry of every record has to say. The accounts as in cleanflow/dao: 1000 cash, 1010 bank,
# 1200 receivable, 3000 opening, 3100 owner, 4000 revenue, 4100/4200/4300/5900 by kind of adjustment, 5950
# drawer difference. `sign` is that of accounts receivable or of cash.
_EXPECTED = """
WITH money (method, account) AS (VALUES ('CASH', '1000'), ('BANK', '1010'), (NULL, '3000')),
     against (kind, account) AS (VALUES ('ADJUSTMENT', '4200'), ('DISCOUNT', '4100'),
                                        ('WRITE_OFF', '5900'), ('CANCELLATION', '4300')),
     moves (kind, debit, credit) AS (VALUES ('FLOAT', '1000', '3100'), ('PAY_IN', '1000', '3100'),
                                            ('PAY_OUT', '3100', '1000'), ('BANK_DEPOSIT', '1010', '1000')),
     expected (source_id, source, device_id, kind, amount_minor, debit, credit, customer_id, job_id,
               business_date) AS (
    SELECT id, 'job ' || reference, device_id, iif(kind = 'OPENING', 'OPENING', 'JOB'), amount_minor,
           '1200', iif(kind = 'OPENING', '3000', '4000'), customer_id, id, business_date
      FROM jobs
    UNION ALL
    SELECT job_adjustments.id, 'adjustment of job ' || reference, job_adjustments.device_id,
           job_adjustments.kind, abs(job_adjustments.amount_minor),
           iif(job_adjustments.amount_minor > 0, '1200', iif(is_undone, '3000', account)),
           iif(job_adjustments.amount_minor > 0, iif(is_undone, '3000', account), '1200'),
           customer_id, job_id, job_adjustments.business_date
      FROM (SELECT job_adjustments.*, reference, customer_id,
                   jobs.kind = 'OPENING' AND job_adjustments.kind = 'CANCELLATION' AS is_undone
              FROM job_adjustments JOIN jobs ON jobs.id = job_id) AS job_adjustments
      JOIN against ON against.kind = job_adjustments.kind
    UNION ALL
    SELECT id, 'payment ' || reference, device_id, iif(kind = 'REVERSAL', 'PAYMENT_REVERSAL', kind),
           amount_minor,
           iif(kind IN ('PAYMENT', 'OPENING', 'REFUND_REVERSAL'), account, '1200'),
           iif(kind IN ('PAYMENT', 'OPENING', 'REFUND_REVERSAL'), '1200', account),
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
           iif(variance_minor > 0, '1000', '5950'), iif(variance_minor > 0, '5950', '1000'),
           NULL, NULL, business_date
      FROM day_closings WHERE variance_minor <> 0)
"""

_FIXED = "'00000000-0000-4000-8000-00000000'"

# A fixed account is named by its four digits, a category's own account by its id.
_MISMATCHES = f"""
    {_EXPECTED}
    SELECT expected.source, expected.source_id, count(entry.id) AS entries,
           coalesce(sum(entry.kind = expected.kind
                    AND entry.device_id = expected.device_id
                    AND entry.amount_minor = expected.amount_minor
                    AND entry.debit_account_id
                        = iif(length(debit) = 4, {_FIXED} || debit, debit)
                    AND entry.credit_account_id
                        = iif(length(credit) = 4, {_FIXED} || credit, credit)
                    AND entry.customer_id IS expected.customer_id
                    AND entry.job_id IS expected.job_id
                    AND entry.business_date = expected.business_date), 0) AS matching
      FROM expected LEFT JOIN ledger_entries AS entry ON entry.source_id = expected.source_id
     GROUP BY expected.source_id
    HAVING entries <> 1 OR matching <> 1
"""

_ORPHANS = """
    SELECT code, chain_number, kind
      FROM ledger_entries LEFT JOIN devices ON devices.id = ledger_entries.device_id
     WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE id = source_id)
       AND NOT EXISTS (SELECT 1 FROM job_adjustments WHERE id = source_id)
       AND NOT EXISTS (SELECT 1 FROM payments WHERE id = source_id)
       AND NOT EXISTS (SELECT 1 FROM expenses WHERE id = source_id)
       AND NOT EXISTS (SELECT 1 FROM drawer_movements WHERE id = source_id)
       AND NOT EXISTS (SELECT 1 FROM day_closings WHERE id = source_id)
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

_AUDITED = (
    "devices", "users", "customers", "service_types", "jobs", "job_adjustments", "payments", "expenses",
    "drawer_movements", "day_closings", "closing_addenda",
)  # fmt: skip


def check_sources(db: Database) -> Iterator[Finding]:
    """Records and entries one to one, allocations within bounds, an audit row for every record.

    Not while the shop is still being fetched from its server: records come before what was booked on them.
    """
    if db.value("SELECT fetching FROM sync_state") is not None:
        return
    said = {0: "It has no ledger entry.", 1: "Its ledger entry says something else than the record."}
    for row in db.rows(_MISMATCHES):
        words = said.get(row["entries"], "It has several ledger entries.")
        yield Finding("ledger_mismatch", row["source"], words)
    for row in db.rows(_ORPHANS):
        where = f"ledger of PC {row['code']}, entry {row['chain_number']}"
        yield Finding("ledger_orphan", where, f"The record behind it ({row['kind']}) is gone.")
    for words, query in _ALLOCATIONS.items():
        for (what,) in db.rows(query):
            yield Finding("allocation_wrong", what, f"It {words}.")
    for table in _AUDITED:
        query = f"""
            SELECT count(*) FROM {table}
             WHERE NOT EXISTS (SELECT 1 FROM audit_logs WHERE record_id = {table}.id AND action = 'INSERT')
        """
        missing = db.value(query)
        if missing:
            yield Finding("audit_missing", table, f"The audit trail lacks {missing} of these records.")
