"""What a kind of overlap is made of, and how a remedy's record is known again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cleanflow.db import Database
from cleanflow.language import _


@dataclass(frozen=True)
class Overlap:
    """One thing done twice.

    ``kind`` names an :class:`OverlapKind`; ``record_id`` is the job, payment, expense or customer, ``label``
    its reference, ``amount_minor`` what is too much. ``words`` tell what happened and what the remedy does.
    """

    kind: str
    record_id: str
    label: str
    customer: str
    amount_minor: int
    words: str


@dataclass(frozen=True)
class OverlapKind:
    """How overlaps of one kind are found and put right.

    ``query`` gives record id, reference, customer's name and amount; ``words`` are marked with ``_l``.
    """

    name: str
    words: str
    query: str
    remedy: Callable[[Database, Overlap], None]


def again_key(record_id: str) -> str:
    """The ``external_key`` of a record that was made once more because ``record_id`` was taken back twice.

    By it every PC knows the remedy, whatever language its reason was written in. (Queries spell it out.)
    """
    return f"again:{record_id}"


def reason(reference: str = "") -> str:
    """Why a remedy was recorded, in the language in use: for people, nothing is known by it."""
    text = _("Done on two PCs")
    return f"{text}: {reference}" if reference else text
