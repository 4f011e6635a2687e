"""Jobs by keyboard: found, moved on, paid, corrected; the board; a new job from any screen."""

from __future__ import annotations

import time

from cleanflow.dao.adjustments import discount_job
from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import Job, create_job, get_job
from cleanflow.dao.payments import credit_minor, record_payment
from cleanflow.dao.services import list_services
from cleanflow.db import Database
from cleanflow.gui.screens.jobs.board import Board
from cleanflow.gui.screens.jobs.jobs import Jobs
from cleanflow.safekeeping.verify import verify
from tests.gui.conftest import Hands


def make_job(db: Database, name: str = "Ann Baker", amount: int = 5000, **more: str) -> Job:
    customer = add_customer(db, name=name, phone="555 123")
    return create_job(db, customer_id=customer.id, amount_minor=amount, description="Carpet", **more)


def open_ticket(hands: Hands, number: str) -> None:
    hands.press("F4")
    hands.type(number)
    hands.press("Return")


def give_pin(hands: Hands) -> None:
    assert "An owner's PIN, please" in hands.texts()
    hands.type("1234")
    hands.press("Return")


def wait_for_search(hands: Hands) -> None:
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        hands.settle()


# --- the list ------------------------------------------------------------------------------------


def test_a_job_is_found_by_its_customer_and_opened(hands: Hands) -> None:
    db = hands.window.db
    make_job(db)
    make_job(db, "Zoe", due_date="2026-03-07")
    hands.sign_in()
    hands.press("F4")
    assert hands.rows() == [
        ["C1-000002", "10/03/2026", "Zoe", "555 123", "Carpet", "late 3 d", "Received", "50.00"],
        ["C1-000001", "10/03/2026", "Ann Baker", "555 123", "Carpet", "", "Received", "50.00"],
    ]
    hands.type("baker")
    wait_for_search(hands)
    assert [row[0] for row in hands.rows()] == ["C1-000001"]
    hands.press("Return", "Return")
    assert "Job C1-000001" in hands.texts()
    hands.press("Escape")
    assert [row[0] for row in hands.rows()] == ["C1-000001"]
    hands.press("Control-u")
    assert "2 in all" in hands.texts()


def test_a_tickets_digits_and_enter_open_its_job_from_the_search_and_from_every_job(hands: Hands) -> None:
    make_job(hands.window.db)
    make_job(hands.window.db, "Zoe")
    hands.sign_in()
    open_ticket(hands, "2")
    assert "Job C1-000002" in hands.texts()
    assert "Zoe, 555 123" in hands.texts()
    hands.press("Control-g")
    hands.type("9")
    hands.press("Return")
    assert "There is no ticket or receipt “9”." in hands.texts()
    hands.press("BackSpace")
    hands.type("1")
    hands.press("Return")
    assert "Job C1-000001" in hands.texts()


def test_filters_are_kept_and_other_screens_lead_to_their_jobs(hands: Hands) -> None:
    db = hands.window.db
    make_job(db, due_date="2026-03-07")
    make_job(db, "Zoe", work_status="READY")
    hands.sign_in()
    hands.window.show("jobs", due="OVERDUE")
    assert [row[2] for row in hands.rows()] == ["Ann Baker"]
    hands.window.show("jobs", status="READY")
    assert [row[2] for row in hands.rows()] == ["Zoe"]
    hands.window.show("jobs", status="READY", payment="PAID")
    assert "No jobs here. Ctrl+U shows all jobs, Ctrl+N makes a new one." in hands.texts()
    hands.window.show("jobs", day="2026-03-10")
    assert len(hands.rows()) == 2
    hands.press("Control-u", "Tab")
    hands.type("x")
    hands.press("Control-Key-slash")
    hands.type("Ready")
    hands.press("Return")
    assert [row[2] for row in hands.rows()] == ["Zoe"]
    hands.press("F12")
    hands.type("2222")
    hands.press("Return")
    hands.press("F4")
    screen = Jobs(hands.window.navigation._content, hands.window)  # as after the next start
    assert screen._filters.read_text("status") == "Ready"
    screen.destroy()


