"""`cleanflow import` as a person and a script use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleanflow.cli import main

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
    assert out == "Customers: 2 added (0.00 USD), 0 there already, 0 refused.\n"
    assert "name             <- First Name + Surname\n  phone            <- Tel.\n" in err
    assert "(ignored)        <- Fax" in err


def test_a_bad_line_is_told_with_its_number_and_the_status_is_1(shop: Shop) -> None:
    status, out, err = shop.command("import", "customers", shop.file("Name,Balance\nAnn,5\nBob,x\n"))
    assert status == 1
    assert "line 3: refused: “x” is not an amount.\n" in err
    assert out == "Customers: 1 added (5.00 USD), 0 there already, 1 refused.\n"


def test_json_is_one_object_and_nothing_else_on_standard_output(shop: Shop) -> None:
    path = shop.file("Name;Balance;Shoe size\nAnn;1.200,50;42\nBob;x;43\n")
    status, out, _err = shop.command("import", "customers", path, "--json")
    assert status == 1
    assert json.loads(out) == {
        "kind": "customers",
        "file": path,
        "encoding": "utf-8",
        "delimiter": ";",
        "date_order": "DMY",
        "mapping": {"name": ["Name"], "opening_balance": ["Balance"]},
        "ignored": ["Shoe size"],
        "dry_run": False,
        "stopped": False,
        "added": 1,
        "skipped": 0,
        "refused": 1,
        "total": "1200.50",
        "new_categories": [],
        "lines": [{"line": 3, "outcome": "refused", "reason": "“x” is not an amount."}],
    }


def test_a_dry_run_names_every_line_and_writes_none(shop: Shop) -> None:
    path = shop.file("Name,Balance\nAnn,5\nBob,x\n")
    for _again in range(2):
        status, out, err = shop.command("import", "customers", path, "--dry-run")
        assert status == 1
        assert out.splitlines()[:2] == ["line 2: added", "line 3: refused: “x” is not an amount."]
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
    assert "1 added" in shop.command("import", "customers", shop.file("Name,Balance\nAnn,5\n"))[1]


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
    assert "1 added" in shop.command("import", "jobs", shop.file("Customer,Total\n7,5\n"))[1]


def test_a_kind_that_is_none_is_wrong_usage(shop: Shop) -> None:
    with pytest.raises(SystemExit) as caught:
        shop.command("import", "cats", "file.csv")
    assert caught.value.code == 2
