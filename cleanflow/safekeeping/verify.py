"""`verify` recomputes the books from scratch and tells in plain words what is wrong and where.

Reads one snapshot and writes nothing. Each check is a function that yields findings; cross_checks.py
compares the ledger with the records that it was posted from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cleanflow.db import Database, Row, snapshot
from cleanflow.db.failures import DatabaseError, needs_room, read_failure, translated
from cleanflow.db.migrations import expected_schema, stored_schema
from cleanflow.language import _, _l
from cleanflow.records import RECORDS, SERIES
from cleanflow.records.book import LEDGER_ENTRIES
from cleanflow.records.chain import GENESIS, entry_hash
from cleanflow.records.chart import Account
from cleanflow.records.search import SEARCHED, search_text
from cleanflow.safekeeping.cross_checks import check_sources
from cleanflow.safekeeping.finding import Finding


@dataclass(frozen=True)
class Verdict:
    """The result of `verify`; the books are in order when ``findings`` is empty. ``entries`` counts ledger
    entries."""

    findings: list[Finding]
    entries: int
    chains: int

    @property
    def is_clean(self) -> bool:
        return not self.findings


#: Findings after which no other check can run: broken pages, or a view in place of a table, which may never
#: end.
_LAST = {"file_damaged", "tables_changed"}

#: Findings of one check that are listed; the rest are counted.
_LISTED = 50


def verify(db: Database, progress: Callable[[str], object] = lambda stage: None) -> Verdict:
    """Run every check on one snapshot of the books; ``progress`` is called with the name of each stage."""
    findings: list[Finding] = []
    with snapshot(db):
        for stage, check in _CHECKS.items():
            progress(_(stage))
            found = _run(check, db)
            findings += found[:_LISTED]
            if len(found) > _LISTED:
                findings.append(
                    Finding(
                        "more", stage, _("and {count} more of this kind.").format(count=len(found) - _LISTED)
                    )
                )
            if any(finding.code in _LAST for finding in found):
                break
        entries = chains = 0
        if not any(finding.code in _LAST for finding in findings):
            entries = db.value("SELECT count(*) FROM ledger_entries")
            chains = db.value("SELECT count(*) FROM chain_heads")
    return Verdict(findings, entries, chains)


def _run(check: Callable[[Database], Iterator[Finding]], db: Database) -> list[Finding]:
    """The findings of a check; failing to read the file is a finding itself. Raises NotSaved if disk or
    memory is too small to check."""
    found = []
    try:
        for finding in check(db):
            found.append(finding)
    except DatabaseError as error:
        if needs_room(error):
            raise translated(error) from error
        found.append(Finding("file_damaged", "database file", read_failure(error)))
    return found


#: Messages of integrity_check about a value, in a file that is sound itself.
_BAD_VALUE = ("CHECK constraint failed", "NULL value in", "non-INTEGER value in", "non-TEXT value in")


def _check_file(db: Database) -> Iterator[Finding]:
    told = "\n".join(row[0] for row in db.rows("PRAGMA integrity_check(20)"))  # one row may give many lines
    for line in (line for line in told.splitlines() if not line.startswith("***")):
        if line.startswith(_BAD_VALUE):
            yield Finding(
                "value_invalid", "database file", _("A stored value breaks a rule: {line}").format(line=line)
            )
        elif line != "ok":
            yield Finding("file_damaged", "database file", _("SQLite reports: {line}").format(line=line))


def _check_schema(db: Database) -> Iterator[Finding]:
    """Compare the schema: a rule that was dropped protects nothing."""
    expected, stored = expected_schema(), stored_schema(db.connection)
    for name, sql in expected.items():
        if name not in stored:
            yield Finding("schema_missing", name, _("This rule or table of the database has been removed."))
        elif stored[name] != sql:
            yield Finding("schema_changed", name, _("This rule or table of the database has been changed."))
    for name in stored.keys() - expected.keys():
        yield Finding("schema_added", name, _("This is not part of CleanFlow's database."))
    tables = [
        name for name, sql in expected.items() if sql.startswith(("CREATE TABLE", "CREATE VIRTUAL TABLE"))
    ]
    if any(stored.get(name) != expected[name] for name in tables):
        words = _("They are not CleanFlow's own any more, so their content was not checked.")
        yield Finding("tables_changed", "tables", words)


def _check_foreign_keys(db: Database) -> Iterator[Finding]:
    for row in db.rows("PRAGMA foreign_key_check"):
        yield Finding(
            "record_missing",
            row["table"],
            _("A record refers to a row of {table} that is missing.").format(table=row["parent"]),
        )


def _check_chains(db: Database) -> Iterator[Finding]:
    """Each PC's chain: no gap, no foreign entry, every hash right, and the noted end."""
    codes = {row["id"]: row["code"] for row in db.rows("SELECT id, code FROM devices")}
    heads = {
        row["device_id"]: row for row in db.rows("SELECT device_id, chain_number, hash FROM chain_heads")
    }
    last: dict[str, Row] = {}
    waiting = _waiting_entries(db)
    query = f"""
        SELECT {", ".join(LEDGER_ENTRIES.names)} FROM ledger_entries ORDER BY device_id, chain_number
    """
    for entry in db.rows(query):
        device_id = entry["device_id"]
        yield from _check_link(entry, last.get(device_id), codes.get(device_id, device_id), waiting)
        last[device_id] = entry
    for device_id in heads.keys() | last.keys():
        head, end = heads.get(device_id), last.get(device_id)
        where = f"ledger of PC {codes.get(device_id, device_id)}"
        if head is None or end is None or head["chain_number"] != end["chain_number"]:
            number, found = head["chain_number"] if head else 0, end["chain_number"] if end else 0
            words = _("It should end with entry {number}, but ends with {found}.")
            yield Finding("chain_end", where, words.format(number=number, found=found))
        elif head["hash"] != end["hash"]:
            yield Finding("chain_end", where, _("The last entry is not the one that was written."))


