"""Whatever stands in a file, it is answered in words and harms nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanflow.dao.customers import add_customer, search_customers
from cleanflow.dao.shop import set_up_shop
from cleanflow.db import Database, open_database
from cleanflow.errors import Refusal
from cleanflow.exchange.entries import KINDS
from cleanflow.exchange.importing import Report, plan_import, run_import
from tests import hostile
from tests.exchange.conftest import Importer, column, counts

kinds = st.sampled_from(list(KINDS))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One shop for all examples: what one leaves behind is there for the next."""
    with open_database(tmp_path_factory.mktemp("hostile") / "cleanflow.db", create=True) as db:
        set_up_shop(db, name="S", currency="USD", pc_code="C1", owner="O", pin="1234")
        add_customer(db, name="Ann")
        yield db


def answer(db: Database, kind: str, content: bytes, *assignments: str) -> Report | None:
    """The import's report, or nothing when the file was refused. Any other exception fails the test."""
    path = db.path.parent / "hostile.csv"
    path.write_bytes(content)
    try:
        report = run_import(db, plan_import(db, kind, path, assignments))
    except Refusal as refusal:
        assert len(str(refusal)) < 10_000
        return None
    assert not db.connection.in_transaction
    debits = "SELECT coalesce(sum(debit_minor), 0) - coalesce(sum(credit_minor), 0) FROM account_days"
    assert db.value(debits) == 0
    return report


@given(kinds, st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_random_bytes_never_end_in_a_traceback(shop: Database, kind: str, content: bytes) -> None:
    answer(shop, kind, content)


HEADINGS = {
    "customers": "Id,Name,Phone,Address,Balance,Notes",
    "services": "Id,Name,Price",
    "jobs": "Id,Customer,Amount,Date,Due,Service,Notes,Status",
    "payments": "Id,Customer,Amount,Date,Job,Method",
    "expenses": "Id,Category,Amount,Date,Method,Vendor",
}
cells = st.one_of(
    st.text(max_size=20),
    st.text('",;\t\n\r \x00=+-', max_size=6),
    st.sampled_from(
        ["Ann", "5", "1,50", "-3", "2026-01-02", "1/2/26", "CASH", "READY", "", "1", "C1-000001"]
    ),
)


@given(st.data(), kinds, st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-8-sig"]))
@settings(max_examples=300, deadline=None)
def test_random_cells_under_a_known_heading_are_all_accounted_for(
    shop: Database, data: st.DataObject, kind: str, encoding: str
) -> None:
    width = HEADINGS[kind].count(",") + 1
    rows = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=5))
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    content = "\n".join([HEADINGS[kind], *lines]).encode(encoding, "surrogatepass")
    report = answer(shop, kind, content)
    if report and encoding == "utf-8":
        filled = [row for row in rows if any(cell.strip() for cell in row)]
        assert sum(counts(report)) + report.joined + report.left_out == len(filled)


@given(kinds, st.text(max_size=200), st.lists(st.text(max_size=20), max_size=3))
@settings(max_examples=150, deadline=None)
def test_random_text_and_random_mappings_never_end_in_a_traceback(
    shop: Database, kind: str, text: str, assignments: list[str]
) -> None:
    answer(shop, kind, text.encode("utf-8", "surrogatepass"), *assignments)


def test_names_that_look_like_formulas_markup_or_numbers_are_names(
    db: Database, import_text: Importer
) -> None:
    names = [
        "=1+1",
        "محمد <b>",
        "12345",
        "Robert'); DROP TABLE customers;--",
        "O'Neil “Ltd” & Söhne",
        "NULL",
        "😀",
    ]
    report = import_text("customers", "Name\n" + "\n".join(names) + "\n")
    assert counts(report) == (len(names), 0, 0)
    assert set(column(db, "SELECT name FROM customers")) == set(names)


