"""Jobs in lists: filtered by work, promise, money, time and words, in any order, and by their stations.

Which jobs are on a page is found first: where the filters leave few by sorting those, otherwise by walking
an index in the order wanted. What a line shows is read for the page's jobs alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from cleanflow.dao.fields import choice
from cleanflow.dao.job_search import found_jobs
from cleanflow.dao.jobs import WHAT, WORK_STATUSES
from cleanflow.dao.paging import Listing, Page, Slice
from cleanflow.dao.stamps import today
from cleanflow.db import Database

#: What a list can be asked for besides one station of work: all jobs that are still in the shop.
OPEN = "OPEN"
STATUSES = (OPEN, *WORK_STATUSES, "CANCELLED")
#: By the promised day; a job that is ready is late no more, it waits for its customer.
DUE_CHOICES = ("OVERDUE", "TODAY")
PAYMENT_CHOICES = ("DUE", "PARTIAL", "PAID")


@dataclass(frozen=True)
class JobLine:
    """A job as a list shows it, with its customer's name and phone; ``what``: its service and description."""

    id: str
    reference: str
    kind: str
    customer_id: str
    customer: str
    phone: str
    what: str
    business_date: str
    due_date: str | None
    work_status: str
    payment_status: str
    total_minor: int
    due_minor: int


@dataclass(frozen=True)
class Station:
    """A column of the board: the first jobs of a work status, and how many there are."""

    work_status: str
    lines: list[JobLine]
    count: int


# In the words of the partial indexes, or SQLite does not see that they apply.
_IN_SHOP = "jobs.work_status IN ('RECEIVED', 'IN_PROGRESS', 'READY')"
_CANCELLED = "jobs.work_status = 'CANCELLED'"

_SORTS = {
    "date": ("jobs.business_date", "jobs.created_at", "jobs.rowid"),
    "due": ("coalesce(jobs.due_date, '9999-12-31')", "jobs.business_date", "jobs.created_at", "jobs.rowid"),
    "customer": (
        "customers.name COLLATE NOCASE", "customers.id",
        "jobs.business_date", "jobs.created_at", "jobs.rowid",
    ),
    "amount": ("job_totals.due_minor", "job_totals.job_id"),
    "moved": ("jobs.updated_at", "jobs.rowid"),
}  # fmt: skip

_TOTALS = " CROSS JOIN job_totals ON job_totals.job_id = jobs.id"
_CUSTOMERS = " CROSS JOIN customers ON customers.id = jobs.customer_id"
_TOTALS_FIRST = "job_totals LEFT JOIN jobs ON jobs.id = job_totals.job_id"
_CUSTOMERS_FIRST = "customers CROSS JOIN jobs ON jobs.customer_id = customers.id"

#: Of fewer jobs than this, all are sorted; among more, a page is sooner found in the list's order.
_MANY = 3_000


@dataclass(frozen=True)
class _Wanted:
    """What a list is asked for; ``found`` are row numbers as a JSON array."""

    status: str | None = None
    due: str | None = None
    payment: str | None = None
    first: date | None = None
    last: date | None = None
    customer_id: str | None = None
    found: str | None = None

    @property
    def is_due(self) -> bool:
        return self.payment in ("DUE", "PARTIAL")

    @property
    def is_about_totals(self) -> bool:
        """Whether all of it can be told without reading jobs."""
        given = (self.due, self.first, self.last, self.customer_id, self.found)
        return self.status in (None, "DELIVERED") and not any(given)


