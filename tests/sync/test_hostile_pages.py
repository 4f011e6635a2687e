"""Pages from a lying server: what cannot be true does not enter the books, and is reported."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanflow.records.chain import GENESIS, entry_hash
from cleanflow.safekeeping.finding import Finding
from cleanflow.safekeeping.verify import verify
from cleanflow.sync.client import Summary
from tests.server.live import Live
from tests.sync.local_rows import rows_of
from tests.sync.lying_server import LyingServer, answer, lying_server_at
from tests.sync.made_rows import MadePc, Rows, merged
from tests.sync.pcs import ShopPc, contents

Joined = Callable[[int], list[ShopPc]]
PULL, PUSH = "/v1/pull", "/v1/push"


@pytest.fixture
def lying_server(live: Live) -> Iterator[LyingServer]:
    with lying_server_at(live.url) as lying_server:
        yield lying_server


@pytest.fixture
def pc(joined: Joined, lying_server: LyingServer) -> ShopPc:
    (pc,) = joined(1)
    pc.db.execute("UPDATE sync_state SET server_url = :url", {"url": lying_server.url})
    return pc


def page_of(rows: Rows, **fields: Any) -> Callable[[dict[str, Any]], object]:
    """Replaces the rows of the server's page by these."""

    def alter(page: dict[str, Any]) -> object:
        return {**page, "rows": rows, "cursor": page["cursor"] + 1, **fields}

    return alter


def sync_with(pc: ShopPc, lying_server: LyingServer, rows: Rows, **fields: Any) -> Summary:
    lying_server.altered = {PULL: page_of(rows, **fields)}
    summary = pc.try_sync()
    lying_server.be_honest()
    return summary


def wrong_in(pc: ShopPc) -> list[Finding]:
    """The findings of verify, except those about missing audit rows and jobs, which made-up rows lack."""
    made_by_hand = ("ledger_mismatch", "audit_missing")
    return [found for found in verify(pc.db).findings if found.code not in made_by_hand]


def told_difference(pc: ShopPc) -> str:
    return str(pc.value("SELECT difference FROM sync_state"))


def test_rows_of_a_table_that_is_not_synchronised_are_carried_and_touch_nothing(
    pc: ShopPc, lying_server: LyingServer
) -> None:
    before = contents(pc.db)
    tables = ("sync_state", "app_settings", "sqlite_master", "job_totals", "gift_cards")
    for table in tables:
        row = MadePc().audit("x", "y") | {"token": "x"}
        rows = {table: [row], **MadePc().customer(table)}
        assert entered_beside(pc, lying_server, rows, "customers") == 1
    assert [row[0] for row in pc.db.rows("SELECT table_name FROM carried_rows ORDER BY rowid")] == [*tables]
    assert set_aside(pc) == []
    assert {**contents(pc.db), "customers": []} == {**before, "customers": []}
    assert wrong_in(pc) == []
    assert "contradict" not in told_difference(pc)


def test_a_row_that_cannot_even_be_carried_is_set_aside(pc: ShopPc, lying_server: LyingServer) -> None:
    whole = MadePc().audit("x", "y")
    for changes, reason in (
        ({"device_id": "C1"}, "value_invalid:device_id"),
        ({"updated_at": "soon"}, "value_invalid:updated_at"),
        ({"note": "\0"}, "row_invalid"),
        ({"note": "x" * 2_000_001}, "row_invalid"),
    ):
        rows = {"gift_cards": [whole | changes], **MadePc().customer(reason)}
        assert entered_beside(pc, lying_server, rows, "customers") == 1
        assert set_aside(pc)[-1] == ("gift_cards", reason)
    assert pc.value("SELECT count(*) FROM carried_rows") == 0


