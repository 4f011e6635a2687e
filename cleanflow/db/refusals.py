"""Messages for what the schema and the opening of a database refuse; triggers raise these codes."""

from __future__ import annotations

import cleanflow.clock  # these three modules declare refusals of their own
import cleanflow.files
import cleanflow.money  # noqa: F401
from cleanflow.errors import declare
from cleanflow.language import _l

declare(
    {
        "text_unprintable": _l("{field} contains characters that cannot be stored."),
        "record_exists": _l("This record already exists."),
        "record_permanent": _l("Records cannot be deleted."),
        "record_immutable": _l("This part of a record cannot be changed."),
        "stale_update": _l("An edit must be newer than what it edits."),
        "fact_immutable": _l("What has been recorded cannot be changed; enter a correction instead."),
        "ledger_immutable": _l("Ledger entries cannot be modified. Enter a correction instead."),
        "audit_immutable": _l("The audit trail cannot be modified."),
        "ledger_chain_broken": _l("This entry does not follow the last entry of this PC's ledger."),
        "customer_inactive": _l("This customer is not active."),
        "customer_has_balance": _l("This customer's balance is not zero."),
        "allocation_above_due": _l("This is more than what is due on the job."),
        "allocation_above_payment": _l("This is more than what is left of the payment."),
        "adjustment_below_zero": _l("The job's total would fall below zero."),
        "already_reversed": _l("This has already been reversed."),
        "currency_fixed": _l("The currency cannot be changed once amounts have been recorded."),
        "not_set_up": _l("This PC has no shop yet: run “init” first."),
        "database_missing": _l("There is no shop at {path}."),
        "database_newer": _l(
            "These records were written by a newer CleanFlow (format {found}, this one knows"
            " {known}). Please use the newer program; nothing was changed."
        ),
        "database_foreign": _l("{path} is not a CleanFlow database; nothing was changed."),
        "database_empty": _l(
            "{path} has lost its content. Nothing was changed; bring back a backup, or move the file"
            " away to start a new shop."
        ),
        "database_lost": _l(
            "{path} is missing or empty, but the log beside it ({path}-wal) may still hold records."
            " Nothing was changed; keep both files and ask for help."
        ),
        "database_damaged": _l("{path} is damaged and cannot be read as a database; nothing was changed."),
        "database_unreachable": _l("{path} cannot be opened: {reason}"),
        "backup_changed": _l("{path} is not a CleanFlow backup, or its rules have been changed: {reason}"),
        "network_drive": _l(
            "{path} is on a network drive, where records are not safe. Please keep them on a disk of"
            " this PC; other PCs are connected by synchronising."
        ),
        "sqlite_too_old": _l("This Python brings SQLite {found}; CleanFlow needs {needed} or newer."),
        "identity_not_former": _l(
            "Only records of an identity that this PC had before can be recorded anew."
        ),
    }
)
