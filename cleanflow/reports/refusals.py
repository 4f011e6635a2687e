"""What the reports refuse, in words."""

from __future__ import annotations

from cleanflow.errors import declare
from cleanflow.language import _l

declare(
    {
        "too_many_days": _l("That would be {days} pages, one a day; ask for {most} days at most."),
        "too_many_records": _l("These are more than {most} records; choose a shorter period."),
    }
)
