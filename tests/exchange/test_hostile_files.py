"""Whatever stands in a file, it is answered in words and harms nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanflow.dao.customers import add_customer, search_customers
from cleanflow.dao.shop import set_up_shop
from cleanflow.db import Database, open_database
from cleanflow.errors import Refusal
from cleanflow.exchange.entries import KINDS
from cleanflow.exchange.importing import Report, plan_import, run_import
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
        assert sum(counts(report)) == len(filled)


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
        "The name is longer than 200 characters.",
        "The line is not valid CSV: a cell has more than 131,072 characters; is a quotation mark missing?",
        "The name must not be empty.",
        "The key is longer than 200 characters.",
    ]
    assert [one.name for one in search_customers(db, "")] == ["\u200fDora"]


def test_a_file_that_ends_in_nuls_after_a_power_cut_loses_its_last_line_alone(
    db: Database, import_text: Importer
) -> None:
    report = import_text("customers", b"Name,Phone\nAnn,1\nBob,2\n" + bytes(4096))
    assert counts(report) == (2, 0, 1)
