"""What only commands refuse, in words."""

from __future__ import annotations

from cleanflow.errors import declare
from cleanflow.language import _l

declare(
    {
        "pin_not_an_owners": _l("That is not an owner's PIN."),
        "not_closed": _l("{day} has not been closed."),
        "database_gone": _l(
            "The records are not where they were: {path} is missing, but its backups are here."
        ),
    }
)
