"""Columns find their fields by their names, and the person has the last word."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanflow.errors import Refusal
from cleanflow.exchange.fields import FIELDS
from cleanflow.exchange.files import open_table
from cleanflow.exchange.mapping import ColumnMapping, map_columns


@pytest.fixture
def mapped(tmp_path: Path):
    def run(kind: str, heading: str, *assignments: str) -> ColumnMapping:
        path = tmp_path / "file.csv"
        path.write_text(f"{heading}\n")
        return map_columns(open_table(path), kind, assignments)

    return run


@pytest.mark.parametrize(
    ("kind", "heading", "expected"),
    [
        (
            "customers",
            "CustomerId,FirstName,LastName,Company,Phone,Email,Address,City,State,Country,PostalCode",
            {
                "external_key": ["CustomerId"],
                "name": ["FirstName", "LastName"],
                "phone": ["Phone"],
                "address": ["Address", "City", "State", "Country", "PostalCode"],
                "notes": ["Company", "Email"],
            },
        ),
        ("customers", "Kunden-Nr.;Nachname;Vorname;Straße;PLZ;Ort", {
            "external_key": ["Kunden-Nr."],
            "name": ["Vorname", "Nachname"],
            "address": ["Straße", "PLZ", "Ort"],
        }),
        ("customers", "Name;Vorname", {"name": ["Vorname", "Name"]}),
        ("customers", "Full Name,First Name,Last Name", {
            "name": ["Full Name"],
            "notes": ["First Name", "Last Name"],
        }),
        ("customers", "company,phone", {"name": ["company"], "phone": ["phone"]}),
        ("customers", "Nombre,Teléfono,Dirección,Saldo", {
            "name": ["Nombre"],
            "phone": ["Teléfono"],
            "address": ["Dirección"],
            "opening_balance": ["Saldo"],
        }),
        ("services", "Service Name,Unit Price", {"name": ["Service Name"], "price": ["Unit Price"]}),
        ("jobs", "InvoiceId,CustomerId,InvoiceDate,BillingCountry,Total", {
            "external_key": ["InvoiceId"],
            "customer": ["CustomerId"],
            "amount": ["Total"],
            "date": ["InvoiceDate"],
        }),
        ("jobs", "customer name,customer id,amount,due date,date,status", {
            "customer": ["customer id", "customer name"],
            "amount": ["amount"],
            "date": ["date"],
            "due_date": ["due date"],
            "work_status": ["status"],
        }),
        # An invoice is paid in parts: its number is no key of a payment.
        ("payments", "InvoiceId,CustomerId,InvoiceDate,BillingCountry,Total", {
            "customer": ["CustomerId"],
            "amount": ["Total"],
            "date": ["InvoiceDate"],
            "job": ["InvoiceId"],
        }),
        ("payments", "Receipt No,Invoice No,Customer,Amount Paid,Payment Method", {
            "external_key": ["Receipt No"],
            "customer": ["Customer"],
            "amount": ["Amount Paid"],
            "method": ["Payment Method"],
            "job": ["Invoice No"],
        }),
        ("expenses", "Date,Category,Amount,Paid by,Vendor", {
            "category": ["Category"],
            "amount": ["Amount"],
            "date": ["Date"],
            "method": ["Paid by"],
            "description": ["Vendor"],
        }),
    ],
)  # fmt: skip
def test_columns_are_known_by_the_names_that_other_programs_give_them(mapped, kind, heading, expected):
    assert mapped(kind, heading).shown() == expected


@pytest.mark.parametrize("kind", list(FIELDS))
def test_every_field_is_known_by_its_own_name(mapped, kind):
    names = [field.name for field in FIELDS[kind]]
    assert mapped(kind, ",".join(names)).shown() == {name: [name] for name in names}


def test_what_the_person_says_goes_before_every_guess(mapped):
    mapping = mapped("customers", "Name,Alias,Phone,Fax", "Alias=name", "fax=phone", "PHONE=-")
    assert mapping.shown() == {"name": ["Alias"], "phone": ["Fax"]}
    assert mapping.ignored() == [0, 2]
    assert mapped("customers", "Name,Phone", "Phone=").shown() == {"name": ["Name"]}


def test_several_columns_are_joined_in_the_order_in_which_they_are_named(mapped):
    assert mapped("customers", "A,B,C", "C=name", "A=name").shown() == {"name": ["C", "A"]}


def test_one_column_can_give_two_fields_when_the_person_says_so(mapped):
    mapping = mapped("payments", "InvoiceId,CustomerId,Total", "InvoiceId=job", "InvoiceId=external_key")
    assert mapping.shown()["job"] == mapping.shown()["external_key"] == ["InvoiceId"]


@pytest.mark.parametrize(
    ("assignments", "code", "words"),
    [
        (["Nmae=name"], "column_unknown", "Name, Phone"),
        (["Name=nmae"], "field_unknown", "phone, address"),
        (["Name"], "mapping_invalid", "COLUMN=FIELD"),
        (["=name"], "mapping_invalid", "COLUMN=FIELD"),
        (["Name=-"], "column_missing", "Name, Phone"),
        (["Name=external_key", "Phone=external_key"], "column_shared", "Name, Phone"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_with_what_there_is(mapped, assignments, code, words):
    with pytest.raises(Refusal) as caught:
        mapped("customers", "Name,Phone", *assignments)
    assert caught.value.code == code
    assert words in str(caught.value)


def test_a_file_that_is_no_table_is_refused_with_a_short_list(mapped):
    with pytest.raises(Refusal) as caught:
        mapped("customers", ",".join("x" * 500 + str(number) for number in range(500)))
    assert caught.value.code == "column_missing"
    assert len(str(caught.value)) < 4000
