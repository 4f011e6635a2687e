"""This PC's print settings: printer, paper and copies, for documents and for slips."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from cleanflow.dao.remembered import recall, remember
from cleanflow.db import Database
from cleanflow.errors import Refusal
from cleanflow.printing.paper import PAPERS, paper_named
from cleanflow.printing.printers import MAX_COPIES

#: Reports and statements are documents; tickets and receipts are slips.
Purpose = Literal["document", "slip"]


@dataclass(frozen=True)
class PrintChoice:
    """Where and how something is printed; an empty ``printer`` is the system's default.

    ``is_automatic``: print each slip as soon as there is one, without asking.
    """

    printer: str = ""
    paper: str = "A4"
    copies: int = 1
    is_automatic: bool = False


def load_choice(db: Database, purpose: Purpose) -> PrintChoice:
    """The settings for ``purpose`` (kept as print.document or print.slip); invalid values are replaced by
    defaults."""
    stored = recall(db, f"print.{purpose}", {})
    known = stored if isinstance(stored, dict) else {}
    usual = PrintChoice()
    return replace(usual, **{name: known[name] for name in asdict(usual) if _makes_sense(name, known)})


def save_choice(db: Database, purpose: Purpose, choice: PrintChoice) -> None:
    """Remember ``choice`` on this PC. Refuses with ``choice_invalid`` or ``copies_invalid``."""
    paper_named(choice.paper)
    if not 1 <= choice.copies <= MAX_COPIES:
        raise Refusal("copies_invalid", limit=MAX_COPIES)
    remember(db, f"print.{purpose}", asdict(choice))


def _makes_sense(name: str, known: dict[str, Any]) -> bool:
    value = known.get(name)
    if name == "copies":
        return type(value) is int and 1 <= value <= MAX_COPIES
    if name == "is_automatic":
        return isinstance(value, bool)
    return isinstance(value, str) and (name != "paper" or value in PAPERS)
