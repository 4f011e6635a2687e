"""The server over HTTP: its answers, the separation of shops, protocol versions."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest
import requests

from tests.server.live import Live, Pc, fresh_database, live_server, run_sql
from tests.sync.made_rows import MadePc, merged


@pytest.fixture(scope="module")
def live(postgres: str) -> Iterator[Live]:
    with fresh_database(postgres) as database, live_server(database) as running:
        yield running


def test_a_pc_joins_and_what_it_pushes_another_pulls(live: Live) -> None:
    shop = live.new_shop()
    first, second = live.join(shop, "C1"), live.join(shop, "C2")
    rows = first.made.everything()
    pushed = first.push(rows)
    assert pushed.status_code == 200
    assert {one for part in pushed.json()["outcomes"].values() for one in part} == {"stored"}
    pulled = second.pull().json()
    assert pulled["rows"] == rows
    assert first.pull().json()["rows"] == {}
    assert second.pull(pulled["cursor"]).json()["rows"] == {}


def test_pushing_again_changes_nothing(live: Live) -> None:
    pc = live.join(live.new_shop())
    rows = pc.made.everything()
    assert pc.push(rows).json()["change_seq"] is not None
    again = pc.push(rows).json()
    assert {one for part in again["outcomes"].values() for one in part} == {"already"}
    assert again["change_seq"] is None


def test_status_tells_chain_heads_and_counts(live: Live) -> None:
    pc = live.join(live.new_shop())
    pc.push(pc.made.everything())
    told = pc.status().json()
    assert told["chain_heads"][pc.made.id] == {"number": pc.made.number, "hash": pc.made.head}
    assert told["counts"]["customers"] == 1


def test_a_poison_record_is_refused_alone(live: Live) -> None:
    pc = live.join(live.new_shop())
    good, bad = pc.made.customer("Ann"), pc.made.customer("Bob", phone="\0")
    answer = pc.push(merged(good, bad)).json()["outcomes"]["customers"]
    assert answer[0] == "stored"
    assert answer[1]["outcome"] == "refused"


def test_answers_are_gzip_only_for_those_who_take_it(live: Live) -> None:
    shop = live.new_shop()
    first, second = live.join(shop, "C1"), live.join(shop, "C2")
    first.push(merged(*(first.made.customer(f"Name {number}") for number in range(50))))
    packed = second.pull()
    assert packed.headers["Content-Encoding"] == "gzip"
    plain = requests.post(
        f"{live.url}/v1/pull",
        json={"protocol": 1, "since": 0},
        headers={**second.headers, "Accept-Encoding": "identity"},
        timeout=30,
    )
    assert "Content-Encoding" not in plain.headers
    assert plain.json()["rows"] == packed.json()["rows"]


# --- one shop from another -------------------------------------------------------------------------


def test_a_token_reads_and_writes_its_own_shop_alone_whatever_it_sends(live: Live) -> None:
    ours, theirs = live.new_shop(), live.new_shop()
    honest, intruder = live.join(ours, "C1"), live.join(theirs, "C1")
    rows = honest.made.everything()
    honest.push(rows)
    before = run_sql(live.database, "SELECT * FROM customers", shop=ours)

    stolen = MadePc(device_id=honest.made.id)
    tries = [
        rows,  # exactly the same rows
        {"customers": [{**rows["customers"][0], "name": "Mine now", "written_by": intruder.made.id,
                        "updated_at": intruder.made.now()}]},
        stolen.customer("In the name of the other PC"),
    ]  # fmt: skip
    names = [
        {},
        {"X-Shop": ours.id},
        {"X-Shop": ours.schema_name, "X-Forwarded-Host": ours.schema_name},
        {"Host": f"{ours.schema_name}.example.com"},
    ]
    for attempt in tries:
        for headers in names:
            assert intruder.push(attempt, **headers).status_code == 200
    assert run_sql(live.database, "SELECT * FROM customers", shop=ours) == before
    assert live.rows(theirs, "ledger_entries") == 0
    assert intruder.pull(include_own=True).json()["rows"].get("payments", []) == []
    for query in (f"?shop={ours.id}", f"?schema={ours.schema_name}", f"?search_path={ours.schema_name}"):
        told = requests.get(f"{live.url}/v1/status{query}", headers=intruder.headers, timeout=30).json()
        assert honest.made.id not in told["chain_heads"]


def test_table_names_from_outside_never_reach_the_database(live: Live) -> None:
    ours, pc = live.new_shop(), live.join(live.new_shop())
    for name in (
        f"{ours.schema_name}.customers",
        "devices; DROP TABLE customers",
        "cleanflow_control.devices",
    ):
        body = json.dumps({"protocol": 1, "rows": {name: []}}).encode()
        answer = pc.post("push", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "table_unknown")


def test_one_connection_serves_two_shops_in_turn_without_mixing_them(postgres: str) -> None:
    with fresh_database(postgres) as database, live_server(database, pool_size=1) as live:
        pcs = [live.join(live.new_shop(f"Shop {number}")) for number in range(3)]
        for _ in range(3):
            for number, pc in enumerate(pcs):
                assert pc.push(pc.made.customer(f"of shop {number}")).status_code == 200
        for number, pc in enumerate(pcs):
            found = pc.pull(include_own=True).json()["rows"]["customers"]
            assert {row["name"] for row in found} == {f"of shop {number}"}
            assert len(found) == 3


# --- who may ask -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["push", "pull", "status"])
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic eDp5", "Bearer wrong", "Bearer é"])
def test_without_a_valid_token_nothing_is_read_or_written(live: Live, path: str, header: str | None) -> None:
    headers = {"Content-Type": "application/json"} | (
        {"Authorization": header.encode().decode("latin-1")} if header is not None else {}
    )
    method = "GET" if path == "status" else "POST"
    answer = requests.request(method, f"{live.url}/v1/{path}", data=b"{}", headers=headers, timeout=30)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] in ("token_missing", "token_unknown")


# --- versions and refusals -------------------------------------------------------------------------


def test_a_newer_client_is_told_which_versions_the_server_knows(live: Live) -> None:
    pc = live.join(live.new_shop())
    for what, message in (("push", {"rows": {}}), ("pull", {"since": 0})):
        answer = pc.post(what, json.dumps({"protocol": 2, "news": True, **message}).encode())
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "protocol_newer"
        assert answer.json()["versions"] == [1]
    assert requests.post(f"{live.url}/v2/push", timeout=30).json()["versions"] == [1]
    newer = Pc(live).join("whatever", protocol=7)
    assert newer.json()["error"]["code"] == "protocol_newer"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "json_invalid"),
        (b"[1", "json_invalid"),
        (b"[" * 100_000, "json_invalid"),
        (b"\xff\xfe", "json_invalid"),
        (b"9" * 5_000, "json_invalid"),
        (b"[]", "message_invalid"),
        (b'{"protocol": true, "rows": {}}', "message_invalid"),
        (b'{"protocol": 1}', "message_invalid"),
        (b'{"protocol": 1, "rows": {"customers": [1]}}', "message_invalid"),
        (b'{"protocol": 1, "rows": {"Shops": []}}', "table_unknown"),
    ],
)
def test_what_is_no_message_is_refused_in_words(live: Live, body: bytes, code: str) -> None:
    pc = live.join(live.new_shop())
    answer = pc.post("push", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert answer.json()["error"]["request_id"] == answer.headers["X-Request-Id"]


def test_a_field_of_a_later_version_is_skipped(live: Live) -> None:
    pc = live.join(live.new_shop(), news=True)
    rows = pc.made.customer("Ann")
    body = {"protocol": 1, "versions": [1, 2], "rows": rows, "shop": "other", "news": {"deep": [1]}}
    assert pc.post("push", json.dumps(body).encode()).json()["outcomes"] == {"customers": ["stored"]}
    assert pc.pull(news=[1], include_own=True).json()["rows"] == rows


def test_rows_of_an_unknown_table_are_carried_and_what_cannot_be_is_refused(live: Live) -> None:
    pc = live.join(live.new_shop())
    customer = pc.made.customer("Ann")
    card = pc.made.audit("x", "y") | {"amount_minor": 5}
    outcomes = pc.push(customer | {"gift_cards": [{"id": "x"}, card, {}]}).json()["outcomes"]
    assert outcomes["customers"] == ["stored"]
    assert outcomes["gift_cards"] == [
        {"outcome": "refused", "reason": "value_invalid:id"},
        "stored",
        {"outcome": "refused", "reason": "column_missing:id"},
    ]


def test_every_answer_names_the_versions_that_the_server_speaks(live: Live) -> None:
    pc = live.join(live.new_shop())
    health = requests.get(f"{live.url}/v1/health", timeout=30)
    refused = requests.get(f"{live.url}/v1/nothing", timeout=30)
    for answer in (pc.push({}), pc.pull(), pc.status(), health, refused):
        assert (answer.json()["protocol"], answer.json()["versions"]) == (1, [1])


def test_an_encoding_or_type_that_is_not_known_is_refused(live: Live) -> None:
    pc = live.join(live.new_shop())
    assert pc.post("push", b"x", **{"Content-Encoding": "br"}).status_code == 415
    assert pc.post("push", b"x", **{"Content-Type": "text/plain"}).status_code == 415
    assert (
        pc.post("push", b"no gzip", **{"Content-Encoding": "gzip"}).json()["error"]["code"] == "gzip_broken"
    )
    cut = gzip.compress(b'{"protocol":1,"rows":{}}')[:-4]
    assert pc.post("push", cut, **{"Content-Encoding": "gzip"}).json()["error"]["code"] == "gzip_broken"


def test_unknown_paths_and_methods_are_refused_as_json(live: Live) -> None:
    assert requests.get(f"{live.url}/v1/nothing", timeout=30).json()["error"]["code"] == "path_unknown"
    assert requests.get(f"{live.url}/v1/push/", timeout=30).status_code == 404
    answer = requests.get(f"{live.url}/v1/push", timeout=30)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_the_openapi_document_and_the_page_of_it_are_served(live: Live) -> None:
    document = requests.get(f"{live.url}/openapi.json", timeout=30).json()
    assert document["openapi"].startswith("3.1")
    page = requests.get(f"{live.url}/", timeout=30)
    assert "/v1/push" in page.text
    assert "<script" not in page.text
    assert "http" not in page.text.replace("https:", "http:").split("<body>")[1]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