def test_the_chosen_job_is_moved_on_from_the_list_and_what_is_due_is_said(hands: Hands) -> None:
    db = hands.window.db
    job = make_job(db, work_status="READY")
    make_job(db, "Zoe", work_status="READY")
    hands.sign_in()
    hands.press("F4", "Control-w")
    assert "Choose a line of the list first." in hands.texts()
    hands.window.show("jobs", status="READY")
    hands.press("Down", "Down", "Control-w")
    assert get_job(db, job.id).work_status == "DELIVERED"
    assert "C1-000001: Delivered, still due 50.00. Ctrl+M takes money." in hands.texts()
    assert [row[2] for row in hands.rows()] == ["Zoe"]
    hands.press("Control-y")  # the neighbour is chosen
    assert "C1-000002: In progress" in hands.texts()


# --- one job -------------------------------------------------------------------------------------


def test_the_page_tells_the_work_and_the_money_story(hands: Hands) -> None:
    db = hands.window.db
    hands.sign_in()
    job = make_job(db, due_date="2026-03-08")
    record_payment(db, customer_id=job.customer_id, amount_minor=2000, method="CASH")
    open_ticket(hands, "1")
    for text in ("Ann Baker, 555 123", "Received, late 2 d", "10/03/2026 by Carl", "20.00  (Part paid)"):
        assert text in hands.texts()
    assert hands.rows() == [
        ["10/03/2026", "Agreed", "C1-000001", "Carl", "50.00", "50.00"],
        ["10/03/2026", "Paid", "C1-R000001, Cash", "Carl", "-20.00", "30.00"],
    ]
    hands.press("End", "Return")
    assert "Payment C1-R000001" in hands.texts()


def test_work_promise_and_notes_are_a_cashiers(hands: Hands) -> None:
    db = hands.window.db
    job = make_job(db)
    hands.sign_in()
    open_ticket(hands, "1")
    hands.press("Control-w", "Control-w", "Control-y")
    assert "C1-000001: In progress" in hands.texts()
    hands.press("Control-d")
    hands.type("+3")
    hands.press("Return")
    hands.press("Control-n")
    hands.type("Fragile")
    hands.press("Control-s")
    assert "Saved: job C1-000001" in hands.texts()
    job = get_job(db, job.id)
    assert (job.work_status, job.due_date, job.notes) == ("IN_PROGRESS", "2026-03-13", "Fragile")


def test_a_cashier_adjusts_discounts_and_reverses_with_an_owners_pin(hands: Hands) -> None:
    db = hands.window.db
    job = make_job(db)
    hands.sign_in()
    open_ticket(hands, "1")
    hands.press("Control-j")
    hands.type("40+2")
    assert "Change -8.00, then due 42.00" in hands.texts()
    hands.press("Return")
    hands.type("Stain")
    hands.press("Return")
    give_pin(hands)
    assert "Adjusted: job C1-000001, due 42.00" in hands.texts()
    hands.press("Control-i")
    hands.type("2")
    hands.press("Return")
    hands.type("Regular")
    hands.press("Return")
    give_pin(hands)
    assert "Discount given: job C1-000001, due 40.00" in hands.texts()
    hands.press("End", "Control-r")
    hands.type("Wrong job")
    hands.press("Return")
    give_pin(hands)
    assert "Reversed: job C1-000001, due 42.00" in hands.texts()
    assert [row[1:3] for row in hands.rows()] == [
        ["Agreed", "C1-000001"],
        ["Adjustment", "Stain"],
        ["Discount (reversed)", "Regular"],
        ["Discount reversed", "Wrong job"],
    ]
    assert get_job(db, job.id).total_minor == 4200
    assert verify(db).findings == []


