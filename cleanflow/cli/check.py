"""Check whether this PC has what CleanFlow needs: Python, window, disk, clock, fonts, printers."""

from __future__ import annotations

import argparse
from importlib.util import find_spec

from cleanflow import __version__
from cleanflow.cli.console import database_path, print_json
from cleanflow.errors import Refusal
from cleanflow.safekeeping.pc_check import Check, check_pc

#: A name in each script, to test whether this PC has a font for it.
_SAMPLES = {
    "Latin": "Zoë",
    "Greek": "Γιώργος",
    "Cyrillic": "Наталья",
    "Arabic and Urdu": "پرویز",
    "Hebrew": "דוד",
    "Hindi": "दीपक",
    "Bengali": "বাবুল",
    "Gujarati": "કિરણ",
    "Gurmukhi": "ਕਿਰਨ",
    "Tamil": "குமார்",
    "Thai": "สมชาย",
    "Chinese": "王伟",
    "Japanese": "さくら",
    "Korean": "김민수",
}
_SIGNS = {"fine": "ok", "doubtful": "look", "wrong": "NO"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``check``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Exit status 1 if something required is missing."""
    checks = [Check("CleanFlow", __version__), *check_pc(database_path(options).parent)]
    if find_spec("ttkbootstrap") is not None:  # the server's program has no window and does not print
        checks += [_window(), _scripts(), _printers()]
    is_fine = not any(check.is_wrong for check in checks)
    if options.json:
        told = [{"name": check.name, "state": _state(check), "words": check.words} for check in checks]
        print_json({"fine": is_fine, "checks": told})
        return 0 if is_fine else 1
    for check in checks:
        print(f"{_SIGNS[_state(check)]:<5} {check.name:<12} {check.words}")
    print("This PC has what CleanFlow needs." if is_fine else "This PC lacks what is marked NO.")
    return 0 if is_fine else 1


def _state(check: Check) -> str:
    return "wrong" if check.is_wrong else "doubtful" if check.is_doubtful else "fine"


def _window() -> Check:
    if find_spec("_tkinter") is None:
        from cleanflow.environment.system import install_hint

        return Check("window", f"this Python lacks tkinter; {install_hint()}", is_wrong=True)
    from cleanflow.gui.opening import opening_words

    opens, words = opening_words()
    return Check("window", words, is_wrong=not opens)


def _scripts() -> Check:
    """Which scripts this PC can print."""
    from cleanflow.rendering.fonts import FontBook

    fonts = FontBook()
    missing = [
        script for script, name in _SAMPLES.items() if "?" in "".join(r.text for r in fonts.runs(name))
    ]
    if not missing:
        return Check("fonts", f"names print in {len(_SAMPLES)} scripts")
    # CleanFlow brings a Latin font; the shop decides whether it needs others.
    return Check("fonts", f"no font on this PC for names in {', '.join(missing)}", is_doubtful=True)


def _printers() -> Check:
    from cleanflow.printing.printers import printers

    try:
        found = printers()
    except Refusal as refusal:
        return Check("printers", str(refusal), is_doubtful=True)
    if not found:
        return Check("printers", "none; reports can still be saved as PDF", is_doubtful=True)
    names = [printer.name + (" (the default)" if printer.is_default else "") for printer in found]
    return Check("printers", ", ".join(names[:5]) + (" …" if len(names) > 5 else ""))
