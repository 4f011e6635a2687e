"""Contacts of phones (.vcf), lists of QuickBooks (.iif) and tab-delimited text (.txt) are tables like any other."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanflow.dao.customers import customers_named, search_customers
from cleanflow.dao.services import list_services
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.exchange.files import open_table
from cleanflow.exchange.importing import plan_import, run_import
from cleanflow.exchange.preview import read_file
from cleanflow.exchange.vcf_file import open_vcards
from tests.exchange.conftest import counts

VCARD_21 = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\n"
    "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=87a=C4=9Flar;=C3=96zg=C3=BCr;;;\r\n"
    "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=96zg=C3=BCr=20=\r\n=C3=87a=C4=9Flar\r\n"
    "TEL;CELL:0532 000 11 22\r\nTEL;HOME;FAX:0212 1\r\nTEL;WORK;VOICE:0212 000 11 22\r\n"
    "ADR;HOME;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:;;Kad=C4=B1k=C3=B6y 5;=C4=B0stanbul;;34710;\r\n"
    "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD\r\n /2wBDAAgGBgcGBQgHBw\r\n\r\nEND:VCARD\r\n"
)
VCARD_30 = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Apple Inc.//iPhone OS 17.0//EN\r\n"
    "N:O'Brien;Pat;;Dr.;\r\nFN:Dr. Pat O'Brien\r\nORG:Brien\\, Sons;Sales\r\n"
    "EMAIL;type=INTERNET;type=HOME:pat@mail.example\r\n"
    "item1.TEL;type=pref:+353 1 555 0100\r\nitem1.X-ABLabel:_$!<Main>!$_\r\nTEL;type=CELL:(087) 555 0100\r\n"
    "item2.ADR;type=HOME;type=pref:;;14 Mill Lane\\nFlat 3;Ridgeton;CA;90001;USA\r\n"
    "ADR;type=WORK:;;1 Quay;Ridgeton;;;\r\n"
    "NOTE:likes starch\\, no\r\n  perfume\\nrings twice\r\nUID:abc-1\r\nBDAY:1990-05-14\r\nEND:VCARD\r\n"
)
VCARD_40 = (
    "BEGIN:VCARD\nVERSION:4.0\nFN:\nORG:Harbour Hotel\n"
    'TEL;VALUE=uri;TYPE="voice,work":tel:+1-555-000-2222\nEND:VCARD\n'
    "BEGIN:VCARD\nVERSION:4.0\nN:خان;کریم;;;\nTEL:۰۳۰۰ ۱۲۳۴۵۶۷\nEND:VCARD\n"
    "BEGIN:VCARD\nVERSION:4.0\nTEL:0300 7654321\nEND:VCARD\n"
    "BEGIN:VCARD\nVERSION:4.0\nEMAIL:only@mail.example\nEND:VCARD\n"
)


def write(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_contacts_of_all_versions_keep_names_phones_addresses_and_notes(db: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "contacts.vcf", VCARD_21 + VCARD_30 + VCARD_40)
    preview = read_file(db, "customers", path)
    assert (preview.plan.file.file_type, preview.left_out, preview.problems) == ("vCard", ["Birthday"], [])
    assert [warning.lines for warning in preview.warnings] == [(42,), (46,)]
    assert counts(run_import(db, preview.plan)) == (6, 0, 0)
    found = {one.name: (one.phone, one.address, one.notes) for one in search_customers(db, "")}
    assert found == {
        "Özgür Çağlar": ("0532 000 11 22, 0212 000 11 22", "Kadıköy 5, İstanbul, 34710", ""),
        "Dr. Pat O'Brien": (
            "+353 1 555 0100, (087) 555 0100",
            "14 Mill Lane\nFlat 3, Ridgeton, CA, 90001, USA",
            "Company: Brien, Sons\nOther address: 1 Quay, Ridgeton\nE-mail: pat@mail.example\n"
            "Notes: likes starch, no perfume\nrings twice",
        ),
        "Harbour Hotel": ("+1-555-000-2222", "", ""),
        "کریم خان": ("۰۳۰۰ ۱۲۳۴۵۶۷", "", ""),
        "0300 7654321": ("0300 7654321", "", ""),
        "only@mail.example": ("", "", "E-mail: only@mail.example"),
    }
    assert counts(run_import(db, plan_import(db, "customers", path))) == (0, 6, 0)


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1254", "Şule Işık"), ("utf-8-sig", "Şule"), ("utf-16", "Şule Işık"), ("cp1251", "Иван Петров")]
)  # fmt: skip
def test_contacts_without_a_charset_are_in_the_files_encoding(
    tmp_path: Path, encoding: str, name: str
) -> None:
    text = f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nTEL:1\r\nEND:VCARD\r\n"
    table = open_table(write(tmp_path, "c.vcf", text.encode(encoding)))
    assert [record.cells for record in table.records()] == [[name, "1"]]


def test_a_file_of_contacts_that_was_cut_off_keeps_what_it_has(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, "c.vcf", VCARD_30[: VCARD_30.index("UID")]))
    assert [record.cells[0] for record in table.records()] == ["Dr. Pat O'Brien"]
    with pytest.raises(Refusal) as caught:
        open_table(write(tmp_path, "c.vcf", "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n"))
    assert caught.value.code == "file_empty"


@given(st.binary(max_size=300))
def test_any_bytes_after_the_beginning_of_a_contact_are_answered(data: bytes) -> None:
    try:
        list(open_vcards(Path("x.vcf"), b"BEGIN:VCARD\n" + data).records())
    except Refusal as refusal:
        assert refusal.code == "file_empty"


IIF = (
    "!HDR\tPROD\tVER\tREL\tIIFVER\tDATE\nHDR\tQuickBooks Pro\tVersion 20.0D\tRelease R1P\t1\t2026-01-28\n"
    "!CUST\tNAME\tREFNUM\tTIMESTAMP\tBADDR1\tBADDR2\tBADDR3\tPHONE1\tPHONE2\tEMAIL\tNOTE\tCOMPANYNAME\tFIRSTNAME"
    "\tLASTNAME\tHIDDEN\n"
    'CUST\tBirchwood Joinery\t7\t1\tBirchwood Joinery\t"12 Lathe St"\t"Parrin, 2150"\t02 9000 1111\t0401 220 556'
    "\ta@b.example\tlikes starch\tBirchwood Joinery\tGita\tBirch\tN\n"
    "CUST\tOld Friend\t8\t1\t\t\t\t\t\t\t\t\t\t\tY\n"
    "!INVITEM\tNAME\tREFNUM\tINVITEMTYPE\tDESC\tPRICE\tCOST\tHIDDEN\nINVITEM\tShirt\t1\tSERV\twashed\t2.50\t1.00\tN\n"
)


def test_quickbooks_lists_give_their_customers_and_their_items(db: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "lists.IIF", IIF)
    preview = read_file(db, "customers", path)
    assert preview.plan.program == "QuickBooks customers (IIF)"
    assert counts(run_import(db, preview.plan)) == (2, 0, 0)
    (birch,) = customers_named(db, "Birchwood Joinery")
    assert (birch.phone, birch.address) == ("02 9000 1111, 0401 220 556", "12 Lathe St, Parrin, 2150")
    assert birch.notes == "Contact: Gita Birch\nEMAIL: a@b.example\nNOTE: likes starch"
    assert [one.is_active for one in customers_named(db, "Old Friend")] == [False]
    assert counts(run_import(db, plan_import(db, "services", path))) == (1, 0, 0)
    assert [(one.name, one.price_minor) for one in list_services(db)] == [("Shirt", 250)]
    with pytest.raises(Refusal) as caught:
        plan_import(db, "jobs", path)
    assert caught.value.code == "file_not_table"


def test_tab_delimited_text_is_a_table(db: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "customers.txt", "Name\tPhone\tAddress\nAnn, Lee\t1; 2\t1 Main, Oslo\n")
    assert open_table(path).delimiter == "\t"
    run_import(db, plan_import(db, "customers", path))
    (ann,) = search_customers(db, "")
    assert (ann.name, ann.phone, ann.address) == ("Ann, Lee", "1, 2", "1 Main, Oslo")