def list_jobs(
    db: Database,
    part: Slice,
    *,
    status: str | None = None,
    due: str | None = None,
    payment: str | None = None,
    first: date | None = None,
    last: date | None = None,
    customer_id: str | None = None,
    text: str = "",
) -> Page[JobLine]:
    """Jobs that meet all that is given; sorts: ``date``, ``due`` (date), ``customer``, ``amount`` (due).

    ``status`` is one of :data:`STATUSES`, ``due`` of :data:`DUE_CHOICES`, ``payment`` of
    :data:`PAYMENT_CHOICES`; ``first`` and ``last`` are business dates. ``text``: see
    :func:`cleanflow.dao.job_search.found_jobs`. Without a promised day a job comes after all that have one.
    """
    for given, choices in ((status, STATUSES), (due, DUE_CHOICES), (payment, PAYMENT_CHOICES)):
        if given is not None:
            choice(given, choices)
    if payment == "PAID" and part.sort == "amount":
        part = replace(part, sort="date")  # nothing is due on any of them
    found = found_jobs(db, text, first, last)
    rows = None if found is None else json.dumps(found)
    wanted = _Wanted(status, due, payment, first, last, customer_id, rows)
    parameters = {
        "status": status,
        "today": today(db).isoformat(),
        "first": first and first.isoformat(),
        "last": last and last.isoformat(),
        "customer_id": customer_id,
        "found": rows,
    }
    conditions = _job_conditions(wanted)
    if _are_few(db, conditions, parameters):
        source, counted = _sources_of_few(part, wanted)
    else:
        source, counted = _sources_of_many(db, part, wanted)
        is_in_totals = counted == _TOTALS_FIRST or source.startswith(_TOTALS_FIRST)
        conditions = _totals_conditions(wanted) if is_in_totals else _job_conditions(wanted, "+", part.sort)
    conditions += _payment_conditions(wanted)
    return _read(db, part, source, counted, conditions, parameters)


def stations(db: Database, *, limit: int = 50, delivered_days: int = 3) -> list[Station]:
    """The board: what is in the shop by promised day, and what was delivered lately, the last first.

    A delivered job is shown as long as it was moved on one of the last ``delivered_days``; one that was
    taken in more than 60 days before is not.
    """
    by_promise = Slice("due", limit=limit)
    pages = [list_jobs(db, by_promise, status=status) for status in WORK_STATUSES[:-1]]
    day = today(db)
    conditions = [
        "jobs.work_status = 'DELIVERED' AND jobs.kind = 'SERVICE'",
        "jobs.business_date >= :first",
        "jobs.updated_at >= :moved_since",
    ]
    parameters = {
        "first": (day - timedelta(days=60)).isoformat(),
        "moved_since": (day - timedelta(days=delivered_days - 1)).isoformat(),
    }
    lately = Slice("moved", descending=True, limit=limit)
    pages.append(_read(db, lately, "jobs", "jobs", conditions, parameters))
    return [Station(status, page.rows, page.count) for status, page in zip(WORK_STATUSES, pages, strict=True)]


def _job_conditions(wanted: _Wanted, walk: str = "", sort: str = "date") -> list[str]:
    """What is wanted of the jobs themselves; with a plus as ``walk`` no index is used but the order's."""
    in_shop = wanted.due or (wanted.status and wanted.status not in ("DELIVERED", "CANCELLED"))
    is_station = wanted.status in WORK_STATUSES
    range_walk = "" if sort == "date" else walk
    conditions = {
        f"{walk}{_IN_SHOP}": in_shop,
        f"{walk}{_CANCELLED}": wanted.status == "CANCELLED",
        f"{walk}jobs.work_status = :status": is_station,
        f"{walk}jobs.work_status <> 'READY'": wanted.due,
        f"{walk}jobs.due_date < :today": wanted.due == "OVERDUE",
        f"{walk}jobs.due_date = :today": wanted.due == "TODAY",
        f"{range_walk}jobs.business_date >= :first": wanted.first,
        f"{range_walk}jobs.business_date <= :last": wanted.last,
        f"{walk}jobs.customer_id = :customer_id": wanted.customer_id,
        f"{walk}jobs.rowid IN (SELECT value FROM json_each(:found))": wanted.found,
    }
    return [condition for condition, is_wanted in conditions.items() if is_wanted]


