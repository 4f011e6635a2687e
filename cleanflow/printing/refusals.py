"""What printing refuses, in words."""

from __future__ import annotations

import cleanflow.dao.refusals  # noqa: F401 - what lies below refuses, too
from cleanflow.errors import declare
from cleanflow.language import _l

declare(
    {
        "printer_none": _l("This PC has no printer, or no default printer. Please choose a printer."),
        "printer_unknown": _l("There is no printer “{printer}” on this PC."),
        "printer_paused": _l("The printer “{printer}” is paused; resume it in this PC's printer settings."),
        "printer_off": _l("The printer “{printer}” is off or not connected."),
        "printer_no_paper": _l("The printer “{printer}” is out of paper."),
        "printer_needs_help": _l("The printer “{printer}” needs attention: {reason}."),
        "printer_refused": _l("The printer “{printer}” did not accept the pages: {reason}"),
        "printing_missing": _l("This PC has no printing system (CUPS)."),
        "printing_silent": _l("This PC's printing system does not answer."),
        "copies_invalid": _l("The number of copies must be from 1 to {limit}."),
        "print_gone": _l("That is no longer waiting to be printed."),
    }
)
