"""`cleanflow import` as a person and a script use it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cleanflow.cli import main
from cleanflow.db import Database, bulk
from cleanflow.errors import NotSaved
from cleanflow.exchange import importing

INIT = ["init", "--shop", "S", "--currency", "USD", "--owner", "O", "--pin", "1234"]


class Shop:
    """A set-up shop, and commands to it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys

    def command(self, *arguments: str) -> tuple[int, str, str]:
        status = main(["--data", str(self.folder / "data"), *arguments])
        return status, *self._capsys.readouterr()

    def file(self, content: str) -> str:
        path = self.folder / "file.csv"
        path.write_text(content, encoding="utf-8")
        return str(path)


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    made = Shop(tmp_path, capsys)
    assert made.command(*INIT)[0] == 0
    return made


def test_the_mapping_is_shown_before_and_the_result_after(shop: Shop) -> None:
    path = shop.file("First Name;Surname;Tel.;Fax\nAnn;Lee;1;2\nBob;;;\n")
    status, out, err = shop.command("import", "customers", path)
    assert status == 0
    assert out == ""
    assert err.endswith("Customers: 2 added, opening balances 0.00 USD; 0 there already, 0 refused.\n")
    assert "lines: 2" not in err
    assert "name             <- First Name + Surname\n  phone            <- Tel.\n" in err
    assert "(ignored)        <- Fax" in err


def test_a_bad_line_is_told_with_its_number_and_the_status_is_1(shop: Shop) -> None:
    status, out, err = shop.command("import", "customers", shop.file("Name,Balance\nAnn,5\nBob,x\n"))
    assert status == 1
    assert "line 3: refused: “x” is not an amount.\n" in err
    assert out == ""
    assert "Customers: 1 added, opening balances 5.00 USD; 0 there already, 1 refused.\n" in err


def test_json_is_one_object_and_nothing_else_on_standard_output(shop: Shop) -> None:
    path = shop.file("Name;Balance;Shoe size\nAnn;1.200,50;42\nBob;x;43\n")
    status, out, _err = shop.command("import", "customers", path, "--json")
    assert status == 1
    assert json.loads(out) == {
        "kind": "customers",
        "file": path,
        "file_type": "CSV",
        "program": "",
        "encoding": "utf-8",
        "sample": "",
        "delimiter": ";",
        "date_order": "DMY",
        "mapping": {"name": ["Name"], "opening_balance": ["Balance"]},
        "ignored": ["Shoe size"],
        "problems": [{"field": "opening_balance", "text": "“x” is not an amount.", "lines": [3], "count": 1}],
        "warnings": [],
        "dry_run": False,
        "stopped": False,
        "added": 1,
        "skipped": 0,
        "known_by_content": 0,
        "refused": 1,
        "joined": 0,
        "left_out": 0,
        "total": "1200.50",
        "new_categories": [],
        "lines": [{"line": 3, "outcome": "refused", "reason": "“x” is not an amount."}],
    }


def test_a_dry_run_names_every_line_and_writes_none(shop: Shop) -> None:
    path = shop.file("Name,Balance\nAnn,5\nBob,x\n")
    for _again in range(2):
        status, out, err = shop.command("import", "customers", path, "--dry-run")
        assert status == 1
        assert out == ""
        assert "line 2: added\nline 3: refused: “x” is not an amount.\n" in err
        assert "Nothing was written (--dry-run)." in err
    lines = json.loads(shop.command("import", "customers", path, "--dry-run", "--json")[1])["lines"]
    assert [line["outcome"] for line in lines] == ["added", "refused"]


def test_strict_says_which_lines_kept_the_file_out(shop: Shop) -> None:
    path = shop.file("Name,Balance\nAnn,5\nBob,x\nCarl,y\n")
    status, out, err = shop.command("import", "customers", path, "--strict", "--json")
    result = json.loads(out)
    assert (status, result["stopped"], result["added"], result["total"]) == (1, True, 0, "0.00")
    assert [line["line"] for line in result["lines"]] == [3, 4]
    status, _out, err = shop.command("import", "customers", path, "--strict")
    assert "line 4: refused" in err and "Nothing of the file was imported (--strict)." in err
    assert "1 added" in shop.command("import", "customers", shop.file("Name,Balance\nAnn,5\n"))[2]


