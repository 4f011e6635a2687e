"""What only the window refuses, in words."""

from __future__ import annotations

import cleanflow.dao.refusals  # noqa: F401 - what lies below refuses, too
from cleanflow.errors import declare
from cleanflow.language import _l

declare(
    {
        "period_backward": _l("The last day is before the first."),
        "choice_missing": _l("Please choose one of: {choices}."),
        "total_negative": _l("A total cannot be less than 0."),
        "total_unchanged": _l("This is the total now; nothing would change."),
        "number_unknown": _l("There is no ticket or receipt “{text}”."),
        "phone_known": _l("{name} has this number. Save again to add another customer with it."),
        "phone_known_take": _l(
            "{name} has this number. Ctrl+T takes {name}; save again to add another customer with it."
        ),
        "person_ambiguous": _l("Several users are called {name}. Please choose one: {choices}."),
        "customer_missing": _l("Type a part of the customer's name or phone."),
        "pins_differ": _l("The two PINs are not the same."),
        "pin_missing": _l("Please type the PIN."),
        "pin_wrong": _l("This is not the PIN."),
        "pin_wait": _l("Too many wrong PINs. Wait {seconds} seconds."),
        "text_too_large": _l("{size} is too large for this screen; at most {most} % fits."),
        "minutes_invalid": _l("“{text}” is not a number of minutes from 0 to {most}."),
        "pieces_invalid": _l("“{text}” is not a number of notes or coins."),
        "count_missing": _l("Please count the drawer first; type 0 if it is empty."),
    }
)
