"""What imports refuse, in words."""

from __future__ import annotations

import cleanflow.dao.refusals  # noqa: F401 - what lies below refuses, too
from cleanflow.errors import declare
from cleanflow.language import _l

declare(
    {
        "date_ambiguous": _l("“{text}” could be two dates; write it as YYYY-MM-DD."),
        "file_empty": _l("{path} has no lines to import."),
        "file_too_large": _l("{path} is larger than {limit}; please import it in parts."),
        "file_not_table": _l("{path} cannot be read as a table: {reason}"),
        "column_unknown": _l("{path} has no column “{column}”. It has: {columns}."),
        "column_missing": _l(
            "No column gives the {field}. Say which one with --map COLUMN={field}. {path} has: {columns}."
        ),
        "column_shared": _l("Only one column can give the {field}; these do: {columns}."),
        "mapping_invalid": _l("“{text}” is not of the form COLUMN=FIELD."),
        "field_unknown": _l("{kind} have no field “{text}”. They have: {fields}."),
        "line_broken": _l("The line is not valid CSV: {reason}"),
        "line_too_long": _l("The line has {found} cells, the heading {expected}."),
        "line_too_short": _l("The line has {found} cells; “{column}” would be cell {expected}."),
        "cell_missing": _l("The {field} is missing."),
        "customer_ambiguous": _l(
            "There are {count} customers named “{text}”; use their key from the old system."
        ),
        "service_unknown": _l("There is no service “{text}”."),
        "key_repeated": _l("The key “{text}” is already on line {line}, with other values."),
        "key_differs": _l("The key “{text}” is already in the books, with other content: {differences}."),
        "encoding_unknown": _l("“{text}” is not an encoding, like utf-8, windows-1252 or windows-1254."),
        "sheet_unknown": _l("{path} has no sheet “{text}”. It has: {sheets}."),
        "import_stopped": _l("Stopped. Nothing of the file was imported."),
        "line_joined": _l("Belongs to line {line}."),
        "left_out_status": _l("“{text}”: not imported."),
        "refund_by_hand": _l("This gives money back. Please record the refund by hand."),
        "ways_differ": _l("The total is {total}, but {paid} was paid in cash and by bank together."),
        "date_far_ahead": _l("“{text}” ({day}) is more than a year ahead."),
        "phone_ruined": _l("The phone “{text}” was shortened by a spreadsheet; its last digits are lost."),
        "phone_ruined_note": _l("Phone as shortened by a spreadsheet: {text}"),
        "key_ruined": _l("The key “{text}” was shortened by a spreadsheet, and is not used."),
        "name_replaced": _l("There is no name; “{text}” stands for it."),
        "active_with_balance": _l("Inactive with an open balance: stays active until it is settled."),
    }
)