def test_what_cannot_be_is_refused_in_the_dialog_and_the_input_kept(hands: Hands) -> None:
    db = hands.window.db
    job = make_job(db)
    hands.sign_in("Olga")
    open_ticket(hands, "1")
    hands.press("Control-j")
    hands.type("-51")
    hands.press("Return")
    hands.type("Too much")
    hands.press("Return")
    assert "A total cannot be less than 0." in hands.texts()
    hands.press("Escape", "Control-f")
    hands.type("60")
    hands.press("Return")
    hands.type("Moved away")
    hands.press("Return", "Escape")
    assert get_job(db, job.id).total_minor == 5000
    hands.press("Control-r")
    assert "The agreed amount stays. Ctrl+J adjusts the total." in hands.texts()


def test_an_owner_writes_off_what_is_due(hands: Hands) -> None:
    db = hands.window.db
    job = make_job(db)
    hands.sign_in("Olga")
    open_ticket(hands, "1")
    hands.press("Control-f", "Return")
    hands.type("Moved away")
    hands.press("Return")
    assert "Written off: job C1-000001, due 0.00" in hands.texts()
    assert get_job(db, job.id).due_minor == 0
    hands.press("Control-f")  # the button is off now
    assert "Write off job" not in hands.texts()
    assert verify(db).findings == []


def test_a_cancelled_job_leaves_its_money_as_credit_that_another_job_uses(hands: Hands) -> None:
    db = hands.window.db
    job = make_job(db)
    record_payment(db, customer_id=job.customer_id, amount_minor=2000, method="CASH")
    other = create_job(db, customer_id=job.customer_id, amount_minor=1500)
    hands.sign_in("Olga")
    open_ticket(hands, "1")
    hands.press("Control-q")
    assert "What was paid, 20.00, becomes the customer's credit." in hands.texts()
    hands.type("Too late")
    hands.press("Return")
    assert "Cancelled: job C1-000001, due 0.00" in hands.texts()
    assert [row[1] for row in hands.rows()] == ["Agreed", "Paid", "Taken off again", "Cancellation"]
    assert credit_minor(db, job.customer_id) == 2000
    open_ticket(hands, "2")
    hands.press("Control-u", "Return")
    assert "Credit used: job C1-000002, due 0.00" in hands.texts()
    assert hands.rows()[-1][1:3] == ["Paid from credit", "C1-R000001, Cash"]
    assert get_job(db, other.id).due_minor == 0
    assert credit_minor(db, job.customer_id) == 500
    assert verify(db).findings == []


def test_the_page_leads_to_the_customer_and_to_taking_money(hands: Hands) -> None:
    db = hands.window.db
    job = make_job(db)
    discount_job(db, job.id, 100, "Regular")
    hands.sign_in()
    open_ticket(hands, "1")
    hands.press("Control-m")
    assert hands.window.navigation.current is not None
    assert hands.window.navigation.current.name == "take_payment"
    hands.press("Escape", "Control-o")
    assert hands.window.navigation.current.name == "customer_page"
    hands.press("Escape", "Control-l")
    assert hands.window.navigation.current.name == "audit"
    hands.press("Escape")
    assert "Job C1-000001" in hands.texts()


# --- the board -----------------------------------------------------------------------------------


def cards(hands: Hands) -> list[list[str]]:
    board = hands.window.navigation.current
    assert isinstance(board, Board)
    return [[column.item(row, "text") for row in column.get_children()] for column in board._columns]


def test_the_board_is_walked_and_jobs_are_moved_by_keys(hands: Hands) -> None:
    db = hands.window.db
    first = make_job(db, due_date="2026-03-08")
    make_job(db, "Zoe")
    ready = make_job(db, "Bob", work_status="READY")
    hands.sign_in()
    hands.press("Shift-F4")
    assert cards(hands) == [
        ["C1-000001   late 2 d\nAnn Baker\nCarpet\ndue 50.00", "C1-000002\nZoe\nCarpet\ndue 50.00"],
        [],
        ["C1-000003\nBob\nCarpet\ndue 50.00"],
        [],
    ]
    for text in ("Received  (2)", "In progress  (0)", "Ready  (1)", "Delivered, 3 days  (0)"):
        assert text in hands.texts()
    hands.press("Shift-Right")
    assert get_job(db, first.id).work_status == "IN_PROGRESS"
    hands.press("Control-y", "Control-y")
    assert "“Received” is the first step." in hands.texts()
    hands.press("Right", "Control-w")  # past the empty column
    assert get_job(db, ready.id).work_status == "DELIVERED"
    assert cards(hands)[3] == ["C1-000003\nBob\nCarpet\ndue 50.00"]
    hands.press("Return")
    assert "Job C1-000003" in hands.texts()
    hands.press("Escape", "Left", "Down", "Return")
    assert "Job C1-000002" in hands.texts()