def _waiting_entries(db: Database) -> set[tuple[str, int]]:
    """(PC, number) of entries that have arrived and wait for a record that they refer to."""
    query = """
        SELECT json_extract(one.value, '$[1].device_id'), json_extract(one.value, '$[1].chain_number')
          FROM sync_waiting, json_each(body) AS one
         WHERE json_extract(one.value, '$[0]') = 'ledger_entries'
    """
    return {(row[0], row[1]) for row in db.rows(query)}


def _check_link(
    entry: Row, previous: Row | None, code: str, waiting: set[tuple[str, int]]
) -> Iterator[Finding]:
    where = f"ledger of PC {code}, entry {entry['chain_number']}"
    number = previous["chain_number"] + 1 if previous else 1
    missing = entry["chain_number"] - number
    if 0 < missing <= len(waiting) and all(
        (entry["device_id"], one) in waiting for one in range(number, entry["chain_number"])
    ):
        pass  # not missing; the entry itself is checked below
    elif entry["chain_number"] != number:
        yield Finding("chain_gap", where, _("Entry {number} is missing before it.").format(number=number))
    elif entry["previous_hash"] != (previous["hash"] if previous else GENESIS):
        yield Finding("chain_order", where, _("It does not follow the entry before it."))
    if entry["hash"] != entry_hash(dict(entry)) or entry["updated_at"] != entry["created_at"]:
        told = f"{entry['kind']} of {entry['business_date']}"
        words = _("This entry ({entry}) has been changed since it was written.").format(entry=told)
        yield Finding("entry_changed", where, words)


