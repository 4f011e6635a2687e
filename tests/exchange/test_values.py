"""Dates and words of other programs are understood, and never guessed at."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanflow.errors import Refusal
from cleanflow.exchange.table import Number
from cleanflow.exchange.values import (
    LeftOut,
    amount_of,
    check_invoice,
    check_paid,
    check_type,
    date_order_of,
    is_active,
    parse_date,
    payment_method,
    price_of,
    work_status,
)
from cleanflow.money import currency

days = st.dates(date(1970, 1, 1), date(2068, 12, 31))
orders = st.sampled_from(["DMY", "MDY", "YMD"])


@given(
    days, orders, st.sampled_from(["", " 00:00:00", "T23:59", " 9:05 PM", "T10:00:00.5Z", " 10:00:00+05:30"])
)
def test_an_iso_date_is_itself_in_every_shop_and_its_time_is_left_out(day, order, time):
    assert parse_date(day.isoformat() + time, order) == day.isoformat()
    assert parse_date(day.isoformat().replace("-", "/") + time, order) == day.isoformat()


@given(days, st.sampled_from("/.-"), st.booleans(), st.sampled_from(["%Y", "%y"]))
def test_a_date_in_the_shops_own_order_is_read_so(day, separator, padded, year):
    for order, form in (("DMY", f"%d*%m*{year}"), ("MDY", f"%m*%d*{year}")):
        text = day.strftime(form.replace("*", separator))
        if not padded:
            text = separator.join(part.removeprefix("0") if len(part) == 2 and n < 2 else part
                                  for n, part in enumerate(text.split(separator)))  # fmt: skip
        assert parse_date(text, order) == day.isoformat()
    assert parse_date(day.strftime("%y-%m-%d"), "YMD") == day.isoformat()


@given(
    days, orders, st.sampled_from(["%b %d, %Y", "%d %B %Y", "%d-%b-%y", "%B %d %Y", "%Y %b %d", "%d. %b. %Y"])
)
def test_a_month_by_its_name_needs_no_order(day, order, form):
    assert parse_date(day.strftime(form), order) == day.isoformat()


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("24.12.2026", "DMY", "2026-12-24"),
        ("24/12/26", "DMY", "2026-12-24"),
        ("2026-12-24 00:00:00", "MDY", "2026-12-24"),
        ("20261224", "DMY", "2026-12-24"),
        ("Dec 24, 2026", "DMY", "2026-12-24"),
        ("24. Dezember 2026", "MDY", "2026-12-24"),
        ("24 de diciembre de 2026", "MDY", "2026-12-24"),
        ("1er août 2026", "DMY", "2026-08-01"),
        ("3rd March 2026", "DMY", "2026-03-03"),
        ("٢٤/١٢/٢٠٢٦", "DMY", "2026-12-24"),
        ("03/04/2026", "DMY", "2026-04-03"),
        ("03/04/2026", "MDY", "2026-03-04"),
        ("24/12/2026", "MDY", "2026-12-24"),
        ("12/24/2026", "DMY", "2026-12-24"),
        ("31/12/26", "MDY", "2026-12-31"),
        ("05/05/2026", "YMD", "2026-05-05"),
        ("2023.02.28.", "DMY", "2023-02-28"),
        ("2023. 02. 28.", "DMY", "2023-02-28"),
        ("28.02.2023.", "MDY", "2023-02-28"),
        ("01/28/26 1:33 PM", "DMY", "2026-01-28"),
        ("01/28/26, 1:33\u202fPM", "DMY", "2026-01-28"),
        ("2026-01-28T13:33:00.000Z", "MDY", "2026-01-28"),
        ("2026-01-28T23:33:00+05:30", "MDY", "2026-01-28"),
        ("2026-01-28 13:33:00 -0500", "MDY", "2026-01-28"),
        ("2026-01-28 1:33 PM EST", "MDY", "2026-01-28"),
        ("28-Feb-2023", "MDY", "2023-02-28"),
        ("Jan 28 2026", "DMY", "2026-01-28"),
        ("Wed, 28 Jan 2026 13:33:00 GMT", "MDY", "2026-01-28"),
        ("Wednesday, January 28, 2026", "DMY", "2026-01-28"),
        ("28 января 2026", "MDY", "2026-01-28"),
        ("28 Ocak 2026", "MDY", "2026-01-28"),
        ("28 de fevereiro de 2026", "MDY", "2026-02-28"),
        ("٢٨ يناير ٢٠٢٦", "MDY", "2026-01-28"),
        ("۲۰۲۶/۰۱/۲۸", "DMY", "2026-01-28"),
        ("२८-०१-२०२६", "DMY", "2026-01-28"),
    ],
)
def test_a_date_means_what_a_person_means_by_it(text, order, day):
    assert parse_date(text, order) == day


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            "31.02.2026",
            "2026-02-30",
            "2026-13-01",
            "32/01/2026",
            "13/13/2026",
            "0/1/2026",
            "46015",
            "45000.5",
        ],
        *[
            "1/2",
            "24/12/126",
            "24-12/2026",
            "tomorrow",
            "Foo 24, 2026",
            "Dec 32, 2026",
            "0026-01-01",
            "9" * 99,
            *["28.Feb", "2026.02.28..", "2026-01-28T", "28--02-2026", "Jan Feb 2026", "1404/11/08"],
        ],
    ],
)
def test_what_is_no_day_of_the_calendar_is_refused(text):
    with pytest.raises(Refusal) as caught:
        parse_date(text, "DMY")
    assert caught.value.code == "date_invalid"


def test_a_date_that_could_be_two_is_refused_where_the_shop_writes_neither_way():
    with pytest.raises(Refusal) as caught:
        parse_date("03/04/2026", "YMD")
    assert caught.value.code == "date_ambiguous"


def test_a_column_that_plainly_writes_another_order_than_the_shop_is_read_in_its_own():
    assert date_order_of(["03/04/2026", "03/24/2026"], "DMY") == "MDY"
    assert date_order_of(["03/04/2026", "24/03/2026"], "MDY") == "DMY"
    assert date_order_of(["03/04/2026", "24/03/2026"], "YMD") == "DMY"


def test_without_or_with_contradicting_evidence_the_shops_order_stands():
    assert date_order_of(["03/04/2026", "2026-12-24", "x", ""], "DMY") == "DMY"
    assert date_order_of(["24/03/2026", "03/24/2026"], "MDY") == "MDY"


@given(st.text(max_size=70), orders)
def test_no_text_whatever_is_answered_but_by_a_day_or_a_refusal(text, order):
    try:
        date.fromisoformat(parse_date(text, order))
    except Refusal as refusal:
        assert refusal.code in ("date_invalid", "date_ambiguous")


def test_words_for_the_way_of_paying_and_the_state_of_work_are_understood_in_any_case():
    assert [payment_method(text) for text in ("", "Cash", "EFECTIVO", "bar")] == ["CASH"] * 4
    assert [payment_method(text) for text in ("bank", "Credit Card", "Überweisung")] == ["BANK"] * 3
    assert [work_status(text) for text in ("", "received")] == ["RECEIVED"] * 2
    assert work_status("In progress") == work_status("IN_PROGRESS") == "IN_PROGRESS"
    assert [work_status(text) for text in ("ready", "Picked up", "done")] == [
        "READY",
        "DELIVERED",
        "DELIVERED",
    ]


def test_the_ways_of_paying_of_many_countries_are_understood():
    bank = (
        "ec,EC-Karte,Karte,Kreditkarte,credit card,Debit-Card,Lastschrift,direct debit,Scheck,cheque,chèque"
    )
    bank += ",Check,PayPal,UPI,JazzCash,Easypaisa,online"
    assert {payment_method(text) for text in bank.split(",")} == {"BANK"}
    assert {payment_method(text) for text in "bar,Efectivo,Espèces,contant,Naqd".split(",")} == {"CASH"}


def test_other_words_are_refused_with_the_choices():
    for read in (payment_method, work_status):
        with pytest.raises(Refusal) as caught:
            read("perhaps")
        assert caught.value.code == "choice_invalid"
        assert "“perhaps” is not one of: " in str(caught.value)


USD, KWD, JPY = (currency(code) for code in ("USD", "KWD", "JPY"))


@pytest.mark.parametrize(
    ("text", "unit", "minor"),
    [
        (Number("1.200"), USD, 120),
        (Number("1234.5"), USD, 123450),
        (Number("1.234"), KWD, 1234),
        (Number("0.1"), USD, 10),
        (Number("1200"), JPY, 1200),
        (Number("-5"), USD, -500),
        ("1.200", USD, 120000),
        ("65.00 + 4.55", USD, 6955),
        ("$65.00 + ($5.00)", USD, 6000),
        ("2.50 × 4", USD, 1000),
        ("98.00 × 5.00000000", USD, 49000),
        ("0.125 × 8", USD, 100),
        ("1,200.50 × 2", USD, 240100),
    ],
)
def test_amounts_of_number_cells_and_of_several_columns_are_exact(text, unit, minor):
    assert amount_of(text, unit) == minor


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (Number("0.005"), "amount_decimals"),
        (Number("1e99"), "amount_too_large"),
        (Number("nan"), "amount_not_a_number"),
        ("0.333 × 1", "amount_decimals"),
        ("5 + x", "amount_not_a_number"),
        ("x × 5", "amount_not_a_number"),
    ],
)
def test_amounts_that_cannot_be_are_refused(text, code):
    with pytest.raises(Refusal) as caught:
        amount_of(text, USD)
    assert caught.value.code == code


def test_a_price_that_varies_is_asked_each_time():
    assert [price_of(text, USD) for text in ("variable", "Variable", "2.50")] == [0, 0, 250]
    with pytest.raises(Refusal):
        price_of("cheap", USD)


def test_the_states_of_work_of_many_languages_are_understood():
    words = {
        "RECEIVED": "Nuevo,eingegangen,reçu,Recebido,принят,مستلم,sent,Paid,partially paid,Due",
        "IN_PROGRESS": "In Arbeit,en cours,hazırlanıyor,в работе",
        "READY": "Listo,fertig,abholbereit,prêt,hazır,готов,جاهز,Ready for pickup",
        "DELIVERED": "Entregado,abgeholt,livré,teslim edildi,выдан,Closed,fulfilled",
    }
    for state, texts in words.items():
        assert {work_status(text) for text in texts.split(",")} == {state}


@pytest.mark.parametrize("word", ["draft", "Void", "CANCELLED", "storniert", "отменен"])
def test_drafts_and_cancelled_ones_are_left_out_and_not_refused(word):
    for read in (work_status, check_invoice, check_paid):
        with pytest.raises(LeftOut):
            read(word)


@pytest.mark.parametrize("read", [check_invoice, check_paid, check_type, is_active])
def test_a_word_that_is_not_understood_is_refused_by_every_reader(read):
    read("")
    with pytest.raises(Refusal) as caught:
        read("perhaps")
    assert caught.value.code == "choice_invalid"


def test_money_that_was_given_back_is_never_taken_for_money_received():
    for word in ("Refund", "RETURN", "credit note"):
        with pytest.raises(Refusal) as caught:
            check_type(word)
        assert caught.value.code == "refund_by_hand"
    check_type("Sale")
