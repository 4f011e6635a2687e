"""Customers are found as people type them: names without their marks, phones in any writing."""

from __future__ import annotations

import pytest

from cleanflow.dao.customers import add_customer, customers_with_phone, search_customers, set_customer_active
from cleanflow.dao.job_search import found_jobs
from cleanflow.dao.jobs import create_job
from cleanflow.dao.shop import change_settings, shop_country
from cleanflow.dao.users import add_user, edit_user, is_pin_right
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.safekeeping.verify import verify
from cleanflow.sync.repair.doubles import double_customers

WRITINGS = ("0300-1234567", "0300 1234567", "+92 300 1234567", "00923001234567", "923001234567")


@pytest.fixture
def shop(db: Database) -> Database:
    change_settings(db, {"currency": "PKR"})
    return db


def names(db: Database, text: str) -> list[str]:
    return [customer.name for customer in search_customers(db, text)]


@pytest.mark.parametrize("stored", WRITINGS)
def test_a_phone_is_found_in_every_writing_whole_or_begun(shop: Database, stored: str) -> None:
    add_customer(shop, name="Ali", phone=stored)
    add_customer(shop, name="Bina", phone="0301 7654321")
    for typed in (*WRITINGS, "0300123", "+92 300 12", "0092300123", "300 1234", "٠٣٠٠١٢٣"):
        assert names(shop, typed) == ["Ali"], typed


def test_what_was_typed_exactly_comes_before_other_writings(shop: Database) -> None:
    add_customer(shop, name="Amir", phone="+92 300 1234567")
    add_customer(shop, name="Zara", phone="0300 1234567")
    assert names(shop, "0300 1234567") == ["Zara", "Amir"]


def test_jobs_are_found_by_their_customers_phone_in_every_writing(shop: Database) -> None:
    ali = add_customer(shop, name="Ali", phone="+92 300 1234567")
    create_job(shop, customer_id=ali.id, amount_minor=100)
    for typed in WRITINGS:
        assert len(found_jobs(shop, typed) or []) == 1, typed


def test_who_has_a_number_is_known_at_intake_and_only_whole_numbers_count(shop: Database) -> None:
    ali = add_customer(shop, name="Ali", phone="042-35712345, 0300-1234567")
    gone = add_customer(shop, name="Gone", phone="0300-1234567")
    set_customer_active(shop, gone.id, False)
    add_customer(shop, name="Longer", phone="0300-12345678")
    for typed in WRITINGS:
        assert [one.id for one in customers_with_phone(shop, typed)] == [ali.id]
    assert customers_with_phone(shop, "0300-123456") == customers_with_phone(shop, "") == []


def test_doubles_are_seen_in_every_writing_and_each_of_several_numbers(shop: Database) -> None:
    for number, phone in enumerate((*WRITINGS, "042 35712345 / 0300.1234567", "0301 1234567", "12345")):
        add_customer(shop, name=f"Customer {number}", phone=phone)
    found = double_customers(shop)
    assert {(one.keep_name, one.other_name) for one in found} == {
        ("Customer 0", f"Customer {number}") for number in range(1, 6)
    }


def test_the_shops_country_is_its_setting_its_own_number_or_its_currencys(db: Database) -> None:
    assert shop_country(db) == "US"
    change_settings(db, {"currency": "EUR"})
    assert shop_country(db) is None
    change_settings(db, {"shop_phone": "+49 711 2842222"})
    assert shop_country(db) == "DE"


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Pat O'Brien", "obrien|o'brien|O’BRIEN|o brien|brien"),
        ("Pat O’Brien", "obrien|o'brien"),
        ("Al-Rashid", "alrashid|al rashid|al-rashid|AL‑RASHID"),
        ("J.R. Smith-Jones", "jr smith|j.r.|smithjones|smith jones|smith-jones"),
        ("Groß & Straße", "gross|groß|strasse"),
        ("Işık İnce", "isik|ışık|IŞIK|ISIK ince|İNCE"),
        ("أحمد", "احمد|أحمد"),
        ("فاطمة", "فاطمه|فاطمة"),
        ("علی", "علي|على|علی"),
        ("کریم", "كريم|کریم"),
        ("محـــمد", "محمد|مُحَمَّد"),
        ("Block ١٢", "block 12|١٢"),
    ],
)
def test_a_name_is_found_without_its_marks_and_with_any_keyboard(db: Database, name: str, typed: str) -> None:
    add_customer(db, name=name)
    add_customer(db, name="Zed")
    for text in typed.split("|"):
        assert names(db, text) == [name], text
    assert verify(db).findings == []


def test_a_pin_is_the_same_in_the_digits_of_every_script(db: Database) -> None:
    user = add_user(db, name="Noor", role="CASHIER", pin="۲۴۶۸")
    for typed in ("2468", "٢٤٦٨", "२४६८", "۲۴۶۸"):
        assert is_pin_right(db, user.id, typed)
    assert not is_pin_right(db, user.id, "2469")
    edit_user(db, user.id, pin="1234")
    assert is_pin_right(db, user.id, "١٢٣٤")


def test_the_shops_country_is_a_setting_and_nothing_else_is_one(db: Database) -> None:
    change_settings(db, {"country": "pk"})
    assert shop_country(db) == "PK"
    for wrong in ("Pakistan", "XX", "001"):
        with pytest.raises(Refusal) as refused:
            change_settings(db, {"country": wrong})
        assert refused.value.code == "country_unknown"
    change_settings(db, {"country": ""})
    assert shop_country(db) == "US"  # by its currency