def test_control_characters_and_endless_names_are_refused_line_by_line(
    db: Database, import_text: Importer
) -> None:
    report = import_text(
        "customers",
        b"Id,Name\n1,A\x00nn\n2,B\x07ob\n3," + b"x" * 10_000 + b"\n4," + b"y" * 200_000 + b"\n"
        b"5,\n" + b"k" * 300 + b",Zoe\n6,\xe2\x80\x8fDora\n",
    )
    assert counts(report) == (1, 0, 6)
    assert [line.reason for line in report.lines] == [
        "“Name” contains characters that cannot be stored.",
        "“Name” contains characters that cannot be stored.",
        "Name is longer than 200 characters.",
        "The line is not valid CSV: a cell has more than 131,072 characters; is a quotation mark missing?",
        "Name must not be empty.",
        "The key is longer than 200 characters.",
    ]
    assert [one.name for one in search_customers(db, "")] == ["\u200fDora"]


def test_a_file_that_ends_in_nuls_after_a_power_cut_loses_its_last_line_alone(
    db: Database, import_text: Importer
) -> None:
    report = import_text("customers", b"Name,Phone\nAnn,1\nBob,2\n" + bytes(4096))
    assert counts(report) == (2, 0, 1)


#: A customers' file that nobody meant -> whether it can be imported at all.
FILES: dict[str, tuple[bytes, bool]] = {
    "a million columns": (b"Name," + b"x," * 1_000_000 + b"\nAnn\n", False),
    "a million equal columns": (b"," .join([b"Name"] * 1_000_000) + b"\nAnn\n", False),
    "a million delimiters": (b"Name\n" + b"," * 1_000_000 + b"\n", False),
    "one huge line": (b"Name\n" + b"x" * 5_000_000 + b"\nAnn\n", True),
    "a hundred thousand empty lines": (b"Name\n" + b"\r\n" * 100_000 + b"Ann\n", True),
    "a mark never closed": (b'Name\n"Ann\n' + b"x\n" * 20_000, True),
    "marks alone": (b"Name\n" + b'"' * 99_999 + b"\n", True),
    "UTF-16 with its mark": ("Name\nAnn\n".encode("utf-16"), True),
    "NULs alone": (bytes(100_000), False),
    "one byte of UTF-16": (b"\xff\xfeN", False),
    "half a UTF-32": ("Name\nAnn\n".encode("utf-32")[:-3], True),
    "a gzip": (b"\x1f\x8b\x08" + bytes(range(256)) * 20, False),
    "a zip": (b"PK\x03\x04" + bytes(range(256)) * 20, False),
    "a page of the web": (b"<!doctype html><title>Login</title><p>Name,Phone</p>\n", False),
    "an amount of a million digits": (b"Name,Balance\nAnn," + b"9" * 100_000 + b"\n", True),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_nobody_meant_is_answered_soon(shop: Database, name: str) -> None:
    content, is_read = FILES[name]
    started = time.monotonic()
    assert (answer(shop, "customers", content) is not None) == is_read
    assert time.monotonic() - started < 10


def test_a_pipe_a_device_and_a_folder_are_no_files(shop: Database, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path / "pipe", tmp_path / "folder", tmp_path / "loop", Path("/dev/zero"), tmp_path / ("x" * 300),
                 tmp_path / "a\0b", tmp_path / "\ud800"):  # fmt: skip
        with pytest.raises(Refusal) as caught:
            plan_import(shop, "customers", path)
        assert caught.value.code == "file_unreadable"


def test_every_attack_as_a_cell_is_a_line_of_its_own(shop: Database) -> None:
    for kind, heading in HEADINGS.items():
        width = heading.count(",") + 1
        texts = [*hostile.TEXTS.values(), *hostile.AMOUNT_TEXTS, *hostile.DATE_TEXTS]
        lines = [
            ",".join('"' + text[:5_000].replace('"', '""') + '"' for _cell in range(width)) for text in texts
        ]
        report = answer(shop, kind, "\n".join([heading, *lines]).encode("utf-8", "surrogatepass"))
        assert report is not None
        assert all(len(line.reason) < 1_000 for line in report.lines)
