"""A later field is a field like any other once a program knows it, and safe with one that does not."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.server.live import fresh_database
from tests.versions.programs import Pc, Program, Refused, Server, assert_same_books

Shop = Callable[..., tuple[Server, list[Pc]]]


@pytest.fixture
def shop(programs: dict[int, Program], postgres: str, tmp_path: Path) -> Iterator[Shop]:
    """Makes a server and PCs of these formats, joined and synchronised."""
    made: list[tuple[Server, list[Pc]]] = []
    with fresh_database(postgres) as database:

        def make(server_format: int, *formats: int) -> tuple[Server, list[Pc]]:
            server = Server(programs[server_format], database)
            pcs = [Pc(programs[one], tmp_path / f"C{number}") for number, one in enumerate(formats, start=1)]
            made.append((server, pcs))
            pcs[0].do("set_up", pc_code="C1")
            for pc in pcs:
                pc.do("join", url=server.url, code=server.code(), pc_code=pc.folder.name)
                pc.sync()
            return server, pcs

        yield make
        for server, pcs in made:
            for pc in pcs:
                pc.do("close")
            server.stop()


def meet(server: Server, *pcs: Pc) -> None:
    for pc in (*pcs, *pcs):
        pc.sync()
    assert_same_books(server, *pcs)


def test_a_field_can_be_written_changed_and_emptied(programs: dict[int, Program], tmp_path: Path) -> None:
    pc = Pc(programs[3], tmp_path / "C1")
    pc.do("set_up", pc_code="C1")
    ann = pc.customer("Ann", email="ann@example.org", birthday="1990-02-03")
    query = "SELECT email, birthday, extra FROM customers WHERE id = :id"
    assert pc.rows(query, id=ann) == [
        ["ann@example.org", "1990-02-03", '{"email":"ann@example.org","birthday":"1990-02-03"}']
    ]
    pc.edit("customers", ann, email='"Ann" <a\\b@é.org>', phone="1", birthday=None)
    assert pc.rows(query, id=ann) == [['"Ann" <a\\b@é.org>', None, '{"email":"\\"Ann\\" <a\\\\b@é.org>"}']]
    pc.edit("customers", ann, birthday="1990-02-04", email="")
    assert pc.rows(query, id=ann)[0][:2] == ["", "1990-02-04"]
    pc.edit("customers", ann, birthday=None)
    assert pc.do("check") == []
    blank = pc.customer("Bob")
    assert pc.rows(query, id=blank) == [["", None, None]]
    pc.do("close")


def test_search_finds_by_a_field_that_was_there_before_the_update(
    shop: Shop, programs: dict[int, Program]
) -> None:
    """Also the values that a PC had carried without knowing them, before it edits or fetches anything."""
    _server, (newer, older) = shop(1, 3, 1)
    ann = newer.customer("Ann", email="Ünïque.Name@example.org")
    newer.sync()
    older.sync()
    older.edit("customers", ann, phone="0300 1234567")
    assert older.do("search", text="unique.name") == []
    older.update(programs[3])
    assert older.do("check") == []
    assert older.do("search", text="unique.name") == [ann]
    assert older.do("search", text="03001234567") == [ann]


def test_the_trail_shows_later_fields_by_their_names_and_unknown_ones_as_they_are(shop: Shop) -> None:
    _server, (newer, older) = shop(1, 3, 1)
    ann = newer.customer("Ann", email="a@example.org")
    newer.edit("customers", ann, email="b@example.org", birthday="1990-02-03")
    newer.sync()
    older.sync()
    assert ["E-mail", "a@example.org", "b@example.org"] in newer.do("audit", record_id=ann)
    assert ["Birthday", "–", "03/02/1990"] in newer.do("audit", record_id=ann)
    assert ["email", "a@example.org", "b@example.org"] in older.do("audit", record_id=ann)


def test_a_record_of_an_unknown_table_stands_in_the_trail_and_harms_no_list(shop: Shop) -> None:
    _server, (newer, older, other) = shop(3, 3, 1, 3)
    tag = newer.add("tags", name="Rush")
    newer.sync()
    other.sync()
    newer.edit("tags", tag, name="Very urgent")
    other.edit("tags", tag, name="Express")
    for pc in (newer, other, newer, other, older):
        pc.sync()
    assert [line["table"] for line in newer.do("lost_edits")] == ["tags"]
    assert older.do("lost_edits") == []
    assert ["name", "", "Rush"] in older.do("audit", record_id=tag)
    audit_id = older.value("SELECT id FROM audit_logs WHERE action = 'OVERWRITTEN'")
    with pytest.raises(Refused, match="record_unknown"):
        older.do("bring_back_edit", audit_id=audit_id)
    newer.do("bring_back_edit", audit_id=audit_id)
    assert newer.value("SELECT name FROM tags") == "Very urgent"


@pytest.mark.parametrize("by", [1, 3])
def test_a_lost_edit_of_a_later_field_can_be_put_back(shop: Shop, by: int) -> None:
    """Also by a program that does not know the field."""
    server, (first, second, third) = shop(1, 3, 3, by)
    ann = first.customer("Ann", email="old@example.org")
    for pc in (first, second, third):
        pc.sync()
    first.edit("customers", ann, email="lost@example.org")
    second.edit("customers", ann, email="won@example.org", birthday="1990-02-03")
    for pc in (first, second, first, second, third):
        pc.sync()
    (lost,) = third.do("lost_edits")
    assert (lost["old"]["email"], lost["new"]["email"]) == ("lost@example.org", "won@example.org")
    assert not lost["is_put_back"]
    third.do("bring_back_edit", audit_id=lost["audit_id"])
    (lost,) = third.do("lost_edits")
    assert lost["is_put_back"]
    for pc in (third, first, second):
        pc.sync()
    assert second.rows("SELECT email, birthday FROM customers") == [["lost@example.org", "1990-02-03"]]
    assert second.do("search", text="lost@example") == [ann]
    assert server.contents()["customers"][0][-1] == '{"email":"lost@example.org","birthday":"1990-02-03"}'


def test_a_record_made_anew_from_the_trail_is_the_one_that_the_server_has(shop: Shop, tmp_path: Path) -> None:
    """Later fields are put back as they were written: else the server would take it for a changed record."""
    server, (first, second) = shop(3, 3, 3)
    ids = [first.customer(f"Ann {number}", email=f"a{number}@é.org") for number in range(5)]
    first.edit("customers", ids[1], birthday="1990-02-03", phone='"\\ 5')
    first.edit("customers", ids[2], email="")
    first.edit("customers", ids[3], birthday="1990-02-03")
    first.edit("customers", ids[3], birthday=None)
    job = first.job(ids[0])
    first.add("garments", job_id=job, name="Shirt", price_minor=5, colour="red")
    first.add("garments", job_id=job, name="Coat", price_minor=7)
    meet(server, first, second)
    before = first.do("contents")
    first.do("close")
    with closing(sqlite3.connect(first.folder / "cleanflow.db", isolation_level=None)) as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        for table in ("customers", "garments"):
            raw.execute(f"DROP TRIGGER {table}_before_delete")
            raw.execute(f"DELETE FROM {table}")
    assert first.do("rescue") == ["customers", "garments"]
    rescued = first.do("contents")
    for table in ("customers", "garments"):
        assert rescued[table] == before[table]
    assert first.sync()["refused"] == {}
    meet(server, first, second)
    assert first.do("contents")["customers"] == before["customers"]


def test_salvage_reads_records_of_an_older_format(programs: dict[int, Program], tmp_path: Path) -> None:
    pc = Pc(programs[1], tmp_path / "C1")
    pc.do("set_up", pc_code="C1")
    pc.job(pc.customer("Ann", email="a@example.org"))
    pc.do("close")
    pc.program = programs[3]
    assert pc.do("rescue") == []
    assert pc.rows("SELECT name, email FROM customers") == [["Ann", "a@example.org"]]
    assert pc.rows("SELECT amount_minor FROM jobs") == [[1000]]
    assert pc.do("check") == []
    pc.do("close")


def test_what_does_not_fit_a_field_stops_no_update(programs: dict[int, Program], tmp_path: Path) -> None:
    """A program that did not know the field took whatever came under its name; it counts as absent."""
    pc = Pc(programs[1], tmp_path / "C1")
    pc.do("set_up", pc_code="C1")
    odd: dict[str, Any] = {
        "number": 5, "list": [1, "a"], "object": {"a": 1}, "true": True, "huge": 10**30, "real": 1.5,
    }  # fmt: skip
    for name, value in odd.items():
        pc.customer(name, email=value, birthday=value)
    pc.update(programs[3])
    found = {row[0]: row[1:] for row in pc.rows("SELECT name, email, birthday, extra FROM customers")}
    assert found.keys() == odd.keys()
    for name, value in odd.items():
        email, birthday, extra = found[name]
        if name not in ("list", "object"):  # which SQLite reads as their text
            assert (email, birthday) == ("", None), name
        assert json.loads(extra) == {"email": value, "birthday": value}, "it stays as it came"
    assert pc.do("check") == []
    pc.do("close")


def test_a_tampered_later_field_of_a_fact_is_an_alarm(shop: Shop) -> None:
    """On the server, which keeps what it had, and where somebody got at a PC's file."""
    server, (first, second) = shop(1, 3, 3)
    job = first.job(first.customer("Ann"))
    garment = first.add("garments", job_id=job, name="Shirt", price_minor=5, colour="red")
    for pc in (first, second, first):
        pc.sync()
    with closing(sqlite3.connect(first.folder / "cleanflow.db", isolation_level=None)) as raw:
        for column in ("sync_status = 'PENDING'", 'extra = \'{"colour":"blue"}\''):
            if column.startswith("extra"):
                with pytest.raises(sqlite3.IntegrityError, match="fact_immutable"):
                    raw.execute(f"UPDATE garments SET {column}")
                raw.execute("DROP TRIGGER garments_before_update_immutable")
            raw.execute(f"UPDATE garments SET {column}")
    summary = first.do("sync")
    assert summary["refused"] == {"other_content": 1}
    assert not summary["is_same_books"]
    second.sync()
    assert second.rows("SELECT colour FROM garments WHERE id = :id", id=garment) == [["red"]]
    assert "schema_missing" in {finding["code"] for finding in first.do("check")}
    ((_table, body),) = server.contents()["carried"]
    assert json.loads(body)["extra"] == '{"colour":"red"}'
