"""A shop uses something that this program does not know and could not keep right: it says so, and loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.live import fresh_database
from tests.versions.later_programs import make_program
from tests.versions.programs import Pc, Program, Server, assert_same_books, running

WORDS = "Vouchers that customers buy and spend; CleanFlow 2.1 or newer."


def test_a_pc_that_does_not_know_a_feature_goes_on_recording_and_pushing(
    programs: dict[int, Program], postgres: str, tmp_path: Path
) -> None:
    """What arrives waits for the update, which enters all of it; a new PC is told before it has fetched."""
    knowing_folder = make_program(tmp_path / "knowing", 1, known_features="vouchers")
    with fresh_database(postgres) as database, running(knowing_folder, 1) as knowing:
        server = Server(programs[1], database)
        ahead, behind = Pc(knowing, tmp_path / "A"), Pc(programs[1], tmp_path / "B")
        ahead.do("set_up", pc_code="A")
        for pc, code in ((ahead, "A"), (behind, "B")):
            pc.do("join", url=server.url, code=server.code(), pc_code=code)
            pc.sync()
        before = ahead.job(ahead.customer("Ann"))
        ahead.sync()
        ahead.add("features", name="vouchers", description=WORDS)
        after = ahead.job(ahead.customer("Bob"))
        ahead.sync()

        summary = behind.do("sync")
        assert summary["code"] == "features_unknown"
        assert WORDS in summary["words"]
        assert behind.rows("SELECT id FROM jobs WHERE id = :id", id=after) == []
        assert behind.do("check") == []

        own = behind.job(behind.customer("Cleo"))
        summary = behind.do("sync")
        assert (summary["code"], summary["pushed"] > 0) == ("features_unknown", True)
        assert WORDS in behind.value("SELECT words FROM sync_attempts ORDER BY number DESC LIMIT 1")
        assert behind.rows("SELECT id FROM jobs WHERE sync_status <> 'SYNCED'") == []
        ahead.sync()
        assert {row[0] for row in ahead.rows("SELECT id FROM jobs")} == {before, after, own}

        late = Pc(programs[1], tmp_path / "C")
        late.do("join", url=server.url, code=server.code(), pc_code="C")
        assert late.do("sync")["code"] == "features_unknown"
        assert late.rows("SELECT name FROM customers") == []

        for pc in (behind, late):
            pc.update(knowing)
            pc.sync()
        for pc in (ahead, behind, late):
            pc.sync()
        assert {row[0] for row in late.rows("SELECT id FROM jobs")} == {before, after, own}
        assert_same_books(server, ahead, behind, late)
        for pc in (ahead, behind, late):
            pc.do("close")
        server.stop()


@pytest.mark.parametrize("newer", [2, 3])
def test_a_database_of_a_newer_program_is_refused_by_name(
    programs: dict[int, Program], tmp_path: Path, newer: int
) -> None:
    from tests.versions.programs import Refused

    pc = Pc(programs[newer], tmp_path / "A")
    pc.do("set_up", pc_code="A")
    pc.do("close")
    with pytest.raises(Refused) as refused:
        Pc(programs[1], tmp_path / "A")
    assert refused.value.code == "database_newer"