@pytest.mark.parametrize(
    ("content", "arguments", "words"),
    [
        ("", [], "has no lines to import"),
        ("Name,Phone\n", [], "has no lines to import"),
        ("Foo,Bar\n1,2\n", [], "No column gives the name. Say which one with --map COLUMN=name."),
        ("Name\nAnn\n", ["--map", "Nmae=name"], "has no column “Nmae”. It has: Name."),
        (
            "Name\nAnn\n",
            ["--map", "Name=nmae"],
            "Customers have no field “nmae”. They have: external_key, name",
        ),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_in_words(
    shop: Shop, content: str, arguments: list[str], words: str
) -> None:
    status, out, err = shop.command("import", "customers", shop.file(content), *arguments)
    assert (status, out) == (1, "")
    assert words in err


def test_columns_that_nobody_can_guess_are_named(shop: Shop) -> None:
    path = shop.file("x1,x2,x3\nAnn,0300,7\n")
    status, _out, _err = shop.command(
        "import", "customers", path, "--map", "x1=name", "--map", "x2=phone", "--map", "x3=external_key"
    )
    assert status == 0
    assert "1 added" in shop.command("import", "jobs", shop.file("Customer,Total\n7,5\n"))[2]


def test_a_kind_that_is_none_is_wrong_usage(shop: Shop) -> None:
    with pytest.raises(SystemExit) as caught:
        shop.command("import", "cats", "file.csv")
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("customers", "Id,Name,Balance\n1,Zoe,1150.50\n", "1 added, opening balances 1,150.50 USD;"),
        ("services", "Id,Name,Price\n1,Wash,5\n", "1 added; 0 there"),
        ("jobs", "Id,Customer,Amount\n1,Ann,5\n", "1 added, agreed amounts 5.00 USD;"),
        ("payments", "Id,Customer,Amount,Method\n1,Ann,5,EC-Karte\n", "1 added, money received 5.00 USD;"),
        ("expenses", "Id,Category,Amount,Method\n1,Rent,5,bar\n", "1 added, money spent 5.00 USD;"),
    ],
)
def test_the_summary_names_what_its_amount_is(shop: Shop, kind: str, content: str, words: str) -> None:
    shop.command("import", "customers", shop.file("Id,Name\nA,Ann\n"))
    status, out, err = shop.command("import", kind, shop.file(content))
    assert (status, out) == (0, "")
    assert f"{kind.capitalize()}: {words}" in err
    assert "No column gives" not in err


def test_lines_known_by_their_content_alone_are_told_in_words_and_in_json(shop: Shop) -> None:
    path = shop.file("Name\nAnn\nBob\n")
    err = shop.command("import", "customers", path)[2]
    assert err.count("No column gives the external_key") == 1 and "by their content only:" not in err
    err = shop.command("import", "customers", path)[2]
    assert (
        "2 lines are there already, known by their content only: if they are new, add a column with a"
        " number of their own and map it to external_key." in err
    )
    assert json.loads(shop.command("import", "customers", path, "--json")[1])["known_by_content"] == 2


def test_money_without_a_way_of_paying_is_said_to_go_through_the_drawer(shop: Shop) -> None:
    shop.command("import", "customers", shop.file("Name\nAnn\n"))
    err = shop.command("import", "payments", shop.file("Customer,Amount\nAnn,5\n"))[2]
    warning = "No column gives the method: all payments are taken as cash, i.e. they go through the drawer."
    assert err.index(warning) < err.index("1 added")
    assert "method" not in shop.command("import", "jobs", shop.file("Customer,Amount\nAnn,5\n"))[2]


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NotSaved("the disk is full."), 1, "NOT saved: the disk is full."),
        (KeyboardInterrupt(), 130, "Stopped."),
    ],
)
def test_an_import_that_ends_early_says_that_nothing_is_kept_and_can_be_run_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, words: str
) -> None:
    path = shop.file("Name\n" + "".join(f"Customer {number}\n" for number in range(5)))

    @contextmanager
    def failing(db: Database) -> Iterator[None]:
        with bulk(db):
            yield
            raise error

    with monkeypatch.context() as patch:
        patch.setattr(importing, "bulk", failing)
        found, out, err = shop.command("import", "customers", path)
    assert (found, out) == (status, "")
    assert words in err
    assert "Stopped. Nothing of the file was imported." in err
    assert (
        "5 added, opening balances 0.00 USD; 0 there already" in shop.command("import", "customers", path)[2]
    )
