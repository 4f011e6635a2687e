"""Printing through CUPS: the arguments of lp, and the messages for printers that cannot print."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanflow.errors import Refusal
from cleanflow.printing import cups as cups_backend
from cleanflow.printing.paper import A4, LETTER, ROLL_80, drawn_for
from cleanflow.printing.printers import Printer, default_printer, printers, send
from cleanflow.rendering.document import Document
from tests.printing.conftest import FakeCups


def refused(pdf: bytes, printer: str = "Office", copies: int = 1) -> Refusal:
    with pytest.raises(Refusal) as caught:
        send(pdf, printer, copies, A4, "Receipt")
    return caught.value


def test_printers_are_listed_with_the_usual_one(cups: FakeCups) -> None:
    cups.has("Roll", "Office", "Office/duplex")
    assert printers() == [Printer("Office", True), Printer("Roll")]
    assert default_printer() == Printer("Office", True)


def test_the_only_printer_is_the_usual_one_and_of_two_neither(cups: FakeCups) -> None:
    cups.usual("")
    assert default_printer() is None
    cups.has("Roll")
    assert default_printer() == Printer("Roll", True)
    cups.has()
    assert printers() == []


def test_lp_gets_the_whole_file_and_its_words_one_by_one(cups: FakeCups, page: Document) -> None:
    pdf = drawn_for(page, A4)
    send(pdf, "Office", 2, A4, "-o $(rm) “Receipt”\n\x00 C1-R000001; 'x'")
    assert cups.given == pdf
    assert cups.locale == "C"
    assert cups.words == [
        "-d", "Office", "-n", "2", "-t", "-o $(rm) “Receipt”   C1-R000001; 'x'",
        "-o", "media=A4", "-o", "print-scaling=auto-fit", "--",
    ]  # fmt: skip


def test_a_title_of_nothing_that_prints_is_the_programs_name(cups: FakeCups) -> None:
    send(b"%PDF", "Office", 1, A4, "\n\u200f ")
    assert cups.words[5] == "CleanFlow"


def test_each_paper_is_asked_for_by_its_name_and_a_roll_by_its_length(cups: FakeCups, page: Document) -> None:
    send(drawn_for(page, LETTER), "Office", 1, LETTER, "x")
    assert "media=Letter" in cups.words
    send(drawn_for(page, ROLL_80), "Roll", 1, ROLL_80, "x")
    (media,) = (word for word in cups.words if word.startswith("media="))
    length = int(media.removeprefix("media=Custom.80x").removesuffix("mm"))
    assert 30 < length < 90
    assert "print-scaling=none" in cups.words


def test_without_a_name_the_usual_printer_prints(cups: FakeCups) -> None:
    send(b"%PDF", "", 1, A4, "x")
    assert cups.words[1] == "Office"
    cups.usual("")
    assert refused(b"%PDF", "").code == "printer_none"


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        ({"reasons": "paused", "number": 5}, "printer_paused", "“Office” is paused"),
        ({"number": 5}, "printer_paused", "is paused"),
        ({"accepts": "false"}, "printer_paused", "is paused"),
        ({"reasons": "offline-report"}, "printer_off", "is off or not connected"),
        ({"reasons": "media-empty-error,media-needed-error"}, "printer_no_paper", "is out of paper"),
        (
            {"reasons": "toner-low-warning,cover-open-error"},
            "printer_needs_help",
            "needs attention: cover open.",
        ),
    ],
)
def test_a_printer_that_cannot_print_now_is_told_in_words_and_gets_nothing(
    cups: FakeCups, state: dict[str, str], code: str, words: str
) -> None:
    cups.state("Office", **state)  # type: ignore[arg-type]
    answer = refused(b"%PDF")
    assert answer.code == code
    assert words in str(answer)
    assert cups.calls == 0


def test_a_warning_does_not_stop_a_printer(cups: FakeCups) -> None:
    cups.state("Office", reasons="media-low-warning,media-empty-warning")
    send(b"%PDF", "Office", 1, A4, "x")
    assert cups.calls == 1


def test_a_missing_printer_a_refusal_and_a_missing_system_are_told_apart(
    cups: FakeCups, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert refused(b"%PDF", "Gone").code == "printer_unknown"
    cups.fails("lp: Error - scheduler not responding.\n")
    answer = refused(b"%PDF")
    assert answer.code == "printer_refused"
    assert "did not accept the pages: scheduler not responding." in str(answer)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused(b"%PDF").code == "printing_missing"


def test_a_printer_of_the_network_that_was_not_asked_yet_is_tried(cups: FakeCups) -> None:
    cups.has("Office", "Kitchen")
    send(b"%PDF", "Kitchen", 1, A4, "x")
    assert cups.calls == 1


def test_a_printing_system_that_hangs_is_not_waited_for(
    cups: FakeCups, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cups_backend, "_SEND_TIMEOUT_S", 0.5)
    cups.waits()
    assert refused(b"%PDF").code == "printing_silent"


@pytest.mark.parametrize("copies", [0, -1, 100])
def test_copies_are_bounded(cups: FakeCups, copies: int) -> None:
    assert refused(b"%PDF", copies=copies).code == "copies_invalid"
    assert cups.calls == 0
