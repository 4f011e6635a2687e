"""Three programs, each running in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.versions.later_programs import make_program
from tests.versions.programs import Program, running


@pytest.fixture(scope="session")
def program_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Format -> the folder of its program."""
    place = tmp_path_factory.mktemp("programs")
    return {latest: make_program(place / f"format_{latest}", latest) for latest in (1, 2, 3)}


@pytest.fixture(scope="session")
def programs(program_folders: dict[int, Path]) -> Iterator[dict[int, Program]]:
    """Format -> its program, running."""
    with ExitStack() as stack:
        yield {
            latest: stack.enter_context(running(folder, latest)) for latest, folder in program_folders.items()
        }