#: Derived numbers against their recomputation: name -> query of (what, stored, recomputed).
_DERIVED = {
    "balance of a customer": f"""
        SELECT coalesce(name, known.customer_id), coalesce(stored, 0), coalesce(derived, 0)
          FROM (SELECT customer_id FROM customer_balances
                UNION SELECT customer_id FROM ledger_entries WHERE customer_id IS NOT NULL) AS known
          LEFT JOIN (SELECT customer_id, balance_minor AS stored FROM customer_balances) USING (customer_id)
          LEFT JOIN (SELECT customer_id, sum(
                            CASE WHEN debit_account_id  = '{Account.RECEIVABLE}'
                                 THEN amount_minor ELSE 0 END
                          - CASE WHEN credit_account_id = '{Account.RECEIVABLE}'
                                 THEN amount_minor ELSE 0 END) AS derived
                       FROM ledger_entries WHERE customer_id IS NOT NULL GROUP BY customer_id)
               USING (customer_id)
          LEFT JOIN customers ON customers.id = known.customer_id
         WHERE coalesce(stored, 0) <> coalesce(derived, 0)
    """,
    "total of a job": """
        SELECT reference, coalesce(total_minor, 0), amount_minor + coalesce(adjusted, 0) AS derived
          FROM jobs
          LEFT JOIN job_totals ON job_totals.job_id = jobs.id
          LEFT JOIN (SELECT job_id, sum(amount_minor) AS adjusted FROM job_adjustments GROUP BY job_id) AS a
               ON a.job_id = jobs.id
         WHERE total_minor IS NOT derived
    """,
    "paid amount of a job": """
        SELECT reference, coalesce(allocated_minor, 0), coalesce(derived, 0)
          FROM jobs
          LEFT JOIN job_totals ON job_totals.job_id = jobs.id
          LEFT JOIN (SELECT job_id, sum(amount_minor) AS derived
                       FROM payment_allocations WHERE job_id IS NOT NULL GROUP BY job_id) AS a
               ON a.job_id = jobs.id
         WHERE coalesce(allocated_minor, 0) <> coalesce(derived, 0)
    """,
    "money received with a payment": """
        SELECT payments.reference, coalesce(received_minor, 0),
               amount_minor - coalesce(reversed, 0) AS derived
          FROM payments
          LEFT JOIN payment_totals ON payment_totals.payment_id = payments.id
          LEFT JOIN (SELECT reverses_id, sum(amount_minor) AS reversed
                       FROM payments WHERE kind = 'REVERSAL' GROUP BY reverses_id) AS r
               ON r.reverses_id = payments.id
         WHERE kind IN ('PAYMENT', 'OPENING') AND coalesce(received_minor, 0) <> derived
    """,
    "used money of a payment": """
        SELECT payments.reference, coalesce(allocated_minor, 0), coalesce(used, 0)
          FROM payments
          LEFT JOIN payment_totals ON payment_totals.payment_id = payments.id
          LEFT JOIN (SELECT payment_id, sum(amount_minor) AS used
                       FROM payment_allocations GROUP BY payment_id) AS u
               ON u.payment_id = payments.id
         WHERE coalesce(allocated_minor, 0) <> coalesce(used, 0)
    """,
    "customer of a job's or payment's total": """
        SELECT reference, job_totals.customer_id, jobs.customer_id
          FROM jobs JOIN job_totals ON job_totals.job_id = jobs.id
         WHERE job_totals.customer_id IS NOT jobs.customer_id
        UNION ALL
        SELECT reference, payment_totals.customer_id, payments.customer_id
          FROM payments JOIN payment_totals ON payment_totals.payment_id = payments.id
         WHERE kind IN ('PAYMENT', 'OPENING') AND payment_totals.customer_id IS NOT payments.customer_id
    """,
    "turnover of an account in a month": """
        SELECT account_id || ' in ' || month, sum(stored), sum(derived) FROM (
            SELECT account_id, month, device_id, debit_minor AS stored, 0 AS derived,
                   credit_minor AS stored_credit, 0 AS derived_credit FROM account_months
            UNION ALL SELECT account_id, substr(business_date, 1, 7), device_id,
                             0, debit_minor, 0, credit_minor
                        FROM account_days)
         GROUP BY account_id, month, device_id
        HAVING sum(stored) <> sum(derived) OR sum(stored_credit) <> sum(derived_credit)
    """,
    "turnover of an account": """
        SELECT coalesce(name, account_id) || ' on ' || business_date, stored, derived FROM (
            SELECT account_id, business_date, sum(stored) AS stored, sum(derived) AS derived FROM (
                SELECT account_id, business_date, device_id, debit_minor - credit_minor AS stored,
                       0 AS derived, debit_minor AS debit_difference FROM account_days
                UNION ALL SELECT debit_account_id, business_date, device_id, 0, amount_minor, -amount_minor
                            FROM ledger_entries
                UNION ALL SELECT credit_account_id, business_date, device_id, 0, -amount_minor, 0
                            FROM ledger_entries)
             GROUP BY account_id, business_date, device_id
            HAVING sum(stored) <> sum(derived) OR sum(debit_difference) <> 0)
          LEFT JOIN accounts ON accounts.id = account_id
    """,
}


