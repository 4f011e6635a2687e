"""Join codes, tokens and PC codes: used once, expiring, stored as hashes, revocable."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
import requests

from cleanflow.sync.protocol import MOST_PREDECESSORS
from server import admin
from server.auth import digest, free_code, new_join_code, read_join_code
from tests.server.live import Live, Pc, fresh_database, live_server, run_sql
from tests.sync.made_rows import MadePc


@pytest.fixture(scope="module")
def live(postgres: str) -> Iterator[Live]:
    with fresh_database(postgres) as database, live_server(database) as running:
        yield running


def code_of(answer: requests.Response) -> str:
    return str(answer.json()["error"]["code"])


def test_a_code_is_readable_and_taken_as_people_type_it() -> None:
    code = new_join_code()
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}", code)
    assert read_join_code("7k2m qx4d – otlb") == read_join_code("7K2M-QX4D-0T1B")


def test_a_code_lets_one_pc_in_and_no_second(live: Live) -> None:
    shop = live.new_shop()
    code = live.new_code(shop)
    assert Pc(live, "C1").join(code.lower().replace("-", " ")).status_code == 200
    second = Pc(live, "C2").join(code)
    assert (second.status_code, code_of(second)) == (403, "join_code_invalid")


def at_once(pcs: list[Pc], codes: list[str]) -> list[int]:
    """The statuses of these joins, started at the same time."""
    statuses: list[int] = []

    def join(pc: Pc, code: str) -> None:
        statuses.append(pc.join(code).status_code)

    threads = [threading.Thread(target=join, args=both) for both in zip(pcs, codes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


def test_of_several_pcs_that_bring_one_code_at_once_one_is_let_in(live: Live) -> None:
    shop = live.new_shop()
    for turn in range(5):
        pcs = [Pc(live, f"{letter}{turn}") for letter in "ABCD"]
        assert at_once(pcs, [live.new_code(shop)] * 4) == [200, 403, 403, 403]


def test_of_several_pcs_that_bring_one_pc_code_at_once_one_gets_it(live: Live) -> None:
    shop = live.new_shop()
    pcs, codes = [Pc(live, "C1") for _ in range(4)], [live.new_code(shop) for _ in range(4)]
    assert at_once(pcs, codes) == [200, 409, 409, 409]


def test_an_expired_code_lets_nobody_in(live: Live) -> None:
    code = live.new_code(live.new_shop())
    run_sql(
        live.database,
        "UPDATE cleanflow_control.join_codes SET expires_at = now() - interval '1 s' WHERE code_hash = $1",
        digest(read_join_code(code)),
    )
    assert code_of(Pc(live).join(code)) == "join_code_invalid"


def test_a_code_expires_within_a_day(live: Live) -> None:
    live.new_code(live.new_shop())
    longest = run_sql(
        live.database, "SELECT max(expires_at - now()) <= interval '24 h' FROM cleanflow_control.join_codes"
    )
    assert longest[0][0] is True


def test_a_taken_pc_code_is_refused_with_a_free_one_and_the_join_code_stays_good(live: Live) -> None:
    shop = live.new_shop()
    live.join(shop, "C1")
    code = live.new_code(shop)
    refused = Pc(live, "C1").join(code)
    assert (refused.status_code, code_of(refused)) == (409, "pc_code_taken")
    assert refused.json()["error"]["suggestion"] == "C2"
    assert Pc(live, "C2").join(code).status_code == 200


def test_a_pc_code_of_a_pc_that_never_joined_but_is_in_the_books_is_taken(live: Live) -> None:
    shop = live.new_shop()
    pc = live.join(shop, "A1")
    pc.push(pc.made.everything())
    known = run_sql(live.database, "SELECT code FROM devices", shop=shop)[0][0]
    assert known != "A1"
    assert code_of(Pc(live, known).join(live.new_code(shop))) == "pc_code_taken"


def test_the_same_pc_code_is_free_in_another_shop(live: Live) -> None:
    live.join(live.new_shop(), "C1")
    live.join(live.new_shop(), "C1")


@pytest.mark.parametrize(
    ("wanted", "taken", "free"),
    [
        ("C1", {"C1", "C2"}, "C3"),
        ("FRONT", {"FRONT"}, "FRONT1"),
        ("ABCDEF", {"ABCDEF"}, "ABCDE1"),
        ("7", {"7"}, "C1"),
    ],
)
def test_the_suggested_code_is_like_the_wanted_one(wanted: str, taken: set[str], free: str) -> None:
    assert free_code(wanted, taken) == free


def test_joining_again_gives_a_new_token_and_ends_the_old_one(live: Live) -> None:
    shop = live.new_shop()
    pc = live.join(shop)
    old = pc.token
    assert pc.join(live.new_code(shop)).status_code == 200
    assert pc.token != old
    assert pc.status().status_code == 200
    pc.token = old
    assert code_of(pc.status()) == "token_unknown"


def test_a_revoked_token_ends_at_once(live: Live) -> None:
    shop = live.new_shop()
    pc = live.join(shop)
    assert pc.status().status_code == 200
    live.admin(lambda connection: admin.revoke(connection, pc.made.id))
    for answer in (pc.status(), pc.pull(), pc.push(pc.made.customer())):
        assert (answer.status_code, code_of(answer)) == (401, "token_revoked")
    assert live.rows(shop, "customers") == 0


def test_no_secret_is_kept_in_the_database(live: Live) -> None:
    shop = live.new_shop()
    code = live.new_code(shop)
    pc = Pc(live)
    pc.join(code)
    key = live.owner_link(shop).partition("key=")[2]
    dump = str([
        run_sql(live.database, f"SELECT row_to_json(t)::text FROM cleanflow_control.{table} AS t")
        for table in ("devices", "join_codes", "owner_links", "shops")
    ])  # fmt: skip
    for secret in (code, code.replace("-", ""), pc.token, key):
        assert secret not in dump
        assert secret.encode().hex() not in dump
    assert len(pc.token) >= 43


def test_a_restored_pc_brings_what_its_old_identity_had_not_sent(live: Live) -> None:
    shop = live.new_shop()
    old = live.join(shop, "C1")
    old.push(old.made.everything())
    unsent = old.made.customer("Never sent")
    new = Pc(live, "C2")
    code = live.new_code(shop)
    claim = {"predecessors": [old.made.id]}
    assert code_of(new.join(code, **claim)) == "predecessor_unproven"
    assert code_of(new.join(code, **claim, previous_token="wrong")) == "predecessor_unproven"
    assert new.join(code, **claim, previous_token=old.token).status_code == 200
    assert new.push(unsent).json()["outcomes"]["customers"] == ["stored"]
    # restored again: the second identity's token proves the first identity, too
    third = Pc(live, "C3")
    claim = {"predecessors": [old.made.id, new.made.id], "previous_token": new.token}
    assert third.join(live.new_code(shop), **claim).status_code == 200


def test_an_identity_that_never_joined_or_was_ended_needs_no_proof(live: Live) -> None:
    shop = live.new_shop()
    before_joining = MadePc()
    pc = Pc(live, "C1")
    assert pc.join(live.new_code(shop), predecessors=[before_joining.id]).status_code == 200
    assert pc.push(before_joining.customer()).json()["outcomes"]["customers"] == ["stored"]
    live.admin(lambda connection: admin.revoke(connection, pc.made.id))
    successor = Pc(live, "C2")
    assert successor.join(live.new_code(shop), predecessors=[pc.made.id]).status_code == 200


def test_a_token_of_another_shop_proves_nothing(live: Live) -> None:
    ours, theirs = live.new_shop(), live.new_shop()
    victim, intruder = live.join(ours, "C1"), live.join(theirs, "C1")
    refused = Pc(live, "C2").join(
        live.new_code(ours), predecessors=[victim.made.id], previous_token=intruder.token
    )
    assert code_of(refused) == "predecessor_unproven"


@pytest.mark.parametrize(
    "fields",
    [
        {"device_id": "C1"},
        {"device_id": "00000000-0000-0000-0000-000000000000"},
        {"pc_code": "c1"},
        {"pc_code": "TOOLONG"},
        {"join_code": "x" * 101},
        {"name": "\0"},
        {"name": "\ud800"},
        {"protocol": True},
        {"predecessors": ["x"]},
    ],
)
def test_a_join_that_is_not_well_formed_is_refused(live: Live, fields: dict[str, object]) -> None:
    message = {"protocol": 1, "join_code": "7K2M", "device_id": MadePc().id, "pc_code": "C1", **fields}
    answer = requests.post(f"{live.url}/v1/join", json=message, timeout=10)
    assert (answer.status_code, code_of(answer)) == (400, "message_invalid")


def test_the_longest_join_that_is_allowed_is_taken(live: Live) -> None:
    pc = Pc(live, "ABC123")
    predecessors = [MadePc().id for _ in range(MOST_PREDECESSORS)]
    answer = pc.join(live.new_code(live.new_shop()), name="\U0001f9fa" * 200, predecessors=predecessors)
    assert answer.status_code == 200, answer.text
