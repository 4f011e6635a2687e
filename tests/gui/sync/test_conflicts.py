"""What two PCs did at once, on the Sync screen: put back, put right, made one; and who this PC is."""

from __future__ import annotations

from datetime import timedelta

from cleanflow.clock import timestamp
from cleanflow.dao.customers import add_customer, edit_customer
from cleanflow.dao.jobs import create_job
from cleanflow.dao.payments import record_payment
from cleanflow.dao.remembered import recall
from cleanflow.dao.users import add_user
from cleanflow.db import Database, with_transaction
from cleanflow.gui.desk import SYNC_CHANGED
from cleanflow.sync import client
from cleanflow.sync.repair.overlaps import overlaps
from cleanflow.sync.state import Attempt, note_attempt, waiting
from cleanflow.sync.worker import AT_START, EVERY_MINUTES
from server.database import Shop
from tests.gui.sync.conftest import Counter, paste
from tests.server.live import Live


def test_a_change_that_gave_way_is_shown_with_both_values_and_put_back(counter: Counter) -> None:
    hands, other = counter.hands, counter.other
    ann = other.customer("Ann", phone="1")
    other.sync()
    counter.sync()
    edit_customer(counter.db, ann, phone="111111")
    other.clock.moment = counter.db.clock.now()
    edit_customer(other.db, ann, phone="222222")
    other.sync()
    counter.meet()
    hands.press("Shift-F11", "Control-l")
    hands.wait_until(lambda: [row[1:4] for row in hands.rows()] == [["Customer", "Ann", "C1"]])
    assert "Ctrl+L  Overwritten (1)" in hands.texts()
    assert "Phone: 111111 (the newer change: 222222)" in hands.texts()
    hands.press("Control-p")
    assert "Put back: Ann" in hands.texts()
    hands.wait_until(lambda: hands.rows()[0][5] == "put back")
    counter.meet()
    assert other.value("SELECT phone FROM customers") == "111111"


def test_a_job_paid_on_both_pcs_is_put_right_by_one_key(counter: Counter) -> None:
    hands, other = counter.hands, counter.other
    ann = other.customer("Ann")
    job = other.job(ann, 5000)
    other.sync()
    counter.sync()
    for db_pc in (other.db, counter.db):
        pay(db_pc, ann, job)
    counter.meet()
    hands.press("Shift-F11", "Control-d")
    hands.wait_until(lambda: [row[:3] for row in hands.rows()] == [["C2-000001", "Ann", "50.00"]])
    hands.press("Return")
    assert "Put right: C2-000001" in hands.texts()
    assert overlaps(counter.db) == []
    hands.wait_until(lambda: hands.rows() == [])


def pay(db: Database, customer_id: str, job_id: str) -> None:
    record_payment(db, customer_id=customer_id, amount_minor=5000, method="CASH", jobs={job_id: 5000})


def test_two_customers_of_one_phone_become_one_after_being_asked(counter: Counter) -> None:
    hands, other = counter.hands, counter.other
    other.customer("Ann", phone="0300 1234567")
    other.job(other.customer("Anne", phone="03001234567"), 900)
    other.sync()
    counter.sync()
    hands.press("Shift-F11", "Control-f")
    hands.wait_until(hands.rows)
    hands.press("Control-p")
    assert "“Anne” owes 9.00; that is brought over to “Ann”." in hands.texts()
    hands.press("Control-s")
    assert "One customer: Ann" in hands.texts()
    active = counter.db.rows("SELECT name FROM customers WHERE is_active = 1")
    assert [row[0] for row in active] == ["Ann"]


@with_transaction
def refuse(db: Database) -> None:
    db.execute("UPDATE customers SET sync_status = 'FAILED', sync_error = 'value_invalid:phone'")


def test_what_was_not_taken_is_told_in_words_and_sent_again(counter: Counter) -> None:
    hands = counter.hands
    add_customer(counter.db, name="Ann")
    counter.sync()
    refuse(counter.db)
    hands.press("Shift-F11", "Control-k")
    hands.wait_until(lambda: [row[:2] for row in hands.rows()] == [["Customer", "Ann"]])
    assert "One of its values is outside of what the server takes." in hands.texts()
    hands.press("Control-s")
    hands.wait_until(lambda: hands.rows() == [])
    assert waiting(counter.db).refused == 0


def end_with(counter: Counter, code: str) -> None:
    at = timestamp(counter.db.clock.now() + timedelta(hours=1))
    note_attempt(counter.db, Attempt(at, at, 0, 0, 0, code, client.IDENTITY_WORDS[code]))
    counter.hands.window.changed(SYNC_CHANGED)


def test_records_that_were_moved_go_on_when_somebody_says_so(counter: Counter) -> None:
    hands = counter.hands
    hands.press("Shift-F11")
    end_with(counter, client.MOVED)
    assert "Were they moved here" in hands.texts()
    hands.press("Control-g", "Control-s")
    hands.wait_until(lambda: "Same books as the server" in hands.texts())


def test_a_copy_joins_again_as_a_new_pc(counter: Counter, live: Live, shop: Shop) -> None:
    hands = counter.hands
    counter.sync()
    hands.press("Shift-F11")
    end_with(counter, client.FORKED)
    hands.press("Control-n")
    assert "This PC becomes a new one" in hands.texts()
    paste(hands, live.new_code(shop))
    hands.press("Control-s")
    hands.wait_until(lambda: "Olga · C3" in hands.texts())
    hands.wait_until(lambda: "Same books as the server" in hands.texts())
    ann = counter.other.customer("Ann")
    counter.other.sync()
    counter.sync()
    assert create_job(counter.db, customer_id=ann, amount_minor=100).reference == "C3-000001"


def test_a_cashier_needs_an_owner_to_leave(counter: Counter) -> None:
    hands = counter.hands
    add_user(counter.db, name="Carl", role="CASHIER", pin="2222")
    hands.press("F12")
    hands.press("Shift-Tab")
    hands.press("Control-a")
    hands.type("Carl")
    hands.press("Return")
    hands.type("2222")
    hands.press("Return", "Shift-F11", "Control-q", "Control-s")
    assert "An owner's PIN, please" in hands.texts()
    hands.type("1234")
    hands.press("Return")
    assert "Left the server. Nothing leaves this PC any more." in hands.texts()


def test_when_it_synchronises_is_set_on_this_pc(counter: Counter) -> None:
    hands = counter.hands
    hands.press("Shift-F11", "Control-w")
    hands.type("No")
    hands.press("Return")
    hands.type("0")
    hands.press("Return")
    assert recall(counter.db, AT_START, True) is False
    assert recall(counter.db, EVERY_MINUTES, 5) == 0
    assert "only when asked" in hands.texts()
    assert hands.window.told() == "Saved. This PC synchronises only when you ask for it."
