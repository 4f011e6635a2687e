"""From a screen to paper: what is seen first, what the printer does not take, and copies."""

from __future__ import annotations

import json
import os
import stat
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cleanflow.clock import local_time
from cleanflow.dao.customers import add_customer
from cleanflow.dao.drawer import move_cash
from cleanflow.dao.jobs import create_job
from cleanflow.dao.shop import change_settings
from cleanflow.errors import Refusal
from cleanflow.gui.tasks.printing import spool_of, ticket_print
from cleanflow.printing.choices import PrintChoice, load_choice, save_choice
from cleanflow.printing.spool import Spool, Waiting
from cleanflow.reports.closed_day import close_the_day
from tests.conftest import TestClock
from tests.gui.conftest import Hands


@pytest.fixture
def cups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A printing system with one printer that keeps what it prints; it is off while `off` exists."""
    folder = tmp_path / "cups"
    folder.mkdir()
    programs = {
        "lpstat": 'case "$*" in *-e*) echo Office;; *-d*) echo "system default destination: Office";;\n'
        '*) echo "printer Office is idle.  enabled since now";; esac',
        "lpoptions": "exit 0",
        "lp": f'[ -e "{folder}/off" ] && {{ echo "lp: The printer is not there." >&2; exit 1; }}\n'
        f'cat > "{folder}/$(date +%s%N).pdf"; echo "request id is Office-1 (1 file(s))"',
    }
    for name, script in programs.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def printed(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.pdf"))


def test_the_daily_report_is_seen_and_printed_from_the_keyboard(hands: Hands, cups: Path) -> None:
    hands.sign_in()
    hands.press("F8", "Control-p")
    assert "Page 1 of 1" in hands.texts()
    hands.press("Control-p")
    hands.wait_for("Sent to the usual printer: Daily report")
    assert len(printed(cups)) == 1
    assert printed(cups)[0].read_bytes().startswith(b"%PDF")
    assert "Report" in hands.texts()  # back where one came from


def test_what_the_printer_does_not_take_waits_and_is_printed_later(hands: Hands, cups: Path) -> None:
    (cups / "off").touch()
    hands.sign_in()
    hands.press("F8", "Control-p", "Control-p")
    hands.wait_for("NOT printed, kept to print later")
    assert printed(cups) == []
    hands.press("Control-p", "Control-w")
    assert len(hands.rows()) == 1
    (cups / "off").unlink()
    hands.press("Control-p")
    hands.wait_for("Sent: Daily report")
    assert hands.rows() == []
    assert len(printed(cups)) == 1


def test_a_ticket_prints_by_itself_where_that_is_wanted_and_is_a_copy_the_second_time(
    hands: Hands, cups: Path
) -> None:
    db = hands.window.db
    add_customer(db, name="Ann Baker")
    save_choice(db, "slip", PrintChoice(paper="ROLL_80", is_automatic=True))
    hands.sign_in()
    hands.press("F3")
    hands.type("bak")
    hands.press("Return")
    hands.type("ir")
    hands.press("Return", "Control-s")
    hands.wait_for("Sent to the usual printer")
    assert len(printed(cups)) == 1
    hands.press("Control-p", "Control-p")
    hands.wait_for("Sent to the usual printer")
    until = time.monotonic() + 10
    while len(printed(cups)) < 2 and time.monotonic() < until:
        hands.settle()
    original, copy = (path.read_bytes() for path in printed(cups))
    assert original != copy  # the second one says that it is a copy


def test_a_printer_that_is_off_holds_up_no_job(hands: Hands, cups: Path) -> None:
    db = hands.window.db
    (cups / "off").touch()
    add_customer(db, name="Ann Baker")
    save_choice(db, "slip", PrintChoice(paper="ROLL_80", is_automatic=True))
    hands.sign_in()
    hands.press("F3")
    hands.type("bak")
    hands.press("Return")
    hands.type("ir")
    hands.press("Return", "Control-s")
    assert db.value("SELECT count(*) FROM jobs") == 1
    hands.wait_for("NOT printed, kept to print later")
    assert len(Spool(db.path.parent / "spool").waiting()) == 1
    assert db.value("SELECT count(*) FROM jobs") == 1


def test_a_slip_that_the_printer_refused_is_still_the_original_and_a_copy_once_it_was_taken(
    hands: Hands, cups: Path
) -> None:
    db = hands.window.db
    job = create_job(db, customer_id=add_customer(db, name="Ann Baker").id, amount_minor=1500)

    def title() -> str:
        return ticket_print(hands.window, job).document.title

    (cups / "off").touch()
    hands.sign_in()
    hands.window.show("job_page", job_id=job.id)
    hands.press("Control-p", "Control-p")
    hands.wait_for("NOT printed, kept to print later")
    assert title() == "Job ticket"
    (cups / "off").unlink()
    hands.press("F2")
    hands.window.show("waiting_prints")
    hands.press("Control-p")
    hands.wait_for("Sent: Job ticket")
    assert title() == "Job ticket · COPY"


def test_a_slip_that_is_being_sent_is_not_printed_as_an_original_twice(hands: Hands, cups: Path) -> None:
    db = hands.window.db
    job = create_job(db, customer_id=add_customer(db, name="Ann Baker").id, amount_minor=1500)
    slow = (
        (cups / "lp")
        .read_text()
        .replace("#!/bin/sh", f'#!/bin/sh\nwhile [ -e "{cups}/slow" ]; do sleep 0.05; done')
    )
    (cups / "lp").write_text(slow)
    (cups / "slow").touch()
    hands.sign_in()
    hands.window.show("job_page", job_id=job.id)
    hands.press("Control-p", "Control-p")
    spool = spool_of(hands.window)
    hands.wait_until(lambda: spool.is_sending(job.id))
    assert ticket_print(hands.window, job).document.title == "Job ticket · COPY"
    (cups / "slow").unlink()
    hands.wait_for("Sent to the usual printer")
    assert not spool.is_sending(job.id)
    assert ticket_print(hands.window, job).document.title == "Job ticket · COPY"


def test_what_waits_is_dated_as_the_shop_writes_dates(hands: Hands) -> None:
    db = hands.window.db
    change_settings(db, {"date_order": "MDY"})
    clock = TestClock(datetime(2026, 3, 25, 12, tzinfo=UTC))
    spool = Spool(db.path.parent / "spool", clock)
    (db.path.parent / "spool").mkdir()
    with pytest.raises(Refusal):
        spool.print_pdf(b"%PDF-1.4", PrintChoice(printer="nowhere"), "Daily report")
    hands.sign_in()
    hands.window.show("waiting_prints")
    assert hands.rows()[0][0] == f"{local_time('2026-03-25T12:00:00.000000Z'):%m/%d/%Y %H:%M}"


def test_every_print_that_waits_is_in_the_list(hands: Hands) -> None:
    """More than a page of a longer list: the spool keeps 200."""
    spool = spool_of(hands.window)
    folder = hands.window.db.path.parent / "spool"
    folder.mkdir()
    for number in range(120):
        name = f"20260310T090000{number:06d}-00000000"
        entry = Waiting(name, f"Page {number}", "", "A4", 1, "2026-03-10T09:00:00.000000Z", "It is off.")
        (folder / f"{name}.json").write_text(json.dumps(asdict(entry)))
        (folder / f"{name}.pdf").write_bytes(b"%PDF-1.4")
    assert len(spool.waiting()) == 120
    hands.sign_in()
    hands.window.show("waiting_prints")
    assert len(hands.rows()) == 120
    hands.focus_list()
    hands.press("End")
    assert hands.list().chosen() == spool.waiting()[-1]


def test_what_waits_is_said_with_its_way_and_today_leads_there(hands: Hands, cups: Path) -> None:
    (cups / "off").touch()
    hands.sign_in()
    hands.press("F8", "Control-p", "Control-p")
    hands.wait_for("kept to print later (F2, Prints that wait): ")
    hands.press("F2")
    button = hands.window.navigation.current._safe._values["Prints that wait"]  # type: ignore[union-attr]
    assert button.cget("text") == "1"
    button.invoke()
    assert len(hands.rows()) == 1


def test_an_addendum_is_recorded_when_it_is_printed_not_when_it_is_seen(hands: Hands, cups: Path) -> None:
    db = hands.window.db
    close_the_day(db, counted_minor=0)
    move_cash(db, "PAY_IN", 5_00, "Late")
    hands.sign_in()
    hands.press("F9")
    assert "Ctrl+G  Later entries …" in hands.texts()
    hands.press("Control-g")
    assert "It gets its number when it is printed." in hands.texts()
    assert "Page 1 of 1" in hands.texts()
    hands.press("Escape")
    assert db.value("SELECT count(*) FROM closing_addenda") == 0
    hands.press("Control-g", "Control-p")
    hands.wait_for("Sent to the usual printer: Addendum 1 to closing C1-Z000001")
    assert db.value("SELECT count(*) FROM closing_addenda") == 1
    assert len(printed(cups)) == 1
    hands.press("Control-g", "Control-p")  # nothing came since: the kept one once more
    hands.wait_until(lambda: len(printed(cups)) == 2)
    assert db.value("SELECT count(*) FROM closing_addenda") == 1


def test_paper_and_copies_are_remembered_for_slips_apart_from_reports(hands: Hands, cups: Path) -> None:
    db = hands.window.db
    customer = add_customer(db, name="Ann Baker")
    job = create_job(db, customer_id=customer.id, amount_minor=1500)
    hands.sign_in()
    hands.window.show("job_page", job_id=job.id)
    hands.press("Control-p", "Return")
    hands.type("80")
    hands.press("Return")
    hands.type("2")
    hands.press("Control-p")
    hands.wait_for("Sent to the usual printer: Job ticket")
    assert load_choice(db, "slip") == PrintChoice(paper="ROLL_80", copies=2)
    assert load_choice(db, "document") == PrintChoice()


def test_a_long_slip_is_seen_to_its_end(hands: Hands, cups: Path) -> None:
    """A ticket whose amounts are below what the window shows: keys and wheel lead to them."""
    customer = add_customer(hands.window.db, name="Ann")
    words = " ".join(f"piece {number}" for number in range(60))
    job = create_job(
        hands.window.db, customer_id=customer.id, amount_minor=5000, description=words, notes=words * 2
    )
    save_choice(hands.window.db, "slip", PrintChoice(paper="ROLL_80"))
    hands.sign_in()
    hands.window.geometry("1024x560")
    hands.window.show("job_page", job_id=job.id)
    hands.press("Control-p")
    page = hands.window.navigation.current
    canvas = page._canvas  # type: ignore[union-attr]
    hands.wait_until(lambda: canvas.winfo_height() > 1)
    hands.settle()
    height = page._picture.height()  # type: ignore[union-attr]
    assert height > canvas.winfo_height()
    region = [int(float(number)) for number in str(canvas.cget("scrollregion")).split()]
    assert region[3] >= height, "the whole roll can be reached"
    assert canvas.yview()[0] == 0
    for _press in range(20):
        hands.press("Next")
    assert canvas.yview()[1] == 1
    for _press in range(20):
        hands.press("Prior")
    assert canvas.yview()[0] == 0
    for down, up in (("<Down>", "<Up>"), ("<Button-5>", "<Button-4>")):
        canvas.focus_force()
        canvas.event_generate(down)
        hands.settle()
        assert canvas.yview()[0] > 0, down
        canvas.event_generate(up)
        hands.settle()
        assert canvas.yview()[0] == 0, up


def test_a_page_that_is_seen_as_a_whole_turns_with_page_down(hands: Hands, cups: Path) -> None:
    hands.sign_in()
    hands.press("F8", "Control-p")
    page = hands.window.navigation.current
    assert not page._scrollbar.winfo_manager()  # type: ignore[union-attr]
    hands.press("Next")
    assert "Page 1 of 1" in hands.texts()
