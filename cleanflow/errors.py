"""What the program may say no to, and how it says it.

A :class:`Refusal` is an answer to a person: a code that tests and programs rely on, and one sentence.
:class:`NotSaved` is a disk or a lock that failed: nothing was written, the input is still there.
Every other exception is a bug.
"""

from __future__ import annotations

import unicodedata
from pathlib import PurePath
from typing import Final

MESSAGES: Final[dict[str, str]] = {
    # input
    "amount_not_positive": "The amount must be more than zero.",
    "amount_too_large": "The amount is too large.",
    "amount_decimals": "{currency} has {decimals} decimals; “{text}” has more.",
    "amount_not_a_number": "“{text}” is not an amount.",
    "date_invalid": "“{text}” is not a date.",
    "period_backward": "The last day is before the first.",
    "date_ambiguous": "“{text}” could be two dates; write it as YYYY-MM-DD.",
    "text_missing": "{field} must not be empty.",
    "text_too_long": "{field} is longer than {limit} characters.",
    "text_unprintable": "{field} contains characters that cannot be stored.",
    "choice_missing": "Please choose one of: {choices}.",
    "choice_invalid": "“{text}” is not one of: {choices}.",
    "currency_unknown": "“{text}” is not a currency code (ISO 4217), like USD or PKR.",
    "code_invalid": "A PC code is 1 to 6 letters and digits, like C1; “{text}” is not.",
    "pins_differ": "The two PINs are not the same.",
    "pin_missing": "Please type the PIN.",
    "pin_wrong": "This is not the PIN.",
    "pin_wait": "Too many wrong PINs. Wait {seconds} seconds.",
    "pin_too_short": "A PIN has at least 4 characters.",
    # records
    "record_unknown": "There is no such {what}.",
    "record_exists": "This record is there already.",
    "record_permanent": "Nothing is ever deleted here.",
    "record_immutable": "This part of a record never changes.",
    "stale_update": "An edit must be newer than what it edits.",
    "fact_immutable": "What has been recorded never changes; enter a correction instead.",
    "ledger_immutable": "Ledger entries never change; enter a correction instead.",
    "audit_immutable": "The audit trail never changes.",
    "ledger_chain_broken": "This entry does not follow the last entry of this PC's ledger.",
    # business
    "customer_inactive": "This customer is not active.",
    "customer_has_balance": "This customer's balance is not zero.",
    "service_inactive": "This service is not active.",
    "category_inactive": "This expense category is not active.",
    "owner_needed": "Only an owner may do this.",
    "last_owner": "The shop needs at least one active owner.",
    "name_taken": "There is already one named “{name}”.",
    "text_too_large": "{size} is too large for this screen; at most {most} % fits.",
    "minutes_invalid": "“{text}” is not a number of minutes from 0 to {most}.",
    "pieces_invalid": "“{text}” is not a number of pieces.",
    "count_missing": "Please count the drawer first; type 0 if it is empty.",
    "variance_needs_reason": "The drawer differs by {amount}; please say why.",
    "clock_unsure": "This PC's clock says {now}, but {why}. Please correct the clock, or confirm that it"
    " is right.",
    "not_closed": "{day} has not been closed.",
    "nothing_late": "Nothing has arrived for that day since it was closed.",
    "closing_elsewhere": "That day was closed on another PC, which makes its addenda.",
    "job_cancelled": "This job has been cancelled.",
    "job_not_cancelled_this_way": "Use “cancel job”, which also takes the amount back.",
    "nothing_due": "Nothing is due.",
    "allocation_above_due": "This is more than what is due on the job.",
    "allocation_above_payment": "This is more than what is left of the payment.",
    "allocation_other_customer": "The job belongs to another customer.",
    "adjustment_below_zero": "The job's total would fall below zero.",
    "write_off_above_due": "This is more than what is due on the job.",
    "refund_above_paid": "This is more than what was paid and is still there.",
    "credit_too_small": "The customer has less credit than that.",
    "already_reversed": "This has been reversed already.",
    "not_reversible": "This cannot be reversed.",
    "currency_fixed": "The currency stays once amounts have been recorded.",
    "not_set_up": "This PC has no shop yet: run “init” first.",
    "already_set_up": "This PC has a shop already: {shop}.",
    # synchronising
    "same_customer": "These are one and the same customer.",
    "nothing_to_put_right": "There is nothing left to put right here.",
    "not_joined": "This PC has not joined a server.",
    "joined_already": "This PC has joined {server} already; leave it first.",
    "address_invalid": "“{text}” is not an address of a server, like https://shop.example.com.",
    "server_silent": "{address} does not answer as a CleanFlow server: {reason}",
    "join_refused": "The server does not let this PC in: {reason}",
    "pc_code_taken": "Another PC of the shop has the code {pc_code}; {suggestion} is free.",
    "currency_shared": "The currency stays: this PC's books are those of a shop with a server.",
    "currency_differs": "The shop's books are in {theirs}, this PC's in {ours}: they cannot become one.",
    "sync_failed": "Not synchronised: {reason}",
    # files
    "database_missing": "There is no shop at {path}.",
    "database_newer": "These records were written by a newer CleanFlow (format {found}, this one knows"
    " {known}). Please use the newer program; nothing was changed.",
    "database_foreign": "{path} is not a CleanFlow database; nothing was changed.",
    "settings_damaged": "The shop's settings are damaged. Bring back a backup, or save what can be read.",
    "database_damaged": "{path} is damaged and cannot be read as a database; nothing was changed.",
    "database_unreachable": "{path} cannot be opened: {reason}",
    "network_drive": "{path} is on a network drive, where records are not safe. Please keep them on a"
    " disk of this PC; other PCs are connected by synchronising.",
    "sqlite_too_old": "This Python brings SQLite {found}; CleanFlow needs {needed} or newer.",
    "file_unreadable": "{path} cannot be read: {reason}",
    "file_not_replaced": "{path} is not an ordinary file that may be replaced; nothing was written.",
    "database_gone": "The records are not where they were: {path} is gone, but backups of it are here.",
    "database_empty": "{path} has lost its content: it is no shop any more. Nothing was changed; bring a"
    " backup back, or move the file away to begin a new shop.",
    "database_lost": "{path} is gone or empty, but the log beside it ({path}-wal) may still hold records."
    " Nothing was changed; keep both files and ask for help.",
    "folder_missing": "There is no folder {path}.",
    "backup_failed": "No backup was made in {path}: {reason}",
    "backup_folder_missing": "The folder for backups, {path}, is not there: is the stick plugged in?",
    "backup_suspect": "The backup was made, but checking it found {count} things that are wrong with the"
    " books: see “Check my books” (Shift+F10). It is kept as {path}.",
    "backup_damaged": "{path} is damaged and cannot be brought back as it is: {reason}",
    "backup_changed": "{path} is no backup of CleanFlow, or somebody has changed its rules: {reason}",
    "restore_itself": "{path} is the shop itself, not a backup of it.",
    "restore_failed": "Nothing was brought back in {path}: {reason}",
    "open_elsewhere": "CleanFlow has these records open on this PC already. Close its other window or command"
    " first; the window may lie behind others.",
    "nothing_readable": "Nothing could be read from {path}.",
    "file_unwritable": "{path} cannot be written: {reason}",
    "column_unknown": "{path} has no column “{column}”. It has: {columns}.",
    "column_missing": "No column gives the {field}. Say which one with --map COLUMN={field}."
    " {path} has: {columns}.",
    "column_shared": "Only one column can give the {field}; these do: {columns}.",
    "mapping_invalid": "“{text}” is not of the form COLUMN=FIELD.",
    "field_unknown": "{kind} have no field “{text}”. They have: {fields}.",
    "file_empty": "{path} has no lines to import.",
    "file_too_large": "{path} is larger than {limit}; please import it in parts.",
    "file_not_table": "{path} cannot be read as a table: {reason}",
    "encoding_unknown": "“{text}” is not an encoding, like utf-8, windows-1252 or windows-1254.",
    "sheet_unknown": "{path} has no sheet “{text}”. It has: {sheets}.",
    "import_stopped": "Stopped. Nothing of the file was imported.",
    # printing
    "printer_none": "This PC has no printer, or none that is the usual one. Please choose a printer.",
    "printer_unknown": "There is no printer “{printer}” on this PC.",
    "printer_paused": "The printer “{printer}” is paused; resume it in this PC's printer settings.",
    "printer_off": "The printer “{printer}” is off or not connected.",
    "printer_no_paper": "The printer “{printer}” is out of paper.",
    "printer_needs_help": "The printer “{printer}” needs a hand: {reason}.",
    "printer_refused": "The printer “{printer}” did not take it: {reason}",
    "printing_missing": "This PC has no printing system (CUPS).",
    "printing_silent": "This PC's printing system does not answer.",
    "copies_invalid": "The number of copies is 1 to {limit}.",
    "print_gone": "That does not wait to be printed any more.",
    # lines of a file
    "line_broken": "The line is not valid CSV: {reason}",
    "line_too_long": "The line has {found} cells, the heading {expected}.",
    "line_too_short": "The line has {found} cells; “{column}” would be cell {expected}.",
    "cell_missing": "The {field} is missing.",
    "customer_unknown": "There is no customer “{text}”.",
    "customer_missing": "Type a part of the customer's name or phone.",
    "customer_ambiguous": "There are {count} customers named “{text}”; use their key from the old system.",
    "service_unknown": "There is no service “{text}”.",
    "job_unknown": "There is no job “{text}”.",
    "line_joined": "Belongs to line {line}.",
    "left_out_status": "“{text}”: not imported.",
    "refund_by_hand": "This gives money back. Please record the refund by hand.",
    "ways_differ": "The total is {total}, but {paid} was paid in cash and by bank together.",
    "date_far_ahead": "“{text}” ({day}) is more than a year ahead.",
    "phone_ruined": "The phone “{text}” was shortened by a spreadsheet; its last digits are lost.",
    "phone_ruined_note": "Phone as shortened by a spreadsheet: {text}",
    "key_ruined": "The key “{text}” was shortened by a spreadsheet, and is not used.",
    "name_replaced": "There is no name; “{text}” stands for it.",
    "active_with_balance": "Inactive with an open balance: stays active until it is settled.",
    "key_repeated": "The key “{text}” stands on line {line} already, with other values.",
    "key_differs": "The key “{text}” is in the books already, with other content: {differences}.",
}


