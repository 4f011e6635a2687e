"""Expenses and their categories; each category has its own account in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cleanflow.dao import ledger
from cleanflow.dao.fields import choice, clean_field, clean_key, clean_reason
from cleanflow.dao.paging import Listing, Page, Slice
from cleanflow.dao.payments import METHODS
from cleanflow.dao.stamps import (
    business_date,
    fact_stamp,
    known,
    new_id,
    next_reference,
    record_stamp,
    update_record,
)
from cleanflow.dao.users import check_namesakes, require_owner
from cleanflow.db import Database, Row, with_transaction
from cleanflow.errors import Refusal
from cleanflow.money import check_amount
from cleanflow.records.chart import MONEY_ACCOUNT
from cleanflow.records.money_in_and_out import EXPENSE_CATEGORIES, EXPENSES


@dataclass(frozen=True)
class Category:
    """What expenses are for, and the account that they are booked to."""

    id: str
    name: str
    account_id: str
    is_active: bool


@dataclass(frozen=True)
class Expense:
    """Money paid out (EXPENSE), or the reversal of such an expense (REVERSAL)."""

    id: str
    reference: str
    kind: str
    method: str
    category_id: str
    description: str
    amount_minor: int
    reverses_id: str | None
    business_date: str


_SELECT = """
    SELECT id, reference, kind, method, category_id, description, amount_minor, reverses_id, business_date
      FROM expenses
