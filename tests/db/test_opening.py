"""Opening a database: it is created completely or not at all, and foreign files are never changed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import zipapp
from collections.abc import Callable
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest

from cleanflow import paths
from cleanflow.dao.customers import add_customer
from cleanflow.dao.shop import is_set_up, set_up_shop
from cleanflow.db import Database, open_database, open_for_reading
from cleanflow.db import migrations as steps
from cleanflow.db.database import file_uri
from cleanflow.errors import Refusal

ROOT = Path(__file__).resolve().parents[2]


def refused(path: Path) -> Refusal:
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(Refusal) as caught:
        open_database(path)
    assert (path.read_bytes() if path.is_file() else None) == before
    return caught.value


def test_the_program_knows_as_many_steps_as_there_are_folders() -> None:
    assert [folder.name[:4] for folder in steps.steps()] == [f"{n:04d}" for n in range(1, steps.LATEST + 1)]


def test_a_missing_shop_is_said_and_not_created(tmp_path: Path) -> None:
    assert refused(tmp_path / "cleanflow.db").code == "database_missing"
    assert list(tmp_path.iterdir()) == []


def test_a_newer_database_is_refused_in_words_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "cleanflow.db"
    open_database(path, create=True).close()
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    refusal = refused(path)
    assert refusal.code == "database_newer"
    assert "newer CleanFlow" in str(refusal)


def test_the_database_of_another_program_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "cleanflow.db"
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE recipes (name)")
    raw.commit()
    raw.close()
    assert refused(path).code == "database_foreign"


def test_a_file_that_is_no_database_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "cleanflow.db"
    path.write_bytes(b"shopping list: soap, brushes\n" * 100)
    assert refused(path).code == "database_foreign"


@pytest.mark.parametrize("opener", [open_database, open_for_reading])
@pytest.mark.parametrize("old", [b"CREATE TABLE customers", b"CREATE TRIGGER payments"])
def test_invalid_utf8_in_the_schema_table_is_damage(
    tmp_path: Path, opener: Callable[[Path], Database], old: bytes
) -> None:
    path = tmp_path / "cleanflow.db"
    open_database(path, create=True).close()
    content = path.read_bytes()
    path.write_bytes(content.replace(old, old[:2] + b"\x80" + old[3:]))
    with pytest.raises(Refusal) as refusal:
        opener(path)
    assert refusal.value.code == "database_damaged"


def test_a_migration_that_fails_half_way_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cleanflow.db"
    whole = steps.statements

    def cut(script: str) -> object:
        for number, statement in enumerate(whole(script)):
            if number == 3:
                raise OSError("pulled plug")
            yield statement

    with monkeypatch.context() as patch:
        patch.setattr(steps, "statements", cut)
        with pytest.raises(OSError, match="pulled plug"):
            open_database(path, create=True)
    raw = sqlite3.connect(path)
    assert raw.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    raw.close()
    with open_database(path, create=True) as db:
        assert db.value("PRAGMA user_version") == steps.LATEST


def shop_after_a_power_cut(tmp_path: Path) -> Path:
    """A shop's database and WAL as they are on the disk while the shop is open."""
    with open_database(tmp_path / "open.db", create=True) as db:
        set_up_shop(db, name="S", currency="USD", pc_code="C1", owner="O", pin="1234")
        add_customer(db, name="Ann")
        for suffix in ("", "-wal"):
            shutil.copy(f"{db.path}{suffix}", tmp_path / f"cleanflow.db{suffix}")
    return tmp_path / "cleanflow.db"


def test_after_a_power_cut_the_log_is_taken_in(tmp_path: Path) -> None:
    with open_database(shop_after_a_power_cut(tmp_path)) as db:
        assert db.value("SELECT name FROM customers") == "Ann"


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize("loss", ["emptied", "deleted"])
def test_the_log_of_a_lost_database_is_never_thrown_away(tmp_path: Path, loss: str, create: bool) -> None:
    path = shop_after_a_power_cut(tmp_path)
    if loss == "emptied":
        path.write_bytes(b"")
    else:
        path.unlink()
    log = Path(f"{path}-wal")
    before = log.read_bytes()
    with pytest.raises(Refusal) as caught:
        open_database(path, create=create)
    assert caught.value.code == "database_lost"
    assert log.read_bytes() == before


