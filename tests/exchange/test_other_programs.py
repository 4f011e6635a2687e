"""Exports of further programs, by their headings: what a shop would bring over from each of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanflow.dao.customers import Customer, add_customer, search_customers
from cleanflow.dao.jobs import get_job
from cleanflow.dao.services import list_services
from cleanflow.db import Database
from cleanflow.exchange.preview import read_file
from tests.exchange.conftest import Importer, column, counts


def only(db: Database) -> Customer:
    (customer,) = search_customers(db, "")
    return customer


#: Program -> heading, a line, and the customer: name, phone, address, key, notes.
CUSTOMERS = {
    "QuickBooks Online": (
        "Name,Company name,Street Address,City,State,Country,Zip,Phone,Email,Customer type,Attachments,Open balance",
        'Kate Whelan,Kate Co,"45 First St",Monterey,CA,USA,06862,(650) 555-1000,k@w.example,Retail,,"$1,085.00"',
        "Kate Whelan|(650) 555-1000|45 First St, Monterey, CA, USA, 06862||Company name: Kate Co\nk@w.example",
    ),
    "QuickBooks Desktop": (
        "Active Status,Customer,Balance,Balance Total,Company,First Name,M.I.,Last Name,Main Phone,Fax,Alt. Phone,"
        "Main Email,Bill to 1,Bill to 2,Bill to 3,Ship to 1,Note",
        "Active,Birch,10.00,10.00,Birch Co,Gita,,Birch,02 9000 1111,,0401 220 556,a@b.example,Birch,12 Lathe St,"
        '"Parrin, 2150",,old',
        "Birch|02 9000 1111, 0401 220 556|12 Lathe St, Parrin, 2150||Contact: Gita Birch\nCompany: Birch Co\n"
        "Main Email: a@b.example\nNote: old",
    ),
    "Shopify": (
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,"
        "Default Address Address1,Default Address Address2,Default Address City,Default Address Province Code,"
        "Default Address Country Code,Default Address Zip,Default Address Phone,Phone,Note,Tags",
        "'71,Ann,Lee,a@l.example,yes,,1 Main,Flat 3,Oslo,,NO,'0150,,'+47 21 00 00 00,VIP,",
        "Ann Lee|+47 21 00 00 00|1 Main, Flat 3, Oslo, NO, 0150|71|Email: a@l.example\nNote: VIP",
    ),
    "Wave": (
        "customer_name,email,contact_first_name,contact_last_name,customer_currency,account_number,phone,fax,mobile,"
        "toll_free,website,country,province/state,address_line_1,address_line_2,city,postal_code/zip_code,"
        "ship-to_address_line_1",
        "Harbour Hotel,h@h.example,Ann,Lee,USD,H-1,555 1,,555 2,,,Canada,Ontario,1 Quay,Dock 2,Toronto,M5V,",
        "Harbour Hotel|555 1, 555 2|Canada, Ontario, 1 Quay, Dock 2, Toronto, M5V|H-1|Contact: Ann Lee\nh@h.example",
    ),
    "Zoho": (
        "Contact ID,Display Name,Company Name,First Name,Last Name,EmailID,Phone,MobilePhone,Billing Address,"
        "Billing Street2,Billing City,Billing State,Billing Country,Billing Code,Shipping Address,Shipping City,"
        "Notes,Status",
        "C-9,Bowman Co,Bowman Co,Pat,O'Brien,p@b.example,555-1,555-2,4900 Hopyard Rd,Suite 310,Pleasanton,CA,USA,"
        "94588,1 Dock,Oakland,,Active",
        "Bowman Co|555-1, 555-2|4900 Hopyard Rd, Suite 310, Pleasanton, CA, USA, 94588|C-9|Contact: Pat O'Brien\n"
        "Shipping address: 1 Dock, Oakland\nEmailID: p@b.example",
    ),
    "Odoo": (
        "Name,Phone,Mobile,Email,Street,Street2,City,State,Zip,Country,Reference",
        "Azure Interior,(870)-931-0505,,a@i.example,4557 De Silva St,,Fremont,California (US),94538,United States,",
        "Azure Interior|(870)-931-0505|4557 De Silva St, Fremont, California (US), 94538, United States||a@i.example",
    ),
    "Vend": (
        "customer_code,first_name,last_name,company_name,email,phone,mobile,physical_address_1,physical_suburb,"
        "physical_city,physical_postcode,postal_address_1,postal_city,note",
        "V-1,Ann,Lee,,a@l.example,555 1,555 2,1 Main,Suburb,Auckland,1010,PO Box 9,Auckland,",
        "Ann Lee|555 1, 555 2|1 Main, Suburb, Auckland, 1010|V-1|Postal address: PO Box 9, Auckland\nemail: a@l.example",
    ),
    "Outlook": (
        "Title,First Name,Middle Name,Last Name,Suffix,Company,Business Street,Business City,Business Postal Code,"
        "Home Street,Home City,Home Country/Region,Business Fax,Business Phone,Business Phone 2,Home Phone,"
        "Mobile Phone,E-mail Address,Notes",
        ",Ann,B,Lee,,Lee Ltd,1 Dock,Oslo,0150,2 Home St,Bergen,Norway,555 9,555 1,555 2,555 3,555 4,a@l.example,",
        "Ann B Lee|555 1, 555 2, 555 3, 555 4|1 Dock, Oslo, 0150||Company: Lee Ltd\n"
        "Home address: 2 Home St, Bergen, Norway\nE-mail Address: a@l.example",
    ),
    "Google, the old export": (
        "Name,Given Name,Additional Name,Family Name,Notes,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,"
        "Phone 1 - Value,Address 1 - Type,Address 1 - Formatted,Address 1 - Street,Organization 1 - Name",
        'Ann Lee,Ann,,Lee,,Home,a@l.example,Mobile,555 1 ::: 555 2,Home,"1 Main\nOslo",,Lee Ltd',
        "Ann Lee|555 1, 555 2|1 Main\nOslo||Organization 1 - Name: Lee Ltd\nE-mail 1 - Value: a@l.example",
    ),
    "CleanCloud": (
        "Customer ID,Name,Telephone,Email,Address,City,Zip,Notes,Signup Date",
        "88,Ann Lee,(555) 000-1111,a@l.example,1 Main,Oslo,0150,No starch,2026-01-02",
        "Ann Lee|(555) 000-1111|1 Main, Oslo, 0150|88|Email: a@l.example\nNotes: No starch",
    ),
    "a Russian list": (
        "Фамилия;Имя;Телефон;Моб.;Адрес;Примечание",
        "Петров;Иван;495 111;903 222;ул. Мира 5;постоянный",
        "Иван Петров|495 111, 903 222|ул. Мира 5||постоянный",
    ),
    "an Arabic list": ("الاسم,رقم الهاتف,الجوال,العنوان", "محمد أحمد,٠٢٢,٠١٠٠,شارع النيل", "محمد أحمد|٠٢٢, ٠١٠٠|شارع النيل||"),
    "a Turkish list": (
        "Ad;Soyad;Cep Telefonu;Ev Telefonu;Adres;İlçe;İl",
        "Özgür;Çağlar;0532;0212;Mira Sok. 5;Kadıköy;İstanbul",
        "Özgür Çağlar|0532|Mira Sok. 5, Kadıköy||",
    ),
}  # fmt: skip


@pytest.mark.parametrize("program", CUSTOMERS)
def test_a_customer_comes_over_whole(db: Database, import_text: Importer, program: str) -> None:
    heading, line, expected = CUSTOMERS[program]
    assert counts(import_text("customers", f"{heading}\n{line}\n")) == (1, 0, 0)
    customer = only(db)
    key = customer.external_key or ""
    found = (
        customer.name,
        customer.phone,
        customer.address,
        "" if key.startswith("import:") else key,
        customer.notes,
    )
    assert found == tuple(expected.split("|"))


@pytest.mark.parametrize(
    ("heading", "line", "amount"),
    [
        ("Customer,Net,VAT,Gross", "Ann,10.00,2.00,12.00", 1200),
        ("Customer,Net,VAT", "Ann,10.00,2.00", 1200),
        ("Customer,Subtotal,Discount,Tax,Total", "Ann,10.00,-1.00,0.90,9.90", 990),
        ("Customer,Gross sales,Discounts,Net sales,Taxes,Total collected", "Ann,10,1,9,0.90,9.90", 990),
        ("Customer,Price,Quantity", "Ann,2.50,4", 1000),
        ("Customer,Rate,Quantity,Line Total", "Ann,2.50,4.000,9.00", 900),
        ("Customer,Unit Price,Qty", "Ann,0.125,8", 100),
        ("Kunde;Netto;MwSt;Brutto", "Ann;10,00;1,90;11,90", 1190),
        ("Customer,Amount,Amount Due", "Ann,5,0", 500),
        ("Customer,Amount (USD)", "Ann,$5.00", 500),
    ],
)
def test_a_jobs_amount_is_what_the_customer_has_to_pay(
    db: Database, import_text: Importer, heading: str, line: str, amount: int
) -> None:
    add_customer(db, name="Ann")
    report = import_text("jobs", f"{heading}\n{line}\n")
    assert report.lines == []
    assert column(db, "SELECT amount_minor FROM jobs") == [amount]


@pytest.mark.parametrize(
    ("heading", "line", "price"),
    [
        ("Name,Cost,Price", "Wash,1,5", 500),
        ("Product/Service Name,Sales Description,Sales Price / Rate,Purchase cost", "Wash,x,5,1", 500),
        ("Name,Internal Reference,Sales Price,Cost", "Wash,,5,1", 500),
        ("id,handle,sku,name,supply_price,retail_price", "1,wash,S1,Wash,1,5", 500),
        ("Handle,Title,Variant SKU,Variant Price,Cost per item", "wash,Wash,S1,5,1", 500),
        ("Service,Cost", "Wash,5", 500),
        ("Услуга;Цена", "Wash;5,00", 500),
    ],
)
def test_a_services_price_is_what_it_sells_for(
    db: Database, import_text: Importer, heading: str, line: str, price: int
) -> None:
    assert counts(import_text("services", f"{heading}\n{line}\n")) == (1, 0, 0)
    assert [(one.name, one.price_minor) for one in list_services(db)] == [("Wash", price)]


def test_shopifys_order_of_several_lines_is_one_job_and_one_payment(
    db: Database, import_text: Importer
) -> None:
    add_customer(db, name="Ann Lee")
    content = (
        "Name,Email,Financial Status,Paid at,Fulfillment Status,Subtotal,Taxes,Total,Created at,Lineitem quantity,"
        "Lineitem name,Lineitem price,Billing Name,Payment Method\n"
        "#1001,a@l.example,paid,2026-01-03 10:00:00 +0100,fulfilled,30,3,33,2026-01-02 09:00:00 +0100,1,Shirt,10,"
        "Ann Lee,Shopify Payments\n"
        "#1001,a@l.example,,,,,,,2026-01-02 09:00:00 +0100,2,Suit,10,,\n"
        "#1002,,voided,,,5,0,5,2026-01-02 09:00:00 +0100,1,Tie,5,Ann Lee,\n"
    )
    report = import_text("jobs", content)
    assert (*counts(report), report.joined, report.left_out, report.total_minor) == (1, 0, 0, 1, 1, 3300)
    (job,) = (get_job(db, job_id) for job_id in column(db, "SELECT id FROM jobs ORDER BY reference"))
    assert (job.description, job.business_date, job.work_status) == ("Shirt; Suit", "2026-01-02", "DELIVERED")
    report = import_text("payments", content)
    assert (*counts(report), report.joined, report.left_out, report.total_minor) == (1, 0, 0, 1, 1, 3300)
    assert get_job(db, job.id).due_minor == 0


def test_cleanclouds_orders_keep_their_place_in_the_shop(db: Database, import_text: Importer) -> None:
    add_customer(db, name="Ann Lee", external_key="88")
    content = "Order ID,Customer ID,Customer,Placed,Ready By,Total,Status\n" + "".join(
        f"{number},88,Ann Lee,2026-01-02,2026-01-05,10,{status}\n"
        for number, status in enumerate(("Cleaning", "Cleaned & Ready", "Completed", "In Store", "Cancelled"))
    )
    report = import_text("jobs", content)
    assert (*counts(report), report.left_out) == (4, 0, 0, 1)
    assert column(db, "SELECT work_status FROM jobs ORDER BY reference") == [
        *("IN_PROGRESS", "READY", "DELIVERED", "RECEIVED"),
    ]
    assert column(db, "SELECT DISTINCT due_date FROM jobs") == ["2026-01-05"]


@pytest.mark.parametrize(
    ("heading", "left_out"),
    [
        ("Name,Email Subscription Status,Accepts SMS Marketing,Phone Type,Fax,Web Address", 5),
        ("Name,IP address,Phone 1 - Label,E-mail 1 - Label,Address 1 - Label", 4),
    ],
)
def test_headings_that_only_look_like_a_phone_an_email_or_an_address_are_left_out(
    db: Database, tmp_path: Path, heading: str, left_out: int
) -> None:
    path = tmp_path / "file.csv"
    path.write_text(f"{heading}\nAnn{',x' * left_out}\n")
    assert len(read_file(db, "customers", path).left_out) == left_out
