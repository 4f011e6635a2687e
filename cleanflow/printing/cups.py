"""Printing through CUPS on Linux and macOS, with the commands lp, lpstat and lpoptions."""

from __future__ import annotations

import math
import os
import shlex
import subprocess

from cleanflow.errors import Refusal
from cleanflow.language import _
from cleanflow.printing.paper import Paper
from cleanflow.printing.preview import PdfPages

_ASK_TIMEOUT_S = 15
_SEND_TIMEOUT_S = 60
_STOPPED = "5"  # printer-state of RFC 8011, 5.4.11

#: Prefix of a printer-state-reason (RFC 8011, 5.4.12) -> refusal code. The first match counts.
_TROUBLES = {
    "paused": "printer_paused",
    "offline": "printer_off",
    "connecting-to-device": "printer_off",
    "shutdown": "printer_off",
    "timed-out": "printer_off",
    "media-empty": "printer_no_paper",
    "media-needed": "printer_no_paper",
    "media-jam": "printer_needs_help",
    "cover-open": "printer_needs_help",
    "door-open": "printer_needs_help",
    "interlock-open": "printer_needs_help",
    "marker-supply-empty": "printer_needs_help",
    "toner-empty": "printer_needs_help",
}


class Cups:
    """The printers that CUPS knows. No shell is used, so names of printers and papers cannot be commands."""

    def names(self) -> list[str]:
        """The printers' names, without saved sets of options (``name/set``)."""
        return [line.partition("/")[0] for line in self._ask("lpstat", "-e").splitlines() if line.strip()]

    def default_name(self) -> str:
        """The default printer's name, or ''."""
        words, colon, name = self._ask("lpstat", "-d").partition(":")
        return name.strip().partition("/")[0] if colon and "default" in words else ""

    def send(self, pdf: bytes, printer: str, copies: int, paper: Paper, title: str) -> None:
        """Send a PDF; refuses if the printer cannot print now."""
        self._check(printer)
        options = [word for option in _options(pdf, paper) for word in ("-o", option)]
        command = ["lp", "-d", printer, "-n", str(copies), "-t", title, *options, "--"]
        done = _run(command, _SEND_TIMEOUT_S, pdf)
        if done.returncode:
            raise Refusal("printer_refused", printer=printer, reason=_reason(done.stderr))

    def _check(self, printer: str) -> None:
        facts = _facts(self._ask("lpoptions", "-p", printer))
        if "printer-state" not in facts:
            if printer in self.names():
                return  # found on the network but not queried yet: lp will tell
            raise Refusal("printer_unknown", printer=printer)
        reasons = [
            reason
            for reason in facts.get("printer-state-reasons", "").split(",")
            if not reason.endswith("-warning")  # such a printer still prints
        ]
        for word, code in _TROUBLES.items():
            for reason in reasons:
                if reason.startswith(word):
                    shown = reason.removesuffix("-error").removesuffix("-report").replace("-", " ")
                    raise Refusal(code, printer=printer, reason=shown)
        is_refusing = facts.get("printer-is-accepting-jobs") == "false"
        if is_refusing or facts["printer-state"] == _STOPPED:
            raise Refusal("printer_paused", printer=printer)

    def _ask(self, *command: str) -> str:
        """Output of a command; '' if the scheduler does not run, so that there are no printers."""
        return _run(list(command), _ASK_TIMEOUT_S).stdout.decode("utf-8", "replace")


def _options(pdf: bytes, paper: Paper) -> list[str]:
    if not paper.is_roll:
        media = {"A4": "A4", "LETTER": "Letter"}[paper.name]
        return [f"media={media}", "print-scaling=auto-fit"]
    with PdfPages(pdf) as pages:
        longest = max(pages.size(page)[1] for page in range(pages.count))
    length = math.ceil(longest / 72 * 25.4 - 0.01)  # pages are drawn in whole millimetres
    return [f"media=Custom.{paper.width_mm:.0f}x{length}mm", "print-scaling=none"]


def _facts(text: str) -> dict[str, str]:
    try:
        words = shlex.split(text)
    except ValueError:  # a name that contains a quote
        words = text.split()
    pairs = (word.partition("=") for word in words)
    return {key: value for key, _equals, value in pairs}


def _reason(message: bytes) -> str:
    text = message.decode("utf-8", "replace").strip()
    last = text.splitlines()[-1] if text else _("it gave no reason.")
    return last.removeprefix("lp: ").removeprefix("Error - ")


def _run(command: list[str], timeout_s: float, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command,
            input=given,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise Refusal("printing_missing") from error
    except subprocess.TimeoutExpired as error:
        raise Refusal("printing_silent") from error
