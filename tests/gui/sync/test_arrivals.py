"""What arrives from another PC while somebody works: it shows, and takes nothing out of anybody's hands."""

from __future__ import annotations

from cleanflow import __version__
from cleanflow.dao.customers import add_customer
from cleanflow.dao.jobs import create_job
from cleanflow.dao.payments import record_payment
from cleanflow.dao.services import add_service, edit_service, list_services
from cleanflow.dao.shop import change_settings
from cleanflow.dao.users import add_user
from cleanflow.db import with_transaction
from tests.gui.sync.conftest import Counter


def from_elsewhere(counter: Counter) -> None:
    counter.other.sync()
    counter.sync()
    counter.hands.settle()


def test_a_list_stays_on_its_page_and_on_its_line(counter: Counter) -> None:
    hands, other = counter.hands, counter.other
    for number in range(130):
        other.customer(f"Customer {number:03}")
    from_elsewhere(counter)
    hands.press("F6")
    hands.focus_list()
    hands.press("End", "Up", "Up")
    assert hands.list().chosen().name == "Customer 127"  # type: ignore[union-attr]
    other.customer("Zoe")
    other.customer("Aaron")
    from_elsewhere(counter)
    assert hands.list().chosen().name == "Customer 127"  # type: ignore[union-attr]
    assert [row[0] for row in reversed(hands.rows())][:2] == ["Zoe", "Customer 129"]


def test_lists_and_pages_show_whether_a_record_was_sent(counter: Counter) -> None:
    hands, db = counter.hands, counter.db
    ann = add_customer(db, name="Ann").id
    job = create_job(db, customer_id=ann, amount_minor=15_00)
    paid = record_payment(db, customer_id=ann, amount_minor=5_00, method="CASH")
    lists = ("jobs", "payments", "customers", "ledger", "audit")

    def told() -> set[str]:
        words = set()
        for name in lists:
            hands.window.show(name)
            words.add(hands.rows()[0][-1])
        for page, what in (("job_page", {"job_id": job.id}), ("payment_page", {"payment_id": paid.id})):
            hands.window.show(page, **what)
            words |= {"sent", "waiting", "refused"} & set(hands.texts().split("\n"))
        return words

    assert told() == {"waiting"}
    counter.sync()
    assert told() == {"sent"}
    with_transaction(lambda db: db.execute("UPDATE jobs SET sync_status = 'FAILED'"))(db)
    hands.window.show("jobs")
    assert hands.rows()[0][-1] == "refused"


def test_a_form_keeps_what_is_typed_and_an_untouched_one_follows(counter: Counter) -> None:
    hands, other = counter.hands, counter.other
    ironing = add_service(other.db, name="Ironing", price_minor=1500)
    from_elsewhere(counter)
    hands.press("Shift-F7")
    hands.focus_list()
    edit_service(other.db, ironing.id, price_minor=1600)
    from_elsewhere(counter)
    form = hands.window.navigation.screens["services"]._shown.form  # type: ignore[attr-defined]
    assert form.texts() == ["Ironing", "16.00"]
    form.fields[0].set("Ironing, express")
    edit_service(other.db, ironing.id, price_minor=1700)
    from_elsewhere(counter)
    assert form.texts() == ["Ironing, express", "16.00"]
    assert list_services(counter.db)[0].price_minor == 1700


def test_settings_that_arrive_show_but_not_over_what_is_typed(counter: Counter) -> None:
    hands, other = counter.hands, counter.other
    hands.press("F11")
    change_settings(other.db, {"shop_phone": "555 0100"})
    from_elsewhere(counter)
    phone = hands.window.navigation.screens["settings"]._shop["shop_phone"]  # type: ignore[attr-defined]
    assert phone.text() == "555 0100"
    hands.press("Control-a", "Delete")
    hands.type("Shine")
    change_settings(other.db, {"shop_name": "Sparkle & Co"})
    from_elsewhere(counter)
    assert hands.window.focus_get().get() == "Shine"  # type: ignore[union-attr]
    assert hands.window.title() == f"Sparkle & Co – CleanFlow {__version__}"


def test_a_form_of_a_payment_keeps_its_amount(counter: Counter) -> None:
    hands, other = counter.hands, counter.other
    ann = other.customer("Ann")
    other.job(ann, 5000)
    from_elsewhere(counter)
    hands.window.show("take_payment", customer_id=ann)
    hands.press("Control-a", "Delete")
    hands.type("12")
    other.job(ann, 3000)
    from_elsewhere(counter)
    assert hands.window.focus_get().get() == "12"  # type: ignore[union-attr]
    hands.wait_until(lambda: "80.00" in hands.texts())


def test_a_new_user_may_sign_in_where_the_window_was_locked_before(counter: Counter) -> None:
    hands, other = counter.hands, counter.other
    hands.press("F12")
    add_user(other.db, name="Carl", role="CASHIER", pin="2222")
    from_elsewhere(counter)
    hands.press("Shift-Tab", "Control-a")
    hands.type("Carl")
    hands.press("Return")
    hands.type("2222")
    hands.press("Return")
    assert "Signed in: Carl" in hands.texts()
