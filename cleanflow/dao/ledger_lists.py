"""Lists of ledger entries, and one account's entries with the balance after each.

There is no index by account: it would cost every payment. The days on which an account moved are known
from account_days, so a page of an account that moves seldom skips the days between.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from cleanflow.dao.blind_count import cash_is_hidden
from cleanflow.dao.paging import Key, Listing, Page, Slice
from cleanflow.dao.stamps import known
from cleanflow.db import Database, snapshot
from cleanflow.records.chart import Account

#: All kinds of ledger entries, the usual ones first: only those have no index.
KINDS = (
    "JOB", "PAYMENT", "EXPENSE", "DISCOUNT", "ADJUSTMENT", "CANCELLATION", "WRITE_OFF", "REFUND",
    "PAYMENT_REVERSAL", "REFUND_REVERSAL", "EXPENSE_REVERSAL", "FLOAT", "PAY_IN", "PAY_OUT", "BANK_DEPOSIT",
    "VARIANCE", "OPENING",
)  # fmt: skip
_USUAL_KINDS = KINDS[:3]

#: Kinds of accounts whose balance is told as debits less credits; of the others it is credits less debits.
DEBIT_KINDS = ("ASSET", "EXPENSE")


@dataclass(frozen=True)
class ChartAccount:
    """An account of the chart of accounts."""

    id: str
    name: str
    kind: str

    @property
    def sign(self) -> int:
        """1 where debits raise the balance, -1 where credits do."""
        return 1 if self.kind in DEBIT_KINDS else -1


@dataclass(frozen=True)
class LedgerLine:
    """One entry. ``reference`` is that of the record behind it, whose id is ``source_id``.

    ``balance_minor`` of the account in question after this entry, in that account's own sense; ``None``
    where no account was asked for, or entries between are left out.
    """

    id: str
    business_date: str
    pc_code: str
    chain_number: int
    kind: str
    is_reversal: bool
    debit_account_id: str
    debit_account: str
    credit_account_id: str
    credit_account: str
    amount_minor: int
    customer_id: str | None
    customer: str
    job_id: str | None
    source_id: str
    reference: str
    user: str
    entered_at: str
    balance_minor: int | None = None

    @property
    def number(self) -> str:
        """The PC and the entry's place in its chain, like ``C1 #1234``."""
        return f"{self.pc_code} #{self.chain_number}"


_ENTRIES: Listing[LedgerLine] = Listing(
    columns="""entries.id, entries.business_date, coalesce(devices.code, '?') AS code, entries.chain_number,
               entries.kind, changes.reverses_id IS NOT NULL AS is_reversal,
               entries.debit_account_id, debited.name AS debit_account,
               entries.credit_account_id, credited.name AS credit_account,
               entries.amount_minor, entries.customer_id, coalesce(customers.name, '') AS customer,
               entries.job_id, entries.source_id,
               coalesce(jobs.reference, payments.reference, expenses.reference, movements.reference,
                        closings.reference, '') AS reference,
               coalesce(users.name, '') AS user, entries.created_at""",
    source="""ledger_entries AS entries
              LEFT JOIN devices ON devices.id = entries.device_id
              LEFT JOIN accounts AS debited ON debited.id = entries.debit_account_id
              LEFT JOIN accounts AS credited ON credited.id = entries.credit_account_id
              LEFT JOIN customers ON customers.id = entries.customer_id
              LEFT JOIN users ON users.id = entries.user_id
              LEFT JOIN jobs ON jobs.id = entries.job_id
              LEFT JOIN job_adjustments AS changes ON changes.id = entries.source_id
              LEFT JOIN payments ON payments.id = entries.source_id
              LEFT JOIN expenses ON expenses.id = entries.source_id
              LEFT JOIN drawer_movements AS movements ON movements.id = entries.source_id
              LEFT JOIN day_closings AS closings ON closings.id = entries.source_id""",
    sorts={"date": ("entries.business_date", "entries.rowid")},
    make=lambda row: LedgerLine(
        row["id"], row["business_date"], row["code"], row["chain_number"], row["kind"],
        bool(row["is_reversal"]), row["debit_account_id"], row["debit_account"], row["credit_account_id"],
        row["credit_account"], row["amount_minor"], row["customer_id"], row["customer"], row["job_id"],
        row["source_id"], row["reference"], row["user"], row["created_at"],
    ),
    counted="ledger_entries AS entries",
)  # fmt: skip

_ON_ITS_DAYS = """entries.business_date IN (
    SELECT business_date FROM account_days
     WHERE account_id = :account_id AND business_date BETWEEN :day_first AND :day_last)"""
_ON_ACCOUNT = "(entries.debit_account_id = :account_id OR entries.credit_account_id = :account_id)"


