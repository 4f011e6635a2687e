"""What backing up and bringing back refuse, in words."""

from __future__ import annotations

from cleanflow.errors import declare
from cleanflow.language import _l

declare(
    {
        "backup_failed": _l("No backup was made in {path}: {reason}"),
        "backup_folder_missing": _l("The backup folder {path} is missing: is the USB stick plugged in?"),
        "backup_suspect": _l(
            "The backup was made, but the check found {count} problems in the books: see “Check my"
            " books” (Shift+F10). It is kept as {path}."
        ),
        "backup_damaged": _l("{path} is damaged and cannot be brought back as it is: {reason}"),
        "restore_itself": _l("{path} is the shop itself, not a backup of it."),
        "restore_failed": _l("Nothing was brought back to {path}: {reason}"),
        "open_elsewhere": _l(
            "CleanFlow already has these records open on this PC. Close its other window or command"
            " first; the window may be behind others."
        ),
        "nothing_readable": _l("Nothing could be read from {path}."),
    }
)