"""
_SELECT_CATEGORY = "SELECT id, name, account_id, is_active FROM expense_categories"


def _category(row: Row) -> Category:
    return Category(row["id"], row["name"], row["account_id"], bool(row["is_active"]))


def get_category(db: Database, category_id: str) -> Category:
    """One category. Refuses with ``record_unknown``."""
    return _category(known(db.one(f"{_SELECT_CATEGORY} WHERE id = :id", {"id": category_id}), "category"))


def list_categories(db: Database, *, with_inactive: bool = False) -> list[Category]:
    """The active categories by name, followed by the inactive ones if they are wanted."""
    query = f"{_SELECT_CATEGORY} WHERE is_active = 1 OR :all ORDER BY is_active DESC, name COLLATE NOCASE"
    return [_category(row) for row in db.rows(query, {"all": with_inactive})]


def category_by_name(db: Database, name: str) -> Category | None:
    """The active category of this name, regardless of case."""
    wanted = name.strip().casefold()
    return next((item for item in list_categories(db) if item.name.casefold() == wanted), None)


@with_transaction
def add_category(db: Database, name: str, *, category_id: str | None = None) -> Category:
    """Add a category and its account. Refuses with ``name_taken``."""
    require_owner(db)
    text = _name(db, name)
    account_id, record_id = new_id(), category_id or new_id()
    stamp = record_stamp(db)
    db.insert("accounts", {"id": account_id, "name": text, "kind": "EXPENSE", **stamp})
    db.insert("expense_categories", {"id": record_id, "name": text, "account_id": account_id, **stamp})
    return get_category(db, record_id)


@with_transaction
def edit_category(
    db: Database, category_id: str, *, name: str | None = None, is_active: bool | None = None
) -> Category:
    """Rename a category and its account, or deactivate it."""
    require_owner(db)
    category = get_category(db, category_id)
    if name is not None and name != category.name:
        text = _name(db, name, besides=category_id)
        update_record(db, "expense_categories", category_id, {"name": text})
        update_record(db, "accounts", category.account_id, {"name": text})
    if is_active is not None and is_active != category.is_active:
        changes: dict[str, int | None] = {"is_active": int(is_active)}
        if is_active:
            _name(db, name or category.name, besides=category_id)
            changes["merged_into"] = None
        update_record(db, "expense_categories", category_id, changes)
    return get_category(db, category_id)


@with_transaction
def merge_categories(db: Database, keep_id: str, other_id: str) -> None:
    """Make one of two categories of one name: ``other_id`` is taken out of use.

    Its expenses and its account stay as they are. Refuses with ``owner_needed``, ``not_namesakes``.
    """
    require_owner(db)
    keep, other = get_category(db, keep_id), get_category(db, other_id)
    check_namesakes(keep, other)
    update_record(db, "expense_categories", other.id, {"is_active": 0, "merged_into": keep.id})


def get_expense(db: Database, expense_id: str) -> Expense:
    """One expense. Refuses with ``record_unknown``."""
    return Expense(**known(db.one(f"{_SELECT} WHERE id = :id", {"id": expense_id}), "expense"))


def expense_by_external_key(db: Database, external_key: str) -> Expense | None:
    """The expense whose key in an older system was ``external_key``."""
    row = db.one(f"{_SELECT} WHERE external_key = :key ORDER BY created_at LIMIT 1", {"key": external_key})
    return Expense(**dict(row)) if row else None


@dataclass(frozen=True)
class ExpenseLine:
    """An expense as a list shows it. ``is_reversed``: a later reversal took it back."""

    id: str
    reference: str
    kind: str
    method: str
    category: str
    description: str
    amount_minor: int
    business_date: str
    is_reversed: bool


_LINES: Listing[ExpenseLine] = Listing(
    columns="""expenses.id, reference, kind, method, expense_categories.name AS category, description,
               amount_minor, business_date,
               EXISTS (SELECT 1 FROM expenses AS later
                        WHERE later.reverses_id = expenses.id) AS is_reversed""",
    source="expenses LEFT JOIN expense_categories ON expense_categories.id = category_id",
    sorts={"date": ("business_date", "expenses.created_at", "expenses.rowid")},
    make=lambda row: ExpenseLine(
        row["id"], row["reference"], row["kind"], row["method"], row["category"], row["description"],
        row["amount_minor"], row["business_date"], bool(row["is_reversed"]),
    ),
)  # fmt: skip


def list_expenses(
    db: Database,
    part: Slice,
    *,
    first: date | None = None,
    last: date | None = None,
    category_id: str | None = None,
    method: str | None = None,
) -> Page[ExpenseLine]:
    """Expenses and reversals with business dates ``first`` to ``last``. Sorts: ``date``."""
    wanted = {
        "business_date >= :first": first,
        "business_date <= :last": last,
        "category_id = :category_id": category_id,
        "method = :method": method,
    }
    return _LINES.read(db, part, wanted)


@with_transaction
def record_expense(
    db: Database,
    *,
    category_id: str,
    amount_minor: int,
    method: str,
    description: str = "",
    on: date | str | None = None,
    external_key: str | None = None,
    expense_id: str | None = None,
) -> Expense:
    """Record an expense paid in cash or from the bank. Refuses with ``category_inactive``."""
    category = get_category(db, category_id)
    if not category.is_active:
        raise Refusal("category_inactive")
    expense = _insert(
        db,
        "EXPENSE",
        category_id=category_id,
        amount_minor=check_amount(amount_minor),
        method=choice(method, METHODS),
        description=description,
        on=on,
        external_key=external_key,
        expense_id=expense_id,
    )
    ledger.post(
        db,
        "EXPENSE",
        debit=category.account_id,
        credit=MONEY_ACCOUNT[method],
        amount_minor=amount_minor,
        source_id=expense.id,
        business_date=expense.business_date,
    )
    return expense


@with_transaction
def reverse_expense(
    db: Database,
    expense_id: str,
    reason: str,
    *,
    on: date | str | None = None,
    reversal_id: str | None = None,
) -> Expense:
    """Reverse an expense that was entered by mistake. Refuses to do it twice (``already_reversed``)."""
    require_owner(db)
    original = get_expense(db, expense_id)
    if original.kind == "REVERSAL":
        raise Refusal("not_reversible")
    if db.one("SELECT 1 FROM expenses WHERE reverses_id = :id", {"id": expense_id}):
        raise Refusal("already_reversed")
    reversal = _insert(
        db,
        "REVERSAL",
        category_id=original.category_id,
        amount_minor=original.amount_minor,
        method=original.method,
        description=clean_reason(reason),
        reverses_id=original.id,
        on=on,
        expense_id=reversal_id,
    )
    ledger.post(
        db,
        "EXPENSE_REVERSAL",
        debit=MONEY_ACCOUNT[original.method],
        credit=get_category(db, original.category_id).account_id,
        amount_minor=original.amount_minor,
        source_id=reversal.id,
        business_date=reversal.business_date,
    )
    return reversal


def _insert(
    db: Database,
    kind: str,
    *,
    category_id: str,
    amount_minor: int,
    method: str,
    description: str,
    on: date | str | None,
    expense_id: str | None,
    reverses_id: str | None = None,
    external_key: str | None = None,
) -> Expense:
    reference = next_reference(db, "EXPENSE")
    values = {
        "id": expense_id or new_id(),
        "reference_number": reference.number,
        "reference": reference.text,
        "kind": kind,
        "method": method,
        "category_id": category_id,
        "description": clean_field(EXPENSES["description"], description),
        "amount_minor": amount_minor,
        "reverses_id": reverses_id,
        "business_date": business_date(db, on),
        "external_key": clean_key(external_key),
    }
    db.insert("expenses", {**values, **fact_stamp(db)})
    return get_expense(db, str(values["id"]))


def _name(db: Database, name: str, besides: str | None = None) -> str:
    text = clean_field(EXPENSE_CATEGORIES["name"], name)
    other = category_by_name(db, text)
    if other and other.id != besides:
        raise Refusal("name_taken", name=text)
    return text
