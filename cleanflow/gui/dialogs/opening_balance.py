"""What a customer owed, or had as credit, before the shop used CleanFlow."""

from __future__ import annotations

from collections.abc import Callable

from cleanflow.dao.customers import Customer, set_opening_balance
from cleanflow.dao.stamps import believed_today, today
from cleanflow.gui.desk import Desk
from cleanflow.gui.reading import read_amount, read_choice, read_date
from cleanflow.gui.widgets.dialog import FormDialog
from cleanflow.language import _


def ask_opening_balance(desk: Desk, customer: Customer, done: Callable[[], object]) -> None:
    """Ask for the side, the amount and the day, and record them; then ``done``."""
    dialog = FormDialog(
        desk,
        _("Opening balance of {name}").format(name=customer.name),
        _("What the customer owed or had as credit before CleanFlow. It is settled like everything else."),
    )
    sides = {_("Owes the shop"): 1, _("Has credit"): -1}
    side = dialog.form.add(
        _("The customer"), lambda text: read_choice(text, sides), text=next(iter(sides)), choices=[*sides]
    )
    amount = dialog.form.add(_("Amount"), lambda text: read_amount(text, desk.shop.currency))
    day = dialog.form.add(
        _("Since"), lambda text: read_date(text, today(desk.db), desk.shop.date_order), text="t"
    )

    def save() -> None:
        believed_today(desk.db)  # a typed day like “t” depends on today
        set_opening_balance(desk.db, customer.id, side.value() * amount.value(), on=day.value())

    dialog.ask(save, lambda _nothing: done(), first=amount.widget)
