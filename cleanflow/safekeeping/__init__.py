"""Keeping the books safe: verifying, backing up, restoring and salvaging them; the log and the support
file."""

import cleanflow.safekeeping.refusals  # noqa: F401 - declares what this room refuses
