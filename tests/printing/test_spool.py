"""No print is lost: what a printer has refused waits in a bounded spool until it is printed or discarded."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cleanflow.dao import customers, payments
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.printing.choices import PrintChoice, load_choice, save_choice
from cleanflow.printing.paper import ROLL_80, drawn_for
from cleanflow.printing.spool import LONGEST_WAIT, MOST_WAITING, Spool
from cleanflow.rendering.document import Document
from cleanflow.reports.pages.receipt import receipt
from tests.conftest import TestClock
from tests.printing.conftest import FakeCups

SLIP = PrintChoice(printer="Roll", paper="ROLL_80", copies=2)


@pytest.fixture
def spool(tmp_path: Path, clock: TestClock, cups: FakeCups) -> Spool:
    return Spool(tmp_path / "data" / "spool", clock)


def files(tmp_path: Path) -> list[str]:
    folder = tmp_path / "data" / "spool"
    return sorted(path.suffix for path in folder.iterdir()) if folder.exists() else []


def test_what_was_taken_is_not_kept(spool: Spool, cups: FakeCups, page: Document, tmp_path: Path) -> None:
    spool.print_document(page, SLIP)
    assert cups.given == drawn_for(page, ROLL_80)
    assert cups.words[:6] == ["-d", "Roll", "-n", "2", "-t", "Receipt 10/03/2026"]
    assert spool.waiting() == []
    assert files(tmp_path) == []


def test_what_was_refused_waits_with_its_reason_and_prints_later(
    spool: Spool, cups: FakeCups, page: Document, tmp_path: Path
) -> None:
    cups.state("Roll", "media-empty-error")
    with pytest.raises(Refusal) as refused:
        spool.print_document(page, SLIP, "Receipt C1-R000001")
    (waiting,) = spool.waiting()
    assert waiting.title == "Receipt C1-R000001"
    assert waiting.reason == str(refused.value) == "The printer “Roll” is out of paper."
    assert (waiting.printer, waiting.paper, waiting.copies) == ("Roll", "ROLL_80", 2)
    assert waiting.at.startswith("2026-03-10T09:00")
    assert spool.pdf(waiting.id) == drawn_for(page, ROLL_80)

    with pytest.raises(Refusal):
        spool.print_again(waiting.id)
    assert spool.waiting() == [waiting]

    spool.print_again(waiting.id, printer="Office")
    assert cups.words[1] == "Office"
    assert cups.given == drawn_for(page, ROLL_80)
    assert spool.waiting() == []
    assert files(tmp_path) == []
    with pytest.raises(Refusal) as gone:
        spool.print_again(waiting.id)
    assert gone.value.code == "print_gone"


def test_what_waits_can_be_thrown_away(spool: Spool, cups: FakeCups, tmp_path: Path) -> None:
    cups.fails("lp: no")
    for title in ("first", "second"):
        with pytest.raises(Refusal):
            spool.print_pdf(b"%PDF", PrintChoice("Office"), title)
    assert [entry.title for entry in spool.waiting()] == ["first", "second"]
    spool.discard(spool.waiting()[0].id)
    assert [entry.title for entry in spool.waiting()] == ["second"]
    assert files(tmp_path) == [".json", ".pdf"]


@pytest.mark.parametrize("bad", ["", "../cleanflow", "20260310T090000000000-xxxxxxxx", "nothing"])
def test_only_what_waits_can_be_named(spool: Spool, bad: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cleanflow.pdf").write_bytes(b"keep")
    for action in (spool.pdf, spool.discard, spool.print_again):
        with pytest.raises(Refusal) as refused:
            action(bad)
        assert refused.value.code == "print_gone"
    assert (tmp_path / "data" / "cleanflow.pdf").exists()


def test_the_folder_stays_bounded_in_number_and_age(
    spool: Spool, cups: FakeCups, clock: TestClock, tmp_path: Path
) -> None:
    cups.has()  # every print is refused
    for name in ("Office", "Roll"):
        (cups.folder / f"state of {name}").unlink()
    for number in range(MOST_WAITING // 20):
        with pytest.raises(Refusal):
            spool.print_pdf(b"%PDF", PrintChoice("Office"), str(number))
    (first, *_others) = spool.waiting()
    folder = tmp_path / "data" / "spool"
    for number in range(MOST_WAITING):  # as many again, added quickly
        name = f"20260310T09{number // 60:02}{number % 60:02}900000-0000000a"
        facts = (folder / f"{first.id}.json").read_bytes()
        (folder / f"{name}.json").write_bytes(facts)
        (folder / f"{name}.pdf").write_bytes(b"%PDF")
    (folder / "20260310T080000000000-0000000b.pdf").write_bytes(b"half of a print")
    (folder / "photo.pdf").write_bytes(b"not ours")
    clock.moment += timedelta(hours=5)
    with pytest.raises(Refusal):
        spool.print_pdf(b"%PDF", PrintChoice("Office"), "newest")
    waiting = spool.waiting()
    assert len(waiting) == MOST_WAITING
    assert waiting[-1].title == "newest"
    assert len(list(folder.iterdir())) == 2 * MOST_WAITING + 1
    clock.moment += LONGEST_WAIT + timedelta(minutes=1)
    with pytest.raises(Refusal):
        spool.print_pdf(b"%PDF", PrintChoice("Office"), "a month later")
    assert [entry.title for entry in spool.waiting()] == ["a month later"]
    assert (folder / "photo.pdf").exists()


def test_a_full_disk_does_not_keep_paper_from_being_printed(
    spool: Spool, cups: FakeCups, tmp_path: Path
) -> None:
    (tmp_path / "data").write_bytes(b"where the folder should be")
    spool.print_pdf(b"%PDF", PrintChoice("Office"), "x")
    assert cups.given == b"%PDF"
    assert spool.waiting() == []


def test_damaged_files_in_the_folder_are_passed_over(spool: Spool, cups: FakeCups, tmp_path: Path) -> None:
    cups.fails("no")
    with pytest.raises(Refusal):
        spool.print_pdf(b"%PDF", PrintChoice("Office"), "whole")
    folder = tmp_path / "data" / "spool"
    for number, text in enumerate(["", "[]", "{}", '{"title": "x"}', "\xff"]):
        (folder / f"20260310T09000000000{number}-00000000.json").write_text(text, encoding="latin-1")
        (folder / f"20260310T09000000000{number}-00000000.pdf").write_bytes(b"%PDF")
    assert [entry.title for entry in spool.waiting()] == ["whole"]


def test_a_print_cut_off_by_a_crash_waits_and_says_that_nobody_knows(
    spool: Spool, cups: FakeCups, clock: TestClock, tmp_path: Path
) -> None:
    cups.waits()
    program = (
        "import sys; from pathlib import Path; from cleanflow.printing.spool import Spool;"
        "from cleanflow.printing.choices import PrintChoice;"
        "Spool(Path(sys.argv[1])).print_pdf(b'%PDF', PrintChoice('Office'), 'Receipt')"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "data" / "spool")])
    for _try in range(200):
        if cups.calls:
            break
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    from cleanflow.clock import SystemClock

    clock.moment = SystemClock().now()
    assert spool.waiting() == []  # it could still be printing
    clock.moment += timedelta(minutes=6)
    (waiting,) = spool.waiting()
    assert (waiting.title, waiting.reason) == ("Receipt", "")
    (cups.folder / "wait").unlink()
    spool.print_again(waiting.id)
    assert files(tmp_path) == []


def test_printing_in_any_way_leaves_the_books_as_they_were(
    db: Database, spool: Spool, cups: FakeCups
) -> None:
    ann = customers.add_customer(db, name="Ann").id
    payment = payments.record_payment(db, customer_id=ann, amount_minor=5_00, method="CASH")
    before = list(db.connection.iterdump())
    spool.print_document(receipt(db, payment.id), SLIP)
    cups.state("Roll", "offline")
    with pytest.raises(Refusal):
        spool.print_document(receipt(db, payment.id, is_copy=True), SLIP)
    with pytest.raises(Refusal):
        spool.print_again(spool.waiting()[0].id)
    cups.state("Roll")
    spool.print_again(spool.waiting()[0].id)
    assert list(db.connection.iterdump()) == before


def test_a_pc_remembers_its_printers(db: Database) -> None:
    assert load_choice(db, "document") == load_choice(db, "slip") == PrintChoice("", "A4", 1, False)
    chosen = replace(SLIP, is_automatic=True)
    save_choice(db, "slip", chosen)
    assert load_choice(db, "slip") == chosen
    assert load_choice(db, "document") == PrintChoice()
    for wrong in (replace(SLIP, paper="A3"), replace(SLIP, copies=0)):
        with pytest.raises(Refusal):
            save_choice(db, "slip", wrong)


@pytest.mark.parametrize(
    "stored",
    [None, [], "x", {"paper": "A3"}, {"copies": True, "printer": 3, "is_automatic": 1}, {"more": 1}],
)
def test_a_choice_that_makes_no_sense_is_the_usual_one(db: Database, stored: object) -> None:
    from cleanflow.dao.remembered import remember

    remember(db, "print.slip", stored)
    assert load_choice(db, "slip") == PrintChoice()
