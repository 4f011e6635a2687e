"""`serve` as a real process, on an embedded PostgreSQL and on a given one."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from cleanflow import environment
from cleanflow.cli import main
from tests.server.live import ROOT, Pc, fresh_database, run_sql, serve_command, serving, wait_until
from tests.sync.made_rows import merged


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    with fresh_database(postgres) as url:
        yield url


def run(*words: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(serve_command(data, *words), cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_one_command_gives_a_server_with_a_shop_and_a_code(new_folder: Path) -> None:
    """On an embedded PostgreSQL: join, administer it while it runs, stop, start again."""
    with serving(new_folder) as server:
        pc = server.pc()
        assert pc.join(str(server.told["join_code"])).status_code == 200
        rows = pc.made.everything()
        assert pc.push(rows).status_code == 200
        listed = json.loads(run("devices", "My shop", "--json", data=new_folder).stdout)
        assert [device["code"] for device in listed["devices"]] == ["C1"]
        assert server.answers(), "the command beside it has taken the database away"
        assert server.stop(signal.SIGINT) == 0
    assert not (new_folder / "postgres" / "postmaster.pid").exists(), "PostgreSQL still runs"
    assert (new_folder / "postgres-password").stat().st_mode & 0o077 == 0
    assert "trust" not in (new_folder / "postgres" / "pg_hba.conf").read_text()
    with serving(new_folder) as server:
        assert server.told["join_code"] is None
        pc.live.url = server.url
        assert {one for part in pc.push(rows).json()["outcomes"].values() for one in part} == {"already"}
        assert server.stop() == 0


def test_a_server_that_was_killed_starts_again_and_stops_its_postgres(new_folder: Path) -> None:
    with serving(new_folder) as server:
        pc = server.pc()
        pc.join(str(server.told["join_code"]))
        rows = pc.made.sale()
        assert pc.push(rows).status_code == 200
        server.process.kill()
        server.process.wait()
    with serving(new_folder) as server:
        pc.live.url = server.url
        assert {one for part in pc.push(rows).json()["outcomes"].values() for one in part} == {"already"}
        assert server.stop() == 0
    assert not (new_folder / "postgres" / "postmaster.pid").exists()


def test_commands_at_once_in_a_new_folder_make_one_database_of_what_a_power_cut_left(
    new_folder: Path,
) -> None:
    """An interrupted first start has left half a database; then two commands start at once."""
    (new_folder / "postgres-unfinished").mkdir()
    (new_folder / "postgres-unfinished" / "PG_VERSION").write_text("18\n")
    done: list[subprocess.CompletedProcess[str]] = []
    threads = [
        threading.Thread(target=lambda name=name: done.append(run("new-shop", name, data=new_folder)))
        for name in ("Sparkle", "Bright")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.returncode for one in done] == [0, 0], [one.stderr for one in done]
    listed = run("devices", "Nowhere", data=new_folder)
    assert "Sparkle" in listed.stderr
    assert "Bright" in listed.stderr
    assert not (new_folder / "postgres" / "postmaster.pid").exists()


def test_two_processes_on_one_database_serve_one_shop(database: str, tmp_path: Path) -> None:
    with (
        serving(tmp_path, "--database", database) as first,
        serving(tmp_path, "--database", database) as second,
    ):
        counter, back = first.pc("C1"), second.pc("C2")
        assert counter.join(str(first.told["join_code"])).status_code == 200
        assert back.join(str(second.told["join_code"])).status_code == 200
        made = {pc.code: [pc.made.sale() for _ in range(20)] for pc in (counter, back)}

        def push_all(pc: Pc) -> None:
            for rows in made[pc.code]:
                assert pc.push(rows).status_code == 200

        threads = [threading.Thread(target=push_all, args=(pc,)) for pc in (counter, back)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for pc, other in ((counter, "C2"), (back, "C1")):
            pulled = pc.pull().json()["rows"]
            assert pulled["ledger_entries"] == merged(*made[other])["ledger_entries"]
        assert first.stop() == 0
        counter.live.url = second.url
        assert counter.status().status_code == 200
        assert second.stop() == 0


def test_a_stop_in_the_middle_of_a_push_loses_and_doubles_nothing(database: str, tmp_path: Path) -> None:
    with serving(tmp_path, "--database", database) as server:
        pc = server.pc()
        pc.join(str(server.told["join_code"]))
        rows = merged(*(pc.made.sale() for _ in range(1_500)))
        answers: list[requests.Response] = []
        pushing = threading.Thread(target=lambda: answers.append(pc.push(rows)))
        pushing.start()
        wait_until(lambda: _is_pushing(database), 10)
        assert server.stop() == 0
        pushing.join()
    assert [answer.status_code for answer in answers] == [200], "what was under way is finished and answered"
    shop = run_sql(database, "SELECT schema_name FROM cleanflow_control.shops")[0][0]
    assert run_sql(database, f"SELECT count(*) FROM {shop}.ledger_entries")[0][0] == 3_000


def _is_pushing(database: str) -> bool:
    query = """
        SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND state = 'active' AND query LIKE '%sync_rows(%'
           AND pid <> pg_backend_pid()
    """
    return bool(run_sql(database, query)[0][0])


def test_a_killed_server_in_the_middle_of_a_push_keeps_all_or_nothing(database: str, tmp_path: Path) -> None:
    with serving(tmp_path, "--database", database) as server:
        pc = server.pc()
        pc.join(str(server.told["join_code"]))
        rows = merged(*(pc.made.sale() for _ in range(1_500)))
        failures: list[Exception] = []

        def push() -> None:
            try:
                pc.push(rows)
            except requests.RequestException as error:
                failures.append(error)

        pushing = threading.Thread(target=push)
        pushing.start()
        wait_until(lambda: _is_pushing(database), 10)
        server.process.kill()
        pushing.join()
    assert failures
    with serving(tmp_path, "--database", database) as server:
        pc.live.url = server.url
        assert pc.push(rows).status_code == 200
        assert pc.status().json()["counts"]["ledger_entries"] == 3_000
        assert server.stop() == 0


def test_the_admin_commands_in_words(database: str, tmp_path: Path) -> None:
    def serve(*words: str) -> subprocess.CompletedProcess[str]:
        return run(*words, "--database", database, data=tmp_path)

    assert "joins with the code" in serve("new-shop", "Sparkle").stdout
    assert "There is already" in serve("new-shop", "Sparkle").stderr
    assert "No PC has joined" in serve("devices", "sparkle").stdout
    assert "/owner/sign-in?key=" in serve("owner-link", "Sparkle", "--address", "https://x.example").stdout
    unknown = serve("new-code", "Nowhere")
    assert (unknown.returncode, "There is no shop" in unknown.stderr) == (1, True)
    assert serve("revoke", "C9").returncode == 1
    assert serve("revoke").returncode == 2
    assert serve("--certificate", "x").returncode == 2


@pytest.mark.parametrize("action", ["new-code", "devices", "revoke", "owner-link"])
def test_looking_after_a_server_in_a_wrong_folder_makes_none_there(
    action: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CLEANFLOW_DATABASE", raising=False)
    folder = tmp_path / "wrong"
    assert main(["--data", str(folder), "serve", action, "My shop"]) == 1
    said = capsys.readouterr()
    assert said.err == f"cleanflow: There is no server in {folder}. Name its folder with --data.\n"
    assert said.out == ""
    assert not folder.exists()


def test_over_https_with_own_files(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    refused = run("--database", database, "--certificate", str(key), "--key", str(key), data=tmp_path)
    assert (refused.returncode, "certificate" in refused.stderr) == (1, True)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))  # each PC must trust it
    words = ["--database", database, "--certificate", str(certificate), "--key", str(key)]
    with serving(tmp_path, *words) as server:
        assert server.url.startswith("https://")
        pc = server.pc()
        assert pc.join(str(server.told["join_code"])).status_code == 200
        assert pc.push(pc.made.sale()).status_code == 200
        link = run("owner-link", "My shop", "--address", server.url, "--database", database, data=tmp_path)
        key_of_link = link.stdout.split()[0].partition("key=")[2]
        with requests.Session() as phone:
            phone.post(f"{server.url}/owner/sign-in", data={"key": key_of_link}, timeout=30)
            assert [(one.name, one.secure) for one in phone.cookies] == [("__Host-cleanflow-owner", True)]
            started = time.monotonic()
            assert server.stop() == 0
        assert time.monotonic() - started < 10, "a client that is connected must not keep it from stopping"


def test_a_taken_port_is_one_sentence(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        words = [
            "--data",
            str(tmp_path),
            "serve",
            "--database",
            database,
            "--host",
            "127.0.0.1",
            "--port",
            port,
        ]
        assert main(words) == 1
    assert f"Port {port} is taken by another program" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url",
    ["postgresql://me:hunter2@127.0.0.1:1/x", "postgresql://me:hunter2@nowhere.invalid/x", "mysql://x", "x"],
)
def test_an_unreachable_database_is_one_sentence_without_its_password(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--data", str(tmp_path), "serve", "--database", url, "--host", "127.0.0.1", "--port", "0"]
    started = time.monotonic()
    assert main(words) == 1
    assert time.monotonic() - started < 30
    said = capsys.readouterr().err
    assert "cannot be reached" in said
    assert "hunter2" not in said
    assert "Traceback" not in said


def test_missing_packages_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("cleanflow.cli.serve.find_spec", lambda name: None)
    assert main(["--data", str(tmp_path), "serve"]) == 1
    assert "pip install 'cleanflow[server]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "groups"),
    [
        (["serve"], ("server",)),
        (["--data", "x", "serve", "new-code", "y"], ("server",)),
        (["--data=x", "serve"], ("server",)),
        (["status"], ()),
        (["--data", "serve"], ()),
        ([], ()),
    ],
)
def test_the_launcher_installs_the_servers_packages_for_serve_alone(
    argv: list[str], groups: tuple[str, ...]
) -> None:
    assert environment.groups_of(argv) == groups
    assert set(environment.requirements(str(ROOT), groups)) == {"", *groups}


def test_no_other_part_of_the_program_imports_the_server() -> None:
    for path in (ROOT / "cleanflow").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        lines = [
            line for line in text.splitlines() if line.strip().startswith(("from server", "import server"))
        ]
        if path == ROOT / "cleanflow" / "cli" / "serve.py":
            assert all(line.startswith(" ") for line in lines), "inside functions only"
        elif path != ROOT / "cleanflow" / "cli" / "serve_admin.py":
            assert not lines, path


def test_the_server_imports_nothing_of_the_program_but_the_protocol() -> None:
    for path in (ROOT / "server").rglob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip().startswith(("from cleanflow", "import cleanflow")):
                assert line.startswith(("from cleanflow.sync.protocol", "from cleanflow.records")), (
                    f"{path}: {line}"
                )
