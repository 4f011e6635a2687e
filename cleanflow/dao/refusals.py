"""What the business operations refuse, in words."""

from __future__ import annotations

import cleanflow.db.refusals  # noqa: F401 - what lies below refuses, too
from cleanflow.errors import declare
from cleanflow.language import _l

declare(
    {
        "text_missing": _l("{field} must not be empty."),
        "text_too_long": _l("{field} is longer than {limit} characters."),
        "choice_invalid": _l("“{text}” is not one of: {choices}."),
        "code_invalid": _l("A PC code is 1 to 6 letters and digits, like C1; “{text}” is not."),
        "pin_too_short": _l("A PIN has at least 4 characters."),
        "record_unknown": _l("There is no such {what}."),
        "customer_unknown": _l("There is no customer “{text}”."),
        "job_unknown": _l("There is no job “{text}”."),
        "job_ambiguous": _l("Several jobs have the number “{text}”: {choices}."),
        "service_inactive": _l("This service is not active."),
        "category_inactive": _l("This expense category is not active."),
        "owner_needed": _l("Only an owner may do this."),
        "date_in_future": _l("{text} is in the future."),
        "last_owner": _l("The shop needs at least one active owner."),
        "not_namesakes": _l("“{name}” is no longer there twice."),
        "name_taken": _l("There is already one named “{name}”."),
        "variance_needs_reason": _l("The drawer differs by {amount}; please say why."),
        "cash_hidden": _l(
            "The shop counts its drawer blind: this tells what should be in it. Count first, or ask an owner."
        ),
        "clock_unsure": _l(
            "This PC's clock says {now}, but {why}. Please correct the clock, or confirm that it is right."
        ),
        "nothing_late": _l("Nothing has arrived for that day since it was closed."),
        "closing_elsewhere": _l("That day was closed on another PC; make its addenda there."),
        "job_cancelled": _l("This job has been cancelled."),
        "job_not_cancelled_this_way": _l("Use “cancel job”, which also takes the amount off."),
        "nothing_due": _l("Nothing is due."),
        "allocation_other_customer": _l("The job belongs to another customer."),
        "write_off_above_due": _l("This is more than what is due on the job."),
        "refund_above_paid": _l("This is more than is left of what was paid."),
        "credit_too_small": _l("The customer has less credit than that."),
        "not_reversible": _l("This cannot be reversed."),
        "currency_shared": _l(
            "The currency cannot be changed: this PC shares its books with other PCs through a server."
        ),
        "already_set_up": _l("This PC already has a shop: {shop}."),
        "settings_damaged": _l(
            "The shop's settings are damaged. Bring back a backup, or save what can be read."
        ),
        "country_unknown": _l("“{text}” is not a country's code (ISO 3166), like PK or US."),
    }
)
