"""Lists of jobs: every filter, every order in both directions, paging, search words and tickets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from cleanflow.dao import job_lists
from cleanflow.dao.adjustments import adjust_job, cancel_job, discount_job, reverse_adjustment
from cleanflow.dao.balances import explain_balance, open_jobs
from cleanflow.dao.customer_lists import list_customer_jobs
from cleanflow.dao.customers import add_customer
from cleanflow.dao.job_lists import JobLine, list_jobs, stations
from cleanflow.dao.job_search import found_jobs, jobs_by_ticket
from cleanflow.dao.job_story import job_story
from cleanflow.dao.jobs import create_job, edit_job
from cleanflow.dao.paging import Page, Slice
from cleanflow.dao.payment_lists import settled_by
from cleanflow.dao.payments import record_payment, reverse_payment, use_credit
from cleanflow.dao.services import add_service
from cleanflow.dao.statements import list_account
from cleanflow.db import Database
from cleanflow.errors import Refusal
from tests.conftest import TestClock
from tests.dao.pages import all_pages, all_pages_backward

TODAY = date(2026, 3, 10)


@pytest.fixture(params=["few", "many"])
def few_or_many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short and long lists are read in different ways, with the same result."""
    if request.param == "many":
        monkeypatch.setattr(job_lists, "_MANY", 1)


@pytest.fixture
def shop(db: Database, few_or_many: None) -> Database:
    """Ann and zoe, and six jobs of every kind: C1-000001 to C1-000006."""
    ann = add_customer(db, name="Ann Baker", phone="+92 300 1234567").id
    zoe = add_customer(db, name="zoe", phone="0987").id

    def job(customer: str, amount: int, what: str, due: str | None, status: str, on: str) -> str:
        return create_job(
            db, customer_id=customer, amount_minor=amount, description=what, due_date=due,
            work_status=status, on=on,
        ).id  # fmt: skip

    job(ann, 5000, "Carpet 100%", "2026-03-05", "RECEIVED", "2026-03-01")
    part = job(zoe, 3000, "Leather jacket", "2026-03-10", "IN_PROGRESS", "2026-03-02")
    record_payment(db, customer_id=zoe, amount_minor=1000, method="CASH", jobs={part: 1000})
    paid = job(ann, 2000, "carpet small", "2026-03-04", "READY", "2026-03-02")
    record_payment(db, customer_id=ann, amount_minor=2000, method="CASH", jobs={paid: 2000})
    job(zoe, 4000, "Пальто", None, "DELIVERED", "2026-03-03")
    cancel_job(db, job(zoe, 9000, "Zip", "2026-03-01", "RECEIVED", "2026-03-04"), "Not wanted")
    job(ann, 1000, "Suit_blue", None, "RECEIVED", "2026-03-10")
    return db


def test_a_service_is_shown_and_found_with_the_description_that_was_typed(db: Database) -> None:
    ann = add_customer(db, name="Ann").id
    suit = add_service(db, name="Suit 2-piece", price_minor=1500).id
    for what in ("grey", "", "Suit 2-piece, black"):
        create_job(db, customer_id=ann, amount_minor=1500, service_type_id=suit, description=what)
    create_job(db, customer_id=ann, amount_minor=1500, description="grey")
    told = ["Suit 2-piece, grey", "Suit 2-piece", "Suit 2-piece, black", "grey"]
    assert [line.what for line in list_jobs(db, Slice("date")).rows] == told
    for text, found in (("suit", [1, 2, 3]), ("2-piece grey", [1]), ("su", [1, 2, 3]), ("grey", [1, 4])):
        assert numbers(list_jobs(db, Slice("date"), text=text).rows) == found, text
    (station, *_others) = stations(db)
    assert {line.what for line in station.lines} == set(told)
    assert [job.what for job in list_customer_jobs(db, Slice("date"), ann).rows] == told
    assert [job.what for job in open_jobs(db, ann)] == told
    assert [line.words for line in explain_balance(db, ann).lines] == told
    assert [line.words for line in list_account(db, Slice("date"), ann).rows] == told
    paid = record_payment(db, customer_id=ann, amount_minor=1500, method="CASH")
    assert [line.words for line in settled_by(db, paid.id)] == told[:1]
    assert [job.what for job in jobs_by_ticket(db, "1")] == told[:1]


def numbers(lines: list[JobLine]) -> list[int]:
    return [int(line.reference[-6:]) for line in lines]