def test_a_name_that_no_table_can_have_is_not_taken(pc: ShopPc, lying_server: LyingServer) -> None:
    before, cursor = contents(pc.db), pc.value("SELECT pull_cursor FROM sync_state")
    for table in ('x"; DROP TABLE jobs; --', "main.jobs", "", "x" * 64):
        assert sync_with(pc, lying_server, {table: [{"id": MadePc().id}]}).code == "table_unknown"
    assert (contents(pc.db), pc.value("SELECT pull_cursor FROM sync_state")) == (before, cursor)
    assert pc.sync().is_same_books


def set_aside(pc: ShopPc) -> list[tuple[str, str]]:
    """(table, reason) of every row that cannot be stored here."""
    query = (
        "SELECT json_extract(body, '$[0][0]'), reason FROM sync_waiting WHERE missing_id = '' ORDER BY number"
    )
    return [(row[0], row[1]) for row in pc.db.rows(query)]


def entered_beside(pc: ShopPc, lying_server: LyingServer, rows: Rows, table: str) -> int:
    """Number of rows of ``table`` that a page with these rows adds; the page is accepted with its cursor."""
    count = f"SELECT count(*) FROM {table}"
    before, cursor = pc.value(count), pc.value("SELECT max(pull_cursor, 1) FROM sync_state") + 7
    summary = sync_with(pc, lying_server, rows, cursor=cursor)
    assert (summary.code, pc.value("SELECT pull_cursor FROM sync_state")) == ("", cursor)
    return int(pc.value(count) - before)


def test_an_entry_whose_hash_is_forged_is_set_aside_and_told(pc: ShopPc, lying_server: LyingServer) -> None:
    rows = MadePc().sale()
    rows["ledger_entries"][0] = rows["ledger_entries"][0] | {"amount_minor": 999}
    assert entered_beside(pc, lying_server, rows, "ledger_entries") == 0, "a payment waits for its job"
    assert pc.value("SELECT count(*) FROM customers") == 1
    assert pc.value("SELECT count(*) FROM jobs") == 0, "no job without its entry"
    assert wrong_in(pc) == []
    assert set_aside(pc) == [("ledger_entries", "hash_wrong")]
    assert "contradict" in told_difference(pc)
    assert not pc.sync().is_same_books


def test_an_entry_that_does_not_continue_its_chain_is_kept_aside_and_told(
    pc: ShopPc, lying_server: LyingServer
) -> None:
    other = MadePc()
    rows = other.sale()
    tail = other.job(rows["customers"][0]["id"])
    entry = tail["ledger_entries"][0] | {"previous_hash": "ab" * 32}
    forged = entry | {"hash": entry_hash(entry)}
    tail["ledger_entries"] = [forged]
    summary = sync_with(pc, lying_server, merged(rows, tail))
    assert not summary.is_same_books
    assert pc.value("SELECT count(*) FROM jobs") == 1, "the job of a broken entry shows without it"
    assert pc.value("SELECT balance_minor FROM customer_balances") == 0
    kept = pc.db.rows("SELECT reason, body FROM sync_waiting")
    assert [(row[0], forged["hash"] in row[1]) for row in kept] == [("chain_broken", True)]
    assert "contradict" in told_difference(pc)
    assert wrong_in(pc) == []


def test_other_content_under_a_known_id_is_kept_aside_and_told(pc: ShopPc, lying_server: LyingServer) -> None:
    other = MadePc()
    rows = other.sale()
    sync_with(pc, lying_server, rows)
    before = contents(pc.db)
    payment = rows["payments"][0] | {"amount_minor": 1}
    forged = {"payments": [payment]}
    for _twice in range(2):
        assert not sync_with(pc, lying_server, forged).is_same_books
    assert contents(pc.db) == before
    assert [row[0] for row in pc.db.rows("SELECT reason FROM sync_waiting")] == ["other_content"]
    assert "contradict" in told_difference(pc)