def _totals_conditions(wanted: _Wanted) -> list[str]:
    """The same of the totals, where they are all that is read: delivered is what is nowhere else."""
    conditions = ["job_totals.customer_id IS NOT NULL"]
    if wanted.status == "DELIVERED":
        conditions += [f"job_totals.job_id NOT IN (SELECT id FROM jobs WHERE {_IN_SHOP})", _NOT_CANCELLED]
    return conditions


_NOT_CANCELLED = f"job_totals.job_id NOT IN (SELECT id FROM jobs WHERE {_CANCELLED})"


def _payment_conditions(wanted: _Wanted) -> list[str]:
    if wanted.payment == "PAID":
        return ["job_totals.due_minor <= 0", _NOT_CANCELLED]
    conditions = ["job_totals.due_minor > 0"] if wanted.is_due else []
    return [*conditions, "job_totals.allocated_minor > 0"] if wanted.payment == "PARTIAL" else conditions


def _are_few(db: Database, conditions: list[str], parameters: dict[str, Any]) -> bool:
    if not conditions:
        return False
    query = f"SELECT count(*) FROM (SELECT 1 FROM jobs WHERE {' AND '.join(conditions)} LIMIT {_MANY})"
    return bool(db.value(query, parameters) < _MANY)


def _sources_of_few(part: Slice, wanted: _Wanted) -> tuple[str, str]:
    """From where the page is read, and where its rows are counted: the jobs that are left."""
    totals = _TOTALS if wanted.payment or part.sort == "amount" else ""
    customers = _CUSTOMERS if part.sort == "customer" else ""
    return f"jobs{totals}{customers}", f"jobs{_TOTALS if wanted.payment else ''}"


def _sources_of_many(db: Database, part: Slice, wanted: _Wanted) -> tuple[str, str]:
    """The same where many are left: what is in the order of the list, or tells the most about them."""
    totals = _TOTALS if wanted.payment or part.sort == "amount" else ""
    walked = f"{_CUSTOMERS_FIRST if part.sort == 'customer' else 'jobs'}{totals}"
    if not wanted.is_about_totals:
        return walked, f"jobs{totals}"
    if part.sort == "amount":
        return _TOTALS_FIRST, _TOTALS_FIRST
    if not wanted.payment:
        return walked, "jobs"
    if wanted.is_due and not _are_many_due(db):
        return _TOTALS_FIRST + (_CUSTOMERS if part.sort == "customer" else ""), _TOTALS_FIRST
    return walked, _TOTALS_FIRST


def _are_many_due(db: Database) -> bool:
    query = f"SELECT count(*) FROM (SELECT 1 FROM job_totals WHERE due_minor > 0 LIMIT {_MANY})"
    return bool(db.value(query) == _MANY)


def _read(
    db: Database,
    part: Slice,
    source: str,
    counted: str,
    conditions: list[str],
    parameters: dict[str, Any],
) -> Page[JobLine]:
    listing: Listing[str] = Listing(
        columns="job_totals.job_id AS id" if source.startswith(_TOTALS_FIRST) else "jobs.id",
        source=source,
        sorts=_SORTS,
        make=lambda row: str(row["id"]),
        counted=counted,
    )
    page = listing.read(db, part, dict.fromkeys(conditions, True), parameters)
    return Page(_lines(db, page.rows), page.first_key, page.last_key, page.has_more, page.count)


def _lines(db: Database, ids: list[str]) -> list[JobLine]:
    """What the list shows of these jobs, in their order."""
    query = f"""
        SELECT jobs.id, reference, kind, jobs.customer_id, customers.name AS customer, phone, {WHAT} AS what,
               business_date, due_date, work_status, payment_status, total_minor, due_minor
          FROM jobs JOIN customers ON customers.id = jobs.customer_id
                    JOIN job_totals ON job_totals.job_id = jobs.id
         WHERE jobs.id IN (SELECT value FROM json_each(:ids))
    """
    parameters: dict[str, Any] = {"ids": json.dumps(ids)}
    lines = {row["id"]: JobLine(**dict(row)) for row in db.rows(query, parameters)}
    return [lines[job_id] for job_id in ids]