def reader(db: Database, **wanted: object) -> Callable[[Slice], Page[JobLine]]:
    return lambda part: list_jobs(db, part, **wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"status": "OPEN"}, [1, 2, 3, 6]),
        ({"status": "RECEIVED"}, [1, 6]),
        ({"status": "READY"}, [3]),
        ({"status": "DELIVERED"}, [4]),
        ({"status": "CANCELLED"}, [5]),
        ({"due": "OVERDUE"}, [1]),
        ({"due": "TODAY"}, [2]),
        ({"due": "OVERDUE", "status": "IN_PROGRESS"}, []),
        ({"payment": "DUE"}, [1, 2, 4, 6]),
        ({"payment": "PARTIAL"}, [2]),
        ({"payment": "PAID"}, [3]),
        ({"payment": "DUE", "status": "DELIVERED"}, [4]),
        ({"payment": "DUE", "status": "OPEN"}, [1, 2, 6]),
        ({"first": date(2026, 3, 2), "last": date(2026, 3, 3)}, [2, 3, 4]),
        ({"last": date(2026, 3, 1)}, [1]),
        ({"first": date(2026, 3, 2), "payment": "DUE"}, [2, 4, 6]),
        ({"text": "ann"}, [1, 3, 6]),
        ({"text": "BAKER carpet"}, [1, 3]),
        ({"text": "3001234"}, [1, 3, 6]),
        ({"text": "+92 300 1234567"}, [1, 3, 6]),
        ({"text": "carpet"}, [1, 3]),
        ({"text": "100%"}, [1]),
        ({"text": "t_b"}, [6]),
        ({"text": "пальто"}, [4]),
        ({"text": "ann zoe"}, []),
        ({"text": "le"}, [2]),
        ({"text": "zo"}, [2, 4, 5]),
        ({"text": "x"}, [1, 2, 3, 4, 5, 6]),
        ({"text": "4"}, [4]),
        ({"text": "c1-000005"}, [5]),
        ({"text": "carpet", "payment": "DUE"}, [1]),
        ({"text": "nobody"}, []),
        ({"text": '"'}, [1, 2, 3, 4, 5, 6]),
        ({"text": 'a"b OR NEAR('}, []),
    ],
)  # fmt: skip
def test_a_filter_finds_these_jobs_in_every_order(
    shop: Database, wanted: dict[str, object], found: list[int]
) -> None:
    for sort in ("date", "due", "customer", "amount"):
        page = list_jobs(shop, Slice(sort), **wanted)  # type: ignore[arg-type]
        assert sorted(numbers(page.rows)) == found
        assert page.count == len(found)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("date", [1, 2, 3, 4, 5, 6]),
        ("due", [5, 3, 1, 2, 4, 6]),
        ("customer", [1, 3, 6, 2, 4, 5]),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 4, 6])
def test_pages_follow_the_order_to_the_end_and_back(
    shop: Database, sort: str, order: list[int], limit: int
) -> None:
    for descending in (False, True):
        part = Slice(sort, descending, limit=limit)
        expected = order[::-1] if descending else order
        assert numbers(all_pages(reader(shop), part)) == expected
        assert numbers(all_pages_backward(reader(shop), part)) == expected


def test_by_amount_the_largest_debt_comes_first_and_ties_are_not_lost(shop: Database) -> None:
    part = Slice("amount", descending=True, limit=2)
    assert numbers(all_pages(reader(shop), part))[:4] == [1, 4, 2, 6]
    assert sorted(numbers(all_pages(reader(shop), part))) == [1, 2, 3, 4, 5, 6]
    assert sorted(numbers(all_pages_backward(reader(shop), part))) == [1, 2, 3, 4, 5, 6]
    for payment, order in (("DUE", [1, 4, 2, 6]), ("PARTIAL", [2]), ("PAID", [3])):
        assert numbers(all_pages(reader(shop, payment=payment), part)) == order


def test_jobs_of_one_moment_and_one_name_are_each_shown_once(db: Database, few_or_many: None) -> None:
    for _twin in range(2):
        customer = add_customer(db, name="Ann").id
        for _job in range(5):
            create_job(db, customer_id=customer, amount_minor=100, on="2026-03-01", due_date="2026-03-02")
    for sort in ("date", "due", "customer", "amount"):
        for descending in (False, True):
            part = Slice(sort, descending, limit=3)
            forward = numbers(all_pages(reader(db), part))
            assert sorted(forward) == list(range(1, 11))
            assert numbers(all_pages_backward(reader(db), part)) == forward


