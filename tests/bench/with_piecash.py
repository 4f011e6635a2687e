"""The comparison's work in a GnuCash book; alternatives.py runs it in an environment with piecash.

with_piecash.py FOLDER PAYMENTS HISTORY LAST_DAY FIRST LAST

Makes a book of HISTORY two-account transactions up to LAST_DAY, records PAYMENTS more, each saved before the
next, and adds up the month from FIRST to LAST. Prints the seconds as one line of JSON.
"""

import json
import sqlite3
import sys
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from uuid import uuid4

import piecash
from piecash import Account, Split, Transaction

_A_DAY = 274
#: Of a hundred transactions: sales, payments, expenses, as (up to, debit, credit).
_SHARES = ((10, "receivable", "income"), (60, "cash", "receivable"), (100, "expense", "cash"))
_SUMS = """
    SELECT accounts.account_type, sum(splits.value_num) FROM splits
      JOIN transactions ON transactions.guid = splits.tx_guid JOIN accounts ON accounts.guid = account_guid
     WHERE post_date >= :first AND post_date < :after AND account_type IN ('INCOME', 'EXPENSE') GROUP BY 1
"""
_OWED = """
    SELECT sum(splits.value_num) FROM splits JOIN transactions ON transactions.guid = splits.tx_guid
     WHERE account_guid = :account AND post_date < :after
"""


def main(folder, payments, history, last_day, first, last):
    """Build, record and report; prints the seconds of each."""
    file, first, last = Path(folder) / "book.gnucash", date.fromisoformat(first), date.fromisoformat(last)
    guids = _make(file)
    _fill(file, guids, int(history), date.fromisoformat(last_day))
    record_s = _record(file, int(payments), date.fromisoformat(last_day))
    sql_s, by_sql = _report_in_sql(file, guids["receivable"], first, last)
    objects_s, by_objects = _report_with_objects(file, first, last)
    assert by_sql == by_objects, (by_sql, by_objects)
    told = {"version": piecash.__version__, "record_s": record_s, "sql_s": sql_s, "objects_s": objects_s}
    print(json.dumps(told))


def _make(file):
    with piecash.create_book(str(file), currency="EUR") as book:
        types = {"cash": "CASH", "receivable": "RECEIVABLE", "income": "INCOME", "expense": "EXPENSE"}
        made = {
            name: Account(name, kind, parent=book.root_account, commodity=book.default_currency)
            for name, kind in types.items()
        }
        book.save()
        return {name: account.guid for name, account in made.items()}


def _fill(file, guids, history, last_day):
    # Directly by SQL, because piecash would take minutes; the rows are as it writes them.
    db = sqlite3.connect(file)
    currency = db.execute("SELECT guid FROM commodities WHERE mnemonic = 'EUR'").fetchone()[0]
    days = max(1, history // _A_DAY)
    for number in range(history):
        day = last_day - timedelta(days=days - 1 - number * days // history)
        debit, credit = next(pair for limit, *pair in _SHARES if number % 100 < limit)
        transaction, amount = uuid4().hex, 100 + number * 7919 % 89_900
        row = (transaction, currency, f"{number:06d}", f"{day} 10:59:00", f"{day} 10:59:00", "Suit")
        db.execute("INSERT INTO transactions VALUES (?, ?, ?, ?, ?, ?)", row)
        for name, value in ((debit, amount), (credit, -amount)):
            values = (uuid4().hex, transaction, guids[name], value, value)
            db.execute("INSERT INTO splits VALUES (?, ?, ?, '', '', 'n', NULL, ?, 100, ?, 100, NULL)", values)
    db.commit()
    db.close()


def _record(file, payments, day):
    with piecash.open_book(str(file), readonly=False, do_backup=False) as book:
        cash, receivable = book.accounts(name="cash"), book.accounts(name="receivable")
        started = perf_counter()
        for number in range(payments):
            splits = [Split(cash, Decimal("10.00")), Split(receivable, Decimal("-10.00"))]
            Transaction(book.default_currency, f"Customer {number}", splits=splits, post_date=day)
            book.save()
        return perf_counter() - started


def _report_in_sql(file, receivable, first, last):
    # With SQL, as somebody would who knows the tables; the median of several runs.
    db, times = sqlite3.connect(file), []
    for _time in range(7):
        started = perf_counter()
        dates = {"first": str(first), "after": str(last + timedelta(days=1)), "account": receivable}
        sums = dict(db.execute(_SUMS, dates).fetchall())
        owed = db.execute(_OWED, dates).fetchone()[0]
        times.append(perf_counter() - started)
    db.close()
    return sorted(times)[len(times) // 2], (sums.get("INCOME", 0), sums.get("EXPENSE", 0), owed)


def _report_with_objects(file, first, last):
    # With piecash: the splits of the month, and the account's balance on its last day.
    with piecash.open_book(str(file)) as book:
        started = perf_counter()
        sums = defaultdict(Decimal)
        month = book.session.query(Split).join(Split.transaction)
        for split in month.filter(Transaction.post_date >= first, Transaction.post_date <= last):
            sums[split.account.type] += split.value
        owed = book.accounts(name="receivable").get_balance(at_date=last)
        seconds = perf_counter() - started
    return seconds, tuple(int(100 * amount) for amount in (sums["INCOME"], sums["EXPENSE"], owed))


if __name__ == "__main__":
    main(*sys.argv[1:])
