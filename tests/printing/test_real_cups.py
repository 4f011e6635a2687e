"""Printing through a real CUPS to its PDF printer, and checking the pages. Needs root on Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import ImageChops

from cleanflow.dao import customers, jobs, payments
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.printing.choices import PrintChoice
from cleanflow.printing.paper import A4, ROLL_80, drawn_for
from cleanflow.printing.preview import preview
from cleanflow.printing.printers import Printer, default_printer, printers
from cleanflow.printing.spool import Spool
from cleanflow.reports.daily import daily_report
from cleanflow.reports.pages.daily_page import daily_document
from cleanflow.reports.pages.receipt import receipt
from tests.conftest import TestClock
from tests.reports.stories import TODAY, full_day

PRINTER = "CleanFlowTest"

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        shutil.which("apt-get") is None or os.geteuid() != 0, reason="installs CUPS: needs root on Debian"
    ),
]


def run(*command: str) -> str:
    environ = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def cups() -> Iterator[Path]:
    """A running CUPS with its PDF printer; gives the printer's output folder."""
    if (
        not all(shutil.which(program) for program in ("cupsd", "lp", "lpstat", "lpoptions"))
        or not Path("/usr/lib/cups/backend/cups-pdf").exists()
    ):
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-y", "-qq", "cups", "cups-client", "printer-driver-cups-pdf")
    daemon = None
    if "is running" not in run("lpstat", "-r"):
        daemon = subprocess.Popen(["cupsd", "-f"], stdin=subprocess.DEVNULL)
        for _try in range(100):
            if "is running" in run("lpstat", "-r"):
                break
            time.sleep(0.1)
    tray = Path(f"/etc/cups/cups-pdf-{PRINTER}.conf")
    out = Path("/var/spool/cups-pdf") / PRINTER
    out.mkdir(parents=True, exist_ok=True)
    tray.write_text(f"Out {out}\nGrp lpadmin\nLabel 1\n")
    try:
        driver = "lsb/usr/cups-pdf/CUPS-PDF_opt.ppd"
        run("lpadmin", "-p", PRINTER, "-E", "-v", f"cups-pdf:/{PRINTER}", "-m", driver)
        yield out
    finally:
        subprocess.run(["lpadmin", "-x", PRINTER], capture_output=True)
        tray.unlink()
        shutil.rmtree(out, ignore_errors=True)
        if daemon:
            daemon.terminate()
            daemon.wait()


def fallen_out(tray: Path, count: int) -> list[bytes]:
    """Wait for ``count`` printed documents."""
    for _try in range(300):
        papers = sorted(tray.glob("*.pdf"), key=lambda path: path.stat().st_mtime_ns)
        if len(papers) >= count and "CleanFlowTest-" not in run("lpstat", "-o"):
            return [path.read_bytes() for path in papers]
        time.sleep(0.1)
    raise AssertionError(f"{len(list(tray.glob('*.pdf')))} papers, {run('lpstat', '-o')}")


def looks_like(printed: bytes, ours: bytes) -> bool:
    """Whether the first pages look the same when scaled down."""
    one, other = (next(preview(pdf, 600)).convert("L") for pdf in (printed, ours))
    small = (60, 60 * one.height // one.width)
    difference = ImageChops.difference(one.resize(small), other.resize(small))
    return abs(one.height - other.height) <= 4 and max(difference.getextrema()) < 100


def test_a_document_and_a_receipt_come_out_of_a_real_printer(
    cups: Path, db: Database, clock: TestClock, tmp_path: Path
) -> None:
    assert PRINTER in [printer.name for printer in printers()]
    run("lpadmin", "-d", PRINTER)
    assert default_printer() == Printer(PRINTER, True)

    full_day(db, clock)
    ann = customers.add_customer(db, name="Анна Каренина").id
    jobs.create_job(db, customer_id=ann, amount_minor=5_00, description="Coat")
    payment = payments.record_payment(db, customer_id=ann, amount_minor=5_00, method="CASH")
    day, slip = daily_document(daily_report(db, TODAY)), receipt(db, payment.id)
    spool = Spool(tmp_path / "spool")

    spool.print_document(day, PrintChoice(""), "Daily report")
    spool.print_document(slip, PrintChoice(PRINTER, "ROLL_80"), f"Receipt {payment.reference}")
    daily, roll = fallen_out(cups, 2)
    assert looks_like(daily, drawn_for(day, A4))
    assert looks_like(roll, drawn_for(slip, ROLL_80))

    run("cupsdisable", PRINTER)
    with pytest.raises(Refusal) as refused:
        spool.print_document(slip, PrintChoice(PRINTER, "ROLL_80"), "Receipt")
    assert refused.value.code == "printer_paused"
    assert PRINTER not in run("lpstat", "-o")
    (waiting,) = spool.waiting()
    run("cupsenable", PRINTER)
    run("cupsreject", PRINTER)
    with pytest.raises(Refusal):
        spool.print_again(waiting.id)
    run("cupsaccept", PRINTER)
    spool.print_again(waiting.id)
    assert looks_like(fallen_out(cups, 3)[-1], drawn_for(slip, ROLL_80))
    assert spool.waiting() == []

    with pytest.raises(Refusal) as refused:
        spool.print_document(slip, PrintChoice("Nowhere"), "Receipt")
    assert refused.value.code == "printer_unknown"
