"""Choosing a person: users of one name are told apart by their PC, role and first day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from cleanflow.clock import local_time
from cleanflow.dao.users import User
from cleanflow.errors import Refusal
from cleanflow.gui.reading import read_choice
from cleanflow.gui.widgets.labels import ROLES, short_date, short_moment
from cleanflow.language import _


def told_apart(users: Iterable[User], date_order: str) -> dict[str, User]:
    """Label -> user, in the order given. The label is the name where only one user has it, whatever the case.

    Otherwise it is like ``Olga (C2, Owner, since 24/12/2026)``, with the minute or a number where that is
    still not enough.
    """
    everybody = [*users]
    names = Counter(user.name.casefold() for user in everybody)
    labels: dict[str, User] = {}
    taken: set[str] = set()
    for user in everybody:
        day = local_time(user.created_at).date().isoformat()
        label = user.name
        if names[user.name.casefold()] > 1:
            label = _described(user, short_date(day, date_order))
            if label.casefold() in taken:
                label = _described(user, short_moment(user.created_at, date_order))
        number, base = 2, label
        while label.casefold() in taken:
            label, number = f"{base} {number}", number + 1
        taken.add(label.casefold())
        labels[label] = user
    return labels


def _described(user: User, since: str) -> str:
    words = _("{name} ({pc}, {role}, since {day})") if user.pc_code else _("{name} ({role}, since {day})")
    return words.format(name=user.name, pc=user.pc_code, role=ROLES[user.role], day=since)


def read_person(text: str, people: Mapping[str, User]) -> User:
    """The user of this label, or the first whose label begins with ``text``.

    Refuses as :func:`~cleanflow.gui.reading.read_choice` does, and with ``person_ambiguous`` if the text
    fits several users of that one's name: a PIN must never be compared with somebody else's.
    """
    user = read_choice(text, people)
    wanted = text.strip().casefold()
    exact = [label for label in people if label.casefold() == wanted]
    fitting = [
        label
        for label, other in people.items()
        if label.casefold().startswith(wanted) and other.name.casefold() == user.name.casefold()
    ]
    if not exact and len(fitting) > 1:
        raise Refusal("person_ambiguous", name=user.name, choices=", ".join(fitting))
    return user


def label_of(user_id: str, people: Mapping[str, User]) -> str:
    """The label of a user; "" where the user is not among ``people``."""
    return next((label for label, user in people.items() if user.id == user_id), "")
