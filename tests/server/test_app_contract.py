"""Schemathesis against the OpenAPI document: no 5xx, and no undocumented answer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.live import Live, fresh_database, live_server

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
_STRICTER = ",negative_data_rejection,ignored_auth,unsupported_method"
#: Schemathesis does not expect 413 for an invalid body; ours may be refused as too long before it is parsed.
_SETTINGS = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429]
"""


@pytest.fixture(scope="module")
def live(postgres: str) -> Iterator[Live]:
    with fresh_database(postgres) as database, live_server(database) as running:
        yield running


def _run(live: Live, folder: Path, *words: str) -> None:
    pc = live.join(live.new_shop())
    program = Path(sys.executable).with_name("schemathesis")
    (folder / "schemathesis.toml").write_text(_SETTINGS)
    command = [
        str(program), "run", f"{live.url}/openapi.json", "--header", f"Authorization: Bearer {pc.token}",
        "--checks", _CHECKS + _STRICTER, "--seed", "20260310", "--no-color", *words,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=900, env={**os.environ, "COLUMNS": "200"}
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_whatever_is_sent_the_answer_is_one_of_those_described(live: Live, tmp_path: Path) -> None:
    _run(live, tmp_path, "--phases", "fuzzing", "--max-examples", "25")


@pytest.mark.long
def test_whatever_is_sent_for_minutes_the_answer_is_one_of_those_described(
    live: Live, tmp_path: Path
) -> None:
    _run(live, tmp_path, "--phases", "examples,coverage,fuzzing", "--max-examples", "400")
