"""CSV files as shops have them are read as they were meant, and their broken lines are named."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from cleanflow.errors import Refusal
from cleanflow.exchange.files import open_table
from cleanflow.exchange.table import Table


@pytest.fixture
def opened(tmp_path: Path):
    def run(content: str | bytes) -> Table:
        path = tmp_path / "file.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_table(path)

    return run


def cells(file: Table) -> list[list[str]]:
    return [record.cells for record in file.records()]


TABLE = "Name,Phone\nJosé Müller,1\n"


@pytest.mark.parametrize(
    "encoded",
    [
        TABLE.encode(),
        codecs.BOM_UTF8 + TABLE.encode(),
        TABLE.encode("utf-16"),
        codecs.BOM_UTF16_LE + TABLE.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"),
        TABLE.encode("utf-16-le"),
        TABLE.encode("utf-16-be"),
        TABLE.encode("utf-32"),
        TABLE.encode("cp1252"),
    ],
)
def test_the_usual_encodings_are_recognised(opened, encoded):
    file = opened(encoded)
    assert file.columns == ["Name", "Phone"]
    assert cells(file) == [["José Müller", "1"]]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("name\nFrançois Bélanger\nHélène à Montréal\n", "cp1252"),
        ("name\nPeña Muñoz\nBogotá\n", "cp1252"),
        ("name\nJosé\n", "cp1252"),
        ("name\nO’Neil – “Ltd”\n€ 5\n", "cp1252"),
        ("имя\nИван Петров\nОльга\n", "cp1251"),
        ("الاسم\nمحمد أحمد\nفاطمة\n", "cp1256"),
        ("όνομα;διεύθυνση\nΓιώργος Παπαδόπουλος;Αθήνα\nΕλένη Νικολάου;Θεσσαλονίκη\n", "cp1253"),
    ],
)
def test_names_from_an_old_windows_program_keep_their_letters(opened, text, encoding):
    file = opened(text.encode(encoding))
    assert file.encoding == encoding
    assert [";".join(row) for row in (file.columns, *cells(file))] == text.splitlines()


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_the_delimiter_is_found_though_the_others_stand_in_the_text(opened, delimiter):
    table = ["name*address*price", '"Smith, J"*"1; Main | Street\t"*"1,50"', "B*2, Rue*2,75", "C*x*3"]
    rows = [line.replace("*", delimiter) for line in table]
    if delimiter == ",":
        rows = [rows[0], 'a,"b; c",1', "d,e,2", "f,g,3"]
    file = opened("\n".join(rows))
    assert file.delimiter == delimiter
    assert file.columns == ["name", "address", "price"]
    assert all(len(row) in (3, 5) for row in cells(file)[:1])


def test_decimal_commas_between_semicolons_do_not_mislead(opened):
    file = opened("Name;Preis\nWaschen;1,50\nBügeln;2,75\n")
    assert (file.delimiter, cells(file)[1]) == (";", ["Bügeln", "2,75"])


def test_excels_own_separator_line_is_believed_and_is_no_heading(opened):
    file = opened("sep=;\r\nName;Phone\r\nAnn;1\r\n")
    assert (file.columns, cells(file)) == (["Name", "Phone"], [["Ann", "1"]])
    assert next(file.records()).line == 3


def test_one_column_without_any_delimiter_is_a_file_too(opened):
    assert cells(opened("Name\nAnn Smith\nBob\n")) == [["Ann Smith"], ["Bob"]]


def test_line_numbers_are_the_files_own_across_blank_lines_and_line_breaks_in_cells(opened):
    file = opened('\nName,Address\r\n\r\nAnn,"1 Main\nStreet\n"\nBob,2\n,\n\nCarl,"3"\n')
    assert [(record.line, record.cells[0]) for record in file.records()] == [
        (4, "Ann"),
        (7, "Bob"),
        (10, "Carl"),
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_systems_line_ends_are_read(opened, line_end):
    file = opened(line_end.join(["a,b", "1,2", "3,4"]))
    assert [(record.line, record.cells) for record in file.records()] == [(2, ["1", "2"]), (3, ["3", "4"])]


def test_equal_and_empty_headings_get_names_of_their_own(opened):
    assert opened("Phone,Phone,,Phone (2),,\n1,2,3,4,,").columns == [
        "Phone",
        "Phone (2)",
        "Column 3",
        "Phone (2) (2)",
    ]


def test_a_quotation_mark_in_the_wrong_place_spoils_its_own_line_alone(opened):
    records = list(opened('a,b\n1,2\n"3"x,4\n5,6" wide\n7,8\n').records())
    assert [record.cells for record in records] == [["1", "2"], [], ["5", '6" wide'], ["7", "8"]]
    assert (records[1].line, records[1].problem.code) == (3, "line_broken")


def test_a_quotation_mark_that_is_never_closed_is_reported_with_the_lines_it_reaches(opened):
    records = list(opened('a,b\n1,2\n"3,4\n5,6\n').records())
    assert [record.line for record in records] == [2, 3]
    assert "none closes it" in str(records[1].problem)
    assert "line 4" in str(records[1].problem)


def test_an_endless_cell_is_reported_and_the_lines_below_are_read(opened):
    records = list(opened(f"a,b\n{'x' * 200_000},1\n3,4\n").records())
    assert [record.cells for record in records] == [[], ["3", "4"]]
    assert "more than" in str(records[0].problem)


def test_more_cells_than_headings_are_refused_unless_they_are_empty(opened):
    records = list(opened("a,b\n1,2,,\n1,2,3\n1\n").records())
    assert [record.problem.code if record.problem else None for record in records] == [
        None,
        "line_too_long",
        None,
    ]


def test_a_byte_that_cannot_be_read_spoils_its_own_line_alone(opened):
    file = opened(codecs.BOM_UTF8 + b"name\nAnn\nB\xffb\nCarl\n")
    assert cells(file) == [["Ann"], ["B\udcffb"], ["Carl"]]


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", " , ,\n", "sep=;\n"])
def test_a_file_without_anything_is_refused_in_words(opened, content):
    with pytest.raises(Refusal) as caught:
        opened(content)
    assert caught.value.code == "file_empty"


def test_a_heading_that_cannot_be_read_is_refused_in_words(opened):
    with pytest.raises(Refusal) as caught:
        opened('"Name,Phone\nAnn,1\n')
    assert caught.value.code == "file_not_table"


def test_a_file_that_is_not_there_a_folder_and_a_huge_one_are_refused_in_words(tmp_path, monkeypatch):
    for path, code in ((tmp_path / "no.csv", "file_unreadable"), (tmp_path, "file_unreadable")):
        with pytest.raises(Refusal) as caught:
            open_table(path)
        assert caught.value.code == code
    monkeypatch.setattr("cleanflow.exchange.files.LARGEST_BYTES", 10)
    (tmp_path / "huge.csv").write_text("name\n0123456789\n")
    with pytest.raises(Refusal) as caught:
        open_table(tmp_path / "huge.csv")
    assert caught.value.code == "file_too_large"