def test_a_page_that_was_given_before_is_not_taken_twice(pc: ShopPc, lying_server: LyingServer) -> None:
    """The PC stops asking a server whose cursor goes back or does not advance."""
    rows = MadePc().sale()
    sync_with(pc, lying_server, rows)
    before = contents(pc.db)
    cursor = pc.value("SELECT pull_cursor FROM sync_state")
    # a cursor that went back means a restored server, which is not an error
    assert sync_with(pc, lying_server, rows, cursor=cursor - 1).code == ""
    assert sync_with(pc, lying_server, rows, cursor=cursor, more=True).code == "message_invalid"
    assert sync_with(pc, lying_server, rows, cursor=cursor).code == ""
    assert contents(pc.db) == before
    assert pc.value("SELECT pull_cursor FROM sync_state") == cursor


def test_a_forged_entry_does_not_take_the_place_of_one_of_this_pc(
    pc: ShopPc, lying_server: LyingServer
) -> None:
    pc.job(pc.customer("Ann"), 700)
    pc.sync()
    before = contents(pc.db)
    forger = MadePc(device_id=pc.db.device_id)
    rows = forger.sale()  # chain number 1 belongs to Ann's job
    summary = sync_with(pc, lying_server, {"ledger_entries": rows["ledger_entries"][:1]})
    assert not summary.is_same_books
    assert contents(pc.db)["ledger_entries"] == before["ledger_entries"]
    pc.job(pc.value("SELECT id FROM customers"), 800)
    assert wrong_in(pc) == []


