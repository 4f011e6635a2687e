"""The protocol: it matches the local schema, reads strictly, and is the same on both sides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cleanflow.db import Database, open_database
from cleanflow.demo.making import make_demo
from cleanflow.records import RECORDS
from cleanflow.records.chain import GENESIS, entry_hash
from cleanflow.records.checks import check_rows
from cleanflow.sync import protocol
from cleanflow.sync.protocol import (
    STORED,
    ChainHead,
    LastSync,
    Outcome,
    ProtocolError,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    RecordAnswer,
    StatusAnswer,
    encode,
)
from tests.sync.local_rows import rows_of
from tests.sync.made_rows import REVENUE, MadePc, new_id

LOCAL = {"sync_status", "sync_error"}


def codes(data: object) -> str:
    with pytest.raises(ProtocolError) as refused:
        protocol.decode_push_request(data if isinstance(data, bytes) else json.dumps(data).encode())
    assert refused.value.words
    return refused.value.code


def test_every_table_that_has_a_sync_status_is_synchronised(db: Database) -> None:
    query = """
        SELECT tables.name FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
         WHERE tables.type = 'table' AND columns.name = 'sync_status'
        """
    assert {row["name"] for row in db.rows(query)} == set(RECORDS)


def test_every_column_of_the_local_schema_is_on_the_wire_but_for_this_pcs_own_state(db: Database) -> None:
    for table in RECORDS.values():
        local = {row["name"]: row for row in db.rows(f"PRAGMA table_info({table.name})")}
        assert set(table.names) == set(local) - LOCAL, table.name
        for column in table.fields:
            may_be_null = not local[column.name]["notnull"] and not local[column.name]["pk"]
            assert column.nullable == may_be_null, (table.name, column.name)


def test_what_the_local_triggers_let_people_edit_is_editable(db: Database) -> None:
    for table in RECORDS.values():
        trigger = db.value(
            "SELECT sql FROM sqlite_master WHERE name = :name", {"name": f"{table.name}_before_update_stale"}
        )
        if table.is_fact:
            assert trigger is None
        else:
            columns = trigger.split("BEFORE UPDATE OF")[1].split("\nON ")[0]
            assert set(table.editable) == {name.strip() for name in columns.split(",")}, table.name


def test_parents_come_before_their_children(db: Database) -> None:
    order = list(RECORDS)
    for name in order:
        for key in db.rows(f"PRAGMA foreign_key_list({name})"):
            assert order.index(key["table"]) <= order.index(name), (name, key["table"])


def test_whatever_a_real_shop_writes_passes_the_checks(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    make_demo(path, jobs=40, days=6, seed=3, currency="USD")
    with open_database(path) as demo:
        rows = rows_of(demo)
    assert {name for name, part in rows.items() if part} >= {
        "jobs",
        "payments",
        "ledger_entries",
        "audit_logs",
    }
    for name, part in rows.items():
        assert set(check_rows(RECORDS[name], part)) <= {None}, name


def test_made_rows_pass_the_checks_too() -> None:
    rows = MadePc().everything()
    assert set(rows) == set(RECORDS)
    for name, part in rows.items():
        assert set(check_rows(RECORDS[name], part)) == {None}, name


#: An entry and its hash, which must never change once a version is released.
AN_ENTRY = {
    "id": "11111111-1111-4111-8111-111111111111", "device_id": "22222222-2222-4222-8222-222222222222",
    "chain_number": 1, "kind": "JOB", "debit_account_id": "00000000-0000-4000-8000-000000001200",
    "credit_account_id": "00000000-0000-4000-8000-000000004000", "amount_minor": 1200,
    "customer_id": "33333333-3333-4333-8333-333333333333", "job_id": None,
    "source_id": "44444444-4444-4444-8444-444444444444", "business_date": "2026-03-10", "user_id": None,
    "created_at": "2026-03-10T09:00:00.000000Z", "previous_hash": GENESIS, "extra": None,
}  # fmt: skip


def by_hand(*fields: object) -> str:
    """The hash computed as the format describes it, from a compact JSON array in UTF-8."""
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def test_the_hash_of_an_entry_is_that_of_its_fourteen_fields_for_ever() -> None:
    assert entry_hash(AN_ENTRY) == by_hand(*list(AN_ENTRY.values())[:14])
    assert entry_hash(AN_ENTRY) == "615398d4e231b88adbeefd036514cbaab2583c7a75ab5f89f4925fbfe48c663a"


def test_later_fields_of_an_entry_are_hashed_as_a_fifteenth() -> None:
    extra = '{"tax_code":"VAT20"}'
    assert entry_hash({**AN_ENTRY, "extra": extra}) == by_hand(*list(AN_ENTRY.values())[:14], extra)


@pytest.mark.parametrize(
    ("table", "changes", "reason"),
    [
        ("customers", {"name": "  "}, "value_invalid:name"),
        ("customers", {"name": "x" * 201}, "value_invalid:name"),
        ("customers", {"name": None}, "value_invalid:name"),
        ("customers", {"name": 7}, "value_invalid:name"),
        ("customers", {"name": ["x"]}, "value_invalid:name"),
        ("customers", {"notes": "nul \0"}, "value_invalid:notes"),
        ("customers", {"notes": "half \ud800"}, "value_invalid:notes"),
        ("customers", {"is_active": 1}, "value_invalid:is_active"),
        ("customers", {"id": new_id().upper()}, "value_invalid:id"),
        ("customers", {"id": "00000000-0000-0000-0000-000000000000"}, "value_invalid:id"),
        ("customers", {"id": "00000000-0000-1000-8000-000000000000"}, "value_invalid:id"),
        ("customers", {"updated_at": "2026-03-10T09:00:00Z"}, "value_invalid:updated_at"),
        ("customers", {"updated_at": "2026-02-30T09:00:00.000000Z"}, "value_invalid:updated_at"),
        ("customers", {"updated_at": "2026-03-10T24:00:00.000000Z"}, "value_invalid:updated_at"),
        ("customers", {"updated_at": "٢٠٢٦-03-10T09:00:00.000000Z"}, "value_invalid:updated_at"),
        ("customers", {"surprise\0": 1}, "column_unknown:surprise\\x00"),
        ("customers", {"phone": ...}, "column_missing:phone"),
        ("customers", {"extra": "5"}, "value_invalid:extra"),
        ("customers", {"extra": "[]"}, "value_invalid:extra"),
        ("customers", {"extra": "null"}, "value_invalid:extra"),
        ("customers", {"extra": {"email": "a@b"}}, "value_invalid:extra"),
        ("customers", {"extra": '{"email": "a", "email": "b"}'}, "value_invalid:extra"),
        ("customers", {"extra": '{"phone": "5"}'}, "value_invalid:extra"),
        ("customers", {"extra": '{"sync_status": "SYNCED"}'}, "value_invalid:extra"),
        ("customers", {"extra": '{"a\'b": 1}'}, "value_invalid:extra"),
        ("customers", {"extra": '{"email": NaN}'}, "value_invalid:extra"),
        ("customers", {"extra": r'{"email": "\ud800"}'}, "value_invalid:extra"),
        ("customers", {"extra": r'{"email": "nul \u0000"}'}, "value_invalid:extra"),
        ("customers", {"extra": '{"a":' + "[" * 64 + "]" * 64 + "}"}, "value_invalid:extra"),
        ("customers", {"extra": '{"a": "' + "x" * 10_000 + '"}'}, "value_invalid:extra"),
        ("jobs", {"amount_minor": 0}, "value_invalid:amount_minor"),
        ("jobs", {"amount_minor": 1_000_000_000_000}, "value_invalid:amount_minor"),
        ("jobs", {"amount_minor": 10.0}, "value_invalid:amount_minor"),
        ("jobs", {"amount_minor": True}, "value_invalid:amount_minor"),
        ("jobs", {"business_date": "2026-13-01"}, "value_invalid:business_date"),
        ("jobs", {"work_status": "LOST"}, "value_invalid:work_status"),
        ("ledger_entries", {"amount_minor": 1}, "hash_wrong"),
        ("ledger_entries", {"hash": "0" * 63}, "value_invalid:hash"),
        ("ledger_entries", {"debit_account_id": REVENUE, "credit_account_id": REVENUE}, "accounts_equal"),
        ("payments", {"kind": "REVERSAL"}, "reversal_incomplete"),
        ("payments", {"method": None}, "method_missing"),
        ("payments", {"updated_at": "2026-03-10T09:00:00.000000Z"}, "fact_edited"),
        ("payment_allocations", {"refund_id": new_id()}, "allocation_target"),
        ("payment_allocations", {"amount_minor": 0}, "amount_out_of_range"),
        ("audit_logs", {"new_value": "{"}, "value_invalid:new_value"),
        ("audit_logs", {"new_value": "NaN"}, "value_invalid:new_value"),
        ("audit_logs", {"new_value": "[" * 100_000}, "value_invalid:new_value"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_stored_has_a_reason_and_the_others_none(
    table: str, changes: dict[str, Any], reason: str
) -> None:
    pc = MadePc()
    good = [pc.sale()[table][0] for _ in range(3)]
    bad = {name: value for name, value in (good[1] | changes).items() if value is not ...}
    assert check_rows(RECORDS[table], [good[0], bad, good[2]]) == [None, reason, None]


@pytest.mark.parametrize(
    ("table", "changes", "reason"),
    [
        ("devices", {"id": new_id()}, "device_of_another"),
        ("devices", {"code": "c 1"}, "code_invalid"),
        ("job_adjustments", {"amount_minor": 0}, "amount_out_of_range"),
        ("expenses", {"reverses_id": new_id()}, "reversal_incomplete"),
        ("day_closings", {"variance_minor": 8}, "variance_wrong"),
    ],
)
def test_columns_that_do_not_fit_each_other_are_refused(
    table: str, changes: dict[str, Any], reason: str
) -> None:
    assert check_rows(RECORDS[table], [MadePc().everything()[table][0] | changes]) == [reason]


def test_a_boolean_is_not_taken_for_an_equal_integer() -> None:
    pc = MadePc()
    first, second = (pc.sale()["jobs"][0] for _ in range(2))
    rows = [first | {"amount_minor": 1}, second | {"amount_minor": True}]
    assert check_rows(RECORDS["jobs"], rows) == [None, "value_invalid:amount_minor"]


def test_messages_are_read_as_they_were_written() -> None:
    pc = MadePc()
    sale = pc.sale()
    request = PushRequest(sale)
    assert protocol.decode_push_request(encode(request)) == request
    odd = [
        RecordAnswer(Outcome.SUPERSEDED, row=sale["customers"][0]),
        RecordAnswer(Outcome.REFUSED, "chain_gap"),
        RecordAnswer(Outcome.ALREADY),
        STORED,
    ]
    outcomes = {name: [STORED] * len(part) for name, part in sale.items()}
    asked = PushRequest({**sale, "customers": sale["customers"] * 4})
    answer = PushAnswer({**outcomes, "customers": odd}, 7, "2026-03-10T09:00:00.000000Z")
    assert protocol.decode_push_answer(encode(answer), asked) == answer
    assert protocol.decode_push_answer(encode(replace(answer, change_seq=None)), asked).change_seq is None
    wanted = PullRequest(7, 100, True)
    assert protocol.decode_pull_request(encode(wanted)) == wanted
    page = PullAnswer(sale, 9, True, "2026-03-10T09:00:00.000000Z")
    assert protocol.decode_pull_answer(encode(page)) == page
    status = StatusAnswer(
        {pc.id: ChainHead(2, pc.head)},
        {"jobs": 1},
        {pc.id: LastSync("x", None)},
        9,
        "2026-03-10T09:00:00.000000Z",
    )
    assert protocol.decode_status_answer(encode(status)) == status


def test_an_answer_that_does_not_fit_what_was_pushed_is_refused() -> None:
    request = PushRequest(MadePc().sale())
    answer = PushAnswer({"customers": [STORED]}, 1, "2026-03-10T09:00:00.000000Z")
    with pytest.raises(ProtocolError):
        protocol.decode_push_answer(encode(answer), request)


def test_a_bad_message_is_refused_by_code() -> None:
    assert codes(b"\xff") == "json_invalid"
    assert codes(b"[" * 200_000) == "json_invalid"
    assert codes(b"1" * 5000) == "json_invalid"
    assert codes([]) == "message_invalid"
    assert codes({"rows": {}}) == "message_invalid"
    assert codes({"protocol": 2, "rows": {}, "new_field": 1}) == "protocol_newer"
    assert codes({"protocol": 2, "rows": []}) == "protocol_newer"
    assert codes({"protocol": 0, "rows": {}}) == "message_invalid"
    assert codes({"protocol": 1.0, "rows": {}}) == "message_invalid"
    assert codes({"protocol": True, "rows": {}}) == "message_invalid"
    assert codes({"protocol": 1, "rows": {}, "mark": "two words"}) == "message_invalid"
    assert codes({"protocol": 1, "rows": {}, "mark": "line\n"}) == "message_invalid"
    for name in ("", "Jobs", "x.jobs", 'x"; DROP TABLE jobs; --', "x" * 64, "jobs\n"):
        assert codes({"protocol": 1, "rows": {name: []}}) == "table_unknown"
    assert codes({"protocol": 1, "rows": {"jobs": [1]}}) == "message_invalid"
    assert codes({"protocol": 1, "rows": {"jobs": [{}] * (protocol.MAX_PUSH_ROWS + 1)}}) == "too_many_rows"


def test_a_field_of_a_later_version_is_skipped_in_every_message() -> None:
    pc = MadePc()
    sale = pc.sale()
    asked = PushRequest(sale, "abc")
    stored = {name: [STORED] * len(part) for name, part in sale.items()}
    messages: list[tuple[protocol.Message, Callable[[bytes], object]]] = [
        (protocol.JoinRequest("7K2M", pc.id, "C1"), protocol.decode_join_request),
        (protocol.JoinAnswer("s", "Sparkle", "t", ""), protocol.decode_join_answer),
        (asked, protocol.decode_push_request),
        (PushAnswer(stored, 7, ""), lambda data: protocol.decode_push_answer(data, asked)),
        (PullRequest(7), protocol.decode_pull_request),
        (PullAnswer(sale, 9, True, ""), protocol.decode_pull_answer),
        (StatusAnswer({pc.id: ChainHead(2, pc.head)}, {"jobs": 1}), protocol.decode_status_answer),
        (protocol.Health(database="ok"), protocol.decode_health),
    ]
    for message, decode in messages:
        fields = json.loads(encode(message))
        later = json.dumps({**fields, "news": {"deep": [1, None]}, "versions": [1, 2, 3]}).encode()
        assert decode(later) == replace(message, versions=(1, 2, 3))


def test_every_message_names_the_versions_that_its_writer_speaks() -> None:
    for message in (PullRequest(7), PullAnswer({}, 9, True, ""), protocol.Health(database="ok")):
        fields = json.loads(encode(message))
        assert (fields["protocol"], fields["versions"]) == (1, [1])


def page_with(rows: str) -> bytes:
    return f'{{"protocol":1,"rows":{rows},"cursor":7,"more":false,"server_time":""}}'.encode()


def test_a_row_that_cannot_be_stored_stands_apart_and_the_page_is_read() -> None:
    sale = MadePc().sale()
    good = MadePc().sale()["jobs"][0]
    sale["jobs"][0]["amount_minor"] = -1
    written = PullAnswer({**sale, "jobs": [*sale["jobs"], good]}, 1, False, "")
    page = protocol.decode_pull_answer(encode(written))
    assert page.rows == {**sale, "jobs": [good]}
    (odd,) = page.odd
    assert (odd.table, odd.reason) == ("jobs", "value_invalid:amount_minor")
    assert json.loads(odd.row) == sale["jobs"][0]


@pytest.mark.parametrize("row", ["7", '"x"', "[]", "null", '{"id":1e400}', f'{{"id":{"9" * 10_000}}}'])
def test_what_is_no_row_stands_apart_as_its_text(row: str) -> None:
    good = MadePc().customer()["customers"][0]
    page = protocol.decode_pull_answer(page_with(f'{{"customers":[{json.dumps(good)},{row}]}}'))
    assert page.rows == {"customers": [good]}
    assert page.odd == (protocol.OddRow("customers", row, "row_unreadable"),)


def test_a_lone_surrogate_spoils_only_its_own_row() -> None:
    rows = [MadePc().customer(name="Ann \U0001f9fa \\ud83d")["customers"][0] for _ in range(3)]
    rows[1]["name"] = "half \ud800"
    data = page_with(json.dumps({"customers": rows}))
    page = protocol.decode_pull_answer(data)
    assert page.rows["customers"] == [rows[0], rows[2]]
    assert [odd.reason for odd in page.odd] == ["value_invalid:name"]
    pushed = protocol.decode_push_request(data).rows["customers"]
    assert check_rows(RECORDS["customers"], pushed) == [None, "value_invalid:name", None]


def test_rows_of_an_unknown_table_stand_apart_and_are_written_as_they_were() -> None:
    pc = MadePc()
    sale = pc.sale()
    later = {
        "gift_cards": [pc.audit("x", "y") | {"amount_minor": 2**70, "is_spent": False, "text": '"\\ é\n'}]
    }
    page = PullAnswer(sale, 9, True, "", later)
    assert protocol.decode_pull_answer(encode(page)) == page
    request = PushRequest(sale, "m", later)
    assert protocol.decode_push_request(encode(request)) == request
    assert request.count == sum(map(len, sale.values())) + 1
    assert json.loads(encode(request))["rows"] == {**sale, **later}
    many = {"gift_cards": [{}] * (protocol.MAX_PUSH_ROWS + 1)}
    assert codes({"protocol": 1, "rows": many}) == "too_many_rows"


@pytest.mark.parametrize("outcome", [Outcome.SUPERSEDED, Outcome.CORRECTED])
def test_a_row_of_the_server_that_cannot_be_stored_stands_apart_and_its_outcome_is_taken(
    outcome: Outcome,
) -> None:
    sale = MadePc().sale()
    request = PushRequest(sale)
    stored = {name: [STORED] * len(part) for name, part in sale.items()}

    def answered(customer: RecordAnswer) -> PushAnswer:
        answer = PushAnswer({**stored, "customers": [customer]}, 7, "")
        return protocol.decode_push_answer(encode(answer), request)

    read = answered(RecordAnswer(outcome, row={**sale["customers"][0], "name": ""}))
    assert read.outcomes == {**stored, "customers": [RecordAnswer(outcome, "value_invalid:name")]}
    assert [(odd.table, odd.reason) for odd in read.odd] == [("customers", "value_invalid:name")]
    with pytest.raises(ProtocolError, match="another id"):
        answered(RecordAnswer(outcome, row={"id": new_id()}))
    for without in (RecordAnswer(outcome), RecordAnswer(outcome, "for a reason")):
        with pytest.raises(ProtocolError, match="without the row"):
            answered(without)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON, st.sampled_from(sorted(RECORDS)))
def test_any_json_is_read_or_refused(value: object, table: str) -> None:
    for message in (value, {"protocol": 1, "rows": value}, {"protocol": 1, "rows": {table: [value]}}):
        for decode in (
            protocol.decode_push_request,
            protocol.decode_pull_request,
            protocol.decode_pull_answer,
            protocol.decode_status_answer,
        ):
            try:
                decode(json.dumps(message).encode())
            except ProtocolError:
                pass


@given(st.sampled_from(sorted(RECORDS)), st.data())
def test_any_value_in_a_row_is_accepted_or_refused(table: str, data: st.DataObject) -> None:
    row = MadePc().everything()[table][0]
    name = data.draw(st.sampled_from(sorted(row)))
    (reason,) = check_rows(RECORDS[table], [{**row, name: data.draw(JSON)}])
    assert reason is None or name in reason or reason == "hash_wrong"


def test_kept_rows_are_read_as_they_were_written() -> None:
    rows = {"customers": [{"name": "محمد <b>\0", "n": 2**62, "x": None, "y": True} for _ in range(1234)]}
    assert protocol.decode_rows(protocol.encode_rows(rows)) == rows
    assert protocol.decode_rows(protocol.encode_rows({})) == {}