def test_a_shop_that_lost_its_log_still_has_its_set_up(tmp_path: Path) -> None:
    path = shop_after_a_power_cut(tmp_path)
    Path(f"{path}-wal").unlink()
    with open_database(path) as db:
        assert is_set_up(db)


@pytest.mark.parametrize("content", [b"", None])
def test_an_empty_file_is_no_shop_and_stays_empty(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "cleanflow.db"
    if content is None:
        raw = sqlite3.connect(path)
        raw.execute("PRAGMA journal_mode = WAL")
        raw.close()
    else:
        path.write_bytes(content)
    assert refused(path).code == "database_empty"


def test_a_folder_that_cannot_be_used_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as caught:
        open_database(tmp_path / ("x" * 300) / "cleanflow.db")
    assert caught.value.code == "name_too_long"
    with pytest.raises(Refusal) as caught:
        open_for_reading(tmp_path / ("é" * 150) / "cleanflow.db")  # 300 bytes
    assert caught.value.code == ("database_missing" if sys.platform == "win32" else "name_too_long")
    (tmp_path / "file").write_text("not a folder")
    assert refused(tmp_path / "file" / "cleanflow.db").code in ("database_missing", "database_unreachable")


def test_two_programs_that_create_the_shop_at_once_make_one_database(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from cleanflow.db import open_database;"
        f"open_database(Path({str(tmp_path / 'cleanflow.db')!r}), create=True).close()"
    )
    children = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) for _ in range(4)]
    assert [child.wait(60) for child in children] == [0, 0, 0, 0]
    with open_database(tmp_path / "cleanflow.db") as db:
        assert db.value("SELECT count(*) FROM app_settings") == 1


def test_a_network_drive_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleanflow.db.database.on_network_drive", lambda folder: True)
    assert refused(tmp_path / "cleanflow.db").code == "database_missing"
    open_path = tmp_path / "other.db"
    with pytest.raises(Refusal) as caught:
        open_database(open_path, create=True)
    assert caught.value.code == "network_drive"
    assert not open_path.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_kind_of_drive_is_read_from_the_mounts(tmp_path: Path) -> None:
    assert not paths.on_network_drive(tmp_path)


def test_the_schema_is_found_in_a_zipapp(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for room in ("cleanflow", "sql"):
        for source in (ROOT / room).rglob("*"):
            if source.suffix in (".py", ".sql"):
                inside = Path("cleanflow") if room == "sql" else Path()  # as the release has it
                target = tree / inside / source.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
    (tree / "__main__.py").write_text("import sys\nfrom cleanflow.cli import main\nsys.exit(main())\n")
    archive = tmp_path / "cleanflow.pyz"
    zipapp.create_archive(tree, archive)
    data = tmp_path / "data"
    command = [sys.executable, str(archive), "--data", str(data)]
    environment = {**os.environ, "PYTHONPATH": ""}
    init = [*command, "init", "--shop", "S", "--currency", "USD", "--owner", "O", "--pin", "1234"]
    subprocess.run(init, check=True, cwd=tmp_path, env=environment, capture_output=True)
    subprocess.run([*command, "verify"], check=True, cwd=tmp_path, env=environment, capture_output=True)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the folder's own rights")
def test_a_new_shops_file_is_its_owners_alone_to_read(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with open_database(path, create=True) as db:
        db.value("SELECT 1")
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert modes["new.db"] == 0o600
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (PurePosixPath("/home/a b/50%?#.db"), "file:///home/a%20b/50%25%3F%23.db"),
        (PureWindowsPath(r"C:\Shop\b.db"), "file:///C:/Shop/b.db"),
        (PureWindowsPath(r"\\server\share\b.db"), "file:////server/share/b.db"),
    ],
)
def test_a_file_is_named_as_sqlite_wants_it(path: PurePath, uri: str) -> None:
    assert file_uri(path) == uri
