"""The ledger as a plain-text journal that Beancount or hledger can read, and check.

Every ledger entry becomes one transaction between two accounts; each customer has an account below
Assets:Receivable. At the end stand the balances that CleanFlow itself keeps, as assertions: the other
program computes its own from the entries and refuses the file when one differs.
Formats: beancount.github.io/docs/beancount_language_syntax.html, hledger.org/hledger.html#journal.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from cleanflow.dao.shop import get_shop
from cleanflow.db import Database, snapshot
from cleanflow.money import Currency
from cleanflow.records.chart import Account

FORMATS = ("beancount", "hledger")

_ROOTS = {
    "ASSET": "Assets",
    "LIABILITY": "Liabilities",
    "EQUITY": "Equity",
    "INCOME": "Income",
    "EXPENSE": "Expenses",
}


@dataclass(frozen=True)
class _Transfer:
    """One ledger entry, its accounts already named as the journal names them."""

    day: str
    number: str
    id: str
    kind: str
    who: str
    debit: str
    credit: str
    amount: str


@dataclass(frozen=True)
class _Balance:
    account: str
    amount: str
    who: str


def journal_lines(db: Database, journal_format: str) -> Iterator[str]:
    """The lines of the journal, without line ends, from one snapshot of the books."""
    write = _beancount if journal_format == "beancount" else _hledger
    shop = get_shop(db)
    with snapshot(db):
        names = _account_names(db)
        balances = list(_balances(db, names, shop.currency))
        first, last = db.one(  # type: ignore[misc]
            "SELECT min(business_date), max(business_date) FROM ledger_entries"
        )
        yield from write(
            shop.name,
            shop.currency,
            first or "1970-01-01",
            last or "1970-01-01",
            balances,
            _transfers(db, names),
        )


def _transfers(db: Database, names: dict[str, str]) -> Iterator[_Transfer]:
    unit = get_shop(db).currency
    query = """
        SELECT ledger_entries.id, devices.code || '/' || chain_number AS number, kind, business_date,
               debit_account_id, credit_account_id, amount_minor, customer_id, customers.name AS who
          FROM ledger_entries
          LEFT JOIN devices ON devices.id = ledger_entries.device_id
          LEFT JOIN customers ON customers.id = customer_id
         ORDER BY business_date, ledger_entries.created_at, ledger_entries.device_id, chain_number
    """
    for row in db.rows(query):
        accounts = [
            f"{names[account]}:{_customer_part(row['customer_id'])}"
            if account == Account.RECEIVABLE
            else names[account]
            for account in (row["debit_account_id"], row["credit_account_id"])
        ]
        yield _Transfer(
            row["business_date"],
            row["number"],
            row["id"],
            row["kind"].lower().replace("_", " "),
            row["who"] or "",
            accounts[0],
            accounts[1],
            f"{unit.text(row['amount_minor'])}",
        )


def _balances(db: Database, names: dict[str, str], unit: Currency) -> Iterator[_Balance]:
    """What CleanFlow keeps as the balance of every account and customer with entries."""
    query = """
        SELECT account_id, sum(debit_minor - credit_minor) AS balance_minor
          FROM account_days GROUP BY account_id
    """
    for row in db.rows(query):
        if row["account_id"] != Account.RECEIVABLE:
            yield _Balance(names[row["account_id"]], unit.text(row["balance_minor"]), "")
    query = """
        SELECT customer_id, balance_minor, name
          FROM customer_balances JOIN customers ON customers.id = customer_id
    """
    receivable = names[Account.RECEIVABLE]
    for row in db.rows(query):
        account = f"{receivable}:{_customer_part(row['customer_id'])}"
        yield _Balance(account, unit.text(row["balance_minor"]), row["name"])


def _customer_part(customer_id: str) -> str:
    """Part of an account name that no two customers share, whatever their names."""
    return f"C-{customer_id}"


def _account_names(db: Database) -> dict[str, str]:
    """Account id -> a name that both programs accept: letters, digits and dashes, unique."""
    names: dict[str, str] = {}
    for row in db.rows("SELECT id, name, kind FROM accounts ORDER BY id"):
        name = f"{_ROOTS[row['kind']]}:{_part(row['name'])}"
        names[row["id"]] = name if name not in names.values() else f"{name}-{row['id'][:8]}"
    names[Account.RECEIVABLE] = "Assets:Receivable"
    return names


def _part(name: str) -> str:
    letters = "".join(
        char if char.isalnum() and char.isascii() else "-" for char in _unaccented(name.title())
    )
    squeezed = "-".join(piece for piece in letters.split("-") if piece)
    return squeezed if squeezed and (squeezed[0].isupper() or squeezed[0].isdigit()) else f"X{squeezed}"


def _unaccented(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char) != "Mn")


def _one_line(text: str) -> str:
    """No line break and no control or direction character may end a text early or hide a part of it."""
    return "".join(
        char if unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp") else " " for char in text
    ).strip()


def _beancount(
    shop: str, unit: Currency, first: str, last: str, balances: list[_Balance], transfers: Iterator[_Transfer]
) -> Iterator[str]:
    yield f'option "title" {_quoted(shop)}'
    yield f'option "operating_currency" "{unit.code}"'
    yield ""
    for balance in balances:
        yield f"{first} open {balance.account} {unit.code}"
        if balance.who:
            yield f"  customer: {_quoted(balance.who)}"
    for transfer in transfers:
        yield ""
        yield f"{transfer.day} * {_quoted(transfer.who)} {_quoted(transfer.kind)}"
        yield f'  entry: "{transfer.number}"'
        yield f'  id: "{transfer.id}"'
        yield f"  {transfer.debit}  {transfer.amount} {unit.code}"
        yield f"  {transfer.credit}  -{transfer.amount} {unit.code}"
    yield ""
    if last == date.max.isoformat():
        return  # there is no day after
    day_after = date.fromisoformat(last) + timedelta(days=1)  # a balance holds at the start of its day
    for balance in balances:
        yield f"{day_after} balance {balance.account}  {balance.amount} ~ 0 {unit.code}"


def _quoted(text: str) -> str:
    escaped = _one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _hledger(
    shop: str, unit: Currency, first: str, last: str, balances: list[_Balance], transfers: Iterator[_Transfer]
) -> Iterator[str]:
    sample = "1000." + "0" * unit.decimals  # a commodity directive wants a decimal mark, always
    yield f"; {_one_line(shop)}, from {first}"
    yield f"commodity {sample} {unit.code}"
    yield ""
    for balance in balances:
        yield f"account {balance.account}" + (f"  ; {_comment(balance.who)}" if balance.who else "")
    for transfer in transfers:
        yield ""
        words = " | ".join(part for part in (_comment(transfer.who), transfer.kind) if part)
        yield f"{transfer.day} * ({transfer.number}) {words}"
        yield f"    ; id:{transfer.id}"
        yield f"    {transfer.debit}  {transfer.amount} {unit.code}"
        yield f"    {transfer.credit}  -{transfer.amount} {unit.code}"
    yield ""
    yield f"{last} * (balances) as CleanFlow keeps them"
    for balance in balances:
        yield f"    {balance.account}  0 {unit.code} = {balance.amount} {unit.code}"


def _comment(text: str) -> str:
    """A text after ``;`` or in a description, where ``;`` and ``|`` have a meaning of their own."""
    return _one_line(text).replace(";", ",").replace("|", "/")
