"""Lists of customers: by name and by balance, in both directions; references find their customer."""

from __future__ import annotations

import pytest

from cleanflow.dao.customer_lists import customers_by_reference, find_customers, list_customers
from cleanflow.dao.customers import add_customer, set_customer_active
from cleanflow.dao.jobs import create_job
from cleanflow.dao.paging import Slice
from cleanflow.dao.payments import record_payment
from cleanflow.db import Database
from tests.dao.pages import all_pages, all_pages_backward

NAMES = ("ann", "Ann", "bob", "Zoe", "Ann", "carl", "Émile", "BOB", "dora")


@pytest.fixture
def shop(db: Database) -> Database:
    """Nine people: three owe (two of them the same), two have credit, one is inactive."""
    ids = [add_customer(db, name=name).id for name in NAMES]
    for number, amount in ((0, 500), (1, 700), (2, 500)):
        create_job(db, customer_id=ids[number], amount_minor=amount)
    for number, amount in ((3, 300), (4, 900)):
        record_payment(db, customer_id=ids[number], amount_minor=amount, method="CASH")
    set_customer_active(db, ids[8], False)
    return db


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 50])
@pytest.mark.parametrize(
    ("which", "sort", "count"),
    [
        ("ACTIVE", "name", 8),
        ("INACTIVE", "name", 1),
        ("OWING", "name", 3),
        ("CREDIT", "name", 2),
        ("ACTIVE", "balance", 5),
        ("OWING", "balance", 3),
        ("CREDIT", "balance", 2),
        ("INACTIVE", "balance", 0),
    ],
)
def test_every_customer_comes_once_in_order_both_ways(
    shop: Database, which: str, sort: str, count: int, limit: int, descending: bool
) -> None:
    part = Slice(sort, descending, limit=limit)
    rows = all_pages(lambda part: list_customers(shop, part, which), part)
    assert len({row.id for row in rows}) == len(rows) == count
    assert list_customers(shop, part, which).count == count
    keys = [row.name.lower() if sort == "name" else row.balance_minor for row in rows]
    assert keys == sorted(keys, reverse=descending)  # type: ignore[type-var]
    assert all_pages_backward(lambda part: list_customers(shop, part, which), part) == rows


def test_many_who_owe_come_in_the_same_order_as_few(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    part = Slice("name", limit=2)
    few = all_pages(lambda part: list_customers(shop, part, "OWING"), part)
    monkeypatch.setattr("cleanflow.dao.customer_lists._FEW", 1)
    assert all_pages(lambda part: list_customers(shop, part, "OWING"), part) == few
    assert list_customers(shop, part, "OWING").count == 3


def test_words_search_within_what_is_shown(shop: Database) -> None:
    assert [found.name for found in find_customers(shop, "ann")] == ["ann", "Ann", "Ann"]
    assert sorted(found.balance_minor for found in find_customers(shop, "ann", which="OWING")) == [500, 700]
    assert [found.balance_minor for found in find_customers(shop, "ann", which="CREDIT")] == [-900]
    assert [found.name for found in find_customers(shop, "dor", which="INACTIVE")] == ["dora"]
    assert find_customers(shop, "dor") == []


@pytest.mark.parametrize("text", ["C1-000002", " c1-2 ", "C1-R000001"])
def test_a_reference_finds_its_customer_first(shop: Database, text: str) -> None:
    expected = "Zoe" if "R" in text else "Ann"
    assert find_customers(shop, text)[0].name == expected


@pytest.mark.parametrize("text", ["C1-000099", "C2-000001", "C1-", "C1-E000001", "0300-1234567", "-", "C1-٣"])
def test_what_is_no_reference_finds_nobody_by_it(shop: Database, text: str) -> None:
    assert customers_by_reference(shop, text) == []