def test_a_full_column_says_how_many_more_there_are_and_leads_to_them(hands: Hands) -> None:
    db = hands.window.db
    customer = add_customer(db, name="Ann").id
    for _job in range(53):
        create_job(db, customer_id=customer, amount_minor=100)
    hands.sign_in()
    hands.press("Shift-F4")
    assert "Received  (53)" in hands.texts()
    column = cards(hands)[0]
    assert (len(column), column[-1]) == (51, "… and 3 more")
    hands.press(*["Down"] * 50, "Return")
    assert "53 in all" in hands.texts()


def test_a_card_shows_the_service_and_the_description(hands: Hands) -> None:
    db = hands.window.db
    ann = add_customer(db, name="Ann").id
    service = list_services(db)[0].id
    create_job(db, customer_id=ann, amount_minor=15_00, service_type_id=service, description="grey")
    hands.sign_in()
    hands.press("Shift-F4")
    assert cards(hands)[0] == ["C1-000001\nAnn\nIroning, grey\ndue 15.00"]


def test_an_empty_board_says_what_to_do(hands: Hands) -> None:
    hands.sign_in()
    hands.press("Shift-F4")
    assert "No jobs in the shop. Ctrl+N makes a new one." in hands.texts()
    hands.press("Control-n")
    assert "New customer" in hands.texts()


# --- a new job -----------------------------------------------------------------------------------


def test_a_new_job_of_a_customer_tells_their_credit_and_opens_when_saved(hands: Hands) -> None:
    db = hands.window.db
    ann = add_customer(db, name="Ann Baker")
    record_payment(db, customer_id=ann.id, amount_minor=2000, method="CASH")
    hands.sign_in()
    hands.window.show("new_job", customer_id=ann.id)
    assert "Ann Baker: has credit 20.00" in hands.texts()
    assert "uses the credit of 20.00" in hands.texts()
    hands.type("ir")
    hands.press("Control-s")
    assert "Saved: job C1-000001, Ann Baker, due 15.00" in hands.texts()
    hands.press("Control-o", "Control-u", "Return")
    assert "Credit used: job C1-000001, due 0.00" in hands.texts()
    assert verify(db).findings == []


def test_a_job_for_a_known_customer_with_part_payment_takes_18_keys_from_any_screen(hands: Hands) -> None:
    db = hands.window.db
    add_customer(db, name="Ann Baker")
    hands.sign_in()
    for number, screen in enumerate(("F2", "F7", "Shift-F4"), start=1):
        hands.press(screen)
        hands.keys = 0
        hands.press("F3")
        hands.type("bak")
        hands.press("Return")
        hands.type("ir")
        hands.press("Return", "Return", "Return")
        hands.type("+2")
        hands.press("Return")
        hands.type("2+3")
        hands.press("Return", "Return")
        assert f"Saved: job C1-{number:06d}, Ann Baker, due 10.00" in hands.texts()
        assert hands.keys == 18


def test_a_customer_whose_page_led_to_a_new_job_is_gone_for_the_next_person(hands: Hands) -> None:
    ann = add_customer(hands.window.db, name="Ann Baker")
    hands.sign_in()
    hands.window.show("customer_page", customer_id=ann.id)
    hands.press("Control-n", "Escape", "F3")
    assert hands.window.focus_get().get() == ""  # type: ignore[union-attr]
    assert "Ann Baker: " not in hands.texts()
    hands.window.show("customer_page", customer_id=ann.id)
    hands.press("Control-n")
    hands.type("iron")
    hands.press("F6", "F3")
    assert "Ann Baker: " in hands.texts()  # whose job was begun stays