def list_ledger(
    db: Database,
    part: Slice,
    *,
    first: date | None = None,
    last: date | None = None,
    account_id: str | None = None,
    kind: str | None = None,
    customer_id: str | None = None,
    job_id: str | None = None,
) -> Page[LedgerLine]:
    """Entries of the business dates ``first`` to ``last``; sorts: ``date``, and on it as they came here.

    With ``account_id`` each line has that account's balance, unless kind, customer or job leave entries out,
    or it is a secret (see :mod:`cleanflow.dao.blind_count`). An entry of a job is found by its customer, so
    ``job_id`` needs ``customer_id``.
    """
    is_rare = kind is not None and kind not in _USUAL_KINDS
    is_narrow = is_rare or customer_id is not None
    wanted: dict[str, object] = {
        "entries.customer_id = :customer_id": customer_id,
        "entries.kind NOT IN ('JOB', 'PAYMENT', 'EXPENSE')": is_rare,
        "entries.business_date >= :first": first,
        "entries.business_date <= :last": last,
        _ON_ITS_DAYS: account_id is not None and not is_narrow,
        "0": not _can_be(kind, account_id),
    }
    further: dict[str, object] = {
        "entries.kind = :kind": kind,
        _ON_ACCOUNT: account_id is not None,
        "entries.job_id = :job_id": job_id,
    }
    if is_narrow:
        wanted, further = {**wanted, **further}, {}
    parameters = {"account_id": account_id, **_days(part, first, last)}
    with snapshot(db):
        page = _ENTRIES.read(db, part, wanted, parameters, further)
        if account_id is None or not page.rows or kind or customer_id or job_id:
            return page
        if _is_secret(db, account_id):
            return page
        return _with_balances(db, page, part, get_account(db, account_id))


def _can_be(kind: str | None, account_id: str | None) -> bool:
    """Whether entries of this kind move this account at all: else one would look through all of them."""
    if account_id is None or kind not in _USUAL_KINDS:
        return True
    if kind == "JOB":
        return account_id in (Account.RECEIVABLE, Account.REVENUE)
    if kind == "PAYMENT":
        return account_id in (Account.CASH, Account.BANK, Account.RECEIVABLE)
    return account_id in (Account.CASH, Account.BANK) or account_id not in set(Account)


def _days(part: Slice, first: date | None, last: date | None) -> dict[str, str]:
    """The days on which the page can lie: the period's, from the row on at which it begins."""
    lowest, highest = (first or date.min).isoformat(), (last or date.max).isoformat()
    if part.start is not None:
        if part.descending != part.backward:
            highest = min(highest, part.start[0])
        else:
            lowest = max(lowest, part.start[0])
    return {"day_first": lowest, "day_last": highest}


def _with_balances(
    db: Database, page: Page[LedgerLine], part: Slice, account: ChartAccount
) -> Page[LedgerLine]:
    newest = page.first_key if part.descending else page.last_key
    assert newest is not None
    balance = _balance_after(db, account, newest)
    lines = []
    for line in page.rows if part.descending else reversed(page.rows):
        lines.append(replace(line, balance_minor=balance))
        change = line.amount_minor if line.debit_account_id == account.id else -line.amount_minor
        balance -= account.sign * change
    return replace(page, rows=lines if part.descending else lines[::-1])


def _balance_after(db: Database, account: ChartAccount, key: Key) -> int:
    """The balance up to and with the row of this key: what was before its day, and entries of that day."""
    query = f"""
        SELECT coalesce(sum(CASE :account_id WHEN debit_account_id THEN amount_minor
                                             ELSE -amount_minor END), 0)
          FROM ledger_entries AS entries
         WHERE business_date = :day AND rowid <= :row AND {_ON_ACCOUNT}
    """
    on_the_day: int = db.value(query, {"account_id": account.id, "day": key[0], "row": key[1]})
    return _balance_before(db, account, date.fromisoformat(key[0])) + account.sign * on_the_day


def balance_before(db: Database, account: ChartAccount, day: date) -> int | None:
    """An account's balance, in its own sense, when ``day`` began; None while it is a secret."""
    return None if _is_secret(db, account.id) else _balance_before(db, account, day)


def _balance_before(db: Database, account: ChartAccount, day: date) -> int:
    query = """
        SELECT coalesce((SELECT sum(debit_minor - credit_minor) FROM account_months
                          WHERE account_id = :account_id AND month < substr(:day, 1, 7)), 0)
             + coalesce((SELECT sum(debit_minor - credit_minor) FROM account_days
                          WHERE account_id = :account_id
                            AND business_date >= substr(:day, 1, 7) AND business_date < :day), 0)
    """
    balance: int = db.value(query, {"account_id": account.id, "day": day.isoformat()})
    return account.sign * balance


def _is_secret(db: Database, account_id: str) -> bool:
    """Whether an account's balance tells what is in the drawers."""
    return account_id == Account.CASH and cash_is_hidden(db)


def chart_of_accounts(db: Database) -> list[ChartAccount]:
    """Every account: those that every shop has in their order, then those of the shop's own categories."""
    query = """
        SELECT id, name, kind FROM accounts
         ORDER BY id NOT LIKE '00000000-0000-4000-8000-%',
                  CASE WHEN id LIKE '00000000-0000-4000-8000-%' THEN id END, name COLLATE NOCASE
    """
    return [ChartAccount(**dict(row)) for row in db.rows(query)]


def get_account(db: Database, account_id: str) -> ChartAccount:
    """One account. Refuses with ``record_unknown``."""
    row = db.one("SELECT id, name, kind FROM accounts WHERE id = :id", {"id": account_id})
    return ChartAccount(**dict(known(row, "account")))