WRONG: dict[str, dict[str, Any]] = {
    "text_as_amount": {"amount_minor": "700"},
    "half_a_cent": {"amount_minor": 700.5},
    "whole_float": {"amount_minor": 700.0},
    "true_as_amount": {"amount_minor": True},
    "negative": {"amount_minor": -700},
    "too_much": {"amount_minor": 10**18},
    "null": {"customer_id": None},
    "list": {"customer_id": []},
    "object": {"description": {}},
    "number_as_text": {"description": 7},
    "nul": {"description": "a\0b"},
    "half_a_character": {"description": "\ud800"},
    "id_of_capitals": {"id": MadePc().id.upper()},
    "no_id": {"id": "1"},
    "no_date": {"business_date": "2026-02-30"},
    "no_time": {"created_at": "2026-02-03T10:00:00Z"},
    "unknown_kind": {"kind": "GIFT"},
    "status_from_outside": {"sync_status": "PENDING"},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_row_of_wrong_values_is_set_aside_and_the_others_are_entered(
    pc: ShopPc, lying_server: LyingServer, name: str
) -> None:
    made = MadePc()
    rows = made.sale()
    wrong = rows["jobs"][0] | WRONG[name]
    good = made.job(rows["customers"][0]["id"])
    assert (
        entered_beside(
            pc, lying_server, merged(good, rows, {"jobs": [wrong]}) | {"jobs": [*good["jobs"], wrong]}, "jobs"
        )
        == 1
    )
    assert pc.value("SELECT id FROM jobs") == good["jobs"][0]["id"]
    assert pc.value("SELECT count(*) FROM customers") == 1
    ((table, reason),) = set_aside(pc)
    assert table == "jobs"
    assert (
        reason.startswith(("value_invalid:", "column_unknown:")) and reason.partition(":")[2] in WRONG[name]
    )
    assert "contradict" in told_difference(pc)
    assert list(pc.db.rows("PRAGMA foreign_key_check")) == []
    assert not pc.sync().is_same_books
    assert len(set_aside(pc)) == 1, "it is told once"


def test_a_row_that_was_set_aside_is_entered_once_it_can_be(pc: ShopPc, lying_server: LyingServer) -> None:
    """The retry happens at the next synchronisation, as after an update of the program."""
    customer = MadePc().customer("Ann")
    sync_with(pc, lying_server, {"customers": [customer["customers"][0] | {"name": ""}]})
    assert set_aside(pc) == [("customers", "value_invalid:name")]
    pc.db.execute('UPDATE sync_waiting SET body = replace(body, \'"name": ""\', \'"name": "Ann"\')')
    pc.sync()
    assert set_aside(pc) == []
    assert pc.value("SELECT name FROM customers") == "Ann"


def test_many_rows_that_cannot_be_stored_are_set_aside_in_seconds(
    pc: ShopPc, lying_server: LyingServer
) -> None:
    rows: Rows = {"jobs": [{"id": str(number)} for number in range(20_000)]}
    started = time.monotonic()
    entered_beside(pc, lying_server, rows, "jobs")
    assert time.monotonic() - started < 20
    assert len(set_aside(pc)) == 20_000


def test_a_genesis_entry_with_another_beginning_is_kept_aside(pc: ShopPc, lying_server: LyingServer) -> None:
    rows = MadePc().sale()
    entry = rows["ledger_entries"][0] | {"previous_hash": "1" * 64}
    assert rows["ledger_entries"][0]["previous_hash"] == GENESIS
    rows["ledger_entries"][0] = entry | {"hash": entry_hash(entry)}
    sync_with(pc, lying_server, rows)
    assert pc.value("SELECT count(*) FROM ledger_entries") == 0
    assert "contradict" in told_difference(pc)


def raw_page(rows: str, cursor: str = "10000000", more: str = "false", rest: str = "") -> bytes:
    """A page as text, so that it can hold JSON that our encoder never writes."""
    parts = (
        f'"rows":{rows}',
        f'"cursor":{cursor}',
        f'"more":{more}',
        '"server_time":"2026-03-10T09:00:00.000000Z"',
    )
    return answer(200, f'{{"protocol":1,{",".join(parts)}{rest}}}'.encode("utf-8", "surrogatepass"))


_DEEP = "[" * 5_000 + "]" * 5_000
RAW_PAGES: dict[str, bytes] = {
    "rows_are_a_list": raw_page("[]"),
    "rows_are_null": raw_page("null"),
    "table_is_an_object": raw_page('{"jobs":{}}'),
    "row_is_deep": raw_page(f'{{"jobs":[{{"id":{_DEEP}}}]}}'),
    "deep_cursor": raw_page("{}", _DEEP),
    "no_number": raw_page("{}", "NaN"),
    "infinity": raw_page('{"jobs":[{"amount_minor":Infinity}]}'),
    "cursor_of_ten_thousand_digits": raw_page("{}", "9" * 10_000),
    "cursor_beyond_64_bits": raw_page("{}", str(2**63)),
    "negative_cursor": raw_page("{}", "-1"),
    "cursor_as_text": raw_page("{}", '"7"'),
    "cursor_as_float": raw_page("{}", "7.0"),
    "more_as_text": raw_page("{}", more='"yes"'),
    "more_without_end": raw_page("{}", "0", "true"),
    "version_twice": raw_page("{}", rest=',"protocol":2'),
    "a_mark_before": answer(200, b"\xef\xbb\xbf{}"),
    "two_values": answer(200, b"{}{}"),
    "a_comment": answer(200, b"{/* hi */}"),
}


@pytest.mark.parametrize("name", RAW_PAGES)
def test_a_page_that_is_no_honest_json_changes_nothing(
    pc: ShopPc, lying_server: LyingServer, name: str
) -> None:
    before, cursor = contents(pc.db), pc.value("SELECT pull_cursor FROM sync_state")
    lying_server.instead = {PULL: RAW_PAGES[name]}
    summary = pc.try_sync()
    lying_server.be_honest()
    assert summary.code and summary.words and len(summary.words) < 1_000
    assert (contents(pc.db), pc.value("SELECT pull_cursor FROM sync_state")) == (before, cursor)
    assert pc.sync().is_same_books


RAW_ROWS: dict[str, tuple[str, str]] = {
    "a_text": ('{"jobs":["x"]}', "row_unreadable"),
    "ten_thousand_digits": (f'{{"jobs":[{{"amount_minor":{"9" * 10_000}}}]}}', "row_unreadable"),
    "beyond_floats": ('{"jobs":[{"amount_minor":1e400}]}', "row_unreadable"),
    "rows_twice": ('{"jobs":[]},"rows":{"jobs":[{}]}', "column_missing:id"),
    "column_twice": ('{"customers":[{"id":"x","id":"y"}]}', "value_invalid:id"),
    "a_strange_column": ('{"customers":[{"id); DROP TABLE jobs; --":1}]}', "column_missing:id"),
    "deep_in_a_row": (f'{{"customers":[{{"id":{"[" * 500}{"]" * 500}}}]}}', "value_invalid:id"),
    "half_a_character": ('{"customers":[{"name":"\\ud800"}]}', "column_missing:id"),
    "half_a_character_raw": ('{"customers":[{"name":"\ud800"}]}', "row_unreadable"),
}


@pytest.mark.parametrize("name", RAW_ROWS)
def test_a_row_that_is_no_honest_json_is_set_aside_alone(
    pc: ShopPc, lying_server: LyingServer, name: str
) -> None:
    before = contents(pc.db)
    rows, reason = RAW_ROWS[name]
    lying_server.instead = {PULL: raw_page(rows, cursor="1")}
    pc.db.execute("UPDATE sync_state SET pull_cursor = 0")
    pc.try_sync()
    lying_server.be_honest()
    assert (pc.value("SELECT pull_cursor FROM sync_state"), contents(pc.db)) == (1, before)
    assert [one[1] for one in set_aside(pc)] == [reason]
    assert wrong_in(pc) == []
    assert not pc.sync().is_same_books


def test_a_field_of_a_later_version_does_not_refuse_the_page(pc: ShopPc, lying_server: LyingServer) -> None:
    assert sync_with(pc, lying_server, MadePc().customer("Ann"), news={"a": [1]}, versions=[1, 2]).code == ""
    assert pc.value("SELECT name FROM customers") == "Ann"


@pytest.mark.parametrize("outcome", ["superseded", "corrected"])
def test_an_odd_row_in_the_answer_to_a_push_is_set_aside_and_its_outcome_is_taken(
    pc: ShopPc, lying_server: LyingServer, outcome: str
) -> None:
    pc.customer("Ann")
    (ann,) = rows_of(pc.db)["customers"]

    def alter(message: dict[str, Any]) -> object:
        told = {"outcome": outcome, "row": {**ann, "name": ""}}
        return {**message, "outcomes": {**message["outcomes"], "customers": [told]}}

    lying_server.altered = {PUSH: alter}
    assert pc.try_sync().code == ""
    lying_server.be_honest()
    assert set_aside(pc) == [("customers", "value_invalid:name")]
    assert pc.value("SELECT name || sync_status FROM customers") == "AnnSYNCED"
    assert "contradict" in told_difference(pc)


_JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
    st.just([]), st.just({}), st.just(10**30), st.just("\ud800"), st.just("0" * 64),
)  # fmt: skip


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_stands_in_a_page_the_books_stay_whole(
    pc: ShopPc, lying_server: LyingServer, data: st.DataObject
) -> None:
    made = MadePc()
    rows = json.loads(json.dumps(made.everything()))
    for _change in range(data.draw(st.integers(1, 3))):
        table = data.draw(st.sampled_from(sorted(rows)))
        if rows[table]:
            row = data.draw(st.sampled_from(rows[table]))
            row[data.draw(st.sampled_from(sorted(row)))] = data.draw(_JUNK)
    summary = sync_with(pc, lying_server, rows)
    assert summary.words or not summary.code
    # When an entry, or the record of one, is set aside, verify reports the gap.
    assert {found.code for found in wrong_in(pc)} <= {"chain_gap", "ledger_orphan", "more"}
    assert wrong_in(pc) == [] or ("contradict" in told_difference(pc) and set_aside(pc))
    assert list(pc.db.rows("PRAGMA foreign_key_check")) == []