class Refusal(Exception):
    """The wrong thing was asked for; nothing has changed.

    ``code`` is a key of :data:`MESSAGES`, ``facts`` fill its sentence.
    """

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(MESSAGES[code].format_map(_Facts(facts)))


class NotSaved(Exception):
    """The disk or the database could not take the operation; nothing has changed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"NOT saved: {reason}")


class _Facts(dict[str, object]):
    """A missing fact shows as an ellipsis: a message must never fail in place of its reason.

    What somebody typed or wrote into a file is shown short, and without what a terminal would obey.
    """

    def __getitem__(self, key: str) -> object:
        fact = super().__getitem__(key)
        if isinstance(fact, str):
            return _shown(fact, 2_000 if key in _LISTS else 200)
        return _shown(str(fact), 2_000) if isinstance(fact, PurePath) else fact

    def __missing__(self, key: str) -> str:
        return "…"


#: Facts that name several things.
_LISTS: Final = frozenset({"choices", "columns", "differences", "fields", "reason", "sheets"})


def _shown(fact: str, limit: int) -> str:
    return harmless(fact if len(fact) <= limit else f"{fact[:limit]}…")


def harmless(text: str) -> str:
    """``text`` without the control characters that a terminal would obey."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(char: str) -> str:
    return "\ufffd" if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" else char
