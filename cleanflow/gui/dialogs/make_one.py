"""Asks before two records of one name become one, and says what that does."""

from __future__ import annotations

from collections.abc import Callable

from cleanflow.clock import local_time
from cleanflow.gui.desk import Desk
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.gui.widgets.labels import ROLES, short_date
from cleanflow.language import _
from cleanflow.sync.repair.namesakes import Namesake, Namesakes

_TITLES = {
    "users": _("One user of two"),
    "service_types": _("One service of two"),
    "expense_categories": _("One expense category of two"),
}


def described(desk: Desk, table: str, one: Namesake) -> str:
    """A record of ``table`` as told apart from its namesake, like ``Olga (C2, Owner, since 24/12/2026)``."""
    facts = [one.pc_code or _("from the start")]
    if table == "users":
        facts.append(ROLES[one.role])
    if table == "service_types":
        facts.append(desk.shop.currency.format(one.price_minor))
    if one.pc_code:
        day = local_time(one.created_at).date().isoformat()
        facts.append(_("since {day}").format(day=short_date(day, desk.shop.date_order)))
    return f"{one.name} ({', '.join(facts)})"


def effect_words(desk: Desk, pair: Namesakes) -> str:
    """What making one of the two does."""
    words = {
        "users": _(
            "“{keep}” stays and signs in with their own PIN. “{other}” is not active any more; what was"
            " recorded in that name stays so."
        ),
        "service_types": _("“{keep}” stays. “{other}” is not offered any more; its jobs stay as they are."),
        "expense_categories": _(
            "“{keep}” stays. “{other}” is not offered any more; its expenses stay as they are."
        ),
    }[pair.table]
    keep, other = described(desk, pair.table, pair.keep), described(desk, pair.table, pair.other)
    return words.format(keep=keep, other=other)


def ask_make_one(desk: Desk, pair: Namesakes, go_on: Callable[[], object]) -> None:
    """Ask whether the two are to become one, then call ``go_on``."""
    dialog = FormDialog(desk, _TITLES[pair.table], effect_words(desk, pair), save=_("Make one of them"))
    dialog.ask(lambda: None, lambda _nothing: go_on())