def _check_derived(db: Database) -> Iterator[Finding]:
    for name, query in _DERIVED.items():
        for what, stored, derived in db.rows(query):
            words = _("{stored} is stored, but the records give {derived}.").format(
                stored=stored, derived=derived
            )
            yield Finding("derived_wrong", f"{name}: {what}", words)


_LETTERS = "".join(record.series_letter or "" for record in RECORDS.values())


def _check_references(db: Database) -> Iterator[Finding]:
    """References run 1, 2, 3 … on each PC, and the printed text has that number.

    Other PCs are checked only when none of their rows is still to come.
    """
    own = db.value("SELECT device_id FROM app_settings")
    is_whole = db.value(
        "SELECT NOT EXISTS (SELECT 1 FROM sync_waiting) AND NOT EXISTS (SELECT 1 FROM sync_pages)"
        " AND fetching IS NULL FROM sync_state"
    )
    for table, series in SERIES.items():
        query = f"""
            SELECT reference, reference_number,
                   row_number() OVER (PARTITION BY device_id ORDER BY reference_number) AS expected
              FROM {table} WHERE device_id = :id OR :all
        """
        gaps = f"SELECT * FROM ({query}) WHERE reference_number <> expected LIMIT 3"
        for row in db.rows(gaps, {"id": own, "all": is_whole}):
            words = _("The number before it is missing: expected {number}.").format(number=row["expected"])
            yield Finding("reference_gap", f"{table} {row['reference']}", words)
        spelled = f"""
            SELECT reference FROM {table}
             WHERE CAST(ltrim(substr(reference, instr(reference, '-') + 1), '{_LETTERS}') AS INTEGER)
                   <> reference_number
        """
        for (reference,) in db.rows(spelled):
            yield Finding("reference_changed", f"{table} {reference}", _("Its printed number was changed."))
        given = db.value("SELECT last_number FROM reference_counters WHERE series = :s", {"s": series})
        used = db.value(
            f"SELECT coalesce(max(reference_number), 0) FROM {table} WHERE device_id = :id",
            {"id": db.device_id},
        )
        if given != used:
            words = _("The last number given was {given}, the last one found is {used}.").format(
                given=given, used=used
            )
            yield Finding("reference_counter", table, words)


def _check_search(db: Database) -> Iterator[Finding]:
    indexed, known = db.one(  # type: ignore[misc]
        "SELECT (SELECT count(*) FROM customer_search_docsize), (SELECT count(*) FROM customer_search_texts)"
    )
    if indexed != known:
        yield Finding(
            "search_stale",
            "search",
            _("It knows {indexed} customers of {known}.").format(indexed=indexed, known=known),
        )
    query = f"""
        SELECT {", ".join(SEARCHED)}, search_text
          FROM customers LEFT JOIN customer_search_texts ON customer_id = customers.id
    """
    for row in db.rows(query):
        if row["search_text"] != search_text(row):
            yield Finding("search_stale", f"customer {row['name']}", _("Search does not know this customer."))


def _check_switches(db: Database) -> Iterator[Finding]:
    """Between operations no switch may be left on: nobody is writing, nothing escapes the audit."""
    switched = "is_merging <> 0 OR user_id IS NOT NULL OR reissuing_from IS NOT NULL"
    if db.value(f"SELECT 1 FROM app_settings WHERE {switched}"):
        yield Finding("audit_off", "audit trail", _("It was switched off, or set to a user by hand."))


#: Stage -> check, in running order.
_CHECKS: dict[str, Callable[[Database], Iterator[Finding]]] = {
    _l("file"): _check_file,
    _l("rules"): _check_schema,
    _l("links between records"): _check_foreign_keys,
    _l("audit"): _check_switches,
    _l("ledger chains"): _check_chains,
    _l("ledger and records"): check_sources,
    _l("balances"): _check_derived,
    _l("numbers on paper"): _check_references,
    _l("search"): _check_search,
}