def test_a_line_tells_the_customer_and_the_money(shop: Database) -> None:
    line = list_jobs(shop, Slice("date"), text="jacket").rows[0]
    assert (line.customer, line.phone, line.total_minor, line.due_minor) == ("zoe", "0987", 3000, 2000)
    assert (line.work_status, line.payment_status, line.due_date) == ("IN_PROGRESS", "PARTIAL", "2026-03-10")


def test_a_choice_that_does_not_exist_is_refused(db: Database) -> None:
    with pytest.raises(Refusal, match="WAITING"):
        list_jobs(db, Slice("date"), status="WAITING")


def test_a_ticket_is_found_by_its_reference_or_by_the_digits_of_this_pcs(shop: Database) -> None:
    for text in ("C1-000003", " c1-3 ", "3", "000003"):
        assert [job.reference for job in jobs_by_ticket(shop, text)] == ["C1-000003"]
    for text in ("C2-000003", "33", "", "three", "³", "1" * 30):
        assert jobs_by_ticket(shop, text) == []
    assert found_jobs(shop, "  ") is None
    for longest in ("y" * 100_000, "9" * 100_000, "%" * 100_000, "😀" * 60_000):
        assert found_jobs(shop, longest) == []


def test_the_board_shows_the_stations_by_promise_and_what_was_delivered_lately(
    shop: Database, clock: TestClock
) -> None:
    board = stations(shop)
    assert [station.work_status for station in board] == ["RECEIVED", "IN_PROGRESS", "READY", "DELIVERED"]
    assert [numbers(station.lines) for station in board] == [[1, 6], [2], [3], [4]]
    assert [station.count for station in board] == [2, 1, 1, 1]
    clock.moment = clock.moment.replace(day=13)
    assert numbers(stations(shop)[3].lines) == []
    (job,) = jobs_by_ticket(shop, "3")
    edit_job(shop, job.id, work_status="DELIVERED")
    assert numbers(stations(shop)[3].lines) == [3]
    assert [len(station.lines) for station in stations(shop, limit=1)] == [1, 1, 0, 1]
    assert stations(shop, limit=1)[0].count == 2


def test_a_jobs_story_has_every_step_and_ends_at_what_is_due(db: Database) -> None:
    ann = add_customer(db, name="Ann").id
    record_payment(db, customer_id=ann, amount_minor=700, method="BANK", jobs={})
    job = create_job(db, customer_id=ann, amount_minor=5000, on="2026-03-01").id
    paid = record_payment(db, customer_id=ann, amount_minor=3000, method="CASH", jobs={job: 3000})
    use_credit(db, ann, {job: 500})
    adjust_job(db, job, 1000, "More work")
    reverse_adjustment(db, discount_job(db, job, 200, "Regular").id, "Typed wrongly")
    reverse_payment(db, paid.id, "Wrong customer")
    cancel_job(db, job, "Not wanted")
    story = job_story(db, job)
    assert [(step.kind, step.amount_minor, step.due_minor) for step in story] == [
        ("AGREED", 5000, 5000),
        ("PAID", -3000, 2000),
        ("CREDIT_USED", -500, 1500),
        ("ADJUSTMENT", 1000, 2500),
        ("DISCOUNT", -200, 2300),
        ("DISCOUNT", 200, 2500),
        ("RELEASED", 3000, 5500),
        ("RELEASED", 500, 6000),
        ("CANCELLATION", -6000, 0),
    ]
    assert {step.who for step in story} == {"Olga"}
    assert [step.is_reversed for step in story] == [
        False, True, False, False, True, False, True, False, False,
    ]  # fmt: skip
    assert (story[1].reference, story[1].method, story[1].payment_id) == ("C1-R000002", "CASH", paid.id)
    assert (story[3].reason, story[5].is_reversal) == ("More work", True)
    with pytest.raises(Refusal):
        job_story(db, "99999999-9999-4999-8999-999999999999")


def test_when_an_amount_falls_below_what_was_paid_the_due_never_is_negative_on_the_way(db: Database) -> None:
    ann = add_customer(db, name="Ann").id
    job = create_job(db, customer_id=ann, amount_minor=5000).id
    record_payment(db, customer_id=ann, amount_minor=5000, method="CASH", jobs={job: 5000})
    discount_job(db, job, 2000, "Stain stayed")
    assert [step.due_minor for step in job_story(db, job)] == [5000, 0, 2000, 0]
