"""Two PCs that each had an owner “Olga” and a job C1-000001 join one server: nobody is taken for another."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cleanflow.cli import main
from cleanflow.dao.customer_lists import customers_by_reference, find_customers
from cleanflow.dao.expenses import list_categories
from cleanflow.dao.job_search import found_jobs, jobs_by_ticket
from cleanflow.dao.jobs import job_by_reference, jobs_by_reference
from cleanflow.dao.remembered import OWNER_BACK, recall
from cleanflow.dao.services import list_services
from cleanflow.dao.users import add_user, edit_user, first_owner, is_pin_right, list_users, merge_users
from cleanflow.errors import Refusal
from cleanflow.safekeeping.verify import verify
from cleanflow.sync.repair.namesakes import merge_namesakes, namesakes, namesakes_of
from server.database import Shop
from tests.server.live import Live
from tests.sync.pcs import ShopPc, assert_same_books
from tests.sync.two_shops import meet, set_up_alone

Pair = tuple[ShopPc, ShopPc]


@pytest.fixture
def pair(live: Live, shop: Shop, new_pc: Callable[..., ShopPc]) -> Pair:
    """Both have joined: Olga (1111) with Ann's job, Olga (2222) with Bob's, both called C1-000001."""
    first, second = new_pc("one"), new_pc("two")
    set_up_alone(first, "1111", "Ann", 1000)
    set_up_alone(second, "2222", "Bob", 2500)
    meet(live, shop, first, second)
    return first, second


def olgas(pc: ShopPc) -> list[str]:
    return [user.id for user in list_users(pc.db) if user.name == "Olga"]


def test_both_owners_of_one_name_keep_their_own_pin_on_both_pcs(pair: Pair) -> None:
    for pc in pair:
        right = {user_id: [pin for pin in ("1111", "2222") if is_pin_right(pc.db, user_id, pin)]
                 for user_id in olgas(pc)}  # fmt: skip
        assert sorted(right.values()) == [["1111"], ["2222"]]
        assert sorted(user.pc_code for user in list_users(pc.db)) == ["C1", "C2"]


def test_users_services_and_categories_of_one_name_become_one(pair: Pair) -> None:
    first, second = pair
    assert [one.table for one in namesakes(first.db)] == ["users", "service_types", "expense_categories"]
    assert namesakes(first.db) == namesakes(second.db), "both PCs propose to keep the same ones"
    for one in namesakes(first.db):
        merge_namesakes(first.db, one)
    for pc in (first, second, first):
        pc.sync()
    assert_same_books(first, second)
    for pc in pair:
        assert namesakes(pc.db) == []
        assert len(olgas(pc)) == 1
        assert [service.name for service in list_services(pc.db)] == ["Ironing"]
        assert [one.name for one in list_categories(pc.db)].count("Soap") == 1
        assert verify(pc.db).is_clean


def test_what_a_merged_user_recorded_stays_theirs_and_the_merge_is_in_the_audit(pair: Pair) -> None:
    first, second = pair
    (one,) = [pair for pair in namesakes(first.db) if pair.table == "users"]
    merge_namesakes(first.db, one)
    for pc in (first, second):
        pc.sync()
    for pc in pair:
        assert pc.value("SELECT user_id FROM jobs WHERE amount_minor = 2500") == one.other.id
        row = pc.db.one(
            "SELECT user_id, new_value FROM audit_logs WHERE table_name = 'users' AND record_id = :id"
            " ORDER BY created_at DESC LIMIT 1",
            {"id": one.other.id},
        )
        assert row is not None and row["user_id"] == one.keep.id
        noted = json.loads(row["new_value"])
        assert (noted["is_active"], noted["merged_into"]) == (0, one.keep.id)
        assert not is_pin_right(pc.db, one.other.id, "2222")
        assert is_pin_right(pc.db, one.keep.id, "1111")


def test_merging_leaves_the_last_owner_and_needs_one(pair: Pair) -> None:
    first, _second = pair
    keep, other = olgas(first)
    first.db.session.user_id = other
    edit_user(first.db, keep, role="CASHIER")
    assert (found := namesakes_of(first.db, "users", keep)) is not None
    assert found.keep.id == other, "an owner stays before a cashier"
    with pytest.raises(Refusal) as refused:
        merge_users(first.db, keep, other)
    assert refused.value.code == "last_owner"
    assert len(olgas(first)) == 2
    first.db.session.user_id = keep
    with pytest.raises(Refusal) as refused:
        merge_users(first.db, other, keep)
    assert refused.value.code == "owner_needed"
    first.db.session.user_id = other
    carl = add_user(first.db, name="Carl", role="CASHIER", pin="3333")
    for no_pair in ((keep, keep), (keep, carl.id)):
        with pytest.raises(Refusal) as refused:
            merge_users(first.db, *no_pair)
        assert refused.value.code == "not_namesakes"


def test_a_number_that_two_pcs_gave_leads_to_both_jobs(pair: Pair) -> None:
    for pc in pair:
        found = jobs_by_reference(pc.db, "C1-000001")
        assert [job.amount_minor for job in found] == [1000, 2500]
        assert jobs_by_ticket(pc.db, " c1-1 ") == found
        assert len(found_jobs(pc.db, "C1-000001") or []) == 2
        names = [customer.name for customer in customers_by_reference(pc.db, "C1-000001")]
        assert sorted(names) == ["Ann", "Bob"]
        assert {one.name for one in find_customers(pc.db, "C1-000001")} == {"Ann", "Bob"}
    assert [len(jobs_by_ticket(pc.db, "1")) for pc in pair] == [2, 0], "the second PC is C2 now"


def test_a_receipts_number_that_two_pcs_gave_leads_to_both_customers(
    live: Live, shop: Shop, new_pc: Callable[..., ShopPc]
) -> None:
    first, second = new_pc("one"), new_pc("two")
    for pc, name in ((first, "Ann"), (second, "Bob")):
        set_up_alone(pc, "1111", name, 1000)
        pc.pay(pc.value("SELECT id FROM customers"), 1000)
    meet(live, shop, first, second)
    found = {customer.name for customer in customers_by_reference(first.db, "C1-R000001")}
    assert found == {"Ann", "Bob"}


def test_a_program_is_refused_with_the_candidates_named(pair: Pair) -> None:
    with pytest.raises(Refusal) as refused:
        job_by_reference(pair[0].db, "C1-1")
    day = pair[0].value("SELECT business_date FROM jobs LIMIT 1")
    assert refused.value.code == "job_ambiguous"
    assert f"Ann, {day}, 10.00; Bob, {day}, 25.00" in str(refused.value)


def test_an_import_takes_the_customers_job_or_refuses(
    pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _second = pair
    first.customer("Carla")
    file = tmp_path / "payments.csv"
    file.write_text("Customer,Amount,Job\nBob,25.00,C1-000001\nCarla,5.00,C1-000001\n")
    first.db.close()
    status = main(["--data", str(first.folder), "import", "payments", str(file)])
    told = capsys.readouterr().err
    first.restart()
    assert status == 1
    assert "line 3: refused: Several jobs have the number “C1-000001”: Ann, " in told
    assert [job.due_minor for job in jobs_by_reference(first.db, "C1-000001")] == [1000, 0]


def test_an_owner_whom_synchronising_activates_is_told_and_is_the_pcs_own_act(pair: Pair) -> None:
    first, second = pair
    ids = olgas(first)
    owners = {pc: next(one for one in ids if is_pin_right(pc.db, one, pin))
              for pc, pin in ((first, "1111"), (second, "2222"))}  # fmt: skip
    for pc, other in ((first, second), (second, first)):
        pc.db.session.user_id = owners[pc]
        edit_user(pc.db, owners[other], is_active=False)
    first.sync()
    summary = second.sync()
    assert summary.owner_back == "Olga"
    assert "users" in summary.tables
    assert recall(second.db, OWNER_BACK, "") == "Olga"
    (owner,) = list_users(second.db)
    assert first_owner(second.db) == owner
    row = second.db.one(
        "SELECT user_id, device_id, new_value FROM audit_logs WHERE table_name = 'users'"
        " ORDER BY created_at DESC LIMIT 1"
    )
    assert row is not None and row["user_id"] is None and row["device_id"] == second.db.device_id
    assert json.loads(row["new_value"])["is_active"] == 1
    first.sync()
    assert [user.id for user in list_users(first.db)] == [owner.id]
